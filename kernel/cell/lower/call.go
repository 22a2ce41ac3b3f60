package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// part is an operand of a call: for go and defer it becomes a parameter of the
// maker of the deferred call.
type part struct{ text, typ string }

// plan is a call whose operands are evaluated.
type plan struct {
	parts []part
	build func(args []string) string
	iface bool // the first part is an interface value whose method is called
}

func (p plan) text() string {
	args := make([]string, len(p.parts))
	for i, one := range p.parts {
		args[i] = one.text
	}
	return p.build(args)
}

// call lowers a call to an expression, which may have several values or none.
func (f *fn) call(e *ast.CallExpr) string {
	fun := ast.Unparen(e.Fun)
	if tv, ok := f.info.Types[fun]; ok && tv.IsType() {
		return f.conversion(e)
	}
	if b := f.builtinOf(fun); b != "" {
		return f.builtin(e, b)
	}
	return f.planCall(e).text()
}

// builtinOf is the name of the predeclared function that e is, or "".
func (f *fn) builtinOf(e ast.Expr) string {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		if b, ok := f.info.Uses[x].(*types.Builtin); ok {
			return b.Name()
		}
	case *ast.SelectorExpr:
		if b, ok := f.info.Uses[x.Sel].(*types.Builtin); ok {
			f.errorf(e, "unsafe.%s is not available in cells", b.Name())
		}
	}
	return ""
}

// planCall evaluates callee and arguments of a call that is neither a conversion
// nor a predeclared function.
func (f *fn) planCall(e *ast.CallExpr) plan {
	fun := ast.Unparen(e.Fun)
	sig, ok := f.typeOf(fun).Underlying().(*types.Signature)
	if !ok {
		f.errorf(e, "cannot call a value of type %s", f.typeOf(fun))
	}
	if id := instanceIdent(fun); id != nil {
		if o, ok := f.info.Uses[id].(*types.Func); ok && o.Signature().Recv() == nil {
			return f.callFunc(e, id, o, sig)
		}
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		if s := f.info.Selections[sel]; s != nil && s.Kind() == types.MethodVal {
			return f.callMethod(e, sel, s, sig)
		}
	}
	ft := f.typ(f.typeOf(fun).Underlying())
	ops := []operand{{e: fun, low: func() string {
		s := f.operandText(fun)
		return s
	}}}
	ops = f.settled(e, sig, ops)
	args, build := f.arguments(e, sig, false)
	texts, typs := f.evaluate(ops, []string{ft}, args)
	return plan{parts: zip(texts, typs), build: func(a []string) string { return a[0] + "(" + build(a[1:]) + ")" }}
}

// settled evaluates the callee's operands first when the arguments are those of
// f(g()), which are evaluated as statements.
func (f *fn) settled(e *ast.CallExpr, sig *types.Signature, ops []operand) []operand {
	if !f.isSpread(e, sig) {
		return ops
	}
	for i, text := range f.operands(ops) {
		if f.rank(ops[i].e) == 2 {
			text = f.temp(text)
		}
		ops[i] = operand{low: func() string { return text }}
	}
	return ops
}

// isSpread tells whether a call's arguments are the results of one other call.
func (f *fn) isSpread(e *ast.CallExpr, sig *types.Signature) bool {
	n := sig.Params().Len()
	if len(e.Args) != 1 || n == 0 || n == 1 && !sig.Variadic() {
		return false
	}
	_, tuple := f.info.TypeOf(e.Args[0]).(*types.Tuple)
	return tuple
}

// argument is an argument of a call: how it is lowered, and its emitted type.
type argument struct {
	operand
	typ string
}

// evaluate lowers the callee's operands and the arguments in order.
func (f *fn) evaluate(ops []operand, typs []string, args []argument) ([]string, []string) {
	for _, a := range args {
		ops = append(ops, a.operand)
		typs = append(typs, a.typ)
	}
	return f.operands(ops), typs
}

func zip(texts, typs []string) []part {
	parts := make([]part, len(texts))
	for i := range texts {
		parts[i] = part{texts[i], typs[i]}
	}
	return parts
}

