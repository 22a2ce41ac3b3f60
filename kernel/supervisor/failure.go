package supervisor

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"netsplit/kernel/cell"
	"netsplit/kernel/pipe"
)

// A failure is what a learner is told of one thing that went wrong.
type failure struct {
	name      string
	text      string
	cell      int             // the cell it belongs to
	stack     []cell.Location // learner's functions only, innermost first
	goroutine bool            // it ended a goroutine, not the cell's own run
	notes     []string        // paragraphs below the stack
}

// ANSI colours of the traceback.
const (
	plain  = "\x1b[0m"
	red    = "\x1b[1;31m"
	green  = "\x1b[32m"
	dim    = "\x1b[90m"
	strong = "\x1b[1m"
)

// label is how a cell is called: by the number beside it, when it has one.
func label(number, here int) string {
	switch {
	case number > 0:
		return fmt.Sprintf("cell [%d]", number)
	case number == here:
		return "this cell"
	}
	return "a cell without number"
}

// maxStack is how many functions of a stack are shown at each end.
const maxStack = 12

// report writes the failure as the protocol wants it; the package comment
// describes the form.
func (f failure) report() *Error {
	f.text = shorten(f.text)
	lines := []string{fmt.Sprintf("%s%s%s: %s%s%s", red, f.name, plain, strong, f.text, plain)}
	if f.goroutine {
		lines = append(lines, fmt.Sprintf("in a goroutine of %s%s%s", green, label(f.cell, f.cell), plain))
	}
	if len(f.stack) > 0 {
		at := f.stack[0]
		lines = append(lines, "", place(at, f.cell)+":")
		lines = append(lines, excerpt(at)...)
	}
	if len(f.stack) > 1 {
		lines = append(lines, "called from")
		outer := f.stack[1:]
		for i, at := range outer {
			hidden := len(outer) - 2*maxStack // in the middle
			if hidden > 0 && i >= maxStack && i < maxStack+hidden {
				if i == maxStack {
					lines = append(lines, fmt.Sprintf("  %s… %d more …%s", dim, hidden, plain))
				}
				continue
			}
			lines = append(lines, "  "+place(at, f.cell)+sourceHint(at))
		}
	}
	for _, note := range f.notes {
		lines = append(lines, "")
		lines = append(lines, strings.Split(note, "\n")...)
	}
	return &Error{Name: f.name, Value: f.value(), Traceback: lines}
}

