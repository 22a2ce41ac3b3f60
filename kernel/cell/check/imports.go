package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"netsplit/kernel/symbols"
)

// forbidden are packages that a cell cannot use, with the reason.
var forbidden = map[string]string{
	"unsafe": "package unsafe is not available in cells: it works on the memory that the interpreter manages",
	"plugin": "package plugin is not available in cells: there is no linker here",
	"embed":  "package embed is not available in cells: there is nothing to embed at run time; read the file with os.ReadFile",
	"C":      "cgo is not available in cells: there is no C compiler here",
}

// imports takes an import declaration apart.
func (s *segment) imports(g *ast.GenDecl) {
	for _, spec := range g.Specs {
		sp := spec.(*ast.ImportSpec)
		path, err := strconv.Unquote(sp.Path.Value)
		if err != nil || path == "" {
			s.fail(sp.Path.Pos(), `write: import "fmt"`, "invalid import path: %s", sp.Path.Value)
			continue
		}
		refuse := func() {
			name := path[strings.LastIndex(path, "/")+1:]
			if sp.Name != nil {
				name = sp.Name.Name
			}
			s.refused[name] = true
		}
		if why := forbidden[path]; why != "" {
			refuse()
			s.fail(sp.Path.Pos(), "", "%s", why)
			continue
		}
		info, known := symbols.Lookup(path)
		if known && info.Hidden {
			refuse()
			s.fail(sp.Path.Pos(), "", "use of internal package %s not allowed", path)
			continue
		}
		p, err := s.in.Importer.Import(path)
		if err != nil {
			refuse()
			s.fail(sp.Path.Pos(), importHelp(path), "package %s is not in std", path)
			continue
		}
		name := p.Name()
		if sp.Name != nil {
			name = sp.Name.Name
		}
		switch name {
		case "_":
		case ".":
			s.out.Dots = append(s.out.Dots, path)
		default:
			s.out.Imports[name] = path
		}
	}
}

// importHelp says what may be imported instead of a path that is unknown.
func importHelp(path string) string {
	last := path
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			last = path[i+1:]
			break
		}
	}
	if near := symbols.Named(last); len(near) > 0 {
		return "did you mean import " + strconv.Quote(near[0]) + "?"
	}
	return "cells can import the standard library and Netsplit's own packages"
}

// ImportNames gives the names and paths of an import declaration without looking at
// the packages, for what is decided before checking.
func ImportNames(g *ast.GenDecl, imp types.Importer) map[string]string {
	out := map[string]string{}
	for _, spec := range g.Specs {
		sp, ok := spec.(*ast.ImportSpec)
		if !ok {
			continue
		}
		path, err := strconv.Unquote(sp.Path.Value)
		if err != nil || forbidden[path] != "" {
			continue
		}
		if sp.Name != nil {
			if token.IsIdentifier(sp.Name.Name) && sp.Name.Name != "_" {
				out[sp.Name.Name] = path
			}
			continue
		}
		if p, err := imp.Import(path); err == nil {
			out[p.Name()] = path
		}
	}
	return out
}
