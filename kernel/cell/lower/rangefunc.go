package lower

import (
	"go/ast"
	"go/types"
)

// rangeBody is what the body of a loop over a function knows of its loop.
type rangeBody struct {
	stmt  *ast.RangeStmt
	state string
}

func (f *fn) rangeFunc(s *ast.RangeStmt, label string, sig *types.Signature) {
	f.errorf(s, "range over a function is not supported")
}

func (f *fn) returnFromRange(s *ast.ReturnStmt) {}

func (f *fn) leavesRange(s *ast.BranchStmt) bool { return false }
