package notebooks

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// mutant is a way to make the system of a lesson wrong.
type mutant struct {
	line       int // of testdata/mutants.txt
	lesson     string
	old, new   string
	experiment string // whose verdict must fail: a part of "title: parameter value"
}

// TestMutants makes the systems of the lessons wrong, one way at a time, and wants the
// verdict of the experiment that shows it to fail: a verdict that cannot fail proves
// nothing. testdata/mutants.txt lists them. Only the cells run that the experiment
// needs: those up to the one that shows it, without other tables.
func TestMutants(t *testing.T) {
	list := mutants(t)
	each(t, func(t *testing.T, l *lesson) {
		tried := 0
		for _, m := range list {
			if m.lesson == l.name {
				tried++
				m.fails(t, l)
			}
		}
		if tried == 0 {
			t.Errorf("testdata/mutants.txt has nothing for %s: make its system wrong, and a verdict fail", l.name)
		}
	})
}

// fails runs the lesson with the mutant in it.
func (m mutant) fails(t *testing.T, l *lesson) {
	t.Helper()
	where := fmt.Sprintf("testdata/mutants.txt:%d: %s", m.line, l.name)
	shown := m.shows(t, l)
	if shown == nil {
		t.Errorf("%s: no committed table of results has an expected value for %q", where, m.experiment)
		return
	}
	book := l.copied(t)
	cells, found := book["cells"].([]any), false
	var kept []any
	for i, c := range l.cells[:shown.number] {
		source := c.source
		if c.code() && !found && strings.Contains(source, m.old) {
			source, found = strings.Replace(source, m.old, m.new, 1), true
		}
		mine := cells[i].(map[string]any)
		mine["source"] = source
		if c.code() && c != shown {
			mine["source"] = quiet(source)
		}
		kept = append(kept, mine)
	}
	if !found {
		t.Errorf("%s: no cell up to %v has the text %q", where, shown, m.old)
		return
	}
	book["cells"] = kept
	ran, err := run(t, book, nil)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	verdicts := ""
	for _, r := range ran.results(t) {
		for _, v := range r.Values {
			if v.judged() && strings.Contains(r.at(v)+" "+v.Measure, m.experiment) {
				if strings.HasPrefix(v.Verdict, "fail") {
					return
				}
				verdicts += fmt.Sprintf("\n    %s: %s is %s, expected %s: %s", r.at(v), v.Measure, text(v.Measured), text(v.Expected), v.Verdict)
			}
		}
	}
	t.Errorf("%s: with %q in the place of %q no verdict of %q fails:%s", where, m.new, m.old, m.experiment, verdicts)
}

// shows is the cell whose table holds the experiment.
func (m mutant) shows(t *testing.T, l *lesson) *cell {
	t.Helper()
	for _, r := range l.results(t) {
		for _, v := range r.Values {
			if v.judged() && strings.Contains(r.at(v)+" "+v.Measure, m.experiment) {
				return r.cell
			}
		}
	}
	return nil
}

// quiet is a cell that shows nothing at its end, so that experiments which run when
// they are looked at do not run.
func quiet(source string) string {
	return lastName.ReplaceAllString(strings.TrimRight(source, "\n"), "_ = $1") + "\nfunc() {}()"
}

// lastName is a name by itself at the end of a cell: its value is shown.
var lastName = regexp.MustCompile(`(?m)^(\w+)\s*\z`)

// mutants reads testdata/mutants.txt: blocks of four lines, with a word at the
// beginning of each.
func mutants(t *testing.T) []mutant {
	t.Helper()
	data, err := os.ReadFile("testdata/mutants.txt")
	if err != nil {
		t.Fatal(err)
	}
	var list []mutant
	for i, line := range strings.Split(string(data), "\n") {
		key, rest, _ := strings.Cut(line, " ")
		var last *mutant
		if len(list) > 0 {
			last = &list[len(list)-1]
		}
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		case key == "lesson":
			list = append(list, mutant{line: i + 1, lesson: rest})
		case last != nil && key == "replace":
			last.old = rest
		case last != nil && key == "by":
			last.new = rest
		case last != nil && key == "fails":
			last.experiment = rest
		default:
			t.Fatalf("testdata/mutants.txt:%d: a line begins with lesson, replace, by or fails, not %q", i+1, line)
		}
	}
	for _, m := range list {
		if m.old == "" || m.experiment == "" {
			t.Fatalf("testdata/mutants.txt:%d: a mutant has four lines: lesson, replace, by, fails", m.line)
		}
	}
	return list
}
