package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// versions explains an error in which values of an earlier version of a type meet the
// newest: "p has the type P of cell [3], P was redefined in cell [7]".
func (r *round) versions(pos token.Pos, message string) string {
	note := ""
	statements := false // look at whole statements too: what is assigned to stands outside of what is wrong
	names := true       // a variable by its name says most
	visit := func(n ast.Node) bool {
		e, ok := n.(ast.Node)
		switch n.(type) {
		case ast.Expr:
		case *ast.AssignStmt, *ast.SendStmt:
			ok = statements
		default:
			ok = false
		}
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
			if id, ok := x.(*ast.Ident); ok {
				if o, ok := r.out.Info.Uses[id].(*types.Var); ok {
					if old := r.oldType(o.Type()); old != nil {
						note = r.note(x, old)
					}
				}
			} else if old := r.oldType(r.out.Info.Types[x].Type); !names && old != nil && r.out.Info.Types[x].IsValue() {
				note = r.note(x, old)
			}
			return note == ""
		})
		return note == ""
	}
	look := func() {
		for _, it := range r.part.items {
			if it.Pos() <= pos && pos <= it.End() {
				if it.Decl != nil {
					ast.Inspect(it.Decl, visit)
				} else {
					ast.Inspect(it.Stmt, visit)
				}
			}
		}
	}
	look()
	if names = false; note == "" {
		look()
	}
	if statements = strings.HasSuffix(message, " value in assignment") || strings.HasSuffix(message, " value in send"); statements && note == "" {
		look()
	}
	return note
}

func (r *round) note(x ast.Expr, old *types.TypeName) string {
	name := old.Name()
	now := r.cell
	if e := r.under.get(name); e != nil && !r.own[name] {
		now = e.cell
	}
	has := "has the type"
	if _, isFunc := r.out.Info.TypeOf(x).Underlying().(*types.Signature); isFunc {
		has = "uses the type"
	}
	return fmt.Sprintf("%s %s %s of cell %s, %s was redefined in cell %s", types.ExprString(x), has, name,
		r.s.label(r.under.declaredAt(old)), name, r.s.label(now))
}

// oldType finds a type of an earlier version in a type.
func (r *round) oldType(t types.Type) *types.TypeName {
	return findNamed(t, func(o *types.TypeName) bool {
		if o.Pkg() == r.out.Pkg || keyOf(o) == "" || r.under.declaredAt(o) == 0 {
			return false
		}
		e := r.under.get(o.Name())
		return e == nil || e.obj != o || r.own[o.Name()]
	})
}

// earlierType finds a type in a type that is not the newest of its name.
func (l *live) earlierType(t types.Type) *types.TypeName {
	return findNamed(t, func(o *types.TypeName) bool {
		if keyOf(o) == "" || l.declaredAt(o) == 0 {
			return false
		}
		e := l.get(o.Name())
		return e != nil && e.obj != o
	})
}
