package check

import (
	"go/ast"
	"go/types"
	"strings"
)

// nameFields writes the names of fields into literals of structs that earlier cells
// declared, where the checker complained because they are unexported in what it takes
// for another package. It tells whether it changed anything.
func (s *segment) nameFields() bool {
	bad := false
	for _, e := range s.errs {
		if strings.HasPrefix(e.Msg, "implicit assignment to unexported field") {
			bad = true
		}
	}
	if !bad {
		return false
	}
	changed := false
	for e, tv := range s.out.Info.Types {
		lit, ok := e.(*ast.CompositeLit)
		if !ok || len(lit.Elts) == 0 || tv.Type == nil {
			continue
		}
		t := tv.Type
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok || len(lit.Elts) != st.NumFields() {
			continue
		}
		if p := st.Field(0).Pkg(); p == nil || p.Path() != "main" {
			continue
		}
		if _, keyed := lit.Elts[0].(*ast.KeyValueExpr); keyed {
			continue
		}
		blank := false
		for i := range st.NumFields() {
			blank = blank || st.Field(i).Name() == "_"
		}
		if blank {
			continue
		}
		for i, v := range lit.Elts {
			lit.Elts[i] = &ast.KeyValueExpr{Key: &ast.Ident{NamePos: v.Pos(), Name: st.Field(i).Name()}, Colon: v.Pos(), Value: v}
		}
		changed = true
	}
	return changed
}
