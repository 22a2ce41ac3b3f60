package supervisor

import "netsplit/kernel/cell"

// FrontEnd is what the supervisor needs to know of Go: package cell's Session (as
// goFrontEnd), or a double of it in tests.
type FrontEnd interface {
	// Prepare checks and lowers a cell. It changes nothing. Its error is a
	// cell.Errors when the cell is not correct Go. Prepare, PrepareExpression, Commit,
	// Definitions and Lose are called by one goroutine at a time.
	Prepare(number int, text string) (*cell.Program, error)

	// PrepareExpression does the same for one expression, of which nothing stays.
	PrepareExpression(number int, text string) (*cell.Program, error)

	// Commit makes a program's declarations live.
	Commit(*cell.Program)

	// Definitions is what a new worker must be given, in order.
	Definitions() []string

	// Lose tells that the values of all variables are gone.
	Lose()

	// Locate turns a position number into a place. ok is false for 0 and for
	// numbers that were never given out. It may be called at any time.
	Locate(pos int) (place cell.Location, ok bool)

	// What an editor asks may be asked at any time. Positions are code points.
	Complete(code string, cursor int) Completion
	Inspect(code string, cursor, detail int) Inspection
	IsComplete(code string) (status, indent string)
}
