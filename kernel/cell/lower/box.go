package lower

import (
	"encoding/json"
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"sort"
	"strings"
)

// descriptor is what rt.Define is told about a type; see rt.Type.
type descriptor struct {
	Name    string       `json:"name"`
	Kind    reflect.Kind `json:"kind"`
	Named   bool         `json:"named,omitempty"`
	Wrapped bool         `json:"wrapped,omitempty"`
	Elem    int          `json:"elem,omitempty"`
	Key     int          `json:"key,omitempty"`
	Len     int64        `json:"len,omitempty"`
	Fields  []fieldDesc  `json:"fields,omitempty"`
	Methods []sigDesc    `json:"methods,omitempty"`
	In      []int        `json:"in,omitempty"`
	Out     []int        `json:"out,omitempty"`
	Pointer int          `json:"ptr,omitempty"`
	BoxKind string       `json:"box,omitempty"`
	KeyText string       `json:"k"`
	Sig     string       `json:"sig,omitempty"`
}

type fieldDesc struct {
	Name     string `json:"n"`
	Type     int    `json:"t,omitempty"`
	Tag      string `json:"tag,omitempty"`
	Embedded bool   `json:"e,omitempty"`
	TypeName string `json:"tn"`
}

type sigDesc struct {
	Name string `json:"n"`
	Sig  string `json:"s"`
	In   []int  `json:"i,omitempty"`
	Out  []int  `json:"o,omitempty"`
}

// describe makes sure that a type has a descriptor and returns its id and the kind
// of its boxes.
func (p *pass) describe(t types.Type) (int, string) {
	id := p.id(t)
	if b, ok := p.boxes.get(id); ok {
		return id, b.kind
	}
	info := &boxInfo{id: id, typ: t}
	set := types.NewMethodSet(t)
	info.kind = p.boxKind(set)
	p.boxes.set(id, info)
	p.emitDescriptor(info)
	return id, info.kind
}

// emitDescriptor writes the descriptor of a type and registers its methods.
func (p *pass) emitDescriptor(info *boxInfo) {
	t := info.typ
	d := descriptor{Name: p.typeName(t), Kind: kindOf(t), BoxKind: info.kind, Wrapped: p.wrapped(t), KeyText: p.key(t)}
	_, named := types.Unalias(t).(*types.Named)
	d.Named = named
	component := func(t types.Type) int {
		if p.native(t) {
			return 0
		}
		id, _ := p.describe(t)
		return id
	}
	tuple := func(t *types.Tuple) []int {
		ids := make([]int, t.Len())
		for i := range ids {
			ids[i] = component(t.At(i).Type())
		}
		if slices.Max(append(ids, 0)) == 0 {
			return nil
		}
		return ids
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		d.Elem = component(u.Elem())
	case *types.Slice:
		d.Elem = component(u.Elem())
	case *types.Array:
		d.Elem, d.Len = component(u.Elem()), u.Len()
	case *types.Chan:
		d.Elem = component(u.Elem())
	case *types.Map:
		d.Key, d.Elem = component(u.Key()), component(u.Elem())
	case *types.Signature:
		d.Sig = p.sigKey(u)
		d.In, d.Out = tuple(u.Params()), tuple(u.Results())
	case *types.Struct:
		for i := range u.NumFields() {
			fd := u.Field(i)
			d.Fields = append(d.Fields, fieldDesc{fd.Name(), component(fd.Type()), u.Tag(i), fd.Embedded(), p.typeName(fd.Type())})
		}
	}
	set := types.NewMethodSet(t)
	for i := range set.Len() {
		m := set.At(i).Obj().(*types.Func)
		if !m.Exported() && !inCell(m) {
			continue
		}
		sig := p.methodSig(t, set.At(i))
		method := sigDesc{Name: m.Name(), Sig: p.sigKey(sig)}
		if m.Exported() && !isInterface(t) {
			method.In, method.Out = tuple(sig.Params()), tuple(sig.Results())
		}
		d.Methods = append(d.Methods, method)
	}
	sort.Slice(d.Methods, func(i, j int) bool { return d.Methods[i].Name < d.Methods[j].Name })
	info.methods = methodsKey(d.Methods)
	d.Pointer = p.describePointer(t, set)
	text, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	if d.Pointer != 0 {
		info.methods += "*"
	}
	fmt.Fprintf(&p.lateDefs, "var _ = %s(%d, %q)\n", p.rt("Define"), info.id, text)
	if isInterface(t) {
		return
	}
	run := p.inRun
	p.inRun = false
	for i := range set.Len() {
		if m := set.At(i).Obj(); m.Exported() || inCell(m) {
			p.registerMethod(info, set.At(i))
		}
	}
	p.inRun = run
}

