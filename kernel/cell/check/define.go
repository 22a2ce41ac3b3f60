package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"netsplit/kernel/cell/split"
)

// keep is a statement x, y := e that assigns to some variables instead of declaring
// them. The checker sees stand-ins declared in their place; settle compares the types.
type keep struct {
	item     *split.Item
	names    []*ast.Ident // that keep their variables
	standins []*ast.Ident // for each of names, nil where an assignment is checked instead
	strict   bool         // the types must be identical: nothing new is declared, or not as in a block
}

// hoist declares the variables of x, y := e at package level. It returns what must be
// checked besides.
//
// Where nothing else is new, a name declared again keeps its variable only if the type
// is the same; beside a new one it is assigned to, as in a block of Go.
func (s *segment) hoist(it *split.Item, a *ast.AssignStmt, names []*ast.Ident) []ast.Stmt {
	s.hoisted[a] = true
	kept := s.in.Kept[it]
	k := keep{item: it, strict: true}
	declare := func(names []*ast.Ident, values []ast.Expr) {
		s.addDecl(&ast.GenDecl{Tok: token.VAR, TokPos: a.Pos(), Specs: []ast.Spec{&ast.ValueSpec{Names: names, Values: values}}})
	}
	for _, id := range names {
		if !kept[id.Name] {
			s.declared[id.Name] = true
			if id.Name != "_" {
				k.strict = false
			}
		}
	}
	if len(kept) == 0 {
		declare(names, a.Rhs)
		return nil
	}
	standin := func(id *ast.Ident) *ast.Ident {
		c := &ast.Ident{NamePos: id.NamePos, Name: fmt.Sprintf("%s·%d", id.Name, int(id.Pos()))}
		s.declared[c.Name] = true
		k.names, k.standins = append(k.names, id), append(k.standins, c)
		return c
	}
	var stmts []ast.Stmt
	if len(names) == len(a.Rhs) {
		for i, id := range names {
			value := a.Rhs[i : i+1]
			switch {
			case !kept[id.Name]:
				declare([]*ast.Ident{id}, value)
			case k.strict:
				declare([]*ast.Ident{standin(id)}, value)
			default:
				k.names, k.standins = append(k.names, id), append(k.standins, nil)
				stmts = append(stmts, &ast.AssignStmt{Lhs: []ast.Expr{id}, TokPos: a.TokPos, Tok: token.ASSIGN, Rhs: value})
			}
		}
	} else {
		var list []*ast.Ident
		for _, id := range names {
			if kept[id.Name] {
				id = standin(id)
			}
			list = append(list, id)
		}
		declare(list, a.Rhs)
	}
	s.keeps = append(s.keeps, k)
	return stmts
}

// settle decides whether the kept variables can be kept.
func (s *segment) settle() {
	scope := s.out.Pkg.Scope()
	for _, k := range s.keeps {
		fits := true
		for _, e := range s.errs {
			if k.item.Pos() <= e.Pos && e.Pos < k.item.End() {
				fits = false
			}
		}
		for i, id := range k.names {
			target := scope.Lookup(id.Name)
			v, ok := target.(*types.Var)
			if !ok {
				v, ok = s.in.Lookup(id.Name).(*types.Var)
			}
			if !ok {
				fits = false
				continue
			}
			s.out.Info.Uses[id] = v
			if k.standins[i] == nil {
				continue
			}
			t := s.out.Info.Defs[k.standins[i]].Type()
			if k.strict {
				fits = fits && types.Identical(t, v.Type())
			} else {
				fits = fits && types.AssignableTo(t, v.Type())
			}
		}
		if !fits {
			s.out.Recut = append(s.out.Recut, k.item)
		}
	}
}
