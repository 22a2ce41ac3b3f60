package rt

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// A method set is asked for as text: "Name sig;Name sig", sorted, the same form of
// signature as in Sig. Answers are kept.

var assertions = struct {
	sync.RWMutex
	m map[assertion]string
}{m: map[assertion]string{}}

type assertion struct {
	id  int
	typ reflect.Type
	set string
}

func forgetAssertions() {
	forgetWrappers()
	assertions.Lock()
	assertions.m = map[assertion]string{}
	assertions.Unlock()
}

// missing is the first method of set that the dynamic type of v lacks, or "".
func missing(v any, set string) string {
	b, boxed := AsBox(v)
	key := assertion{set: set}
	if boxed {
		key.id = b.ID
	} else {
		key.typ = reflect.TypeOf(v)
	}
	assertions.RLock()
	m, ok := assertions.m[key]
	assertions.RUnlock()
	if ok {
		return m
	}
	if set != "" {
		for _, want := range strings.Split(set, ";") {
			name, sig, _ := strings.Cut(want, " ")
			if boxed {
				have, ok := TypeOf(b.ID).Method(name)
				if !ok || have.Sig != sig {
					m = name
					break
				}
				continue
			}
			have, ok := key.typ.MethodByName(name)
			if !ok || nativeSig(have.Type) != sig {
				m = name
				break
			}
		}
	}
	assertions.Lock()
	assertions.m[key] = m
	assertions.Unlock()
	return m
}

// nativeSig is the signature of a method (with its receiver) of a native type, in
// the form that package lower writes.
func nativeSig(t reflect.Type) string { return NativeSignature(t, true) }

// NativeSignature is the key of a native function type, as package lower writes it,
// without the first parameter if that is a receiver.
func NativeSignature(t reflect.Type, receiver bool) string {
	var in []string
	for i := range t.NumIn() {
		if t.IsVariadic() && i == t.NumIn()-1 {
			in = append(in, "..."+sigType(t.In(i).Elem()))
		} else {
			in = append(in, sigType(t.In(i)))
		}
	}
	if receiver {
		in = in[1:]
	}
	sig := "func(" + strings.Join(in, ", ") + ")"
	switch t.NumOut() {
	case 0:
		return sig
	case 1:
		return sig + " " + sigType(t.Out(0))
	}
	var out []string
	for i := range t.NumOut() {
		out = append(out, sigType(t.Out(i)))
	}
	return sig + " (" + strings.Join(out, ", ") + ")"
}

// NativeKey is the key of a native type, as package lower writes it.
func NativeKey(t reflect.Type) string { return sigType(t) }

// standsFor is the package that stands for one of std in lowered text.
const standsFor = "netsplit/kernel/rt/"

func sigType(t reflect.Type) string {
	if t.Name() != "" && t.PkgPath() != "" {
		return strings.TrimPrefix(t.PkgPath(), standsFor) + "." + t.Name()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + sigType(t.Elem())
	case reflect.Slice:
		return "[]" + sigType(t.Elem())
	case reflect.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), sigType(t.Elem()))
	case reflect.Map:
		return "map[" + sigType(t.Key()) + "]" + sigType(t.Elem())
	case reflect.Chan:
		switch t.ChanDir() {
		case reflect.RecvDir:
			return "<-chan " + sigType(t.Elem())
		case reflect.SendDir:
			return "chan<- " + sigType(t.Elem())
		}
		if t.Elem().Kind() == reflect.Chan && t.Elem().ChanDir() == reflect.RecvDir {
			return "chan (" + sigType(t.Elem()) + ")"
		}
		return "chan " + sigType(t.Elem())
	case reflect.Func:
		return NativeSignature(t, false)
	case reflect.Struct:
		if t.NumField() == 0 {
			return "struct{}"
		}
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return "interface {}"
		}
	}
	return t.String()
}

// Implements tells whether the dynamic type of v has the methods of set.
func Implements(v any, set string) bool { return v != nil && missing(v, set) == "" }

// AssertInterface is v.(I) for an interface I of a cell: name is I's, set its methods.
func AssertInterface(v any, static, name, set string) any {
	if v == nil {
		panic(&TypeAssertionError{text: "interface conversion: interface is nil, not " + name})
	}
	if m := missing(v, set); m != "" {
		panic(&TypeAssertionError{text: "interface conversion: " + TypeName(v) + " is not " + name + ": missing method " + m})
	}
	return v
}

// BadAssert raises Go's error for a failed v.(T) to a concrete type.
func BadAssert(v any, static, want string) {
	if v == nil {
		panic(&TypeAssertionError{text: "interface conversion: " + static + " is nil, not " + want})
	}
	has := TypeName(v)
	text := "interface conversion: " + static + " is " + has + ", not " + want
	if has == want {
		text += " (types from different scopes)"
	}
	panic(&TypeAssertionError{text: text})
}

// TypeAssertionError is the panic value of a failed assertion in a cell.
type TypeAssertionError struct{ text string }

func (e *TypeAssertionError) Error() string { return e.text }
func (*TypeAssertionError) RuntimeError()   {}

// As is v.(I) for a compiled interface: v as it must lie in an I (wrapped if it
// is a box), and whether it has the methods. iface is (*I)(nil), set as in Implements.
func As(iface any, v any, set string) (any, bool) {
	if v == nil {
		return nil, false
	}
	v = Bare(v)
	t := reflect.TypeOf(iface).Elem()
	if _, ok := AsBox(v); !ok {
		return v, reflect.TypeOf(v).Implements(t)
	}
	if missing(v, set) != "" {
		return nil, false
	}
	return Wrap(iface, v), true
}

// MustAs is As that raises Go's error.
func MustAs(iface any, v any, static, name, set string) any {
	w, ok := As(iface, v, set)
	if !ok {
		AssertInterface(v, static, name, set)
		panic(&TypeAssertionError{text: "interface conversion: " + TypeName(v) + " is not " + name})
	}
	return w
}

// CallMethod calls a method of a native dynamic value of a cell's interface.
func CallMethod(v any, name string, args ...any) []any {
	if v == nil {
		panic(errNil)
	}
	m := reflect.ValueOf(v).MethodByName(name)
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		if a == nil {
			in[i] = reflect.Zero(m.Type().In(i))
		} else {
			in[i] = reflect.ValueOf(a)
		}
	}
	var results []reflect.Value
	if m.Type().IsVariadic() {
		results = m.CallSlice(in)
	} else {
		results = m.Call(in)
	}
	out := make([]any, len(results))
	for i, r := range results {
		out[i] = r.Interface()
	}
	return out
}

// Open is the type id and erased value of a box, or 0 and v.
func Open(v any) (int, any) {
	switch b := v.(type) {
	case Box:
		return b.ID, b.V
	case boxed:
		x := b.box()
		return x.ID, x.V
	case wrapped:
		return b.Boxed()
	}
	return 0, v
}