// describePointer describes the pointer to a declared type when it has an exported
// method that the type itself has not: packages json and template look for those behind
// the address of a value that they have reached. It gives the pointer's id, or 0.
func (p *pass) describePointer(t types.Type, set *types.MethodSet) int {
	if _, ok := types.Unalias(t).(*types.Named); !ok || isInterface(t) {
		return 0
	}
	ptr := types.NewPointer(t)
	more := types.NewMethodSet(ptr)
	for i := range more.Len() {
		if m := more.At(i).Obj(); m.Exported() && set.Lookup(m.Pkg(), m.Name()) == nil {
			id, _ := p.describe(ptr)
			return id
		}
	}
	return 0
}

func methodsKey(list []sigDesc) string {
	var b strings.Builder
	for _, m := range list {
		b.WriteString(m.Name + " " + m.Sig + ";")
	}
	return b.String()
}

// registerMethod emits the body by which rt calls a method of a boxed value.
func (p *pass) registerMethod(info *boxInfo, s *types.Selection) {
	obj := s.Obj().(*types.Func)
	sig := p.methodSig(info.typ, s)
	f := &fn{pass: p}
	m := f.lookup(nil, info.typ, obj, s.Index())
	et := p.typ(info.typ)
	full := types.NewSignatureType(nil, nil, nil, types.NewTuple(append([]*types.Var{types.NewParam(0, nil, "", types.Universe.Lookup("any").Type())}, vars(sig.Params())...)...), sig.Results(), sig.Variadic())
	k := p.forward(full, func(a []string) string {
		x, at := a[0]+".("+et+")", info.typ
		if len(m.path) > 0 {
			x, at = f.path(x, info.typ, m.path)
		}
		_, isPtr := at.Underlying().(*types.Pointer)
		switch {
		case m.iface != nil && nativeInterface(m.iface):
			return x + "." + obj.Name() + "(" + strings.Join(a[1:], ", ") + ")"
		case m.iface != nil:
			return p.rt("Through") + "(2)\n" + p.dispatch(obj.Name(), obj.Id(), sig) + "(" + strings.Join(append([]string{x}, a[1:]...), ", ") + ")"
		case isPtr && !m.pointer:
			return p.throughPointer(m, x, func(x string) string { return f.callOn(m, x, a[1:]) })
		case !isPtr && m.pointer:
			x = "(&" + x + ")"
		}
		return f.callOn(m, x, a[1:])
	}, "", "")
	fmt.Fprintf(&p.lateDefs, "var _ = %s(%d, %q, %s)\n", p.rt("SetMethod"), info.id, obj.Name(), k)
}

func vars(t *types.Tuple) []*types.Var {
	var list []*types.Var
	for i := range t.Len() {
		list = append(list, t.At(i))
	}
	return list
}

