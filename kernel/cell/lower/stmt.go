package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// block lowers the statements of a function's body.
func (f *fn) block(list []ast.Stmt) {
	f.stmts(list)
}

func (f *fn) stmts(list []ast.Stmt) {
	for _, s := range list {
		f.stmt(s)
	}
}

// stmt lowers one statement.
func (f *fn) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.EmptyStmt:
	case *ast.ExprStmt:
		f.position0(s)
		f.exprStmt(s.X)
	case *ast.AssignStmt:
		f.position0(s)
		f.assignStmt(s)
	case *ast.IncDecStmt:
		f.position0(s)
		f.incDec(s)
	case *ast.DeclStmt:
		f.declStmt(s)
	case *ast.BlockStmt:
		f.line("{")
		f.stmts(s.List)
		f.line("}")
	case *ast.IfStmt:
		f.ifStmt(s)
	case *ast.ForStmt:
		f.forStmt(s, "")
	case *ast.RangeStmt:
		f.rangeStmt(s, "")
	case *ast.SwitchStmt:
		f.switchStmt(s, "")
	case *ast.TypeSwitchStmt:
		f.typeSwitch(s, "")
	case *ast.SelectStmt:
		f.selectStmt(s, "")
	case *ast.SendStmt:
		f.position0(s)
		f.send(s)
	case *ast.GoStmt:
		f.position0(s)
		f.line("%s(%d, %s)", f.rt("Go"), f.pos(s), f.thunk(s.Call, nil))
	case *ast.DeferStmt:
		f.position0(s)
		thunk := f.thunk(s.Call, f.d)
		push := f.push(s.Call)
		f.line("%s.%s(%d, %s)", f.variable(f.d).name, push, f.pos(s), thunk)
	case *ast.ReturnStmt:
		f.position0(s)
		f.returnStmt(s)
	case *ast.BranchStmt:
		f.branch(s)
	case *ast.LabeledStmt:
		f.labeled(s)
	default:
		f.errorf(s, "the statement %T is not supported", s)
	}
}

// push is the method of rt.D that defers a call. Another one than Push where its
// function may be one that asks rt for the panic that it is deferred under; literals
// are told by their maker.
func (f *fn) push(call *ast.CallExpr) string {
	fun := ast.Unparen(call.Fun)
	if _, ok := fun.(*ast.FuncLit); ok || f.builtinOf(fun) != "" {
		return "Push"
	}
	var obj *types.Func
	if id := instanceIdent(fun); id != nil {
		obj, _ = f.info.Uses[id].(*types.Func)
	}
	if obj == nil {
		return "PushDirect" // a function value
	}
	if !inCell(obj) {
		return "Push"
	}
	if recv := obj.Signature().Recv(); recv != nil && isInterface(recv.Type()) {
		return "PushMethod"
	}
	if src := f.sourceOf(obj.Origin()); src == nil || hasRecover(src.info, src.decl.Body) {
		return "PushDirect"
	}
	return "Push"
}

// position0 stores the position of a statement that can fail.
func (f *fn) position0(n ast.Node) {
	if f.risky(n) {
		f.at(n.Pos())
	}
}

