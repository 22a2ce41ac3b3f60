// Package tables holds the symbol tables with which interpreted code reaches
// compiled packages: functions, variables, constants and types as reflect.Values.
//
// Every file but this one is generated (see package symbols). A table is made when
// it is first asked for: a worker is ready sooner, and holds only what its cells
// import. There are no generic functions and types in it (package lower makes
// instances from their source) and no wrappers for interfaces: lowered code has no
// types with methods.
package tables

import "reflect"

// Package is the table of one package.
type Package struct {
	Name    string
	Symbols func() map[string]reflect.Value // made anew by each call
}

var packages = make(map[string]Package, 256)

// Lookup gives the table of the package with an import path.
func Lookup(path string) (Package, bool) {
	p, ok := packages[path]
	return p, ok
}