// boxKind is the Go type of boxes of a type with this method set.
func (p *pass) boxKind(set *types.MethodSet) string {
	has := map[string]bool{}
	for i := range set.Len() {
		m := set.At(i).Obj().(*types.Func)
		if m.Exported() {
			has[m.Name()+" "+p.sigKey(p.methodSig(nil, set.At(i)))] = true
		}
	}
	if !has["Error func() string"] {
		if has["String func() string"] {
			return "StringBox"
		}
		return "Box"
	}
	kind := "ErrorBox"
	if has["Unwrap func() error"] {
		kind += "U"
	} else if has["Unwrap func() []error"] {
		kind += "M"
	}
	if has["Is func(error) bool"] {
		kind += "I"
	}
	if has["As func(interface {}) bool"] || has["As func(any) bool"] {
		kind += "A"
	}
	return kind
}

func kindOf(t types.Type) reflect.Kind {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch u.Kind() {
		case types.Bool:
			return reflect.Bool
		case types.Int:
			return reflect.Int
		case types.Int8:
			return reflect.Int8
		case types.Int16:
			return reflect.Int16
		case types.Int32:
			return reflect.Int32
		case types.Int64:
			return reflect.Int64
		case types.Uint:
			return reflect.Uint
		case types.Uint8:
			return reflect.Uint8
		case types.Uint16:
			return reflect.Uint16
		case types.Uint32:
			return reflect.Uint32
		case types.Uint64:
			return reflect.Uint64
		case types.Uintptr:
			return reflect.Uintptr
		case types.Float32:
			return reflect.Float32
		case types.Float64:
			return reflect.Float64
		case types.Complex64:
			return reflect.Complex64
		case types.Complex128:
			return reflect.Complex128
		case types.String:
			return reflect.String
		}
	case *types.Pointer:
		return reflect.Pointer
	case *types.Slice:
		return reflect.Slice
	case *types.Array:
		return reflect.Array
	case *types.Map:
		return reflect.Map
	case *types.Chan:
		return reflect.Chan
	case *types.Struct:
		return reflect.Struct
	case *types.Signature:
		return reflect.Func
	case *types.Interface:
		return reflect.Interface
	}
	return reflect.Invalid
}

// boxIDs are the ids of all types with a descriptor, in order.
func (p *pass) boxIDs() []int {
	seen := map[int]bool{}
	var ids []int
	for _, m := range []map[int]*boxInfo{p.boxes.base, p.boxes.top} {
		for id := range m {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	sort.Ints(ids)
	return ids
}

// redescribeGrown notes the types of the segment that are described already and
// may have got new methods.
func (p *pass) redescribeGrown(seg *Segment) {
	ids := map[int]types.Type{}
	for n := range seg.Reuse {
		if tn, ok := n.(*types.TypeName); ok && !tn.IsAlias() {
			if named, ok := tn.Type().(*types.Named); ok && named.TypeParams().Len() == 0 {
				ids[p.id(named)] = named
				ids[p.id(types.NewPointer(named))] = types.NewPointer(named)
			}
		}
	}
	for id, t := range ids {
		info, ok := p.boxes.get(id)
		if !ok {
			continue
		}
		c := *info
		c.typ = t
		p.boxes.set(id, &c)
		p.redescribe[id] = true
	}
}

// redescribeTypes emits anew the descriptors of types whose method set changed.
func (p *pass) redescribeTypes() {
	var ids []int
	for id := range p.redescribe {
		ids = append(ids, id)
	}
	sort.Ints(ids)
	for _, id := range ids {
		info := p.boxes.at(id)
		set := types.NewMethodSet(info.typ)
		var list []sigDesc
		for i := range set.Len() {
			m := set.At(i).Obj().(*types.Func)
			if !m.Exported() && !inCell(m) {
				continue
			}
			list = append(list, sigDesc{Name: m.Name(), Sig: p.sigKey(p.methodSig(info.typ, set.At(i)))})
		}
		sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
		if k := methodsKey(list); k == info.methods && p.describePointer(info.typ, set) == 0 || k+"*" == info.methods {
			continue
		}
		info.kind = p.boxKind(set)
		p.emitDescriptor(info)
	}
}
