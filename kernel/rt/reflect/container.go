package reflect

import (
	"reflect"

	"netsplit/kernel/rt"
)

// New is a pointer to a new zero value.
func New(t Type) Value {
	return Value{v: reflect.New(t.common().real), t: PointerTo(t).common()}
}

// Zero is the zero value of a type.
func Zero(t Type) Value {
	if t == nil {
		panic("reflect: Zero(nil)")
	}
	return Value{v: reflect.Zero(t.common().real), t: t.common()}
}

// Indirect is what a pointer points to, or v.
func Indirect(v Value) Value {
	if v.Kind() == Pointer {
		return v.Elem()
	}
	return v
}

// TypeForPointer is TypeFor[T], given (*T)(nil).
func TypeForPointer(p any) Type { return TypeOf(p).Elem() }

func MakeSlice(t Type, len, cap int) Value {
	c := t.common()
	if c.Kind() != Slice {
		panic("reflect.MakeSlice of non-slice type")
	}
	return Value{v: c.erase(reflect.MakeSlice(c.under(), len, cap)), t: c}
}

func MakeMap(t Type) Value { return MakeMapWithSize(t, 0) }

func MakeMapWithSize(t Type, n int) Value {
	c := t.common()
	if c.Kind() != Map {
		panic("reflect.MakeMapWithSize of non-map type")
	}
	return Value{v: c.erase(reflect.MakeMapWithSize(c.under(), n)), t: c}
}

func MakeChan(t Type, buffer int) Value {
	c := t.common()
	if c.Kind() != Chan {
		panic("reflect.MakeChan of non-chan type")
	}
	return Value{v: c.erase(reflect.MakeChan(c.under(), buffer)), t: c}
}

// Append is append(s, x...).
func Append(s Value, x ...Value) Value {
	s.must("reflect.Append", Slice)
	out := s.bare()
	for _, one := range x {
		out = reflect.Append(out, s.t.elem().take(one, "reflect.Append"))
	}
	return Value{v: s.t.erase(out), t: s.t}
}

func AppendSlice(s, t Value) Value {
	s.must("reflect.AppendSlice", Slice)
	t.must("reflect.AppendSlice", Slice)
	return Value{v: s.t.erase(reflect.AppendSlice(s.bare(), t.bare())), t: s.t}
}

func Copy(dst, src Value) int { return reflect.Copy(dst.bare(), src.bare()) }

// Swapper swaps elements of a slice.
func Swapper(slice any) func(i, j int) { return reflect.Swapper(rt.Unbox(slice)) }

// DeepEqual compares as the standard package does.
func DeepEqual(x, y any) bool { return reflect.DeepEqual(rt.Bare(x), rt.Bare(y)) }

// MapIndex is m[key], or the zero Value.
func (v Value) MapIndex(key Value) Value {
	v.must("reflect.Value.MapIndex", Map)
	x := v.bare().MapIndex(v.t.mapKey().take(key, "reflect.Value.MapIndex"))
	if !x.IsValid() {
		return Value{}
	}
	return v.from(x, v.t.elem())
}

func (v Value) SetMapIndex(key, elem Value) {
	v.must("reflect.Value.SetMapIndex", Map)
	v.exported("reflect.Value.SetMapIndex")
	k := v.t.mapKey().take(key, "reflect.Value.SetMapIndex")
	if !elem.IsValid() {
		v.bare().SetMapIndex(k, reflect.Value{})
		return
	}
	v.bare().SetMapIndex(k, v.t.elem().take(elem, "reflect.Value.SetMapIndex"))
}

func (v Value) MapKeys() []Value {
	v.must("reflect.Value.MapKeys", Map)
	var keys []Value
	for _, k := range v.bare().MapKeys() {
		keys = append(keys, v.from(k, v.t.mapKey()))
	}
	return keys
}

// MapIter goes over a map.
type MapIter struct {
	m  Value
	it *reflect.MapIter
}

func (v Value) MapRange() *MapIter {
	v.must("reflect.Value.MapRange", Map)
	return &MapIter{v, v.bare().MapRange()}
}

func (i *MapIter) Next() bool   { return i.it.Next() }
func (i *MapIter) Key() Value   { return i.m.from(i.it.Key(), i.m.t.mapKey()) }
func (i *MapIter) Value() Value { return i.m.from(i.it.Value(), i.m.t.elem()) }

func (i *MapIter) Reset(v Value) {
	i.m = v
	i.it = v.bare().MapRange()
}

func (v Value) SetIterKey(i *MapIter)   { v.Set(i.Key()) }
func (v Value) SetIterValue(i *MapIter) { v.Set(i.Value()) }

func (v Value) Send(x Value) {
	v.must("reflect.Value.Send", Chan)
	v.bare().Send(v.t.elem().take(x, "reflect.Value.Send"))
}

func (v Value) TrySend(x Value) bool {
	v.must("reflect.Value.TrySend", Chan)
	return v.bare().TrySend(v.t.elem().take(x, "reflect.Value.Send"))
}

func (v Value) Recv() (Value, bool) {
	v.must("reflect.Value.Recv", Chan)
	x, ok := v.bare().Recv()
	return v.from(x, v.t.elem()), ok
}

func (v Value) TryRecv() (Value, bool) {
	v.must("reflect.Value.TryRecv", Chan)
	x, ok := v.bare().TryRecv()
	if !x.IsValid() {
		return Value{}, ok
	}
	return v.from(x, v.t.elem()), ok
}

func (v Value) Close() {
	v.must("reflect.Value.Close", Chan)
	v.bare().Close()
}

// SelectCase is a case of Select.
type SelectCase struct {
	Dir  SelectDir
	Chan Value
	Send Value
}

// Select waits for one of the cases.
func Select(cases []SelectCase) (chosen int, recv Value, recvOK bool) {
	list := make([]reflect.SelectCase, len(cases))
	for i, c := range cases {
		list[i].Dir = c.Dir
		if c.Chan.IsValid() {
			list[i].Chan = c.Chan.bare()
		}
		if c.Send.IsValid() {
			list[i].Send = c.Chan.t.elem().take(c.Send, "reflect.Select")
		}
	}
	chosen, x, ok := reflect.Select(list)
	if x.IsValid() {
		recv = Value{v: x, t: cases[chosen].Chan.t.elem()}
	}
	return chosen, recv, ok
}
