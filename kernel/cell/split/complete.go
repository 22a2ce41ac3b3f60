package split

import (
	"go/token"
	"strings"
)

// Completeness is an answer to "may Enter run this cell?".
type Completeness struct {
	Status string // complete, incomplete or invalid
	Indent string // for the next line, when incomplete
}

// IsComplete tells whether text is a whole cell, the beginning of one, or wrong
// whatever may follow.
func IsComplete(text string) Completeness {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base()+len(stmtPrefix)+1, len(text))
	s := scan(file, text)
	indent := strings.Repeat("\t", len(s.open))
	if s.unfinished {
		return Completeness{"incomplete", ""}
	}
	cell := Parse(token.NewFileSet(), "", text)
	if len(s.open) > 0 {
		// Only the missing brackets may be wrong.
		if len(cell.Problems) == 1 && cell.unclosed {
			return Completeness{"incomplete", indent}
		}
		return Completeness{"invalid", ""}
	}
	if len(cell.Problems) == 0 {
		// A loop or condition just finished is whole; so is everything else.
		return Completeness{"complete", ""}
	}
	if len(s.pieces) == 0 {
		return Completeness{"invalid", ""}
	}
	last := cell.Problems[len(cell.Problems)-1]
	if atEnd := cell.File.Offset(last.Pos) >= file.Offset(s.last.pos)+1; atEnd {
		switch s.pieces[len(s.pieces)-1].tokens[0].tok {
		case token.IF, token.FOR, token.SWITCH, token.SELECT, token.FUNC:
			if strings.Contains(last.Message, "expected {") || last.Message == missingBody {
				return Completeness{"incomplete", "\t"}
			}
		}
	}
	if wantsMore(s.last.tok) && cell.File.Offset(last.Pos) >= file.Offset(s.last.pos) {
		return Completeness{"incomplete", "\t"}
	}
	return Completeness{"invalid", ""}
}

// wantsMore tells whether nothing can end with a token.
func wantsMore(t token.Token) bool {
	switch t {
	case token.RPAREN, token.RBRACK, token.RBRACE, token.INC, token.DEC, token.ILLEGAL, token.EOF:
		return false
	case token.BREAK, token.CONTINUE, token.RETURN, token.FALLTHROUGH:
		return false
	}
	return !t.IsLiteral()
}
