package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// method is what a selector x.m denotes: a method of a cell's type (an emitted
// function whose first parameter is the receiver), of a compiled type, or of an
// interface.
type method struct {
	obj     *types.Func
	path    []int      // fields to the embedded value that has the method
	recv    types.Type // receiver's type, pointer left out
	pointer bool       // the receiver is a pointer
	iface   types.Type // the interface type, when the receiver is one
	entry   *entry
}

// method finds out about a method selection. Selections through a type parameter
// are made again on the type argument.
func (f *fn) method(sel *ast.SelectorExpr, s *types.Selection) *method {
	return f.lookup(sel, f.typeOf(sel.X), s.Obj().(*types.Func), s.Index())
}

func (f *fn) lookup(n ast.Node, t types.Type, obj *types.Func, index []int) *method {
	if f.sub != nil {
		o, idx, _ := types.LookupFieldOrMethod(t, true, obj.Pkg(), obj.Name())
		if fo, ok := o.(*types.Func); ok {
			obj, index = fo, idx
		} else {
			f.errorf(n, "type %s has no method %s", t, obj.Name())
		}
	}
	m := &method{obj: obj, path: index[:len(index)-1]}
	at := t
	for _, i := range m.path {
		if p, ok := at.Underlying().(*types.Pointer); ok {
			at = p.Elem()
		}
		at = f.subst(at.Underlying().(*types.Struct).Field(i).Type())
	}
	if isInterface(at) {
		m.iface, m.recv = at, at
		return m
	}
	if p, ok := types.Unalias(at).(*types.Pointer); ok {
		at = p.Elem()
	} else if p, ok := at.Underlying().(*types.Pointer); ok {
		at = p.Elem()
	}
	m.recv = at
	_, m.pointer = types.Unalias(obj.Signature().Recv().Type()).(*types.Pointer)
	if erasedNamed(at) != nil {
		m.entry = f.methodEntry(n, at, obj)
	}
	return m
}

// methodEntry is the emitted function of a method of an erased type.
func (f *fn) methodEntry(n ast.Node, t types.Type, obj *types.Func) *entry {
	var targs []types.Type
	if named, ok := types.Unalias(t).(*types.Named); ok {
		for i := range named.TypeArgs().Len() {
			targs = append(targs, f.subst(named.TypeArgs().At(i)))
		}
	}
	return f.instance(n, obj.Origin(), targs)
}

// instance is the emitted function of a declared function or method with the given
// type arguments, lowered at the first request.
func (f *fn) instance(n ast.Node, obj *types.Func, targs []types.Type) *entry {
	var src *source
	if !inCell(obj) {
		obj, src = f.stdFunc(obj)
	}
	key := f.funcKey(obj, targs)
	if ent, ok := f.entries.get(key); ok {
		return ent
	}
	if src == nil {
		src = f.sourceOf(obj)
	}
	if src == nil {
		f.errorf(n, "function %s has no source", obj.FullName())
	}
	return f.declareFunc(obj, targs, src)
}

// receiver is the receiver operand of a method call: a pointer, a value, or an
// interface value.
func (f *fn) receiver(x ast.Expr, m *method) string {
	t := f.typeOf(x)
	_, isPtr := t.Underlying().(*types.Pointer)
	want := m.pointer && m.iface == nil
	if len(m.path) == 0 {
		switch {
		case isPtr && (want || m.iface != nil):
			return f.expr(x)
		case isPtr:
			return f.deref(f.expr(x))
		case want:
			return f.addr(x)
		}
		return f.expr(x)
	}
	var text string
	var at types.Type
	if isPtr || !want || !addressable(f.info, x) {
		text, at = f.path(f.operandText(x), t, m.path)
	} else {
		p := f.addr(x)
		if p[0] == '&' {
			p = f.temp(p)
		}
		text, at = f.path(p, t, m.path)
	}
	_, endsInPtr := at.Underlying().(*types.Pointer)
	switch {
	case m.iface != nil, endsInPtr && want:
		return text
	case endsInPtr:
		return f.deref(text)
	case want:
		return "&" + text
	}
	return text
}

