package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"strings"
)

// builtin lowers the call of a predeclared function.
func (f *fn) builtin(e *ast.CallExpr, name string) string {
	if len(e.Args) == 1 && (name == "append" || name == "complex" || name == "copy" || name == "delete") {
		if _, tuple := f.info.TypeOf(e.Args[0]).(*types.Tuple); tuple {
			names, ts := f.spread(ast.Unparen(e.Args[0]).(*ast.CallExpr))
			if slice, ok := f.typeOf(e).Underlying().(*types.Slice); ok {
				for i := 1; i < len(names); i++ {
					names[i] = f.convText(names[i], ts[i], slice.Elem())
				}
			}
			if name == "delete" {
				m := ts[0].Underlying().(*types.Map)
				names[1] = f.convText(names[1], ts[1], m.Key())
			}
			return name + "(" + strings.Join(names, ", ") + ")"
		}
	}
	switch name {
	case "len", "cap":
		x := f.operandText(e.Args[0])
		t := f.typeOf(e.Args[0])
		if p, ok := t.Underlying().(*types.Pointer); ok {
			if a, ok := p.Elem().Underlying().(*types.Array); ok {
				f.line("_ = %s", x)
				return fmt.Sprint(a.Len())
			}
		}
		if a, ok := t.Underlying().(*types.Array); ok {
			f.line("_ = %s", x)
			return fmt.Sprint(a.Len())
		}
		return name + "(" + x + ")"
	case "append":
		return f.append(e)
	case "make":
		return f.makeCall(e)
	case "new":
		if tv := f.info.Types[e.Args[0]]; tv.IsType() {
			return "new(" + f.typ(f.typeOf(e.Args[0])) + ")"
		}
		t := f.typeOf(e).Underlying().(*types.Pointer).Elem()
		x := f.conv(e.Args[0], t)
		p := f.tmp()
		f.line("%s := new(%s)", p, f.typ(t))
		f.line("*%s = %s", p, x)
		return p
	case "min", "max":
		return f.minMax(e, name)
	case "copy":
		ops := f.exprsOperands(e.Args)
		return "copy(" + ops[0] + ", " + ops[1] + ")"
	case "complex":
		t := f.typeOf(e)
		part := types.Typ[types.Float64]
		if b, ok := t.Underlying().(*types.Basic); ok && b.Kind() == types.Complex64 {
			part = types.Typ[types.Float32]
		}
		ops := f.operands([]operand{
			{e: e.Args[0], low: func() string { return f.conv(e.Args[0], part) }},
			{e: e.Args[1], low: func() string { return f.conv(e.Args[1], part) }},
		})
		return "complex(" + ops[0] + ", " + ops[1] + ")"
	case "real", "imag":
		return name + "(" + f.expr(e.Args[0]) + ")"
	}
	return f.planBuiltin(e, name, nil).text()
}

func (f *fn) exprsOperands(list []ast.Expr) []string {
	ops := make([]operand, len(list))
	for i, e := range list {
		ops[i] = operand{e: e, low: func() string {
			if f.isNil(e) {
				return "nil"
			}
			return f.operandText(e)
		}}
	}
	return f.operands(ops)
}

