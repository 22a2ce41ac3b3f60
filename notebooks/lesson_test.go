// Package notebooks tests the lessons: that they follow the format of README.md, that
// their exercises judge right, that their numbers come out with other parameters too,
// and that the tables of README.md are what the notebooks say.
//
//	go test ./notebooks                                  # all of it, about three minutes of CPU
//	go test ./notebooks -run 'TestFormat/1.5'            # one lesson
//	UPDATE_GOLDEN=1 go test ./notebooks -run TestTables  # write the tables of README.md
//
// Notebooks are run by netsplit run, of a binary that the tests build.
package notebooks

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// lesson is a notebook as its author wrote it.
type lesson struct {
	path  string // from here: sprint-1/1.5-outage.ipynb
	name  string // 1.5-outage
	word  string // outage
	book  map[string]any
	cells []*cell
}

type cell struct {
	number  int // from 1, as a reader counts
	kind    string
	id      string
	source  string
	tags    []string
	graded  *graded
	outputs []output
}

// graded is what a cell's metadata say to nbgrader.
type graded struct {
	Schema   int      `json:"schema_version"`
	Grade    bool     `json:"grade"`
	Solution bool     `json:"solution"`
	Locked   bool     `json:"locked"`
	Task     bool     `json:"task"`
	ID       string   `json:"grade_id"`
	Points   *float64 `json:"points"`
	keys     []string
}

type output struct {
	Kind  string                     `json:"output_type"`
	Name  string                     `json:"name"`
	Error string                     `json:"ename"`
	Value string                     `json:"evalue"`
	Text  lines                      `json:"text"`
	Data  map[string]json.RawMessage `json:"data"`
}

// lines is a text that notebooks keep as a list of its lines.
type lines string

func (l *lines) UnmarshalJSON(data []byte) error {
	var list []string
	if err := json.Unmarshal(data, &list); err != nil {
		return json.Unmarshal(data, (*string)(l))
	}
	*l = lines(strings.Join(list, ""))
	return nil
}

func (o output) text(kind string) string {
	var l lines
	if data, ok := o.Data[kind]; ok {
		if json.Unmarshal(data, &l) != nil {
			return string(data)
		}
	}
	return string(l)
}

// lessons are the notebooks of the course, the template last.
func lessons(t *testing.T) []*lesson {
	t.Helper()
	paths, err := filepath.Glob("sprint-*/*.ipynb")
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no notebooks below sprint-*: %v", err)
	}
	slices.Sort(paths)
	var list []*lesson
	for _, path := range append(paths, "template.ipynb") {
		list = append(list, read(t, path))
	}
	return list
}

// each runs a test for every lesson, under its name.
func each(t *testing.T, test func(t *testing.T, l *lesson)) {
	for _, l := range lessons(t) {
		t.Run(l.name, func(t *testing.T) { test(t, l) })
	}
}

