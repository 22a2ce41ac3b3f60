package check

import (
	"go/ast"

	"netsplit/kernel/cell/split"
)

// Declares gives the names that an item declares at cell level. A method counts as
// no name; Method tells about it.
func Declares(it *split.Item) []*ast.Ident {
	if it.Kind == split.Statement {
		return StmtNames(unlabel(it.Stmt))
	}
	return declaredNames(it)
}

func unlabel(s ast.Stmt) ast.Stmt {
	if l, ok := s.(*ast.LabeledStmt); ok {
		return unlabel(l.Stmt)
	}
	return s
}

func declaredNames(it *split.Item) []*ast.Ident { return DeclNames(it.Decl) }

// DeclNames gives the names that a declaration declares; none for methods, init,
// imports and the blank name.
func DeclNames(d ast.Decl) []*ast.Ident {
	var out []*ast.Ident
	add := func(id *ast.Ident) {
		if id.Name != "_" {
			out = append(out, id)
		}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.Name != "init" {
			add(d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				add(s.Name)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					add(n)
				}
			}
		}
	}
	return out
}

// StmtNames gives the names that a statement declares at cell level.
func StmtNames(st ast.Stmt) []*ast.Ident {
	switch st := st.(type) {
	case *ast.DeclStmt:
		return DeclNames(st.Decl)
	case *ast.AssignStmt:
		if _, names := Define(st); names != nil {
			var out []*ast.Ident
			for _, n := range names {
				if n.Name != "_" {
					out = append(out, n)
				}
			}
			return out
		}
	}
	return nil
}

// Method gives the base type's name and the method's, of a method declaration.
func Method(d ast.Decl) (base, name string, ok bool) {
	f, isFunc := d.(*ast.FuncDecl)
	if !isFunc || f.Recv == nil || len(f.Recv.List) != 1 {
		return "", "", false
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name, f.Name.Name, true
		default:
			return "", "", false
		}
	}
}

// DefineOf gives the statement x, y := e that an item is, perhaps behind a label, or nil.
func DefineOf(it *split.Item) *ast.AssignStmt {
	if it.Kind != split.Statement {
		return nil
	}
	a, _ := Define(unlabel(it.Stmt))
	return a
}

// IsVarItem tells whether an item declares variables.
func IsVarItem(it *split.Item) bool {
	if it.Kind == split.Var {
		return true
	}
	return DefineOf(it) != nil
}
