package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// Expressions are lowered to text of the emitted type of their Go type. Where the
// core subset needs a statement (a bounds check, a receive with ok, the right
// side of && with such things in it), it is written before the statement that
// holds the expression, and operands evaluated earlier are put into temporaries,
// so that calls keep Go's order.

// rank tells what may change an operand's value when it is evaluated later than
// it stands: 0 nothing, 1 other code's effects, 2 it has effects itself.
func (f *fn) rank(e ast.Expr) int {
	if e == nil {
		return 0
	}
	if tv, ok := f.info.Types[e]; ok && (tv.Value != nil || tv.IsNil() || tv.IsType()) {
		return 0
	}
	r := 0
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			r = max(r, 1)
			return false
		case *ast.CallExpr:
			if tv, ok := f.info.Types[n.Fun]; ok && tv.IsType() {
				return true
			}
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
				if b, ok := f.info.Uses[id].(*types.Builtin); ok && (b.Name() == "len" || b.Name() == "cap" || b.Name() == "real" || b.Name() == "imag") {
					return true
				}
			}
			r = 2
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				r = 2
			}
		case *ast.Ident:
			if v, ok := f.info.Uses[n].(*types.Var); ok {
				if v.IsField() {
					break
				}
				if _, local := f.use.owner[v]; !local || f.use.assigned[v] > 0 || f.use.address[v] {
					r = max(r, 1)
				}
			}
		case *ast.SelectorExpr, *ast.IndexExpr, *ast.StarExpr, *ast.SliceExpr, *ast.CompositeLit:
			r = max(r, 1)
		}
		return r < 2
	})
	return r
}

// operand is one of several expressions that are evaluated in order.
type operand struct {
	e   ast.Expr // for its rank
	low func() string
}

// operands lowers expressions in order.
func (f *fn) operands(list []operand) []string {
	out := make([]string, len(list))
	for i, o := range list {
		mark, effects := f.buf.Len(), f.effects
		out[i] = o.low()
		if f.buf.Len() == mark || i == 0 {
			continue
		}
		pre := f.buf.String()[mark:]
		head := f.buf.String()[:mark]
		f.buf.Reset()
		f.buf.WriteString(head)
		limit := 2
		if f.effects > effects {
			limit = 1
		}
		for j := range i {
			if list[j].e != nil && f.rank(list[j].e) >= limit && !isName(out[j]) {
				out[j] = f.temp(out[j])
			}
		}
		f.buf.WriteString(pre)
	}
	return out
}

// isName tells whether a text is a temporary, which nothing changes.
func isName(s string) bool { return strings.HasPrefix(s, "v_") && !strings.ContainsAny(s, "().[] ") }

// temp puts a value into a temporary.
func (f *fn) temp(s string) string {
	if isName(s) {
		return s
	}
	t := f.tmp()
	f.line("%s := %s", t, outer(s))
	return t
}

// exprs are operands for expressions in their own types.
func (f *fn) exprs(list ...ast.Expr) []string {
	ops := make([]operand, len(list))
	for i, e := range list {
		ops[i] = operand{e: e, low: func() string { return f.expr(e) }}
	}
	return f.operands(ops)
}

// expr lowers an expression to a text of its own type.
func (f *fn) expr(e ast.Expr) string {
	if tv, ok := f.info.Types[e]; ok {
		if tv.Value != nil {
			t := f.subst(tv.Type)
			if isInterface(t) {
				t = defaultOf(tv.Value)
			}
			return f.constantText(tv.Value, t)
		}
		if tv.IsNil() {
			return "nil"
		}
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return f.expr(e.X)
	case *ast.Ident:
		return f.ident(e)
	case *ast.BasicLit:
		f.errorf(e, "literal without a value")
	case *ast.FuncLit:
		return f.literal(e, nil)
	case *ast.CompositeLit:
		return f.composite(e, f.typeOf(e))
	case *ast.SelectorExpr:
		return f.selector(e)
	case *ast.IndexExpr:
		if _, ok := f.info.Instances[instanceIdent(e)]; ok {
			return f.funcOperand(e)
		}
		return f.index(e)
	case *ast.IndexListExpr:
		return f.funcOperand(e)
	case *ast.SliceExpr:
		return f.slice(e)
	case *ast.StarExpr:
		return f.star(e)
	case *ast.UnaryExpr:
		return f.unary(e)
	case *ast.BinaryExpr:
		return f.binary(e)
	case *ast.CallExpr:
		return f.call(e)
	case *ast.TypeAssertExpr:
		return f.assertion(e)
	}
	f.errorf(e, "the expression %T is not supported", e)
	return ""
}

