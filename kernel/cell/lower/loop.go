package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// loop is a statement that break and continue may name.
type loop struct {
	stmt  ast.Stmt
	label string // emitted
	facts []fact
}

// breakable writes the inside of a statement that break leaves.
func (f *fn) breakable(s ast.Stmt, label string, body func(), facts ...fact) {
	f.loops = append(f.loops, &loop{s, label, facts})
	body()
	f.loops = f.loops[:len(f.loops)-1]
}

// open begins a loop with its label.
func (f *fn) open(label, head string) {
	if label != "" {
		f.line("%s:", label)
	}
	f.line("%s {", head)
}

// capture runs low with a buffer of its own and returns what it wrote.
func (f *fn) captured(low func()) string {
	saved := f.buf
	f.buf = &strings.Builder{}
	low()
	text := f.buf.String()
	f.buf = saved
	return text
}

// forStmt lowers a for loop. Its variables are new in every iteration; that shows
// only where a closure or pointer keeps one, and only then the loop is written
// out: the copy before the post statement is made by hand.
func (f *fn) forStmt(s *ast.ForStmt, label string) {
	if s.Init != nil {
		f.stmt(s.Init)
	}
	var cells []*local
	if a, ok := s.Init.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
		for _, l := range a.Lhs {
			if v, ok := f.info.Defs[l.(*ast.Ident)].(*types.Var); ok && f.use.cell(v) && v.Name() != "_" {
				cells = append(cells, f.variable(v))
			}
		}
	}
	cond, condPre := "", ""
	if s.Cond != nil {
		condPre = f.captured(func() {
			cond = f.expr(s.Cond)
		})
		if condPre != "" || f.risky(s.Cond) && f.rank(s.Cond) == 2 {
			condPre = f.captured(func() { f.position0(s.Cond) }) + condPre
		}
	}
	post := ""
	if s.Post != nil {
		post = f.captured(func() {
			switch p := s.Post.(type) {
			case *ast.AssignStmt:
				f.assignStmt(p)
			case *ast.IncDecStmt:
				f.incDec(p)
			default:
				f.stmt(p)
			}
		})
	}
	facts := f.facts(s)
	if len(cells) == 0 && strings.Count(post, "\n") <= 1 && !strings.Contains(post, "{") {
		if condPre == "" {
			head := "for " + trim(cond)
			if post != "" {
				head = "for ; " + trim(cond) + "; " + strings.TrimSpace(post)
			}
			f.open(label, strings.TrimSpace(head))
			f.guard()
		} else {
			head := "for"
			if post != "" {
				head = "for ; ; " + strings.TrimSpace(post)
			}
			f.open(label, head)
			f.guard()
			f.buf.WriteString(condPre)
			f.line("if !%s { break }", paren(cond))
		}
		f.breakable(s, label, func() { f.stmts(s.Body.List) }, facts...)
		f.line("}")
		return
	}
	again := f.tmp()
	if post != "" || len(cells) > 0 {
		f.line("%s := false", again)
	}
	f.open(label, "for")
	f.guard()
	if post != "" || len(cells) > 0 {
		f.line("if %s {", again)
		for _, l := range cells {
			next := f.tmp()
			f.line("%s := new(%s)", next, f.typ(l.typ))
			f.line("*%s = *%s", next, l.name)
			f.line("%s = %s", l.name, next)
		}
		f.buf.WriteString(post)
		f.line("}")
		f.line("%s = true", again)
	}
	f.buf.WriteString(condPre)
	if cond != "" {
		f.line("if !%s { break }", paren(cond))
	}
	f.breakable(s, label, func() { f.stmts(s.Body.List) }, facts...)
	f.line("}")
}

// paren puts a condition into parentheses, if it is not one operand already.
func paren(s string) string {
	if isIdent(s) || s[0] == '(' && trim(s) != s {
		return s
	}
	return "(" + s + ")"
}

