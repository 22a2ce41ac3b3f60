package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// typedChan is the letter-case name under which rt has typed channel functions for
// common elements, or "".
func (f *fn) typedChan(c *types.Chan) string {
	switch f.typ(c.Elem()) {
	case "int":
		return "Int"
	case "string":
		return "String"
	case "bool":
		return "Bool"
	case "error":
		return "Error"
	case "struct{}":
		return "Struct"
	}
	return ""
}

func (f *fn) chanType(e ast.Expr) *types.Chan { return f.typeOf(e).Underlying().(*types.Chan) }

// send is c <- v.
func (f *fn) send(s *ast.SendStmt) {
	c := f.chanType(s.Chan)
	ops := f.operands([]operand{
		{e: s.Chan, low: func() string { return f.operandText(s.Chan) }},
		{e: s.Value, low: func() string { return f.conv(s.Value, c.Elem()) }},
	})
	name := "SendAny"
	if t := f.typedChan(c); t != "" {
		name = "Send" + t
	}
	f.line("%s(%s, %s, %d)", f.rt(name), ops[0], ops[1], f.pos(s))
}

// receive is <-c as an expression.
func (f *fn) receive(e *ast.UnaryExpr) string {
	c := f.chanType(e.X)
	ch := f.operandText(e.X)
	if t := f.typedChan(c); t != "" {
		return fmt.Sprintf("%s(%s, %d)", f.rt("Recv"+t), ch, f.pos(e))
	}
	return f.fromAny(fmt.Sprintf("%s(%s, %d)", f.rt("RecvAny"), ch, f.pos(e)), c.Elem())
}

// fromAny takes a value of type t, which is not converted, out of an any.
func (f *fn) fromAny(s string, t types.Type) string {
	et := f.typ(t)
	if et == "any" {
		return s
	}
	if isInterface(t) {
		return f.helper("unany "+et, func(name string) string {
			return fmt.Sprintf("func %s(x any) %s {\nvar r %s\nif x == nil { return r }\nr = x.(%s)\nreturn r\n}\n", name, et, et, et)
		}) + "(" + s + ")"
	}
	if et == "struct{}" {
		f.line("_ = %s", s)
		return "struct{}{}"
	}
	return s + ".(" + et + ")"
}

// receive2 is v, ok := <-c.
func (f *fn) receive2(e *ast.UnaryExpr) (v, ok string, t types.Type) {
	c := f.chanType(e.X)
	ch := f.operandText(e.X)
	v, ok = f.recv2(ch, c, f.pos(e))
	return v, ok, c.Elem()
}

func (f *fn) recv2(ch string, c *types.Chan, pos int) (v, ok string) {
	v, ok = f.tmp(), f.tmp()
	if t := f.typedChan(c); t != "" {
		f.line("%s, %s := %s(%s, %d)", v, ok, f.rt("Recv"+t+"2"), ch, pos)
		return v, ok
	}
	f.line("%s, %s := %s(%s, %d)", v, ok, f.rt("RecvAny2"), ch, pos)
	if f.typ(c.Elem()) == "any" {
		return v, ok
	}
	w := f.tmp()
	f.line("%s := %s", w, f.fromAny(v, c.Elem()))
	return w, ok
}

// selectStmt lowers select to a call of rt.Select and a switch over the case that
// it chose.
func (f *fn) selectStmt(s *ast.SelectStmt, label string) {
	f.at(s.Pos())
	var dirs strings.Builder
	var ops []operand
	type comm struct {
		send *ast.SendStmt
		recv *ast.UnaryExpr
		lhs  []ast.Expr
		tok  token.Token
	}
	comms := make([]comm, len(s.Body.List))
	for i, c := range s.Body.List {
		cc := c.(*ast.CommClause)
		switch st := cc.Comm.(type) {
		case nil:
			dirs.WriteByte('d')
		case *ast.SendStmt:
			dirs.WriteByte('s')
			comms[i].send = st
			ct := f.chanType(st.Chan)
			ops = append(ops,
				operand{e: st.Chan, low: func() string { return f.operandText(st.Chan) }},
				operand{e: st.Value, low: func() string { return f.conv(st.Value, ct.Elem()) }})
		case *ast.ExprStmt:
			dirs.WriteByte('r')
			comms[i].recv = ast.Unparen(st.X).(*ast.UnaryExpr)
		case *ast.AssignStmt:
			dirs.WriteByte('r')
			comms[i].recv = ast.Unparen(st.Rhs[0]).(*ast.UnaryExpr)
			comms[i].lhs, comms[i].tok = st.Lhs, st.Tok
		}
		if r := comms[i].recv; r != nil {
			ops = append(ops, operand{e: r.X, low: func() string { return f.operandText(r.X) }})
		}
	}
	calls := 0
	for _, o := range ops {
		calls = max(calls, f.rank(o.e))
	}
	if calls == 2 { // what is evaluated before a call must not see its effects
		for i := range ops {
			low, e := ops[i].low, ops[i].e
			ops[i].low = func() string {
				if f.rank(e) == 0 {
					return low()
				}
				f.effects++
				return f.temp(low())
			}
		}
	}
	args := f.operands(ops)
	j, v, ok := f.tmp(), f.tmp(), f.tmp()
	f.line("%s, %s, %s := %s(%d, %q%s)", j, v, ok, f.rt("Select"), f.pos(s), dirs.String(), comma(args))
	f.line("_ = %s", v)
	f.line("_ = %s", ok)
	if label != "" {
		f.line("%s:", label)
	}
	f.line("switch %s {", j)
	f.breakable(s, label, func() {
		for i, c := range s.Body.List {
			cc := c.(*ast.CommClause)
			f.line("case %d:", i)
			cm := comms[i]
			if len(cm.lhs) > 0 {
				ct := f.chanType(cm.recv.X)
				values := []string{v, ok}
				ts := []types.Type{ct.Elem(), types.Typ[types.Bool]}
				for k, l := range cm.lhs {
					if isBlank(l) {
						continue
					}
					value := values[k]
					if k == 0 {
						value = f.fromAny(v, ct.Elem())
					}
					if cm.tok == token.DEFINE {
						id := l.(*ast.Ident)
						f.define(id, f.convText(value, ts[k], f.varType(id, ts[k])))
						if o, ok := f.info.Defs[id].(*types.Var); ok && !isGlobal(o) && !f.usedInAll(cc.Body, o) {
							f.line("_ = %s", f.variable(o).name)
						}
						continue
					}
					f.store(f.place(l, once), f.convText(value, ts[k], f.typeOf(l)))
				}
			}
			f.clause(cc.Body)
		}
	})
	f.line("}")
}

func (f *fn) usedInAll(list []ast.Stmt, o types.Object) bool {
	for _, s := range list {
		if mentions(f.info, s, o) {
			return true
		}
	}
	return false
}
