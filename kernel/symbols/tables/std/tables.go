// Package std holds the symbol tables of the standard library.
// Every file but this one is generated (see package symbols).
package std

import "reflect"

// Packages gives, for an import path, the function that makes the package's table.
var Packages = map[string]func() (name string, symbols map[string]reflect.Value){}
