package rt

import (
	"fmt"
	"reflect"
)

// Box is a value of a cell's type inside an interface. Its Go type is one of the
// types below, chosen by package lower from the methods that the cell's type has
// when the value is converted; ID and V are the same in all.
type Box struct {
	ID int // of the Type
	V  any // the erased value: never nil, never a box
}

// boxed is implemented by every kind of box, and by nothing else.
type boxed interface {
	box() Box
}

func (b Box) box() Box { return b }

// StringBox has a String method.
type StringBox Box

func (b StringBox) box() Box       { return Box(b) }
func (b StringBox) String() string { return Method(b.ID, "String").(func(any) string)(b.V) }

// An ErrorBox has an Error method. The letters after it say which of the methods
// that package errors looks for come with it: U is Unwrap() error, M is
// Unwrap() []error, I is Is(error) bool, A is As(any) bool.
type (
	ErrorBox    Box
	ErrorBoxI   Box
	ErrorBoxA   Box
	ErrorBoxIA  Box
	ErrorBoxU   Box
	ErrorBoxUI  Box
	ErrorBoxUA  Box
	ErrorBoxUIA Box
	ErrorBoxM   Box
	ErrorBoxMI  Box
	ErrorBoxMA  Box
	ErrorBoxMIA Box
)

func (b ErrorBox) box() Box    { return Box(b) }
func (b ErrorBoxI) box() Box   { return Box(b) }
func (b ErrorBoxA) box() Box   { return Box(b) }
func (b ErrorBoxIA) box() Box  { return Box(b) }
func (b ErrorBoxU) box() Box   { return Box(b) }
func (b ErrorBoxUI) box() Box  { return Box(b) }
func (b ErrorBoxUA) box() Box  { return Box(b) }
func (b ErrorBoxUIA) box() Box { return Box(b) }
func (b ErrorBoxM) box() Box   { return Box(b) }
func (b ErrorBoxMI) box() Box  { return Box(b) }
func (b ErrorBoxMA) box() Box  { return Box(b) }
func (b ErrorBoxMIA) box() Box { return Box(b) }

func (b Box) text() string         { return Method(b.ID, "Error").(func(any) string)(b.V) }
func (b Box) unwrap() error        { return Method(b.ID, "Unwrap").(func(any) error)(b.V) }
func (b Box) unwraps() []error     { return Method(b.ID, "Unwrap").(func(any) []error)(b.V) }
func (b Box) is(target error) bool { return Method(b.ID, "Is").(func(any, error) bool)(b.V, target) }
func (b Box) as(target any) bool   { return Method(b.ID, "As").(func(any, any) bool)(b.V, target) }

func (b ErrorBox) Error() string    { return Box(b).text() }
func (b ErrorBoxI) Error() string   { return Box(b).text() }
func (b ErrorBoxA) Error() string   { return Box(b).text() }
func (b ErrorBoxIA) Error() string  { return Box(b).text() }
func (b ErrorBoxU) Error() string   { return Box(b).text() }
func (b ErrorBoxUI) Error() string  { return Box(b).text() }
func (b ErrorBoxUA) Error() string  { return Box(b).text() }
func (b ErrorBoxUIA) Error() string { return Box(b).text() }
func (b ErrorBoxM) Error() string   { return Box(b).text() }
func (b ErrorBoxMI) Error() string  { return Box(b).text() }
func (b ErrorBoxMA) Error() string  { return Box(b).text() }
func (b ErrorBoxMIA) Error() string { return Box(b).text() }

func (b ErrorBoxU) Unwrap() error     { return Box(b).unwrap() }
func (b ErrorBoxUI) Unwrap() error    { return Box(b).unwrap() }
func (b ErrorBoxUA) Unwrap() error    { return Box(b).unwrap() }
func (b ErrorBoxUIA) Unwrap() error   { return Box(b).unwrap() }
func (b ErrorBoxM) Unwrap() []error   { return Box(b).unwraps() }
func (b ErrorBoxMI) Unwrap() []error  { return Box(b).unwraps() }
func (b ErrorBoxMA) Unwrap() []error  { return Box(b).unwraps() }
func (b ErrorBoxMIA) Unwrap() []error { return Box(b).unwraps() }

