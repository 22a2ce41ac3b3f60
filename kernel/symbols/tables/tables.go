// Package tables finds the symbol tables with which interpreted code reaches
// compiled packages: functions, variables, constants and types as reflect.Values.
//
// A table is made when it is first asked for: a worker is ready sooner, and holds
// only what its cells import. There are no generic functions and types in it
// (package lower makes instances from their source) and no wrappers for interfaces:
// lowered code has no types with methods.
//
// The tables are generated (see package symbols) into two packages, because those of
// the standard library take the compiler half a minute and seldom change.
package tables

import (
	"reflect"

	"netsplit/kernel/symbols/tables/own"
	"netsplit/kernel/symbols/tables/std"
)

// Lookup makes the table of the package with an import path.
func Lookup(path string) (name string, symbols map[string]reflect.Value, ok bool) {
	made, ok := own.Packages[path]
	if !ok {
		made, ok = std.Packages[path]
	}
	if !ok {
		return "", nil, false
	}
	name, symbols = made()
	return name, symbols, true
}