// arguments are the arguments of a call of a function with this signature. The
// rest of a variadic call becomes one slice, or stays as it is for compiled
// functions (spread).
func (f *fn) arguments(e *ast.CallExpr, sig *types.Signature, native bool) ([]argument, func([]string) string) {
	n := sig.Params().Len()
	join := joinArgs
	if f.isSpread(e, sig) {
		return f.spreadArguments(e, sig, native)
	}
	var args []argument
	fixed := n
	if sig.Variadic() {
		fixed--
	}
	for i := range fixed {
		pt := sig.Params().At(i).Type()
		args = append(args, f.argument(e.Args[i], pt))
	}
	if !sig.Variadic() {
		return args, join
	}
	last := sig.Params().At(fixed).Type()
	slice, _ := last.Underlying().(*types.Slice)
	if e.Ellipsis.IsValid() {
		args = append(args, f.argument(e.Args[fixed], last))
		return args, func(a []string) string { return join(a) + "..." }
	}
	if native {
		for _, x := range e.Args[fixed:] {
			a := f.argument(x, slice.Elem())
			low := a.low
			a.low = func() string { return f.literalElement(low()) }
			args = append(args, a)
		}
		return args, join
	}
	if len(e.Args) == fixed {
		nilRest := "([]" + f.typ(slice.Elem()) + ")(nil)..."
		return args, func(a []string) string { return join(append(append([]string{}, a...), nilRest)) }
	}
	et := f.typ(slice.Elem())
	for _, x := range e.Args[fixed:] {
		a := f.argument(x, slice.Elem())
		low := a.low
		a.low = func() string { return f.literalElement(low()) }
		args = append(args, a)
	}
	return args, func(a []string) string {
		rest := "[]" + et + "{" + join(a[fixed:]) + "}..."
		return join(append(append([]string{}, a[:fixed]...), rest))
	}
}

// joinArgs is an argument list.
func joinArgs(a []string) string {
	list := make([]string, len(a))
	for i, s := range a {
		list[i] = outer(s)
	}
	return strings.Join(list, ", ")
}

func (f *fn) argument(x ast.Expr, t types.Type) argument {
	return argument{operand{e: x, low: func() string { return f.conv(x, t) }}, f.typ(t)}
}

// spread calls a function with several results and puts them into temporaries.
func (f *fn) spread(e *ast.CallExpr) ([]string, []types.Type) {
	tuple := f.typeOf(e).(*types.Tuple)
	text := f.call(e)
	f.effects++
	var names []string
	var ts []types.Type
	for i := range tuple.Len() {
		names = append(names, f.tmp())
		ts = append(ts, tuple.At(i).Type())
	}
	f.line("%s := %s", strings.Join(names, ", "), text)
	return names, ts
}

// spreadArguments are those of f(g()), where g has several results.
func (f *fn) spreadArguments(e *ast.CallExpr, sig *types.Signature, native bool) ([]argument, func([]string) string) {
	join := joinArgs
	names, ts := f.spread(ast.Unparen(e.Args[0]).(*ast.CallExpr))
	n := sig.Params().Len()
	fixed := n
	if sig.Variadic() {
		fixed--
	}
	var args []argument
	for i, name := range names {
		var pt types.Type
		if i < fixed {
			pt = sig.Params().At(i).Type()
		} else {
			pt = sig.Params().At(fixed).Type().Underlying().(*types.Slice).Elem()
		}
		text := f.convText(name, ts[i], pt)
		args = append(args, argument{operand{low: func() string { return text }}, f.typ(pt)})
	}
	if !sig.Variadic() || native {
		return args, join
	}
	et := f.typ(sig.Params().At(fixed).Type().Underlying().(*types.Slice).Elem())
	return args, func(a []string) string {
		rest := "[]" + et + "{" + join(a[fixed:]) + "}..."
		return join(append(append([]string{}, a[:fixed]...), rest))
	}
}

