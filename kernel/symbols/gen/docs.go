package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
)

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
