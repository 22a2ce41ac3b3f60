package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// testdata/source.released.ipynb is what nbgrader's generate_assignment makes of
// testdata/source.ipynb. install/test grading compares all lessons with nbgrader itself.
func TestReleaseGivesTheBytesOfNbgrader(t *testing.T) {
	n, err := Read("testdata/source.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	if problems := n.Release(); len(problems) > 0 {
		t.Fatalf("refused: %v", problems)
	}
	want, err := os.ReadFile("testdata/source.released.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Bytes(); !bytes.Equal(got, want) {
		t.Errorf("the copy differs from that of nbgrader; it is\n%s", got)
	}
}

// cell is a cell of a source under test: an answer, tests, or text.
type cell struct {
	kind, source string
	grader       object
}

func entry(id string, pairs ...any) object {
	o := object{"schema_version": 3, "grade": false, "solution": false, "locked": false, "task": false, "grade_id": id}
	for i := 0; i < len(pairs); i += 2 {
		if o[pairs[i].(string)] = pairs[i+1]; pairs[i+1] == nil {
			delete(o, pairs[i].(string))
		}
	}
	return o
}

func source(t *testing.T, spec object, cells ...cell) *Notebook {
	t.Helper()
	var list []any
	for i, c := range cells {
		metadata := object{}
		if c.grader != nil {
			metadata["nbgrader"] = c.grader
		}
		o := object{"cell_type": c.kind, "id": fmt.Sprint("cell-", i), "metadata": metadata, "source": c.source}
		if c.kind == "code" {
			o["outputs"], o["execution_count"] = []any{}, nil
		}
		list = append(list, o)
	}
	text, err := json.Marshal(object{"nbformat": 4, "nbformat_minor": 5, "metadata": object{"kernelspec": spec}, "cells": list})
	if err != nil {
		t.Fatal(err)
	}
	n, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var goSpec = object{"name": "netsplit", "display_name": "Go (Netsplit)", "language": "go"}

func TestSourcesThatCannotBeGradedAreRefused(t *testing.T) {
	answer := func(id, text string) cell { return cell{"code", text, entry(id, "solution", true)} }
	tests := func(id, text string, pairs ...any) cell {
		return cell{"code", text, entry(id, append([]any{"grade", true, "locked", true, "points", 2}, pairs...)...)}
	}
	const solved = "// BEGIN SOLUTION\nx := 1\n// END SOLUTION"
	for _, c := range []struct {
		name  string
		cells []cell
		want  string
	}{
		{"an open region", []cell{answer("a", "func f() {\n// BEGIN SOLUTION\nx := 1\n}")}, "cell 1 (a), line 2: BEGIN SOLUTION without END SOLUTION behind it"},
		{"an end without a begin", []cell{answer("a", solved+"\n// END SOLUTION")}, "cell 1 (a), line 4: END SOLUTION without BEGIN SOLUTION before it"},
		{"a region in a region", []cell{answer("a", "// BEGIN SOLUTION\n"+solved)}, "cell 1 (a), line 2: BEGIN SOLUTION, but the region of line 1 has not ended"},
		{"a region in prose", []cell{{"markdown", "hello\nBEGIN SOLUTION\nEND SOLUTION", nil}}, "cell 1, line 2: BEGIN SOLUTION stands in a cell where it must not: only cells that nbgrader knows as answers (solution is true) may have it"},
		{"hidden tests in an answer", []cell{answer("a", solved+"\n// BEGIN HIDDEN TESTS\n// END HIDDEN TESTS")}, "cell 1 (a), line 4: BEGIN HIDDEN TESTS stands in a cell where it must not"},
		{"nothing but hidden tests", []cell{tests("t", "// BEGIN HIDDEN TESTS\nf()\n// END HIDDEN TESTS")}, "cell 1 (t): nothing of the cell is left for the learner"},
		{"an answer without a region", []cell{answer("a", "x := 1")}, "cell 1 (a): an answer without a line // BEGIN SOLUTION"},
		{"an id twice", []cell{answer("a", solved), tests("a", "score.Points()")}, "cell 2 (a): cell 1 has this grade_id already"},
		{"no points", []cell{tests("t", "score.Points()", "points", nil)}, "cell 1 (t): metadata.nbgrader: a cell that earns points needs points"},
		{"negative points", []cell{tests("t", "score.Points()", "points", -1)}, "needs points, 0 or more"},
		{"no id", []cell{tests("", "score.Points()")}, `cell 1: metadata.nbgrader: grade_id "" must be a name`},
		{"a bad id", []cell{tests("a b", "score.Points()")}, `grade_id "a b" must be a name`},
		{"an old schema", []cell{tests("t", "score.Points()", "schema_version", 1)}, "schema_version is 1, and must be 3"},
		{"an unknown key", []cell{tests("t", "score.Points()", "seed", 7)}, "nbgrader knows no seed"},
		{"a missing flag", []cell{tests("t", "score.Points()", "solution", nil)}, "solution must be true or false"},
		{"tests in prose", []cell{{"markdown", "x", entry("t", "grade", true, "points", 1)}}, "grade and solution must both be true"},
		{"a task of code", []cell{{"code", "x", entry("t", "task", true, "points", 1)}}, "a task is a markdown cell"},
		{"an image in a mark scheme", []cell{{"markdown", "draw\nBEGIN MARK SCHEME\n![x](attachment:a.png)\nEND MARK SCHEME", entry("t", "task", true, "locked", true, "points", 1)}}, "cell 1 (t), line 3: an attached image"},
	} {
		problems := source(t, goSpec, c.cells...).Release()
		if !slices.ContainsFunc(problems, func(p Problem) bool { return strings.Contains(p.String(), c.want) }) {
			t.Errorf("%s: want %q among\n%v", c.name, c.want, problems)
		}
	}
	if p := source(t, goSpec, answer("a", solved), tests("t", "score.Points()")).Release(); len(p) > 0 {
		t.Errorf("a good source is refused: %v", p)
	}
}

func TestANotebookWithoutALanguageIsRefused(t *testing.T) {
	for _, spec := range []object{{"name": "netsplit", "display_name": "Go"}, {"name": "python3", "display_name": "Python", "language": "python"}, {}} {
		if p := source(t, spec, cell{"markdown", "x", nil}).Release(); len(p) == 0 {
			t.Errorf("%v is released: nbgrader would take it for Python, or stop", spec)
		}
	}
}
