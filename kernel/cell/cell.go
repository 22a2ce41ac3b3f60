// Package cell is the Go front end: it turns the text of a cell into a checked and
// lowered program, and keeps what is live in a notebook. It never runs learner code, so
// it answers while a cell runs, and outlives any worker.
//
//	s := cell.New()
//	p, err := s.Prepare(3, "", "x := 1\nx + 1")  // err is Errors: everything the compiler would say
//	…give p.Define to the worker…
//	s.Commit(p)                                  // now its declarations are live
//	…call p.Entry…
//
// # A cell's way
//
//	split    text -> items: imports, declarations, statements, in any order
//	check    items + live declarations -> types of everything, or errors (go/types)
//	cell     what is live, versions, what must be checked and emitted again
//	lower    checked syntax -> the part of Go that the interpreter executes exactly
//	assist   completion and inspection, from the same checker
//
// In this package: segments.go cuts a cell where a name is declared twice, prepare.go
// checks a part of it together with what depends on it, identity.go tells whether a type
// declared again is the same, typeexpr.go writes the types of variables anew, live.go is
// the set of live declarations, parts.go joins parts at run time, session.go is the API,
// editor.go what editors ask, diagnostics.go and versions.go the words of errors,
// firewall.go what is refused while submissions are graded.
//
// # What is live
//
// A declaration of the newest version of a name, from whatever cell. Cells are
// transactions: Prepare changes nothing, Commit takes over all of it. A program that
// fails when it runs undoes no declaration.
//
// A declaration of a cell is checked once more, with the cell at hand, when something
// that it uses is declared again: a type always, because its methods must be declared
// together with it; a function, variable or constant when its type, or the constant's
// value, is another one. So there may be several objects of go/types for one thing;
// Segment.Reuse tells the lowering which. What does not check any more keeps its earlier
// version and is called stale; the learner is told once.
//
//   - A type declared again with the same structure is the same type: values of the
//     earlier declaration are values of it, and methods are exchanged.
//   - Otherwise it is a new version. Variables keep their type, the earlier version;
//     errors say so. Methods move to the new version where they check.
//   - A variable declared again with the same type keeps its storage.
//   - A function declared again with the same signature is what its callers call.
//   - Code keeps the packages that it was written with when a name of an import is
//     taken for something else.
//
// # Several declarations of a name in one cell
//
// `x := e` keeps the variable x when the cell has declared it before and the type is the
// same, or when something else on the left is new, as in any block of Go; and also when
// e uses an earlier cell's x of that type. Anything else cuts the cell: what comes before
// the second declaration is checked and run before it. So does declaring a name that a
// statement has used in its older meaning. A `defer` of the cell
// waits for its end, whatever is cut.
//
// # What this package does not do
//
// It has no idea of processes, outputs or protocols (packages supervisor and session),
// and none of how Go is executed (package lower).
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
