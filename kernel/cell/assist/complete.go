package assist

import (
	"go/ast"
	"go/token"
	"go/types"
	"sort"
	"strings"

	"netsplit/kernel/symbols"
)

// Completion is what may stand at a cursor, instead of the text from Start to End.
type Completion struct {
	Start, End int
	Items      []Item
}

// Item is one possibility. Type is JupyterLab's kind: function, instance, class, module,
// keyword, property, method, field or constant.
type Item struct{ Text, Type, Signature string }

// Checked is an attempt as the checker saw it.
type Checked struct {
	Pkg   *types.Package
	Info  *types.Info
	Nodes []ast.Node // the items
	Names []Name     // what is live in the session
	At    token.Pos  // of the placeholder
}

// Name is something live.
type Name struct {
	Name   string
	Object types.Object // nil for a package
	Path   string       // of a package
}

// Complete finds what may stand at a cursor. Checked may lack Pkg, when no attempt
// could be parsed; then only names are offered.
func Complete(c Cursor, k Checked) Completion {
	out := Completion{Start: c.Start, End: c.End}
	switch {
	case c.Nothing:
		return Completion{Start: c.Start + len(c.Prefix), End: c.Start + len(c.Prefix)}
	case c.Import:
		for _, p := range symbols.Packages() {
			if strings.HasPrefix(p, c.Prefix) {
				info, _ := symbols.Lookup(p)
				out.Items = append(out.Items, Item{p, "module", info.Synopsis})
			}
		}
		return out
	case c.Selector:
		if s := k.selector(); s != nil {
			out.Items = filter(c.Prefix, k.members(s.X))
		}
		return out
	}
	var items []Item
	items = append(items, k.fields()...)
	items = append(items, k.names()...)
	items = append(items, words(c.Prefix)...)
	out.Items = filter(c.Prefix, items)
	return out
}

// filter keeps what begins with a prefix; where the case agrees comes first.
func filter(prefix string, items []Item) []Item {
	var exact, other []Item
	seen := map[string]bool{}
	for _, it := range items {
		switch {
		case seen[it.Text]:
		case strings.HasPrefix(it.Text, prefix):
			exact = append(exact, it)
			seen[it.Text] = true
		case strings.HasPrefix(strings.ToLower(it.Text), strings.ToLower(prefix)):
			other = append(other, it)
			seen[it.Text] = true
		}
	}
	return append(exact, other...)
}

// selector finds the selector whose second half is the placeholder.
func (k Checked) selector() *ast.SelectorExpr {
	var found *ast.SelectorExpr
	k.inspect(func(n ast.Node) {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Pos() == k.At {
			found = s
		}
	})
	return found
}

func (k Checked) inspect(f func(ast.Node)) {
	for _, n := range k.Nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			if n != nil {
				f(n)
			}
			return true
		})
	}
}

// members lists what can follow an expression and a dot.
func (k Checked) members(x ast.Expr) []Item {
	if id, ok := x.(*ast.Ident); ok {
		if p, ok := k.Info.Uses[id].(*types.PkgName); ok {
			return packageMembers(p.Imported())
		}
	}
	tv, ok := k.Info.Types[x]
	if !ok || tv.Type == nil {
		return nil
	}
	return Members(tv.Type, tv.IsType())
}

func packageMembers(p *types.Package) []Item {
	var out []Item
	for _, name := range p.Scope().Names() {
		if token.IsExported(name) {
			out = append(out, itemOf(p.Scope().Lookup(name)))
		}
	}
	return out
}

// Members lists fields and methods of a type: of its values, or, for method
// expressions, its methods only.
func Members(t types.Type, methodsOnly bool) []Item {
	type member struct {
		item  Item
		depth int
	}
	var out []member
	seen := map[string]bool{}
	add := func(o types.Object, depth int) {
		if !o.Exported() && o.Pkg() != nil && o.Pkg().Path() != "main" || o.Name() == "_" || seen[o.Name()] {
			return
		}
		seen[o.Name()] = true
		out = append(out, member{itemOf(o), depth})
	}
	set := types.NewMethodSet(t)
	if _, isPtr := t.Underlying().(*types.Pointer); !isPtr && !types.IsInterface(t) {
		set = types.NewMethodSet(types.NewPointer(t))
	}
	if !methodsOnly {
		fieldsOf(t, 0, map[types.Type]bool{}, add)
	}
	for i := range set.Len() {
		s := set.At(i)
		add(s.Obj(), len(s.Index())-1)
	}
	if tp, ok := t.(*types.TypeParam); ok {
		ms := types.NewMethodSet(tp.Constraint())
		for i := range ms.Len() {
			add(ms.At(i).Obj(), 0)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].depth != out[j].depth {
			return out[i].depth < out[j].depth
		}
		return out[i].item.Text < out[j].item.Text
	})
	items := make([]Item, len(out))
	for i, m := range out {
		items[i] = m.item
	}
	return items
}

