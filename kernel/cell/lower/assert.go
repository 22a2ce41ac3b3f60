package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"sort"
	"strings"
)

// assertion is x.(T) with one value: a helper raises Go's error.
func (f *fn) assertion(e *ast.TypeAssertExpr) string {
	to := f.typeOf(e.Type)
	x := f.expr(e.X)
	return f.assertHelper(f.typeOf(e.X), to) + "(" + x + ")"
}

// assertHelper asserts and panics when it fails.
func (f *fn) assertHelper(from, to types.Type) string {
	et, ft := f.typ(to), f.typ(from)
	static := f.staticName(from)
	return f.helper("assert "+ft+" "+static+" "+f.key(to), func(name string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "func %s(x %s) %s {\n", name, ft, et)
		switch {
		case isInterface(to) && nativeInterface(to):
			fmt.Fprintf(&b, "return %s((*%s)(nil), x, %q, %q, %q).(%s)\n", f.rt("MustAs"), et, static, f.typeName(to), f.methodSetText(to), et)
		case isInterface(to):
			fmt.Fprintf(&b, "return %s(x, %q, %q, %q)\n", f.rt("AssertInterface"), static, f.ifaceName(to), f.methodSetText(to))
		case f.native(to):
			fmt.Fprintf(&b, "if r, ok := x.(%s); ok { return r }\n%s(x, %q, %q)\nreturn %s\n", et, f.rt("BadAssert"), static, f.typeName(to), f.zero(to))
		default:
			id, _ := f.describe(to)
			fmt.Fprintf(&b, "if id, v := %s(x); id == %d { return v.(%s) }\n%s(x, %q, %q)\nreturn %s\n", f.rt("Open"), id, et, f.rt("BadAssert"), static, f.typeName(to), f.zero(to))
		}
		b.WriteString("}\n")
		return b.String()
	})
}

// staticName is how Go names the static type of x in the panic of x.(T).
func (p *pass) staticName(t types.Type) string { return p.ifaceName(t) }

func (p *pass) ifaceName(t types.Type) string {
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return p.typeName(n)
	}
	if emptyInterface(t) {
		return "interface {}"
	}
	return strings.Replace(p.typeName(t), "interface{", "interface { ", 1)
}

// tryAssert is x.(T) with two values: it returns an expression of (T, bool).
func (f *fn) tryAssert(x string, from, to types.Type) string {
	et, ft := f.typ(to), f.typ(from)
	if f.native(to) && !isInterface(to) {
		return x + ".(" + et + ")"
	}
	h := f.helper("try "+ft+" "+f.key(to), func(name string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "func %s(x %s) (%s, bool) {\n", name, ft, et)
		switch {
		case isInterface(to) && nativeInterface(to):
			fmt.Fprintf(&b, "var i %s\nw, ok := %s((*%s)(nil), x, %q)\nif ok { i = w.(%s) }\nreturn i, ok\n", et, f.rt("As"), et, f.methodSetText(to), et)
		case isInterface(to):
			fmt.Fprintf(&b, "if %s(x, %q) { return x, true }\nreturn nil, false\n", f.rt("Implements"), f.methodSetText(to))
		default:
			id, _ := f.describe(to)
			fmt.Fprintf(&b, "if id, v := %s(x); id == %d { return v.(%s), true }\nreturn %s, false\n", f.rt("Open"), id, et, f.zero(to))
		}
		b.WriteString("}\n")
		return b.String()
	})
	return h + "(" + x + ")"
}

// methodSetText is the method set of an interface as rt.Implements wants it.
func (p *pass) methodSetText(t types.Type) string {
	i := t.Underlying().(*types.Interface)
	var list []string
	for k := range i.NumMethods() {
		m := i.Method(k)
		list = append(list, m.Name()+" "+p.sigKey(m.Signature()))
	}
	sort.Strings(list)
	return strings.Join(list, ";")
}

// typeSwitch lowers a type switch: first which case it is, then a switch over
// that number.
func (f *fn) typeSwitch(s *ast.TypeSwitchStmt, label string) {
	f.scoped(s.Init != nil, func() {
		if s.Init != nil {
			f.stmt(s.Init)
		}
		var x ast.Expr
		bound := false
		switch a := s.Assign.(type) {
		case *ast.ExprStmt:
			x = a.X.(*ast.TypeAssertExpr).X
		case *ast.AssignStmt:
			x = a.Rhs[0].(*ast.TypeAssertExpr).X
			bound = true
		}
		f.at(x.Pos())
		from := f.typeOf(x)
		v := f.temp(f.expr(x))
		clauses := s.Body.List
		n := f.tmp()
		f.line("%s := 0", n)
		f.caseTests(clauses, v, from, n)
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
				if bound {
					f.bindCase(cc, v, from)
				}
				f.clause(cc.Body)
			}
		})
		f.line("}")
	})
}