// risky tells whether evaluating n can panic or calls something.
func (f *fn) risky(n ast.Node) bool {
	found := false
	if n == nil {
		return false
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if tv, ok := f.info.Types[n.Fun]; ok && tv.IsType() {
				found = f.toArray(tv.Type)
				return !found
			}
			if tv, ok := f.info.Types[n]; ok && tv.Value != nil {
				return false
			}
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
				if b, ok := f.info.Uses[id].(*types.Builtin); ok {
					switch b.Name() {
					case "len", "cap", "min", "max", "append", "new", "real", "imag", "complex":
						return true
					}
				}
			}
			found = true
		case *ast.IndexExpr:
			if _, inst := f.info.Instances[instanceIdentOrNil(n)]; !inst {
				found = true
			}
		case *ast.SliceExpr, *ast.StarExpr, *ast.TypeAssertExpr, *ast.SendStmt, *ast.GoStmt, *ast.DeferStmt:
			found = true
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				found = true
			}
		case *ast.SelectorExpr:
			if s := f.info.Selections[n]; s != nil {
				if _, ptr := f.info.TypeOf(n.X).Underlying().(*types.Pointer); ptr || s.Indirect() {
					found = true
				}
			}
		case *ast.BinaryExpr:
			if (n.Op == token.QUO || n.Op == token.REM) && f.info.Types[n.Y].Value == nil {
				found = true
			}
			if isComparison(n.Op) {
				if t := f.info.TypeOf(n.X); t != nil && !f.isNil(n.Y) {
					switch t.Underlying().(type) {
					case *types.Interface, *types.Struct, *types.Array:
						found = true
					}
				}
			}
		case *ast.AssignStmt:
			if n.Tok == token.QUO_ASSIGN || n.Tok == token.REM_ASSIGN {
				found = true
			}
		}
		return !found
	})
	return found
}

// toArray tells whether a conversion to t can be that of a slice which is too short.
func (f *fn) toArray(t types.Type) bool {
	t = f.subst(t).Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	_, ok := t.(*types.Array)
	return ok
}

func instanceIdentOrNil(e ast.Expr) *ast.Ident {
	if id := instanceIdent(e); id != nil {
		return id
	}
	return &ast.Ident{}
}

// exprStmt is an expression as a statement: a call or a receive.
func (f *fn) exprStmt(e ast.Expr) {
	switch x := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		text := f.call(x)
		f.line("%s", text)
	case *ast.UnaryExpr:
		f.line("_ = %s", f.receive(x))
	default:
		f.line("_ = %s", f.expr(e))
	}
}