func (b ErrorBoxI) Is(target error) bool   { return Box(b).is(target) }
func (b ErrorBoxIA) Is(target error) bool  { return Box(b).is(target) }
func (b ErrorBoxUI) Is(target error) bool  { return Box(b).is(target) }
func (b ErrorBoxUIA) Is(target error) bool { return Box(b).is(target) }
func (b ErrorBoxMI) Is(target error) bool  { return Box(b).is(target) }
func (b ErrorBoxMIA) Is(target error) bool { return Box(b).is(target) }

func (b ErrorBoxA) As(target any) bool   { return Box(b).as(target) }
func (b ErrorBoxIA) As(target any) bool  { return Box(b).as(target) }
func (b ErrorBoxUA) As(target any) bool  { return Box(b).as(target) }
func (b ErrorBoxUIA) As(target any) bool { return Box(b).as(target) }
func (b ErrorBoxMA) As(target any) bool  { return Box(b).as(target) }
func (b ErrorBoxMIA) As(target any) bool { return Box(b).as(target) }

// Kind names the Go type of box that lower writes for a type with these methods.
func Kind(str, err, unwrap, unwraps, is, as bool) string {
	if !err {
		if str {
			return "StringBox"
		}
		return "Box"
	}
	s := "ErrorBox"
	switch {
	case unwrap:
		s += "U"
	case unwraps:
		s += "M"
	}
	if is {
		s += "I"
	}
	if as {
		s += "A"
	}
	return s
}

// AsBox is the box that v is, or wraps (see Wrap).
func AsBox(v any) (Box, bool) {
	switch b := v.(type) {
	case Box:
		return b, true
	case boxed:
		return b.box(), true
	case wrapped:
		id, value := b.Boxed()
		return Box{id, value}, true
	}
	return Box{}, false
}

// ID is the type id of v if it is a box, else 0.
func ID(v any) int {
	b, _ := AsBox(v)
	return b.ID
}

// Unbox is the erased value in a box, or v itself.
func Unbox(v any) any {
	if b, ok := AsBox(v); ok {
		return b.V
	}
	return v
}

// Bare is v without a wrapper: a box stays a box.
func Bare(v any) any {
	if w, ok := v.(wrapped); ok {
		id, value := w.Boxed()
		return Rebox(Box{id, value})
	}
	return v
}

// Rebox is b as the kind of box that its type has now.
func Rebox(b Box) any {
	switch TypeOf(b.ID).BoxKind {
	case "StringBox":
		return StringBox(b)
	case "ErrorBox":
		return ErrorBox(b)
	case "ErrorBoxI":
		return ErrorBoxI(b)
	case "ErrorBoxA":
		return ErrorBoxA(b)
	case "ErrorBoxIA":
		return ErrorBoxIA(b)
	case "ErrorBoxU":
		return ErrorBoxU(b)
	case "ErrorBoxUI":
		return ErrorBoxUI(b)
	case "ErrorBoxUA":
		return ErrorBoxUA(b)
	case "ErrorBoxUIA":
		return ErrorBoxUIA(b)
	case "ErrorBoxM":
		return ErrorBoxM(b)
	case "ErrorBoxMI":
		return ErrorBoxMI(b)
	case "ErrorBoxMA":
		return ErrorBoxMA(b)
	case "ErrorBoxMIA":
		return ErrorBoxMIA(b)
	}
	return b
}

// Eq is == of two interface values.
func Eq(a, b any) bool {
	x, okx := AsBox(a)
	y, oky := AsBox(b)
	if !okx && !oky {
		return a == b
	}
	if okx != oky || x.ID != y.ID {
		return false
	}
	if !reflect.TypeOf(x.V).Comparable() {
		panic(plainError("comparing uncomparable type " + TypeOf(x.ID).Name))
	}
	return x.V == y.V
}

// Key is an interface value as a key of a map: what Go refuses as a key panics
// with Go's text.
func Key(v any) any {
	if v == nil {
		return nil
	}
	b, ok := AsBox(v)
	if !ok {
		if !reflect.ValueOf(v).Comparable() {
			panic(plainError("hash of unhashable type " + reflect.TypeOf(v).String()))
		}
		return v
	}
	if !reflect.ValueOf(b.V).Comparable() {
		panic(plainError("hash of unhashable type " + TypeOf(b.ID).Name))
	}
	return Rebox(b)
}

// TypeName is what %T prints for v.
func TypeName(v any) string {
	if b, ok := AsBox(v); ok {
		return TypeOf(b.ID).Name
	}
	if v == nil {
		return "<nil>"
	}
	return fmt.Sprintf("%T", v)
}