// methodValue is x.m not called: a closure over the receiver as it is now.
func (f *fn) methodValue(e *ast.SelectorExpr, s *types.Selection) string {
	m := f.method(e, s)
	sig := f.typeOf(e).Underlying().(*types.Signature)
	recv := f.receiver(e.X, m)
	var rt string
	var call func(args []string) string
	switch {
	case m.iface != nil && nativeInterface(m.iface):
		rt = f.typ(m.iface)
		recv = f.temp(recv)
		f.line("if %s == nil { %s() }", recv, f.rt("Nil"))
		call = func(a []string) string { return "r." + m.obj.Name() + "(" + strings.Join(a, ", ") + ")" }
	case m.iface != nil:
		rt = "any"
		recv = f.temp(recv)
		f.line("if %s == nil { %s() }", recv, f.rt("Nil"))
		name := f.dispatch(m.obj.Name(), m.obj.Id(), sig)
		call = func(a []string) string {
			return f.rt("Through") + "(2)\n" + name + "(" + strings.Join(append([]string{"r"}, a...), ", ") + ")"
		}
	default:
		rt = f.typ(m.recv)
		if m.pointer {
			rt = "*" + rt
		}
		call = func(a []string) string { return f.callOn(m, "r", a) }
	}
	return f.forward(sig, call, "r "+rt, recv)
}

// callOn is the call of a method of a concrete type on a receiver text, in a function
// that does nothing else.
func (f *fn) callOn(m *method, recv string, a []string) string {
	if m.entry != nil {
		return f.through(m.entry) + m.entry.name + "(" + strings.Join(append([]string{recv}, a...), ", ") + ")"
	}
	if shim, ok := methodShims[m.obj.FullName()]; ok {
		list := []string{recv}
		if shim.pos {
			list = append(list, "0")
		}
		return f.rt(shim.name) + "(" + strings.Join(append(list, a...), ", ") + ")"
	}
	return recv + "." + m.obj.Name() + "(" + strings.Join(a, ", ") + ")"
}

// methodExpr is T.m: a function whose first parameter is the receiver.
func (f *fn) methodExpr(e *ast.SelectorExpr, s *types.Selection) string {
	sig := f.typeOf(e).Underlying().(*types.Signature)
	recv := f.subst(s.Recv())
	m := f.lookup(e, recv, s.Obj().(*types.Func), s.Index())
	return f.forward(sig, func(a []string) string {
		x, at := a[0], recv
		if len(m.path) > 0 {
			x, at = f.path(x, recv, m.path)
		}
		_, isPtr := at.Underlying().(*types.Pointer)
		switch {
		case m.iface != nil && nativeInterface(m.iface):
			return x + "." + m.obj.Name() + "(" + strings.Join(a[1:], ", ") + ")"
		case m.iface != nil:
			msig := f.subst(m.obj.Signature()).(*types.Signature)
			return f.rt("Through") + "(2)\n" + f.dispatch(m.obj.Name(), m.obj.Id(), msig) + "(" + strings.Join(append([]string{x}, a[1:]...), ", ") + ")"
		case isPtr && !m.pointer:
			return f.throughPointer(m, x, func(x string) string { return f.callOn(m, x, a[1:]) })
		case !isPtr && m.pointer:
			x = "(&" + x + ")"
		}
		return f.callOn(m, x, a[1:])
	}, "", "")
}

// throughPointer is the call of a value's method on what a pointer points to, in the
// function that Go makes for it: a nil pointer is told in other words than elsewhere.
func (p *pass) throughPointer(m *method, x string, call func(x string) string) string {
	nothing := p.rt("Nil") + "()"
	if n, ok := types.Unalias(m.recv).(*types.Named); ok && len(m.path) == 0 {
		nothing = fmt.Sprintf("%s(%q, %q)", p.rt("NilMethod"), p.typeName(n)+"."+m.obj.Name(), n.Obj().Name())
	}
	return fmt.Sprintf("p := %s\nif p == nil { %s }\n%s", x, nothing, call("(*p)"))
}

// dispatcher is an emitted function that calls a method of whatever lies in an
// interface value.
type dispatcher struct {
	name, method string
	sig          *types.Signature
	key          string // Name sig
}

// dispatch is the function that calls the method with this name and signature on
// an interface of a cell.
func (p *pass) dispatch(name, id string, sig *types.Signature) string {
	key := name + " " + p.sigKey(sig)
	what := "call " + key
	if h, ok := p.helpers.get(what); ok {
		return h
	}
	h := fmt.Sprintf("i%d_%s", p.nextID(), plainName(name))
	p.helpers.set(what, h)
	p.dispatchers = append(p.dispatchers, &dispatcher{h, name, sig, key})
	return h
}

