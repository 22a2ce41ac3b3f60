package reflect

import (
	"go/token"
	"reflect"

	"netsplit/kernel/rt"
)

// Method describes a method. The first parameter of Type and Func is the receiver,
// except where the type is an interface.
type Method struct {
	Name    string
	PkgPath string
	Type    Type
	Func    Value
	Index   int
}

// IsExported tells whether the method is exported.
func (m Method) IsExported() bool { return m.PkgPath == "" }

// methods are the methods that a program can see: exported ones, and all of an
// interface.
func (t *rtype) methods() []rt.Sig {
	var list []rt.Sig
	d := t.cell()
	for _, m := range d.Methods {
		if token.IsExported(m.Name) || d.Kind == Interface {
			list = append(list, m)
		}
	}
	return list
}

func (t *rtype) NumMethod() int {
	if t.cell() == nil {
		return t.real.NumMethod()
	}
	return len(t.methods())
}

func (t *rtype) Method(i int) Method {
	if t.cell() == nil {
		m := t.real.Method(i)
		made := Method{Name: m.Name, PkgPath: m.PkgPath, Type: native(m.Type), Index: m.Index}
		if m.Func.IsValid() {
			made.Func = Value{v: m.Func, t: native(m.Type)}
		}
		return made
	}
	list := t.methods()
	if i < 0 || i >= len(list) {
		panic("reflect: Method index out of range")
	}
	return t.method(list[i], i)
}

// method describes a method of a cell's type.
func (t *rtype) method(m rt.Sig, i int) Method {
	made := Method{Name: m.Name, Index: i}
	if !token.IsExported(m.Name) {
		made.PkgPath = "main"
	}
	if t.Kind() == Interface {
		if real := signatureOf(m.Sig); real != nil {
			made.Type = ofSignature(m.Sig, real)
		}
		return made
	}
	body := reflect.ValueOf(rt.Method(t.number(), m.Name))
	ins, outs := parts(body.Type())
	ins[0] = t.real
	real := reflect.FuncOf(ins, outs, body.Type().IsVariadic())
	in, out := signature(m.Sig)
	var inTypes, outTypes []Type
	inTypes = append(inTypes, t)
	for k := range in {
		inTypes = append(inTypes, ofKey(in[k], real.In(k+1)))
	}
	for k := range out {
		outTypes = append(outTypes, ofKey(out[k], real.Out(k)))
	}
	typ := FuncOf(inTypes, outTypes, real.IsVariadic()).common()
	made.Type = typ
	made.Func = Value{t: typ, v: reflect.MakeFunc(real, func(args []reflect.Value) []reflect.Value {
		return callBody(body, args[0], args[1:])
	})}
	return made
}

// signatureOf is the function type with a key of native types, as far as it can be
// told without a value: methods of a cell's interface have no body.
func signatureOf(string) reflect.Type { return nil }

func parts(f reflect.Type) (in, out []reflect.Type) {
	for i := range f.NumIn() {
		in = append(in, f.In(i))
	}
	for i := range f.NumOut() {
		out = append(out, f.Out(i))
	}
	return in, out
}

// callBody calls the body of a method, whose first parameter is an any.
func callBody(body, recv reflect.Value, args []reflect.Value) []reflect.Value {
	r := reflect.New(body.Type().In(0)).Elem()
	r.Set(recv)
	args = append([]reflect.Value{r}, args...)
	if body.Type().IsVariadic() {
		return body.CallSlice(args)
	}
	return body.Call(args)
}

func (t *rtype) MethodByName(name string) (Method, bool) {
	if t.cell() == nil {
		m, ok := t.real.MethodByName(name)
		if !ok {
			return Method{}, false
		}
		return t.Method(m.Index), true
	}
	for i, m := range t.methods() {
		if m.Name == name {
			return t.method(m, i), true
		}
	}
	return Method{}, false
}

// NumMethod counts the methods of the value's type.
func (v Value) NumMethod() int {
	v.valid("reflect.Value.NumMethod")
	return v.t.NumMethod()
}

