package notebooks

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const manual = "README.md"

// TestTablesOfREADME compares the tables of README.md with what the notebooks say: the
// numbers with their committed outputs, which install/test notebooks proves to be what
// they give, and the parameters with their cells.
func TestTablesOfREADME(t *testing.T) {
	t.Run("numbers", func(t *testing.T) {
		rows := [][]string{{"sprint", "notebook", "experiment", "measure", "expected", "from", "measured", "95 % interval", "band", "verdict", "seeds", "trace"}}
		for _, l := range lessons(t) {
			if l.name == "template" {
				continue
			}
			before := len(rows)
			for _, r := range l.results(t) {
				for _, v := range r.Values {
					if v.judged() {
						rows = append(rows, numberRow(l, r, v))
						if !v.passes() {
							t.Errorf("%s: %s: %s: %s; a committed lesson's theory holds (a wrong variant has a theory, too)", l.path, r.at(v), v.Measure, v.Verdict)
						}
					}
				}
			}
			if len(rows) == before {
				t.Errorf("%s: no table compares what was measured with what theory says: is it regenerated (netsplit run --inplace)?", l.path)
			}
		}
		golden(t, "numbers", rows)
	})
	t.Run("parameters", func(t *testing.T) {
		rows := [][]string{{"notebook", "name", "what it is", "default", "range"}}
		for _, l := range lessons(t) {
			list, _ := l.parameters()
			for _, p := range list {
				if l.name != "template" {
					rows = append(rows, []string{number(l), "`" + p.name + "`", p.meaning, "`" + p.value + "`", p.low + " to " + p.high})
				}
			}
		}
		golden(t, "parameters", rows)
	})
}

// number is that of a lesson: 1.5.
func number(l *lesson) string { n, _, _ := strings.Cut(l.name, "-"); return n }

func numberRow(l *lesson, r *results, v value) []string {
	value, interval := measured(v)
	band := "–"
	if len(v.Band) == 2 {
		band = exact(v.Band[0]) + " .. " + exact(v.Band[1])
	}
	word, _, _ := strings.Cut(v.Verdict, " · ")
	return []string{strings.TrimPrefix(filepath.Dir(l.path), "sprint-"), number(l), r.at(v), v.Measure,
		exact(*v.Expected), v.Kind, value, interval, band, word, r.Seeds, "`" + r.Trace + "`"}
}

// golden compares a table of README.md, between its marks, with its rows.
func golden(t *testing.T, name string, rows [][]string) {
	t.Helper()
	var b strings.Builder
	for i, row := range rows {
		for _, field := range row {
			b.WriteString("| " + strings.ReplaceAll(field, "|", "\\|") + " ")
		}
		b.WriteString("|\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := fmt.Sprintf("<!-- table of %s, made by go test ./notebooks -->\n", name), fmt.Sprintf("<!-- end of the table of %s -->", name)
	head, rest, found := strings.Cut(string(text), begin)
	table, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("notebooks/%s has no place for the table of %s: a line %q and, below, %q", manual, name, begin, end)
	}
	if want := "\n" + b.String() + "\n"; table != want {
		if os.Getenv("UPDATE_GOLDEN") == "1" {
			if err := os.WriteFile(manual, []byte(head+begin+want+end+tail), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		t.Errorf("the table of %s in notebooks/%s is not what the notebooks say now: %s\n    to write it anew: UPDATE_GOLDEN=1 go test ./notebooks -run TestTables", name, manual, firstDifference(table, want))
	}
}

// firstDifference is the first line that is not the same.
func firstDifference(committed, now string) string {
	a, b := strings.Split(committed, "\n"), strings.Split(now, "\n")
	for i := range max(len(a), len(b)) {
		x, y := "nothing", "nothing"
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			return fmt.Sprintf("line %d is\n    %s\nand should be\n    %s", i+1, x, y)
		}
	}
	return "nothing differs"
}
