// Package wrappers gives values of cells' types the methods of compiled
// interfaces: a cell's type that has Read becomes an io.Reader by io_Reader, whose
// Read calls the method that package lower registered for the type.
//
// The package has no names for others. Who imports it has rt.Wrap know
// display.Shower and the interfaces of the standard library (package std).
package wrappers

import (
	"fmt"
	"reflect"

	"netsplit/kernel/rt"
	"netsplit/kernel/rt/wrappers/std"
	"netsplit/runtime/display"
)

func init() {
	std.Method = rt.Method
	std.Format = func(f fmt.State, verb rune, id int, value any) { rt.Box{ID: id, V: value}.Format(f, verb) }
	std.MarshalJSON = func(id int, value any) ([]byte, error) { return rt.Box{ID: id, V: value}.MarshalJSON() }
	register(reflect.TypeFor[display.Shower](), func(v std.Wrapped) any { return shower{v} })
	for _, i := range std.Interfaces {
		register(i.Type, i.Make)
	}
}

func register(t reflect.Type, wrap func(std.Wrapped) any) {
	rt.RegisterWrappers(rt.Wrapper{
		Interface: t,
		Make:      func(id int, value any) any { return wrap(std.Of(id, value)) },
	})
}

type shower struct{ std.Wrapped }

func (w shower) MimeBundle() display.Bundle {
	id, value := w.Boxed()
	return rt.Method(id, "MimeBundle").(func(any) display.Bundle)(value)
}
