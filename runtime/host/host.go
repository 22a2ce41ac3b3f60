// Package host is the seam between the runtime and whatever runs the code.
//
// Packages of the runtime call the functions here; they never know whether they
// run in a kernel's worker, in netsplit run or in go test. The kernel's worker
// calls Install once with its own Host. Outside a kernel the default host is in
// force: text goes to standard output, nothing is ever cancelled, there is no
// front end to ask for input and no limit.
//
// # Who runs
//
// Code belongs to an Owner: the cell that started it. A goroutine takes its owner
// from the goroutine that started it. Code that is resumed on behalf of another
// cell (a simulated world built in one cell and run in a later one) says so with
// Become, so that an interrupt of the running cell reaches it.
//
// # Stopping
//
// Cancelled tells whether the calling goroutine's owner is to stop. Compiled
// loops that may run long look at it every few thousand steps and then call
// Stop, which ends the goroutine (deferred functions run, recover does not see
// it). Guards in lowered cells do the same by themselves.
//
// # Mistakes
//
// Misuse of an API of the runtime (a node that does not exist, a negative
// probability) panics with *Mistake. The kernel prints it as a sentence. An error
// value, by contrast, is for what a correct program can meet.
package host

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
)

// Owner identifies the cell that code belongs to. The zero Owner is "no cell".
// The value is opaque; only the host that issued it gives it meaning.
type Owner struct{ ID any }

// MIME is a MIME bundle: media type to content. Text types hold strings,
// application/json and types ending in +json hold values that encoding/json
// can write as an object or array, binary types hold base64 text.
type MIME map[string]any

// Shown is one display as a front end gets it.
type Shown struct {
	Data     MIME
	Metadata MIME
	ID       string // display id; empty for none
	Update   bool   // replace the earlier display with this ID
}

// Limits are what code may use. Zero means no limit.
type Limits struct {
	MemoryBytes int64
	OutputBytes int64
	Goroutines  int
	CellSeconds float64
}

// CommEvent is a message from the front end on a comm: Kind is "msg" or "close".
type CommEvent struct {
	Kind     string
	Data     map[string]any
	Metadata map[string]any
	Buffers  [][]byte
}

// Host is what runs the code. The worker implements it; see the functions of
// this package for what each method promises.
type Host interface {
	Owner() Owner
	Become(Owner)
	Cancelled() bool
	Stop()
	Display(Shown)
	Clear(wait bool)
	Stdout() io.Writer
	Stderr() io.Writer
	Input(prompt string, password bool) (string, error)
	CommOpen(id, target string, data, metadata map[string]any, buffers [][]byte, on func(CommEvent)) error
	CommSend(id string, data, metadata map[string]any, buffers [][]byte) error
	CommClose(id string, data map[string]any) error
	Limits() Limits
	Describe(v any) Description
}

var installed atomic.Pointer[Host]

// Install puts h in force for the whole process. It is called once, before any
// code that uses the package runs.
func Install(h Host) { installed.Store(&h) }

func current() Host {
	if h := installed.Load(); h != nil {
		return *h
	}
	return plain{}
}

// InKernel tells whether a kernel's host is in force.
func InKernel() bool { return installed.Load() != nil }

// Current is the owner of the calling goroutine.
func Current() Owner { return current().Owner() }

// Become makes the calling goroutine belong to o from now on.
func Become(o Owner) { current().Become(o) }

// Cancelled tells whether the calling goroutine's owner has been told to stop.
// It costs a few nanoseconds.
func Cancelled() bool { return current().Cancelled() }

// Stop ends the calling goroutine because its owner was cancelled. Deferred
// functions run. It does not return.
func Stop() { current().Stop() }

// Display shows a MIME bundle, or with Update replaces the one shown with the same ID.
func Display(s Shown) { current().Display(s) }

// Clear clears the outputs of the running cell; with wait only when the next output arrives.
func Clear(wait bool) { current().Clear(wait) }

// Stdout and Stderr are where text of the calling goroutine's cell goes.
func Stdout() io.Writer { return current().Stdout() }

// Stderr is the error stream of the calling goroutine's cell.
func Stderr() io.Writer { return current().Stderr() }

