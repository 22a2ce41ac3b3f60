package symbols

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
)

// Importer gives packages for go/types. Each package is decoded when it is first
// asked for and stays the same object; use one importer for all cells of a
// session, or types of different cells are not identical. It is safe for
// concurrent use.
//
// "unsafe" and hidden packages can be had too, because the source of generic
// packages needs them. Whether a cell may is the front end's business:
// Lookup(path) tells.
func Importer(fset *token.FileSet) types.Importer {
	return &importer{fset: fset, packages: map[string]*types.Package{}}
}

type importer struct {
	fset     *token.FileSet
	mu       sync.Mutex
	packages map[string]*types.Package // also incomplete ones, which others refer to
}

// Import implements types.Importer.
func (i *importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if p := i.packages[path]; p != nil && p.Complete() {
		return p, nil
	}
	f := contents().files["types/"+path]
	if f == nil {
		return nil, fmt.Errorf("package %s is not available", strings.TrimSpace(path))
	}
	return gcexportdata.Read(bytes.NewReader(read(f)), i.fset, i.packages, path)
}
