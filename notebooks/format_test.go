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

// The limits of the format; README.md says why.
const (
	mostLines    = 14 // of a code cell, without blank ones and comments
	mostAnswered = 24 // of one that a learner writes, with the reference solution in it
	leastTables  = 3
	leastGuesses = 3
	leastWrong   = 2 // wrong answers to an exercise
)

// TestFormat wants every lesson, and the template, as README.md describes lessons.
func TestFormat(t *testing.T) {
	each(t, func(t *testing.T, l *lesson) {
		for _, rule := range []func(*testing.T, *lesson){
			opening, theParameters, codeCells, predictions, tables, figures, program, questions, theExercises, closing, links,
		} {
			rule(t, l)
		}
	})
}

var (
	titleLine = regexp.MustCompile(`^# (\d+)\.(\d+) \S`)
	aboutLine = regexp.MustCompile(`^\*Sprint (\d+): .+\. About (\d+) minutes\.\*$`)
)

// opening is the first cell: title, minutes, story, what the learner will be able to do.
func opening(t *testing.T, l *lesson) {
	folder := strings.TrimPrefix(filepath.Dir(l.path), "sprint-")
	if l.name == "template" {
		folder = "0"
	} else if !regexp.MustCompile(`^` + folder + `\.\d+-[a-z]+$`).MatchString(l.name) {
		t.Errorf("%s: a lesson of %s is called %s.1-word.ipynb, with one word in small letters", l.path, filepath.Dir(l.path), folder)
	}
	first := l.cells[0]
	parts := strings.SplitN(first.source, "\n", 4)
	title, about := titleLine.FindStringSubmatch(parts[0]), []string(nil)
	if len(parts) == 4 {
		about = aboutLine.FindStringSubmatch(parts[2])
	}
	switch {
	case first.kind != "markdown" || title == nil:
		t.Errorf("%s: it begins with a markdown cell \"# N.M Title\"", l.path)
	case title[1] != folder || l.name != "template" && !strings.HasPrefix(l.name, title[1]+"."+title[2]+"-"):
		t.Errorf("%s: its title says %s.%s, its name something else", l.path, title[1], title[2])
	case about == nil || about[1] != folder:
		t.Errorf("%s: below the title, after a blank line, stands \"*Sprint %s: its theme. About 60 minutes.*\"", l.path, folder)
	default:
		if minutes, _ := strconv.Atoi(about[2]); l.name != "template" && (minutes < 45 || minutes > 90) {
			t.Errorf("%s: a lesson takes 45 to 90 minutes, not %d", l.path, minutes)
		}
	}
	story, outcomes, found := strings.Cut(first.source, "At the end of this notebook you can")
	if !found || strings.Count(outcomes, "\n* ")+strings.Count(outcomes, "\n- ") < 3 {
		t.Errorf("%s: the first cell ends with \"At the end of this notebook you can\" and three or more points", l.path)
	}
	if len(strings.Fields(story)) < 60 {
		t.Errorf("%s: between title and outcomes stands a story of a paragraph or two: what failed, for whom, why that is strange", l.path)
	}
	kernel, _ := l.book["metadata"].(map[string]any)["kernelspec"].(map[string]any)
	if kernel["name"] != "netsplit" || kernel["language"] != "go" {
		t.Errorf("%s: its kernelspec is netsplit, with language go (nbgrader needs it), not %v", l.path, kernel)
	}
}

func theParameters(t *testing.T, l *lesson) {
	list, wrong := l.parameters()
	for _, line := range wrong {
		t.Errorf("%s: a parameter is written \"name := default // what it is, with its unit; LOW to HIGH\", the default between the two, not %q", l.path, line)
	}
	tagged := 0
	for i, c := range l.cells {
		if slices.Contains(c.tags, "parameters") {
			tagged++
			if i > 4 {
				t.Errorf("%s: the cell of parameters stands right behind the imports, not at %v", l.path, c)
			}
		}
	}
	if tagged != 1 || len(list) == 0 {
		t.Errorf("%s: one cell is tagged parameters and has one or more of them; here are %d with %d", l.path, tagged, len(list))
	}
}

