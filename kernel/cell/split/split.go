// Package split cuts the text of a cell into items (imports, declarations and
// statements, in any order) and parses each at its place.
//
// # How
//
// A cell is not a Go file: declarations and statements stand side by side. The
// scanner of the standard library finds the semicolons, written or implied by line
// ends, that stand outside all brackets; each piece between two of them is one
// item, and its first tokens say which kind. An item is then handed to go/parser
// with just enough around it to make a file. The file is placed in a scratch
// FileSet such that the item's text lies exactly where the cell's own file has it,
// so that positions need no translation afterwards.
//
// `//line` comments are honoured, because the scanner works on the cell's file
// itself. A package clause is accepted and dropped.
//
// # Errors
//
// Positions are exact. The wording is that of the Go compiler where it has one,
// with a sentence of help for what beginners and people who come from other
// languages write (words.go).
package split

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"sort"
	"strings"
)

// Kind says what an item is.
type Kind int

// The kinds of items.
const (
	Statement Kind = iota
	Import
	Const
	Type
	Var
	Func // functions and methods
)

// Item is one import, declaration or statement of a cell.
type Item struct {
	Kind Kind
	Decl ast.Decl // of all kinds but Statement
	Stmt ast.Stmt // of a Statement
}

// Pos is where the item begins.
func (i *Item) Pos() token.Pos { return i.node().Pos() }

// End is where the item ends.
func (i *Item) End() token.Pos { return i.node().End() }

// IsExpression tells whether the item is an expression that stands alone.
func (i *Item) IsExpression() bool {
	_, ok := i.Stmt.(*ast.ExprStmt)
	return ok
}

func (i *Item) node() ast.Node {
	if i.Decl != nil {
		return i.Decl
	}
	return i.Stmt
}

// Cell is a parsed cell.
type Cell struct {
	File     *token.File
	Text     string
	Items    []*Item
	Problems []Problem // syntax errors, by position; nothing may run when there are any

	unclosed bool // a bracket is open at the end
}

// Problem is a syntax error.
type Problem struct {
	Pos     token.Pos
	Message string // as the compiler would say it
	Help    string // what to try, or empty
}

// prefixes make a file of an item. They end with a line, lest a comment before the
// item counts as one behind the prefix.
const (
	declPrefix = "package p\n"
	stmtPrefix = "package p;func _(){\n"
)

// Parse splits and parses text. The file of that name is added to fset.
func Parse(fset *token.FileSet, name, text string) *Cell {
	// Room below the file for the longest prefix, see parseItem.
	file := fset.AddFile(name, fset.Base()+len(stmtPrefix)+1, len(text))
	c := &Cell{File: file, Text: text}
	s := scan(file, text)
	c.Problems = s.problems
	c.unclosed = s.unclosed
	for _, p := range s.pieces {
		items, problems := parsePiece(file, text, p)
		if p.unread {
			problems = nil // part of it is no Go at all, which has been said
		} else if p.broken {
			problems = earlier(problems, s.brackets)
			s.brackets = nil
		}
		c.Items = append(c.Items, items...)
		c.Problems = append(c.Problems, problems...)
	}
	c.Problems = append(c.Problems, s.brackets...)
	c.Problems = append(c.Problems, bodies(c.Items)...)
	c.Problems = tidy(file, c.Problems)
	return c
}

// earlier chooses what to say of a piece whose brackets are wrong: what the parser
// met first, where that stands before the bracket. A list that lacks its closing
// bracket is told so at its own line, not at the bracket of something around it.
func earlier(parser, brackets []Problem) []Problem {
	if len(parser) == 0 || len(brackets) == 0 {
		return brackets
	}
	first := parser[0]
	list := strings.Contains(first.Message, "possibly missing comma")
	if first.Pos > brackets[0].Pos || first.Pos == brackets[0].Pos && (!list || strings.Contains(first.Message, "end of cell")) {
		return brackets
	}
	if first.Help == "" || list {
		first.Help = brackets[0].Help
	}
	return []Problem{first}
}

