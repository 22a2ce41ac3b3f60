package supervisor

import (
	"context"
	"strings"
	"unicode/utf8"
)

// Complete answers for the text before a cursor, counted in code points; in a line
// that begins with %, with magics.
func (k *Kernel) Complete(ctx context.Context, code string, cursor int) Completion {
	runes := []rune(code)
	cursor = min(max(cursor, 0), len(runes))
	line := string(runes[:cursor])
	line = line[strings.LastIndexByte(line, '\n')+1:]
	if word, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "%"); ok && !strings.ContainsAny(word, " \t") && isMagicLine(string(runes[:cursor])) {
		c := Completion{Start: cursor - utf8.RuneCountInString(word) - 1, End: cursor, Items: []CompletionItem{}}
		for _, m := range magics {
			if strings.HasPrefix(m.name, word) {
				c.Items = append(c.Items, CompletionItem{Text: "%" + m.name, Type: "keyword", Signature: m.usage})
			}
		}
		return c
	}
	return k.frontEnd().Complete(blankMagics(code), cursor)
}

// isMagicLine tells whether the line in which before ends is not inside a string or
// comment.
func isMagicLine(before string) bool {
	var inside byte
	for line := range strings.Lines(before[:strings.LastIndexByte(before, '\n')+1]) {
		inside = scanLine(line, inside)
	}
	return inside == 0
}

// Inspect tells about the name at a cursor.
func (k *Kernel) Inspect(ctx context.Context, code string, cursor, detail int) Inspection {
	cursor = min(max(cursor, 0), utf8.RuneCountInString(code))
	return k.frontEnd().Inspect(blankMagics(code), cursor, detail)
}

// IsComplete tells whether Enter should run the text.
func (k *Kernel) IsComplete(code string) (status, indent string) {
	blank := blankMagics(code)
	if blank != code && strings.TrimSpace(blank) == "" {
		return "complete", ""
	}
	return k.frontEnd().IsComplete(blank)
}