// codeCells have few lines, were run, and did not fail.
func codeCells(t *testing.T, l *lesson) {
	ids := map[string]bool{}
	for _, c := range l.cells {
		if c.id == "" || ids[c.id] {
			t.Errorf("%s: %v needs an id of its own", l.path, c)
		}
		ids[c.id] = true
		if !c.code() {
			continue
		}
		most := mostLines
		if c.graded != nil && c.graded.Solution {
			most = mostAnswered
		}
		if n := c.written(); n > most && !c.locked() && !strings.HasPrefix(c.source, "import") {
			t.Errorf("%s: %v has %d lines of code; at most %d, one idea: split it", l.path, c, n, most)
		}
		for _, o := range c.outputs {
			if o.Kind == "error" || o.Kind == "stream" && o.Name == "stderr" {
				t.Errorf("%s: %v ends in an error or writes to stderr: %s%s", l.path, c, o.Value, o.Text)
			}
		}
		if strings.HasPrefix(c.source, "import") && !c.readOnly() {
			t.Errorf("%s: %v is read-only (nbgrader metadata with locked true, no grade, no solution), so that what judges an exercise finds its imports and constants", l.path, c)
		}
		if strings.TrimSpace(c.source) == "" {
			t.Errorf("%s: %v is empty", l.path, c)
		}
	}
}

// predictions are asked for in prose before each run that has them.
func predictions(t *testing.T, l *lesson) {
	guesses := 0
	for i, c := range l.cells {
		if !c.code() || !strings.Contains(c.source, ".Predict(") {
			continue
		}
		guesses++
		before := i - 1
		for before >= 0 && l.cells[before].code() && i-before <= 2 && !strings.Contains(l.cells[before].source, ".Predict(") {
			before--
		}
		if before < 0 || l.cells[before].code() || !strings.Contains(l.cells[before].source, "**Predict") {
			t.Errorf("%s: %v predicts; the markdown right before it (or before the cell with the numbers) asks for it: **Predict**", l.path, c)
		}
	}
	if guesses < leastGuesses {
		t.Errorf("%s: %d runs are predicted; a learner learns by being wrong: at least %d", l.path, guesses, leastGuesses)
	}
}

// tables are read: prose follows each of them.
func tables(t *testing.T, l *lesson) {
	results := 0
	for i, c := range l.cells {
		if !c.code() || !c.has(tableType) {
			continue
		}
		if c.has(resultsType) {
			results++
		}
		next := i + 1
		for next < len(l.cells) && l.cells[next].code() && !l.cells[next].has(tableType) {
			next++ // the same results drawn
		}
		if next == len(l.cells) || l.cells[next].code() || strings.HasPrefix(strings.TrimSpace(l.cells[next].source), "#") {
			t.Errorf("%s: after the table of %v comes prose that reads it: what it says, and why", l.path, c)
		}
	}
	if results < leastTables {
		t.Errorf("%s: it shows %d tables of results of package lab; at least %d (regenerate the outputs if there are more)", l.path, results, leastTables)
	}
}

// figures are a chart with what theory says, and a timeline.
func figures(t *testing.T, l *lesson) {
	theory, timeline := false, false
	for _, c := range l.cells {
		for _, o := range c.outputs {
			spec := string(o.Data[chartType])
			theory = theory || spec != "" && (strings.Contains(spec, `"theory"`) || strings.Contains(spec, `"published"`) || strings.Contains(c.source, ".Curve("))
			timeline = timeline || o.Data[timelineType] != nil && strings.Contains(c.source, ".Timeline(")
		}
	}
	if !theory {
		t.Errorf("%s: no chart shows a sweep with what theory says: results.Chart(measure), with a Theory; or Curve", l.path)
	}
	if !timeline {
		t.Errorf("%s: no timeline of a run is shown: world.Timeline(), results.Timeline(value, seed)", l.path)
	}
}

var nodeProgram = regexp.MustCompile(`func(?: \w+)?\(\w+ \*sim\.Node\)`)

// program is that of a node, written in a cell.
func program(t *testing.T, l *lesson) {
	for _, c := range l.cells {
		if c.code() && nodeProgram.MatchString(c.source) {
			return
		}
	}
	t.Errorf("%s: no cell has the program of a node: func Server(node *sim.Node)", l.path)
}

var (
	item    = regexp.MustCompile(`(?m)^\d+\. `)
	changes = regexp.MustCompile(`(?i)\b(change|replace|set|raise|lower|double|halve|give|add|remove|run)\b`)
)

// questions are asked behind the last experiment: some that the numbers answer, some
// that need a changed cell.
func questions(t *testing.T, l *lesson) {
	text := ""
	for _, c := range l.cells {
		if c.code() {
			continue
		}
		if _, rest, found := strings.Cut(c.source, "**Questions"); found {
			text += rest
		} else if _, rest, found := strings.Cut(c.source, "## Questions"); found {
			text += rest
		}
	}
	text, _, _ = strings.Cut(text, "\n## ")
	if len(item.FindAllString(text, -1)) < 2 || !changes.MatchString(text) {
		t.Errorf("%s: \"**Questions.**\" and two or more numbered ones: one that the tables answer, one that needs a changed cell", l.path)
	}
}

