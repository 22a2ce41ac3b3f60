package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// function lowers a declared function, or an instance of one.
func (p *pass) function(e *entry, obj *types.Func, targs []types.Type, src *source) {
	fd := src.decl
	f := &fn{
		pass: p, src: src, info: src.info, node: fd, id: e.id, label: learnerName(obj),
		buf: &strings.Builder{}, names: &nameSet{map[string]int{}}, vars: map[types.Object]*local{},
	}
	f.sub = p.substitution(obj, targs, src)
	f.sig = f.subst(obj.Signature()).(*types.Signature)
	f.use = analyse(src.info, f.subst, fd, fd.Recv, fd.Type, fd.Body, f.isFuncRange)
	list, prologue := f.params(fd.Recv, fd.Type)

	f.prologueAndBody(fd.Body, prologue)

	results := p.results(f.sig.Results())
	out := p.out()
	redirect := src.std == "" && !p.inRun
	out.WriteString(f.register(e.name, redirect))
	fmt.Fprintf(out, "func %s(%s) %s {\n", e.name, strings.Join(list, ", "), results)
	if redirect {
		var args []string
		for _, one := range list {
			name, t, _ := strings.Cut(one, " ")
			if strings.HasPrefix(t, "...") {
				name += "..."
			}
			args = append(args, name)
		}
		call := fmt.Sprintf("n%d(%s)", e.id, strings.Join(args, ", "))
		if results != "" {
			call = "return " + call
		} else {
			call += "; return"
		}
		fmt.Fprintf(out, "if w%d { %s(); if r%d { %s } }\n", e.id, p.hitHelper(), e.id, call)
	}
	out.WriteString(f.buf.String())
	out.WriteString("}\n")
	if redirect {
		next := fmt.Sprintf("next_ := %s(%q).(func(%s) %s)\n", p.rt("Next"), e.name, strings.Join(typesOf(list), ", "), results)
		var args []string
		for _, one := range list {
			name, t, _ := strings.Cut(one, " ")
			if strings.HasPrefix(t, "...") {
				name += "..."
			}
			args = append(args, name)
		}
		ret := ""
		if results != "" {
			ret = "return "
		}
		fmt.Fprintf(out, "func n%d(%s) %s {\n%s%snext_(%s)\n}\n", e.id, strings.Join(list, ", "), results, next, ret, strings.Join(args, ", "))
	}
}

// learnerName is a function's name in a stack: "f", "T.Method", "(*T).Method".
func learnerName(obj *types.Func) string {
	name := obj.Name()
	if i := strings.Index(name, "·"); i > 0 {
		name = name[:i]
	}
	recv := obj.Signature().Recv()
	if recv == nil {
		return name
	}
	t := types.Unalias(recv.Type())
	if ptr, ok := t.(*types.Pointer); ok {
		if n, ok := types.Unalias(ptr.Elem()).(*types.Named); ok {
			return "(*" + n.Obj().Name() + ")." + name
		}
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name() + "." + name
	}
	return name
}

// prologueAndBody writes what a function does from its entry on: parameters into
// cells, results, the record of deferred calls, and the body.
func (f *fn) prologueAndBody(body *ast.BlockStmt, prologue string) {
	f.buf.WriteString(prologue)
	deferring := f.use.defers[f.node]
	f.declareResults(deferring)
	if f.use.recovers[f.node] && f.rec == nil {
		f.rec = types.NewVar(token.NoPos, nil, "rc", types.Typ[types.Int])
		name := f.names.fresh("rc")
		f.vars[f.rec] = &local{name: name, etyp: "*" + f.rt("D")}
		f.line("%s := %s()", name, f.rt("Direct"))
	}
	if !deferring {
		f.block(body.List)
		f.terminate(body)
		return
	}
	f.d = types.NewVar(token.NoPos, nil, "d", types.Typ[types.Int])
	d := f.names.fresh("d")
	f.vars[f.d] = &local{name: d, etyp: "*" + f.rt("D")}
	f.line("%s := %s()", d, f.rt("NewD"))

	g := f.inner(body, f.sig)
	g.d, g.rec, g.results, g.cells = f.d, f.rec, f.results, true
	if needsGuard(body) {
		g.guard()
	}
	g.block(body.List)
	f.line("%s.Do(%s)", d, f.maker(g, nil, "", ""))
	var values []string
	for _, r := range f.results {
		values = append(values, "*"+f.vars[r].name)
	}
	if len(values) > 0 {
		f.line("return %s", strings.Join(values, ", "))
	}
}

