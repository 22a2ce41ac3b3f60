package rt

import (
	"reflect"
	"sync"
)

// Wrappers. A box has the methods of its kind only. Where a cell's value becomes
// another compiled interface (io.Reader, sort.Interface, http.Handler), it is
// given the methods of that interface by a wrapper: a struct that yaegi's symbol
// tables hold for each interface, with a field IValue for the value and a field
// W<Method> for each method. Values behind a pointer to it are comparable by
// identity only, so cells look through wrappers with AsBox.

var wrappers = struct {
	sync.RWMutex
	byInterface map[reflect.Type]reflect.Type
	isWrapper   map[reflect.Type]bool // pointers to wrapper structs
}{byInterface: map[reflect.Type]reflect.Type{}, isWrapper: map[reflect.Type]bool{}}

// RegisterWrapper tells the wrapper struct of an interface type.
func RegisterWrapper(iface, wrapper reflect.Type) {
	wrappers.Lock()
	defer wrappers.Unlock()
	wrappers.byInterface[iface] = wrapper
	wrappers.isWrapper[reflect.PointerTo(wrapper)] = true
}

func isWrapper(t reflect.Type) bool {
	if t.Kind() != reflect.Pointer {
		return false
	}
	wrappers.RLock()
	defer wrappers.RUnlock()
	return wrappers.isWrapper[t]
}

// wrapped is the box in a wrapper.
func wrapped(v any) (Box, bool) {
	return AsBox(reflect.ValueOf(v).Elem().FieldByName("IValue").Interface())
}

// Wrap gives the box v the methods of an interface. iface is a nil pointer to it:
// (*io.Reader)(nil). The result is asserted to the interface by the caller.
func Wrap(iface any, v any) any {
	t := reflect.TypeOf(iface).Elem()
	if v == nil || reflect.TypeOf(v).Implements(t) {
		return v
	}
	b, ok := AsBox(v)
	if !ok {
		return v
	}
	if k := Rebox(b); reflect.TypeOf(k).Implements(t) {
		return k
	}
	wrappers.RLock()
	w := wrappers.byInterface[t]
	wrappers.RUnlock()
	if w == nil {
		panic("rt: no wrapper for " + t.String())
	}
	p := reflect.New(w)
	p.Elem().FieldByName("IValue").Set(reflect.ValueOf(Rebox(b)))
	for i := range t.NumMethod() {
		m := t.Method(i)
		if !HasMethod(b.ID, m.Name) {
			continue
		}
		body := reflect.ValueOf(Method(b.ID, m.Name))
		receiver := reflect.ValueOf(&b.V).Elem()
		f := reflect.MakeFunc(m.Type, func(args []reflect.Value) []reflect.Value {
			in := append([]reflect.Value{receiver}, args...)
			if m.Type.IsVariadic() {
				return body.CallSlice(in)
			}
			return body.Call(in)
		})
		p.Elem().FieldByName("W" + m.Name).Set(f)
	}
	return p.Interface()
}
