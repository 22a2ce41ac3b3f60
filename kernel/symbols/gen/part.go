package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// part is what is made for one set of packages on one platform.
type part struct {
	tables map[string]string // package path to Go source
	files  map[string]string // name in the archive to content: types/PATH, docs/PATH, source/PATH/FILE, packages.json

	wrappers string // Go source of the first platform
}

// listed is an entry of packages.json.
type listed struct {
	Path     string `json:"path"`
	Name     string `json:"name"`
	Synopsis string `json:"synopsis"`
	Hidden   bool   `json:"hidden,omitempty"` // not for cells: imported by the source of a generic package
}

func makePart(pkgs []*pkg, open func(string) bool) (*part, error) {
	out := &part{tables: map[string]string{}, files: map[string]string{}}
	var list []listed
	hidden := behindSource(pkgs)
	for _, p := range pkgs {
		if !open(p.ImportPath) && !hidden[p.ImportPath] {
			continue
		}
		var b bytes.Buffer
		if err := gcexportdata.Write(&b, nil, p.types); err != nil {
			return nil, fmt.Errorf("types of %s: %v", p.ImportPath, err)
		}
		out.files["types/"+p.ImportPath] = b.String()
		list = append(list, listed{p.ImportPath, p.Name, p.Doc, !open(p.ImportPath)})
		if open(p.ImportPath) {
			text, err := table(p)
			if err != nil {
				return nil, err
			}
			out.tables[p.ImportPath] = text
		}
	}
	return out, out.list(list)
}

// list writes the table of contents.
func (o *part) list(all []listed) error {
	sort.Slice(all, func(i, j int) bool { return all[i].Path < all[j].Path })
	b, err := json.MarshalIndent(all, "", "\t")
	o.files["packages.json"] = string(b)
	return err
}

// generic tells whether a package exports a generic function or type.
func generic(p *types.Package) bool {
	for _, name := range p.Scope().Names() {
		o := p.Scope().Lookup(name)
		if !o.Exported() {
			continue
		}
		switch o := o.(type) {
		case *types.Func:
			if o.Signature().TypeParams() != nil {
				return true
			}
		case *types.TypeName:
			if n, ok := o.Type().(*types.Named); ok && n.TypeParams() != nil {
				return true
			}
		}
	}
	return false
}

// sourced tells whether the source of a package goes into the data.
func sourced(p *pkg) bool { return isStd(p.ImportPath) && generic(p.types) }

// behindSource are the internal packages that generic packages import, whose
// types it takes to check their source.
func behindSource(pkgs []*pkg) map[string]bool {
	hidden := map[string]bool{}
	for _, p := range pkgs {
		if sourced(p) {
			for _, path := range p.Imports {
				if !isStd(path) && path != "unsafe" && path != "C" {
					hidden[path] = true
				}
			}
		}
	}
	return hidden
}

func (o *part) addSource(pkgs []*pkg) error {
	for _, p := range pkgs {
		if !sourced(p) {
			continue
		}
		for _, name := range p.GoFiles {
			b, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				return err
			}
			o.files["source/"+p.ImportPath+"/"+name] = string(b)
		}
	}
	return nil
}

// addDocs adds, for each package, a JSON object from "Name" or "Type.Member" to
// its declaration, an empty line and its documentation; "" is the package's own.
func (o *part) addDocs(pkgs []*pkg) error {
	for _, p := range pkgs {
		if _, ok := o.tables[p.ImportPath]; !ok {
			continue
		}
		index, err := docs(p)
		if err != nil {
			return fmt.Errorf("documentation of %s: %v", p.ImportPath, err)
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(index); err != nil {
			return err
		}
		o.files["docs/"+p.ImportPath] = b.String()
	}
	return nil
}

func docs(p *pkg) (map[string]string, error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	d, err := doc.NewFromFiles(fset, files, p.ImportPath)
	if err != nil {
		return nil, err
	}
	index := map[string]string{"": strings.TrimSpace(d.Doc)}
	add := func(name, decl, text string) {
		index[name] = strings.TrimSpace(decl + "\n\n" + text)
	}
	function := func(prefix string, f *doc.Func) {
		f.Decl.Doc, f.Decl.Body = nil, nil
		add(prefix+f.Name, source(fset, f.Decl), f.Doc)
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			for _, spec := range v.Decl.Specs {
				spec := spec.(*ast.ValueSpec)
				text := strings.TrimSpace(spec.Doc.Text() + spec.Comment.Text())
				if text == "" {
					text = v.Doc
				}
				for _, n := range spec.Names {
					if ast.IsExported(n.Name) {
						add(n.Name, value(p.types, n.Name), text)
					}
				}
			}
		}
	}
	values(d.Consts)
	values(d.Vars)
	for _, f := range d.Funcs {
		function("", f)
	}
	for _, t := range d.Types {
		members(fset, t, add)
		t.Decl.Doc = nil
		for _, spec := range t.Decl.Specs {
			spec.(*ast.TypeSpec).Doc = nil
		}
		add(t.Name, source(fset, t.Decl), t.Doc)
		values(t.Consts)
		values(t.Vars)
		for _, f := range t.Funcs {
			function("", f)
		}
		for _, f := range t.Methods {
			function(t.Name+".", f)
		}
	}
	return index, nil
}

