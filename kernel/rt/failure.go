package rt

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

// Panic is the panic statement. The value is as it lies in an interface: native,
// or a box.
func Panic(pos int, v any) {
	if g := Current(); g != nil {
		g.recovered()
	}
	panic(v)
}

// runtimeError gives the panic value of what f does.
func runtimeError(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// errNil is the panic value of a nil dereference.
var errNil = runtimeError(func() { var p *int; *p = 0 })

// Translate turns the panics of package reflect, by which yaegi does its work,
// into those that compiled Go raises.
func Translate(v any) any {
	switch e := v.(type) {
	case *reflect.ValueError:
		if e.Kind == reflect.Invalid {
			return errNil
		}
	case string:
		if strings.HasPrefix(e, "reflect: call of nil") || strings.Contains(e, "on zero Value") || strings.Contains(e, "on nil interface value") || strings.HasPrefix(e, "reflect.Value.Call: call of nil function") ||
			strings.HasPrefix(e, "reflect: call of Call on zero Value") {
			return errNil
		}
		if t, ok := reflectTexts[e]; ok {
			return plainError(t)
		}
	case runtime.Error:
		// Maps that reflect fills have other words for this than compiled ones.
		if t, ok := strings.CutPrefix(e.Error(), "hash of unhashable type: "); ok {
			return plainError("hash of unhashable type " + t)
		}
		// yaegi's own type assertion panics carry the interpreter's types; those
		// that cells do are raised by Assert.
		return v
	}
	return v
}

var reflectTexts = map[string]string{
	"reflect: slice index out of range":                         "index out of range",
	"reflect: array index out of range":                         "index out of range",
	"reflect: string index out of range":                        "index out of range",
	"reflect.Value.Slice: slice index out of bounds":            "slice bounds out of range",
	"reflect.Value.Slice3: slice index out of bounds":           "slice bounds out of range",
	"reflect.Value.Slice: string slice index out of bounds":     "slice bounds out of range",
	"reflect.Append: slice overflow":                            "growslice: len out of range",
	"reflect.Value.Grow: slice overflow":                        "growslice: len out of range",
	"reflect.MakeSlice: negative len":                           "makeslice: len out of range",
	"reflect.MakeSlice: negative cap":                           "makeslice: cap out of range",
	"reflect.MakeSlice: len > cap":                              "makeslice: cap out of range",
	"reflect: reflect.Value.SetMapIndex using nil map":          "assignment to entry in nil map",
	"reflect.Value.SetMapIndex: assignment to entry in nil map": "assignment to entry in nil map",
}

// plainError is a runtime error whose text is known only as text.
type plainError string

func (e plainError) Error() string { return "runtime error: " + string(e) }
func (e plainError) RuntimeError() {}

// PanicText is what Go prints after "panic: " for v.
func PanicText(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case error:
		return safeText(v.Error)
	case fmt.Stringer:
		return safeText(v.String)
	case string:
		return v
	case boxed:
		t := TypeOf(v.box().ID)
		text := safeText(func() string { return fmt.Sprint(v) })
		switch t.Under().Kind {
		case reflect.String:
			return fmt.Sprintf("%s(%q)", t.Name, text)
		case reflect.Struct, reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array, reflect.Func, reflect.Chan:
			return fmt.Sprintf("(%s) %s", t.Name, text)
		}
		return fmt.Sprintf("%s(%s)", t.Name, text)
	}
	switch reflect.TypeOf(v).Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return fmt.Sprint(v)
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return string(appendBuiltin(nil, v))
	}
	return fmt.Sprintf("(%T) %v", v, v)
}

// safeText guards against a String or Error method that panics itself.
func safeText(f func() string) (s string) {
	defer func() {
		if r := recover(); r != nil {
			s = fmt.Sprintf("(its text cannot be told: %v)", Translate(r))
		}
	}()
	return f()
}

func exitText(code int) string {
	return fmt.Sprintf("the cell called os.Exit(%d)", code)
}

// Index raises Go's error for an index out of range.
func Index(i, n int) {
	_ = make([]struct{}, n)[i]
}

// IndexUint raises Go's error for an unsigned index out of range.
func IndexUint(i uint64, n int) {
	_ = make([]struct{}, n)[i]
}

// Slice raises Go's error for a[lo:hi] of a slice with capacity n.
func Slice(lo, hi, n int) {
	_ = make([]struct{}, n)[lo:hi]
}

// SliceString raises Go's error for s[lo:hi].
func SliceString(s string, lo, hi int) {
	_ = s[lo:hi]
}

// Slice3 raises Go's error for a[lo:hi:max].
func Slice3(lo, hi, max, n int) {
	_ = make([]struct{}, n)[lo:hi:max]
}

// ArrayLen raises Go's error for the conversion of a slice of length n to an
// array of length want.
func ArrayLen(n, want int) {
	panic(plainError(fmt.Sprintf("cannot convert slice with length %d to array or pointer to array with length %d", n, want)))
}

// MakeLen raises Go's error for a make with a bad length or capacity.
func MakeLen(n int) {
	_ = make([]byte, n)
}

// Nil raises Go's error for a nil dereference.
func Nil() { panic(errNil) }

// NilMethod raises Go's error for a value's method called through a nil pointer in an
// interface or method expression: method is as main.T.M, base is T.
func NilMethod(method, base string) {
	panic(bareError("value method " + method + " called using nil *" + base + " pointer"))
}

// bareError is a runtime error whose text does not begin with "runtime error".
type bareError string

func (e bareError) Error() string { return string(e) }
func (e bareError) RuntimeError() {}

// NotOfCell is v, unless it is of a cell's type: a package of std that looks into it
// by reflection would see a box.
func NotOfCell(v any, pkg string) any {
	if b, ok := AsBox(v); ok {
		panic(bareError("package " + pkg + " does not see into types that are declared in a cell (" + TypeOf(b.ID).Name + "); encoding/json does"))
	}
	return v
}
