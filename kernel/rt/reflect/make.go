package reflect

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"

	"netsplit/kernel/rt"
)

func itoa(n int) string { return strconv.Itoa(n) }

// made numbers the descriptors of types that are made at run time; lowered text counts
// from 1.
var made atomic.Int64

func init() { made.Store(1 << 40) }

// define gives a type that lowered text does not know a descriptor, unless there is one.
func define(key string, real reflect.Type, d *rt.Type) *rtype {
	id := rt.Keyed(key)
	if id == 0 {
		d.KeyText = key
		text, err := json.Marshal(d)
		if err != nil {
			panic(err)
		}
		id = int(made.Add(1))
		rt.Define(id, string(text))
	}
	return ofID(id, real)
}

// PointerTo is the type of pointers to t.
func PointerTo(t Type) Type {
	e := t.common()
	real := reflect.PointerTo(e.real)
	if e.key == "" {
		return native(real)
	}
	d := &rt.Type{Name: "*" + e.String(), Kind: Pointer, Elem: e.number()}
	// A pointer has the methods of what it points to, and others that only lowered
	// text knows: it describes the pointers of all types that it boxes.
	d.Methods = e.cell().Methods
	p := define("*"+e.key, real, d)
	for _, m := range d.Methods {
		if !rt.HasMethod(p.number(), m.Name) && rt.HasMethod(e.number(), m.Name) {
			rt.SetMethod(p.number(), m.Name, throughPointer(reflect.ValueOf(rt.Method(e.number(), m.Name))))
		}
	}
	return p
}

// throughPointer is the body of a value's method for pointers to it.
func throughPointer(body reflect.Value) any {
	return reflect.MakeFunc(body.Type(), func(in []reflect.Value) []reflect.Value {
		p := in[0].Elem()
		if p.IsNil() {
			rt.Nil()
		}
		v := reflect.New(in[0].Type()).Elem()
		v.Set(p.Elem())
		in[0] = v
		if body.Type().IsVariadic() {
			return body.CallSlice(in)
		}
		return body.Call(in)
	}).Interface()
}

// PtrTo is the old name of PointerTo.
func PtrTo(t Type) Type { return PointerTo(t) }

// SliceOf is the type of slices of t.
func SliceOf(t Type) Type {
	e := t.common()
	real := reflect.SliceOf(e.real)
	if e.key == "" {
		return native(real)
	}
	return define("[]"+e.key, real, &rt.Type{Name: "[]" + e.String(), Kind: Slice, Elem: e.number()})
}

// ArrayOf is the type of arrays of t.
func ArrayOf(length int, elem Type) Type {
	e := elem.common()
	real := reflect.ArrayOf(length, e.real)
	if e.key == "" {
		return native(real)
	}
	n := "[" + itoa(length) + "]"
	return define(n+e.key, real, &rt.Type{Name: n + e.String(), Kind: Array, Elem: e.number(), Len: length})
}

// MapOf is the type of maps.
func MapOf(key, elem Type) Type {
	k, e := key.common(), elem.common()
	if !k.Comparable() {
		panic("reflect.MapOf: invalid key type " + k.String())
	}
	real := reflect.MapOf(k.real, e.real)
	if k.key == "" && e.key == "" {
		return native(real)
	}
	d := &rt.Type{Name: "map[" + k.String() + "]" + e.String(), Kind: Map}
	if k.key != "" {
		d.Key = k.number()
	}
	if e.key != "" {
		d.Elem = e.number()
	}
	return define("map["+k.keyText()+"]"+e.keyText(), real, d)
}

// ChanOf is the type of channels of t.
func ChanOf(dir ChanDir, t Type) Type {
	e := t.common()
	real := reflect.ChanOf(dir, e.real)
	if e.key == "" {
		return native(real)
	}
	return define(dir.String()+" "+e.key, real, &rt.Type{Name: dir.String() + " " + e.String(), Kind: Chan, Elem: e.number()})
}

// StructOf makes a struct of native types.
func StructOf(fields []StructField) Type {
	var list []reflect.StructField
	for _, f := range fields {
		if f.Type.common().key != "" {
			panic("reflect.StructOf: " + f.Type.String() + " is a type of a cell, of which cells cannot make struct types")
		}
		list = append(list, reflect.StructField{Name: f.Name, PkgPath: f.PkgPath, Type: f.Type.common().real, Tag: f.Tag, Anonymous: f.Anonymous})
	}
	return native(reflect.StructOf(list))
}