// isGlobal tells whether v is a cell-level variable.
func isGlobal(o types.Object) bool {
	v, ok := o.(*types.Var)
	return ok && !v.IsField() && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// define gives a newly declared name its value: a local variable, or the storage
// of a cell-level one.
func (f *fn) define(id *ast.Ident, value string) {
	o, _ := f.info.Defs[id].(*types.Var)
	if id.Name == "_" || o == nil {
		f.line("_ = %s", value)
		return
	}
	if isGlobal(o) {
		f.storeAs("*"+f.global(id, o), value, f.objType(o))
		return
	}
	f.initVar(f.declareVar(o), value)
}

func (f *fn) declStmt(s *ast.DeclStmt) {
	d := s.Decl.(*ast.GenDecl)
	if d.Tok != token.VAR {
		return // constants are folded, types erased
	}
	for _, spec := range d.Specs {
		f.valueSpec(spec.(*ast.ValueSpec))
	}
}

func (f *fn) valueSpec(s *ast.ValueSpec) {
	f.position0(s)
	if len(s.Values) == 0 {
		for _, id := range s.Names {
			o, _ := f.info.Defs[id].(*types.Var)
			if id.Name == "_" || o == nil {
				continue
			}
			t := f.objType(o)
			if isGlobal(o) {
				f.line("*%s = %s", f.global(id, o), f.zero(t))
				continue
			}
			l := f.declareVar(o)
			if l.cell {
				f.line("%s := new(%s)", l.name, f.typ(t))
			} else {
				f.line("var %s %s", l.name, f.typ(t))
			}
		}
		return
	}
	lhs := make([]ast.Expr, len(s.Names))
	for i, id := range s.Names {
		lhs[i] = id
	}
	f.defineAll(lhs, s.Values)
}

// varType is the type of what stands on the left of := or in a var declaration.
func (f *fn) varType(e ast.Expr, rhs types.Type) types.Type {
	if id, ok := e.(*ast.Ident); ok {
		if id.Name == "_" {
			return types.Default(rhs)
		}
		if o := f.info.Defs[id]; o != nil {
			return f.objType(o)
		}
		if o := f.info.Uses[id]; o != nil {
			return f.objType(o)
		}
	}
	return f.typeOf(e)
}

// defineAll is := and var with values: names on the left that are not new are
// assigned.
func (f *fn) defineAll(lhs, rhs []ast.Expr) {
	store := func(e ast.Expr, value string) {
		id := e.(*ast.Ident)
		if id.Name == "_" || f.info.Defs[id] != nil {
			f.define(id, value)
			return
		}
		f.storeAs(f.place(id, once), value, f.typeOf(id))
	}
	if len(rhs) == 1 && len(lhs) > 1 {
		names, ts := f.values(rhs[0], len(lhs))
		for i, e := range lhs {
			if id := e.(*ast.Ident); id.Name == "_" {
				f.line("_ = %s", names[i])
				continue
			}
			store(e, f.convText(names[i], ts[i], f.varType(e, ts[i])))
		}
		return
	}
	if len(lhs) == 1 {
		id := lhs[0].(*ast.Ident)
		t := f.varType(lhs[0], f.typeOf(rhs[0]))
		if id.Name == "_" && f.isNil(rhs[0]) {
			return
		}
		store(lhs[0], f.conv(rhs[0], t))
		return
	}
	var ops []operand
	for i, x := range rhs {
		ops = append(ops, operand{e: x, low: func() string { return f.conv(x, f.varType(lhs[i], f.typeOf(x))) }})
	}
	texts := f.operands(ops)
	for i := range texts {
		if f.rank(rhs[i]) > 0 && i < len(texts)-1 {
			texts[i] = f.temp(texts[i])
		}
	}
	if n := len(texts) - 1; f.rank(rhs[n]) > 0 {
		texts[n] = f.temp(texts[n])
	}
	for i, e := range lhs {
		store(e, texts[i])
	}
}

// values evaluates an expression with several values: a call, or one of the forms
// with ok.
func (f *fn) values(e ast.Expr, n int) ([]string, []types.Type) {
	boolean := types.Type(types.Typ[types.Bool])
	switch x := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		return f.spread(x)
	case *ast.IndexExpr:
		m := f.typeOf(x.X).Underlying().(*types.Map)
		a, b := f.tmp(), f.tmp()
		text := f.element(x, once)
		f.line("%s, %s := %s", a, b, text)
		return []string{a, b}, []types.Type{m.Elem(), boolean}
	case *ast.TypeAssertExpr:
		to := f.typeOf(x.Type)
		v := f.expr(x.X)
		if f.native(to) && !isInterface(to) {
			v = f.twice(v)
		}
		a, b := f.tmp(), f.tmp()
		f.line("%s, %s := %s", a, b, f.tryAssert(v, f.typeOf(x.X), to))
		return []string{a, b}, []types.Type{to, boolean}
	case *ast.UnaryExpr:
		f.effects++
		a, b, t := f.receive2(x)
		return []string{a, b}, []types.Type{t, boolean}
	}
	f.errorf(e, "the expression has not %d values", n)
	return nil, nil
}

// store writes an assignment to a place.
func (f *fn) store(place, value string) {
	f.line("%s = %s", bare(place), outer(value))
}

// storeAs is store for a place of type t. A composite literal stored in a plain
// variable of interface type would take the place of the interface in yaegi.
//
// A call whose result is of a compiled package's function type is stored by way of a
// temporary: yaegi lets a call put its result where it belongs, and this one would
// put it beside.
func (f *fn) storeAs(place, value string, t types.Type) {
	_, named := types.Unalias(t).(*types.Named)
	if _, isFunc := t.Underlying().(*types.Signature); isFunc && named && strings.HasPrefix(bare(place), "*") {
		value = f.temp(value)
	}
	f.store(place, f.asInterface(value, t))
}

// asInterface writes the conversion of a literal to an interface type out.
func (f *fn) asInterface(value string, t types.Type) string {
	if isInterface(t) && strings.HasSuffix(value, "}") {
		return f.typ(t) + "(" + value + ")"
	}
	return value
}

// bare drops the parentheses around a dereference that is a whole operand.
func bare(s string) string {
	if strings.HasPrefix(s, "(*") && strings.HasSuffix(s, ")") && isIdent(s[2:len(s)-1]) {
		return s[1 : len(s)-1]
	}
	return s
}