// defaultOf is the default type of an untyped constant value.
func defaultOf(v constant.Value) types.Type {
	switch v.Kind() {
	case constant.Bool:
		return types.Typ[types.Bool]
	case constant.String:
		return types.Typ[types.String]
	case constant.Int:
		return types.Typ[types.Int]
	case constant.Float:
		return types.Typ[types.Float64]
	}
	return types.Typ[types.Complex128]
}

// instanceIdent is the name of a generic function in f[T].
func instanceIdent(e ast.Expr) *ast.Ident {
	switch x := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		return instanceIdent(x.X)
	case *ast.IndexListExpr:
		return instanceIdent(x.X)
	case *ast.Ident:
		return x
	case *ast.SelectorExpr:
		return x.Sel
	}
	return nil
}

func (f *fn) ident(e *ast.Ident) string {
	o := f.info.Uses[e]
	if o == nil {
		o = f.info.Defs[e]
	}
	switch o := o.(type) {
	case *types.Nil:
		return "nil"
	case *types.Func:
		return f.funcOperand(e)
	case *types.Var:
		if l := f.variable(o); l != nil {
			return l.value()
		}
		return f.packageVar(e, o)
	case *types.Const:
		return f.constantText(o.Val(), f.subst(o.Type()))
	}
	f.errorf(e, "the name %s (%T) cannot be used here", e.Name, o)
	return ""
}

// packageVar is a cell-level variable, or one of a compiled package.
func (f *fn) packageVar(n ast.Node, o *types.Var) string {
	if o.Pkg() != nil && !inCell(o) {
		if f.src != nil && o.Pkg().Path() == "os" {
			f.alias("os")
		}
		return f.alias(o.Pkg().Path()) + "." + o.Name()
	}
	return "(*" + f.global(n, o) + ")"
}

// global is the emitted name of a cell-level variable, which is a pointer.
func (f *fn) global(n ast.Node, o *types.Var) string {
	c := f.canonical(o)
	if g, ok := f.pass.vars.get(c); ok {
		return g.name
	}
	id := f.nextID()
	g := &global{fmt.Sprintf("v%d_%s", id, plainName(o.Name()))}
	f.pass.vars.set(c, g)
	fmt.Fprintf(&f.varDefs, "var %s = new(%s)\n", g.name, f.typ(o.Type()))
	return g.name
}

// funcOperand is a function used as a value.
func (f *fn) funcOperand(e ast.Expr) string {
	id := instanceIdent(e)
	o, ok := f.info.Uses[id].(*types.Func)
	if !ok {
		f.errorf(e, "%s is not a function", id.Name)
	}
	if ent := f.funcEntry(id, o); ent != nil {
		return f.funcValue(ent, f.typeOf(e).Underlying().(*types.Signature))
	}
	if s := shimOf(o); s != "" {
		return f.rt(s)
	}
	return f.alias(o.Pkg().Path()) + "." + o.Name()
}

// star is *p.
func (f *fn) star(e *ast.StarExpr) string {
	return f.deref(f.operandText(e.X))
}

// deref is *p for a pointer of the learner's: yaegi reads nothing through a nil
// pointer and goes on, so it is tested before.
func (f *fn) deref(p string) string {
	if strings.HasPrefix(p, "&") || strings.HasPrefix(p, "new(") {
		return "(*" + p + ")"
	}
	if !isIdent(p) {
		p = f.temp(p)
	}
	f.line("if %s == nil { %s() }", p, f.rt("Nil"))
	return "(*" + p + ")"
}

// operandText is an expression that operations apply to: a recursive type's value
// is taken out of its struct.
func (f *fn) operandText(e ast.Expr) string {
	x := f.expr(e)
	if f.wrapped(f.typeOf(e)) {
		return x + ".M"
	}
	return x
}

