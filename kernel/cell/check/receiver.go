package check

import (
	"go/ast"
	"go/token"
	"go/types"

	"netsplit/kernel/cell/split"
)

// aliasOf gives the name that a declaration makes a name an alias of: B for A in
// `type A = B` and `type A = *B`, or "".
func aliasOf(t *ast.TypeSpec) string {
	if !t.Assign.IsValid() || t.TypeParams != nil {
		return ""
	}
	e := unparen(t.Type)
	if p, ok := e.(*ast.StarExpr); ok {
		e = unparen(p.X)
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// Aliases gives the names that items declare as aliases of other names.
func Aliases(items []*split.Item) map[string]string {
	out := map[string]string{}
	for _, it := range items {
		if g, ok := it.Decl.(*ast.GenDecl); ok && it.Kind == split.Type {
			addAliases(out, g)
		}
	}
	return out
}

func addAliases(out map[string]string, g *ast.GenDecl) {
	if g.Tok != token.TYPE {
		return
	}
	for _, spec := range g.Specs {
		t := spec.(*ast.TypeSpec)
		if to := aliasOf(t); to != "" {
			out[t.Name.Name] = to
		}
	}
}

// strangers takes methods out whose type is not declared in the segment, which the
// checker expects of every type in the scope.
func (s *segment) strangers() {
	aliases := map[string]string{}
	for _, d := range s.file.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			addAliases(aliases, g)
		}
	}
	kept := s.file.Decls[:0]
	for _, d := range s.file.Decls {
		if name, _, ok := Method(d); ok {
			for n := 0; s.declared[name] && aliases[name] != "" && n < 100; n++ {
				name = aliases[name]
			}
			if t, ok := s.out.Pkg.Scope().Lookup(name).(*types.TypeName); ok {
				s.fail(d.(*ast.FuncDecl).Recv.List[0].Type.Pos(), "", "cannot define new methods on non-local type %s", types.TypeString(t.Type(), (*types.Package).Name))
				continue
			}
		}
		kept = append(kept, d)
	}
	s.file.Decls = kept
}
