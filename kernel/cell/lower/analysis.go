package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// usage is what a function does with its local variables; from it follows which
// of them are cells (explicit pointers) in the lowered text.
type usage struct {
	info     *types.Info
	subst    func(types.Type) types.Type
	owner    map[*types.Var]ast.Node // the function (FuncDecl, FuncLit or deferring body) that declares it
	assigned map[*types.Var]int      // assignments beside the declaration
	captured map[*types.Var]bool
	address  map[*types.Var]bool
	defers   map[ast.Node]bool // functions that contain a defer statement
	recovers map[ast.Node]bool // functions that call recover
	escapes  map[ast.Node]bool // range-over-func bodies that leave their loop
}

// cell tells whether v lives behind a pointer.
func (u *usage) cell(v *types.Var) bool {
	return u.address[v] || u.captured[v] && u.assigned[v] > 0
}

// analyse looks at a whole function declaration, or at the body of a cell.
func analyse(info *types.Info, subst func(types.Type) types.Type, fn ast.Node, recv *ast.FieldList, typ *ast.FuncType, body ast.Node, isFuncRange func(*ast.RangeStmt) bool) *usage {
	u := &usage{info: info, subst: subst, owner: map[*types.Var]ast.Node{}, assigned: map[*types.Var]int{}, captured: map[*types.Var]bool{},
		address: map[*types.Var]bool{}, defers: map[ast.Node]bool{}, recovers: map[ast.Node]bool{}, escapes: map[ast.Node]bool{}}
	w := &walker{usage: u, isFuncRange: isFuncRange}
	w.function(fn, recv, typ, body)
	return u
}

type walker struct {
	*usage
	stack       []ast.Node
	isFuncRange func(*ast.RangeStmt) bool
}

// hasDefer tells whether a function's own statements (not those of literals in
// it) contain a defer. A loop over a function counts as the function's own.
func hasDefer(body ast.Node) bool {
	found := false
	if body == nil {
		return false
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return n == body
		case *ast.DeferStmt:
			found = true
		}
		return !found
	})
	return found
}

func hasRecover(info *types.Info, body ast.Node) bool {
	found := false
	if body == nil {
		return false
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
				if b, ok := info.Uses[id].(*types.Builtin); ok && b.Name() == "recover" {
					found = true
				}
			}
			// defer recover() counts for nobody: it is the deferred call itself.
		}
		return !found
	})
	return found
}

func (w *walker) function(fn ast.Node, recv *ast.FieldList, typ *ast.FuncType, body ast.Node) {
	w.stack = append(w.stack, fn)
	declare := func(l *ast.FieldList) {
		if l == nil {
			return
		}
		for _, f := range l.List {
			for _, n := range f.Names {
				w.define(n)
			}
		}
	}
	declare(recv)
	if typ != nil {
		declare(typ.Params)
		declare(typ.Results)
	}
	if hasRecover(w.info, body) {
		w.recovers[fn] = true
	}
	if hasDefer(body) {
		// The body runs as a closure of its own, which captures parameters and
		// results.
		w.defers[fn] = true
		if typ != nil && typ.Results != nil {
			for _, f := range typ.Results.List {
				for _, n := range f.Names {
					if v, ok := w.info.Defs[n].(*types.Var); ok {
						w.address[v] = true
					}
				}
			}
		}
		w.stack = append(w.stack, body)
		ast.Walk(w, body)
		w.stack = w.stack[:len(w.stack)-1]
	} else if body != nil {
		ast.Walk(w, body)
	}
	w.stack = w.stack[:len(w.stack)-1]
}

func (w *walker) define(id *ast.Ident) {
	if v, ok := w.info.Defs[id].(*types.Var); ok && v != nil {
		w.owner[v] = w.stack[len(w.stack)-1]
	}
}

func (w *walker) use(id *ast.Ident) {
	if v, ok := w.info.Uses[id].(*types.Var); ok {
		if o, ok := w.owner[v]; ok && o != w.stack[len(w.stack)-1] {
			w.captured[v] = true
		}
	}
}

