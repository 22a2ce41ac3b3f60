package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// versions explains an error in which values of an earlier version of a type meet the
// newest: "p has the type P of cell [3], P was redefined in cell [7]".
func (r *round) versions(pos token.Pos, message string) string {
	note := ""
	visit := func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok || note != "" {
			return note == ""
		}
		if e.Pos() > pos || pos >= e.End() {
			return true
		}
		ast.Inspect(e, func(n ast.Node) bool {
			x, ok := n.(ast.Expr)
			if !ok || note != "" {
				return note == ""
			}
			if old := r.oldType(r.out.Info.Types[x].Type, map[types.Type]bool{}); old != nil && r.out.Info.Types[x].IsValue() {
				note = r.note(x, old)
			} else if id, ok := x.(*ast.Ident); ok {
				if o, ok := r.out.Info.Uses[id].(*types.Var); ok {
					if old := r.oldType(o.Type(), map[types.Type]bool{}); old != nil {
						note = r.note(x, old)
					}
				}
			}
			return note == ""
		})
		return note == ""
	}
	for _, it := range r.part.items {
		if it.Pos() <= pos && pos <= it.End() {
			if it.Decl != nil {
				ast.Inspect(it.Decl, visit)
			} else {
				ast.Inspect(it.Stmt, visit)
			}
		}
	}
	return note
}

func (r *round) note(x ast.Expr, old *types.TypeName) string {
	name := old.Name()
	newest := r.under.get(name)
	now := 0
	if newest != nil {
		now = newest.cell
	}
	if r.own[name] {
		now = r.cell
	}
	return fmt.Sprintf("%s has the type %s of cell [%d], %s was redefined in cell [%d]", types.ExprString(x), name, r.under.declaredAt(old), name, now)
}

// oldType finds a type of an earlier version in a type.
func (r *round) oldType(t types.Type, seen map[types.Type]bool) *types.TypeName {
	var found *types.TypeName
	var walk func(t types.Type)
	walk = func(t types.Type) {
		if t == nil || found != nil || seen[t] {
			return
		}
		seen[t] = true
		switch t := types.Unalias(t).(type) {
		case *types.Named:
			o := t.Origin().Obj()
			if o.Pkg() != nil && o.Pkg().Path() == "main" && keyOf(o) != "" && o.Pkg() != r.out.Pkg {
				if e := r.under.get(o.Name()); e == nil || e.obj != o || r.own[o.Name()] {
					if r.under.declaredAt(o) != 0 {
						found = o
						return
					}
				}
			}
			for i := range t.TypeArgs().Len() {
				walk(t.TypeArgs().At(i))
			}
		case *types.Pointer:
			walk(t.Elem())
		case *types.Slice:
			walk(t.Elem())
		case *types.Array:
			walk(t.Elem())
		case *types.Map:
			walk(t.Key())
			walk(t.Elem())
		case *types.Chan:
			walk(t.Elem())
		case *types.Signature:
			for i := range t.Params().Len() {
				walk(t.Params().At(i).Type())
			}
			for i := range t.Results().Len() {
				walk(t.Results().At(i).Type())
			}
		}
	}
	walk(t)
	return found
}
