package supervisor

import (
	"strings"
	"sync"
	"time"
)

// A dumpFilter stands in the worker's standard error. Go's runtime writes there
// what it dies of, with the stacks of its own inside; that is for describeDeath to
// read, not for the learner. Text from a line on that begins as such a report does
// is held back until the worker is dead, or until it has plainly not died.
type dumpFilter struct {
	mu       sync.Mutex
	pass     func(text string)
	midline  bool // the last text that was passed did not end a line
	held     strings.Builder
	holding  bool
	release  *time.Timer
	patience time.Duration
	dying    func() bool // the process is dying: there is no use in waiting for it to go on
}

// dumpStarts are how the reports of Go's runtime begin.
var dumpStarts = []string{
	"panic: ", "fatal error: ", "runtime: ", "runtime/cgo: ", "fatal: ",
	"SIG", // SIGSEGV: segmentation violation
	"unexpected fault address ", "fault   0x", "signal ", "[signal ", "goroutine ",
}

// maxDump is how much of a report is kept; the rest is dropped.
const maxDump = 256 << 10

func newDumpFilter(pass func(string)) *dumpFilter {
	return &dumpFilter{pass: pass, patience: 300 * time.Millisecond, dying: func() bool { return false }}
}

func (f *dumpFilter) write(text []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.holding {
		f.hold(string(text))
		if mayStartDump(f.held.String()) {
			return
		}
		text = []byte(f.takeHeld()) // more of the line has come, and it is something else
	}
	rest := string(text)
	for rest != "" {
		if !f.midline && mayStartDump(rest) {
			break
		}
		line := rest
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			line = rest[:i+1]
		}
		f.midline = line[len(line)-1] != '\n'
		rest = rest[len(line):]
	}
	if passed := string(text[:len(text)-len(rest)]); passed != "" {
		f.pass(passed)
	}
	if rest != "" {
		f.holding = true
		f.hold(rest)
		f.release = time.AfterFunc(f.patience, f.alive)
	}
}

func (f *dumpFilter) hold(text string) {
	if room := maxDump - f.held.Len(); room < len(text) {
		text = text[:max(room, 0)]
	}
	f.held.WriteString(text)
}

// alive lets go of what was held: the worker lives, so it was ordinary text. Writing
// a long report may take a while; then it is not let go.
func (f *dumpFilter) alive() {
	dying := f.dying()
	f.mu.Lock()
	defer f.mu.Unlock()
	if dying && f.holding {
		f.release.Reset(f.patience)
		return
	}
	if text := f.takeHeld(); text != "" {
		f.midline = text[len(text)-1] != '\n'
		f.pass(text)
	}
}

// report is what was held when the worker died.
func (f *dumpFilter) report() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.takeHeld()
}

// settle waits until nothing is held.
func (f *dumpFilter) settle() {
	for {
		f.mu.Lock()
		holding := f.holding
		f.mu.Unlock()
		if !holding {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (f *dumpFilter) takeHeld() string {
	if !f.holding {
		return ""
	}
	f.holding = false
	f.release.Stop()
	text := f.held.String()
	f.held.Reset()
	return text
}

// mayStartDump tells whether text begins as a report does, or could when more of
// its first line arrives.
func mayStartDump(text string) bool {
	for _, start := range dumpStarts {
		if strings.HasPrefix(text, start) || strings.HasPrefix(start, text) {
			return true
		}
	}
	return false
}