// Input asks the learner for a line, without its newline. It returns io.EOF
// where nobody can answer.
func Input(prompt string, password bool) (string, error) { return current().Input(prompt, password) }

// CommOpen opens a comm to the front end; on is called for each message from it.
func CommOpen(id, target string, data, metadata map[string]any, buffers [][]byte, on func(CommEvent)) error {
	return current().CommOpen(id, target, data, metadata, buffers, on)
}

// CommSend sends a message on an open comm.
func CommSend(id string, data, metadata map[string]any, buffers [][]byte) error {
	return current().CommSend(id, data, metadata, buffers)
}

// CommClose closes a comm.
func CommClose(id string, data map[string]any) error { return current().CommClose(id, data) }

// NewID gives an id for a display or a comm. It is the same in every run of a
// notebook: a host makes it of the cell and a counter.
func NewID() string {
	if h, ok := current().(interface{ NewID() string }); ok {
		return h.NewID()
	}
	return fmt.Sprintf("id-%d", lastID.Add(1))
}

var lastID atomic.Int64

// Graded tells whether a submission is being graded. Points then count only for checks
// that are there, and results that are only shown are not computed: nobody looks at
// them. The host knows it from whoever started it; outside a kernel it is false.
func Graded() bool {
	h, ok := current().(interface{ Graded() bool })
	return ok && h.Graded()
}

// Pledge says that the calling cell owes something: what is a sentence for the case
// that it ends without it. The cell keeps its word by calling keep with the text that
// its last expression must then show. In a grading run a cell that does not is an
// error; elsewhere nothing follows.
func Pledge(what string) (keep func(result string)) {
	if h, ok := current().(interface {
		Pledge(what string) (keep func(result string))
	}); ok {
		return h.Pledge(what)
	}
	return func(string) {}
}

// Bundle is the MIME bundle of a value that shows itself by a method which only
// the host can see, because the type was declared in a cell. Package display asks
// for it.
func Bundle(v any) (MIME, bool) {
	if h, ok := current().(interface{ Bundle(v any) (MIME, bool) }); ok {
		return h.Bundle(v)
	}
	return nil, false
}

// LimitsInForce are the limits of the calling code.
func LimitsInForce() Limits { return current().Limits() }

// Mistake is the panic value for misuse of an API of the runtime: Text is a
// sentence that says what happened, what was expected and what to try.
type Mistake struct{ Text string }

func (m *Mistake) Error() string { return m.Text }

// Mistakef panics with a Mistake.
func Mistakef(format string, args ...any) { panic(&Mistake{Text: fmt.Sprintf(format, args...)}) }

// Unwind is a private panic value with which the runtime ends a process of a
// simulated world (crash, end of run). A cell's recover never sees it: it goes
// on unwinding. Each user of Unwind makes its own value and compares pointers.
type Unwind struct{ Why string }

func (u *Unwind) Error() string { return "unwinding: " + u.Why }

// plain is the host outside a kernel.
type plain struct{}

func (plain) Owner() Owner      { return Owner{} }
func (plain) Become(Owner)      {}
func (plain) Cancelled() bool   { return false }
func (plain) Stop()             { runtime.Goexit() }
func (plain) Clear(bool)        {}
func (plain) Stdout() io.Writer { return os.Stdout }
func (plain) Stderr() io.Writer { return os.Stderr }
func (plain) Display(s Shown) {
	if text, ok := s.Data["text/plain"].(string); ok {
		fmt.Println(strings.TrimRight(text, "\n"))
	}
}
func (plain) Input(string, bool) (string, error) { return "", io.EOF }
func (plain) CommOpen(string, string, map[string]any, map[string]any, [][]byte, func(CommEvent)) error {
	return ErrNoFrontEnd
}
func (plain) CommSend(string, map[string]any, map[string]any, [][]byte) error { return ErrNoFrontEnd }
func (plain) CommClose(string, map[string]any) error                          { return ErrNoFrontEnd }
func (plain) Limits() Limits                                                  { return Limits{} }
func (plain) Describe(v any) Description                                      { return Reflect(v) }

// ErrNoFrontEnd says that there is nobody to talk to over a comm.
var ErrNoFrontEnd = fmt.Errorf("host: no front end is connected")
