package reflect

import (
	"fmt"
	"iter"
	"reflect"

	"netsplit/kernel/rt"
)

// Value is a value with the type that a learner knows.
type Value struct {
	v  reflect.Value // erased
	t  *rtype
	ro bool // reached through an unexported field of a cell's struct
}

// ValueOf is the value in an interface.
func ValueOf(i any) Value {
	if i == nil {
		return Value{}
	}
	t, v := of(i)
	return Value{v: v, t: t}
}

// valid panics for the zero Value.
func (v Value) valid(method string) {
	if v.t == nil {
		panic(&ValueError{method, Invalid})
	}
}

// must panics unless the value is of one of the kinds.
func (v Value) must(method string, kinds ...Kind) {
	v.valid(method)
	for _, k := range kinds {
		if v.t.Kind() == k {
			return
		}
	}
	panic(&ValueError{method, v.t.Kind()})
}

// exported panics for a value that was reached through an unexported field.
func (v Value) exported(method string) {
	if v.ro {
		panic("reflect: " + method + " using value obtained using unexported field")
	}
}

// bare is the erased value without the struct that recursive types are wrapped in.
func (v Value) bare() reflect.Value {
	if d := v.t.cell(); d != nil && d.Wrapped {
		return v.v.Field(0)
	}
	return v.v
}

// from is a component of v.
func (v Value) from(x reflect.Value, t *rtype) Value { return Value{v: x, t: t, ro: v.ro} }

func (v Value) IsValid() bool { return v.t != nil }

func (v Value) Kind() Kind {
	if v.t == nil {
		return Invalid
	}
	return v.t.Kind()
}

func (v Value) Type() Type {
	v.valid("reflect.Value.Type")
	return v.t
}

func (v Value) CanInterface() bool {
	v.valid("reflect.Value.CanInterface")
	return !v.ro && v.v.CanInterface()
}

// Interface is the value as a learner's code has it in an interface.
func (v Value) Interface() any {
	v.valid("reflect.Value.Interface")
	if v.ro {
		panic("reflect.Value.Interface: cannot return value obtained from unexported field or method")
	}
	return v.box()
}

// box is Interface for values of unexported fields, too.
func (v Value) box() any {
	if v.Kind() == Interface {
		if v.v.IsNil() {
			return nil
		}
		return rt.Bare(v.v.Interface())
	}
	if v.t.key == "" {
		return v.v.Interface()
	}
	return rt.Rebox(rt.Box{ID: v.t.number(), V: v.v.Interface()})
}

// Format prints the value that v holds, as package fmt does.
func (v Value) Format(s fmt.State, verb rune) {
	switch {
	case v.t == nil:
		fmt.Fprint(s, "<invalid reflect.Value>")
	case !v.v.CanInterface():
		fmt.Fprintf(s, fmt.FormatString(s, verb), v.v)
	default:
		fmt.Fprintf(s, fmt.FormatString(s, verb), v.box())
	}
}

// String is the string, or tells the type of a value that is none.
func (v Value) String() string {
	switch v.Kind() {
	case Invalid:
		return "<invalid Value>"
	case String:
		return v.bare().String()
	}
	return "<" + v.t.String() + " Value>"
}

// take is x as an erased value of type t, to which it must be assignable.
func (t *rtype) take(x Value, context string) reflect.Value {
	if x.t == nil {
		panic("reflect: call of " + context + " on zero Value")
	}
	x.exported(context)
	if x.t == t {
		return x.v
	}
	if !x.t.AssignableTo(t) {
		panic(context + ": value of type " + x.t.String() + " is not assignable to type " + t.String())
	}
	if t.Kind() == Interface {
		slot := reflect.New(t.real).Elem()
		in := x.box()
		if in != nil && t.real.NumMethod() > 0 {
			in = rt.Wrap(reflect.Zero(reflect.PointerTo(t.real)).Interface(), in)
		}
		if in != nil {
			slot.Set(reflect.ValueOf(in))
		}
		return slot
	}
	return t.erase(x.bare())
}

// erase puts an erased value of the same structure into the form that t has.
func (t *rtype) erase(v reflect.Value) reflect.Value {
	if v.Type() != t.under() {
		v = v.Convert(t.under())
	}
	if t.under() == t.real {
		return v
	}
	w := reflect.New(t.real).Elem()
	w.Field(0).Set(v)
	return w
}

func (v Value) CanAddr() bool { return v.v.CanAddr() }
func (v Value) CanSet() bool  { return v.v.CanSet() && !v.ro }

func (v Value) Addr() Value {
	if !v.v.CanAddr() {
		panic("reflect.Value.Addr of unaddressable value")
	}
	return v.from(v.v.Addr(), PointerTo(v.t).common())
}

