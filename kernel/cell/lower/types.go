package lower

import (
	"fmt"
	"go/types"
	"strings"
)

// Types are erased: a declared type that is not a struct is emitted as its
// underlying type, a struct as one type per structure, an interface declared in a
// cell as any. Types of compiled packages are emitted as themselves. What a type
// is to Go stays in its identity key, from which descriptors, boxes and instances
// are found.

// inCell tells whether a declared type belongs to cells, not to a compiled package.
func inCell(o types.Object) bool { return o.Pkg() != nil && o.Pkg().Path() == "main" }

// erasedNamed is the named type that t is, if it is erased: declared in a cell, or
// an instance of a generic type of a compiled package (which has no compiled form).
func erasedNamed(t types.Type) *types.Named {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return nil
	}
	if inCell(n.Obj()) || n.TypeArgs().Len() > 0 || !n.Obj().Exported() && sourced(n.Obj()) {
		return n
	}
	return nil
}

// typ is the emitted form of t.
func (p *pass) typ(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		switch t.Kind() {
		case types.UntypedNil:
			return "any"
		case types.UnsafePointer, types.Invalid:
			panic(fmt.Sprintf("lower: type %s reached the translation", t))
		}
		return types.Default(t).(*types.Basic).Name()
	case *types.Named:
		if t.Obj().Pkg() == nil {
			return t.Obj().Name() // error, comparable
		}
		if erasedNamed(t) == nil {
			return p.alias(t.Obj().Pkg().Path()) + "." + t.Obj().Name()
		}
		t = p.overlaid(t)
		switch u := t.Underlying().(type) {
		case *types.Struct:
			if u.NumFields() == 0 {
				return p.emptyType()
			}
			return p.structType(u)
		case *types.Interface:
			return "any"
		}
		if p.recursive(t) {
			return p.wrapType(t)
		}
		return p.typ(t.Underlying())
	case *types.Pointer:
		return "*" + p.typ(t.Elem())
	case *types.Slice:
		return "[]" + p.typ(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), p.typ(t.Elem()))
	case *types.Map:
		return "map[" + p.typ(t.Key()) + "]" + p.typ(t.Elem())
	case *types.Chan:
		elem := p.typ(t.Elem())
		switch t.Dir() {
		case types.SendOnly:
			return "chan<- " + elem
		case types.RecvOnly:
			return "<-chan " + elem
		}
		if strings.HasPrefix(elem, "<-") {
			return "chan (" + elem + ")"
		}
		return "chan " + elem
	case *types.Signature:
		return "func" + p.signature(t)
	case *types.Struct:
		return p.structType(t)
	case *types.Interface:
		return "any"
	case *types.Tuple:
		return p.results(t)
	}
	panic(fmt.Sprintf("lower: type %s (%T) reached the translation", t, t))
}

// signature is parameters and results of a function type, parameters unnamed.
func (p *pass) signature(t *types.Signature) string {
	var b strings.Builder
	b.WriteString("(")
	for i := range t.Params().Len() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.paramType(t, i))
	}
	b.WriteString(")")
	if r := p.results(t.Results()); r != "" {
		b.WriteString(" " + r)
	}
	return b.String()
}

// paramType is the emitted type of parameter i, with the dots of a variadic one.
func (p *pass) paramType(t *types.Signature, i int) string {
	pt := t.Params().At(i).Type()
	if t.Variadic() && i == t.Params().Len()-1 {
		if s, ok := pt.Underlying().(*types.Slice); ok {
			return "..." + p.typ(s.Elem())
		}
		return "...byte" // append([]byte, string...) has no function value
	}
	return p.typ(pt)
}