// callFunc is the call of a declared function, of a cell or a compiled package.
func (f *fn) callFunc(e *ast.CallExpr, id *ast.Ident, o *types.Func, sig *types.Signature) plan {
	if p, ok := f.specialCall(e, id, o, sig); ok {
		return p
	}
	if ent := f.funcEntry(id, o); ent != nil {
		args, build := f.arguments(e, sig, false)
		texts, typs := f.evaluate(nil, nil, args)
		return plan{parts: zip(texts, typs), build: func(a []string) string { return ent.name + "(" + build(a) + ")" }}
	}
	if inCell(o) {
		f.errorf(e, "function %s was not lowered", o.Name())
	}
	name := f.alias(o.Pkg().Path()) + "." + o.Name()
	if s := shimOf(o); s != "" {
		name = f.rt(s)
	}
	pos := ""
	if s, ok := placedShims[o.FullName()]; ok {
		name, pos = f.rt(s), fmt.Sprintf("%d, ", f.pos(e))
	}
	args, build := f.arguments(e, sig, true)
	f.notBlind(e, o, args)
	if bareArguments[o.FullName()] && !e.Ellipsis.IsValid() {
		for i := range args {
			if i < len(e.Args) && args[i].typ == "any" {
				x := e.Args[i]
				args[i].low = func() string { return f.unboxed(x) }
			}
		}
	}
	f.offer(o, e, args)
	texts, typs := f.evaluate(nil, nil, args)
	return plan{parts: zip(texts, typs), build: func(a []string) string { return name + "(" + strings.TrimSuffix(pos+build(a), ", ") + ")" }}
}

// unboxed is an argument for a compiled function that looks into its any by
// reflection: the erased value itself.
func (f *fn) unboxed(x ast.Expr) string {
	t := f.typeOf(x)
	if isInterface(t) {
		return f.rt("Unbox") + "(" + f.expr(x) + ")"
	}
	if f.native(t) {
		return f.conv(x, types.Universe.Lookup("any").Type())
	}
	s := f.expr(x)
	if f.wrapped(t) {
		s += ".M"
	}
	return s
}

// funcEntry is the emitted function that a name denotes, with the type arguments
// of an instance; nil for functions of compiled packages.
func (f *fn) funcEntry(id *ast.Ident, o *types.Func) *entry {
	var targs []types.Type
	if inst, ok := f.info.Instances[id]; ok {
		for i := range inst.TypeArgs.Len() {
			targs = append(targs, f.subst(inst.TypeArgs.At(i)))
		}
	}
	if !inCell(o) && len(targs) == 0 && !(sourced(o) && !o.Exported()) {
		return nil
	}
	return f.instance(id, o.Origin(), targs)
}

// callMethod is x.m(…).
func (f *fn) callMethod(e *ast.CallExpr, sel *ast.SelectorExpr, s *types.Selection, sig *types.Signature) plan {
	m := f.method(sel, s)
	if m.iface != nil {
		return f.callInterface(e, sel, m, sig)
	}
	recv := operand{e: sel.X, low: func() string { return f.receiver(sel.X, m) }}
	rt := "*" + f.typ(m.recv)
	if !m.pointer {
		rt = f.typ(m.recv)
	}
	if m.entry != nil {
		ops := f.settled(e, sig, []operand{recv})
		args, build := f.arguments(e, sig, false)
		texts, typs := f.evaluate(ops, []string{rt}, args)
		return plan{parts: zip(texts, typs), build: func(a []string) string {
			rest := build(a[1:])
			if rest != "" {
				rest = ", " + rest
			}
			return m.entry.name + "(" + a[0] + rest + ")"
		}}
	}
	args, build := f.arguments(e, sig, true)
	f.notBlind(e, m.obj, args)
	if shim, ok := methodShims[m.obj.FullName()]; ok {
		texts, typs := f.evaluate([]operand{recv}, []string{rt}, args)
		pos := ""
		if shim.pos {
			pos = fmt.Sprintf(", %d", f.pos(e))
		}
		return plan{parts: zip(texts, typs), build: func(a []string) string {
			rest := build(a[1:])
			if rest != "" {
				rest = ", " + rest
			}
			return f.rt(shim.name) + "(" + a[0] + pos + rest + ")"
		}}
	}
	f.offer(m.obj, e, args)
	texts, typs := f.evaluate([]operand{recv}, []string{rt}, args)
	return plan{parts: zip(texts, typs), build: func(a []string) string {
		return callee(a[0]) + "." + m.obj.Name() + "(" + build(a[1:]) + ")"
	}}
}

