package cell

import (
	"go/ast"
	"go/token"
	"go/types"
	"sort"
	"strings"
)

// entry is what a name means: its newest declaration.
type entry struct {
	name    string
	cell    int
	obj     types.Object // nil for an import
	path    string       // of an import
	unit    *unit        // the source, for types, constants, functions and methods
	lost    bool         // a variable whose value ended with a worker
	forward bool         // a statement of its cell used it before the declaration
	stale   string       // why it still is bound to earlier versions of what it uses; empty if it is not
}

// unit is a declaration as source: one type, one group of constants, one function or
// method. It is kept to be checked once more when something that it uses changes.
type unit struct {
	decl    ast.Decl
	cell    int
	names   []string          // keys in live.names: T, f, A and B; T.String for a method
	uses    map[string]bool   // keys of what it uses
	imports map[string]string // names of packages that it uses, and their paths
}

// method gives the base type's name, if the unit is a method.
func (u *unit) base() string {
	for i, r := range u.names[0] {
		if r == '.' {
			return u.names[0][:i]
		}
	}
	return ""
}

// live is the set of live declarations, or what a cell being prepared would change
// in it (then it has a parent).
type live struct {
	parent  *live
	names   map[string]*entry // methods under "T.String"
	dots    []string
	aliases map[string]string             // made-up names of imports whose own name was taken
	since   map[types.Object]int          // cell of each type's object
	canon   map[types.Object]types.Object // new object to the first one of the same identity
}

func newLive(parent *live) *live {
	l := &live{parent: parent, names: map[string]*entry{}, aliases: map[string]string{}}
	l.since = map[types.Object]int{}
	l.canon = map[types.Object]types.Object{}
	if parent != nil {
		l.dots = parent.dots
	}
	return l
}

// get finds an entry by its key.
func (l *live) get(key string) *entry {
	for ; l != nil; l = l.parent {
		if e := l.names[key]; e != nil {
			return e
		}
	}
	return nil
}

// lookup gives the object of a name, nil for imports and what is unknown.
func (l *live) lookup(name string) types.Object {
	if e := l.get(name); e != nil {
		return e.obj
	}
	return nil
}

// path gives what an earlier cell imported under a name, or what is preloaded.
func (l *live) path(name string) string {
	if path, ok := strings.CutPrefix(name, importPrefix); ok {
		return path
	}
	for p := l; p != nil; p = p.parent {
		if path := p.aliases[name]; path != "" {
			return path
		}
	}
	if e := l.get(name); e != nil {
		return e.path
	}
	return preloaded()[name]
}

// unaliased gives the name of the type that a name is an alias of, itself otherwise.
func (l *live) unaliased(name string) string {
	if t, ok := l.lookup(name).(*types.TypeName); ok && t.IsAlias() {
		if n, ok := types.Unalias(t.Type()).(*types.Named); ok && keyOf(n.Origin().Obj()) != "" {
			return n.Origin().Obj().Name()
		}
	}
	return name
}

// all gives every entry, sorted by key.
func (l *live) all() []*entry {
	seen := map[string]*entry{}
	for p := l; p != nil; p = p.parent {
		for k, e := range p.names {
			if seen[k] == nil {
				seen[k] = e
			}
		}
	}
	out := make([]*entry, 0, len(seen))
	for _, e := range seen {
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

// units gives every unit that still declares something, in the order of their cells
// and places.
func (l *live) units() []*unit {
	seen := map[*unit]bool{}
	var out []*unit
	for _, e := range l.all() {
		if e.unit != nil && !seen[e.unit] {
			seen[e.unit] = true
			out = append(out, e.unit)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].decl.Pos() < out[j].decl.Pos() })
	return out
}

// declaredAt gives the cell of a type's object, current or earlier.
func (l *live) declaredAt(o types.Object) int {
	for ; l != nil; l = l.parent {
		if c, ok := l.since[o]; ok {
			return c
		}
	}
	return 0
}

// canonical follows an object to the first of the same identity.
func (l *live) canonical(o types.Object) types.Object {
	for p := l; p != nil; p = p.parent {
		if c := p.canon[o]; c != nil {
			return c
		}
	}
	return o
}

// merge takes over what a prepared cell changes.
func (l *live) merge(d *live) {
	for k, e := range d.names {
		l.names[k] = e
	}
	for k, v := range d.aliases {
		l.aliases[k] = v
	}
	for k, v := range d.since {
		l.since[k] = v
	}
	for k, v := range d.canon {
		l.canon[k] = v
	}
	l.dots = d.dots
}

// useKeys finds what a declaration uses: keys of live declarations, and imports.
func useKeys(n ast.Node, info *types.Info) (uses map[string]bool, imports map[string]string) {
	uses, imports = map[string]bool{}, map[string]string{}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if o := info.Uses[id]; o != nil {
				if p, ok := o.(*types.PkgName); ok {
					imports[id.Name] = p.Imported().Path()
				} else if key := keyOf(o); key != "" {
					uses[key] = true
				}
			}
		}
		return true
	})
	return uses, imports
}

// keyOf gives the key of an object that a cell declares at its level, or "".
func keyOf(o types.Object) string {
	if o == nil || o.Pkg() == nil || o.Pkg().Path() != "main" {
		return ""
	}
	if f, ok := o.(*types.Func); ok {
		if recv := f.Signature().Recv(); recv != nil {
			if n := namedOf(recv.Type()); n != nil {
				return n.Obj().Name() + "." + f.Name()
			}
			return ""
		}
	}
	if p := o.Parent(); p != nil && p.Parent() == types.Universe {
		return o.Name()
	}
	return ""
}

// namedOf gives the named type of a receiver.
func namedOf(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	if n != nil {
		n = n.Origin()
	}
	return n
}

// unitsOf makes units of a declaration: each type of a group is one.
func unitsOf(d ast.Decl, cell int, info *types.Info) []*unit {
	var out []*unit
	add := func(d ast.Decl, names []string) {
		if len(names) > 0 {
			uses, imports := useKeys(d, info)
			out = append(out, &unit{decl: d, cell: cell, names: names, uses: uses, imports: imports})
		}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if key := keyOf(info.Defs[d.Name]); key != "" && d.Name.Name != "_" {
			add(d, []string{key})
		}
	case *ast.GenDecl:
		if d.Tok == token.TYPE {
			for _, s := range d.Specs {
				s := s.(*ast.TypeSpec)
				doc := s.Doc
				if doc == nil {
					doc = d.Doc
				}
				if s.Name.Name != "_" {
					add(&ast.GenDecl{Tok: token.TYPE, TokPos: s.Pos(), Doc: doc, Specs: []ast.Spec{s}}, []string{s.Name.Name})
				}
			}
			break
		}
		var names []string
		for _, s := range d.Specs {
			for _, n := range s.(*ast.ValueSpec).Names {
				if n.Name != "_" {
					names = append(names, n.Name)
				}
			}
		}
		add(d, names)
	}
	return out
}