// facts tells which indices a loop proves: i in for i := range a, and in
// for i := 0; i < len(a); i++, where nothing in the body changes i or a.
func (f *fn) facts(s ast.Stmt) []fact {
	var i, a *ast.Ident
	var body *ast.BlockStmt
	switch s := s.(type) {
	case *ast.RangeStmt:
		k, ok := s.Key.(*ast.Ident)
		if !ok || s.Tok != token.DEFINE || k.Name == "_" {
			return nil
		}
		x, ok := ast.Unparen(s.X).(*ast.Ident)
		if !ok {
			return nil
		}
		i, a, body = k, x, s.Body
	case *ast.ForStmt:
		init, ok := s.Init.(*ast.AssignStmt)
		if !ok || init.Tok != token.DEFINE || len(init.Lhs) != 1 || len(init.Rhs) != 1 {
			return nil
		}
		if tv := f.info.Types[init.Rhs[0]]; tv.Value == nil || strings.HasPrefix(tv.Value.ExactString(), "-") {
			return nil
		}
		if b, ok := f.typeOf(init.Rhs[0]).Underlying().(*types.Basic); !ok || b.Kind() != types.Int {
			return nil
		}
		cond, ok := ast.Unparen(orBlank(s.Cond)).(*ast.BinaryExpr)
		if !ok || cond.Op != token.LSS {
			return nil
		}
		l, ok1 := ast.Unparen(cond.X).(*ast.Ident)
		c, ok2 := ast.Unparen(cond.Y).(*ast.CallExpr)
		if !ok1 || !ok2 || f.builtinOf(c.Fun) != "len" {
			return nil
		}
		x, ok := ast.Unparen(c.Args[0]).(*ast.Ident)
		if !ok {
			return nil
		}
		p, ok := s.Post.(*ast.IncDecStmt)
		if !ok || p.Tok != token.INC {
			return nil
		}
		px, ok := p.X.(*ast.Ident)
		if !ok || f.info.Uses[px] != f.info.Defs[init.Lhs[0].(*ast.Ident)] || f.info.Uses[l] != f.info.Uses[px] {
			return nil
		}
		i, a, body = init.Lhs[0].(*ast.Ident), x, s.Body
	}
	iv, ok := f.info.Defs[i].(*types.Var)
	if !ok || f.use.cell(iv) {
		return nil
	}
	av, ok := f.info.Uses[a].(*types.Var)
	if !ok || isGlobal(av) || f.use.cell(av) {
		return nil
	}
	switch f.objType(av).Underlying().(type) {
	case *types.Slice, *types.Basic:
	default:
		return nil
	}
	if f.assignedIn(body, iv) || f.assignedIn(body, av) {
		return nil
	}
	return []fact{{av, iv}}
}

// assignedIn tells whether a block assigns a variable.
func (f *fn) assignedIn(n ast.Node, v *types.Var) bool {
	found := false
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(orBlank(e)).(*ast.Ident)
		return ok && f.info.Uses[id] == v
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				found = found || is(l)
			}
		case *ast.IncDecStmt:
			found = found || is(n.X)
		case *ast.RangeStmt:
			found = found || n.Key != nil && is(n.Key) || n.Value != nil && is(n.Value)
		}
		return !found
	})
	return found
}

// isFuncRange tells whether a loop is over a function.
func (f *fn) isFuncRange(s *ast.RangeStmt) bool {
	t := f.info.TypeOf(s.X)
	if t == nil {
		return false
	}
	_, ok := f.coreType(f.subst(t)).(*types.Signature)
	return ok
}

// coreType is the underlying type.
func (f *fn) coreType(t types.Type) types.Type { return t.Underlying() }

// rangeStmt lowers a loop with range.
func (f *fn) rangeStmt(s *ast.RangeStmt, label string) {
	f.position0(s.X)
	t := f.typeOf(s.X)
	switch u := f.coreType(t).(type) {
	case *types.Basic:
		if u.Info()&types.IsString != 0 {
			f.rangeString(s, label)
			return
		}
		f.rangeInt(s, label, t)
	case *types.Chan:
		f.rangeChan(s, label, u)
	case *types.Signature:
		f.rangeFunc(s, label, u)
	case *types.Map:
		f.rangeMap(s, label, u)
	case *types.Slice:
		f.rangeSlice(s, label, u.Elem(), f.operandText(s.X))
	case *types.Array:
		f.rangeArray(s, label, u)
	case *types.Pointer:
		a, ok := u.Elem().Underlying().(*types.Array)
		if !ok {
			f.errorf(s, "cannot range over %s", t)
		}
		f.rangeArrayPointer(s, label, a)
	default:
		f.errorf(s, "cannot range over %s", t)
	}
}

