package rt

import "sync/atomic"

// Backend is what the worker does for lowered cells. Its methods may be called
// from any goroutine. A cell number 0 means that the caller belongs to no cell.
type Backend interface {
	// Stream takes text for stdout or stderr (name). It must not keep text.
	Stream(cell int, name string, text []byte)
	// Failed tells that a goroutine other than the cell's main one failed.
	Failed(cell int, f *Failure)
	// Ended tells that a goroutine of a cell is over, after Failed.
	Ended(cell int)
	// Ask asks the learner for a line; io.EOF when nobody can answer. It returns
	// early with an error when done is closed.
	Ask(cell int, prompt string, password bool, done <-chan struct{}) (string, error)
	// Hint gives the learner a remark about a running cell.
	Hint(cell int, text string)
}

// Failure is how a goroutine of a cell ended when it did not end well.
type Failure struct {
	Name   string  // stable: Panic, Interrupted, Deadlock, Exit, StackOverflow, LimitExceeded
	Text   string  // what happened, without a position
	Value  any     // the panic's value
	Frames []Frame // innermost first
	Code   int     // of Exit

	Waiting []Goroutine // of Deadlock: all goroutines of the cells
}

func (f *Failure) Error() string { return f.Text }

// Frame is one lowered function on the stack of a failure.
type Frame struct {
	Func string // emitted name
	Pos  int    // position number of package lower, 0 when unknown
}

var backend atomic.Pointer[Backend]

// Install puts b in force. The worker calls it once, before any cell runs.
func Install(b Backend) { backend.Store(&b) }

func installed() Backend {
	if b := backend.Load(); b != nil {
		return *b
	}
	return bare{}
}
