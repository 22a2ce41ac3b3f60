package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"sort"

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

// makePart makes it of the packages that are open to cells, with tables for the
// package named in.
func makePart(pkgs []*pkg, open func(string) bool, in string) (*part, error) {
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
			text, err := table(p, in)
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

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