var (
	taskLine = regexp.MustCompile(`(?m)^\*\*(\d+)\. .+?\*\*`)
	gradeID  = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	points   = regexp.MustCompile(`score\.(?:Check|Over|Equal|Share|Near)\("((?:[^"\\]|\\.)*)",\s*([0-9.]+),`)
	ids      = map[string]string{} // grade_id to notebook, over the course
)

func theExercises(t *testing.T, l *lesson) {
	list := l.exercises()
	taken := map[*cell]bool{}
	for i, e := range list {
		taken[e.answer], taken[e.test] = true, true
		anExercise(t, l, i+1, e)
	}
	for _, c := range l.cells {
		if c.graded == nil {
			if strings.Contains(c.source, "// BEGIN ") || strings.Contains(c.source, "grade.Open(") {
				t.Errorf("%s: %v has a region or a score, and no nbgrader metadata", l.path, c)
			}
			continue
		}
		if other, double := ids[c.graded.ID]; double && !gradedTwice(other, l.path) {
			t.Errorf("%s: the grade_id %s of %v is taken, in %s", l.path, c.graded.ID, c, other)
		}
		ids[c.graded.ID] = l.path
		if c.locked() {
			for _, name := range l.forgeable(c) {
				t.Errorf("%s: %v uses %s of a cell that a submission may change: declare it in the test, or lock its cell (nbgrader metadata with locked true, no grade, no solution)", l.path, c, name)
			}
		}
		if !taken[c] && !c.readOnly() {
			t.Errorf("%s: %v has nbgrader metadata, and is neither an answer with a test behind it, nor that test, nor read-only (locked, no points)", l.path, c)
		}
	}
	if len(list) < 2 {
		t.Errorf("%s: it has %d graded exercises; at least 2", l.path, len(list))
	}
	entries, _ := os.ReadDir(filepath.Join("testdata", "wrong", l.name))
	for _, entry := range entries {
		if !slices.ContainsFunc(list, func(e *exercise) bool { return e.id() == entry.Name() }) {
			t.Errorf("testdata/wrong/%s/%s belongs to no exercise of %s", l.name, entry.Name(), l.path)
		}
	}
}

var (
	declared = regexp.MustCompile(`(?m)^(?:(?:func (?:\([^)]*\) )?|type |const |var )(\w+)|(\w+)(?:, \w+)* := )`)
	quoted   = regexp.MustCompile("`[^`]*`|\"(?:[^\"\\\\\n]|\\\\.)*\"|//[^\n]*")
)