func (f *fn) assignStmt(s *ast.AssignStmt) {
	switch {
	case s.Tok == token.DEFINE:
		f.defineAll(s.Lhs, s.Rhs)
	case s.Tok != token.ASSIGN:
		f.opAssign(s)
	case len(s.Lhs) == 1:
		f.assignOne(s.Lhs[0], s.Rhs[0])
	default:
		f.assignMany(s.Lhs, s.Rhs)
	}
}

// assignOne is l = r.
func (f *fn) assignOne(l, r ast.Expr) {
	if id, ok := ast.Unparen(l).(*ast.Ident); ok {
		if id.Name == "_" {
			if !f.isNil(r) {
				t := f.typeOf(r)
				if tv := f.info.Types[r]; tv.Value != nil && isUntyped(t) {
					t = types.Default(t)
				}
				f.line("_ = %s", f.conv(r, t))
			}
			return
		}
		value := f.conv(r, f.typeOf(l))
		f.storeAs(f.place(l, once), value, f.typeOf(l))
		return
	}
	t := f.typeOf(l)
	if f.rank(r) == 2 && f.indexes(l) {
		if f.rank(l) == 2 {
			place := f.place(l, twice)
			f.store(place, f.conv(r, t))
			return
		}
		value := f.temp(f.conv(r, t))
		f.store(f.place(l, once), value)
		return
	}
	ops := f.operands([]operand{
		{e: l, low: func() string { return f.place(l, once) }},
		{e: r, low: func() string { return f.conv(r, t) }},
	})
	f.store(ops[0], ops[1])
}

// indexes tells whether a place is in a slice, array or map.
func (f *fn) indexes(e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		return true
	case *ast.SelectorExpr:
		return f.indexes(x.X)
	}
	return false
}

// assignMany is a, b = x, y: all operands are evaluated before any assignment.
// Whether an index is in range is found when it is assigned to.
func (f *fn) assignMany(lhs, rhs []ast.Expr) {
	var ops []operand
	late := make([]string, len(lhs))
	for i, l := range lhs {
		ops = append(ops, operand{low: func() string {
			var place string
			place, late[i] = f.latePlace(l)
			return place
		}})
	}
	store := func(i int, place, value string) {
		if place == "_" {
			f.line("_ = %s", value)
			return
		}
		f.buf.WriteString(late[i])
		f.storeAs(place, value, f.typeOf(lhs[i]))
	}
	if len(rhs) == 1 {
		places := f.operands(ops)
		names, ts := f.values(rhs[0], len(lhs))
		for i, p := range places {
			value := names[i]
			if p != "_" {
				value = f.convText(names[i], ts[i], f.typeOf(lhs[i]))
			}
			store(i, p, value)
		}
		return
	}
	for i, r := range rhs {
		ops = append(ops, operand{e: r, low: func() string {
			if id, ok := ast.Unparen(lhs[i]).(*ast.Ident); ok && id.Name == "_" {
				if f.isNil(r) {
					return "any(nil)"
				}
				return f.conv(r, types.Default(f.typeOf(r)))
			}
			return f.conv(r, f.typeOf(lhs[i]))
		}})
	}
	texts := f.operands(ops)
	places, values := texts[:len(lhs)], texts[len(lhs):]
	for i := range values {
		if f.rank(rhs[i]) > 0 {
			values[i] = f.temp(values[i])
		}
	}
	for i, p := range places {
		store(i, p, values[i])
	}
}

