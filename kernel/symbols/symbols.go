// Package symbols knows the packages that cells can import: their types, their
// documentation, and the source of those that are generic. It needs no Go
// toolchain at run time.
//
//	imp := symbols.Importer(fset)              // a types.Importer: decodes what is asked for
//	symbols.Packages()                         // what can be imported
//	symbols.Doc("strings", "Builder.WriteRune") // declaration and documentation
//	symbols.Source("slices")                   // files, for making instances
//	symbols.Preloaded()                        // names that need no import: sim, trace, …
//
// The symbol tables by which interpreted code calls these packages are apart, in
// package tables, because only the worker needs their twenty megabytes.
//
// # The data
//
// Everything below data and tables is generated, for the toolchain that runs
//
//	go generate ./kernel/symbols
//
// which takes some minutes, because the standard library is compiled for every
// platform. What changes often, the project's own packages (below runtime/, and
// kernel/rt), has a quick command of its own:
//
//	go run ./kernel/symbols/gen -only runtime
//
// A test fails and prints the command when the data is out of date. data/std.zip
// holds what is the same on all platforms, data/std_OS_ARCH.zip the rest,
// data/runtime.zip the project's own packages. Each has entries types/PATH
// (go/types export data, indexed, without positions), docs/PATH (JSON),
// source/PATH/FILE and packages.json. The source of Go's library is under the
// licence beside it, source/LICENSE.
//
// # What is not there
//
// unsafe, plugin, cgo, internal packages; positions of declarations.
package symbols

//go:generate go run ./gen

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"sort"
	"strings"
	"sync"
)

var (
	//go:embed data/std.zip
	stdData []byte
	//go:embed data/runtime.zip
	runtimeData []byte
	//go:embed data/go_version.txt
	goVersion string
)

// Package is a package that cells can import.
type Package struct {
	Path     string `json:"path"`
	Name     string `json:"name"`
	Synopsis string `json:"synopsis"` // first sentence of its documentation
	Hidden   bool   `json:"hidden"`   // not for cells: only the source of generic packages imports it
}

// index is the table of contents, read once.
type index struct {
	files    map[string]*zip.File
	packages map[string]Package
	paths    []string // of packages that are not hidden, sorted
	byName   map[string][]string
	loaded   map[string]string
}

var contents = sync.OnceValue(func() *index {
	x := &index{files: map[string]*zip.File{}, packages: map[string]Package{}, byName: map[string][]string{}, loaded: map[string]string{}}
	for _, data := range [][]byte{stdData, platformData, runtimeData} {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			panic(fmt.Sprintf("symbols: embedded data: %v (go generate ./kernel/symbols)", err))
		}
		for _, f := range z.File {
			if f.Name != "packages.json" {
				x.files[f.Name] = f
				continue
			}
			var list []Package
			if err := json.Unmarshal(read(f), &list); err != nil {
				panic(fmt.Sprintf("symbols: embedded data: %v (go generate ./kernel/symbols)", err))
			}
			for _, p := range list {
				x.packages[p.Path] = p
			}
		}
	}
	for _, p := range x.packages {
		if p.Hidden || strings.HasPrefix(p.Path, "netsplit/kernel/") {
			continue
		}
		x.paths = append(x.paths, p.Path)
		x.byName[p.Name] = append(x.byName[p.Name], p.Path)
		if preloaded(p) {
			x.loaded[p.Name] = p.Path
		}
	}
	sort.Strings(x.paths)
	for _, paths := range x.byName {
		sort.Slice(paths, func(i, j int) bool { return likelier(paths[i], paths[j]) })
	}
	return x
})

// preloaded tells whether a cell may name a package without importing it: those
// right below runtime/ but for the ones that serve packages and not learners.
func preloaded(p Package) bool {
	switch path.Base(p.Path) {
	case "host", "picture":
		return false
	}
	return path.Dir(p.Path) == "netsplit/runtime"
}

// likelier orders packages of one name: text/template before html/template does
// not matter much, but math/rand/v2 and crypto/rand do; shorter and older first.
func likelier(a, b string) bool {
	if d := strings.Count(a, "/") - strings.Count(b, "/"); d != 0 {
		return d < 0
	}
	return a > b // math/rand before crypto/rand, text/template before html/template
}

func read(f *zip.File) []byte {
	r, err := f.Open()
	if err != nil {
		panic(fmt.Sprintf("symbols: embedded data: %v", err))
	}
	b, err := io.ReadAll(r)
	if err != nil {
		panic(fmt.Sprintf("symbols: embedded data: %v", err))
	}
	return b
}

// GoVersion is the toolchain whose standard library this is, like "go1.26.8".
func GoVersion() string { return strings.TrimSpace(goVersion) }

// Packages are the import paths that cells can use, sorted.
func Packages() []string { return append([]string(nil), contents().paths...) }

// Lookup finds a package by its import path, hidden ones included.
func Lookup(path string) (Package, bool) {
	p, ok := contents().packages[path]
	return p, ok
}

// Named gives the paths of the packages with a name, likeliest first: what to
// offer for a name that is not imported.
func Named(name string) []string { return append([]string(nil), contents().byName[name]...) }

// Preloaded maps names that cells may use without an import to import paths.
func Preloaded() map[string]string {
	out := map[string]string{}
	for name, path := range contents().loaded {
		out[name] = path
	}
	return out
}

var docs sync.Map // path to map[string]string

// Doc gives the declaration of a package's exported name, an empty line and its
// documentation. The name is "Name", or "Type.Member" for methods and fields, or
// "" for the package itself. Names that a type gets by embedding are not found
// there but with the type that declares them.
func Doc(path, name string) (string, bool) {
	m, ok := docs.Load(path)
	if !ok {
		f := contents().files["docs/"+path]
		if f == nil {
			return "", false
		}
		var decoded map[string]string
		if err := json.Unmarshal(read(f), &decoded); err != nil {
			return "", false
		}
		m, _ = docs.LoadOrStore(path, decoded)
	}
	text, ok := m.(map[string]string)[name]
	return text, ok
}

// Source gives the Go files of a generic package of the standard library by their
// names, or nil when it has no generic names.
func Source(path string) map[string][]byte {
	var out map[string][]byte
	for name, f := range contents().files {
		rest, ok := strings.CutPrefix(name, "source/"+path+"/")
		if !ok || strings.Contains(rest, "/") {
			continue
		}
		if out == nil {
			out = map[string][]byte{}
		}
		out[rest] = read(f)
	}
	return out
}

// Licence is the licence of what Source gives.
func Licence() string { return string(read(contents().files["source/LICENSE"])) }
