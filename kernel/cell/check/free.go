package check

import (
	"go/ast"
	"go/token"
)

// Free gives the identifiers that occur free in nodes: those that are neither
// declared inside of them nor the second half of a selector. A key of a composite
// literal may be the name of a field; it is listed all the same.
//
// It works without types, before anything is known about a cell, and so it may
// name an identifier too many, never one too few.
func Free(nodes ...ast.Node) []*ast.Ident {
	w := &freeWalker{}
	for _, n := range nodes {
		w.node(n)
	}
	return w.out
}

// FreeNames is Free as a set of names.
func FreeNames(nodes ...ast.Node) map[string]bool {
	m := map[string]bool{}
	for _, id := range Free(nodes...) {
		m[id.Name] = true
	}
	return m
}

type freeWalker struct {
	out    []*ast.Ident
	scopes []map[string]bool
}

func (w *freeWalker) push() { w.scopes = append(w.scopes, nil) }
func (w *freeWalker) pop()  { w.scopes = w.scopes[:len(w.scopes)-1] }

func (w *freeWalker) declare(id *ast.Ident) {
	if id == nil || id.Name == "_" || len(w.scopes) == 0 {
		return
	}
	top := len(w.scopes) - 1
	if w.scopes[top] == nil {
		w.scopes[top] = map[string]bool{}
	}
	w.scopes[top][id.Name] = true
}

func (w *freeWalker) use(id *ast.Ident) {
	if id == nil || id.Name == "_" {
		return
	}
	for i := len(w.scopes) - 1; i >= 0; i-- {
		if w.scopes[i][id.Name] {
			return
		}
	}
	w.out = append(w.out, id)
}

// node walks anything. Only what opens a scope, declares or hides names has a case
// of its own.
func (w *freeWalker) node(n ast.Node) {
	switch n := n.(type) {
	case nil:
	case *ast.Ident:
		w.use(n)
	case *ast.SelectorExpr:
		w.node(n.X)
	case *ast.KeyValueExpr:
		w.node(n.Key)
		w.node(n.Value)
	case *ast.FuncLit:
		w.push()
		w.signature(nil, n.Type)
		w.block(n.Body)
		w.pop()
	case *ast.FuncDecl:
		w.push()
		w.signature(n.Recv, n.Type)
		if n.Body != nil {
			w.block(n.Body)
		}
		w.pop()
	case *ast.FuncType:
		w.push()
		w.signature(nil, n)
		w.pop()
	case *ast.StructType:
		for _, f := range n.Fields.List {
			w.node(f.Type)
		}
	case *ast.InterfaceType:
		for _, f := range n.Methods.List {
			w.node(f.Type)
		}
	case *ast.BlockStmt:
		w.push()
		w.block(n)
		w.pop()
	case *ast.IfStmt:
		w.push()
		w.stmt(n.Init)
		w.node(n.Cond)
		w.node(n.Body)
		w.stmt(n.Else)
		w.pop()
	case *ast.ForStmt:
		w.push()
		w.stmt(n.Init)
		if n.Cond != nil {
			w.node(n.Cond)
		}
		w.stmt(n.Post)
		w.node(n.Body)
		w.pop()
	case *ast.RangeStmt:
		w.push()
		w.node(n.X)
		for _, e := range []ast.Expr{n.Key, n.Value} {
			if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
				w.declare(id)
			} else if e != nil {
				w.node(e)
			}
		}
		w.node(n.Body)
		w.pop()
	case *ast.SwitchStmt:
		w.push()
		w.stmt(n.Init)
		if n.Tag != nil {
			w.node(n.Tag)
		}
		w.node(n.Body)
		w.pop()
	case *ast.TypeSwitchStmt:
		w.push()
		w.stmt(n.Init)
		w.stmt(n.Assign)
		w.node(n.Body)
		w.pop()
	case *ast.CaseClause:
		for _, e := range n.List {
			w.node(e)
		}
		w.push()
		w.stmts(n.Body)
		w.pop()
	case *ast.CommClause:
		w.push()
		w.stmt(n.Comm)
		w.stmts(n.Body)
		w.pop()
	case *ast.LabeledStmt:
		w.stmt(n.Stmt)
	case *ast.BranchStmt:
	case *ast.AssignStmt:
		for _, e := range n.Rhs {
			w.node(e)
		}
		for _, e := range n.Lhs {
			if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
				w.declare(id)
			} else {
				w.node(e)
			}
		}
	case *ast.DeclStmt:
		w.node(n.Decl)
	case *ast.GenDecl:
		for _, s := range n.Specs {
			w.node(s)
		}
	case *ast.ValueSpec:
		if n.Type != nil {
			w.node(n.Type)
		}
		for _, e := range n.Values {
			w.node(e)
		}
		for _, id := range n.Names {
			w.declare(id)
		}
	case *ast.TypeSpec:
		// At cell level the name itself is not free either.
		w.push()
		w.declare(n.Name)
		w.typeParams(n.TypeParams)
		w.node(n.Type)
		w.pop()
		w.declare(n.Name)
	case *ast.ImportSpec:
	default:
		// Plain expressions and statements: walk the children.
		ast.Inspect(n, func(c ast.Node) bool {
			if c == nil || c == n {
				return true
			}
			w.node(c)
			return false
		})
	}
}

func (w *freeWalker) stmt(s ast.Stmt) {
	if s != nil {
		w.node(s)
	}
}

func (w *freeWalker) stmts(list []ast.Stmt) {
	for _, s := range list {
		w.node(s)
	}
}

// block walks a body in the scope of its parameters.
func (w *freeWalker) block(b *ast.BlockStmt) {
	if b != nil {
		w.stmts(b.List)
	}
}

func (w *freeWalker) signature(recv *ast.FieldList, t *ast.FuncType) {
	if recv != nil {
		for _, f := range recv.List {
			w.receiver(f.Type)
		}
	}
	w.typeParams(t.TypeParams)
	lists := []*ast.FieldList{t.Params, t.Results}
	for _, l := range lists {
		if l != nil {
			for _, f := range l.List {
				w.node(f.Type)
			}
		}
	}
	for _, l := range append(lists, recv) {
		if l != nil {
			for _, f := range l.List {
				for _, id := range f.Names {
					w.declare(id)
				}
			}
		}
	}
}

// receiver uses the base type and declares the type parameters of a receiver.
func (w *freeWalker) receiver(t ast.Expr) {
	switch t := t.(type) {
	case *ast.StarExpr:
		w.receiver(t.X)
	case *ast.ParenExpr:
		w.receiver(t.X)
	case *ast.IndexExpr:
		w.node(t.X)
		if id, ok := t.Index.(*ast.Ident); ok {
			w.declare(id)
		}
	case *ast.IndexListExpr:
		w.node(t.X)
		for _, e := range t.Indices {
			if id, ok := e.(*ast.Ident); ok {
				w.declare(id)
			}
		}
	default:
		w.node(t)
	}
}

func (w *freeWalker) typeParams(l *ast.FieldList) {
	if l == nil {
		return
	}
	for _, f := range l.List {
		for _, id := range f.Names {
			w.declare(id)
		}
	}
	for _, f := range l.List {
		w.node(f.Type)
	}
}
