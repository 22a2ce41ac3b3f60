package cell

import (
	"fmt"
	"go/token"
	"regexp"
	"strings"
)

// diagnostic makes an error of the learner's text.
func (s *Session) diagnostic(pos token.Pos, message, help string) Diagnostic {
	d := Diagnostic{Line: 1, Col: 1, Message: plain(message), Help: help}
	if !pos.IsValid() {
		return d
	}
	at := s.fset.PositionFor(pos, false)
	named := s.fset.Position(pos) // what //line says
	d.File, d.Line, d.Col = named.Filename, named.Line, named.Column
	d.Caret = at.Column
	if src, ok := s.texts[s.fset.File(pos)]; ok && at.Line >= 1 && at.Line <= len(src.lines) {
		d.Source = strings.TrimSuffix(src.lines[at.Line-1], "\r")
	}
	return d
}

// diagnostics words the errors of a part.
func (s *Session) diagnostics(r *round) []Diagnostic {
	var out []Diagnostic
	type key struct {
		line, col int
		message   string
	}
	seen := map[key]bool{}
	for _, e := range r.out.Errors {
		message := e.Message
		if note := r.versions(e.Pos, e.Message); note != "" {
			message += "\n\t" + note
		}
		d := s.diagnostic(e.Pos, message, e.Help)
		if k := (key{d.Line, d.Col, d.Message}); !seen[k] {
			seen[k] = true
			out = append(out, d)
		}
	}
	return out
}

var (
	qualifier = regexp.MustCompile(`\bmain\.`)
	madeUp    = regexp.MustCompile(`import·(?:[\w.]+/)*(\w+)|(init)·\d+`)
)

// plain takes out of a message what only the checker needs: the package main, and
// made-up names.
func plain(message string) string {
	message = qualifier.ReplaceAllString(message, "")
	if strings.Contains(message, "·") {
		message = madeUp.ReplaceAllString(message, "$1$2")
	}
	return message
}

// String is the error as the compiler prints it.
func (d Diagnostic) String() string {
	switch {
	case d.File != "" && d.Col == 0:
		return fmt.Sprintf("%s:%d: %s", d.File, d.Line, d.Message)
	case d.File != "":
		return fmt.Sprintf("%s:%d:%d: %s", d.File, d.Line, d.Col, d.Message)
	}
	return fmt.Sprintf("%d:%d: %s", d.Line, d.Col, d.Message)
}

// Error is all errors, a line each.
func (e Errors) Error() string {
	var lines []string
	for _, d := range e {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n")
}