// fieldsOf walks the fields of a struct and of what it embeds.
func fieldsOf(t types.Type, depth int, seen map[types.Type]bool, add func(types.Object, int)) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok || seen[t] || depth > 6 {
		return
	}
	seen[t] = true
	for i := range s.NumFields() {
		add(s.Field(i), depth)
	}
	for i := range s.NumFields() {
		if f := s.Field(i); f.Embedded() {
			fieldsOf(f.Type(), depth+1, seen, add)
		}
	}
}

// fields lists the fields that a literal of a struct still lacks, when the cursor is
// where one may be named.
func (k Checked) fields() []Item {
	var lit *ast.CompositeLit
	k.inspect(func(n ast.Node) {
		l, ok := n.(*ast.CompositeLit)
		if !ok {
			return
		}
		for _, e := range l.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				e = kv.Key
			}
			if id, ok := e.(*ast.Ident); ok && id.Pos() == k.At {
				lit = l
			}
		}
	})
	if lit == nil || k.Info == nil {
		return nil
	}
	t := k.Info.Types[lit].Type
	if t == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	used := map[string]bool{}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				used[id.Name] = true
			}
		}
	}
	var out []Item
	for i := range s.NumFields() {
		f := s.Field(i)
		if !used[f.Name()] && (f.Exported() || f.Pkg() == nil || f.Pkg().Path() == "main") {
			out = append(out, itemOf(f))
		}
	}
	return out
}

// names lists what a name alone can mean at the cursor: variables of the functions
// around it from the inside out, then what is live.
func (k Checked) names() []Item {
	var out []Item
	if k.Info != nil {
		var inner *types.Scope
		for _, s := range k.Info.Scopes {
			if s.Pos().IsValid() && s.Pos() <= k.At && k.At <= s.End() && (inner == nil || s.Pos() >= inner.Pos() && s.End() <= inner.End()) {
				inner = s
			}
		}
		for s := inner; s != nil && s != types.Universe; s = s.Parent() {
			for _, name := range s.Names() {
				if _, o := s.LookupParent(name, k.At); o != nil && shown(name) {
					out = append(out, itemOf(o))
				}
			}
		}
		if k.Pkg != nil {
			for _, name := range k.Pkg.Scope().Names() {
				if shown(name) {
					out = append(out, itemOf(k.Pkg.Scope().Lookup(name)))
				}
			}
		}
	}
	for _, n := range k.Names {
		if n.Object == nil {
			info, _ := symbols.Lookup(n.Path)
			out = append(out, Item{n.Name, "module", info.Synopsis})
		} else if shown(n.Name) {
			out = append(out, itemOf(n.Object))
		}
	}
	return out
}

// shown hides made-up names.
func shown(name string) bool {
	return name != Placeholder && !strings.Contains(name, "·") && name != "_"
}

// words lists what belongs to the language, and packages not yet imported.
func words(prefix string) []Item {
	var out []Item
	for _, name := range types.Universe.Names() {
		out = append(out, itemOf(types.Universe.Lookup(name)))
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		out = append(out, Item{t.String(), "keyword", ""})
	}
	if prefix == "" {
		return out
	}
	for _, p := range symbols.Packages() {
		info, _ := symbols.Lookup(p)
		if strings.HasPrefix(info.Name, prefix) {
			out = append(out, Item{info.Name, "module", "import \"" + p + "\""})
		}
	}
	return out
}

// qualify names packages by their names, and not at all what the learner declared.
func qualify(p *types.Package) string {
	if p.Path() == "main" {
		return ""
	}
	return p.Name()
}

func itemOf(o types.Object) Item {
	it := Item{Text: o.Name()}
	switch o := o.(type) {
	case *types.Func:
		it.Type = "function"
		if o.Signature().Recv() != nil {
			it.Type = "method"
		}
		it.Signature = strings.TrimPrefix(types.TypeString(o.Type(), qualify), "func")
	case *types.Var:
		it.Type = "instance"
		if o.IsField() {
			it.Type = "field"
		}
		it.Signature = types.TypeString(o.Type(), qualify)
	case *types.Const:
		it.Type = "constant"
		it.Signature = types.TypeString(o.Type(), qualify) + " = " + o.Val().String()
	case *types.TypeName:
		it.Type = "class"
		it.Signature = kindOf(o.Type())
	case *types.PkgName:
		it.Type = "module"
		info, _ := symbols.Lookup(o.Imported().Path())
		it.Signature = info.Synopsis
	case *types.Builtin:
		it.Type = "function"
	case *types.Nil:
		it.Type = "constant"
	}
	return it
}

func kindOf(t types.Type) string {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		return "struct"
	case *types.Interface:
		return "interface"
	default:
		return types.TypeString(u, qualify)
	}
}
