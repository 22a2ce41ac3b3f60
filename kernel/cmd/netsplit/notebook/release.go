package notebook

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// What stands in a learner's copy where the source has a solution. A panic ends a
// function, so that a stub with a result compiles, and it earns no points.
const (
	codeStub = "// YOUR CODE HERE\npanic(\"your code is missing here\")"
	textStub = "YOUR ANSWER HERE"
)

// Problem is a place of a source notebook that keeps it from being released.
type Problem struct {
	Cell int    // position in the notebook, from 1; 0 for the notebook itself
	ID   string // the cell's grade_id, where it has one
	Line int    // in the cell, from 1; 0 for the whole cell
	Text string
}

func (p Problem) String() string {
	var where []string
	if p.Cell > 0 {
		cell := fmt.Sprintf("cell %d", p.Cell)
		if p.ID != "" {
			cell += fmt.Sprintf(" (%s)", p.ID)
		}
		where = append(where, cell)
	}
	if p.Line > 0 {
		where = append(where, fmt.Sprintf("line %d", p.Line))
	}
	if len(where) == 0 {
		return p.Text
	}
	return strings.Join(where, ", ") + ": " + p.Text
}

// region is a kind of region of a source: what begins and ends it, and in which cells it may stand.
type region struct {
	begin, end string
	allowed    func(*graded) bool
	where      string
}

// As in nbgrader the words count wherever they stand in a line, also in prose.
var (
	solution    = region{"BEGIN SOLUTION", "END SOLUTION", func(g *graded) bool { return g.solution }, "cells that nbgrader knows as answers (solution is true)"}
	hiddenTests = region{"BEGIN HIDDEN TESTS", "END HIDDEN TESTS", func(g *graded) bool { return g.grade }, "cells that earn points (grade is true)"}
	markScheme  = region{"BEGIN MARK SCHEME", "END MARK SCHEME", func(g *graded) bool { return g.task }, "tasks graded by hand (task is true)"}
)

// IsGraded tells whether a notebook is a source of nbgrader: a cell of it has nbgrader's
// metadata, or holds one of its regions.
func (n *Notebook) IsGraded() bool {
	for _, c := range n.cells {
		if _, ok := dict(c.fields, "metadata")["nbgrader"]; ok {
			return true
		}
		for _, r := range []region{solution, hiddenTests, markScheme} {
			if strings.Contains(c.Source(), r.begin) {
				return true
			}
		}
	}
	return false
}

// Release makes the learner's copy of a source notebook, equal to what nbgrader's
// generate_assignment makes with the configuration of install/grading: solutions
// become stubs, hidden tests and mark schemes go, outputs are cleared, cells that
// must stay are locked, checksums are computed. Where there are problems the
// notebook is no more to be used.
//
// It refuses more than nbgrader does: everything that would make a learner's copy
// that cannot be graded, or that gives a solution away.
func (n *Notebook) Release() []Problem {
	problems := n.checkKernelspec()
	ids := map[string]int{}
	for i, c := range n.cells {
		g, wrong := readGraded(c)
		for _, text := range wrong {
			problems = append(problems, Problem{Cell: i + 1, ID: g.id, Text: text})
		}
		if first := ids[g.id]; g.id != "" && first > 0 {
			problems = append(problems, Problem{Cell: i + 1, ID: g.id, Text: fmt.Sprintf("cell %d has this grade_id already", first)})
		} else {
			ids[g.id] = i + 1
		}
		for _, p := range c.release(g) {
			p.Cell, p.ID = i+1, g.id
			problems = append(problems, p)
		}
	}
	delete(n.Metadata(), "celltoolbar")
	return problems
}

func (n *Notebook) checkKernelspec() (problems []Problem) {
	spec := dict(n.Metadata(), "kernelspec")
	for _, key := range []struct{ name, want string }{{"name", "netsplit"}, {"display_name", ""}, {"language", "go"}} {
		value, _ := spec[key.name].(string)
		switch {
		case value == "":
			problems = append(problems, Problem{Text: fmt.Sprintf("metadata.kernelspec has no %s: open the notebook in JupyterLab with the kernel Go (Netsplit) and save it", key.name)})
		case key.want != "" && value != key.want:
			problems = append(problems, Problem{Text: fmt.Sprintf("metadata.kernelspec: the %s is %s, not %s", key.name, value, key.want)})
		}
	}
	return problems
}

// release makes the learner's copy of a cell.
func (c *Cell) release(g *graded) (problems []Problem) {
	g.lock()
	stub := textStub
	if c.IsCode() {
		stub = codeStub
		c.clear()
	}
	for _, r := range []region{solution, hiddenTests, markScheme} {
		_, _, more := r.cut(c.Source(), "", g)
		problems = append(problems, more...)
	}
	source, found, _ := solution.cut(c.Source(), stub, g)
	if g.solution && !found {
		if c.IsCode() {
			problems = append(problems, Problem{Text: "an answer without a line // BEGIN SOLUTION: the learner would get nothing but the stub"})
		}
		source = stub
	}
	for _, r := range []region{hiddenTests, markScheme} {
		source, found, _ = r.cut(source, "", g)
		if found && strings.TrimSpace(source) == "" {
			problems = append(problems, Problem{Text: "nothing of the cell is left for the learner: let one line stand outside of the region"})
		}
	}
	c.fields["source"] = source
	g.seal(c)
	return problems
}

// clear takes away what running has left in a code cell.
func (c *Cell) clear() {
	c.outs = nil
	c.fields["execution_count"] = nil
	for _, name := range []string{"collapsed", "scrolled"} {
		delete(dict(c.fields, "metadata"), name)
	}
}

var attachment = regexp.MustCompile(`!\[.*\]\(attachment:.+?\)`)

// cut replaces every region of a text by a stub with the indentation of its first line.
// The lines of the problems are those of the text.
func (r region) cut(text, stub string, g *graded) (rest string, found bool, problems []Problem) {
	var kept []string
	begun := 0 // the line that began the region
	refuse := func(line int, format string, args ...any) {
		problems = append(problems, Problem{Line: line, Text: fmt.Sprintf(format, args...)})
	}
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.Contains(line, r.begin):
			if begun > 0 {
				refuse(i+1, "%s, but the region of line %d has not ended", r.begin, begun)
			} else if !r.allowed(g) {
				refuse(i+1, "%s stands in a cell where it must not: only %s may have it", r.begin, r.where)
			}
			found, begun = true, i+1
			if stub == "" {
				break
			}
			indent := line[:len(line)-len(strings.TrimLeftFunc(line, unicode.IsSpace))]
			for stubbed := range strings.SplitSeq(stub, "\n") {
				kept = append(kept, indent+stubbed)
			}
		case strings.Contains(line, r.end):
			if begun == 0 {
				refuse(i+1, "%s without %s before it", r.end, r.begin)
			}
			begun = 0
		case begun == 0:
			kept = append(kept, line)
		case r.begin == markScheme.begin && attachment.MatchString(line):
			refuse(i+1, "an attached image in a mark scheme would stay in the learner's file: link to it instead")
		}
	}
	if begun > 0 {
		refuse(begun, "%s without %s behind it", r.begin, r.end)
	}
	return strings.Join(kept, "\n"), found, problems
}
