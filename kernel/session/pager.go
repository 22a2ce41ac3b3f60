package session

import (
	"context"
	"regexp"
	"sync"
	"unicode/utf8"

	"netsplit/kernel/supervisor"
)

// questions matches a cell that asks about a name: name? or ?name, and with two
// question marks for more. No Go program looks like that.
var questions = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*(?:(\?\??)([\pL_][\pL\pN_]*(?:\.[\pL_][\pL\pN_]*)*)|([\pL_][\pL\pN_]*(?:\.[\pL_][\pL\pN_]*)*)(\?\??))\s*$`)
})

// question tells whether a cell asks about a name.
func question(code string) (name string, detail int, asked bool) {
	m := questions().FindStringSubmatch(code)
	if m == nil {
		return "", 0, false
	}
	return m[2] + m[3], len(m[1]+m[4]) - 1, true
}

// page answers such a cell: what inspection says is shown in the front end's pager.
func (s *Session) page(ctx context.Context, name string, detail int, out *output) supervisor.Outcome {
	about := s.Evaluator.Inspect(ctx, name, utf8.RuneCountInString(name), detail)
	if !about.Found || len(about.Data) == 0 {
		out.Stream("stdout", name+": nothing is known about this name\n")
		return supervisor.Outcome{}
	}
	return supervisor.Outcome{Payload: []map[string]any{{
		"source": "page",
		"data":   showable(about.Data),
		"start":  0,
	}}}
}
