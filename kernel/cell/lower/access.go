package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// hold says what must be kept of the parts of a place (a variable, field, element
// or what a pointer points to) between its evaluation and its use.
type hold int

const (
	once     hold = iota // used at once
	twice                // read and then written: calls in it are made once
	snapshot             // written later: what it is must not change meanwhile
)

// kept is a part of a place, put into a temporary where it has to be.
func (f *fn) kept(e ast.Expr, s string, h hold) string {
	switch h {
	case twice:
		if hasCall(s) {
			return f.temp(s)
		}
	case snapshot:
		if f.rank(e) > 0 {
			return f.temp(s)
		}
	}
	return s
}

// place is the text of an assignable expression.
func (f *fn) place(e ast.Expr, h hold) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if e.Name == "_" {
			return "_"
		}
		return f.ident(e)
	case *ast.SelectorExpr:
		if s := f.info.Selections[e]; s != nil && s.Kind() == types.FieldVal {
			return f.field(e, s, h)
		}
		return f.selector(e)
	case *ast.IndexExpr:
		return f.element(e, h)
	case *ast.StarExpr:
		x := f.kept(e.X, f.expr(e.X), h)
		if f.wrapped(f.typeOf(e.X)) {
			x += ".M"
		}
		if h == snapshot {
			return "(*" + x + ")" // tested when it is assigned to
		}
		return f.deref(x)
	}
	f.errorf(e, "cannot assign to %T", e)
	return ""
}

// selector is x.f as a value: a field, a method value, a name of a package.
func (f *fn) selector(e *ast.SelectorExpr) string {
	s := f.info.Selections[e]
	if s == nil { // pkg.Name
		switch o := f.info.Uses[e.Sel].(type) {
		case *types.Func:
			return f.funcOperand(e)
		case *types.Var:
			return f.packageVar(e, o)
		case *types.Const:
			return f.constantText(o.Val(), o.Type())
		}
		f.errorf(e, "the name %s cannot be used here", e.Sel.Name)
	}
	switch s.Kind() {
	case types.FieldVal:
		return f.field(e, s, once)
	case types.MethodVal:
		return f.methodValue(e, s)
	}
	return f.methodExpr(e, s)
}

// field is x.f, by the full path through embedded structs.
func (f *fn) field(e *ast.SelectorExpr, s *types.Selection, h hold) string {
	t := f.typeOf(e.X)
	var x string
	if _, ptr := t.Underlying().(*types.Pointer); ptr {
		x = f.kept(e.X, f.operandText(e.X), h)
	} else if h != once && addressable(f.info, e.X) {
		x = f.place(e.X, h)
	} else {
		x = f.operandText(e.X)
	}
	text, _ := f.path(x, t, s.Index())
	return text
}

// path follows field indexes from x of type t, or from a pointer x to a t.
func (f *fn) path(x string, t types.Type, index []int) (string, types.Type) {
	if _, ptr := t.Underlying().(*types.Pointer); !ptr {
		x = pointerText(x)
	}
	if len(index) > 0 {
		x = callee(x)
	}
	for _, i := range index {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st := t.Underlying().(*types.Struct)
		x += "." + fieldName(st, i)
		t = f.subst(st.Field(i).Type())
	}
	return x, t
}

// pointerText drops the dereference of a value that a selector applies to: x.f
// reads through the pointer by itself.
func pointerText(x string) string {
	if len(x) > 3 && x[:2] == "(*" && x[len(x)-1] == ')' && isIdent(x[2:len(x)-1]) {
		return x[2 : len(x)-1]
	}
	return x
}