// bodies finds functions without a body, as they come about when the brace stands on
// a line of its own.
func bodies(items []*Item) []Problem {
	var out []Problem
	for i, it := range items {
		f, ok := it.Decl.(*ast.FuncDecl)
		if !ok || f.Body != nil {
			continue
		}
		if i+1 < len(items) {
			if b, ok := items[i+1].Stmt.(*ast.BlockStmt); ok {
				out = append(out, Problem{b.Pos(), "syntax error: unexpected semicolon or newline before {", "the { must stand at the end of the line before"})
				continue
			}
		}
		out = append(out, Problem{f.End(), missingBody, "write: func " + f.Name.Name + "(…) { … }"})
	}
	return out
}

const missingBody = "missing function body"

// tidy sorts problems and keeps the first syntax error of each line, as the compiler does.
func tidy(file *token.File, problems []Problem) []Problem {
	sort.SliceStable(problems, func(i, j int) bool { return problems[i].Pos < problems[j].Pos })
	var out []Problem
	last := -1
	for _, p := range problems {
		if !strings.HasPrefix(p.Message, "syntax error") {
			out = append(out, p)
		} else if line := file.PositionFor(p.Pos, false).Line; line != last {
			out, last = append(out, p), line
		}
	}
	return out
}

// piece is the text between two semicolons outside all brackets.
type piece struct {
	start, end int // offsets; start is that of the first comment that belongs to it, or of its first token
	tokens     []tok
	broken     bool // holds a bracket without its partner
	unread     bool // holds what the scanner could not read
}

type tok struct {
	pos token.Pos
	tok token.Token
	lit string
}

// scanned is what the first pass over a cell gives.
type scanned struct {
	pieces     []piece
	problems   []Problem // of the scanner
	brackets   []Problem // of brackets without a partner: what comes first
	open       []tok     // brackets that are never closed
	unclosed   bool      // nothing is wrong with the brackets but that some are open
	unfinished bool      // a raw string or a comment runs to the end
	last       tok       // the last token that is not a semicolon
}

func scan(file *token.File, text string) *scanned {
	r := &scanned{}
	badAt := -1
	var s scanner.Scanner
	s.Init(file, []byte(text), func(pos token.Position, msg string) {
		badAt = pos.Offset
		if strings.HasPrefix(msg, "raw string literal not terminated") || strings.HasPrefix(msg, "comment not terminated") {
			r.unfinished = true
		}
		m, at, help := scannerWords(msg, text[pos.Offset:])
		r.problems = append(r.problems, Problem{file.Pos(pos.Offset + at), m, help})
	}, scanner.ScanComments)
	cur := piece{start: -1}
	comment, commentLine := -1, -1 // where a group of comments before an item begins
	lastLine := 0                  // line on which the previous item ended
	finish := func(end int) {
		if len(cur.tokens) > 0 {
			cur.end = end
			if badAt >= cur.start && badAt <= end {
				cur.unread = true
			}
			r.pieces = append(r.pieces, cur)
			lastLine = file.PositionFor(file.Pos(end), false).Line
		}
		cur = piece{start: -1}
		comment = -1
	}
	for {
		pos, t, lit := s.Scan()
		off := file.Offset(pos)
		if t == token.EOF {
			finish(len(text))
			break
		}
		if t == token.COMMENT {
			if line := file.PositionFor(pos, false).Line; len(cur.tokens) == 0 && comment < 0 && line > lastLine {
				comment, commentLine = off, line
			}
			continue
		}
		if t == token.SEMICOLON && len(r.open) == 0 && (lit == "\n" || !cur.inHeader(text, off)) {
			finish(off)
			continue
		}
		if t != token.SEMICOLON {
			r.last = tok{pos, t, lit}
		}
		if len(cur.tokens) == 0 {
			cur.start = off
			if comment >= 0 && commentLine > lastLine {
				cur.start = comment
			}
		}
		cur.tokens = append(cur.tokens, tok{pos, t, lit})
		switch t {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			r.open = append(r.open, tok{pos, t, lit})
		case token.RPAREN, token.RBRACK, token.RBRACE:
			n := len(r.open)
			if n > 0 && partner[r.open[n-1].tok] == t {
				r.open = r.open[:n-1]
				break
			}
			cur.broken = true
			if len(r.brackets) == 0 {
				r.brackets = append(r.brackets, unmatched(file, r.open, tok{pos, t, lit}))
			}
			// A closing brace ends what is open inside its own brackets.
			for i := n - 1; i >= 0; i-- {
				if partner[r.open[i].tok] == t {
					r.open = r.open[:i]
					break
				}
			}
		}
	}
	if len(r.open) > 0 && len(r.problems)+len(r.brackets) == 0 {
		if n := len(r.pieces); n > 0 {
			r.pieces[n-1].broken = true
		}
		r.unclosed = true
		r.brackets = append(r.brackets, unclosed(file, text, r.open))
	}
	return r
}