// latePlace is a place whose parts are kept, and the check of its index that is
// made before the assignment.
func (f *fn) latePlace(l ast.Expr) (place, check string) {
	if x, ok := ast.Unparen(l).(*ast.IndexExpr); ok {
		if _, ok := f.typeOf(x.X).Underlying().(*types.Slice); ok {
			ops := f.exprs(x.X, x.Index)
			a := ops[0]
			if f.wrapped(f.typeOf(x.X)) {
				a += ".M"
			}
			a = f.temp(a)
			i := ops[1]
			if f.info.Types[x.Index].Value != nil {
				i = constant.ToInt(f.info.Types[x.Index].Value).ExactString()
			} else {
				if b, ok := f.typeOf(x.Index).Underlying().(*types.Basic); !ok || b.Kind() != types.Int {
					i = "int(" + i + ")"
				}
				i = f.temp(i)
			}
			return a + "[" + i + "]", fmt.Sprintf("if %s < 0 || %s >= len(%s) { %s(%s, len(%s)) }\n", i, i, a, f.rt("Index"), i, a)
		}
	}
	place = f.place(l, snapshot)
	if _, ok := ast.Unparen(l).(*ast.StarExpr); ok {
		return place, fmt.Sprintf("if %s == nil { %s() }\n", place[2:len(place)-1], f.rt("Nil"))
	}
	return place, ""
}

// opAssign is l op= r.
func (f *fn) opAssign(s *ast.AssignStmt) {
	l, r := s.Lhs[0], s.Rhs[0]
	t := f.typeOf(l)
	op := strings.TrimSuffix(s.Tok.String(), "=")
	low := func() string { return f.conv(r, t) }
	if op == "<<" || op == ">>" {
		low = func() string { return f.shiftCount(r) }
	}
	h := twice
	if f.rank(r) == 2 {
		h = snapshot
	}
	place := f.place(l, h)
	if _, ok := ast.Unparen(l).(*ast.StarExpr); ok && h == snapshot {
		f.line("if %s == nil { %s() }", place[2:len(place)-1], f.rt("Nil"))
	}
	value := low()
	f.line("%s %s= %s", bare(place), op, outer(value))
}

// incDec is x++ or x--.
func (f *fn) incDec(s *ast.IncDecStmt) {
	place := bare(f.place(s.X, twice))
	t := f.typeOf(s.X)
	if b, ok := t.Underlying().(*types.Basic); ok && b.Kind() == types.Int {
		f.line("%s%s", place, s.Tok)
		return
	}
	op := "+="
	if s.Tok == token.DEC {
		op = "-="
	}
	f.line("%s %s %s", place, op, f.constantText(constant.MakeInt64(1), t))
}

func (f *fn) ifStmt(s *ast.IfStmt) {
	if s.Init != nil {
		f.stmt(s.Init)
	}
	f.position0(s.Cond)
	f.line("if %s {", trim(f.expr(s.Cond)))
	f.stmts(s.Body.List)
	switch e := s.Else.(type) {
	case nil:
	case *ast.BlockStmt:
		f.line("} else {")
		f.stmts(e.List)
	default:
		f.line("} else {")
		f.stmt(e)
	}
	f.line("}")
}

// trim drops parentheses around a whole condition. A composite literal in it needs
// them.
func trim(s string) string {
	if strings.Contains(s, "{") {
		return s
	}
	return outer(s)
}

// outer drops parentheses around a whole expression, where it stands between
// delimiters.
func outer(s string) string {
	if len(s) < 2 || s[0] != '(' || s[len(s)-1] != ')' {
		return s
	}
	depth := 0
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		if quote != 0 {
			if s[i] == '\\' {
				i++
			} else if s[i] == quote {
				quote = 0
			}
			continue
		}
		switch s[i] {
		case '"', '\'':
			quote = s[i]
		case '(':
			depth++
		case ')':
			depth--
			if depth == 0 && i < len(s)-1 {
				return s
			}
		}
	}
	return s[1 : len(s)-1]
}

