package reflect

import (
	"reflect"
	"strings"
	"sync"

	"netsplit/kernel/rt"
)

// Type is a Go type as a learner knows it.
type Type interface {
	Align() int
	FieldAlign() int
	Method(i int) Method
	MethodByName(name string) (Method, bool)
	NumMethod() int
	Name() string
	PkgPath() string
	Size() uintptr
	String() string
	Kind() Kind
	Implements(u Type) bool
	AssignableTo(u Type) bool
	ConvertibleTo(u Type) bool
	Comparable() bool
	Bits() int
	ChanDir() ChanDir
	IsVariadic() bool
	Elem() Type
	Field(i int) StructField
	FieldByIndex(index []int) StructField
	FieldByName(name string) (StructField, bool)
	FieldByNameFunc(match func(string) bool) (StructField, bool)
	In(i int) Type
	Key() Type
	Len() int
	NumField() int
	NumIn() int
	NumOut() int
	Out(i int) Type
	OverflowComplex(x complex128) bool
	OverflowFloat(x float64) bool
	OverflowInt(x int64) bool
	OverflowUint(x uint64) bool
	CanSeq() bool
	CanSeq2() bool

	common() *rtype
}

// rtype is the only kind of Type. There is one for each type.
type rtype struct {
	real reflect.Type // of the erased value
	key  string       // of a cell's type, as package lower writes it; "" for a native one
	id   int          // its descriptor's number
}

var known = struct {
	sync.Mutex
	native map[reflect.Type]*rtype
	cell   map[string]*rtype
}{native: map[reflect.Type]*rtype{}, cell: map[string]*rtype{}}

// native is the type of compiled code.
func native(t reflect.Type) *rtype {
	known.Lock()
	defer known.Unlock()
	r := known.native[t]
	if r == nil {
		r = &rtype{real: t}
		known.native[t] = r
	}
	return r
}

// ofID is the type with a descriptor's number; real is its erased type. 0 is native.
func ofID(id int, real reflect.Type) *rtype {
	if id == 0 {
		return native(real)
	}
	key := rt.TypeOf(id).KeyText
	known.Lock()
	defer known.Unlock()
	r := known.cell[key]
	if r == nil || r.real != real {
		r = &rtype{real: real, key: key, id: id}
		known.cell[key] = r
	}
	return r
}

// of is the dynamic type of a value that is not nil, and the value without its box.
func of(v any) (*rtype, reflect.Value) {
	if b, ok := rt.AsBox(v); ok {
		real := reflect.ValueOf(b.V)
		return ofID(b.ID, real.Type()), real
	}
	return native(reflect.TypeOf(v)), reflect.ValueOf(v)
}

// TypeOf is the dynamic type of v, nil for nil.
func TypeOf(v any) Type {
	if v == nil {
		return nil
	}
	t, _ := of(v)
	return t
}

func (t *rtype) common() *rtype { return t }

// cell is the descriptor of a cell's type, nil for a native one.
func (t *rtype) cell() *rt.Type {
	if t.key == "" {
		return nil
	}
	return rt.TypeOf(t.number())
}

// number is the number by which boxes of the type go: that of lowered text, once it
// has one.
func (t *rtype) number() int {
	if id := rt.Keyed(t.key); id != 0 {
		return id
	}
	return t.id
}

// keyText is the type's key, a native one's too.
func (t *rtype) keyText() string {
	if t.key == "" {
		return rt.NativeKey(t.real)
	}
	return t.key
}

// under is the erased type without the struct that recursive types are wrapped in.
func (t *rtype) under() reflect.Type {
	if d := t.cell(); d != nil && d.Wrapped {
		return t.real.Field(0).Type
	}
	return t.real
}

func (t *rtype) Kind() Kind {
	if d := t.cell(); d != nil {
		return d.Kind
	}
	return t.real.Kind()
}

func (t *rtype) String() string {
	if d := t.cell(); d != nil {
		return d.Name
	}
	return strings.ReplaceAll(t.real.String(), "rt.reflect.", "reflect.")
}

// qualified cuts a declared type's name into package and name.
func (t *rtype) qualified() (pkg, name string) {
	full := t.cell().Name
	head, _, _ := strings.Cut(full, "[")
	if i := strings.LastIndexByte(head, '.'); i >= 0 {
		return full[:i], full[i+1:]
	}
	return "", full
}

func (t *rtype) Name() string {
	if d := t.cell(); d == nil {
		return t.real.Name()
	} else if !d.Named {
		return ""
	}
	_, name := t.qualified()
	return name
}

func (t *rtype) PkgPath() string {
	if d := t.cell(); d == nil {
		return strings.TrimPrefix(t.real.PkgPath(), "netsplit/kernel/rt/")
	} else if !d.Named {
		return ""
	}
	pkg, _ := t.qualified()
	return pkg
}

