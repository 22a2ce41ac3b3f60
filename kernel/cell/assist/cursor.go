// Package assist answers what an editor asks about a cell that is being written:
// what may follow at the cursor, and what a name means.
//
// # How
//
// The text around a cursor is unfinished nearly always. Attempts gives versions of it
// that may parse: the cursor's name is replaced by a placeholder, what follows is kept
// or dropped, open brackets are closed, and a missing block or colon is added. The
// first version that can be parsed is type-checked like a cell, errors or not, and
// Complete and Inspect look at what the checker found out about the placeholder's
// surroundings.
//
// Positions in this package are byte offsets.
package assist

import (
	"go/scanner"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Placeholder stands at the cursor in the texts of Attempts.
const Placeholder = "NetsplitCursor"

// Cursor is a place in a text, with what the tokens around it tell.
type Cursor struct {
	Text       string
	Start, End int    // of the name at the cursor; both the cursor's place when there is none
	Prefix     string // the part of the name before the cursor
	Selector   bool   // the name follows a dot
	Import     bool   // the cursor is in the path of an import declaration; Start and End enclose the path
	Nothing    bool   // the cursor is in a comment, a literal or behind a number's dot
	open       []token.Token
	Call       int // offset of the end of the function's name, of the call whose parentheses enclose the cursor; -1 without
}

// At looks at the tokens before a place.
func At(text string, place int) Cursor {
	place = max(0, min(place, len(text)))
	c := Cursor{Text: text, Start: place, End: place, Call: -1}
	for c.Start > 0 {
		r, n := utf8.DecodeLastRuneInString(text[:c.Start])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		c.Start -= n
	}
	for c.End < len(text) {
		r, n := utf8.DecodeRuneInString(text[c.End:])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		c.End += n
	}
	c.Prefix = text[c.Start:place]
	if r, _ := utf8.DecodeRuneInString(c.Prefix); unicode.IsDigit(r) {
		c.Nothing = true
	}
	fset := token.NewFileSet()
	file := fset.AddFile("", 1, len(text))
	var s scanner.Scanner
	s.Init(file, []byte(text), func(token.Position, string) {}, scanner.ScanComments)
	var last, before token.Token // the two tokens before the name
	var calls []int              // for each open bracket, the end of the name before it or -1
	lastEnd := 0
	imports := false // inside of an import declaration
	for {
		pos, tok, lit := s.Scan()
		off := file.Offset(pos)
		if tok == token.EOF || off >= c.Start && (tok != token.STRING && tok != token.COMMENT && tok != token.CHAR || off >= place) {
			break
		}
		end := off + len(lit)
		if !tok.IsLiteral() && tok != token.COMMENT && !tok.IsKeyword() {
			end = off + len(tok.String())
			if tok == token.SEMICOLON {
				end = off + 1
			}
		}
		switch tok {
		case token.COMMENT:
			if place > off && (place < end || strings.HasPrefix(lit, "//") && place <= end) {
				c.Nothing = true
				return c
			}
			continue
		case token.STRING, token.CHAR:
			closed := len(lit) > 1 && lit[len(lit)-1] == lit[0]
			if place > off && (place < end || place == end && !closed) {
				c.Nothing = true
				if imports && tok == token.STRING {
					c.Nothing, c.Import = false, true
					c.Start, c.End = off+1, end
					if closed {
						c.End--
					}
					c.Prefix = text[c.Start:place]
				}
				return c
			}
		case token.IMPORT:
			imports = true
		case token.SEMICOLON:
			if len(c.open) == 0 {
				imports = false
			}
		case token.LPAREN, token.LBRACK, token.LBRACE:
			c.open = append(c.open, tok)
			at := -1
			if tok == token.LPAREN && (last == token.IDENT || last == token.RBRACK) {
				at = lastEnd
			}
			calls = append(calls, at)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if n := len(c.open); n > 0 {
				c.open, calls = c.open[:n-1], calls[:n-1]
			}
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		before, last, lastEnd = last, tok, end
	}
	_ = before
	if last == token.PERIOD {
		c.Selector = true
	}
	if last == token.FLOAT || last == token.INT {
		if c.Start > 0 && text[c.Start-1] == '.' && c.Start == lastEnd {
			c.Nothing = true
		}
	}
	for i := len(calls) - 1; i >= 0; i-- {
		if calls[i] >= 0 {
			c.Call = calls[i]
			break
		}
		if c.open[i] == token.LBRACE {
			break
		}
	}
	return c
}

// Attempt is a text that may parse, with the name at the cursor replaced.
type Attempt struct {
	Text  string
	Start int // of the placeholder
}

// Attempts gives texts to try, best first. Name stands at the cursor; usually it is
// Placeholder.
func (c Cursor) Attempts(name string) []Attempt {
	head, tail := c.Text[:c.Start]+name, c.Text[c.End:]
	closers := ""
	for i := len(c.open) - 1; i >= 0; i-- {
		switch c.open[i] {
		case token.LPAREN:
			closers += ")"
		case token.LBRACK:
			closers += "]"
		case token.LBRACE:
			closers += "}"
		}
	}
	line, rest := tail, ""
	if i := strings.IndexByte(tail, '\n'); i >= 0 {
		line, rest = tail[:i], tail[i:]
	}
	block := "{\n}" + closers
	texts := []string{
		head + tail,
		head + " {\n}" + rest, // a block that is not yet there
		head + rest,
		head + closers + "\n" + afterItem(rest),
		head + closers,
		head + " " + block,
		head + ":" + closers,
		head + line + "\n" + closers,
		head + line + closers,
		head + line + block,
		head + " := 0" + closers,
		head + "()" + closers,
	}
	var out []Attempt
	for _, t := range texts {
		out = append(out, Attempt{t, c.Start})
	}
	return out
}

// afterItem drops the rest of an item: it keeps the text from the first line on that
// begins with a word at the left margin.
func afterItem(text string) string {
	for i := 0; i+1 < len(text); i++ {
		if text[i] == '\n' && (unicode.IsLetter(rune(text[i+1]))) {
			return text[i+1:]
		}
	}
	return ""
}
