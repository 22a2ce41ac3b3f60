// Package cell is the Go front end: it splits a cell, checks it with go/types
// together with the session's live declarations, and has package lower translate
// it. It keeps what is live; it never runs learner code.
package cell

// Program is a checked and lowered cell, ready for the worker.
type Program struct {
	Cell   int
	Define []string // lowered text, in order: each piece is given to the worker's Define
	Entry  []string // functions to call, in order (one per segment); empty when nothing runs
	Vars   []string // variables that the cell declares or assigns, by the learner's names: lost with the worker
	// (unexported: what Commit takes over)
}

// Diagnostic is one error of a cell. Line and Col count from 1, Col in bytes as the compiler prints it.
type Diagnostic struct {
	Line, Col int
	Message   string
	Source    string // the source line
	Help      string // what to try, or empty
}

// Errors are all errors of a cell.
type Errors []Diagnostic

// Location is where a position number lies.
type Location struct {
	Cell      int
	Line, Col int
	Func      string // the learner's name of the function; "" at cell level
	Source    string // the source line
}