// simple tells whether a text may be written twice: it has no calls, and is cheap.
func simple(s string) bool {
	return !strings.ContainsAny(s, "[{\"") && strings.Count(s, ".") <= 1 && !hasCall(s)
}

// hasCall tells whether a text contains a call or conversion: a name before a
// parenthesis.
func hasCall(s string) bool {
	for i := 1; i < len(s); i++ {
		if s[i] == '(' {
			c := s[i-1]
			if c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == ')' || c == ']' || c == '}' {
				return true
			}
		}
	}
	return false
}

// twice makes a value usable twice.
func (f *fn) twice(s string) string {
	if simple(s) {
		return s
	}
	return f.temp(s)
}

func (f *fn) unary(e *ast.UnaryExpr) string {
	switch e.Op {
	case token.AND:
		if lit, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
			t := f.typeOf(lit)
			text := f.composite(lit, t)
			switch t.Underlying().(type) {
			case *types.Struct:
				if !f.wrapped(t) && strings.HasPrefix(text, f.typ(t)+"{") {
					return "&" + text
				}
			}
			p := f.tmp()
			f.line("%s := new(%s)", p, f.typ(t))
			f.line("*%s = %s", p, text)
			return p
		}
		return f.addr(e.X)
	case token.ARROW:
		f.effects++
		return f.receive(e)
	case token.ADD:
		return f.expr(e.X)
	case token.SUB:
		x := f.expr(e.X)
		return "(-" + x + ")"
	case token.NOT:
		return "!" + f.expr(e.X)
	case token.XOR:
		return "(^" + f.expr(e.X) + ")"
	}
	f.errorf(e, "the operator %s is not supported", e.Op)
	return ""
}

func (f *fn) binary(e *ast.BinaryExpr) string {
	switch e.Op {
	case token.LAND, token.LOR:
		return f.logical(e)
	case token.EQL, token.NEQ:
		return f.comparison(e)
	case token.SHL, token.SHR:
		return f.shift(e)
	}
	var t types.Type
	if isComparison(e.Op) {
		t = nil
	} else {
		t = f.typeOf(e)
	}
	low := func(x ast.Expr, y ast.Expr) func() string {
		return func() string {
			if t != nil {
				return f.conv(x, t)
			}
			// An untyped constant has the type of the other operand.
			if tv := f.info.Types[x]; tv.Value != nil {
				if yt := f.typeOf(y); !isUntyped(yt) {
					return f.constantText(tv.Value, yt)
				}
			}
			return f.expr(x)
		}
	}
	ops := f.operands([]operand{{e: e.X, low: low(e.X, e.Y)}, {e: e.Y, low: low(e.Y, e.X)}})
	return "(" + ops[0] + " " + e.Op.String() + " " + ops[1] + ")"
}

func isComparison(op token.Token) bool {
	switch op {
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		return true
	}
	return false
}

func isUntyped(t types.Type) bool {
	b, ok := types.Unalias(t).(*types.Basic)
	return ok && b.Info()&types.IsUntyped != 0
}

// shift is x << n: the count keeps its own type.
func (f *fn) shift(e *ast.BinaryExpr) string {
	t := f.typeOf(e)
	ops := f.operands([]operand{
		{e: e.X, low: func() string { return f.conv(e.X, t) }},
		{e: e.Y, low: func() string { return f.shiftCount(e.Y) }},
	})
	return "(" + ops[0] + " " + e.Op.String() + " " + ops[1] + ")"
}

// shiftCount is the count of a shift, unsigned as yaegi wants it.
func (f *fn) shiftCount(e ast.Expr) string {
	if tv := f.info.Types[e]; tv.Value != nil {
		return constant.ToInt(tv.Value).ExactString()
	}
	y := f.expr(e)
	if b, ok := f.typeOf(e).Underlying().(*types.Basic); ok && b.Info()&types.IsUnsigned == 0 {
		y = f.twice(y)
		f.line("if %s < 0 { %s() }", y, f.rt("NegativeShift"))
		return "uint(" + y + ")"
	}
	if strings.HasPrefix(y, "(") {
		return "uint64(" + outer(y) + ")" // of a sum in a sum the interpreter takes the wrong type
	}
	return y
}