// forgeable are the names of cells that a submission may change, in what judges it.
// Declared anew they would forge points; changed, as a question invites to, they would
// cost an honest learner points.
func (l *lesson) forgeable(judge *cell) (names []string) {
	text := quoted.ReplaceAllString(judge.source, "")
	safe := map[string]bool{}
	for _, c := range l.cells {
		if c.locked() {
			for _, m := range declared.FindAllStringSubmatch(c.source, -1) {
				safe[m[1]+m[2]] = true
			}
		}
	}
	for _, c := range l.cells {
		if !c.code() || c.locked() || c.graded != nil {
			continue
		}
		for _, m := range declared.FindAllStringSubmatch(c.source, -1) {
			name := m[1] + m[2]
			if safe[name] {
				continue
			}
			mine := regexp.MustCompile(`\b` + name + `\b[^\n=]*:=|\b` + name + ` [\w.*\[\]]+[,)]|func ` + name + `\(|(var|type|const) ` + name + `\b`)
			if regexp.MustCompile(`(^|[^.\w])`+name+`\b[^:]`).MatchString(text) && !mine.MatchString(text) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// gradedTwice tells whether one notebook was read twice: by go test -count 2.
func gradedTwice(a, b string) bool { return a == b }

func anExercise(t *testing.T, l *lesson, number int, e *exercise) {
	wrong := func(c *cell, format string, arguments ...any) {
		t.Helper()
		t.Errorf("%s: %v: %s", l.path, c, fmt.Sprintf(format, arguments...))
	}
	if taskNumber(e.task) != strconv.Itoa(number) {
		wrong(e.task, "the task of exercise %d begins \"**%d. Title.** ...\"", number, number)
	}
	a, g := e.answer.graded, e.test.graded
	if want := []string{"grade", "grade_id", "locked", "schema_version", "solution", "task"}; !slices.Equal(a.keys, want) || a.Schema != 3 || a.Locked || a.Task || a.Grade {
		wrong(e.answer, "its nbgrader metadata are schema_version 3, solution true, grade, locked and task false, and a grade_id, nothing else")
	}
	if want := []string{"grade", "grade_id", "locked", "points", "schema_version", "solution", "task"}; !slices.Equal(g.keys, want) || g.Schema != 3 || !g.Locked || g.Task || g.Solution || g.Points == nil || *g.Points <= 0 {
		wrong(e.test, "its nbgrader metadata are schema_version 3, grade and locked true, solution and task false, a grade_id and points above 0, nothing else")
		return
	}
	if !gradeID.MatchString(a.ID) || !strings.HasPrefix(a.ID, l.word+"-") || g.ID != a.ID+"-test" {
		wrong(e.answer, "the grade_id of an answer is %s-word, that of its test %s-word-test, not %s and %s", l.word, l.word, a.ID, g.ID)
	}
	if inside, _, err := region(e.answer.source, "SOLUTION"); err != nil || strings.TrimSpace(inside) == "" || !strings.Contains(e.answer.source, "func ") {
		wrong(e.answer, "an answer is a function with its body between // BEGIN SOLUTION and // END SOLUTION (%v)", err)
	}
	hidden, visible, err := region(e.test.source, "HIDDEN TESTS")
	switch {
	case err != nil:
		wrong(e.test, "%v", err)
	case len(points.FindAllString(hidden, -1)) == 0 || len(points.FindAllString(visible, -1)) == 0:
		wrong(e.test, "a test has a check that learners see and one between // BEGIN HIDDEN TESTS and // END HIDDEN TESTS")
	case !regexp.MustCompile(`grade\.Seeds\(\d+\)`).MatchString(hidden) || strings.Contains(visible, "grade.Seeds"):
		wrong(e.test, "hidden checks run over grade.Seeds(20), written so, those that learners see over lab.Seeds")
	}
	sum, names := 0.0, map[string]bool{}
	for _, m := range points.FindAllStringSubmatch(e.test.source, -1) {
		x, _ := strconv.ParseFloat(m[2], 64)
		sum += x
		if names[m[1]] {
			wrong(e.test, "two checks are called %q", m[1])
		}
		names[m[1]] = true
	}
	text := strings.TrimSpace(e.test.source)
	if open := fmt.Sprintf("score := grade.Open(%v)", *g.Points); !strings.Contains(text, open) || !strings.HasSuffix(text, "score.Points()") || sum != *g.Points {
		wrong(e.test, "a test worth %v begins with %s, its checks make %v points (they make %v), its last line is score.Points()", *g.Points, open, *g.Points, sum)
	}
	if len(names) < 2 {
		wrong(e.test, "one check is all or nothing; two or more give partial credit")
	}
	files := e.wrong()
	if len(files) < leastWrong {
		wrong(e.answer, "testdata/wrong/%s/%s has %d wrong answers; at least %d typical mistakes", l.name, e.id(), len(files), leastWrong)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(text), "// ") {
			t.Errorf("%s: its first line is a comment that says what is wrong with the answer (%v)", file, err)
		}
	}
}

// taskNumber is the number of the task with which a markdown cell ends.
func taskNumber(c *cell) string {
	if all := taskLine.FindAllStringSubmatch(c.source, -1); !c.code() && all != nil {
		return all[len(all)-1][1]
	}
	return ""
}

// region cuts out what lies between // BEGIN name and // END name.
func region(text, name string) (inside, outside string, err error) {
	in := false
	for line := range strings.Lines(text) {
		switch strings.TrimSpace(line) {
		case "// BEGIN " + name:
			if in {
				return "", "", fmt.Errorf("// BEGIN %s twice", name)
			}
			in = true
		case "// END " + name:
			if !in {
				return "", "", fmt.Errorf("// END %s without a beginning", name)
			}
			in = false
		default:
			if in {
				inside += line
			} else {
				outside += line
			}
		}
	}
	if in {
		err = fmt.Errorf("// BEGIN %s without an end", name)
	}
	return inside, outside, err
}

var (
	citation = regexp.MustCompile(`\[(\d+)(?:[,;] [^\]]*)?\]`)
	source   = regexp.MustCompile(`(?m)^(\d+)\. \S`)
)

// closing is what to remember, and the sources, each of them cited.
func closing(t *testing.T, l *lesson) {
	text := ""
	for _, c := range l.cells {
		if !c.code() {
			text += "\n" + c.source + "\n"
		}
	}
	at := -1
	for _, heading := range []string{"\n## Exercises\n", "\n## What you should remember\n", "\n## Sources\n"} {
		i := strings.Index(text, heading)
		if i < 0 || i < at {
			t.Errorf("%s: it ends with the headings Exercises, What you should remember, Sources, in this order; see %q", l.path, strings.TrimSpace(heading))
			return
		}
		at = i
	}
	body, list := text[:at], text[at:]
	numbers := source.FindAllStringSubmatch(list, -1)
	cited := map[string]bool{}
	for _, m := range citation.FindAllStringSubmatch(prose(body), -1) {
		cited[m[1]] = true
	}
	for i, m := range numbers {
		if m[1] != strconv.Itoa(i+1) {
			t.Errorf("%s: source %s should be number %d", l.path, m[1], i+1)
		}
		if !cited[m[1]] {
			t.Errorf("%s: source [%s] is not cited in the text", l.path, m[1])
		}
		delete(cited, m[1])
	}
	for number := range cited {
		t.Errorf("%s: the text cites [%s]; there is no such source", l.path, number)
	}
	if len(numbers) == 0 {
		t.Errorf("%s: it has no numbered sources", l.path)
	}
}

var (
	codeBlock = regexp.MustCompile("(?s)```.*?```")
	codeSpan  = regexp.MustCompile("`[^`]{1,200}`")
	formula   = regexp.MustCompile(`(?s)\$\$.*?\$\$|\$[^$\n]+\$`)
	link      = regexp.MustCompile(`\[([^\]]*)\]\(([^)\s]*)(?: "[^"]*")?\)`)
)

// prose is markdown without code and formulas.
func prose(markdown string) string {
	for _, not := range []*regexp.Regexp{codeBlock, codeSpan, formula} {
		markdown = not.ReplaceAllString(markdown, " ")
	}
	return markdown
}

// links lead to notebooks beside this one, since learners get those and nothing else,
// or to addresses.
func links(t *testing.T, l *lesson) {
	for _, c := range l.cells {
		if c.code() {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(prose(c.source), -1) {
			if why := leads(l.path, m[2]); why != "" {
				t.Errorf("%s: the link %q of %v %s", l.path, m[2], c, why)
			}
		}
	}
}

// TestLinksOfREADME wants its links to lead somewhere, too.
func TestLinksOfREADME(t *testing.T) {
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range link.FindAllStringSubmatch(prose(string(text)), -1) {
		if why := leads(manual, m[2]); why != "" {
			t.Errorf("notebooks/%s: the link %q %s", manual, m[2], why)
		}
	}
}

var address = regexp.MustCompile(`^https?://[a-z0-9.-]+\.[a-z]{2,}(/[^\s<>"]*)?$`)

// leads says why a link of a file leads nowhere.
func leads(from, target string) (why string) {
	if strings.Contains(target, "://") {
		if !address.MatchString(target) {
			return "is no address"
		}
		return ""
	}
	file, anchor, _ := strings.Cut(target, "#")
	path := from
	if file != "" {
		path = filepath.Join(filepath.Dir(from), file)
		switch _, err := os.Stat(path); {
		case strings.HasPrefix(path, "..") || filepath.Ext(path) != ".ipynb":
			if strings.HasSuffix(from, ".ipynb") {
				return "leaves the notebooks: learners have only these"
			}
			fallthrough
		default:
			if err != nil {
				return "leads to a file that is not there"
			}
		}
	}
	if anchor != "" && !slices.Contains(anchors(path), anchor) {
		return "names a heading that is not there: in JupyterLab it is the heading with - for blanks"
	}
	return ""
}

var heading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)

// anchors are the names of the headings of a file, as JupyterLab makes them.
func anchors(path string) []string {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	text := string(data)
	if filepath.Ext(path) == ".ipynb" {
		var book struct {
			Cells []struct {
				Kind   string `json:"cell_type"`
				Source lines
			}
		}
		if json.Unmarshal(data, &book) != nil {
			return nil
		}
		text = ""
		for _, c := range book.Cells {
			if c.Kind == "markdown" {
				text += string(c.Source) + "\n"
			}
		}
	}
	var names []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		names = append(names, strings.ReplaceAll(m[1], " ", "-"), github(m[1]))
	}
	return names
}

// github is the name of a heading on GitHub: small letters, and no punctuation.
func github(heading string) string {
	return strings.ReplaceAll(regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}
