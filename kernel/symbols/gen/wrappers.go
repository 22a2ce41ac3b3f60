package main

import (
	"fmt"
	"go/format"
	"go/types"
	"sort"
	"strings"
)

// unions are sets of interfaces of one package that compiled code asks for
// together: it is given the first and looks whether the others are there.
var unions = []struct {
	path  string
	names []string
}{
	{"io", []string{"Reader", "WriterTo"}},
	{"io", []string{"Reader", "ByteReader"}},
	{"io", []string{"Reader", "RuneReader"}},
	{"io", []string{"Reader", "ByteScanner", "RuneScanner"}},
	{"io", []string{"Reader", "ReaderAt"}},
	{"io", []string{"Reader", "ReaderAt", "Seeker"}},
	{"io", []string{"Reader", "Closer", "WriterTo"}},
	{"io", []string{"Reader", "Closer", "Seeker", "ReaderAt"}},
	{"io", []string{"Writer", "ReaderFrom"}},
	{"io", []string{"Writer", "StringWriter"}},
	{"io", []string{"Writer", "StringWriter", "ByteWriter"}},
	{"io", []string{"Writer", "Closer", "ReaderFrom"}},
	{"io", []string{"Writer", "Closer", "StringWriter"}},
	{"io", []string{"Reader", "Writer", "Closer", "Seeker"}},
	{"io/fs", []string{"ReadDirFS", "ReadFileFS"}},
	{"io/fs", []string{"ReadDirFS", "ReadFileFS", "StatFS"}},
	{"io/fs", []string{"ReadDirFS", "StatFS"}},
	{"net/http", []string{"ResponseWriter", "Flusher"}},
	{"net/http", []string{"ResponseWriter", "Hijacker"}},
	{"net/http", []string{"ResponseWriter", "Flusher", "Hijacker"}},
	{"net/http", []string{"ResponseWriter", "Flusher", "Pusher"}},
}

// wrappers is the source of package kernel/rt/wrappers/std: a struct for each
// interface of the packages, with its methods.
func wrappers(pkgs []*pkg, open func(string) bool) (string, error) {
	g := &wrapperSource{imports: map[string]string{"reflect": "p_reflect"}, open: open}
	byPath := map[string]*types.Package{}
	for _, p := range pkgs {
		if !open(p.ImportPath) {
			continue
		}
		byPath[p.ImportPath] = p.types
		for _, name := range p.types.Scope().Names() {
			o, ok := p.types.Scope().Lookup(name).(*types.TypeName)
			if !ok || !o.Exported() || o.IsAlias() {
				continue
			}
			if i, ok := o.Type().Underlying().(*types.Interface); ok && o.Type().(*types.Named).TypeParams() == nil {
				g.add(identifier(p.ImportPath)+"_"+name, i, []types.Type{o.Type()})
			}
		}
	}
	for _, u := range unions {
		p := byPath[u.path]
		if p == nil {
			continue
		}
		var embedded []types.Type
		for _, name := range u.names {
			embedded = append(embedded, p.Scope().Lookup(name).Type())
		}
		i := types.NewInterfaceType(nil, embedded)
		i.Complete()
		g.add(identifier(u.path)+"_"+strings.Join(u.names, "_"), i, embedded)
	}
	return g.source()
}

type wrapperSource struct {
	imports  map[string]string // path to alias
	open     func(string) bool
	list     []string
	body     strings.Builder
	unusable bool // the signature at hand names what cannot be named
}

func identifier(path string) string {
	return strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(path)
}

func (g *wrapperSource) typeString(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if !g.open(p.Path()) {
			g.unusable = true
		}
		alias := "p_" + identifier(p.Path())
		g.imports[p.Path()] = alias
		return alias
	})
}

// add adds the wrapper of an interface, unless it has no methods, is a constraint,
// or is closed to others by an unexported method or type.
func (g *wrapperSource) add(name string, i *types.Interface, of []types.Type) {
	if !i.IsMethodSet() || i.NumMethods() == 0 {
		return
	}
	saved := g.imports
	g.imports = map[string]string{}
	for path, alias := range saved {
		g.imports[path] = alias
	}
	g.unusable = false
	var b strings.Builder
	fmt.Fprintf(&b, "type %s struct{ Wrapped }\n\n", name)
	for k := range i.NumMethods() {
		m := i.Method(k)
		s := m.Signature()
		if !m.Exported() || hasUnexported(s, map[types.Type]bool{}) {
			g.unusable = true
			break
		}
		var params, kinds, args, results []string
		for j := range s.Params().Len() {
			typ := g.typeString(s.Params().At(j).Type())
			arg := fmt.Sprintf("a%d", j)
			if s.Variadic() && j == s.Params().Len()-1 {
				typ = "..." + strings.TrimPrefix(typ, "[]")
				args = append(args, arg+"...")
			} else {
				args = append(args, arg)
			}
			params = append(params, arg+" "+typ)
			kinds = append(kinds, typ)
		}
		for j := range s.Results().Len() {
			results = append(results, g.typeString(s.Results().At(j).Type()))
		}
		result := strings.Join(results, ", ")
		if len(results) > 1 {
			result = "(" + result + ")"
		}
		back := ""
		if len(results) > 0 {
			back = "return "
		}
		fmt.Fprintf(&b, "func (w %s) %s(%s) %s { %sMethod(w.id, %q).(func(%s) %s)(%s) }\n", name, m.Name(), strings.Join(params, ", "), result,
			back, m.Name(), strings.Join(append([]string{"any"}, kinds...), ", "), result, strings.Join(append([]string{"w.v"}, args...), ", "))
	}
	var names []string
	for _, t := range of {
		names = append(names, g.typeString(t))
	}
	if g.unusable {
		g.imports = saved
		return
	}
	g.body.WriteString(b.String() + "\n")
	iface := names[0]
	if len(names) > 1 {
		iface = "interface { " + strings.Join(names, "; ") + " }"
	}
	g.list = append(g.list, fmt.Sprintf("{p_reflect.TypeFor[%s](), func(v Wrapped) any { return %s{v} }},", iface, name))
}

// hasUnexported tells whether a type's text has a name that other packages cannot use.
func hasUnexported(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Named:
		return t.Obj().Pkg() != nil && !t.Obj().Exported()
	case *types.Alias:
		return t.Obj().Pkg() != nil && !t.Obj().Exported()
	case interface{ Elem() types.Type }:
		if m, ok := t.(*types.Map); ok && hasUnexported(m.Key(), seen) {
			return true
		}
		return hasUnexported(t.Elem(), seen)
	case *types.Signature:
		return hasUnexported(t.Params(), seen) || hasUnexported(t.Results(), seen)
	case *types.Tuple:
		for v := range t.Variables() {
			if hasUnexported(v.Type(), seen) {
				return true
			}
		}
	}
	return false
}

func (g *wrapperSource) source() (string, error) {
	var b strings.Builder
	b.WriteString("// Code generated by 'go generate ./kernel/symbols'. DO NOT EDIT.\n\npackage std\n\nimport (\n")
	for _, path := range sortedKeys(g.imports) {
		fmt.Fprintf(&b, "%s %q\n", g.imports[path], path)
	}
	b.WriteString(")\n\n// Interfaces are all of them.\nvar Interfaces = []Interface{\n")
	sort.Strings(g.list)
	b.WriteString(strings.Join(g.list, "\n"))
	b.WriteString("\n}\n\n")
	b.WriteString(g.body.String())
	text, err := format.Source([]byte(b.String()))
	if err != nil {
		return "", fmt.Errorf("wrappers: %v", err)
	}
	return string(text), nil
}