func (t *rtype) Align() int      { return t.under().Align() }
func (t *rtype) FieldAlign() int { return t.under().FieldAlign() }
func (t *rtype) Size() uintptr   { return t.under().Size() }
func (t *rtype) Bits() int       { return t.under().Bits() }
func (t *rtype) Len() int        { return t.under().Len() }
func (t *rtype) ChanDir() ChanDir {
	return t.under().ChanDir()
}
func (t *rtype) IsVariadic() bool { return t.under().IsVariadic() }
func (t *rtype) NumIn() int       { return t.under().NumIn() }
func (t *rtype) NumOut() int      { return t.under().NumOut() }
func (t *rtype) NumField() int {
	if t.Kind() == Struct && t.cell() != nil {
		return len(t.cell().Fields)
	}
	return t.under().NumField()
}
func (t *rtype) Comparable() bool                  { return t.under().Comparable() }
func (t *rtype) OverflowComplex(x complex128) bool { return t.under().OverflowComplex(x) }
func (t *rtype) OverflowFloat(x float64) bool      { return t.under().OverflowFloat(x) }
func (t *rtype) OverflowInt(x int64) bool          { return t.under().OverflowInt(x) }
func (t *rtype) OverflowUint(x uint64) bool        { return t.under().OverflowUint(x) }
func (t *rtype) CanSeq() bool                      { return t.under().CanSeq() }
func (t *rtype) CanSeq2() bool                     { return t.under().CanSeq2() }

func (t *rtype) Elem() Type { return t.elem() }

func (t *rtype) elem() *rtype {
	real := t.under().Elem()
	if d := t.cell(); d != nil {
		return ofID(d.Elem, real)
	}
	return native(real)
}

func (t *rtype) Key() Type { return t.mapKey() }

func (t *rtype) mapKey() *rtype {
	real := t.under().Key()
	if d := t.cell(); d != nil {
		return ofID(d.Key, real)
	}
	return native(real)
}

func (t *rtype) In(i int) Type  { return t.in(i) }
func (t *rtype) Out(i int) Type { return t.out(i) }

func (t *rtype) in(i int) *rtype {
	real := t.under().In(i)
	if d := t.cell(); d != nil {
		in, _ := signature(d.Sig)
		return ofKey(in[i], real)
	}
	return native(real)
}

func (t *rtype) out(i int) *rtype {
	real := t.under().Out(i)
	if d := t.cell(); d != nil {
		_, out := signature(d.Sig)
		return ofKey(out[i], real)
	}
	return native(real)
}

// Implements tells whether t has the methods of an interface.
func (t *rtype) Implements(u Type) bool {
	if u == nil {
		panic("reflect: nil type passed to Type.Implements")
	}
	i := u.common()
	if i.Kind() != Interface {
		panic("reflect: non-interface type passed to Type.Implements")
	}
	if d := t.cell(); d != nil && i.key == "" && t.Kind() != Interface {
		return rt.HasMethods(t.number(), i.real)
	}
	if t.key == "" && i.key == "" {
		return t.real.Implements(i.real)
	}
	have := t.methodSet()
	for name, sig := range i.methodSet() {
		if have[name] != sig {
			return false
		}
	}
	return true
}

// methodSet is the signature of each method.
func (t *rtype) methodSet() map[string]string {
	set := map[string]string{}
	if d := t.cell(); d != nil {
		for _, m := range d.Methods {
			set[m.Name] = m.Sig
		}
		return set
	}
	for i := range t.real.NumMethod() {
		m := t.real.Method(i)
		set[m.Name] = rt.NativeSignature(m.Type, t.real.Kind() != Interface)
	}
	return set
}

func (t *rtype) AssignableTo(u Type) bool {
	if u == nil {
		panic("reflect: nil type passed to Type.AssignableTo")
	}
	to := u.common()
	switch {
	case t == to:
		return true
	case to.Kind() == Interface:
		return t.Implements(to)
	case t.Name() != "" && to.Name() != "":
		return false
	case t.key == "" && to.key == "":
		return t.real.AssignableTo(to.real)
	}
	return t.structure() == to.structure()
}

func (t *rtype) ConvertibleTo(u Type) bool {
	if u == nil {
		panic("reflect: nil type passed to Type.ConvertibleTo")
	}
	to := u.common()
	return t.AssignableTo(u) || to.Kind() != Interface && (t.structure() == to.structure() ||
		simple(t.Kind()) && simple(to.Kind()) && t.under().ConvertibleTo(to.under()))
}

// simple kinds have no components, or those of strings.
func simple(k Kind) bool { return k < Array || k == String || k == Slice }

// structure is the key of the type that a declared one stands for.
func (t *rtype) structure() string {
	switch k := t.Kind(); k {
	case Pointer:
		return "*" + t.elem().keyText()
	case Slice:
		return "[]" + t.elem().keyText()
	case Array:
		return "[" + itoa(t.Len()) + "]" + t.elem().keyText()
	case Chan:
		return t.ChanDir().String() + " " + t.elem().keyText()
	case Map:
		return "map[" + t.mapKey().keyText() + "]" + t.elem().keyText()
	case Func:
		if d := t.cell(); d != nil {
			return d.Sig
		}
		return rt.NativeSignature(t.real, false)
	case Interface:
		var b strings.Builder
		for i := range t.NumMethod() {
			name := t.Method(i).Name
			b.WriteString(name + " " + t.methodSet()[name] + ";")
		}
		return "interface{" + b.String() + "}"
	case Struct:
		var b strings.Builder
		for i := range t.NumField() {
			f := t.Field(i)
			b.WriteString(f.Name + " " + f.Type.common().keyText() + ";")
		}
		return "struct{" + b.String() + "}"
	default:
		return k.String()
	}
}