// inHeader tells whether a written semicolon at an offset stands between the parts of
// an if, for or switch: such a statement ends with a block, and where the last token is
// a brace, the parser knows whether it was the block's.
func (p *piece) inHeader(text string, off int) bool {
	t := p.tokens
	for len(t) > 2 && t[0].tok == token.IDENT && t[1].tok == token.COLON {
		t = t[2:]
	}
	if len(t) == 0 {
		return false
	}
	switch t[0].tok {
	case token.IF, token.FOR, token.SWITCH:
	default:
		return false
	}
	if t[len(t)-1].tok != token.RBRACE {
		return true
	}
	_, err := parser.ParseFile(token.NewFileSet(), "", stmtPrefix+text[p.start:off]+"\n}", parser.SkipObjectResolution)
	return err != nil
}

var partner = map[token.Token]token.Token{token.LPAREN: token.RPAREN, token.LBRACK: token.RBRACK, token.LBRACE: token.RBRACE}

// kind tells what a piece is by its first tokens.
func (p *piece) kind() (k Kind, pkg bool) {
	switch p.tokens[0].tok {
	case token.PACKAGE:
		return Statement, true
	case token.IMPORT:
		return Import, false
	case token.CONST:
		return Const, false
	case token.TYPE:
		return Type, false
	case token.VAR:
		return Var, false
	case token.FUNC:
		if p.declaresFunc() {
			return Func, false
		}
	}
	return Statement, false
}

// declaresFunc tells `func name(` and `func (r T) name(` from a function literal,
// whose parameters may be followed by a result type but not by a name with
// parameters of its own.
func (p *piece) declaresFunc() bool {
	t := p.tokens
	if len(t) < 2 || t[1].tok != token.LPAREN {
		return true // also `func` alone and `func 3`, whose errors read better so
	}
	depth := 0
	for i := 1; i < len(t); i++ {
		switch t[i].tok {
		case token.LPAREN:
			depth++
		case token.RPAREN:
			depth--
		}
		if depth == 0 {
			return i+2 < len(t) && t[i+1].tok == token.IDENT && (t[i+2].tok == token.LPAREN || t[i+2].tok == token.LBRACK)
		}
	}
	return false
}

// parsePiece parses a piece at its place.
func parsePiece(file *token.File, text string, p piece) ([]*Item, []Problem) {
	kind, pkg := p.kind()
	if pkg {
		if len(p.tokens) != 2 || p.tokens[1].tok != token.IDENT {
			return nil, []Problem{{p.tokens[0].pos, "syntax error: a package clause is one name", "write package main, or leave it out: a cell needs none"}}
		}
		return nil, nil
	}
	prefix, suffix := declPrefix, "\n"
	if kind == Statement {
		prefix, suffix = stmtPrefix, "\n}"
	}
	// The scratch file begins where its prefix must, for the text to lie right.
	scratch := token.NewFileSet()
	base := file.Base() + p.start - len(prefix)
	scratch.AddFile("", 1, base-2)
	src := prefix + text[p.start:p.end] + suffix
	f, err := parser.ParseFile(scratch, "", src, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
	if err != nil {
		return nil, parserProblems(file, text, p, len(prefix), kind, err)
	}
	var items []*Item
	if kind != Statement {
		for _, d := range f.Decls {
			items = append(items, &Item{Kind: kind, Decl: d})
		}
		return items, nil
	}
	for _, s := range f.Decls[0].(*ast.FuncDecl).Body.List {
		if e, ok := s.(*ast.EmptyStmt); ok && e.Implicit {
			continue
		}
		items = append(items, &Item{Stmt: s})
	}
	return items, nil
}