// emitDispatchers writes the dispatchers asked for in this segment. Types boxed by
// now are called directly, others through the table of methods.
func (p *pass) emitDispatchers() {
	for len(p.dispatchers) > 0 {
		list := p.dispatchers
		p.dispatchers = nil
		for _, d := range list {
			p.emitDispatcher(d)
		}
	}
}

func (p *pass) emitDispatcher(d *dispatcher) {
	var params, args, anys []string
	variadic := ""
	for i := range d.sig.Params().Len() {
		n := fmt.Sprintf("a%d", i)
		params = append(params, n+" "+p.paramType(d.sig, i))
		args = append(args, n)
		anys = append(anys, n)
		if d.sig.Variadic() && i == d.sig.Params().Len()-1 {
			args[i] += "..."
			variadic = "..."
		}
	}
	_ = variadic
	results := p.results(d.sig.Results())
	ret, end := "return ", ""
	if results == "" {
		ret, end = "", "\nreturn"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "func %s(s any%s) %s {\n", d.name, comma(params), results)
	fmt.Fprintf(&b, "id, v := %s(s)\n", p.rt("Open"))
	direct := p.directMethods(d)
	if len(direct) > 0 {
		b.WriteString("switch id {\n")
		for _, m := range direct {
			fmt.Fprintf(&b, "case %d:\n%s%s(%s)%s\n", m.id, ret, m.fn, strings.Join(append([]string{"v.(" + m.typ + ")"}, args...), ", "), end)
		}
		b.WriteString("}\n")
	}
	ft := "func(" + strings.Join(append([]string{"any"}, typesOf(params)...), ", ") + ") " + results
	fmt.Fprintf(&b, "if id != 0 {\nf := %s(id, %q).(%s)\n%sf(%s)%s\n}\n", p.rt("Method"), d.method, ft, ret, strings.Join(append([]string{"v"}, args...), ", "), end)
	call := fmt.Sprintf("%s(%s)", p.rt("CallMethod"), strings.Join(append([]string{"s", fmt.Sprintf("%q", d.method)}, anys...), ", "))
	switch d.sig.Results().Len() {
	case 0:
		fmt.Fprintf(&b, "%s\n", call)
	default:
		fmt.Fprintf(&b, "r := %s\n", call)
		var list []string
		for i := range d.sig.Results().Len() {
			t := d.sig.Results().At(i).Type()
			et := p.typ(t)
			switch {
			case et == "any":
				list = append(list, fmt.Sprintf("r[%d]", i))
			case isInterface(t):
				fmt.Fprintf(&b, "var r%d %s\nif r[%d] != nil { r%d = r[%d].(%s) }\n", i, et, i, i, i, et)
				list = append(list, fmt.Sprintf("r%d", i))
			default:
				list = append(list, fmt.Sprintf("r[%d].(%s)", i, et))
			}
		}
		fmt.Fprintf(&b, "return %s\n", strings.Join(list, ", "))
	}
	b.WriteString("}\n")
	p.lateDefs.WriteString(b.String())
}

func comma(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return ", " + strings.Join(list, ", ")
}

// direct is a method that a dispatcher calls by itself.
type direct struct {
	id      int
	fn, typ string
}

// directMethods are the methods of boxed types that a dispatcher can call.
func (p *pass) directMethods(d *dispatcher) []direct {
	var list []direct
	for _, id := range p.boxIDs() {
		if len(list) == 8 {
			break
		}
		info := p.boxes.at(id)
		set := types.NewMethodSet(info.typ)
		for i := range set.Len() {
			s := set.At(i)
			m := s.Obj().(*types.Func)
			if m.Name() != d.method || len(s.Index()) != 1 || m.Name()+" "+p.sigKey(p.methodSig(info.typ, s)) != d.key {
				continue
			}
			recv := types.Unalias(info.typ)
			ptr, isPtr := recv.(*types.Pointer)
			base := recv
			if isPtr {
				base = types.Unalias(ptr.Elem())
			}
			_, wantPtr := types.Unalias(m.Signature().Recv().Type()).(*types.Pointer)
			if isInterface(base) || wantPtr != isPtr || erasedNamed(base) == nil {
				continue
			}
			f := &fn{pass: p}
			ent := f.methodEntry(nil, base, m)
			list = append(list, direct{id, ent.name, p.typ(info.typ)})
		}
	}
	return list
}

// methodSig is the signature of a method in the method set of t.
func (p *pass) methodSig(t types.Type, s *types.Selection) *types.Signature {
	return s.Type().(*types.Signature)
}