func read(t *testing.T, path string) *lesson {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	l := &lesson{path: path, name: strings.TrimSuffix(filepath.Base(path), ".ipynb")}
	l.word = l.name[strings.LastIndex(l.name, "-")+1:]
	var book struct {
		Cells []struct {
			Kind     string `json:"cell_type"`
			ID       string
			Source   lines
			Outputs  []output
			Metadata struct {
				Tags     []string
				NBGrader json.RawMessage `json:"nbgrader"`
			}
		}
	}
	for _, to := range []any{&book, &l.book} {
		if err := json.Unmarshal(data, to); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	for i, c := range book.Cells {
		mine := &cell{number: i + 1, kind: c.Kind, id: c.ID, source: string(c.Source), tags: c.Metadata.Tags, outputs: c.Outputs}
		if c.Metadata.NBGrader != nil {
			mine.graded = &graded{}
			var keys map[string]any
			if json.Unmarshal(c.Metadata.NBGrader, mine.graded) != nil || json.Unmarshal(c.Metadata.NBGrader, &keys) != nil {
				t.Fatalf("%s: the nbgrader metadata of %v are no object of the right kinds: %s", path, mine, c.Metadata.NBGrader)
			}
			for key := range keys {
				mine.graded.keys = append(mine.graded.keys, key)
			}
			slices.Sort(mine.graded.keys)
		}
		l.cells = append(l.cells, mine)
	}
	return l
}

// String is how messages name a cell: its number and its first line.
func (c *cell) String() string {
	first, _, _ := strings.Cut(strings.TrimSpace(c.source), "\n")
	return fmt.Sprintf("cell %d (%.60s)", c.number, first)
}

func (c *cell) code() bool { return c.kind == "code" }

// locked tells whether a grader puts the cell back as it was released.
func (c *cell) locked() bool { return c.graded != nil && c.graded.Locked }

// readOnly tells whether it does so only to keep the cell as it is.
func (c *cell) readOnly() bool {
	return c.locked() && !c.graded.Grade && !c.graded.Solution && !c.graded.Task
}

func (c *cell) has(mime string) bool {
	return slices.ContainsFunc(c.outputs, func(o output) bool { return o.Data[mime] != nil })
}

const (
	tableType    = "text/html"
	resultsType  = "application/vnd.netsplit.results+json"
	chartType    = "application/vnd.vegalite.v5+json"
	timelineType = "application/vnd.vega.v5+json"
)

// written are the lines of a cell that are neither blank nor only a comment.
func (c *cell) written() int {
	n, inComment := 0, false
	for line := range strings.Lines(c.source) {
		line = strings.TrimSpace(line)
		switch {
		case inComment:
			inComment = !strings.Contains(line, "*/")
		case strings.HasPrefix(line, "/*"):
			inComment = !strings.Contains(line, "*/")
		case line == "" || strings.HasPrefix(line, "//"):
		default:
			n++
		}
	}
	return n
}

// exercise is a task with the cell that answers it and the one that judges the answer.
type exercise struct {
	lesson             *lesson
	task, answer, test *cell
}

func (e *exercise) id() string { return e.answer.graded.ID }

// exercises are the tasks of a lesson; what does not follow the format is left out
// here, since the test of the format says so.
func (l *lesson) exercises() []*exercise {
	var list []*exercise
	var task, answer *cell
	for _, c := range l.cells {
		switch {
		case taskNumber(c) != "":
			task, answer = c, nil
		case c.graded == nil:
		case c.graded.Solution && task != nil && answer == nil:
			answer = c
		case c.graded.Grade && answer != nil:
			list, answer, task = append(list, &exercise{l, task, answer, c}), nil, nil
		}
	}
	return list
}

// wrong are the files with wrong answers to an exercise.
func (e *exercise) wrong() []string {
	files, _ := filepath.Glob(filepath.Join("testdata", "wrong", e.lesson.name, e.id(), "*.go"))
	slices.Sort(files)
	return files
}

// parameter is a line of the cell tagged parameters:
//
//	capacity := 300 // requests a second that the shop can serve; 100 to 600
type parameter struct{ name, value, meaning, low, high string }

var parameterLine = regexp.MustCompile(`^(\w+) := (.+?)\s+// (.+); (\S+) to (\S+)$`)

// parameters are those of a lesson, and the lines that are none.
func (l *lesson) parameters() (list []parameter, wrong []string) {
	for _, c := range l.cells {
		if !slices.Contains(c.tags, "parameters") {
			continue
		}
		for line := range strings.Lines(c.source) {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "//") {
				continue
			}
			m := parameterLine.FindStringSubmatch(line)
			if m == nil {
				wrong = append(wrong, line)
				continue
			}
			p := parameter{m[1], m[2], m[3], m[4], m[5]}
			value, a := quantity(p.value)
			low, b := quantity(p.low)
			high, c := quantity(p.high)
			if !a || !b || !c || low > value || value > high || low >= high {
				wrong = append(wrong, line)
				continue
			}
			list = append(list, p)
		}
	}
	return list, wrong
}

// quantity reads a number as it stands in a cell, 0.5, 1_000 or 20*ms, for comparisons.
func quantity(text string) (float64, bool) {
	scale := 1.0
	for unit, factor := range map[string]float64{"*us": 1e-6, "*ms": 1e-3, "*sec": 1, "*time.Microsecond": 1e-6, "*time.Millisecond": 1e-3, "*time.Second": 1, "*time.Minute": 60} {
		if number, found := strings.CutSuffix(strings.ReplaceAll(text, " ", ""), unit); found {
			text, scale = number, factor
			break
		}
	}
	x, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	return x * scale, err == nil
}