// caseTests writes the tests by which n becomes the number of the case that v is.
func (f *fn) caseTests(clauses []ast.Stmt, v string, from types.Type, n string) {
	id := ""
	for _, c := range clauses {
		for _, e := range c.(*ast.CaseClause).List {
			if t := f.caseType(e); t != nil && !isInterface(t) && !f.native(t) {
				id = "need"
			}
		}
	}
	if id != "" {
		id = f.tmp()
		f.line("%s := %s(%s)", id, f.rt("ID"), v)
	}
	first := true
	seen := map[string]bool{}
	depth := 0
	for i, c := range clauses {
		for _, e := range c.(*ast.CaseClause).List {
			t := f.caseType(e)
			key := "nil"
			if t != nil {
				key = f.key(t)
			}
			if seen[key] {
				continue // the same type argument twice: the first case wins
			}
			seen[key] = true
			if !first {
				f.line("if %s == 0 {", n)
				depth++
			}
			first = false
			switch {
			case t == nil:
				f.line("if %s == nil { %s = %d }", v, n, i+1)
			case isInterface(t) && nativeInterface(t):
				ok := f.tmp()
				f.line("_, %s := %s((*%s)(nil), %s, %q)", ok, f.rt("As"), f.typ(t), v, f.methodSetText(t))
				f.line("if %s { %s = %d }", ok, n, i+1)
			case isInterface(t):
				f.line("if %s(%s, %q) { %s = %d }", f.rt("Implements"), v, f.methodSetText(t), n, i+1)
			case f.native(t):
				ok := f.tmp()
				f.line("_, %s := %s.(%s)", ok, v, f.typ(t))
				f.line("if %s { %s = %d }", ok, n, i+1)
			default:
				tid, _ := f.describe(t)
				f.line("if %s == %d { %s = %d }", id, tid, n, i+1)
			}
		}
	}
	f.line("%s", strings.Repeat("}", depth))
}

// caseType is the type of a case, or nil for case nil.
func (f *fn) caseType(e ast.Expr) types.Type {
	if f.isNil(e) {
		return nil
	}
	return f.typeOf(e)
}

// bindCase declares the variable of a case of x := v.(type).
func (f *fn) bindCase(cc *ast.CaseClause, v string, from types.Type) {
	o, ok := f.info.Implicits[cc].(*types.Var)
	if !ok {
		return
	}
	used := false
	for _, s := range cc.Body {
		if mentions(f.info, s, o) {
			used = true
		}
	}
	if !used {
		return
	}
	l := f.declareVar(o)
	value := v
	if len(cc.List) == 1 {
		if t := f.caseType(cc.List[0]); t != nil {
			switch {
			case isInterface(t) && nativeInterface(t):
				w := f.tmp()
				f.line("%s, _ := %s((*%s)(nil), %s, %q)", w, f.rt("As"), f.typ(t), v, f.methodSetText(t))
				value = w + ".(" + f.typ(t) + ")"
			case isInterface(t):
			case f.native(t):
				value = v + ".(" + f.typ(t) + ")"
			default:
				value = f.rt("Unbox") + "(" + v + ").(" + f.typ(t) + ")"
			}
		}
	}
	f.initVar(l, value)
}

// initVar writes the declaration of a local variable with its first value.
func (f *fn) initVar(l *local, value string) {
	value = outer(value)
	if l.cell {
		f.line("%s := new(%s)", l.name, f.typ(l.typ))
		f.storeAs("*"+l.name, value, l.typ)
		return
	}
	if value == "nil" {
		f.line("var %s %s", l.name, f.typ(l.typ))
		return
	}
	if isInterface(l.typ) {
		f.line("var %s %s = %s", l.name, f.typ(l.typ), f.asInterface(value, l.typ))
		return
	}
	if isName(value) && holdsInterfaces(l.typ) {
		// Of one result of several, yaegi forgets that its elements are interfaces.
		f.line("var %s %s = %s", l.name, f.typ(l.typ), value)
		return
	}
	f.line("%s := %s", l.name, value)
}

// holdsInterfaces tells whether the elements of t are of a compiled package's interface.
func holdsInterfaces(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return nativeInterface(u.Elem())
	case *types.Array:
		return nativeInterface(u.Elem())
	case *types.Map:
		return nativeInterface(u.Elem())
	}
	return false
}
