package rt

import (
	"iter"
	"reflect"
	"sync"
	"sync/atomic"
)

// What the overlays of package lower need in place of unsafe and of the runtime.

// Overlap tells whether two slices of one type share elements.
func Overlap(a, b any) bool {
	x, y := reflect.ValueOf(Unbox(a)), reflect.ValueOf(Unbox(b))
	if x.Len() == 0 || y.Len() == 0 {
		return false
	}
	size := x.Type().Elem().Size()
	if size == 0 {
		return false
	}
	x0, y0 := x.Pointer(), y.Pointer()
	return x0 <= y0+uintptr(y.Len())*size-1 && y0 <= x0+uintptr(x.Len())*size-1
}

// StartIndex is the index in haystack where needle, a part of it, begins.
func StartIndex(haystack, needle any) int {
	x, y := reflect.ValueOf(Unbox(haystack)), reflect.ValueOf(Unbox(needle))
	for i := range x.Len() {
		if x.Index(i).Addr().Pointer() == y.Pointer() {
			return i
		}
	}
	panic("needle not found")
}

// CloneMap is a shallow copy of a map; a box of one gives a box.
func CloneMap(m any) any {
	b, boxed := AsBox(m)
	v := reflect.ValueOf(Unbox(m))
	if v.IsNil() {
		return m
	}
	c := reflect.MakeMapWithSize(v.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		c.SetMapIndex(it.Key(), it.Value())
	}
	if boxed {
		return Rebox(Box{b.ID, c.Interface()})
	}
	return c.Interface()
}

// Pull turns a push iterator into steps: seq calls yield once for each step.
func Pull(seq func(yield func() bool)) (next func() bool, stop func()) {
	g := Current()
	step, end := iter.Pull(func(yield func(struct{}) bool) {
		if g != nil {
			Become(g.Owner)
		}
		seq(func() bool { return yield(struct{}{}) })
	})
	return func() bool {
		_, ok := step()
		return ok
	}, end
}

// AtomicPointer is what atomic.Pointer is in cells: it holds a pointer as an any.
type AtomicPointer struct{ v atomic.Pointer[any] }

func (p *AtomicPointer) Load() any {
	if v := p.v.Load(); v != nil {
		return *v
	}
	return nil
}

func (p *AtomicPointer) Store(v any) { p.v.Store(&v) }

func (p *AtomicPointer) Swap(v any) any {
	if old := p.v.Swap(&v); old != nil {
		return *old
	}
	return nil
}

func (p *AtomicPointer) CompareAndSwap(old, new any) bool {
	for {
		at := p.v.Load()
		var have any
		if at != nil {
			have = *at
		}
		if !samePointer(have, old) {
			return false
		}
		if p.v.CompareAndSwap(at, &new) {
			return true
		}
	}
}

// samePointer compares pointers that may be nil by type or by value.
func samePointer(a, b any) bool {
	x, y := reflect.ValueOf(Unbox(a)), reflect.ValueOf(Unbox(b))
	xn, yn := !x.IsValid() || x.IsNil(), !y.IsValid() || y.IsNil()
	if xn || yn {
		return xn == yn
	}
	return x.Pointer() == y.Pointer()
}

var uniques sync.Map

// Unique gives the same pointer for equal values.
func Unique(v any) *any {
	p := new(any)
	*p = v
	have, _ := uniques.LoadOrStore(Key(v), p)
	return have.(*any)
}
