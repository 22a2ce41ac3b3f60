package notebook

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strconv"
	"strings"
	"time"
)

// Parameter is a value that replaces the one that the notebook assigns.
type Parameter struct{ Name, Value string }

// SetParameters replaces, in the one cell tagged parameters, the values of assignments
// and declarations (x := 1, x = 1, var x T = 1, const x = 1). What it replaces says how
// a value is written: where a text stands, the value is the text itself, quoted or not;
// where a duration stands, 1m30s is one; where a number with a point stands, 2 is 2.0.
// Anything else is a Go expression. Nothing is changed when there is an error.
func (n *Notebook) SetParameters(parameters []Parameter) error {
	if len(parameters) == 0 {
		return nil
	}
	var cell *Cell
	number := 0
	for i, c := range n.cells {
		if !c.IsCode() || !c.HasTag("parameters") {
			continue
		}
		if cell != nil {
			return fmt.Errorf("cells %d and %d are both tagged parameters: one must be", number, i+1)
		}
		cell, number = c, i+1
	}
	if cell == nil {
		return errors.New("no code cell is tagged parameters")
	}
	source := cell.Source()
	for _, p := range parameters {
		found := assigned(source)
		at := -1
		var names []string
		for i, a := range found {
			if a.name == p.Name {
				at = i // of several the last counts, as when the cell runs
			}
			names = append(names, a.name)
		}
		if at < 0 {
			return fmt.Errorf("cell %d, tagged parameters, assigns no %s (it assigns %s)", number, p.Name, list(names))
		}
		a := found[at]
		text, err := written(source[a.from:a.to], p.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		source = source[:a.from] + text + source[a.to:]
	}
	cell.fields["source"] = source
	return nil
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// assignment is one name with the place of its value in the text of a cell.
type assignment struct {
	name     string
	from, to int
}

type piece struct {
	tok      token.Token
	text     string
	from, to int
	depth    int // of brackets around it
}

// assigned lists what the statements of a cell assign, outside of functions and
// blocks. It reads tokens, since a cell is no Go file.
func assigned(source string) []assignment {
	var found []assignment
	var statement []piece
	depth, group := 0, false // group: inside the brackets of var ( ) or const ( )
	end := func() {
		found = append(found, values(statement)...)
		statement = statement[:0]
	}
	for _, p := range tokens(source) {
		inner := depth
		if group {
			inner--
		}
		switch {
		case p.tok == token.SEMICOLON && inner == 0:
			end()
			continue
		case p.tok == token.LPAREN && depth == 0 && len(statement) == 1 && (statement[0].tok == token.VAR || statement[0].tok == token.CONST):
			group, depth, statement = true, 1, statement[:0]
			continue
		case p.tok == token.RPAREN && group && depth == 1:
			end()
			group, depth = false, 0
			continue
		}
		switch p.tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
			inner--
		}
		p.depth = inner
		statement = append(statement, p)
	}
	end()
	return found
}

func tokens(source string) []piece {
	var all []piece
	set := token.NewFileSet()
	file := set.AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), func(token.Position, string) {}, 0)
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return all
		}
		from := file.Offset(pos)
		if text == "" || tok == token.SEMICOLON {
			text = tok.String()
		}
		all = append(all, piece{tok: tok, text: text, from: from, to: min(from+len(text), len(source))})
	}
}

// values pairs names and values of one statement.
func values(statement []piece) []assignment {
	if len(statement) > 0 && (statement[0].tok == token.VAR || statement[0].tok == token.CONST) {
		statement = statement[1:]
	}
	var names []string
	i := 0
	for ; i < len(statement) && statement[i].tok == token.IDENT; i += 2 {
		names = append(names, statement[i].text)
		if i+1 >= len(statement) || statement[i+1].tok != token.COMMA {
			i++
			break
		}
	}
	for i < len(statement) && statement[i].tok != token.ASSIGN && statement[i].tok != token.DEFINE {
		i++ // a type
	}
	if len(names) == 0 || i+1 >= len(statement) {
		return nil
	}
	var found []assignment
	rest := statement[i+1:]
	from := 0
	for j := 0; j <= len(rest); j++ {
		if j < len(rest) && !(rest[j].tok == token.COMMA && rest[j].depth == 0) {
			continue
		}
		if j > from && len(found) < len(names) {
			found = append(found, assignment{names[len(found)], rest[from].from, rest[j-1].to})
		}
		from = j + 1
	}
	if len(found) != len(names) { // one call gives all
		return nil
	}
	return found
}

// written is how a value is written in the place of an old one.
func written(old, value string) (string, error) {
	expression, err := parser.ParseExpr(old)
	if err != nil {
		return "", fmt.Errorf("its value in the notebook, %s, is no expression", old)
	}
	switch kind(expression) {
	case token.STRING:
		if e, err := parser.ParseExpr(value); err == nil {
			if text, ok := e.(*ast.BasicLit); ok && text.Kind == token.STRING {
				return value, nil
			}
		}
		return strconv.Quote(value), nil
	case token.TYPE: // a duration
		if d, err := time.ParseDuration(value); err == nil {
			if _, err := strconv.ParseFloat(value, 64); err == nil && d == 0 {
				return value, nil
			}
			return duration(d), nil
		}
		if _, err := strconv.ParseFloat(value, 64); err == nil {
			return "", fmt.Errorf("%s has no unit: say %ss or %sms", value, value, value)
		}
	case token.FLOAT:
		if _, err := strconv.ParseInt(value, 10, 64); err == nil {
			return value + ".0", nil
		}
	}
	if _, err := parser.ParseExpr(value); err != nil {
		return "", fmt.Errorf("%s is no Go expression", value)
	}
	return value, nil
}

// kind tells what sort of value an expression gives, as far as its text shows it:
// STRING, FLOAT, TYPE for a duration, or ILLEGAL.
func kind(e ast.Expr) token.Token {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING || e.Kind == token.FLOAT {
			return e.Kind
		}
	case *ast.ParenExpr:
		return kind(e.X)
	case *ast.UnaryExpr:
		return kind(e.X)
	case *ast.BinaryExpr:
		x, y := kind(e.X), kind(e.Y)
		for _, k := range []token.Token{token.TYPE, token.STRING, token.FLOAT} {
			if x == k || y == k {
				return k
			}
		}
	case *ast.SelectorExpr:
		if p, ok := e.X.(*ast.Ident); ok && p.Name == "time" {
			switch e.Sel.Name {
			case "Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour":
				return token.TYPE
			}
		}
	}
	return token.ILLEGAL
}

// duration is a Go expression of package time.
func duration(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}} {
		if d%unit.size == 0 {
			return fmt.Sprintf("%d * time.%s", d/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}
