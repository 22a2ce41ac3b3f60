package rt

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"sync"
)

// Type describes a type that a cell declared, or that is composed of such types.
// Package lower registers it, as JSON, with Define.
type Type struct {
	ID   int    `json:"-"`
	Name string `json:"name"` // as %T prints it: main.Point, []main.Point, map[string]*main.T
	// Kind is of the underlying type; it is Interface for a cell's interface,
	// which is the type of fields and elements, never of a box.
	Kind  reflect.Kind `json:"kind"`
	Named bool         `json:"named,omitempty"` // declared, or an instance of a declared generic type
	// Wrapped tells that the erased value is a struct with the one field M, which
	// holds the value (a recursive type that is not a struct).
	Wrapped bool `json:"wrapped,omitempty"`

	// Ids of component types; 0 is a native type, which reflect tells from the value.
	Elem    int     `json:"elem,omitempty"`
	Key     int     `json:"key,omitempty"`
	Len     int     `json:"len,omitempty"`
	Fields  []Field `json:"fields,omitempty"`
	Methods []Sig   `json:"methods,omitempty"` // the method set, sorted by name
	In      []int   `json:"in,omitempty"`      // of a function: parameters and results; empty when all are native
	Out     []int   `json:"out,omitempty"`

	// Pointer is the id of the type's pointer type, where that has methods which
	// compiled packages look for and the type has not; else 0.
	Pointer int    `json:"ptr,omitempty"`
	BoxKind string `json:"box,omitempty"` // Go type of its boxes

	// KeyText is the same for identical types and for no others; every declared type
	// stands in it with its id. Sig is that of a function type, or of what it stands for.
	KeyText string `json:"k,omitempty"`
	Sig     string `json:"sig,omitempty"`
}

// Field is a field of a struct type, in order. The erased field is F<index>_<name>.
type Field struct {
	Name     string `json:"n"`
	Type     int    `json:"t,omitempty"` // 0: native
	Tag      string `json:"tag,omitempty"`
	Embedded bool   `json:"e,omitempty"`
	TypeName string `json:"tn"` // as reflect would print it
}

// Sig is a method of a method set: Sig is its signature as a key, in which every
// cell type stands with its id.
type Sig struct {
	Name string `json:"n"`
	Sig  string `json:"s"`
	In   []int  `json:"i,omitempty"` // ids of parameters and results; empty when all are native
	Out  []int  `json:"o,omitempty"`
}

var registry = struct {
	sync.RWMutex
	types   map[int]*Type
	methods map[methodKey]any
	keyed   map[string]int
}{types: map[int]*Type{}, methods: map[methodKey]any{}, keyed: map[string]int{}}

type methodKey struct {
	id   int
	name string
}

// Define registers the type with this id, or replaces it (a method was added).
func Define(id int, descriptor string) int {
	t := &Type{ID: id}
	if err := json.Unmarshal([]byte(descriptor), t); err != nil {
		panic(fmt.Sprintf("rt: descriptor of type %d: %v", id, err))
	}
	registry.Lock()
	registry.types[id] = t
	if have := registry.keyed[t.KeyText]; t.KeyText != "" && (have == 0 || id < have) {
		registry.keyed[t.KeyText] = id // lowered text's number, not one made at run time
	}
	registry.Unlock()
	forgetAssertions()
	return 0
}

// Keyed is the number of the type with a key, 0 when it has none.
func Keyed(key string) int {
	registry.RLock()
	defer registry.RUnlock()
	return registry.keyed[key]
}

// SetMethod registers the body of a method: a function whose first parameter is
// the erased receiver as an any, followed by the method's own.
func SetMethod(id int, name string, body any) int {
	registry.Lock()
	registry.methods[methodKey{id, name}] = body
	registry.Unlock()
	return 0
}

// unknown describes an id that was never defined.
var unknown = &Type{Name: "unknown"}

// TypeOf is the type with this id.
func TypeOf(id int) *Type {
	registry.RLock()
	t := registry.types[id]
	registry.RUnlock()
	if t == nil {
		return unknown
	}
	return t
}

// Method is the body of a method of the type with this id; see SetMethod.
func Method(id int, name string) any {
	registry.RLock()
	m := registry.methods[methodKey{id, name}]
	registry.RUnlock()
	if m == nil {
		panic(fmt.Sprintf("rt: type %s has no method %s", TypeOf(id).Name, name))
	}
	return m
}

// HasMethod tells whether a body was registered.
func HasMethod(id int, name string) bool {
	registry.RLock()
	defer registry.RUnlock()
	return registry.methods[methodKey{id, name}] != nil
}

// Under is the type itself; a separate name for readers who look for the kind of
// what a Named type stands for.
func (t *Type) Under() *Type { return t }

// ElemType is the element's type, or nil when it is native.
func (t *Type) ElemType() *Type { return component(t.Elem) }

// KeyType is the key's type, or nil when it is native.
func (t *Type) KeyType() *Type { return component(t.Key) }

func component(id int) *Type {
	if id == 0 {
		return nil
	}
	return TypeOf(id)
}

// Method looks a method up in the method set.
func (t *Type) Method(name string) (Sig, bool) {
	i := sort.Search(len(t.Methods), func(i int) bool { return t.Methods[i].Name >= name })
	if i < len(t.Methods) && t.Methods[i].Name == name {
		return t.Methods[i], true
	}
	return Sig{}, false
}
