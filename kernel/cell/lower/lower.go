// Package lower translates checked Go into the part of Go that yaegi executes
// exactly (the core subset). See doc.go for the passes.
package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Segment is a checked piece of a cell, in the order in which it runs. Most cells
// are one segment; a cell that declares a name twice is several.
type Segment struct {
	Cell int // number of the cell, part of emitted names and positions
	Fset *token.FileSet
	Pkg  *types.Package // path "main", fresh for this segment; earlier live objects are in its scope
	Info *types.Info    // all maps filled: Types, Instances, Defs, Uses, Implicits, Selections, Scopes, InitOrder

	// Decls are the type and function declarations (methods included) of the
	// segment, and those of earlier cells that must be emitted again because
	// something they depend on was redefined. Functions and methods of earlier
	// cells that are not listed keep their emitted names.
	Decls []ast.Decl

	// Body is what runs, in order. A cell-level variable is a *types.Var of the
	// package scope: `x := e` and `var x T = e` stand in Body as they were written
	// (AssignStmt with DEFINE, DeclStmt), Info.Defs of the names are package-level
	// variables, and their storage outlives the cell.
	Body []ast.Stmt

	// Show is the last expression, whose value is the cell's result, or nil. It is
	// not in Body. ShowError tells that a trailing nil error of its tuple is dropped
	// (a call that gives nothing but a nil error has no result).
	Show      ast.Expr
	ShowError bool

	// Reuse maps a variable (or type, function) object of this segment to the
	// object of an earlier cell whose storage (identity, entry) it takes over:
	// same name, identical type.
	Reuse map[types.Object]types.Object
}