// typeOf is an expression's type, type parameters replaced.
func (u *usage) typeOf(e ast.Expr) types.Type { return u.subst(u.info.TypeOf(e)) }

// root is the local variable that an addressable expression is part of, or nil.
func (u *usage) root(e ast.Expr) *types.Var {
	info := u.info
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			if v, ok := info.Uses[x].(*types.Var); ok {
				return v
			}
			v, _ := info.Defs[x].(*types.Var)
			return v
		case *ast.SelectorExpr:
			s := info.Selections[x]
			if s == nil {
				return nil
			}
			if s.Indirect() {
				return nil
			}
			if _, ok := u.typeOf(x.X).Underlying().(*types.Pointer); ok {
				return nil
			}
			e = x.X
		case *ast.IndexExpr:
			if _, ok := u.typeOf(x.X).Underlying().(*types.Array); !ok {
				return nil
			}
			e = x.X
		default:
			return nil
		}
	}
}

func (w *walker) assign(e ast.Expr) {
	if v := w.root(e); v != nil {
		w.assigned[v]++
	}
}

func (w *walker) addressOf(e ast.Expr) {
	if v := w.root(e); v != nil {
		w.address[v] = true
	}
}

func (w *walker) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.FuncLit:
		w.function(n, nil, n.Type, n.Body)
		return nil
	case *ast.Ident:
		w.define(n)
		w.use(n)
	case *ast.AssignStmt:
		for _, l := range n.Lhs {
			if id, ok := l.(*ast.Ident); ok && n.Tok == token.DEFINE && w.info.Defs[id] != nil {
				continue
			}
			w.assign(l)
		}
	case *ast.IncDecStmt:
		w.assign(n.X)
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			if n.Key != nil {
				w.assign(n.Key)
			}
			if n.Value != nil {
				w.assign(n.Value)
			}
		}
		if w.isFuncRange(n) {
			// The body is a function of its own.
			ast.Walk(w, n.X)
			if n.Tok == token.ASSIGN {
				if n.Key != nil {
					ast.Walk(w, n.Key)
				}
				if n.Value != nil {
					ast.Walk(w, n.Value)
				}
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if v := w.root(orBlank(e)); v != nil {
						w.captured[v] = true
					}
				}
			}
			w.stack = append(w.stack, n)
			if n.Tok == token.DEFINE {
				if n.Key != nil {
					ast.Walk(w, n.Key)
				}
				if n.Value != nil {
					ast.Walk(w, n.Value)
				}
			}
			ast.Walk(w, n.Body)
			w.stack = w.stack[:len(w.stack)-1]
			return nil
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			w.addressOf(n.X)
		}
	case *ast.SliceExpr:
		if _, ok := w.typeOf(n.X).Underlying().(*types.Array); ok {
			w.addressOf(n.X)
		}
	case *ast.SelectorExpr:
		if s := w.info.Selections[n]; s != nil && s.Kind() == types.MethodVal {
			f := s.Obj().(*types.Func)
			recv := f.Signature().Recv()
			if recv != nil {
				if _, ptr := types.Unalias(recv.Type()).(*types.Pointer); ptr {
					if _, isPtr := w.typeOf(n.X).Underlying().(*types.Pointer); !isPtr {
						w.addressOf(n.X)
					}
				}
			}
		}
	case *ast.CaseClause:
		if v, ok := w.info.Implicits[n].(*types.Var); ok {
			w.owner[v] = w.stack[len(w.stack)-1]
		}
	}
	return w
}

func orBlank(e ast.Expr) ast.Expr {
	if e == nil {
		return &ast.Ident{Name: "_"}
	}
	return e
}

// mentions tells whether a node uses the object.
func mentions(info *types.Info, n ast.Node, o types.Object) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && info.Uses[id] == o {
			found = true
		}
		return !found
	})
	return found
}
