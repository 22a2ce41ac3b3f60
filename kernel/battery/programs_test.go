package battery

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestPrograms(t *testing.T) {
	root := filepath.Join(runtime.GOROOT(), "test")
	if _, err := os.Stat(root); err != nil {
		t.Logf("%s is missing: this toolchain came without Go's tests, install Go from its archive to run them", root)
		return
	}
	list, err := os.ReadFile("testdata/go-programs.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := knownFailures(t, "testdata/known-failures.txt")
	name := regexp.MustCompile(*only)
	var right, total atomic.Int64
	t.Run("programs", func(t *testing.T) {
		for i, program := range strings.Fields(string(list)) {
			slow := strings.HasPrefix(known[program], "slow")
			if !name.MatchString(program) || !*all && *only == "." && (i%8 != 0 || slow) {
				continue
			}
			t.Run(program, func(t *testing.T) {
				t.Parallel()
				total.Add(1)
				reason := runProgram(t, root, program)
				switch why, isKnown := known[program]; {
				case reason == "":
					right.Add(1)
					if isKnown && !slow {
						t.Logf("it passes: take it off testdata/known-failures.txt")
					}
				case isKnown:
					t.Logf("known to fail: %s\n%s", why, reason)
				default:
					t.Error(reason)
				}
			})
		}
	})
	t.Logf("%d of %d programs right", right.Load(), total.Load())
}

// runProgram pastes a program and tells what is wrong, or "".
func runProgram(t *testing.T, root, program string) string {
	text, err := os.ReadFile(filepath.Join(root, program))
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	if out, err := os.ReadFile(filepath.Join(root, strings.TrimSuffix(program, ".go")+".out")); err == nil {
		want = string(out)
	}
	k := start(t)
	e, hang := k.run(string(text), 0, 2*time.Minute)
	got := k.output()
	switch {
	case hang:
		return "no answer within two minutes"
	case e != nil:
		return describe(e)
	case got != want:
		if len(got) > 2000 {
			got = got[:2000] + "…"
		}
		return "output:\n" + got + "\nwant:\n" + want
	}
	return ""
}

// knownFailures reads programs or cases and reasons, a line each; lines with # say more.
func knownFailures(t *testing.T, path string) map[string]string {
	known := map[string]string{}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		program, why, ok := strings.Cut(line, ": ")
		if ok && !strings.HasPrefix(line, "#") {
			known[program] = why
		}
	}
	return known
}