func (f *fn) returnStmt(s *ast.ReturnStmt) {
	if f.rangeBody != nil {
		f.returnFromRange(s)
		return
	}
	n := f.sig.Results().Len()
	if f.isEntry() && len(s.Results) == 0 {
		if f.cells {
			f.line("return")
		} else {
			f.line("return []any(nil)")
		}
		return
	}
	if len(s.Results) == 0 {
		var list []string
		if !f.cells {
			for _, r := range f.results {
				list = append(list, bare(f.variable(r).value()))
			}
		}
		f.line("return %s", strings.Join(list, ", "))
		return
	}
	stored := f.cells
	for _, r := range f.results {
		if f.variable(r).cell {
			stored = true
		}
	}
	if len(s.Results) == 1 && n > 1 {
		call := ast.Unparen(s.Results[0]).(*ast.CallExpr)
		if !stored && f.sameTypes(call) {
			f.line("return %s", f.call(call))
			return
		}
		names, ts := f.spread(call)
		for i := range names {
			names[i] = f.convText(names[i], ts[i], f.sig.Results().At(i).Type())
		}
		f.giveResults(names, stored)
		return
	}
	var ops []operand
	for i, r := range s.Results {
		ops = append(ops, operand{e: r, low: func() string { return f.conv(r, f.sig.Results().At(i).Type()) }})
	}
	texts := f.operands(ops)
	if stored && len(texts) > 1 {
		for i := range texts {
			if f.rank(s.Results[i]) > 0 {
				texts[i] = f.temp(texts[i])
			}
		}
	}
	f.giveResults(texts, stored)
}

// isEntry tells whether f is the function of a cell.
func (f *fn) isEntry() bool { return f.toplevel }

// sameTypes tells whether the results of a call need no conversion to be f's.
func (f *fn) sameTypes(call *ast.CallExpr) bool {
	tuple := f.typeOf(call).(*types.Tuple)
	for i := range tuple.Len() {
		a, b := tuple.At(i).Type(), f.sig.Results().At(i).Type()
		if f.key(a) != f.key(b) {
			return false
		}
	}
	return true
}

// misplaced tells whether the interpreter puts a value of several in a return at the
// place of another: that of a call of anything but a declared function.
func misplaced(value string) bool {
	if !strings.HasSuffix(value, ")") {
		return false
	}
	e, err := parser.ParseExpr(value)
	if err != nil {
		return true
	}
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return !declaredName.MatchString(fun.Name)
	case *ast.SelectorExpr:
		x, ok := fun.X.(*ast.Ident)
		return !ok || x.Name != "rt" && !strings.HasPrefix(x.Name, "p_")
	}
	return true
}

// declaredName matches the emitted names of functions.
var declaredName = regexp.MustCompile(`^[fhik]\d+(_|$)`)

// giveResults writes the return of values, through the variables of the results
// where others can see them.
func (f *fn) giveResults(values []string, stored bool) {
	if !stored {
		for i := range values {
			values[i] = outer(values[i])
		}
		if len(values) > 1 && slices.ContainsFunc(values, misplaced) {
			for i, v := range values {
				if !isName(v) && strings.Contains(v, "(") {
					values[i] = f.tmp()
					f.line("var %s %s = %s", values[i], f.typ(f.sig.Results().At(i).Type()), v)
				}
			}
		}
		f.line("return %s", strings.Join(values, ", "))
		return
	}
	var list []string
	for i, r := range f.results {
		l := f.variable(r)
		f.line("%s = %s", bare(l.value()), f.asInterface(values[i], l.typ))
		list = append(list, bare(l.value()))
	}
	if f.cells {
		f.line("return")
		return
	}
	f.line("return %s", strings.Join(list, ", "))
}

