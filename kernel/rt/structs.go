package rt

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"unsafe"
)

// yaegi makes a struct type that refers to itself, but not several that refer to
// each other. Package lower describes such a group to Structs, which makes the
// types; the interpreter imports them like those of a compiled package.

// TypeExpr describes the type of a field in a group.
type TypeExpr struct {
	K    string      `json:"k"`           // s: struct N of the group; l: leaf N; p pointer, S slice, a array, m map, c chan, f func
	N    int         `json:"n,omitempty"` // index, or length of an array, or reflect.ChanDir
	E    *TypeExpr   `json:"e,omitempty"` // element
	Key  *TypeExpr   `json:"key,omitempty"`
	In   []*TypeExpr `json:"in,omitempty"`
	Out  []*TypeExpr `json:"out,omitempty"`
	Dots bool        `json:"dots,omitempty"` // variadic
}

// StructExpr describes a struct of a group.
type StructExpr struct {
	Name   string      `json:"name"`
	Fields []string    `json:"fields"`
	Types  []*TypeExpr `json:"types"`
}

var groups = struct {
	sync.Mutex
	m map[string]map[string]reflect.Value
}{m: map[string]map[string]reflect.Value{}}

// StructGroup is the symbol table of the group with an import path, or nil.
func StructGroup(path string) map[string]reflect.Value {
	groups.Lock()
	defer groups.Unlock()
	return groups.m[path]
}

// Structs makes the struct types of a group: description is JSON of []StructExpr,
// leaves are nil pointers to the types that are not of the group.
func Structs(path, description string, leaves ...any) int {
	var list []StructExpr
	if err := json.Unmarshal([]byte(description), &list); err != nil {
		panic(fmt.Sprintf("rt: group %s: %v", path, err))
	}
	g := &group{path: path, list: list, built: make([]reflect.Type, len(list)), dummies: make([]reflect.Type, len(list))}
	for _, l := range leaves {
		g.leaves = append(g.leaves, reflect.TypeOf(l).Elem())
	}
	for i := range list {
		// A tag makes the stand-in, and with it each type made of it, unique.
		g.dummies[i] = reflect.StructOf([]reflect.StructField{{Name: "D", Type: reflect.TypeOf(0), Tag: reflect.StructTag(fmt.Sprintf("%s %d", path, i))}})
	}
	for i := range list {
		g.build(i)
	}
	table := map[string]reflect.Value{}
	for i, s := range list {
		for k, e := range s.Types {
			if g.refers(e) {
				setFieldType(g.built[i], k, g.typ(e, true, false))
			}
		}
		table[s.Name] = reflect.Zero(reflect.PointerTo(g.built[i]))
	}
	groups.Lock()
	groups.m[path] = table
	groups.Unlock()
	return 0
}

type group struct {
	path           string
	list           []StructExpr
	leaves         []reflect.Type
	dummies, built []reflect.Type
}

// build makes struct i, what it holds by value first. Where it refers to a struct
// of the group indirectly, a stand-in of the same layout is put first.
func (g *group) build(i int) reflect.Type {
	if g.built[i] != nil {
		return g.built[i]
	}
	var fields []reflect.StructField
	for k, name := range g.list[i].Fields {
		fields = append(fields, reflect.StructField{Name: name, Type: g.typ(g.list[i].Types[k], false, false)})
	}
	g.built[i] = reflect.StructOf(fields)
	return g.built[i]
}

// refers tells whether a type refers to the group indirectly.
func (g *group) refers(e *TypeExpr) bool {
	if e == nil {
		return false
	}
	if e.K == "s" {
		return true
	}
	for _, x := range append(append([]*TypeExpr{e.E, e.Key}, e.In...), e.Out...) {
		if g.refers(x) {
			return true
		}
	}
	return false
}

// typ is the type that e describes; final with the real structs everywhere,
// otherwise with stand-ins where the reference is indirect.
func (g *group) typ(e *TypeExpr, final, indirect bool) reflect.Type {
	switch e.K {
	case "s":
		if !final && indirect {
			return g.dummies[e.N]
		}
		return g.build(e.N)
	case "l":
		return g.leaves[e.N]
	case "p":
		return reflect.PointerTo(g.typ(e.E, final, true))
	case "S":
		return reflect.SliceOf(g.typ(e.E, final, true))
	case "a":
		return reflect.ArrayOf(e.N, g.typ(e.E, final, indirect))
	case "m":
		return reflect.MapOf(g.typ(e.Key, final, true), g.typ(e.E, final, true))
	case "c":
		return reflect.ChanOf(reflect.ChanDir(e.N), g.typ(e.E, final, true))
	case "f":
		var in, out []reflect.Type
		for _, x := range e.In {
			in = append(in, g.typ(x, final, true))
		}
		for _, x := range e.Out {
			out = append(out, g.typ(x, final, true))
		}
		return reflect.FuncOf(in, out, e.Dots)
	}
	panic("rt: type expression " + e.K)
}

// The beginning of the runtime's description of a struct type (internal/abi).
type structLayout struct {
	common [48]byte
	pkg    unsafe.Pointer
	fields []struct {
		name   unsafe.Pointer
		typ    unsafe.Pointer
		offset uintptr
	}
}

// setFieldType replaces the type of a field by one of the same layout. The struct
// type was made by reflect.StructOf and is used by nobody yet.
func setFieldType(s reflect.Type, field int, t reflect.Type) {
	of := func(t reflect.Type) unsafe.Pointer {
		return (*struct{ tab, data unsafe.Pointer })(unsafe.Pointer(&t)).data
	}
	(*structLayout)(of(s)).fields[field].typ = of(t)
}