// results is the result list of a function: nothing, a type, or (a, b).
func (p *pass) results(t *types.Tuple) string {
	switch t.Len() {
	case 0:
		return ""
	case 1:
		return p.typ(t.At(0).Type())
	}
	var list []string
	for i := range t.Len() {
		list = append(list, p.typ(t.At(i).Type()))
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// structType is the emitted type of a structure.
func (p *pass) structType(t *types.Struct) string {
	if t.NumFields() == 0 {
		return "struct{}"
	}
	key := p.structKey(t, false)
	if name, ok := p.structs.get(key); ok {
		return p.structName(name)
	}
	if group := p.structGroup(t); len(group) > 1 || p.mixes(fieldTypes(t), key, 2) {
		p.emitGroup(group)
		return p.structName(p.structs.at(key))
	}
	name := fmt.Sprintf("t%d", p.nextID())
	p.structs.set(key, name)
	var b strings.Builder
	fmt.Fprintf(&b, "type %s struct {\n", name)
	for i := range t.NumFields() {
		fmt.Fprintf(&b, "\t%s %s\n", fieldName(t, i), p.typ(t.Field(i).Type()))
	}
	b.WriteString("}\n")
	p.typeDefs.WriteString(b.String())
	return name
}

// structName makes sure that the group of a struct type is imported.
func (p *pass) structName(name string) string {
	if alias, _, ok := strings.Cut(name, "."); ok {
		p.imports[alias] = groupPath + strings.TrimPrefix(alias, "p_"+strings.ReplaceAll(groupPath, "/", "_"))
	}
	return name
}

// emptyType is the type of declared structs without fields. It has one, without a
// size: an assertion to a struct type in yaegi looks at its first field.
func (p *pass) emptyType() string {
	if name, ok := p.structs.get("struct{}"); ok {
		return name
	}
	name := fmt.Sprintf("t%d", p.nextID())
	p.structs.set("struct{}", name)
	fmt.Fprintf(&p.typeDefs, "type %s struct{ E [0]byte }\n", name)
	return name
}

// fieldName is the emitted name of field i.
func fieldName(t *types.Struct, i int) string {
	if !erasedStruct(t) {
		return t.Field(i).Name()
	}
	return fmt.Sprintf("F%d_%s", i, plainName(t.Field(i).Name()))
}

// erasedStruct tells whether a structure is emitted as a type of ours. The struct
// behind a compiled package's named type is not; its fields say so by their package.
func erasedStruct(t *types.Struct) bool {
	for i := range t.NumFields() {
		f := t.Field(i)
		if f.Pkg() != nil && f.Pkg().Path() != "main" && !sourced(f) {
			return false
		}
	}
	return true
}

// recursive tells whether a declared type that is not a struct contains itself
// without a struct in between, so that erasing it would not end.
func (p *pass) recursive(n *types.Named) bool {
	key := p.key(n)
	seen := map[string]bool{}
	var walk func(types.Type) bool
	walk = func(t types.Type) bool {
		switch t := types.Unalias(t).(type) {
		case *types.Named:
			if erasedNamed(t) == nil {
				return false
			}
			if _, ok := t.Underlying().(*types.Struct); ok {
				return false
			}
			k := p.key(t)
			if k == key {
				return true
			}
			if seen[k] {
				return false
			}
			seen[k] = true
			return walk(t.Underlying())
		case *types.Pointer:
			return walk(t.Elem())
		case *types.Slice:
			return walk(t.Elem())
		case *types.Array:
			return walk(t.Elem())
		case *types.Chan:
			return walk(t.Elem())
		case *types.Map:
			return walk(t.Key()) || walk(t.Elem())
		case *types.Signature:
			for i := range t.Params().Len() {
				if walk(t.Params().At(i).Type()) {
					return true
				}
			}
			for i := range t.Results().Len() {
				if walk(t.Results().At(i).Type()) {
					return true
				}
			}
		}
		return false
	}
	return walk(n.Underlying())
}

// wrapType is the struct that a recursive type which is no struct becomes.
func (p *pass) wrapType(n *types.Named) string {
	key := p.key(n)
	if name, ok := p.wraps.get(key); ok {
		return p.structName(name)
	}
	if group := p.structGroup(n); len(group) > 1 || p.mixes([]types.Type{n.Underlying()}, key, 3) {
		p.emitGroup(group)
		return p.structName(p.wraps.at(key))
	}
	name := fmt.Sprintf("n%d", p.nextID())
	p.wraps.set(key, name)
	text := fmt.Sprintf("type %s struct {\n\tM %s\n}\n", name, p.typ(n.Underlying()))
	p.typeDefs.WriteString(text)
	return name
}

// wrapped tells whether values of t lie in a struct of their own.
func (p *pass) wrapped(t types.Type) bool {
	n := erasedNamed(t)
	if n == nil {
		return false
	}
	switch n.Underlying().(type) {
	case *types.Struct, *types.Interface, *types.Basic:
		return false
	}
	return p.recursive(n)
}

// typeID is the number of a declared type.
func (p *pass) typeID(o types.Object) int {
	o = p.canonical(o)
	if id, ok := p.ids.get(o); ok {
		return id
	}
	id := p.nextID()
	p.ids.set(o, id)
	return id
}

// id is the number of any type that has a key.
func (p *pass) id(t types.Type) int {
	if n, ok := types.Unalias(t).(*types.Named); ok && inCellNamed(n) && n.TypeArgs().Len() == 0 {
		return p.typeID(n.Obj())
	}
	key := p.key(t)
	if id, ok := p.keyIDs.get(key); ok {
		return id
	}
	id := p.nextID()
	p.keyIDs.set(key, id)
	return id
}

func inCellNamed(n *types.Named) bool { return n.Obj().Pkg() != nil && inCell(n.Obj()) }

// key identifies t: two types have the same key when Go says they are identical.
func (p *pass) key(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		if t.Kind() == types.Uint8 {
			return "uint8"
		}
		if t.Kind() == types.Int32 {
			return "int32"
		}
		return t.Name()
	case *types.Named:
		o := t.Obj()
		if o.Pkg() == nil {
			return o.Name()
		}
		name := o.Pkg().Path() + "." + o.Name()
		if inCell(o) {
			name = fmt.Sprintf("#%d", p.typeID(t.Origin().Obj()))
		}
		if t.TypeArgs().Len() > 0 {
			var args []string
			for i := range t.TypeArgs().Len() {
				args = append(args, p.key(t.TypeArgs().At(i)))
			}
			name += "[" + strings.Join(args, ",") + "]"
		}
		return name
	case *types.Pointer:
		return "*" + p.key(t.Elem())
	case *types.Slice:
		return "[]" + p.key(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), p.key(t.Elem()))
	case *types.Map:
		return "map[" + p.key(t.Key()) + "]" + p.key(t.Elem())
	case *types.Chan:
		elem := p.key(t.Elem())
		switch t.Dir() {
		case types.SendOnly:
			return "chan<- " + elem
		case types.RecvOnly:
			return "<-chan " + elem
		}
		if strings.HasPrefix(elem, "<-") {
			return "chan (" + elem + ")"
		}
		return "chan " + elem
	case *types.Signature:
		return p.sigKey(t)
	case *types.Struct:
		return p.structKey(t, true)
	case *types.Interface:
		if t.NumMethods() == 0 && t.IsMethodSet() {
			return "interface {}"
		}
		var list []string
		for i := range t.NumMethods() {
			m := t.Method(i)
			list = append(list, m.Id()+p.sigKey(m.Signature())[4:])
		}
		return "interface{" + strings.Join(list, "; ") + "}"
	case *types.TypeParam:
		return fmt.Sprintf("$%p", t.Obj())
	case *types.Tuple:
		var list []string
		for i := range t.Len() {
			list = append(list, p.key(t.At(i).Type()))
		}
		return "(" + strings.Join(list, ", ") + ")"
	case nil:
		return "nil"
	}
	panic(fmt.Sprintf("lower: type %s (%T) has no key", t, t))
}

