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
	std.Method = method
	std.Format = func(f fmt.State, verb rune, id int, value any) { rt.Box{ID: id, V: value}.Format(f, verb) }
	std.MarshalJSON = func(id int, value any) ([]byte, error) { return rt.Box{ID: id, V: value}.MarshalJSON() }
	register(reflect.TypeFor[display.Shower](), func(v std.Wrapped) any { return shower{v} })
	for _, i := range std.Interfaces {
		register(i.Type, i.Make)
	}
}

// method is that of a wrapped value. Package flag asks the zero value of a flag's type
// for its text; a wrapper without a value has none.
func method(id int, name string) any {
	if id == 0 && name == "String" {
		return func(any) string { return "" }
	}
	return rt.Method(id, name)
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
