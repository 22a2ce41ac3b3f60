package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// fn is a function that is being lowered: a declared one, a literal, the body of
// one that defers, or the body of a loop over a function.
type fn struct {
	*pass
	src   *source
	info  *types.Info
	use   *usage
	sub   *subst // type arguments of an instance, or nil
	outer *fn
	node  ast.Node // what use.owner calls it

	id    int
	label string // the learner's name, for positions
	buf   *strings.Builder

	names    *nameSet
	vars     map[types.Object]*local
	captures []*capture

	sig       *types.Signature
	results   []types.Object // variables of named results, and of all results of a function that defers
	cells     bool           // this is the body of a function that defers: return fills cells
	d         types.Object   // variable that holds the D of the function, nil if it does not defer
	rec       types.Object   // variable that holds the D to ask by recover
	guarded   bool           // the guard word is used
	placed    bool           // the position variable is used
	loops     []*loop
	effects   int // grows with every statement hoisted out of an expression that has effects
	rangeBody *rangeBody
	toplevel  bool     // the statements of a cell
	pending   []string // places of range variables, found before they are assigned
}

// local is a local variable's emitted name; a cell is a pointer.
type local struct {
	name string
	cell bool
	typ  types.Type
	etyp string // emitted type, where it is not that of typ
}

// capture is a variable of an enclosing function that a literal uses: a parameter
// of its maker.
type capture struct {
	obj   types.Object
	param string
	typ   string
}

// nameSet gives out names that are unique in a function.
type nameSet struct{ used map[string]int }

// fresh is a new name that reads like want.
func (n *nameSet) fresh(want string) string {
	base := localName(want)
	k := n.used[base]
	n.used[base]++
	if k == 0 {
		return base
	}
	for {
		name := fmt.Sprintf("%s_%d", base, k+1)
		if n.used[name] == 0 {
			n.used[name]++
			return name
		}
		k++
		n.used[base]++
	}
}

// localName keeps a learner's name unless it could be taken for one of ours, a
// keyword or a predeclared name.
func localName(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r == '_' || r < 128 && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return r
		}
		if r >= 128 {
			return 'ü'
		}
		return -1
	}, name)
	if clean == "" {
		clean = "x"
	}
	clean = strings.ReplaceAll(clean, "ü", "u")
	reserved := clean[0] == '_' || clean == "rt" || strings.HasPrefix(clean, "p_") || strings.HasPrefix(clean, "cell_") ||
		len(clean) > 1 && clean[0] >= 'a' && clean[0] <= 'z' && clean[1] >= '0' && clean[1] <= '9' ||
		token.Lookup(clean).IsKeyword() || types.Universe.Lookup(clean) != nil || clean == "main" || clean == "init"
	if reserved {
		return "x_" + strings.TrimLeft(clean, "_")
	}
	return clean
}

// newFn is a context for a function within the same source.
func (f *fn) inner(node ast.Node, sig *types.Signature) *fn {
	return &fn{
		pass: f.pass, src: f.src, info: f.info, use: f.use, sub: f.sub, outer: f, node: node, label: f.label,
		id: f.nextID(), buf: &strings.Builder{}, names: &nameSet{map[string]int{}}, vars: map[types.Object]*local{}, sig: sig,
	}
}

// errorf refuses a construct.
func (f *fn) errorf(n ast.Node, format string, args ...any) {
	f.fail(f.src.fset, n.Pos(), format, args...)
}

// line writes a statement.
func (f *fn) line(format string, args ...any) {
	if len(args) == 0 {
		f.buf.WriteString(format)
	} else {
		fmt.Fprintf(f.buf, format, args...)
	}
	f.buf.WriteByte('\n')
}

// tmp is a fresh name for a temporary.
func (f *fn) tmp() string { return f.names.fresh("v_") }

// typeOf is the type of an expression, type parameters replaced.
func (f *fn) typeOf(e ast.Expr) types.Type {
	t := f.info.TypeOf(e)
	if t == nil {
		f.errorf(e, "the expression has no type")
	}
	return f.subst(t)
}

// objType is the type of a variable, type parameters replaced.
func (f *fn) objType(o types.Object) types.Type { return f.subst(o.Type()) }

// declareVar makes a local variable known and returns it. The statement that
// declares it is written by the caller.
func (f *fn) declareVar(v *types.Var) *local {
	l := &local{name: f.names.fresh(v.Name()), cell: f.use.cell(v), typ: f.objType(v)}
	f.vars[v] = l
	return l
}

