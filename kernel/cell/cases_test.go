package cell

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// testCase is one case of testdata/cells: cells that are run one after another, and
// what they must print. See testdata/cells/README.md for the format.
type testCase struct {
	name  string
	cells []string
	want  *string // exact output; no cell fails
	re    *regexp.Regexp
	file  string
}

func readCases(t *testing.T) []testCase {
	t.Helper()
	files, err := filepath.Glob("testdata/cells/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/cells: no case files (%v)", err)
	}
	var cases []testCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cur *testCase
		var buf []string
		mode := "cell"
		flush := func() {
			if cur != nil {
				body := strings.Join(buf, "\n")
				switch mode {
				case "cell":
					cur.cells = append(cur.cells, body)
				case "want":
					body = strings.TrimRight(body, "\n")
					cur.want = &body
				case "re":
					// Python's \Z and named groups do not occur in the cases.
					cur.re = regexp.MustCompile(strings.TrimSpace(body))
				}
			}
			buf = nil
		}
		for _, line := range strings.Split(string(text), "\n") {
			switch {
			case strings.HasPrefix(line, "@@ "):
				flush()
				name, _, _ := strings.Cut(line[3:], "|")
				cases = append(cases, testCase{name: strings.TrimSpace(name), file: file})
				cur, mode = &cases[len(cases)-1], "cell"
			case line == "@--":
				flush()
				mode = "cell"
			case line == "@want":
				flush()
				mode = "want"
			case line == "@re":
				flush()
				mode = "re"
			default:
				buf = append(buf, line)
			}
		}
		flush()
	}
	return cases
}

func TestCellsOfTheBatteryAreAccepted(t *testing.T) {
	for _, c := range readCases(t) {
		t.Run(c.name, func(t *testing.T) {
			s := New()
			var errs []string
			for i, text := range c.cells {
				p, err := s.Prepare(i+1, "", text)
				if err != nil {
					errs = append(errs, err.Error())
					continue
				}
				s.Commit(p)
			}
			if c.want != nil && len(errs) > 0 {
				t.Errorf("the compiler accepts these cells, the front end says\n%s", strings.Join(errs, "\n"))
			}
			if c.want == nil && len(errs) > 0 {
				t.Logf("refused: %s", strings.Join(errs, "\n"))
			}
		})
	}
}
