package supervisor

import (
	"unicode/utf8"

	"netsplit/kernel/cell"
)

// goFrontEnd is package cell's Session in the words of this package.
type goFrontEnd struct{ *cell.Session }

// newGoFrontEnd is the default of Options.NewFrontEnd.
func newGoFrontEnd() FrontEnd { return goFrontEnd{cell.New()} }

// newGradingFrontEnd is that of a grading run.
func newGradingFrontEnd() FrontEnd { return goFrontEnd{cell.NewGraded()} }

func (g goFrontEnd) Prepare(number int, text string) (*cell.Program, error) {
	name := ""
	if number <= 0 {
		name = label(number, 0)
	}
	return g.Session.Prepare(number, name, text)
}

func (g goFrontEnd) Complete(code string, cursor int) Completion {
	found := g.Session.Complete(code, offset(code, cursor))
	c := Completion{
		Start: utf8.RuneCountInString(code[:found.Start]),
		End:   utf8.RuneCountInString(code[:found.End]),
		Items: make([]CompletionItem, len(found.Items)),
	}
	for i, item := range found.Items {
		c.Items[i] = CompletionItem{Text: item.Text, Type: item.Type, Signature: item.Signature}
	}
	return c
}

func (g goFrontEnd) Inspect(code string, cursor, detail int) Inspection {
	found := g.Session.Inspect(code, offset(code, cursor), detail)
	return Inspection{Found: found.Found, Data: found.Data, Metadata: map[string]any{}}
}

func (g goFrontEnd) IsComplete(code string) (status, indent string) {
	c := g.Session.IsComplete(code)
	return c.Status, c.Indent
}

// offset is where a code point begins, in bytes.
func offset(text string, codePoint int) int {
	n := 0
	for i := range text {
		if n >= codePoint {
			return i
		}
		n++
	}
	return len(text)
}