// planBuiltin evaluates the operands of a predeclared function that may also
// stand in go and defer.
func (f *fn) planBuiltin(e *ast.CallExpr, name string, d types.Object) plan {
	anyType := types.Universe.Lookup("any").Type()
	value := func(i int) operand {
		return operand{e: e.Args[i], low: func() string { return f.operandText(e.Args[i]) }}
	}
	under := func(i int) string {
		t := f.typeOf(e.Args[i])
		if f.wrapped(t) {
			t = t.Underlying()
		}
		return f.typ(t)
	}
	switch name {
	case "close":
		texts := f.operands([]operand{value(0)})
		return plan{parts: zip(texts, []string{under(0)}), build: func(a []string) string { return f.rt("Close") + "(" + a[0] + ")" }}
	case "clear":
		texts := f.operands([]operand{value(0)})
		return plan{parts: zip(texts, []string{under(0)}), build: func(a []string) string { return f.rt("Clear") + "(" + a[0] + ")" }}
	case "delete":
		m := f.typeOf(e.Args[0]).Underlying().(*types.Map)
		texts := f.operands([]operand{value(0), {e: e.Args[1], low: func() string { return f.mapKey(e.Args[1], m) }}})
		return plan{parts: zip(texts, []string{under(0), f.typ(m.Key())}), build: func(a []string) string { return "delete(" + a[0] + ", " + a[1] + ")" }}
	case "copy":
		texts := f.exprsOperands(e.Args)
		return plan{parts: zip(texts, []string{under(0), under(1)}), build: func(a []string) string { return "copy(" + a[0] + ", " + a[1] + ")" }}
	case "panic":
		pos := f.pos(e)
		texts := f.operands([]operand{{e: e.Args[0], low: func() string { return f.conv(e.Args[0], anyType) }}})
		return plan{parts: zip(texts, []string{"any"}), build: func(a []string) string { return fmt.Sprintf("%s(%d, %s)", f.rt("Panic"), pos, a[0]) }}
	case "print", "println":
		shim := "BuiltinPrint"
		if name == "println" {
			shim = "BuiltinPrintln"
		}
		var ops []operand
		var typs []string
		for _, x := range e.Args {
			ops = append(ops, operand{e: x, low: func() string {
				switch t := f.typeOf(x); {
				case isInterface(t):
					return f.rt("Printed") + "{V: " + f.expr(x) + "}"
				case isUntyped(t):
					return f.conv(x, anyType)
				}
				return f.operandText(x)
			}})
			typs = append(typs, "any")
		}
		return plan{parts: zip(f.operands(ops), typs), build: func(a []string) string { return f.rt(shim) + "(" + strings.Join(a, ", ") + ")" }}
	case "recover":
		if d != nil { // defer recover()
			name := f.variable(d).name
			return plan{parts: []part{{name, "*" + f.rt("D")}}, build: func(a []string) string { return a[0] + ".Rec()" }}
		}
		if f.rec == nil {
			return plan{build: func([]string) string { return f.rt("Recover") + "((*" + f.rt("D") + ")(nil))" }}
		}
		name := f.variable(f.rec).name
		return plan{build: func([]string) string { return f.rt("Recover") + "(" + name + ")" }}
	}
	f.errorf(e, "the predeclared function %s cannot stand here", name)
	return plan{}
}

// append is append(s, xs...).
func (f *fn) append(e *ast.CallExpr) string {
	t := f.typeOf(e)
	slice, ok := t.Underlying().(*types.Slice)
	if !ok {
		f.errorf(e, "append to %s", t)
	}
	base := operand{e: e.Args[0], low: func() string {
		if f.isNil(e.Args[0]) {
			return "([]" + f.typ(slice.Elem()) + ")(nil)"
		}
		return f.operandText(e.Args[0])
	}}
	text := ""
	if e.Ellipsis.IsValid() {
		ops := f.operands([]operand{base, {e: e.Args[1], low: func() string {
			if f.isNil(e.Args[1]) {
				return "([]" + f.typ(slice.Elem()) + ")(nil)"
			}
			x := f.operandText(e.Args[1])
			if b, ok := f.typeOf(e.Args[1]).Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
				return "[]byte(" + x + ")"
			}
			return x
		}}})
		text = "append(" + ops[0] + ", " + ops[1] + "...)"
	} else {
		ops := []operand{base}
		for _, x := range e.Args[1:] {
			ops = append(ops, operand{e: x, low: func() string { return f.conv(x, slice.Elem()) }})
		}
		args := f.operands(ops)
		for i := 1; i < len(args) && len(args) > 2; i++ {
			// yaegi stores one element before it reads the next.
			if f.rank(e.Args[i]) > 0 {
				args[i] = f.temp(args[i])
			}
		}
		text = "append(" + joinArgs(args) + ")"
	}
	if f.wrapped(t) {
		return f.typ(t) + "{M: " + text + "}"
	}
	return text
}