// logical is && or ||: what the right side needs first happens only when it is
// evaluated.
func (f *fn) logical(e *ast.BinaryExpr) string {
	x := f.expr(e.X)
	mark := f.buf.Len()
	y := f.expr(e.Y)
	if f.buf.Len() == mark {
		return "(" + x + " " + e.Op.String() + " " + y + ")"
	}
	pre := f.buf.String()[mark:]
	head := f.buf.String()[:mark]
	f.buf.Reset()
	f.buf.WriteString(head)
	t := f.tmp()
	f.line("%s := %s", t, x)
	if e.Op == token.LAND {
		f.line("if %s {", t)
	} else {
		f.line("if !%s {", t)
	}
	f.buf.WriteString(pre)
	f.line("%s = %s", t, y)
	f.line("}")
	f.effects++
	return t
}

// comparison is == or !=.
func (f *fn) comparison(e *ast.BinaryExpr) string {
	not := ""
	if e.Op == token.NEQ {
		not = "!"
	}
	xnil, ynil := f.isNil(e.X), f.isNil(e.Y)
	if xnil && ynil {
		return "true"
	}
	if xnil || ynil {
		x := e.X
		if xnil {
			x = e.Y
		}
		return "(" + f.operandText(x) + " " + e.Op.String() + " nil)"
	}
	xt, yt := f.typeOf(e.X), f.typeOf(e.Y)
	xi, yi := isInterface(xt), isInterface(yt)
	if xi || yi {
		to := xt
		if !xi {
			to = yt
		}
		ops := f.operands([]operand{
			{e: e.X, low: func() string { return f.conv(e.X, to) }},
			{e: e.Y, low: func() string { return f.conv(e.Y, to) }},
		})
		return not + f.rt("Eq") + "(" + ops[0] + ", " + ops[1] + ")"
	}
	t := xt
	if isUntyped(xt) {
		t = yt
	}
	ops := f.operands([]operand{
		{e: e.X, low: func() string { return f.conv(e.X, t) }},
		{e: e.Y, low: func() string { return f.conv(e.Y, t) }},
	})
	switch t.Underlying().(type) {
	case *types.Struct, *types.Array:
		if f.holdsInterface(t) {
			return not + f.helperEq(t) + "(" + ops[0] + ", " + ops[1] + ")"
		}
	}
	if _, ok := t.Underlying().(*types.Chan); ok && f.typ(xt) != f.typ(yt) {
		return not + f.rt("SameChan") + "(" + ops[0] + ", " + ops[1] + ")"
	}
	return "(" + ops[0] + " " + e.Op.String() + " " + ops[1] + ")"
}

// holdsInterface tells whether comparing t compares interface values.
func (p *pass) holdsInterface(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return true
	case *types.Array:
		return p.holdsInterface(u.Elem())
	case *types.Struct:
		if !erasedStruct(u) {
			return false
		}
		for i := range u.NumFields() {
			if p.holdsInterface(u.Field(i).Type()) {
				return true
			}
		}
	}
	return false
}

// helperEq is the equality of a structure or array that holds interfaces.
func (p *pass) helperEq(t types.Type) string {
	et := p.typ(t)
	return p.helper("eq "+p.key(t), func(name string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "func %s(a %s, b %s) bool {\n", name, et, et)
		switch u := t.Underlying().(type) {
		case *types.Struct:
			for i := range u.NumFields() {
				if u.Field(i).Name() == "_" {
					continue
				}
				n := fieldName(u, i)
				fmt.Fprintf(&b, "if !%s { return false }\n", p.eqText(u.Field(i).Type(), "a."+n, "b."+n))
			}
		case *types.Array:
			fmt.Fprintf(&b, "for i := range a {\nif !%s { return false }\n}\n", p.eqText(u.Elem(), "a[i]", "b[i]"))
		}
		b.WriteString("return true\n}\n")
		return b.String()
	})
}

func (p *pass) eqText(t types.Type, a, b string) string {
	if isInterface(t) {
		return p.rt("Eq") + "(" + a + ", " + b + ")"
	}
	if p.holdsInterface(t) {
		return p.helperEq(t) + "(" + a + ", " + b + ")"
	}
	return "(" + a + " == " + b + ")"
}

// isNil tells whether e is the predeclared nil.
func (f *fn) isNil(e ast.Expr) bool {
	tv, ok := f.info.Types[e]
	return ok && tv.IsNil()
}