// declareResults declares named results, and cells for all results of a function
// that defers.
func (f *fn) declareResults(deferring bool) {
	n := f.sig.Results().Len()
	if n == 0 {
		return
	}
	var typ *ast.FuncType
	var body ast.Node
	switch node := f.node.(type) {
	case *ast.FuncDecl:
		typ, body = node.Type, node.Body
	case *ast.FuncLit:
		typ, body = node.Type, node.Body
	}
	if typ != nil && !deferring && !bareReturn(body) && !f.usesResults(typ, body) {
		return
	}
	var objs []types.Object
	if typ != nil && typ.Results != nil && len(typ.Results.List) > 0 && len(typ.Results.List[0].Names) > 0 {
		for _, field := range typ.Results.List {
			for _, name := range field.Names {
				objs = append(objs, f.info.Defs[name])
			}
		}
	} else if !deferring {
		return
	}
	for i := range n {
		rt := f.sig.Results().At(i).Type()
		var v types.Object
		if i < len(objs) && objs[i] != nil && objs[i].Name() != "_" {
			v = objs[i]
		} else {
			v = types.NewVar(token.NoPos, nil, "r", rt)
		}
		cell := deferring
		if x, ok := v.(*types.Var); ok && f.use.cell(x) {
			cell = true
		}
		l := &local{name: f.names.fresh(v.Name()), cell: cell, typ: rt}
		f.vars[v] = l
		f.results = append(f.results, v)
		if cell {
			f.line("%s := new(%s)", l.name, f.typ(rt))
		} else {
			f.line("var %s %s", l.name, f.typ(rt))
			if !bareReturn(body) && !mentions(f.info, body, v) {
				f.line("_ = %s", l.name)
			}
		}
	}
}

// usesResults tells whether a body names one of its function's results.
func (f *fn) usesResults(typ *ast.FuncType, body ast.Node) bool {
	if typ.Results == nil {
		return false
	}
	for _, field := range typ.Results.List {
		for _, name := range field.Names {
			if o := f.info.Defs[name]; o != nil && mentions(f.info, body, o) {
				return true
			}
		}
	}
	return false
}

// bareReturn tells whether a function has a return statement without values.
func bareReturn(body ast.Node) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = found || len(n.Results) == 0
		}
		return !found
	})
	return found
}

// terminate ends a function with results by a return, where the lowered text may
// have lost the form by which Go sees that its end is not reached.
func (f *fn) terminate(body *ast.BlockStmt) {
	n := f.sig.Results().Len()
	if n == 0 || f.cells {
		return
	}
	if len(body.List) > 0 {
		if _, ok := body.List[len(body.List)-1].(*ast.ReturnStmt); ok {
			return
		}
	}
	var zeros []string
	for i := range n {
		zeros = append(zeros, f.zero(f.sig.Results().At(i).Type()))
	}
	f.line("return %s", strings.Join(zeros, ", "))
}

// zero is the zero value of t.
func (p *pass) zero(t types.Type) string {
	if p.wrapped(t) {
		return p.typ(t) + "{}"
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsString != 0:
			return `""`
		case u.Info()&types.IsBoolean != 0:
			return "false"
		case u.Kind() == types.UntypedNil:
			return "nil"
		}
		return p.typ(t) + "(0)"
	case *types.Struct, *types.Array:
		return p.typ(t) + "{}"
	case *types.Interface:
		return p.nilInterface(t)
	}
	return "(" + p.typ(t) + ")(nil)"
}

// needsGuard tells whether a function can run long or recurse.
func needsGuard(body ast.Node) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = true
		}
		return !found
	})
	return found
}

// maker emits the function that makes the closure g, whose body is lowered, and
// returns the expression that makes it, in f.
func (f *fn) maker(g *fn, params []string, results, variadicNote string) string {
	name := fmt.Sprintf("k%d", g.id)
	var list, args []string
	for _, c := range g.captures {
		list = append(list, c.param+" "+c.typ)
		args = append(args, f.variable(c.obj).name)
	}
	typ := "func(" + strings.Join(typesOf(params), ", ") + ")"
	if results != "" {
		typ += " " + results
	}
	out := f.out()
	out.WriteString(g.register(name, false))
	fmt.Fprintf(out, "func %s(%s) %s {\nreturn func(%s) %s {\n%s}\n}\n", name, strings.Join(list, ", "), typ, strings.Join(params, ", "), results, g.buf.String())
	return name + "(" + strings.Join(args, ", ") + ")"
}

// typesOf leaves the types of a list of parameters.
func typesOf(params []string) []string {
	var list []string
	for _, p := range params {
		_, t, _ := strings.Cut(p, " ")
		list = append(list, t)
	}
	return list
}

