package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// conv lowers e and converts it to the type of the place it goes to: every
// implicit conversion of Go passes here.
func (f *fn) conv(e ast.Expr, to types.Type) string {
	if tv, ok := f.info.Types[e]; ok {
		if tv.Value != nil {
			from := f.subst(tv.Type)
			if isUntyped(from) {
				if isInterface(to) {
					from = defaultOf(tv.Value)
					if b, ok := types.Unalias(f.subst(tv.Type)).(*types.Basic); ok {
						from = types.Default(b)
					}
				} else {
					return f.constantText(tv.Value, to)
				}
			} else if isInterface(from) { // recorded with the interface that it is converted to
				from = defaultOf(tv.Value)
			}
			return f.convText(f.constantText(tv.Value, from), from, to)
		}
		if tv.IsNil() {
			return f.typedNil(to)
		}
	}
	if paren, ok := e.(*ast.ParenExpr); ok {
		return f.conv(paren.X, to)
	}
	from := f.typeOf(e)
	if b, ok := types.Unalias(from).(*types.Basic); ok && b.Kind() == types.UntypedBool {
		// a comparison takes the boolean type it is assigned to
		if !isInterface(to) {
			return f.expr(e)
		}
		from = types.Typ[types.Bool]
	}
	if b, ok := types.Unalias(from).(*types.Basic); ok && b.Info()&types.IsUntyped != 0 && !isInterface(to) {
		from = to // a shift whose left side is an untyped constant
	}
	return f.convText(f.expr(e), from, to)
}

// typedNil is nil of type t.
func (p *pass) typedNil(t types.Type) string {
	if isInterface(t) {
		return p.nilInterface(t)
	}
	if p.wrapped(t) {
		return p.typ(t) + "{}"
	}
	return "(" + p.typ(t) + ")(nil)"
}

// nilInterface is nil of an interface type. Where the type is a compiled one, yaegi
// wants a wrapper for the literal nil; a variable that holds it needs none.
func (p *pass) nilInterface(t types.Type) string {
	if !nativeInterface(t) || types.Unalias(t) == types.Universe.Lookup("error").Type() {
		return "nil"
	}
	what := "nil " + p.key(t)
	if name, ok := p.helpers.get(what); ok {
		return name
	}
	name := fmt.Sprintf("v%d", p.nextID())
	p.helpers.set(what, name)
	fmt.Fprintf(&p.lateDefs, "var %s %s\n", name, p.typ(t))
	return name
}

// convText converts a lowered value from one type to another that it is
// assignable to.
func (f *fn) convText(s string, from, to types.Type) string {
	if isInterface(to) {
		return f.toInterface(s, from, to)
	}
	fw, tw := f.wrapped(from), f.wrapped(to)
	if fw == tw {
		if emptyStruct(from) && emptyStruct(to) && f.typ(from) != f.typ(to) {
			if hasCall(s) {
				f.line("_ = %s", s)
			}
			return f.typ(to) + "{}"
		}
		return s
	}
	if fw {
		return s + ".M"
	}
	return f.typ(to) + "{M: " + s + "}"
}

// emptyStruct tells whether t is a struct without fields.
func emptyStruct(t types.Type) bool {
	s, ok := t.Underlying().(*types.Struct)
	return ok && s.NumFields() == 0
}

// toInterface converts to an interface type.
func (f *fn) toInterface(s string, from, to types.Type) string {
	if b, ok := types.Unalias(from).(*types.Basic); ok && b.Kind() == types.UntypedNil {
		return "nil"
	}
	if isInterface(from) {
		if !nativeInterface(to) || nativeInterface(from) {
			return s
		}
		return f.asNative(to) + "(" + s + ")"
	}
	if f.native(from) {
		return f.nativeToInterface(s, from, to)
	}
	return f.box(s, from, to)
}

// nativeToInterface is a value of a native type that becomes an interface value.
func (f *fn) nativeToInterface(s string, from, to types.Type) string {
	if s[0] == '!' || s[0] == '-' || s[0] == '(' && pointerText(s) == s {
		// yaegi stores the result of an operator as it is.
		s = f.typ(to) + "(" + outer(s) + ")"
	}
	if f.isFile(from) && nativeInterface(to) {
		switch s {
		case f.alias("os") + ".Stdout":
			return f.rt("Stdout")
		case f.alias("os") + ".Stderr":
			return f.rt("Stderr")
		case f.alias("os") + ".Stdin":
			return f.rt("Stdin")
		}
	}
	return s
}