// switchStmt lowers an expression switch.
func (f *fn) switchStmt(s *ast.SwitchStmt, label string) {
	if s.Init != nil {
		f.stmt(s.Init)
	}
	clauses := s.Body.List
	var tagType types.Type = types.Typ[types.Bool]
	tag := ""
	if s.Tag != nil {
		f.position0(s.Tag)
		tagType = f.typeOf(s.Tag)
		if isUntyped(tagType) {
			tagType = types.Default(tagType)
		}
		tag = f.conv(s.Tag, tagType)
	}
	fallsPastDefault := fallsPastDefault(clauses)
	if s.Tag != nil && f.constantCases(tagType, clauses) && !fallsPastDefault {
		if label != "" {
			f.line("%s:", label)
		}
		f.line("switch %s {", trim(tag))
		f.breakable(s, label, func() {
			for _, c := range clauses {
				cc := c.(*ast.CaseClause)
				var list []string
				for _, e := range cc.List {
					list = append(list, f.conv(e, tagType))
				}
				f.caseHead(cc, strings.Join(list, ", "))
				f.clause(cc.Body)
			}
		})
		f.line("}")
		return
	}
	if s.Tag != nil {
		tag = f.temp(tag)
	}
	for _, c := range clauses {
		for _, e := range c.(*ast.CaseClause).List {
			if s.Tag == nil && f.risky(e) {
				f.at(e.Pos())
				break
			}
		}
	}
	heads, pure := f.caseConditions(clauses, tag, tagType, s.Tag != nil)
	if pure && !fallsPastDefault {
		if label != "" {
			f.line("%s:", label)
		}
		f.line("switch {")
		f.breakable(s, label, func() {
			for i, c := range clauses {
				cc := c.(*ast.CaseClause)
				f.caseHead(cc, heads[i])
				f.clause(cc.Body)
			}
		})
		f.line("}")
		return
	}
	n := f.tmp()
	f.line("%s := 0", n)
	depth := 0
	for i, c := range clauses {
		for _, e := range c.(*ast.CaseClause).List {
			f.position0(e)
			cond := f.caseCondition(e, tag, tagType, s.Tag != nil)
			f.line("if %s {", trim(cond))
			f.line("%s = %d", n, i+1)
			f.line("} else {")
			depth++
		}
	}
	f.line("%s", strings.Repeat("}", depth))
	if label != "" {
		f.line("%s:", label)
	}
	f.line("switch %s {", n)
	f.breakable(s, label, func() {
		for i, c := range clauses {
			cc := c.(*ast.CaseClause)
			if cc.List == nil {
				f.line("case 0:")
			} else {
				f.line("case %d:", i+1)
			}
			f.clause(cc.Body)
		}
	})
	f.line("}")
}

// fallsPastDefault tells whether a switch has fallthrough and a default that is
// not its last clause: yaegi tries default last wherever it stands.
func fallsPastDefault(clauses []ast.Stmt) bool {
	falls, early := false, false
	for i, c := range clauses {
		cc := c.(*ast.CaseClause)
		early = early || cc.List == nil && i < len(clauses)-1
		if n := len(cc.Body); n > 0 {
			if b, ok := cc.Body[n-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
				falls = true
			}
		}
	}
	return falls && early
}

// clause lowers the statements of a case. yaegi does not find a label right below a
// case, but does in a block there.
func (f *fn) clause(list []ast.Stmt) {
	labelled := false
	for _, s := range list {
		if _, ok := s.(*ast.LabeledStmt); ok {
			labelled = true
		}
	}
	if !labelled {
		f.stmts(list)
		return
	}
	end := len(list)
	if b, ok := list[end-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
		end--
	}
	f.line("{")
	f.stmts(list[:end])
	f.line("}")
	f.stmts(list[end:])
}

func (f *fn) caseHead(cc *ast.CaseClause, cond string) {
	if cc.List == nil {
		f.line("default:")
		return
	}
	f.line("case %s:", trim(cond))
}

// constantCases tells whether a switch is over a basic type with constant cases.
func (f *fn) constantCases(t types.Type, clauses []ast.Stmt) bool {
	b, ok := t.Underlying().(*types.Basic)
	if !ok || b.Info()&(types.IsInteger|types.IsString) == 0 {
		return false
	}
	for _, c := range clauses {
		for _, e := range c.(*ast.CaseClause).List {
			if f.info.Types[e].Value == nil {
				return false
			}
		}
	}
	return true
}

// caseConditions are the conditions of each clause, where none needs a statement
// of its own.
func (f *fn) caseConditions(clauses []ast.Stmt, tag string, t types.Type, tagged bool) (heads []string, pure bool) {
	mark := f.buf.Len()
	for _, c := range clauses {
		var list []string
		for _, e := range c.(*ast.CaseClause).List {
			list = append(list, f.caseCondition(e, tag, t, tagged))
		}
		heads = append(heads, strings.Join(list, " || "))
	}
	if f.buf.Len() > mark {
		f.cut(mark)
		return nil, false
	}
	return heads, true
}

