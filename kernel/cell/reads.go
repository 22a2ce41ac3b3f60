package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"sort"

	"netsplit/kernel/cell/lower"
)

// readsOf gives the variables of earlier cells whose values a cell's own text needs:
// those that it names, but for the targets of assignments and what it assigned before.
// It also gives the variables to which the cell gives a value as a whole.
func readsOf(segments []*lower.Segment, file *token.File) (needs, gives []string) {
	given := map[string]bool{} // assigned or declared by the cell
	reads := map[string]bool{}
	look := func(info *types.Info, n ast.Node) {
		target := map[*ast.Ident]bool{}
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok == token.ASSIGN || n.Tok == token.DEFINE {
					for _, e := range n.Lhs {
						if id, ok := e.(*ast.Ident); ok {
							target[id] = true
						}
					}
				}
			case *ast.Ident:
				v, ok := info.Uses[n].(*types.Var)
				if ok && !target[n] && !given[v.Name()] && keyOf(v) != "" {
					reads[v.Name()] = true
				}
			}
			return true
		})
	}
	for _, seg := range segments {
		// A variable of this cell is none of an earlier one.
		for _, st := range seg.Body {
			ast.Inspect(st, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					if v, ok := seg.Info.Defs[id].(*types.Var); ok && keyOf(v) != "" && seg.Reuse[v] == nil {
						given[v.Name()] = true
					}
				}
				return true
			})
		}
		for _, d := range seg.Decls {
			if d.Pos() >= token.Pos(file.Base()) && d.Pos() <= token.Pos(file.Base()+file.Size()) {
				look(seg.Info, d)
			}
		}
		for _, st := range seg.Body {
			look(seg.Info, st)
			for _, id := range targets(st) {
				given[id.Name] = true
			}
		}
		if seg.Show != nil {
			look(seg.Info, seg.Show)
		}
	}
	return sorted(reads), sorted(given)
}

func sorted(names map[string]bool) []string {
	out := make([]string, 0, len(names))
	for name := range names {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// targets gives the names that a statement as a whole assigns to or declares.
func targets(st ast.Stmt) []*ast.Ident {
	var out []*ast.Ident
	switch st := st.(type) {
	case *ast.AssignStmt:
		if st.Tok == token.ASSIGN || st.Tok == token.DEFINE {
			for _, e := range st.Lhs {
				if id, ok := e.(*ast.Ident); ok {
					out = append(out, id)
				}
			}
		}
	case *ast.DeclStmt:
		if g, ok := st.Decl.(*ast.GenDecl); ok {
			for _, s := range g.Specs {
				if v, ok := s.(*ast.ValueSpec); ok {
					out = append(out, v.Names...)
				}
			}
		}
	}
	return out
}