// Method is method i bound to the value.
func (v Value) Method(i int) Value {
	v.valid("reflect.Value.Method")
	if v.t.cell() == nil && v.t.Kind() != Interface {
		return Value{v: v.v.Method(i), t: native(v.v.Method(i).Type()), ro: v.ro}
	}
	return v.bound(v.t.Method(i).Name)
}

// MethodByName is the method with this name, bound to the value, or the zero Value.
func (v Value) MethodByName(name string) Value {
	v.valid("reflect.Value.MethodByName")
	if v.t.cell() == nil && v.t.Kind() != Interface {
		m := v.v.MethodByName(name)
		if !m.IsValid() {
			return Value{}
		}
		return Value{v: m, t: native(m.Type()), ro: v.ro}
	}
	if v.t.Kind() == Interface {
		if v.IsNil() {
			panic("reflect: Method on nil interface value")
		}
		return v.bound(name)
	}
	for _, m := range v.t.methods() {
		if m.Name == name {
			return v.bound(name)
		}
	}
	return Value{}
}

// bound binds a method to the value.
func (v Value) bound(name string) Value {
	if v.t.Kind() == Interface {
		if v.IsNil() {
			panic("reflect: Method on nil interface value")
		}
		return v.Elem().MethodByName(name)
	}
	m, _ := v.t.cell().Method(name)
	body := reflect.ValueOf(rt.Method(v.t.number(), name))
	ins, outs := parts(body.Type())
	real := reflect.FuncOf(ins[1:], outs, body.Type().IsVariadic())
	recv := reflect.ValueOf(v.v.Interface())
	return Value{t: ofSignature(m.Sig, real), ro: v.ro, v: reflect.MakeFunc(real, func(args []reflect.Value) []reflect.Value {
		return callBody(body, recv, args)
	})}
}

// Call calls the function.
func (v Value) Call(in []Value) []Value { return v.call("Call", in) }

// CallSlice calls a variadic function with its last argument as the slice.
func (v Value) CallSlice(in []Value) []Value { return v.call("CallSlice", in) }

func (v Value) call(op string, in []Value) []Value {
	v.must("reflect.Value."+op, Func)
	v.exported("reflect.Value." + op)
	f := v.bare()
	if f.IsNil() {
		panic("reflect.Value.Call: call of nil function")
	}
	t := f.Type()
	n := t.NumIn()
	args := make([]reflect.Value, len(in))
	for i, x := range in {
		if !x.IsValid() {
			panic("reflect: " + op + " using zero Value argument")
		}
		switch {
		case op == "Call" && t.IsVariadic() && i >= n-1:
			args[i] = v.t.in(n-1).elem().take(x, "reflect.Value."+op)
		case i < n:
			if !x.t.AssignableTo(v.t.in(i)) {
				panic("reflect: " + op + " using " + x.t.String() + " as type " + v.t.in(i).String())
			}
			args[i] = v.t.in(i).take(x, "reflect.Value."+op)
		default:
			panic("reflect: " + op + " with too many input arguments")
		}
	}
	var results []reflect.Value
	if op == "CallSlice" {
		results = f.CallSlice(args)
	} else {
		results = f.Call(args)
	}
	out := make([]Value, len(results))
	for i, r := range results {
		out[i] = Value{v: r, t: v.t.out(i)}
	}
	return out
}

// MakeFunc makes a function of a type from one that takes and gives Values.
func MakeFunc(typ Type, fn func(args []Value) (results []Value)) Value {
	t := typ.common()
	if t.Kind() != Func {
		panic("reflect: call of MakeFunc with non-Func type")
	}
	return Value{t: t, v: reflect.MakeFunc(t.under(), func(in []reflect.Value) []reflect.Value {
		args := make([]Value, len(in))
		for i, a := range in {
			args[i] = Value{v: a, t: t.in(i)}
		}
		results := fn(args)
		if len(results) != t.NumOut() {
			panic("reflect: wrong return count from function created by MakeFunc")
		}
		out := make([]reflect.Value, len(results))
		for i, r := range results {
			if !r.IsValid() {
				panic("reflect: function created by MakeFunc using " + "closure returned zero Value")
			}
			out[i] = t.out(i).take(r, "reflect.MakeFunc")
		}
		return out
	})}
}
