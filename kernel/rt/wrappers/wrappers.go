// Package wrappers gives values of cells' types the methods of compiled
// interfaces: a cell's type that has Read becomes an io.Reader by io_Reader, whose
// Read calls the method that package lower registered for the type.
//
// The package has no names for others. Who imports it has rt.Wrap know
// display.Shower, the interfaces of the standard library that others can implement,
// and some unions of them, because compiled code that was given one interface asks for another
// (io.Copy asks an io.Reader for WriteTo).
//
// std.go is generated (see package symbols).
package wrappers

import (
	"reflect"

	"netsplit/kernel/rt"
	"netsplit/runtime/display"
)

func init() {
	rt.RegisterWrappers(rt.Wrapper{
		Interface: reflect.TypeFor[display.Shower](),
		Make:      func(b rt.Box) any { return display_Shower{rt.Wrapped{Box: b}} },
	})
}

type display_Shower struct{ rt.Wrapped }

func (w display_Shower) MimeBundle() display.Bundle {
	return rt.Method(w.ID, "MimeBundle").(func(any) display.Bundle)(w.V)
}
