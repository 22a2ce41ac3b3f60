package battery

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// testCase is one case.
type testCase struct {
	name   string
	settle bool
	cells  []string
	want   *string
	re     *regexp.Regexp
}

func readCases(t *testing.T, pattern string) []testCase {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no case files (%v)", pattern, err)
	}
	var cases []testCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cur *testCase
		var buf []string
		mode := ""
		flush := func() {
			body := strings.Join(buf, "\n")
			buf = nil
			switch mode {
			case "cell":
				cur.cells = append(cur.cells, body)
			case "want":
				body = strings.TrimRight(body, "\n")
				cur.want = &body
			case "re":
				re, err := regexp.Compile(strings.TrimSpace(body))
				if err != nil {
					t.Fatalf("%s: %s: %v", file, cur.name, err)
				}
				cur.re = re
			}
		}
		for _, line := range strings.Split(string(text), "\n") {
			switch {
			case strings.HasPrefix(line, "@@ "):
				flush()
				name, flags, _ := strings.Cut(line[3:], "|")
				cases = append(cases, testCase{name: strings.TrimSpace(name), settle: strings.Contains(flags, "settle")})
				cur, mode = &cases[len(cases)-1], "cell"
			case line == "@--":
				flush()
				mode = "cell"
			case line == "@want", line == "@re":
				flush()
				mode = line[1:]
			default:
				buf = append(buf, line)
			}
		}
		flush()
	}
	return cases
}

func TestCells(t *testing.T) {
	name := regexp.MustCompile(*only)
	known := knownFailures(t, "../cell/testdata/known-failures.txt")
	var right, total atomic.Int64
	t.Run("cases", func(t *testing.T) {
		for _, c := range readCases(t, "../cell/testdata/cells/*.txt") {
			if !name.MatchString(c.name) {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				total.Add(1)
				wrong := c.run(t)
				why, listed := known[c.name]
				switch {
				case wrong == "":
					right.Add(1)
					if listed {
						t.Errorf("it is right now: take it off ../cell/testdata/known-failures.txt (%s)", why)
					}
				case listed:
					t.Logf("known to fail: %s", why)
				default:
					t.Error(wrong)
				}
			})
		}
	})
	t.Logf("%d of %d cases right", right.Load(), total.Load())
}

var timeout = regexp.MustCompile(`^//timeout=(\w+)\n`)

// run tells what came out wrong, or nothing.
func (c testCase) run(t *testing.T) string {
	k := start(t)
	result, failed := "", ""
	for i, cell := range c.cells {
		var interrupt time.Duration
		if m := timeout.FindStringSubmatch(cell); m != nil {
			interrupt, _ = time.ParseDuration(m[1])
			cell = cell[len(m[0]):]
		}
		e, hang := k.run(cell, interrupt, 20*time.Second)
		if hang {
			return fmt.Sprintf("cell %d hangs; output so far:\n%s", i+1, k.output())
		}
		k.mu.Lock()
		result = k.result
		k.mu.Unlock()
		if e != nil {
			failed = fmt.Sprintf("cell %d: %s", i+1, describe(e))
		}
		if c.settle {
			time.Sleep(150 * time.Millisecond)
		}
	}
	got := strings.TrimRight(k.output(), "\n")
	if c.re != nil {
		text := got + "\nRES " + result + "\nERR " + failed
		if !c.re.MatchString(text) {
			return fmt.Sprintf("%s\nis not found in\n%s", c.re, text)
		}
		return ""
	}
	if failed != "" {
		return fmt.Sprintf("%s\noutput:\n%s", failed, got)
	}
	if got != *c.want {
		return fmt.Sprintf("output:\n%s\nwant:\n%s", got, *c.want)
	}
	return ""
}
