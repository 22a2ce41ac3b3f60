package worker

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"netsplit/kernel/rt"
	"netsplit/kernel/worker/walls"
	"netsplit/runtime/display"
)

// grading is what a worker knows of a grading run; "Grading runs" in package supervisor
// says what that is. The kernel process tells by the environment:
//
//	NBGRADER_EXECUTION  autograde or validate
//	NETSPLIT_WALLS      must, may or off: the walls of package walls
//
// Cells see neither, nor anything else of the instructor's environment.
type grading struct {
	on     bool // it is one
	graded bool // a submission is graded, by whom it counts for
	walls  string

	mu      sync.Mutex
	pledges map[int][]*pledge // by cell
}

// pledge is what a cell owes; see host.Pledge.
type pledge struct {
	what   string
	kept   bool
	result string
}

func gradingFromEnvironment() *grading {
	mode := os.Getenv("NBGRADER_EXECUTION")
	g := &grading{on: mode == "autograde" || mode == "validate", graded: mode == "autograde", walls: os.Getenv("NETSPLIT_WALLS")}
	rt.StrictExit(g.on)
	return g
}

// enclose is called last, before the first cell: from here on the process reaches its
// own directory and nothing else. It returns what stands.
func (g *grading) enclose() (string, error) {
	if !g.on {
		return "", nil
	}
	for _, variable := range os.Environ() {
		// Without GODEBUG Go's runtime would not say whose goroutine it dies of.
		if name, _, _ := strings.Cut(variable, "="); name != "GODEBUG" {
			os.Unsetenv(name)
		}
	}
	os.Setenv("TMPDIR", ".") // os.CreateTemp works, in the only place there is
	if g.walls == "off" {
		return "no walls", nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("walls: %w", err)
	}
	if g.graded && strings.HasPrefix(filepath.Base(dir), "netsplit-grading-") {
		copies.Store(&dir)
	}
	report, err := walls.Raise(dir)
	if err != nil && g.walls == "may" && walls.Missing() != nil {
		return "no walls: " + err.Error(), nil
	}
	return report, err
}

// copies is the folder with copies of data files, once it is known to be one.
var copies atomic.Pointer[string]

// emptyFolder empties the folder of copies: the kernel process is gone, and cannot.
var emptyFolder = sync.OnceFunc(func() {
	folder := copies.Load()
	if folder == nil {
		return
	}
	entries, _ := os.ReadDir(*folder)
	for _, entry := range entries {
		os.RemoveAll(filepath.Join(*folder, entry.Name()))
	}
})

// pledge notes what the calling cell owes.
func (g *grading) pledge(cell int, what string) (keep func(result string)) {
	if !g.on {
		return func(string) {}
	}
	p := &pledge{what: what}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pledges == nil {
		g.pledges = map[int][]*pledge{}
	}
	g.pledges[cell] = append(g.pledges[cell], p)
	return func(result string) {
		g.mu.Lock()
		defer g.mu.Unlock()
		p.kept, p.result = true, result
	}
}

// owes is what a cell still owes that shows this at its end; "" for nothing. What a
// goroutine of it pledges afterwards is not asked for.
func (g *grading) owes(cell int, shown display.Bundle) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := g.pledges[cell]
	for _, p := range list {
		if !p.kept {
			return p.what
		}
	}
	if len(list) == 0 {
		return ""
	}
	if text, _ := shown["text/plain"].(string); text != list[len(list)-1].result {
		return list[len(list)-1].what
	}
	return ""
}

// single shows a result only where it is one value: a grader takes any result for a
// score, and what it cannot read for the full one. Several values become text.
func (g *grading) single(values []any) []any {
	if !g.on || len(values) < 2 {
		return values
	}
	if text, ok := together(values)["text/plain"].(string); ok {
		fmt.Fprintln(rt.Stdout, strings.TrimRight(text, "\n"))
	}
	return nil
}