// cut drops what was written after a mark.
func (f *fn) cut(mark int) {
	head := f.buf.String()[:mark]
	f.buf.Reset()
	f.buf.WriteString(head)
}

func (f *fn) caseCondition(e ast.Expr, tag string, t types.Type, tagged bool) string {
	if !tagged {
		if isInterface(f.typeOf(e)) {
			return f.rt("Eq") + "(" + f.expr(e) + ", true)"
		}
		return f.expr(e)
	}
	if f.isNil(e) {
		if f.wrapped(t) {
			tag += ".M"
		}
		return "(" + tag + " == nil)"
	}
	et := f.typeOf(e)
	if isInterface(t) || isInterface(et) {
		to := t
		if !isInterface(t) {
			to = et
		}
		return f.rt("Eq") + "(" + f.convText(tag, t, to) + ", " + f.conv(e, to) + ")"
	}
	if f.holdsInterface(t) {
		return f.helperEq(t) + "(" + tag + ", " + f.conv(e, t) + ")"
	}
	return "(" + tag + " == " + f.conv(e, t) + ")"
}

// labels of a function: emitted names by label object.
func (f *fn) labelName(o types.Object) string {
	top := f
	for top.outer != nil {
		top = top.outer
	}
	if l, ok := top.vars[o]; ok {
		return l.name
	}
	l := &local{name: "L_" + top.names.fresh("l_"+o.Name())}
	top.vars[o] = l
	return l.name
}

// labeled is L: s. The label stands before the loop that it names; a goto's label
// stands before what the statement evaluates first.
func (f *fn) labeled(s *ast.LabeledStmt) {
	o := f.info.Defs[s.Label]
	var target string
	if o != nil {
		if f.labelUsed(o, token.GOTO) {
			f.line("%s:", f.labelName(o)+"_goto")
		}
		if f.labelUsed(o, token.BREAK) || f.labelUsed(o, token.CONTINUE) {
			target = f.labelName(o)
		}
	}
	switch inner := s.Stmt.(type) {
	case *ast.ForStmt:
		f.forStmt(inner, target)
	case *ast.RangeStmt:
		f.rangeStmt(inner, target)
	case *ast.SwitchStmt:
		f.switchStmt(inner, target)
	case *ast.TypeSwitchStmt:
		f.typeSwitch(inner, target)
	case *ast.SelectStmt:
		f.selectStmt(inner, target)
	case *ast.BlockStmt:
		if target == "" {
			f.stmt(inner)
			return
		}
		// break out of a block: a loop that runs once.
		f.line("%s:", target)
		f.line("for {")
		f.breakable(inner, target, func() { f.stmts(inner.List) })
		f.line("break %s", target)
		f.line("}")
	case *ast.EmptyStmt:
		f.line("{")
		f.line("}")
	default:
		f.stmt(inner)
	}
}

// labelUsed tells whether a branch of this kind names the label.
func (f *fn) labelUsed(o types.Object, tok token.Token) bool {
	top := f
	for top.outer != nil {
		top = top.outer
	}
	found := false
	ast.Inspect(top.node, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Label != nil && b.Tok == tok && f.info.Uses[b.Label] == o {
			found = true
		}
		return !found
	})
	return found
}

func (f *fn) branch(s *ast.BranchStmt) {
	var label types.Object
	if s.Label != nil {
		label = f.info.Uses[s.Label]
	}
	f.branchTo(s.Tok, label)
}

// branchTo writes a branch; label is nil for the innermost statement.
func (f *fn) branchTo(tok token.Token, label types.Object) {
	if f.rangeBody != nil && f.leavesRange(tok, label) {
		return
	}
	switch {
	case tok == token.GOTO:
		f.guard()
		f.line("goto %s_goto", f.labelName(label))
	case label == nil:
		f.line("%s", tok)
	default:
		f.line("%s %s", tok, f.labelName(label))
	}
}

// scoped is for statements whose init clause declares names.
func (f *fn) scoped(_ bool, body func()) { body() }
