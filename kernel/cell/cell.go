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

	Reads []string // variables of earlier cells whose values the cell's own text needs
	Gives []string // variables to which the cell gives a value as a whole, where it runs to its end
	Notes []string // for the learner: what still uses earlier versions of what the cell declares anew

	commit func() // takes over what the cell declares
}

// Diagnostic is one error of a cell. Line and Col count from 1, Col in bytes as the
// compiler prints it; where a //line comment names a file without a column, Col is 0.
type Diagnostic struct {
	File      string // of a //line comment; empty for the cell itself
	Line, Col int
	Message   string // may hold further lines, indented by a tab
	Source    string // the source line
	Caret     int    // the place in Source, from 1, in bytes
	Help      string // what to try, or empty
}

// Errors are all errors of a cell.
type Errors []Diagnostic

// Location is where a position number lies.
type Location struct {
	Cell      int
	File      string // of a //line comment; empty for the cell itself
	Line, Col int
	Func      string // the learner's name of the function; "" at cell level
	Source    string // the source line
	Caret     int    // the place in Source, from 1, in bytes
}