// members adds the fields of a struct and the methods of an interface.
func members(fset *token.FileSet, t *doc.Type, add func(name, decl, text string)) {
	for _, spec := range t.Decl.Specs {
		var list *ast.FieldList
		switch u := spec.(*ast.TypeSpec).Type.(type) {
		case *ast.StructType:
			list = u.Fields
		case *ast.InterfaceType:
			list = u.Methods
		default:
			continue
		}
		for _, f := range list.List {
			for _, n := range f.Names {
				if !n.IsExported() {
					continue
				}
				decl := n.Name + " " + source(fset, f.Type)
				if _, ok := f.Type.(*ast.FuncType); ok {
					decl = "func " + n.Name + strings.TrimPrefix(source(fset, f.Type), "func")
				} else {
					decl = "field " + decl
				}
				add(t.Name+"."+n.Name, decl, strings.TrimSpace(f.Doc.Text()+f.Comment.Text()))
			}
		}
	}
}

func value(p *types.Package, name string) string {
	o := p.Scope().Lookup(name)
	qualify := func(q *types.Package) string {
		if q == p {
			return ""
		}
		return q.Name()
	}
	switch o := o.(type) {
	case *types.Const:
		typ := types.TypeString(o.Type(), qualify)
		if strings.HasPrefix(typ, "untyped") {
			return "const " + name + " = " + o.Val().String()
		}
		return "const " + name + " " + typ + " = " + o.Val().String()
	case *types.Var:
		return "var " + name + " " + types.TypeString(o.Type(), qualify)
	}
	return name
}

func source(fset *token.FileSet, node any) string {
	var b bytes.Buffer
	config := printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}
	if err := config.Fprint(&b, fset, node); err != nil {
		return ""
	}
	return b.String()
}

// table is the symbol table of a package as Go source.
func table(p *pkg) (string, error) {
	var values, kinds []string
	constants, named := false, false
	scope := p.types.Scope()
	for _, name := range scope.Names() {
		o := scope.Lookup(name)
		if !o.Exported() {
			continue
		}
		full := "p." + name
		switch o := o.(type) {
		case *types.Const:
			if b, ok := o.Type().(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
				if kind := constantKind(o); kind != "" {
					constants = true
					values = append(values, fmt.Sprintf("%q: reflect.ValueOf(constant.MakeFromLiteral(%q, token.%s, 0)),", name, exact(o), kind))
					continue
				}
			}
			values = append(values, fmt.Sprintf("%q: reflect.ValueOf(%s),", name, full))
		case *types.Func:
			if s := o.Signature(); s.TypeParams().Len() > 0 {
				continue
			}
			values = append(values, fmt.Sprintf("%q: reflect.ValueOf(%s),", name, full))
		case *types.Var:
			values = append(values, fmt.Sprintf("%q: reflect.ValueOf(&%s).Elem(),", name, full))
		case *types.TypeName:
			if t, ok := o.Type().(*types.Named); ok && t.TypeParams().Len() > 0 {
				continue
			}
			if t, ok := o.Type().(*types.Alias); ok && t.TypeParams().Len() > 0 {
				continue
			}
			if t, ok := o.Type().Underlying().(*types.Interface); ok && !t.IsMethodSet() {
				continue // a constraint
			}
			kinds = append(kinds, fmt.Sprintf("%q: reflect.ValueOf((*%s)(nil)),", name, full))
		}
		named = true
	}
	named = named && (len(values)+len(kinds) > 0) && uses(values, kinds)

	var b strings.Builder
	b.WriteString("// Code generated by 'go generate ./kernel/symbols'. DO NOT EDIT.\n\npackage tables\n\nimport (\n")
	if constants {
		b.WriteString("\"go/constant\"\n\"go/token\"\n")
	}
	b.WriteString("\"reflect\"\n\n")
	if named {
		fmt.Fprintf(&b, "p %q\n", p.ImportPath)
	} else {
		fmt.Fprintf(&b, "_ %q\n", p.ImportPath)
	}
	fmt.Fprintf(&b, ")\n\nfunc init() {\npackages[%q] = Package{%q, func() map[string]reflect.Value {\nreturn map[string]reflect.Value{\n", p.ImportPath, p.Name)
	b.WriteString(strings.Join(values, "\n"))
	b.WriteString("\n")
	b.WriteString(strings.Join(kinds, "\n"))
	b.WriteString("\n}\n}}\n}\n")
	text, err := format.Source([]byte(b.String()))
	if err != nil {
		return "", fmt.Errorf("table of %s: %v", p.ImportPath, err)
	}
	return string(text), nil
}

// uses tells whether a table names its package.
func uses(lists ...[]string) bool {
	for _, list := range lists {
		for _, line := range list {
			if strings.Contains(line, "ValueOf(p.") || strings.Contains(line, "ValueOf(&p.") || strings.Contains(line, "ValueOf((*p.") {
				return true
			}
		}
	}
	return false
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