// literal lowers a function literal to the call of its maker. rec is the D that
// recover in it asks when it is the function of a defer statement.
func (f *fn) literal(lit *ast.FuncLit, rec types.Object) string {
	sig := f.typeOf(lit).Underlying().(*types.Signature)
	g := f.inner(lit, sig)
	g.rec = rec
	if f.label != "" {
		g.label = f.label + ".func"
	} else {
		g.label = "func"
	}
	list, prologue := g.params(nil, lit.Type)
	if needsGuard(lit.Body) {
		g.guard()
	}
	g.prologueAndBody(lit.Body, prologue)
	return f.maker(g, list, f.results0(sig), "")
}

func (f *fn) results0(sig *types.Signature) string { return f.pass.results(sig.Results()) }

// funcValue is a declared function as a value: made once, by a maker.
// The variable is given its value apart from its declaration, because the function
// may name its own value.
func (p *pass) funcValue(e *entry, sig *types.Signature) string {
	what := "value " + e.name
	if name, ok := p.helpers.get(what); ok {
		return name
	}
	id := p.nextID()
	name := fmt.Sprintf("v%d", id)
	p.helpers.set(what, name)
	maker := p.makerOfFunc(e, sig)
	fmt.Fprintf(&p.lateDefs, "var %s func%s\nfunc h%d() bool {\n%s = %s\nreturn true\n}\nvar _ = h%d()\n", name, p.signature(sig), id, name, maker, id)
	return name
}

// makerOfFunc is an expression that makes a function value of an emitted function.
func (p *pass) makerOfFunc(e *entry, sig *types.Signature) string {
	return p.forward(sig, func(args []string) string {
		return p.through(e) + e.name + "(" + strings.Join(args, ", ") + ")"
	}, "", "")
}

// through is what a function between a caller and e does before it calls e, so that
// recover in e finds the panic as if it had been called by the caller.
func (p *pass) through(e *entry) string {
	if e == nil || !e.recovers {
		return ""
	}
	return p.rt("Through") + "(1)\n"
}

// forward emits a maker of a function of type sig that makes the call given by
// its arguments, on the last line of its text, and returns the call of the maker.
// captures and args are the maker's parameters and what it is given.
func (p *pass) forward(sig *types.Signature, call func(args []string) string, captures, args string) string {
	var params, names []string
	for i := range sig.Params().Len() {
		name := fmt.Sprintf("a%d", i)
		params = append(params, name+" "+p.paramType(sig, i))
		if sig.Variadic() && i == sig.Params().Len()-1 {
			name += "..."
		}
		names = append(names, name)
	}
	results := p.results(sig.Results())
	name := fmt.Sprintf("k%d", p.nextID())
	ret := ""
	if results != "" {
		ret = "return "
	}
	body := call(names)
	last := strings.LastIndexByte(body, '\n') + 1
	fmt.Fprintf(&p.lateDefs, "func %s(%s) func(%s) %s {\nreturn func(%s) %s {\n%s%s%s\n}\n}\n",
		name, captures, strings.Join(typesOf(params), ", "), results, strings.Join(params, ", "), results, body[:last], ret, body[last:])
	return name + "(" + args + ")"
}

// funcSignature is the type of an emitted function: the receiver is the first
// parameter.
func (p *pass) funcSignature(obj *types.Func, targs []types.Type) *types.Signature {
	f := &fn{pass: p, sub: p.substitution(obj.Origin(), targs, nil)}
	return receiverFirst(f.subst(obj.Origin().Signature()).(*types.Signature), f.subst)
}

// receiverFirst is the type of a method as a function.
func receiverFirst(sig *types.Signature, subst func(types.Type) types.Type) *types.Signature {
	if sig.Recv() == nil {
		return sig
	}
	params := []*types.Var{types.NewParam(token.NoPos, nil, "", subst(sig.Recv().Type()))}
	for i := range sig.Params().Len() {
		params = append(params, sig.Params().At(i))
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic())
}

