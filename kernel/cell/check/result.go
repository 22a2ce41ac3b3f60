package check

import (
	"go/ast"
	"go/token"
	"go/types"
)

// valued are the builtin functions whose value must be used.
var valued = map[string]bool{"append": true, "cap": true, "complex": true, "imag": true, "len": true, "make": true, "max": true, "min": true, "new": true, "real": true}

// disguise lets the checker accept the last expression. A call of a function stands as
// a statement, where it may give nothing or several values, and any "is not used" is
// dropped; every other expression becomes the argument of a function that takes
// anything, which also gives constants their default type.
func (s *segment) disguise() {
	if c, ok := unparen(s.show).(*ast.CallExpr); ok {
		id, _ := unparen(c.Fun).(*ast.Ident)
		if id == nil || !valued[id.Name] || s.in.Lookup(id.Name) != nil {
			return
		}
	}
	anything := types.NewSlice(types.Universe.Lookup("any").Type())
	params := types.NewTuple(types.NewParam(token.NoPos, s.out.Pkg, "v", anything))
	const name = "show·"
	s.out.Pkg.Scope().Insert(types.NewFunc(token.NoPos, s.out.Pkg, name, types.NewSignatureType(nil, nil, nil, params, nil, true)))
	s.declared[name] = true
	s.wrapped = &ast.CallExpr{Fun: &ast.Ident{NamePos: s.show.Pos(), Name: name}, Lparen: s.show.Pos(), Args: []ast.Expr{s.show}, Rparen: s.show.End() - 1}
}

func unparen(e ast.Expr) ast.Expr {
	for {
		p, ok := e.(*ast.ParenExpr)
		if !ok {
			return e
		}
		e = p.X
	}
}

// showAt tells whether an error at a position is about the whole last expression and
// not about a statement inside of it, in a function literal.
func (s *segment) showAt(pos token.Pos) bool {
	inside := false
	ast.Inspect(s.show, func(n ast.Node) bool {
		if f, ok := n.(*ast.FuncLit); ok && f.Body.Pos() <= pos && pos < f.Body.End() {
			inside = true
		}
		return !inside
	})
	return !inside
}

// result decides what the cell shows.
func (s *segment) result() {
	if s.show == nil {
		return
	}
	tv, ok := s.out.Info.Types[s.show]
	call, isCall := unparen(s.show).(*ast.CallExpr)
	if !ok || tv.Type == nil {
		s.out.Show = s.show
		return
	}
	tuple, isTuple := tv.Type.(*types.Tuple)
	if tv.IsVoid() || isTuple && tuple.Len() == 0 || isCall && s.prints(call) {
		s.out.Body = append(s.out.Body, &ast.ExprStmt{X: s.show})
		return
	}
	if b, ok := tv.Type.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 && b.Kind() != types.UntypedNil {
		tv.Type = types.Default(tv.Type)
		s.out.Info.Types[s.show] = tv
	}
	s.out.Show = s.show
	if isCall {
		last := tv.Type
		if isTuple {
			last = tuple.At(tuple.Len() - 1).Type()
		}
		s.out.ShowError = types.Identical(last, types.Universe.Lookup("error").Type())
	}
}

// prints tells whether a call is one of fmt's Print functions, whose values nobody
// wants to see.
func (s *segment) prints(call *ast.CallExpr) bool {
	var id *ast.Ident
	switch f := unparen(call.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	}
	if id == nil {
		return false
	}
	f, ok := s.out.Info.Uses[id].(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != "fmt" {
		return false
	}
	switch f.Name() {
	case "Print", "Printf", "Println", "Fprint", "Fprintf", "Fprintln":
		return true
	}
	return false
}
