package notebooks

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// manySeeds is over how many seeds kept for grading answers are judged here.
const manySeeds = 100

// trial is an answer to an exercise, and what its test made of it.
type trial struct {
	name   string
	answer string
	judged *cell // the test, as run behind this answer
	failed *cell // the answer's own cell, where it failed
}

// TestAnswers judges, for every exercise, the reference solution, every wrong answer of
// testdata/wrong and the stub that learners get, in grading mode and over 100 seeds kept
// for grading: the reference gets all points, a wrong answer fails a check over seeds at
// every seed, the stub gets none.
func TestAnswers(t *testing.T) {
	each(t, func(t *testing.T, l *lesson) {
		book := l.copied(t)
		cells := book["cells"].([]any)
		before := len(cells)
		trials := map[*exercise][]*trial{}
		for _, e := range l.exercises() {
			list := []*trial{{name: "the stub", answer: stub(e.answer.source)}}
			for _, file := range e.wrong() {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, &trial{name: filepath.Base(file), answer: string(text)})
			}
			// The reference comes last: what follows may use it.
			list = append(list, &trial{name: "the reference", answer: e.answer.source})
			for i, x := range list {
				id := fmt.Sprintf("%s-%d", e.id(), i)
				cells = append(cells, codeCell(id, x.answer), codeCell(id+"-judged", judge(e)))
			}
			trials[e] = list
		}
		book["cells"] = cells
		ran, err := run(t, book, []string{"NBGRADER_EXECUTION=autograde"}, "--allow-errors")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range ran.cells[:before] {
			if why := c.failure(); why != "" {
				t.Errorf("%s: %v fails while a submission is graded: %s", l.path, c, why)
			}
		}
		at := before
		for _, e := range l.exercises() {
			for i, x := range trials[e] {
				if ran.cells[at].failure() != "" {
					x.failed = ran.cells[at]
				}
				x.judged = ran.cells[at+1]
				at += 2
				switch {
				case i == 0:
					x.earnsNothing(t, e)
				case i == len(trials[e])-1:
					x.earnsAll(t, e)
				default:
					x.failsEverywhere(t, e)
				}
			}
		}
	})
}

// judge is the test of an exercise over many seeds.
func judge(e *exercise) string {
	return regexp.MustCompile(`grade\.Seeds\(\d+\)`).ReplaceAllString(e.test.source, fmt.Sprintf("grade.Seeds(%d)", manySeeds))
}

// stub is what a release makes of an answer.
func stub(answer string) string {
	var b strings.Builder
	in := false
	for line := range strings.Lines(answer) {
		switch word := strings.TrimSpace(line); {
		case word == "// BEGIN SOLUTION":
			in = true
			indent, _, _ := strings.Cut(line, "/")
			b.WriteString(indent + "// YOUR CODE HERE\n" + indent + "panic(\"your code is missing here\")\n")
		case word == "// END SOLUTION":
			in = false
		case !in:
			b.WriteString(line)
		}
	}
	return b.String()
}

// failure is the error in which a cell ended, or empty.
func (c *cell) failure() string {
	for _, o := range c.outputs {
		if o.Kind == "error" {
			return o.Error + ": " + o.Value
		}
	}
	return ""
}

// printed is what a cell wrote.
func (c *cell) printed() string {
	text := ""
	for _, o := range c.outputs {
		if o.Kind == "stream" {
			text += string(o.Text)
		}
	}
	return text
}

// points are the result of a test.
func (c *cell) points() (float64, error) {
	for _, o := range c.outputs {
		if o.Kind == "execute_result" {
			return strconv.ParseFloat(o.text("text/plain"), 64)
		}
	}
	return 0, fmt.Errorf("the test shows no result %s", c.failure())
}

func (x *trial) wrong(t *testing.T, e *exercise, format string, arguments ...any) {
	t.Helper()
	t.Errorf("%s: %s: %s: %s\n%s", e.lesson.path, e.id(), x.name, fmt.Sprintf(format, arguments...), x.judged.printed())
}

func (x *trial) earnsAll(t *testing.T, e *exercise) {
	t.Helper()
	p, err := x.judged.points()
	if x.failed != nil || err != nil || p != *e.test.graded.Points || strings.Contains(x.judged.printed(), "✗") {
		x.wrong(t, e, "it earns %v of %v points over %d seeds (%v)", p, *e.test.graded.Points, manySeeds, err)
	}
}

// earnsNothing wants no points, from a test that came to its end or not.
func (x *trial) earnsNothing(t *testing.T, e *exercise) {
	t.Helper()
	if x.failed != nil {
		x.wrong(t, e, "the cell that learners get does not run (what the body needs stands in the region): %s", x.failed.failure())
		return
	}
	if p, err := x.judged.points(); p != 0 || strings.Contains(x.judged.printed(), "✓") {
		x.wrong(t, e, "it earns %v points (%v): require progress in every check", p, err)
	}
}

var everywhere = fmt.Sprintf("(%d of %d seeds fail)", manySeeds, manySeeds)

func (x *trial) failsEverywhere(t *testing.T, e *exercise) {
	t.Helper()
	if x.failed != nil {
		x.wrong(t, e, "a wrong answer compiles: %s", x.failed.failure())
		return
	}
	if p, err := x.judged.points(); err != nil || p >= *e.test.graded.Points || !strings.Contains(x.judged.printed(), everywhere) {
		x.wrong(t, e, "no check over seeds fails at %d of %d (%v points, %v): force the failure, by faults at events", manySeeds, manySeeds, p, err)
	}
}
