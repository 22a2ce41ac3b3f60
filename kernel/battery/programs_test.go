package battery

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Fewer programs right than these fail the test. Raise them when more are.
const (
	floorAll    = 804 // with -all
	floorSample = 802 // without: the slow and the long ones are left out
)

// Each program has to end within programTime. One that takes longer on a loaded machine
// is told, and fails after patience only.
const (
	programTime = 30 * time.Second
	patience    = 4 * programTime
)

func TestPrograms(t *testing.T) {
	root := goTests(t)
	if root == "" {
		return
	}
	known := knownFailures(t, "testdata/known-failures.txt")
	long := knownFailures(t, "testdata/long-programs.txt")
	name := regexp.MustCompile(*only)
	var run, right atomic.Int64
	var mu sync.Mutex
	var late []string
	programs := goPrograms(t)
	t.Run("programs", func(t *testing.T) {
		for _, program := range programs {
			why, listed := known[program]
			slow := strings.HasPrefix(why, "slow")
			if !name.MatchString(program) || !*all && *only == "." && (slow || long[program] != "") {
				continue
			}
			t.Run(program, func(t *testing.T) {
				t.Parallel()
				run.Add(1)
				limit := patience
				if slow {
					limit = programTime
				}
				began := time.Now()
				wrong := runProgram(t, root, program, limit)
				if wrong == "" {
					right.Add(1)
					if d := time.Since(began); d > programTime {
						mu.Lock()
						late = append(late, program+" "+d.Round(time.Second).String())
						mu.Unlock()
					}
				}
				switch {
				case wrong == "" && listed && !slow:
					t.Errorf("it is right now: take it off testdata/known-failures.txt (%s)", why)
				case wrong == "":
				case listed:
					t.Logf("known to fail: %s\n%s", why, wrong)
				default:
					t.Error(wrong)
				}
			})
		}
	})
	t.Logf("%d of %d programs right; all are %d, of which %d are known to fail", right.Load(), run.Load(), len(programs), len(known))
	if len(late) > 0 {
		t.Logf("longer than %s, as on a loaded machine: %s", programTime, strings.Join(late, ", "))
	}
	floor := int64(floorSample)
	if *all {
		floor = floorAll
	}
	if *only == "." && right.Load() < floor {
		t.Errorf("%d programs were right before: repair what has broken", floor)
	}
}

// goTests is the folder of Go's test programs, or "" with a word about it.
func goTests(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("go env GOROOT: %v", err)
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "test")
	if _, err := os.Stat(filepath.Join(root, "helloworld.go")); err != nil {
		t.Logf("%s is missing: this toolchain came without Go's tests (the go command fetched it by itself); install Go from its archive to run them", root)
		return ""
	}
	return root
}

// goPrograms are the names of Go's programs that count.
func goPrograms(t *testing.T) []string {
	t.Helper()
	list, err := os.ReadFile("testdata/go-programs.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(list))
}

// runProgram pastes a program and tells what is wrong, or "".
func runProgram(t *testing.T, root, program string, limit time.Duration) string {
	text, err := os.ReadFile(filepath.Join(root, program))
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	if out, err := os.ReadFile(filepath.Join(root, strings.TrimSuffix(program, ".go")+".out")); err == nil {
		want = string(out)
	}
	k := start(t)
	e, hang := k.run(string(text), 0, limit)
	got := k.output()
	switch {
	case hang:
		return "no answer within " + limit.String()
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