// isFile tells whether t is *os.File.
func (f *fn) isFile(t types.Type) bool {
	p, ok := t.(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && n.Obj().Name() == "File" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "os"
}

// asNative is the helper that turns a value of an interface of a cell (or any),
// known to have the methods, into one of a compiled interface.
func (p *pass) asNative(to types.Type) string {
	et := p.typ(to)
	return p.helper("as "+p.key(to), func(name string) string {
		return fmt.Sprintf("func %s(x any) %s {\nvar i %s\nif x == nil { return i }\nw := %s((*%s)(nil), x)\ni = w.(%s)\nreturn i\n}\n", name, et, et, p.rt("Wrap"), et, et)
	})
}

// box is the box of a value of a cell's type, as the interface type wants it.
func (f *fn) box(s string, from, to types.Type) string {
	id, kind := f.describe(from)
	text := fmt.Sprintf("%s{ID: %d, V: %s}", f.rt(kind), id, s)
	if !nativeInterface(to) || kindImplements(kind, to) {
		return text
	}
	et := f.typ(to)
	return fmt.Sprintf("%s((*%s)(nil), %s).(%s)", f.rt("Wrap"), et, text, et)
}

// kindImplements tells whether a kind of box has the methods of a compiled
// interface by itself.
func kindImplements(kind string, to types.Type) bool {
	n, ok := types.Unalias(to).(*types.Named)
	if !ok {
		return false
	}
	name := n.Obj().Name()
	if n.Obj().Pkg() != nil {
		name = n.Obj().Pkg().Path() + "." + name
	}
	switch name {
	case "error":
		return strings.HasPrefix(kind, "ErrorBox")
	case "fmt.Stringer":
		return kind == "StringBox"
	}
	return emptyInterface(to)
}

// conversion is T(x).
func (f *fn) conversion(e *ast.CallExpr) string {
	to := f.typeOf(e.Fun)
	x := e.Args[0]
	from := f.info.TypeOf(x)
	if tv := f.info.Types[x]; tv.IsNil() {
		if isInterface(to) {
			v := f.tmp()
			f.line("var %s %s", v, f.typ(to))
			return v
		}
		return f.typedNil(to)
	}
	from = f.subst(from)
	if isInterface(to) {
		text := f.conv(x, to)
		if !isInterface(from) {
			text = f.typ(to) + "(" + outer(text) + ")"
		}
		return text
	}
	if tv := f.info.Types[x]; tv.Value != nil && isUntyped(from) {
		from = defaultOf(tv.Value)
		if b, ok := types.Unalias(f.info.TypeOf(x)).(*types.Basic); ok {
			from = types.Default(b)
		}
	}
	if tv := f.info.Types[x]; tv.Value != nil && numeric(from) && numeric(to) {
		return f.constantText(tv.Value, to) // not folded where the type is a parameter
	}
	return f.convertTo(f.expr(x), from, to, x)
}

func numeric(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsNumeric != 0
}

// convertTo is the explicit conversion of a value to a type that is no interface.
func (f *fn) convertTo(s string, from, to types.Type, n ast.Node) string {
	fw, tw := f.wrapped(from), f.wrapped(to)
	if fw {
		if tw && f.key(from) == f.key(to) {
			return s
		}
		s += ".M"
	}
	ft, tt := f.typ(from), f.typ(to)
	if tw {
		return tt + "{M: " + s + "}"
	}
	if fw {
		ft = f.typ(from.Underlying())
	}
	switch from.Underlying().(type) {
	case *types.Slice:
		switch u := to.Underlying().(type) {
		case *types.Array:
			x := f.twice(s)
			f.line("if len(%s) < %d { %s(len(%s), %d) }", x, u.Len(), f.rt("ArrayLen"), x, u.Len())
			a := f.tmp()
			f.line("var %s %s", a, tt)
			f.line("copy(%s[:], %s)", a, x)
			return a
		case *types.Pointer:
			if array, ok := u.Elem().Underlying().(*types.Array); ok {
				return f.sliceToArrayPointer(s, from, array)
			}
		}
	}
	if ft == tt {
		return s
	}
	if emptyStruct(from) && emptyStruct(to) {
		return f.convText(s, from, to)
	}
	if _, ok := to.Underlying().(*types.Basic); ok {
		return tt + "(" + s + ")"
	}
	return "(" + tt + ")(" + s + ")"
}

func (f *fn) sliceToArrayPointer(s string, from types.Type, array *types.Array) string {
	et := f.typ(array)
	return fmt.Sprintf("%s(%s, (*%s)(nil)).(*%s)", f.rt("ArrayPointer"), s, et, et)
}

// composite is T{…}.
func (f *fn) composite(e *ast.CompositeLit, t types.Type) string {
	if p, ok := t.Underlying().(*types.Pointer); ok { // &T elided in an outer literal
		text := f.composite(e, p.Elem())
		if _, ok := p.Elem().Underlying().(*types.Struct); ok && !f.wrapped(p.Elem()) && strings.HasPrefix(text, f.typ(p.Elem())+"{") {
			return "&" + text
		}
		v := f.tmp()
		f.line("%s := new(%s)", v, f.typ(p.Elem()))
		f.line("*%s = %s", v, text)
		return v
	}
	et := f.typ(t)
	if f.wrapped(t) {
		return et + "{M: " + f.compositeOf(e, f.typ(t.Underlying()), t) + "}"
	}
	return f.compositeOf(e, et, t)
}

// literalElement is a text as an element of a literal, where yaegi dies of &(*p)[i].
func (f *fn) literalElement(text string) string {
	if strings.HasPrefix(text, "&(*") {
		return f.temp(text)
	}
	return text
}

func (f *fn) compositeOf(e *ast.CompositeLit, et string, t types.Type) string {
	element := func(x ast.Expr, t types.Type) func() string {
		return func() string {
			if lit, ok := x.(*ast.CompositeLit); ok && lit.Type == nil {
				return f.convText(f.composite(lit, t), t, t)
			}
			return f.literalElement(f.conv(x, t))
		}
	}
	var ops []operand
	var keys []string
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i, x := range e.Elts {
			k := i
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				x = kv.Value
				name := kv.Key.(*ast.Ident).Name
				for j := range u.NumFields() {
					if u.Field(j).Name() == name {
						k = j
					}
				}
			}
			if u.Field(k).Name() == "_" {
				continue
			}
			keys = append(keys, fieldName(u, k)+": ")
			ops = append(ops, operand{e: x, low: element(x, f.subst(u.Field(k).Type()))})
		}
	case *types.Slice, *types.Array:
		var elem types.Type
		if s, ok := u.(*types.Slice); ok {
			elem = s.Elem()
		} else {
			elem = u.(*types.Array).Elem()
		}
		for _, x := range e.Elts {
			key := ""
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				key = f.constIndex(kv.Key) + ": "
				x = kv.Value
			}
			keys = append(keys, key)
			ops = append(ops, operand{e: x, low: element(x, elem)})
		}
	case *types.Map:
		for _, x := range e.Elts {
			kv := x.(*ast.KeyValueExpr)
			keys = append(keys, "", ": ")
			key := kv.Key
			ops = append(ops, operand{e: key, low: func() string {
				if lit, ok := key.(*ast.CompositeLit); ok && lit.Type == nil {
					return f.composite(lit, u.Key())
				}
				return f.mapKey(key, u)
			}}, operand{e: kv.Value, low: element(kv.Value, u.Elem())})
		}
	default:
		f.errorf(e, "composite literal of type %s", t)
	}
	texts := f.operands(ops)
	if isMap(t) && twiceKeyed(texts) {
		m := f.temp("make(" + et + ")")
		for i := 0; i < len(texts); i += 2 {
			f.store(m+"["+outer(texts[i])+"]", texts[i+1])
		}
		return m
	}
	var b strings.Builder
	b.WriteString(et + "{")
	for i, s := range texts {
		if keys[i] != ": " && i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(keys[i] + outer(s))
	}
	b.WriteString("}")
	return b.String()
}

func isMap(t types.Type) bool {
	_, ok := t.Underlying().(*types.Map)
	return ok
}

// twiceKeyed tells whether a key is written twice in a literal of a map, as happens
// where two type parameters stand for one type. yaegi refuses it, Go stores the last.
func twiceKeyed(texts []string) bool {
	seen := map[string]bool{}
	for i := 0; i < len(texts); i += 2 {
		if seen[texts[i]] {
			return true
		}
		seen[texts[i]] = true
	}
	return false
}

func (f *fn) constIndex(e ast.Expr) string {
	if tv := f.info.Types[e]; tv.Value != nil {
		return tv.Value.ExactString()
	}
	f.errorf(e, "index is not a constant")
	return ""
}
