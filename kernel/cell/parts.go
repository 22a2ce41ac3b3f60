package cell

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"netsplit/kernel/cell/lower"
)

// joinParts lets the parts of a cell end together. Each part becomes a function of its
// own, so a `return` of the cell in one of them must keep the others from running. That
// a `defer` waits for the last part is up to the lowering.
func joinParts(segments []*lower.Segment) {
	if len(segments) < 2 {
		return
	}
	returns := false
	for _, seg := range segments[:len(segments)-1] {
		for _, st := range seg.Body {
			atCellLevel(st, func(n ast.Node) {
				if _, ok := n.(*ast.ReturnStmt); ok {
					returns = true
				}
			})
		}
	}
	if !returns {
		return
	}
	first := segments[0]
	returned := types.NewVar(token.NoPos, first.Pkg, "returned·", types.Typ[types.Bool])
	first.Pkg.Scope().Insert(returned)
	for i, seg := range segments {
		use := func(pos token.Pos) *ast.Ident {
			id := &ast.Ident{NamePos: pos, Name: returned.Name()}
			seg.Info.Uses[id] = returned
			seg.Info.Types[id] = types.TypeAndValue{Type: returned.Type()}
			return id
		}
		truth := func(pos token.Pos, v bool) *ast.Ident {
			id := &ast.Ident{NamePos: pos, Name: constant.MakeBool(v).String()}
			seg.Info.Uses[id] = types.Universe.Lookup(id.Name)
			seg.Info.Types[id] = types.TypeAndValue{Type: returned.Type(), Value: constant.MakeBool(v)}
			return id
		}
		for k, st := range seg.Body {
			seg.Body[k] = replaceReturns(st, func(r *ast.ReturnStmt) ast.Stmt {
				set := &ast.AssignStmt{Lhs: []ast.Expr{use(r.Pos())}, TokPos: r.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{truth(r.Pos(), true)}}
				return &ast.BlockStmt{Lbrace: r.Pos(), List: []ast.Stmt{set, r}, Rbrace: r.End()}
			})
		}
		pos := token.NoPos
		if len(seg.Body) > 0 {
			pos = seg.Body[0].Pos()
		} else if seg.Show != nil {
			pos = seg.Show.Pos()
		}
		if i == 0 {
			id := &ast.Ident{NamePos: pos, Name: returned.Name()}
			seg.Info.Defs[id] = returned
			begin := &ast.AssignStmt{Lhs: []ast.Expr{id}, TokPos: pos, Tok: token.DEFINE, Rhs: []ast.Expr{truth(pos, false)}}
			seg.Body = append([]ast.Stmt{begin}, seg.Body...)
			continue
		}
		end := &ast.IfStmt{If: pos, Cond: use(pos), Body: &ast.BlockStmt{Lbrace: pos, List: []ast.Stmt{&ast.ReturnStmt{Return: pos}}, Rbrace: pos}}
		seg.Body = append([]ast.Stmt{end}, seg.Body...)
	}
}

// atCellLevel visits a statement but not the functions in it.
func atCellLevel(st ast.Stmt, visit func(ast.Node)) {
	ast.Inspect(st, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if n != nil {
			visit(n)
		}
		return true
	})
}

// replaceReturns replaces the returns of a cell, those in functions left alone.
func replaceReturns(st ast.Stmt, with func(*ast.ReturnStmt) ast.Stmt) ast.Stmt {
	if r, ok := st.(*ast.ReturnStmt); ok {
		return with(r)
	}
	if l, ok := st.(*ast.LabeledStmt); ok {
		l.Stmt = replaceReturns(l.Stmt, with)
		return l
	}
	list := func(list []ast.Stmt) {
		for i, s := range list {
			if r, ok := s.(*ast.ReturnStmt); ok {
				list[i] = with(r)
			} else if l, ok := s.(*ast.LabeledStmt); ok {
				l.Stmt = replaceReturns(l.Stmt, with)
			}
		}
	}
	// The lists are found first and changed afterwards, lest what is put in is visited.
	var lists [][]ast.Stmt
	atCellLevel(st, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.BlockStmt:
			lists = append(lists, n.List)
		case *ast.CaseClause:
			lists = append(lists, n.Body)
		case *ast.CommClause:
			lists = append(lists, n.Body)
		}
	})
	for _, l := range lists {
		list(l)
	}
	return st
}
