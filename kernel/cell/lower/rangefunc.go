package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A loop over a function becomes a call of it with the loop's body as a function.
// A state word tells what happened: what may leave the loop stores a code and
// returns false, and the text after the call acts on the code.
//
//	 0  the body may be called
//	-1  the body runs, or has panicked
//	-2  the loop is over
//	 1  break
//	 2  return
//	 3… a branch to a label outside the loop

// rangeBody is what the body of a loop over a function knows of its loop.
type rangeBody struct {
	stmt    *ast.RangeStmt
	label   string // of the loop itself
	state   types.Object
	home    *fn            // the function whose return statements the body holds
	results []types.Object // cells for what they return
	exits   []exit
	returns bool
}

// exit is a branch out of the body.
type exit struct {
	tok   token.Token
	label types.Object
}

// homeFn is the function to which return statements in f belong.
func (f *fn) homeFn() *fn {
	if f.rangeBody != nil {
		return f.rangeBody.home
	}
	return f
}

func (f *fn) rangeFunc(s *ast.RangeStmt, label string, sig *types.Signature) {
	yield, ok := sig.Params().At(0).Type().Underlying().(*types.Signature)
	if !ok {
		f.errorf(s, "cannot range over %s", sig)
	}
	x := f.temp(f.operandText(s.X))
	home := f.homeFn()
	state := types.NewVar(token.NoPos, nil, "state", types.Typ[types.Int])
	st := f.names.fresh("state")
	f.vars[state] = &local{name: st, cell: true, typ: types.Typ[types.Int]}
	f.line("%s := new(int)", st)
	rb := &rangeBody{stmt: s, label: label, state: state, home: home}
	if n := home.sig.Results().Len(); n > 0 && !home.isEntry() && returnsValues(s.Body) {
		for i := range n {
			t := home.sig.Results().At(i).Type()
			v := types.NewVar(token.NoPos, nil, "r", t)
			name := f.names.fresh("r")
			f.vars[v] = &local{name: name, cell: true, typ: t}
			f.line("%s := new(%s)", name, f.typ(t))
			rb.results = append(rb.results, v)
		}
	}

	g := f.inner(s, yield)
	g.rangeBody = rb
	g.d, g.rec, g.toplevel = f.d, f.rec, f.toplevel
	var params []string
	var binds []func()
	for i, e := range []ast.Expr{s.Key, s.Value} {
		if i >= yield.Params().Len() {
			break
		}
		t := yield.Params().At(i).Type()
		p := g.names.fresh("p")
		params = append(params, p+" "+f.typ(t))
		if isBlank(e) {
			continue
		}
		if s.Tok == token.DEFINE {
			v := f.info.Defs[e.(*ast.Ident)].(*types.Var)
			binds = append(binds, func() {
				l := g.declareVar(v)
				g.initVar(l, p)
				if !f.usedIn(s.Body, v) {
					g.line("_ = %s", l.name)
				}
			})
		} else {
			binds = append(binds, func() { g.store(g.place(e, once), g.convText(p, t, g.typeOf(e))) })
		}
	}
	for i := len(params); i < yield.Params().Len(); i++ {
		params = append(params, g.names.fresh("p")+" "+f.typ(yield.Params().At(i).Type()))
	}
	word := g.variable(state).name
	g.guard()
	g.line("if *%s != 0 { %s(*%s) }", word, f.rt("RangeAgain"), word)
	g.line("*%s = -1", word)
	for _, b := range binds {
		b()
	}
	g.stmts(s.Body.List)
	g.line("*%s = 0", word)
	g.line("return true")
	body := f.maker(g, params, "bool", "")
	f.line("%s(%s)", x, body)

	code := f.tmp()
	f.line("%s := *%s", code, st)
	f.line("*%s = -2", st)
	f.line("if %s == -1 { %s() }", code, f.rt("RangeLost"))
	if rb.returns {
		f.line("if %s == 2 {", code)
		f.returnAgain(rb)
		f.line("}")
	}
	for i, e := range rb.exits {
		f.line("if %s == %d {", code, 3+i)
		f.branchTo(e.tok, e.label)
		f.line("}")
	}
}