func (v Value) settable(method string) {
	v.valid(method)
	v.exported(method)
}

// Set assigns x.
func (v Value) Set(x Value) {
	v.settable("reflect.Set")
	v.v.Set(v.t.take(x, "reflect.Set"))
}

func (v Value) SetZero()           { v.settable("reflect.Value.SetZero"); v.v.SetZero() }
func (v Value) SetBool(x bool)     { v.settable("reflect.Value.SetBool"); v.bare().SetBool(x) }
func (v Value) SetInt(x int64)     { v.settable("reflect.Value.SetInt"); v.bare().SetInt(x) }
func (v Value) SetUint(x uint64)   { v.settable("reflect.Value.SetUint"); v.bare().SetUint(x) }
func (v Value) SetFloat(x float64) { v.settable("reflect.Value.SetFloat"); v.bare().SetFloat(x) }
func (v Value) SetComplex(x complex128) {
	v.settable("reflect.Value.SetComplex")
	v.bare().SetComplex(x)
}
func (v Value) SetString(x string) { v.settable("reflect.Value.SetString"); v.bare().SetString(x) }
func (v Value) SetBytes(x []byte)  { v.settable("reflect.Value.SetBytes"); v.bare().SetBytes(x) }
func (v Value) SetLen(n int)       { v.settable("reflect.Value.SetLen"); v.bare().SetLen(n) }
func (v Value) SetCap(n int)       { v.settable("reflect.Value.SetCap"); v.bare().SetCap(n) }
func (v Value) Grow(n int)         { v.settable("reflect.Value.Grow"); v.bare().Grow(n) }
func (v Value) Clear()             { v.valid("reflect.Value.Clear"); v.bare().Clear() }

func (v Value) Bool() bool          { v.must("reflect.Value.Bool", Bool); return v.bare().Bool() }
func (v Value) Complex() complex128 { v.valid("reflect.Value.Complex"); return v.bare().Complex() }
func (v Value) Float() float64 {
	v.must("reflect.Value.Float", Float32, Float64)
	return v.bare().Float()
}
func (v Value) Int() int64 {
	v.must("reflect.Value.Int", Int, Int8, Int16, Int32, Int64)
	return v.bare().Int()
}
func (v Value) Uint() uint64 {
	v.must("reflect.Value.Uint", Uint, Uint8, Uint16, Uint32, Uint64, Uintptr)
	return v.bare().Uint()
}
func (v Value) Bytes() []byte { v.valid("reflect.Value.Bytes"); return v.bare().Bytes() }

func (v Value) CanInt() bool     { return v.v.CanInt() }
func (v Value) CanUint() bool    { return v.v.CanUint() }
func (v Value) CanFloat() bool   { return v.v.CanFloat() }
func (v Value) CanComplex() bool { return v.v.CanComplex() }

func (v Value) OverflowInt(x int64) bool     { return v.bare().OverflowInt(x) }
func (v Value) OverflowUint(x uint64) bool   { return v.bare().OverflowUint(x) }
func (v Value) OverflowFloat(x float64) bool { return v.bare().OverflowFloat(x) }
func (v Value) OverflowComplex(x complex128) bool {
	return v.bare().OverflowComplex(x)
}

func (v Value) Len() int {
	if v.Kind() == Pointer && v.t.elem().Kind() == Array {
		return v.t.elem().Len()
	}
	v.must("reflect.Value.Len", Slice, Array, String, Map, Chan)
	return v.bare().Len()
}

func (v Value) Cap() int {
	v.valid("reflect.Value.Cap")
	return v.bare().Cap()
}

func (v Value) IsNil() bool {
	v.must("reflect.Value.IsNil", Chan, Func, Map, Pointer, UnsafePointer, Interface, Slice)
	return v.bare().IsNil()
}

func (v Value) IsZero() bool {
	v.valid("reflect.Value.IsZero")
	return v.v.IsZero()
}

func (v Value) Pointer() uintptr { v.valid("reflect.Value.Pointer"); return v.bare().Pointer() }
func (v Value) UnsafeAddr() uintptr {
	v.valid("reflect.Value.UnsafeAddr")
	return v.v.UnsafeAddr()
}

func (v Value) Comparable() bool { return v.t == nil || v.v.Comparable() }

func (v Value) Equal(u Value) bool {
	if v.Kind() == Interface {
		v = v.Elem()
	}
	if u.Kind() == Interface {
		u = u.Elem()
	}
	if !v.IsValid() || !u.IsValid() {
		return v.IsValid() == u.IsValid()
	}
	return v.t == u.t && v.v.Equal(u.v)
}

