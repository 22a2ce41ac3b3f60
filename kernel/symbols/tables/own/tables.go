// Package own holds the symbol tables of what stands below runtime/, and of package rt.
// Every file but this one is generated (see package symbols).
package own

import "reflect"

// Packages gives, for an import path, the function that makes the package's table.
var Packages = map[string]func() (name string, symbols map[string]reflect.Value){}