func isIdent(s string) bool {
	for _, c := range s {
		if !(c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return s != "" && !(s[0] >= '0' && s[0] <= '9')
}

// addressable tells whether e denotes a variable.
func addressable(info *types.Info, e ast.Expr) bool {
	tv, ok := info.Types[ast.Unparen(e)]
	return ok && tv.Addressable()
}

// addr is &e.
func (f *fn) addr(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		o, ok := f.info.Uses[e].(*types.Var)
		if !ok {
			f.errorf(e, "cannot take the address of %s", e.Name)
		}
		if l := f.variable(o); l != nil {
			if !l.cell {
				f.errorf(e, "the address of %s was not foreseen", e.Name)
			}
			return l.name
		}
		if inCell(o) {
			return f.global(e, o)
		}
		return "&" + f.packageVar(e, o)
	case *ast.StarExpr:
		x := f.operandText(e.X)
		return strings.TrimSuffix(strings.TrimPrefix(f.deref(x), "(*"), ")") // &*p of a nil p panics
	case *ast.SelectorExpr:
		s := f.info.Selections[e]
		if s == nil {
			return "&" + f.packageVar(e, f.info.Uses[e.Sel].(*types.Var))
		}
		t := f.typeOf(e.X)
		var x string
		if _, ptr := t.Underlying().(*types.Pointer); ptr {
			x = f.operandText(e.X)
			if hasCall(x) {
				x = f.temp(x)
			}
		} else if addressable(f.info, e.X) {
			x = f.addr(e.X)
			if x[0] == '&' {
				x = f.temp(x)
			}
		} else {
			x = f.operandText(e.X)
		}
		text, _ := f.path(x, t, s.Index())
		return "&" + text
	case *ast.IndexExpr:
		t := f.typeOf(e.X)
		if a, ok := t.Underlying().(*types.Array); ok {
			x := f.addr(e.X)
			if x[0] == '&' {
				x = f.temp(x)
			}
			i := f.checked(e.Index, func() string { return strconv.FormatInt(a.Len(), 10) }, a.Len(), once)
			return "&(*" + x + ")[" + i + "]"
		}
		return "&" + f.element(e, once)
	case *ast.CompositeLit:
		return f.unary(&ast.UnaryExpr{Op: token.AND, X: e})
	}
	f.errorf(e, "cannot take the address of this expression")
	return ""
}

// index is x[i] as a value.
func (f *fn) index(e *ast.IndexExpr) string {
	return f.element(e, once)
}

// element is x[i].
func (f *fn) element(e *ast.IndexExpr, h hold) string {
	t := f.typeOf(e.X)
	switch u := t.Underlying().(type) {
	case *types.Map:
		ops := f.operands([]operand{
			{e: e.X, low: func() string { return f.kept(e.X, f.operandText(e.X), h) }},
			{e: e.Index, low: func() string { return f.kept(e.Index, f.mapKey(e.Index, u), h) }},
		})
		return ops[0] + "[" + ops[1] + "]"
	case *types.Array:
		x := ""
		if addressable(f.info, e.X) {
			x = f.place(e.X, h)
		} else {
			x = f.temp(f.operandText(e.X))
		}
		i := f.checked(e.Index, func() string { return strconv.FormatInt(u.Len(), 10) }, u.Len(), h)
		return x + "[" + i + "]"
	case *types.Pointer:
		a := u.Elem().Underlying().(*types.Array)
		ops := f.operands([]operand{
			{e: e.X, low: func() string { return f.kept(e.X, f.operandText(e.X), h) }},
			{e: e.Index, low: func() string {
				return f.checked(e.Index, func() string { return strconv.FormatInt(a.Len(), 10) }, a.Len(), h)
			}},
		})
		return "(*" + ops[0] + ")[" + ops[1] + "]"
	}
	// Slice or string. The operand is needed for the check, too.
	x := ""
	ops := f.operands([]operand{
		{e: e.X, low: func() string {
			x = f.operandText(e.X)
			if f.proven(e.X, e.Index) {
				return f.kept(e.X, x, h)
			}
			if !f.cheap(x) {
				x = f.temp(x)
			}
			x = f.kept(e.X, x, h)
			return x
		}},
		{e: e.Index, low: func() string {
			if f.proven(e.X, e.Index) {
				return f.expr(e.Index)
			}
			return f.checked(e.Index, func() string { return "len(" + x + ")" }, -1, h)
		}},
	})
	return ops[0] + "[" + ops[1] + "]"
}

// cheap tells whether an indexed operand may be written twice.
func (f *fn) cheap(x string) bool { return simple(x) }

// mapKey is a key of a map, converted to its key type.
func (f *fn) mapKey(e ast.Expr, m *types.Map) string {
	k := f.conv(e, m.Key())
	if isInterface(m.Key()) && emptyInterface(m.Key()) {
		if tv := f.info.Types[e]; tv.Value == nil && !f.native(f.typeOf(e)) || isInterface(f.typeOf(e)) {
			return f.rt("Key") + "(" + k + ")"
		}
	}
	return k
}

// checked is an index that was compared with the length before. size is the
// length when it is a constant, else -1.
func (f *fn) checked(e ast.Expr, length func() string, size int64, h hold) string {
	if tv := f.info.Types[e]; tv.Value != nil {
		i := constant.ToInt(tv.Value).ExactString()
		if size < 0 {
			n := length()
			f.line("if %s >= %s { %s(%s, %s) }", i, n, f.rt("Index"), i, n)
		}
		return i
	}
	t := f.typeOf(e)
	i := f.expr(e)
	if !simple(i) || hasCall(i) {
		i = f.temp(i)
	}
	i = f.kept(e, i, h)
	n := length()
	b, _ := t.Underlying().(*types.Basic)
	switch {
	case b != nil && b.Info()&types.IsUnsigned != 0:
		f.line("if uint64(%s) >= uint64(%s) { %s(uint64(%s), %s) }", i, n, f.rt("IndexUint"), i, n)
	case b != nil && b.Kind() != types.Int && b.Info()&types.IsUntyped == 0:
		i = f.temp("int(" + i + ")")
		f.line("if %s < 0 || %s >= %s { %s(%s, %s) }", i, i, n, f.rt("Index"), i, n)
	default:
		f.line("if %s < 0 || %s >= %s { %s(%s, %s) }", i, i, n, f.rt("Index"), i, n)
	}
	return i
}

// slice is x[lo:hi:max].
func (f *fn) slice(e *ast.SliceExpr) string {
	t := f.typeOf(e.X)
	str, isArray := false, false
	var array *types.Array
	switch u := t.Underlying().(type) {
	case *types.Basic:
		str = true
	case *types.Array:
		array, isArray = u, true
	case *types.Pointer:
		array, _ = u.Elem().Underlying().(*types.Array)
	}
	ops := []operand{{e: e.X, low: func() string {
		switch {
		case isArray && addressable(f.info, e.X):
			x := f.addr(e.X)
			if x[0] == '&' {
				x = f.temp(x)
			}
			return "(*" + x + ")"
		case array != nil:
			return "(*" + f.twice(f.operandText(e.X)) + ")"
		}
		x := f.operandText(e.X)
		if e.Low == nil && e.High == nil {
			return x
		}
		return f.twice(x)
	}}}
	bounds := []ast.Expr{e.Low, e.High, e.Max}
	for _, b := range bounds {
		if b == nil {
			ops = append(ops, operand{low: func() string { return "" }})
			continue
		}
		ops = append(ops, operand{e: b, low: func() string {
			if tv := f.info.Types[b]; tv.Value != nil {
				return constant.ToInt(tv.Value).ExactString()
			}
			s := f.expr(b)
			if bt, ok := f.typeOf(b).Underlying().(*types.Basic); ok && bt.Kind() != types.Int {
				s = "int(" + s + ")"
			}
			if !simple(s) || hasCall(s) {
				return f.temp(s)
			}
			return s
		}})
	}
	out := f.operands(ops)
	x, lo, hi, max := out[0], out[1], out[2], out[3]
	capText := "cap(" + x + ")"
	lenText := "len(" + x + ")"
	if array != nil {
		capText = strconv.FormatInt(array.Len(), 10)
		lenText = capText
	}
	from, to := lo, hi
	if from == "" {
		from = "0"
	}
	switch {
	case max != "":
		f.line("if %s < 0 || %s < %s || %s < %s || %s > %s { %s(%s, %s, %s, %s) }", from, to, from, max, to, max, capText, f.rt("Slice3"), from, to, max, capText)
		return fmt.Sprintf("%s[%s:%s:%s]", x, from, to, max)
	case lo == "" && hi == "":
		return x + "[:]"
	case str:
		if to == "" {
			f.line("if %s < 0 || %s > %s { %s(%s, %s, %s) }", from, from, lenText, f.rt("SliceString"), x, from, lenText)
		} else {
			f.line("if %s < 0 || %s < %s || %s > %s { %s(%s, %s, %s) }", from, to, from, to, lenText, f.rt("SliceString"), x, from, to)
		}
	case to == "":
		f.line("if %s < 0 || %s > %s { %s(%s, %s, %s) }", from, from, lenText, f.rt("Slice"), from, lenText, capText)
	case lo == "":
		f.line("if %s < 0 || %s > %s { %s(0, %s, %s) }", to, to, capText, f.rt("Slice"), to, capText)
	default:
		f.line("if %s < 0 || %s < %s || %s > %s { %s(%s, %s, %s) }", from, to, from, to, capText, f.rt("Slice"), from, to, capText)
	}
	return fmt.Sprintf("%s[%s:%s]", x, lo, hi)
}

// fact says that an index variable lies in the range of a slice variable.
type fact struct{ slice, index types.Object }

// proven tells whether x[i] needs no check: i runs over x, and neither changes.
func (f *fn) proven(x, i ast.Expr) bool {
	a, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return false
	}
	b, ok := ast.Unparen(i).(*ast.Ident)
	if !ok {
		return false
	}
	ao, bo := f.info.Uses[a], f.info.Uses[b]
	for _, l := range f.loops {
		for _, fact := range l.facts {
			if fact.slice == ao && fact.index == bo {
				return true
			}
		}
	}
	return false
}