// FuncOf is the type of functions.
func FuncOf(in, out []Type, variadic bool) Type {
	reals := func(list []Type) (types []reflect.Type, keys, names []string, cell bool) {
		for _, t := range list {
			types = append(types, t.common().real)
			keys = append(keys, t.common().keyText())
			names = append(names, t.String())
			cell = cell || t.common().key != ""
		}
		return types, keys, names, cell
	}
	it, ik, in1, ic := reals(in)
	ot, ok, on1, oc := reals(out)
	real := reflect.FuncOf(it, ot, variadic)
	if !ic && !oc {
		return native(real)
	}
	key, name := signatureText(ik, ok, variadic), signatureText(in1, on1, variadic)
	return define(key, real, &rt.Type{Name: name, Kind: Func, Sig: key})
}

func signatureText(in, out []string, variadic bool) string {
	in = append([]string{}, in...)
	if n := len(in) - 1; variadic {
		in[n] = "..." + strings.TrimPrefix(in[n], "[]")
	}
	s := "func(" + strings.Join(in, ", ") + ")"
	switch len(out) {
	case 0:
		return s
	case 1:
		return s + " " + out[0]
	}
	return s + " (" + strings.Join(out, ", ") + ")"
}

// signature cuts the key of a function type into the keys of its parameters and
// results. The last parameter of a variadic function is a slice.
func signature(key string) (in, out []string) {
	rest := strings.TrimPrefix(key, "func(")
	end := closing(rest)
	in = list(rest[:end])
	if n := len(in) - 1; n >= 0 && strings.HasPrefix(in[n], "...") {
		in[n] = "[]" + in[n][3:]
	}
	rest = strings.TrimPrefix(rest[min(end+1, len(rest)):], " ")
	switch {
	case rest == "":
	case rest[0] == '(':
		out = list(rest[1 : len(rest)-1])
	default:
		out = []string{rest}
	}
	return in, out
}

// closing is the place of the bracket that closes one opened before s.
func closing(s string) int {
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// list cuts at commas that stand in no bracket.
func list(s string) []string {
	var out []string
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, s[from:i])
				from = i + 2
			}
		}
	}
	if from < len(s) {
		out = append(out, s[from:])
	}
	return out
}

// ofKey is the type with a key; real is its erased type.
func ofKey(key string, real reflect.Type) *rtype {
	if id := rt.Keyed(key); id != 0 {
		return ofID(id, real)
	}
	if !strings.ContainsAny(key, "#") && !strings.Contains(key, "struct{") && !strings.Contains(key, "interface{") {
		return native(real)
	}
	switch {
	case key[0] == '*':
		return PointerTo(ofKey(key[1:], real.Elem())).common()
	case strings.HasPrefix(key, "[]"):
		return SliceOf(ofKey(key[2:], real.Elem())).common()
	case key[0] == '[':
		return ArrayOf(real.Len(), ofKey(key[strings.IndexByte(key, ']')+1:], real.Elem())).common()
	case strings.HasPrefix(key, "map["):
		end := 4 + closing(key[4:])
		return MapOf(ofKey(key[4:end], real.Key()), ofKey(key[end+1:], real.Elem())).common()
	case strings.HasPrefix(key, "func("):
		return ofSignature(key, real)
	case strings.HasPrefix(key, "chan<- "):
		return ChanOf(SendDir, ofKey(key[7:], real.Elem())).common()
	case strings.HasPrefix(key, "<-chan "):
		return ChanOf(RecvDir, ofKey(key[7:], real.Elem())).common()
	case strings.HasPrefix(key, "chan "):
		return ChanOf(BothDir, ofKey(strings.Trim(key[5:], "()"), real.Elem())).common()
	}
	// A type that no value of it has ever been boxed of: little is known.
	return define(key, real, &rt.Type{Name: fmt.Sprint(real), Kind: real.Kind()})
}

// ofSignature is the function type with a key.
func ofSignature(key string, real reflect.Type) *rtype {
	if !strings.ContainsAny(key, "#") && !strings.Contains(key, "struct{") && !strings.Contains(key, "interface{") {
		return native(real)
	}
	in, out := signature(key)
	var ins, outs []Type
	for i, k := range in {
		ins = append(ins, ofKey(k, real.In(i)))
	}
	for i, k := range out {
		outs = append(outs, ofKey(k, real.Out(i)))
	}
	return FuncOf(ins, outs, real.IsVariadic()).common()
}