// returnsValues tells whether a body has a return statement with values, those of
// function literals left out.
func returnsValues(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = found || len(n.Results) > 0
		}
		return !found
	})
	return found
}

// returnFromRange is a return statement in the body of a loop over a function.
func (f *fn) returnFromRange(s *ast.ReturnStmt) {
	rb := f.rangeBody
	rb.returns = true
	sig := rb.home.sig
	if len(s.Results) == 1 && sig.Results().Len() > 1 {
		names, ts := f.spread(ast.Unparen(s.Results[0]).(*ast.CallExpr))
		for i, v := range rb.results {
			f.line("*%s = %s", f.variable(v).name, f.convText(names[i], ts[i], sig.Results().At(i).Type()))
		}
	} else if len(s.Results) > 0 {
		var ops []operand
		for i, r := range s.Results {
			ops = append(ops, operand{e: r, low: func() string { return f.conv(r, sig.Results().At(i).Type()) }})
		}
		texts := f.operands(ops)
		for i := range texts {
			if len(texts) > 1 && f.rank(s.Results[i]) > 0 {
				texts[i] = f.temp(texts[i])
			}
		}
		for i, v := range rb.results {
			f.line("*%s = %s", f.variable(v).name, texts[i])
		}
	}
	f.line("*%s = 2", f.variable(rb.state).name)
	f.line("return false")
}

// returnAgain returns, after the loop, what a return statement in its body gave.
func (f *fn) returnAgain(rb *rangeBody) {
	if outer := f.rangeBody; outer != nil { // the loop stands in the body of another
		outer.returns = true
		if len(rb.results) > 0 && len(outer.results) > 0 {
			for i, v := range rb.results {
				f.line("*%s = *%s", f.variable(outer.results[i]).name, f.variable(v).name)
			}
		}
		f.line("*%s = 2", f.variable(outer.state).name)
		f.line("return false")
		return
	}
	if len(rb.results) == 0 {
		f.returnStmt(&ast.ReturnStmt{})
		return
	}
	stored := f.cells
	for _, r := range f.results {
		stored = stored || f.variable(r).cell
	}
	var values []string
	for _, v := range rb.results {
		values = append(values, "*"+f.variable(v).name)
	}
	f.giveResults(values, stored)
}

// leavesRange lowers a branch in the body of a loop over a function that leaves
// the body; it is false for branches inside.
func (f *fn) leavesRange(tok token.Token, label types.Object) bool {
	rb := f.rangeBody
	if tok == token.FALLTHROUGH {
		return false
	}
	own := false
	if label == nil {
		for _, l := range f.loops {
			if tok == token.BREAK || isLoop(l.stmt) {
				return false
			}
		}
		own = true
	} else {
		name := f.labelName(label)
		if tok == token.GOTO {
			if within(rb.stmt.Body, label.Pos()) {
				return false
			}
		} else {
			for _, l := range f.loops {
				if l.label == name {
					return false
				}
			}
			own = rb.label == name
		}
	}
	word := f.variable(rb.state).name
	switch {
	case own && tok == token.CONTINUE:
		f.line("*%s = 0", word)
		f.line("return true")
	case own:
		f.line("*%s = 1", word)
		f.line("return false")
	default:
		code := -1
		for i, e := range rb.exits {
			if e.tok == tok && e.label == label {
				code = i
			}
		}
		if code < 0 {
			code = len(rb.exits)
			rb.exits = append(rb.exits, exit{tok, label})
		}
		f.line("*%s = %d", word, 3+code)
		f.line("return false")
	}
	return true
}

func within(n ast.Node, pos token.Pos) bool { return n.Pos() <= pos && pos < n.End() }

func isLoop(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		return true
	}
	return false
}