// notBlind refuses values of cells' types as arguments of functions that see boxes
// instead: at once where the type is known, else when they come.
func (f *fn) notBlind(e *ast.CallExpr, o *types.Func, args []argument) {
	if !blind[o.FullName()] {
		return
	}
	for i, x := range e.Args {
		if i >= len(args) || args[i].typ != "any" {
			continue
		}
		switch t := f.typeOf(x); {
		case isInterface(t):
			low := args[i].low
			args[i].low = func() string { return fmt.Sprintf("%s(%s, %q)", f.rt("NotOfCell"), low(), o.Pkg().Path()) }
		case !isUntyped(t) && !f.native(t):
			f.errorf(x, "package %s does not see into types that are declared in a cell (%s); encoding/json does", o.Pkg().Path(), f.typeName(t))
		}
	}
}

// callee puts a receiver that is not a primary expression into parentheses.
func callee(s string) string {
	if s[0] == '&' || s[0] == '*' {
		return "(" + s + ")"
	}
	if len(s) > 3 && s[:2] == "(*" && isIdent(s[2:len(s)-1]) {
		return s
	}
	return s
}

// callInterface is the call of a method of an interface value.
func (f *fn) callInterface(e *ast.CallExpr, sel *ast.SelectorExpr, m *method, sig *types.Signature) plan {
	recv := operand{e: sel.X, low: func() string { return f.receiver(sel.X, m) }}
	rt := f.typ(m.iface)
	if nativeInterface(m.iface) {
		args, build := f.arguments(e, sig, true)
		texts, typs := f.evaluate([]operand{recv}, []string{rt}, args)
		if shim, ok := methodShims[m.obj.FullName()]; ok { // without arguments
			return plan{parts: zip(texts, typs), build: func(a []string) string { return fmt.Sprintf("%s(%s, %d)", f.rt(shim.name), a[0], f.pos(e)) }, iface: true}
		}
		return plan{parts: zip(texts, typs), build: func(a []string) string { return a[0] + "." + m.obj.Name() + "(" + build(a[1:]) + ")" }, iface: true}
	}
	name := f.dispatch(m.obj.Name(), m.obj.Id(), sig)
	args, build := f.arguments(e, sig, false)
	texts, typs := f.evaluate([]operand{recv}, []string{rt}, args)
	return plan{parts: zip(texts, typs), build: func(a []string) string {
		rest := build(a[1:])
		if rest != "" {
			rest = ", " + rest
		}
		return name + "(" + a[0] + rest + ")"
	}, iface: true}
}

// thunk is a call put off (go, defer): an expression of type func() that makes
// the call with operands as they are now. d is the record of deferred calls when
// it is the call of a defer statement.
func (f *fn) thunk(e *ast.CallExpr, d types.Object) string {
	fun := ast.Unparen(e.Fun)
	if lit, ok := fun.(*ast.FuncLit); ok && len(e.Args) == 0 {
		sig := f.typeOf(lit).Underlying().(*types.Signature)
		if sig.Results().Len() == 0 && sig.Params().Len() == 0 {
			return f.literal(lit, d)
		}
	}
	var p plan
	if tv, ok := f.info.Types[fun]; ok && tv.IsType() {
		f.errorf(e, "a conversion cannot be put off")
	} else if b := f.builtinOf(fun); b != "" {
		p = f.planBuiltin(e, b, d)
	} else if lit, ok := fun.(*ast.FuncLit); ok {
		sig := f.typeOf(lit).Underlying().(*types.Signature)
		ft := f.typ(sig)
		args, build := f.arguments(e, sig, false)
		texts, typs := f.evaluate([]operand{{e: fun, low: func() string { return f.literal(lit, d) }}}, []string{ft}, args)
		p = plan{parts: zip(texts, typs), build: func(a []string) string { return a[0] + "(" + build(a[1:]) + ")" }}
	} else {
		p = f.planCall(e)
	}
	if p.iface {
		p.parts[0].text = f.temp(p.parts[0].text)
		f.line("if %s == nil { %s() }", p.parts[0].text, f.rt("Nil"))
	}
	name := fmt.Sprintf("k%d", f.nextID())
	var params, args, names []string
	for i, one := range p.parts {
		n := fmt.Sprintf("a%d", i)
		params = append(params, n+" "+one.typ)
		names = append(names, n)
		args = append(args, one.text)
	}
	fmt.Fprintf(f.out(), "func %s(%s) func() {\nreturn func() {\n%s\n}\n}\n", name, strings.Join(params, ", "), p.build(names))
	return name + "(" + strings.Join(args, ", ") + ")"
}
