package rt

import (
	"reflect"
	"sort"
	"sync"
)

// Wrappers. A box has the methods of its kind only. Where a cell's value becomes
// another compiled interface (io.Reader, sort.Interface, http.Handler), Wrap gives
// it the methods of that interface: it puts the box in a struct that package
// wrappers registered. The struct is comparable and still a box to AsBox, so that
// assertions, == and map keys in cells see through it.

// wrapped is implemented by every such struct, and by nothing else.
type wrapped interface {
	Boxed() (id int, value any)
}

// Wrapper makes the structs for one interface type.
type Wrapper struct {
	Interface reflect.Type
	Make      func(id int, value any) any
}

var wrappers struct {
	sync.RWMutex
	all    []Wrapper
	sorted bool
	chosen map[choice]func(int, any) any
}

type choice struct {
	iface reflect.Type
	id    int
}

// RegisterWrappers adds wrappers. Package wrappers calls it.
func RegisterWrappers(list ...Wrapper) {
	wrappers.Lock()
	defer wrappers.Unlock()
	wrappers.all = append(wrappers.all, list...)
	wrappers.sorted = false
}

// Wrap gives the box v the methods of an interface. iface is a nil pointer to it:
// (*io.Reader)(nil). The result is asserted to the interface by the caller; it is
// v itself where v has the methods.
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
	key := choice{t, b.ID}
	wrappers.RLock()
	wrap := wrappers.chosen[key]
	wrappers.RUnlock()
	if wrap == nil {
		wrap = choose(key)
	}
	if wrap == nil {
		panic(plainError("interface conversion: " + TypeOf(b.ID).Name + " cannot be used as " + t.String() + " by compiled code"))
	}
	return wrap(b.ID, b.V)
}

// Offer gives v the methods of an interface that compiled code looks for in any value,
// if v is a box whose type has them. Iface is as for Wrap.
func Offer(iface any, v any) any {
	b, ok := AsBox(v)
	if t := reflect.TypeOf(iface).Elem(); !ok || reflect.TypeOf(v).Implements(t) || !has(b.ID, t) {
		return v
	}
	return Wrap(iface, v)
}

// choose finds the largest interface that has the methods of the wanted one and
// no method that the box's type lacks: what compiled code asks for beyond the
// wanted interface is then found if a wrapper has it.
func choose(key choice) func(int, any) any {
	wrappers.Lock()
	defer wrappers.Unlock()
	if !wrappers.sorted {
		sort.SliceStable(wrappers.all, func(i, j int) bool {
			return wrappers.all[i].Interface.NumMethod() > wrappers.all[j].Interface.NumMethod()
		})
		wrappers.sorted = true
	}
	for _, w := range wrappers.all {
		if w.Interface.Implements(key.iface) && has(key.id, w.Interface) {
			if wrappers.chosen == nil {
				wrappers.chosen = map[choice]func(int, any) any{}
			}
			wrappers.chosen[key] = w.Make
			return w.Make
		}
	}
	return nil
}

// HasMethods tells whether the type with this id has the methods of a compiled interface.
func HasMethods(id int, iface reflect.Type) bool { return has(id, iface) }

// has tells whether the type with this id has bodies for all methods of an
// interface, with exactly its signatures.
func has(id int, iface reflect.Type) bool {
	for i := range iface.NumMethod() {
		m := iface.Method(i)
		if !HasMethod(id, m.Name) {
			return false
		}
		body := reflect.TypeOf(Method(id, m.Name))
		if body.NumIn() != m.Type.NumIn()+1 || body.NumOut() != m.Type.NumOut() || body.IsVariadic() != m.Type.IsVariadic() {
			return false
		}
		for j := range m.Type.NumIn() {
			if body.In(j+1) != m.Type.In(j) {
				return false
			}
		}
		for j := range m.Type.NumOut() {
			if body.Out(j) != m.Type.Out(j) {
				return false
			}
		}
	}
	return true
}

// forgetWrappers drops what was chosen, because a type has other methods now.
func forgetWrappers() {
	wrappers.Lock()
	wrappers.chosen = nil
	wrappers.Unlock()
}
