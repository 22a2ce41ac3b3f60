package check

import (
	"go/types"
)

// transplant makes package-level variables of those that a Local segment declares.
// They were checked as variables of a function, because there the right side still
// sees the older meaning of the name; from now on they are variables of the cell.
func (s *segment) transplant() {
	pkg := types.NewPackage("main", "main")
	for i, v := range s.out.Vars {
		v2 := types.NewVar(v.Pos(), pkg, v.Name(), v.Type())
		pkg.Scope().Insert(v2)
		for id, o := range s.out.Info.Defs {
			if o == v {
				s.out.Info.Defs[id] = v2
			}
		}
		s.out.Vars[i] = v2
	}
	s.out.Pkg = pkg
}