// makeCall is make(T, n, m), with sizes checked.
func (f *fn) makeCall(e *ast.CallExpr) string {
	t := f.typeOf(e.Args[0])
	et := f.typ(t)
	if f.wrapped(t) {
		et = f.typ(t.Underlying())
	}
	if c, ok := t.Underlying().(*types.Chan); ok {
		et = "chan " + f.typ(c.Elem())
		if strings.HasPrefix(et, "chan <-") {
			et = "chan (" + f.typ(c.Elem()) + ")"
		}
	}
	var ops []operand
	for _, x := range e.Args[1:] {
		ops = append(ops, operand{e: x, low: func() string {
			if tv := f.info.Types[x]; tv.Value != nil {
				return constant.ToInt(tv.Value).ExactString()
			}
			s := f.expr(x)
			if b, ok := f.typeOf(x).Underlying().(*types.Basic); ok && b.Kind() != types.Int {
				s = "int(" + s + ")"
			}
			return f.twice(s)
		}})
	}
	sizes := f.operands(ops)
	_, isSlice := t.Underlying().(*types.Slice)
	text := "make(" + et + ")"
	if len(sizes) > 0 {
		small := true
		for _, x := range e.Args[1:] {
			tv := f.info.Types[x]
			if tv.Value == nil {
				small = false
			} else if n, ok := constant.Int64Val(constant.ToInt(tv.Value)); !ok || n > 1<<16 {
				small = false
			}
		}
		if !small {
			pos := f.pos(e)
			size := sizes[len(sizes)-1]
			switch t.Underlying().(type) {
			case *types.Slice:
				first := sizes[0]
				f.line("%s(%d, %s, %s, %s)", f.rt("MakeSlice"), pos, first, size, f.sizeSample(t))
			case *types.Chan:
				f.line("%s(%d, %s)", f.rt("MakeChan"), pos, size)
			}
		}
		if isSlice || len(sizes) == 1 {
			if _, isMap := t.Underlying().(*types.Map); isMap {
				text = "make(" + et + ")"
				f.line("_ = %s", sizes[0])
			} else {
				text = "make(" + et + ", " + strings.Join(sizes, ", ") + ")"
			}
		}
	}
	if c, ok := t.Underlying().(*types.Chan); ok && c.Dir() != types.SendRecv {
		text = "(" + f.typ(t.Underlying()) + ")(" + text + ")"
	}
	if f.wrapped(t) {
		return f.typ(t) + "{M: " + text + "}"
	}
	return text
}

// sizeSample is a nil slice, from whose type rt tells how large an element is.
func (f *fn) sizeSample(t types.Type) string {
	return "([]" + f.typ(t.Underlying().(*types.Slice).Elem()) + ")(nil)"
}

// minMax is min or max, by a helper per type.
func (f *fn) minMax(e *ast.CallExpr, name string) string {
	t := f.typeOf(e)
	var ops []operand
	for _, x := range e.Args {
		ops = append(ops, operand{e: x, low: func() string { return f.conv(x, t) }})
	}
	args := f.operands(ops)
	et := f.typ(t)
	op := "<"
	if name == "max" {
		op = ">"
	}
	h := f.helper(name+" "+et, func(h string) string {
		if b, ok := t.Underlying().(*types.Basic); ok && b.Info()&types.IsFloat != 0 {
			up := "Min"
			if name == "max" {
				up = "Max"
			}
			return fmt.Sprintf("func %s(a %s, b %s) %s { return %s(%s(float64(a), float64(b))) }\n", h, et, et, et, et, f.rt(up))
		}
		return fmt.Sprintf("func %s(a %s, b %s) %s {\nif b %s a { return b }\nreturn a\n}\n", h, et, et, et, op)
	})
	text := args[0]
	for _, a := range args[1:] {
		text = h + "(" + text + ", " + a + ")"
	}
	return text
}