// Elem is what a pointer points to, or what lies in an interface.
func (v Value) Elem() Value {
	v.must("reflect.Value.Elem", Interface, Pointer)
	if v.Kind() == Interface {
		if v.v.IsNil() {
			return Value{}
		}
		t, x := of(v.v.Interface())
		return v.from(x, t)
	}
	p := v.bare()
	if p.IsNil() {
		return Value{}
	}
	return v.from(p.Elem(), v.t.elem())
}

func (v Value) NumField() int {
	v.must("reflect.Value.NumField", Struct)
	return v.t.NumField()
}

func (v Value) Field(i int) Value {
	v.must("reflect.Value.Field", Struct)
	if i < 0 || i >= v.t.NumField() {
		panic("reflect: Field index out of range")
	}
	f := v.t.Field(i)
	x := v.from(v.v.Field(i), f.Type.common())
	// A promoted method is found through an embedded struct that is not exported.
	x.ro = x.ro || v.t.key != "" && f.PkgPath != ""
	return x
}

func (v Value) FieldByIndex(index []int) Value {
	x, err := v.FieldByIndexErr(index)
	if err != nil {
		panic("reflect: indirection through nil pointer to embedded struct")
	}
	return x
}

func (v Value) FieldByIndexErr(index []int) (Value, error) {
	for i, k := range index {
		if i > 0 && v.Kind() == Pointer && v.t.elem().Kind() == Struct {
			if v.IsNil() {
				return Value{}, fmt.Errorf("reflect: indirection through nil pointer to embedded struct field %s", v.t.elem().Name())
			}
			v = v.Elem()
		}
		v = v.Field(k)
	}
	return v, nil
}

func (v Value) FieldByName(name string) Value {
	v.must("reflect.Value.FieldByName", Struct)
	if f, ok := v.t.FieldByName(name); ok {
		return v.FieldByIndex(f.Index)
	}
	return Value{}
}

func (v Value) FieldByNameFunc(match func(string) bool) Value {
	v.must("reflect.Value.FieldByNameFunc", Struct)
	if f, ok := v.t.FieldByNameFunc(match); ok {
		return v.FieldByIndex(f.Index)
	}
	return Value{}
}

// Index is element i.
func (v Value) Index(i int) Value {
	v.must("reflect.Value.Index", Slice, Array, String)
	x := v.bare()
	if i < 0 || i >= x.Len() {
		panic("reflect: " + v.Kind().String() + " index out of range")
	}
	if v.Kind() == String {
		return v.from(x.Index(i), native(x.Index(i).Type()))
	}
	return v.from(x.Index(i), v.t.elem())
}

func (v Value) Slice(i, j int) Value {
	x := v.bare().Slice(i, j)
	t := v.t
	if v.Kind() == Array {
		t = SliceOf(v.t.elem()).common()
	}
	return v.from(t.erase(x), t)
}

func (v Value) Slice3(i, j, k int) Value {
	x := v.bare().Slice3(i, j, k)
	t := v.t
	if v.Kind() == Array {
		t = SliceOf(v.t.elem()).common()
	}
	return v.from(t.erase(x), t)
}

// Convert is T(v).
func (v Value) Convert(t Type) Value {
	v.valid("reflect.Value.Convert")
	to := t.common()
	if !v.t.ConvertibleTo(t) {
		panic("reflect.Value.Convert: value of type " + v.t.String() + " cannot be converted to type " + to.String())
	}
	if to.Kind() == Interface {
		return Value{v: to.take(Value{v: v.v, t: v.t}, "reflect.Value.Convert"), t: to, ro: v.ro}
	}
	return v.from(to.erase(v.bare()), to)
}

func (v Value) CanConvert(t Type) bool { return v.t.ConvertibleTo(t) }

func (v Value) Seq() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for x := range v.bare().Seq() {
			t := native(x.Type())
			switch v.Kind() {
			case Map:
				t = v.t.mapKey()
			case Chan:
				t = v.t.elem()
			case Func:
				t = v.t.in(0).in(0)
			}
			if !yield(Value{v: x, t: t, ro: v.ro}) {
				return
			}
		}
	}
}

func (v Value) Seq2() iter.Seq2[Value, Value] {
	return func(yield func(Value, Value) bool) {
		for x, y := range v.bare().Seq2() {
			k, e := native(x.Type()), native(y.Type())
			switch v.Kind() {
			case Map:
				k, e = v.t.mapKey(), v.t.elem()
			case Slice, Array:
				e = v.t.elem()
			case Pointer:
				e = v.t.elem().elem()
			case Func:
				k, e = v.t.in(0).in(0), v.t.in(0).in(1)
			}
			if !yield(Value{v: x, t: k, ro: v.ro}, Value{v: y, t: e, ro: v.ro}) {
				return
			}
		}
	}
}