// sigKey is the key of a function type, receiver left out.
func (p *pass) sigKey(t *types.Signature) string {
	var b strings.Builder
	b.WriteString("func(")
	for i := range t.Params().Len() {
		if i > 0 {
			b.WriteString(", ")
		}
		pt := t.Params().At(i).Type()
		if t.Variadic() && i == t.Params().Len()-1 {
			b.WriteString("...")
			if s, ok := pt.Underlying().(*types.Slice); ok {
				pt = s.Elem()
			}
		}
		b.WriteString(p.key(pt))
	}
	b.WriteString(")")
	switch t.Results().Len() {
	case 0:
	case 1:
		b.WriteString(" " + p.key(t.Results().At(0).Type()))
	default:
		b.WriteString(" " + p.key(t.Results()))
	}
	return b.String()
}

// structKey is the key of a structure: with tags it is its identity, without them
// it tells which structures share an emitted type.
func (p *pass) structKey(t *types.Struct, tags bool) string {
	var b strings.Builder
	b.WriteString("struct{")
	for i := range t.NumFields() {
		f := t.Field(i)
		if i > 0 {
			b.WriteString("; ")
		}
		if f.Embedded() {
			b.WriteString("!")
		}
		if !f.Exported() && f.Pkg() != nil && f.Pkg().Path() != "main" {
			b.WriteString(f.Pkg().Path() + ".")
		}
		b.WriteString(f.Name() + " " + p.key(f.Type()))
		if tags && t.Tag(i) != "" {
			fmt.Fprintf(&b, " %q", t.Tag(i))
		}
	}
	b.WriteString("}")
	return b.String()
}

// native tells whether values of t have at run time the Go type that t is.
func (p *pass) native(t types.Type) bool { return p.nativeIn(t, nil) }

func (p *pass) nativeIn(t types.Type, seen []types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return true
	case *types.Named:
		return erasedNamed(t) == nil
	case *types.Pointer:
		return p.nativeIn(t.Elem(), seen)
	case *types.Slice:
		return p.nativeIn(t.Elem(), seen)
	case *types.Array:
		return p.nativeIn(t.Elem(), seen)
	case *types.Chan:
		return p.nativeIn(t.Elem(), seen)
	case *types.Map:
		return p.nativeIn(t.Key(), seen) && p.nativeIn(t.Elem(), seen)
	case *types.Signature:
		for i := range t.Params().Len() {
			if !p.nativeIn(t.Params().At(i).Type(), seen) {
				return false
			}
		}
		for i := range t.Results().Len() {
			if !p.nativeIn(t.Results().At(i).Type(), seen) {
				return false
			}
		}
		return true
	case *types.Struct:
		return t.NumFields() == 0
	case *types.Interface:
		return t.NumMethods() == 0 && t.IsMethodSet()
	}
	return false
}

// isInterface tells whether t is an interface type.
func isInterface(t types.Type) bool {
	_, ok := t.Underlying().(*types.Interface)
	return ok
}

// nativeInterface tells whether t is an interface of a compiled package, or error:
// then values of static type t have that Go type.
func nativeInterface(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && isInterface(t) && erasedNamed(n) == nil
}

// emptyInterface tells whether t has no methods and is emitted as any.
func emptyInterface(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() == 0
}
