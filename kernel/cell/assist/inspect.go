package assist

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"netsplit/kernel/symbols"
)

// Inspection is what is known about a name, as a MIME bundle.
type Inspection struct {
	Found bool
	Data  map[string]any
}

// Source tells about a declaration of the session: its text, without the body unless
// whole, the comment above it, and its cell. ok is false for what no cell declares.
type Source func(o types.Object, whole bool) (declaration, comment string, cell int, ok bool)

// Object finds what the name at a place means.
func (k Checked) Object() types.Object {
	var found types.Object
	k.inspect(func(n ast.Node) {
		id, ok := n.(*ast.Ident)
		if !ok || id.Pos() != k.At || found != nil {
			return
		}
		if found = k.Info.Uses[id]; found == nil {
			found = k.Info.Defs[id]
		}
		if _, ok := found.(*types.Label); ok {
			found = nil // a name at the beginning of a line, taken for a label by an attempt
		}
	})
	if found == nil {
		for _, o := range k.Info.Implicits {
			if o.Pos() == k.At {
				found = o
			}
		}
	}
	return found
}

// Owner gives the type that the name at the place is selected from, or that a literal
// has whose field it is; nil where it is neither.
func (k Checked) Owner() types.Type {
	var found types.Type
	k.inspect(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if n.Sel.Pos() == k.At {
				found = k.Info.Types[n.X].Type
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.Pos() == k.At {
					found = k.Info.Types[n].Type
				}
			}
		}
	})
	return found
}

// Inspect describes an object. Owner is the type that a field or method was selected
// from, nil where there is none.
func Inspect(o types.Object, owner types.Type, whole bool, source Source) Inspection {
	if o == nil {
		return Inspection{}
	}
	declaration, comment := "", ""
	if d, c, cell, ok := source(o, whole); ok {
		declaration, comment = d, c
		if cell > 0 {
			comment = strings.TrimSpace(comment + fmt.Sprintf("\n\nDeclared in cell [%d].", cell))
		}
	} else if text, ok := documented(o, owner); ok {
		declaration, comment, _ = strings.Cut(text, "\n\n")
		if strings.Contains(declaration, "{\n") || strings.Contains(declaration, "(\n") {
			// A declaration with blank lines inside ends where its bracket closes.
			if i := strings.Index(text, "\n}\n"); i >= 0 && strings.Contains(declaration, "{\n") {
				declaration, comment = text[:i+2], strings.TrimSpace(text[i+2:])
			} else if i := strings.Index(text, "\n)\n"); i >= 0 && strings.Contains(declaration, "(\n") {
				declaration, comment = text[:i+2], strings.TrimSpace(text[i+2:])
			}
		}
	} else {
		declaration = Declaration(o)
	}
	plain := declaration
	markdown := "```go\n" + declaration + "\n```\n"
	if comment != "" {
		plain += "\n\n" + comment
		markdown += "\n" + comment + "\n"
	}
	return Inspection{Found: true, Data: map[string]any{"text/plain": plain, "text/markdown": markdown}}
}

// Declaration writes an object as a declaration would.
func Declaration(o types.Object) string {
	if v, ok := o.(*types.Var); ok && !v.IsField() {
		return "var " + v.Name() + " " + types.TypeString(v.Type(), qualify)
	}
	if v, ok := o.(*types.Var); ok {
		return "field " + v.Name() + " " + types.TypeString(v.Type(), qualify)
	}
	return types.ObjectString(o, qualify)
}

// documented finds the documentation of what a package declares.
func documented(o types.Object, owner types.Type) (string, bool) {
	if p, ok := o.(*types.PkgName); ok {
		text, ok := symbols.Doc(p.Imported().Path(), "")
		if !ok {
			return "", false
		}
		return "package " + p.Imported().Name() + " // import \"" + p.Imported().Path() + "\"\n\n" + text, true
	}
	if o.Pkg() == nil {
		text, ok := builtins[o.Name()]
		return text, ok
	}
	name := o.Name()
	if f, ok := o.(*types.Func); ok && f.Signature().Recv() != nil {
		owner = f.Signature().Recv().Type()
	}
	member := false
	switch o := o.(type) {
	case *types.Func:
		member = o.Signature().Recv() != nil
	case *types.Var:
		member = o.IsField()
	}
	if member {
		if p, ok := owner.(*types.Pointer); ok {
			owner = p.Elem()
		}
		n, ok := types.Unalias(owner).(*types.Named)
		if !ok {
			return "", false
		}
		name = n.Obj().Name() + "." + name
	}
	return symbols.Doc(o.Pkg().Path(), name)
}
