// Package std has a struct for each interface of the standard library that others
// can implement, and for some unions of them, because compiled code that was given
// one interface asks for another (io.Copy asks an io.Reader for WriteTo). The
// struct holds a value of a cell's type and has the methods of the interface.
//
// interfaces.go is generated (see package symbols) and takes the compiler a minute.
// Therefore the package imports nothing of the project: what it needs is set by
// package wrappers.
package std

import (
	"fmt"
	"reflect"
)

// What methods call, set by package wrappers.
var (
	// Method is the function behind a method of the type with this id. Its first
	// parameter is the receiver, an any.
	Method func(id int, name string) any
	// Format writes the value as package fmt would write it in a compiled program.
	Format func(f fmt.State, verb rune, id int, value any)
	// MarshalJSON does it as package encoding/json would.
	MarshalJSON func(id int, value any) ([]byte, error)
)

// Wrapped is what every struct embeds: a value of a cell's type.
type Wrapped struct {
	id int // of the type
	v  any
}

// Of is the value with the type id.
func Of(id int, value any) Wrapped { return Wrapped{id, value} }

// Boxed is the type id and the value.
func (v Wrapped) Boxed() (id int, value any) { return v.id, v.v }

func (v Wrapped) Format(f fmt.State, verb rune) { Format(f, verb, v.id, v.v) }
func (v Wrapped) MarshalJSON() ([]byte, error)  { return MarshalJSON(v.id, v.v) }

// Interface is one of them, and makes its structs.
type Interface struct {
	Type reflect.Type
	Make func(Wrapped) any
}