// entryFunc lowers what the segment runs to its entry function and returns its name.
func (p *pass) entryFunc(index int, seg *Segment) string {
	if len(seg.Body) == 0 && seg.Show == nil && p.part != last {
		return ""
	}
	name := fmt.Sprintf("cell_%d", seg.Cell)
	if seg.Cell < 0 {
		name = fmt.Sprintf("cell_m%d", -seg.Cell)
	}
	if index > 0 {
		name += fmt.Sprintf("_%d", index+1)
	}
	body := &ast.BlockStmt{List: seg.Body}
	src := &source{info: seg.Info, fset: seg.Fset, cell: seg.Cell}
	all := &ast.BlockStmt{List: append([]ast.Stmt{}, seg.Body...)}
	if seg.Show != nil {
		all.List = append(all.List, &ast.ExprStmt{X: seg.Show})
	}
	if p.part != whole {
		// The analysis sees a defer: the body runs as a function of its own.
		nothing := &ast.FuncLit{Type: &ast.FuncType{Params: &ast.FieldList{}}, Body: &ast.BlockStmt{}}
		all.List = append(all.List, &ast.DeferStmt{Call: &ast.CallExpr{Fun: nothing}})
	}
	result := types.NewTuple(types.NewParam(token.NoPos, nil, "", types.NewSlice(types.Universe.Lookup("any").Type())))
	f := &fn{
		pass: p, src: src, info: seg.Info, node: body, id: p.nextID(),
		buf: &strings.Builder{}, names: &nameSet{map[string]int{}}, vars: map[types.Object]*local{},
		sig: types.NewSignatureType(nil, nil, nil, nil, result, false),
	}
	p.inRun = true
	f.use = analyse(seg.Info, f.subst, body, nil, nil, all, f.isFuncRange)
	f.entryBody(body, seg)
	out := p.out()
	out.WriteString(f.register(name, false))
	fmt.Fprintf(out, "func %s() []any {\n%s}\n", name, f.buf.String())
	p.inRun = false
	return name
}

// entryBody writes the statements of a cell and its result.
func (f *fn) entryBody(body *ast.BlockStmt, seg *Segment) {
	inner := f
	if f.use.defers[body] {
		f.declareResults(true)
		f.d = types.NewVar(token.NoPos, nil, "d", types.Typ[types.Int])
		d := f.names.fresh("d")
		f.vars[f.d] = &local{name: d, etyp: "*" + f.rt("D")}
		switch f.part {
		case whole:
			f.line("%s := %s()", d, f.rt("NewD"))
		case notLast:
			f.line("%s := %s(%d)", d, f.rt("PartD"), seg.Cell)
		case last:
			f.line("%s := %s(%d)", d, f.rt("LastD"), seg.Cell)
		}
		// The analysis knows the statements by a block of its own.
		inner = f.inner(body, f.sig)
		inner.d, inner.results, inner.cells = f.d, f.results, true
	}
	inner.toplevel = true
	inner.block(seg.Body)
	inner.show(seg)
	if inner != f {
		do := "Do"
		if f.part == notLast {
			do = "DoPart"
		}
		f.line("%s.%s(%s)", f.vars[f.d].name, do, f.maker(inner, nil, "", ""))
		f.line("return *%s", f.vars[f.results[0]].name)
	}
}

// show writes the return of a cell's result.
func (f *fn) show(seg *Segment) {
	give := func(text string) {
		if f.cells {
			f.line("*%s = %s", f.variable(f.results[0]).name, text)
			return
		}
		f.line("return %s", text)
	}
	e := seg.Show
	if e == nil {
		if !f.cells {
			f.line("return []any(nil)")
		}
		return
	}
	anyType := types.Universe.Lookup("any").Type()
	f.position0(e)
	if tuple, ok := f.info.TypeOf(e).(*types.Tuple); ok {
		if tuple.Len() == 0 {
			f.line("%s", f.call(ast.Unparen(e).(*ast.CallExpr)))
			if !f.cells {
				f.line("return []any(nil)")
			}
			return
		}
		names, ts := f.spread(ast.Unparen(e).(*ast.CallExpr))
		if seg.ShowError {
			last := len(names) - 1
			f.line("if %s == nil {", names[last])
			give("[]any{" + f.anyList(names[:last], ts[:last]) + "}")
			if f.cells {
				f.line("} else {")
				give("[]any{" + f.anyList(names, ts) + "}")
				f.line("}")
				return
			}
			f.line("}")
		}
		give("[]any{" + f.anyList(names, ts) + "}")
		return
	}
	if seg.ShowError {
		v := f.tmp()
		f.line("%s := %s", v, f.expr(e))
		f.line("if %s == nil {", v)
		give("[]any(nil)")
		if f.cells {
			f.line("} else {")
			give("[]any{" + v + "}")
			f.line("}")
			return
		}
		f.line("}")
		give("[]any{" + v + "}")
		return
	}
	give("[]any{" + outer(f.conv(e, anyType)) + "}")
}

func (f *fn) anyList(names []string, ts []types.Type) string {
	anyType := types.Universe.Lookup("any").Type()
	var list []string
	for i, n := range names {
		list = append(list, f.convText(n, ts[i], anyType))
	}
	return strings.Join(list, ", ")
}