// variable finds the emitted form of a local variable, capturing it from enclosing
// functions when it is not this one's own. It is nil for package-level variables.
func (f *fn) variable(v types.Object) *local {
	if l, ok := f.vars[v]; ok {
		return l
	}
	if f.outer == nil {
		return nil
	}
	o := f.outer.variable(v)
	if o == nil {
		return nil
	}
	l := &local{name: f.names.fresh(captureName(v, o)), cell: o.cell, typ: o.typ, etyp: o.etyp}
	f.vars[v] = l
	t := l.etyp
	if t == "" {
		t = f.typ(o.typ)
	}
	if l.cell {
		t = "*" + t
	}
	f.captures = append(f.captures, &capture{v, l.name, t})
	return l
}

// captureName is what a captured variable is called inside.
func captureName(v types.Object, l *local) string {
	if v.Name() != "" {
		return v.Name()
	}
	return l.name
}

// text of a local variable's value.
func (l *local) value() string {
	if l.cell {
		return "(*" + l.name + ")"
	}
	return l.name
}

// at stores the position of n before a statement that can fail.
func (f *fn) at(pos token.Pos) {
	if f.src.std != "" {
		return // the learner's own line stays the place
	}
	f.placed = true
	f.line("l%d = %d", f.id, f.position(f.src, pos, f.label))
}

// pos is a position number for a call into rt.
func (f *fn) pos(n ast.Node) int {
	if f.src.std != "" {
		return 0
	}
	return f.position(f.src, n.Pos(), f.label)
}

// guard writes the test of the guard word.
func (f *fn) guard() {
	f.guarded = true
	f.line("if w%d { %s() }", f.id, f.hitHelper())
}

// hitHelper is the function that a set guard word leads to.
func (p *pass) hitHelper() string {
	return p.helper("hit", func(name string) string { return fmt.Sprintf("func %s() { %s() }\n", name, p.rt("Hit")) })
}

// helper is a function that is emitted once per session, at its first use. The
// text is made from its name.
func (p *pass) helper(what string, text func(name string) string) string {
	if name, ok := p.helpers.get(what); ok {
		return name
	}
	name := fmt.Sprintf("h%d", p.nextID())
	p.helpers.set(what, name)
	p.lateDefs.WriteString(text(name))
	return name
}

// register is the registration of a function's words with rt.
func (f *fn) register(name string, redirect bool) string {
	var b strings.Builder
	word, pos := "(*bool)(nil)", "(*int)(nil)"
	if f.guarded || redirect {
		fmt.Fprintf(&b, "var w%d bool\n", f.id)
		word = fmt.Sprintf("&w%d", f.id)
	}
	if f.placed {
		fmt.Fprintf(&b, "var l%d int\n", f.id)
		pos = fmt.Sprintf("&l%d", f.id)
	}
	switch {
	case redirect:
		fmt.Fprintf(&b, "var r%d bool\n", f.id)
		fmt.Fprintf(&b, "var _ = %s(%q, %s, &r%d, %s)\n", f.rt("FnRedirect"), name, word, f.id, pos)
	case f.guarded || f.placed:
		fmt.Fprintf(&b, "var _ = %s(%q, %s, %s)\n", f.rt("Fn"), name, word, pos)
	}
	return b.String()
}

// paramNames declares the parameters of a function and returns the parameter list
// and the statements that put those that are cells into them.
func (f *fn) params(recv *ast.FieldList, typ *ast.FuncType) (list []string, prologue string) {
	var b strings.Builder
	add := func(l *ast.FieldList, variadic bool) {
		if l == nil {
			return
		}
		for i, field := range l.List {
			t := f.typeOf(field.Type)
			et := f.typ(t)
			if _, dots := field.Type.(*ast.Ellipsis); dots && variadic && i == len(l.List)-1 {
				et = "..." + f.typ(f.typeOf(field.Type.(*ast.Ellipsis).Elt))
				t = types.NewSlice(f.typeOf(field.Type.(*ast.Ellipsis).Elt))
			}
			if len(field.Names) == 0 {
				list = append(list, f.names.fresh("p")+" "+et)
				continue
			}
			for _, n := range field.Names {
				v, ok := f.info.Defs[n].(*types.Var)
				if !ok || n.Name == "_" {
					list = append(list, f.names.fresh("p")+" "+et)
					continue
				}
				if f.use.cell(v) {
					name := f.names.fresh(n.Name)
					cell := f.names.fresh(n.Name)
					f.vars[v] = &local{name: cell, cell: true, typ: t}
					list = append(list, name+" "+et)
					fmt.Fprintf(&b, "%s := new(%s)\n*%s = %s\n", cell, f.typ(t), cell, name)
					continue
				}
				l := f.declareVar(v)
				l.typ = t
				list = append(list, l.name+" "+et)
			}
		}
	}
	add(recv, false)
	if typ != nil {
		add(typ.Params, true)
	}
	return list, b.String()
}