// isBlank tells whether a range variable is absent or _.
func isBlank(e ast.Expr) bool {
	if e == nil {
		return true
	}
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// rangeVar is the name that the emitted loop gives a range variable: the
// variable's own where it is plain, else a temporary that bind copies.
func (f *fn) rangeVar(s *ast.RangeStmt, e ast.Expr) (name string, bind func()) {
	if isBlank(e) {
		return "_", func() {}
	}
	if s.Tok == token.DEFINE {
		v := f.info.Defs[e.(*ast.Ident)].(*types.Var)
		l := f.declareVar(v)
		if !l.cell {
			if !f.usedIn(s.Body, v) {
				return l.name, func() { f.line("_ = %s", l.name) }
			}
			return l.name, func() {}
		}
		tmp := f.tmp()
		return tmp, func() {
			f.line("%s := new(%s)", l.name, f.typ(l.typ))
			f.line("*%s = %s", l.name, tmp)
		}
	}
	tmp := f.tmp()
	return tmp, func() { f.store(f.rangePlace(e), tmp) }
}

// rangePlace is the place of a range variable that exists already.
func (f *fn) rangePlace(e ast.Expr) string {
	if len(f.pending) > 0 {
		p := f.pending[0]
		f.pending = f.pending[1:]
		return p
	}
	return f.place(e, once)
}

func (f *fn) usedIn(n ast.Node, o types.Object) bool { return mentions(f.info, n, o) }

// convRange converts a range value to the type of the existing variable that it is
// assigned to.
func (f *fn) bindAs(s *ast.RangeStmt, e ast.Expr, t types.Type, name string, bind func()) func() {
	if isBlank(e) || s.Tok == token.DEFINE {
		return bind
	}
	return func() { f.storeAs(f.rangePlace(e), f.convText(name, t, f.typeOf(e)), f.typeOf(e)) }
}

func (f *fn) loopBody(s *ast.RangeStmt, label string, binds ...func()) {
	f.guard()
	if s.Tok == token.ASSIGN && !isBlank(s.Key) && !isBlank(s.Value) {
		// Both places are found before either is assigned.
		f.pending = []string{f.place(s.Key, snapshot), f.place(s.Value, snapshot)}
	}
	for _, b := range binds {
		b()
	}
	f.breakable(s, label, func() { f.stmts(s.Body.List) }, f.facts(s)...)
	f.line("}")
}

// rangeInt is for i := range n.
func (f *fn) rangeInt(s *ast.RangeStmt, label string, t types.Type) {
	if isUntyped(t) {
		t = types.Typ[types.Int]
		if !isBlank(s.Key) {
			t = f.varType(s.Key, t)
		}
	}
	n := f.conv(s.X, t)
	if f.rank(s.X) > 0 {
		n = f.temp(n)
	}
	et := f.typ(t)
	if isBlank(s.Key) {
		i := f.tmp()
		f.open(label, fmt.Sprintf("for %s := %s(0); %s < %s; %s++", i, et, i, n, i))
		f.loopBody(s, label)
		return
	}
	if s.Tok == token.DEFINE {
		v := f.info.Defs[s.Key.(*ast.Ident)].(*types.Var)
		if !f.use.cell(v) && f.use.assigned[v] == 0 {
			l := f.declareVar(v)
			zero := et + "(0)"
			if et == "int" {
				zero = "0"
			}
			f.open(label, fmt.Sprintf("for %s := %s; %s < %s; %s++", l.name, zero, l.name, n, l.name))
			f.loopBody(s, label)
			return
		}
		i := f.tmp()
		f.open(label, fmt.Sprintf("for %s := %s(0); %s < %s; %s++", i, et, i, n, i))
		f.loopBody(s, label, func() { f.initVar(f.declareVar(v), i) })
		return
	}
	i := f.tmp()
	f.open(label, fmt.Sprintf("for %s := %s(0); %s < %s; %s++", i, et, i, n, i))
	f.loopBody(s, label, func() { f.store(f.place(s.Key, once), f.convText(i, t, f.typeOf(s.Key))) })
}

// rangeString goes over the runes of a string.
func (f *fn) rangeString(s *ast.RangeStmt, label string) {
	x := f.expr(s.X)
	if isUntyped(f.typeOf(s.X)) || f.rank(s.X) == 0 {
		x = f.temp(x)
	} else {
		x = f.temp(x)
	}
	i, size, r := f.tmp(), f.tmp(), f.tmp()
	f.line("%s := 0", size)
	f.open(label, fmt.Sprintf("for %s := 0; %s < len(%s); %s += %s", i, i, x, i, size))
	f.guard()
	f.line("%s := rune(%s[%s])", r, x, i)
	f.line("%s = 1", size)
	f.line("if %s >= 128 { %s, %s = %s(%s, %s) }", r, r, size, f.rt("Rune"), x, i)
	f.line("_ = %s", r)
	bind := func(e ast.Expr, from string, t types.Type) func() {
		if isBlank(e) {
			return func() {}
		}
		if s.Tok == token.DEFINE {
			v := f.info.Defs[e.(*ast.Ident)].(*types.Var)
			return func() {
				l := f.declareVar(v)
				f.initVar(l, from)
				if !f.usedIn(s.Body, v) {
					f.line("_ = %s", l.name)
				}
			}
		}
		return func() { f.storeAs(f.rangePlace(e), f.convText(from, t, f.typeOf(e)), f.typeOf(e)) }
	}
	if s.Tok == token.ASSIGN && !isBlank(s.Key) && !isBlank(s.Value) {
		f.pending = []string{f.place(s.Key, snapshot), f.place(s.Value, snapshot)}
	}
	bind(s.Key, i, types.Typ[types.Int])()
	bind(s.Value, r, types.Typ[types.Rune])()
	f.breakable(s, label, func() { f.stmts(s.Body.List) })
	f.line("}")
}

// rangeSlice goes over a slice, whose length is taken once.
func (f *fn) rangeSlice(s *ast.RangeStmt, label string, elem types.Type, x string) {
	if _, ok := elem.Underlying().(*types.Chan); ok || s.Value != nil && f.isFuncType(elem) {
		f.rangeIndex(s, label, elem, x)
		return
	}
	k, bindK := f.rangeVar(s, s.Key)
	v, bindV := f.rangeVar(s, s.Value)
	bindK = f.bindAs(s, s.Key, types.Typ[types.Int], k, bindK)
	bindV = f.bindAs(s, s.Value, elem, v, bindV)
	f.open(label, "for "+rangeHead(k, v, x))
	f.loopBody(s, label, bindK, bindV)
}

func (f *fn) isFuncType(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

func rangeHead(k, v, x string) string {
	switch {
	case k == "_" && v == "_":
		return "range " + x
	case v == "_":
		return k + " := range " + x
	}
	return k + ", " + v + " := range " + x
}

// rangeIndex goes over a slice by index: yaegi mistakes a slice of channels for a
// channel.
func (f *fn) rangeIndex(s *ast.RangeStmt, label string, elem types.Type, x string) {
	x = f.temp(x)
	i := f.tmp()
	f.open(label, fmt.Sprintf("for %s := 0; %s < len(%s); %s++", i, i, x, i))
	bind := func(e ast.Expr, value string, t types.Type) func() {
		return func() {
			if isBlank(e) {
				return
			}
			if s.Tok == token.DEFINE {
				o := f.info.Defs[e.(*ast.Ident)].(*types.Var)
				l := f.declareVar(o)
				f.initVar(l, value)
				if !f.usedIn(s.Body, o) {
					f.line("_ = %s", l.name)
				}
				return
			}
			f.storeAs(f.rangePlace(e), f.convText(value, t, f.typeOf(e)), f.typeOf(e))
		}
	}
	f.loopBody(s, label, bind(s.Key, i, types.Typ[types.Int]), bind(s.Value, x+"["+i+"]", elem))
}

// rangeArray goes over a copy of an array, if its elements are used.
func (f *fn) rangeArray(s *ast.RangeStmt, label string, a *types.Array) {
	if isBlank(s.Value) {
		if f.rank(s.X) == 2 {
			f.line("_ = %s", f.operandText(s.X))
		}
		f.rangeIndexOnly(s, label, a.Len())
		return
	}
	x := f.temp(f.operandText(s.X))
	f.rangeSlice(s, label, a.Elem(), x)
}

func (f *fn) rangeArrayPointer(s *ast.RangeStmt, label string, a *types.Array) {
	if isBlank(s.Value) {
		f.line("_ = %s", f.operandText(s.X))
		f.rangeIndexOnly(s, label, a.Len())
		return
	}
	p := f.temp(f.operandText(s.X))
	f.rangeIndexOf(s, label, a, "(*"+p+")")
}

// rangeIndexOf goes over an array in place: later elements show what the body
// stores.
func (f *fn) rangeIndexOf(s *ast.RangeStmt, label string, a *types.Array, x string) {
	i := f.tmp()
	f.open(label, fmt.Sprintf("for %s := 0; %s < %d; %s++", i, i, a.Len(), i))
	bind := func(e ast.Expr, value string, t types.Type) func() {
		return func() {
			if isBlank(e) {
				return
			}
			if s.Tok == token.DEFINE {
				o := f.info.Defs[e.(*ast.Ident)].(*types.Var)
				l := f.declareVar(o)
				f.initVar(l, value)
				if !f.usedIn(s.Body, o) {
					f.line("_ = %s", l.name)
				}
				return
			}
			f.storeAs(f.rangePlace(e), f.convText(value, t, f.typeOf(e)), f.typeOf(e))
		}
	}
	f.loopBody(s, label, bind(s.Key, i, types.Typ[types.Int]), bind(s.Value, x+"["+i+"]", a.Elem()))
}

func (f *fn) rangeIndexOnly(s *ast.RangeStmt, label string, n int64) {
	i := f.tmp()
	f.open(label, fmt.Sprintf("for %s := 0; %s < %d; %s++", i, i, n, i))
	f.loopBody(s, label, func() {
		if isBlank(s.Key) {
			return
		}
		if s.Tok == token.DEFINE {
			o := f.info.Defs[s.Key.(*ast.Ident)].(*types.Var)
			l := f.declareVar(o)
			f.initVar(l, i)
			if !f.usedIn(s.Body, o) {
				f.line("_ = %s", l.name)
			}
			return
		}
		f.store(f.place(s.Key, once), f.convText(i, types.Typ[types.Int], f.typeOf(s.Key)))
	})
}

func (f *fn) rangeMap(s *ast.RangeStmt, label string, m *types.Map) {
	x := f.operandText(s.X)
	k, bindK := f.rangeVar(s, s.Key)
	v, bindV := f.rangeVar(s, s.Value)
	bindK = f.bindAs(s, s.Key, m.Key(), k, bindK)
	bindV = f.bindAs(s, s.Value, m.Elem(), v, bindV)
	f.open(label, "for "+rangeHead(k, v, x))
	f.loopBody(s, label, bindK, bindV)
}

// rangeChan receives until the channel is closed.
func (f *fn) rangeChan(s *ast.RangeStmt, label string, c *types.Chan) {
	ch := f.temp(f.operandText(s.X))
	pos := f.pos(s.X)
	f.open(label, "for")
	f.guard()
	v, ok := f.recv2(ch, c, pos)
	f.line("if !%s { break }", ok)
	if isBlank(s.Key) {
		f.line("_ = %s", v)
	} else if s.Tok == token.DEFINE {
		o := f.info.Defs[s.Key.(*ast.Ident)].(*types.Var)
		l := f.declareVar(o)
		f.initVar(l, v)
		if !f.usedIn(s.Body, o) {
			f.line("_ = %s", l.name)
		}
	} else {
		f.store(f.place(s.Key, once), f.convText(v, c.Elem(), f.typeOf(s.Key)))
	}
	f.breakable(s, label, func() { f.stmts(s.Body.List) })
	f.line("}")
}