// shorten cuts a text that nobody would read to its end: it goes to every front end,
// more than once, and into the notebook.
func shorten(text string) string {
	const most = 32 << 10
	if len(text) <= most {
		return text
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s … (%s more)", text[:cut], sizeText(int64(len(text)-cut)))
}

// value is the evalue: LINE:COL: text, of the innermost place in the cell itself
// or, when the cell has none, of the innermost place at all with its cell.
func (f failure) value() string {
	for i, at := range f.stack {
		if at.Cell != f.cell || at.Line == 0 {
			continue
		}
		text := fmt.Sprintf("%d:%d: %s", at.Line, at.Col, f.text)
		if i > 0 && f.stack[0].Line > 0 {
			inner := f.stack[0]
			text += fmt.Sprintf(" (%s, %d:%d)", label(inner.Cell, f.cell), inner.Line, inner.Col)
		}
		return text
	}
	if len(f.stack) > 0 && f.stack[0].Line > 0 {
		at := f.stack[0]
		return fmt.Sprintf("%d:%d: %s (%s)", at.Line, at.Col, f.text, label(at.Cell, f.cell))
	}
	return f.text
}

// place is "cell [4], line 3, column 9, in f".
func place(at cell.Location, here int) string {
	text := fmt.Sprintf("%s%s%s", green, label(at.Cell, here), plain)
	if at.Line > 0 {
		text += fmt.Sprintf(", line %d", at.Line)
		if at.Col > 0 {
			text += fmt.Sprintf(", column %d", at.Col)
		}
	}
	if at.Func != "" {
		text += ", in " + at.Func
	}
	return text
}

func sourceHint(at cell.Location) string {
	source := strings.TrimSpace(at.Source)
	if source == "" {
		return ""
	}
	const most = 60
	if runes := []rune(source); len(runes) > most {
		source = string(runes[:most-1]) + "…"
	}
	return dim + ":  " + plain + source
}

// excerpt is the source line with its number, and a caret below the column.
func excerpt(at cell.Location) []string {
	if at.Source == "" {
		return nil
	}
	caret := at.Caret
	if caret == 0 {
		caret = at.Col
	}
	source, col := window(at.Source, caret)
	number := fmt.Sprintf("%4d", at.Line)
	lines := []string{fmt.Sprintf("%s%s | %s%s", dim, number, plain, source)}
	if col > 0 {
		lines = append(lines, fmt.Sprintf("%s%s | %s%s%s^%s", dim, strings.Repeat(" ", len(number)), plain, indentTo(source, col), red, plain))
	}
	return lines
}

// window cuts a very long line down to what is around the column.
func window(source string, col int) (string, int) {
	const most = 240
	if len(source) <= most {
		return source, col
	}
	from := max(0, min(col-1, len(source))-most/2)
	to := min(len(source), from+most)
	cut := strings.ToValidUTF8(source[from:to], "")
	col -= from
	if from > 0 {
		cut, col = "…"+cut, col+len("…")
	}
	if to < len(source) {
		cut += "…"
	}
	return cut, col
}

// indentTo is the white space that ends below column col (bytes, from 1): tabs
// stay tabs, wide characters take two places.
func indentTo(source string, col int) string {
	if col-1 < len(source) {
		source = source[:max(col-1, 0)]
	}
	var b strings.Builder
	for _, r := range source {
		switch {
		case r == '\t':
			b.WriteByte('\t')
		case r >= 0x1100 && wide(r):
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// wide tells East Asian wide characters and emoji, as terminals draw them.
func wide(r rune) bool {
	return r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff ||
		r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd
}

// compileError lists all that the checker found.
func compileError(number int, found cell.Errors) *Error {
	if len(found) == 0 {
		return &Error{Name: "CompileError", Value: "the cell is not correct Go", Traceback: []string{"CompileError: the cell is not correct Go"}}
	}
	value := make([]string, len(found))
	head := fmt.Sprintf("%sCompileError%s: ", red, plain)
	if len(found) == 1 {
		head += strong + firstLine(found[0].Message) + plain
	} else {
		head += fmt.Sprintf("%s%d errors%s", strong, len(found), plain)
	}
	lines := []string{head}
	for i, d := range found {
		at := strconv.Itoa(d.Line)
		if d.Col > 0 {
			at += ":" + strconv.Itoa(d.Col)
		}
		if d.File != "" { // a //line comment names it
			at = d.File + ":" + at
		}
		value[i] = at + ": " + d.Message
		message := strings.Split(d.Message, "\n")
		lines = append(lines, "", fmt.Sprintf("%s%s%s, %s: %s", green, label(number, number), plain, at, message[0]))
		lines = append(lines, message[1:]...)
		lines = append(lines, excerpt(cell.Location{Line: d.Line, Col: d.Col, Source: d.Source, Caret: d.Caret})...)
		if d.Help != "" {
			lines = append(lines, strings.Split(d.Help, "\n")...)
		}
	}
	return &Error{Name: "CompileError", Value: strings.Join(value, "\n"), Traceback: lines}
}

// plainError is an error without a place.
func plainError(name, text string) *Error {
	return failure{name: name, text: text}.report()
}

// locate turns the frames of a failure into places, and leaves out those that are
// not the learner's.
func (k *Kernel) locate(frames []pipe.Frame) []cell.Location {
	front := k.frontEnd()
	var stack []cell.Location
	for _, frame := range frames {
		if at, ok := front.Locate(frame.Pos); ok {
			stack = append(stack, at)
		}
	}
	return stack
}
