package cell

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"sort"
	"strings"

	"netsplit/kernel/cell/check"
	"netsplit/kernel/cell/lower"
	"netsplit/kernel/cell/split"
	"netsplit/kernel/symbols"
)

// mode says how a declaration of an earlier cell takes part in a check.
type mode int

const (
	whole  mode = iota // with its body
	header             // without its body, which no longer checks: the emitted code stays
	out                // not at all: it keeps its object and so its earlier types
)

// round is the preparation of one part of a cell: it is checked again and again until
// it is known which earlier declarations must be checked with it, and which of those
// cannot follow.
type round struct {
	s     *Session
	fset  *token.FileSet
	cell  int
	file  *token.File
	part  part
	last  bool
	under *live // what was live before

	lenient bool // packages need no import: for the help that an editor asks for

	own     map[string]bool          // keys that the part declares
	changed map[string]bool          // keys whose dependents must be checked
	modes   map[*unit]mode           // of units that cannot take part whole
	why     map[*unit]string         // the error that is the reason
	assumed map[*types.TypeName]bool // earlier types that are taken to stay what they are
	differs map[*types.TypeName]bool // earlier types known not to
	again   []*unit                  // units that take part
	decls   map[*unit]ast.Decl       // as they take part
	vars    []*entry                 // variables that take part
	skip    map[*entry]bool          // variables that cannot
	out     *check.Output
	id      *identity
}

// prepared is a checked part with what it changes.
type prepared struct {
	segment *lower.Segment
	delta   *live
	vars    []string
	notes   []string
	recut   []*split.Item // statements that cannot keep their variables
}

// prepare checks a part. It changes nothing but returns what would change; where there
// are errors, that is only for finding those of the parts that follow.
func (s *Session) prepare(cell int, file *token.File, p part, last bool, under *live) (*prepared, []Diagnostic) {
	r := s.newRound(cell, file, p, last, under)
	r.collect()
	for {
		r.include()
		r.check()
		if len(r.out.Recut) > 0 {
			return &prepared{recut: r.out.Recut}, nil
		}
		if r.compare() {
			continue
		}
		if r.retire() {
			continue
		}
		break
	}
	if len(r.out.Errors) > 0 {
		return &prepared{delta: r.overlay()}, s.diagnostics(r)
	}
	return r.finish(), nil
}

func (s *Session) newRound(cell int, file *token.File, p part, last bool, under *live) *round {
	return &round{s: s, fset: s.fset, cell: cell, file: file, part: p, last: last, under: under,
		own: map[string]bool{}, changed: map[string]bool{}, modes: map[*unit]mode{}, why: map[*unit]string{},
		differs: map[*types.TypeName]bool{}, skip: map[*entry]bool{}}
}

// collect finds what the part declares, and the types that it declares anew or gives
// methods to.
func (r *round) collect() {
	aliases := check.Aliases(r.part.items)
	for _, it := range r.part.items {
		for _, id := range check.Declares(it) {
			if r.part.kept[it][id.Name] {
				continue
			}
			r.own[id.Name] = true
			if e := r.under.get(id.Name); e != nil {
				if _, isType := e.obj.(*types.TypeName); isType {
					r.changed[id.Name] = true
				}
			}
		}
		if it.Kind == split.Func {
			if base, name, ok := check.Method(it.Decl); ok {
				for n := 0; aliases[base] != "" && n < 100; n++ {
					base = aliases[base]
				}
				base = r.under.unaliased(base)
				r.own[base+"."+name] = true
				if !r.own[base] {
					r.changed[base] = true
				}
			}
		}
	}
}

// include finds the earlier declarations that take part: those that use, directly or
// through others, what is changed; of a type that takes part all methods do.
func (r *round) include() {
	r.again, r.vars = nil, nil
	r.decls = map[*unit]ast.Decl{}
	if len(r.changed) == 0 {
		return
	}
	units := r.under.units()
	affected := map[string]bool{}
	for k := range r.changed {
		affected[k] = true
	}
	in := map[*unit]bool{}
	rebuilt := map[*types.TypeName]bool{}
	vars := map[*entry]bool{}
	for grown := true; grown; {
		grown = false
		for _, u := range units {
			if in[u] || r.modes[u] == out {
				continue
			}
			if !r.touched(u, affected) {
				continue
			}
			in[u], grown = true, true
			for _, k := range u.names {
				affected[k] = true
			}
			if b := u.base(); b != "" {
				affected[b] = true
			}
		}
		for k := range affected {
			if e := r.under.get(k); e != nil {
				if o, ok := e.obj.(*types.TypeName); ok && (e.unit == nil || in[e.unit] || r.own[k]) && !r.differs[o] && !rebuilt[o] {
					rebuilt[o], grown = true, true
				}
			}
		}
		for _, e := range r.under.all() {
			if v, ok := e.obj.(*types.Var); ok && !vars[e] && !r.own[e.name] && !r.skip[e] && mentions(v.Type(), rebuilt) {
				vars[e], grown = true, true
				affected[e.name] = true
			}
		}
	}
	r.assumed = rebuilt
	for _, u := range units {
		if in[u] {
			if d := r.source(u); d != nil {
				r.again = append(r.again, u)
				r.decls[u] = d
			}
		}
	}
	for e := range vars {
		r.vars = append(r.vars, e)
	}
	sort.Slice(r.vars, func(i, j int) bool { return r.vars[i].name < r.vars[j].name })
}

// touched tells whether a unit must take part when some keys are affected.
func (r *round) touched(u *unit, affected map[string]bool) bool {
	if b := u.base(); b != "" && affected[b] {
		return true
	}
	for _, k := range u.names {
		if affected[k] && !r.own[k] && r.changed[k] {
			return true // a type that gets a method
		}
		if affected[k] && u.base() == "" && !r.own[k] {
			return true // a type whose method is affected
		}
	}
	for k := range u.uses {
		if affected[k] {
			return true
		}
	}
	return false
}

// source gives a unit's declaration as it takes part, or nil when the part declares
// all of its names itself.
func (r *round) source(u *unit) ast.Decl {
	taken := func(k string) bool { return r.own[k] || r.under.get(k) == nil || r.under.get(k).unit != u }
	switch d := u.decl.(type) {
	case *ast.FuncDecl:
		if taken(u.names[0]) {
			return nil
		}
		r.private(u)
		if r.modes[u] == header {
			c := *d
			c.Body = nil
			return &c
		}
		return d
	case *ast.GenDecl:
		if d.Tok == token.TYPE {
			if taken(u.names[0]) {
				return nil
			}
			r.private(u)
			return d
		}
		left := false
		c := *d
		c.Specs = nil
		for _, spec := range d.Specs {
			v := *spec.(*ast.ValueSpec)
			v.Names = append([]*ast.Ident(nil), v.Names...)
			for i, n := range v.Names {
				if n.Name != "_" && taken(n.Name) {
					v.Names[i] = &ast.Ident{NamePos: n.NamePos, Name: "_"}
				} else if n.Name != "_" {
					left = true
				}
			}
			c.Specs = append(c.Specs, &v)
		}
		if left {
			r.private(u)
			return &c
		}
	}
	return nil
}

// private gives a unit names of its own for imports whose names mean something else
// by now: code keeps the package that it was written with.
func (r *round) private(u *unit) {
	for name, path := range u.imports {
		if !r.own[name] && r.under.path(name) == path && r.under.lookup(name) == nil && r.ownImport(name, path) {
			continue
		}
		alias := importPrefix + path
		if name == alias {
			continue
		}
		for _, id := range check.Free(u.decl) {
			if id.Name == name {
				id.Name = alias
			}
		}
		delete(u.imports, name)
		u.imports[alias] = path
	}
}

// ownImport tells whether the part imports nothing else under a name.
func (r *round) ownImport(name, path string) bool {
	for _, it := range r.part.items {
		if it.Kind == split.Import {
			if p, ok := check.ImportNames(it.Decl.(*ast.GenDecl), r.s.importer)[name]; ok && p != path {
				return false
			}
		}
	}
	return true
}

// check runs the checker once.
func (r *round) check() {
	in := &check.Input{Fset: r.fset, Importer: r.s.importer, Items: r.part.items, Last: r.last, Local: r.part.local, Kept: r.part.kept,
		Lookup: r.under.lookup, Dots: r.under.dots,
		ImportPath: r.importPath}
	for _, u := range r.again {
		in.Again = append(in.Again, r.decls[u])
	}
	next := 0
	kept := r.vars[:0]
	for _, e := range r.vars {
		v := e.obj.(*types.Var)
		w := &typeWriter{again: r.assumed, pos: v.Pos(), next: &next, lookup: r.under.lookup}
		expr := w.expr(v.Type())
		if w.fail {
			r.skip[e] = true
			continue
		}
		kept = append(kept, e)
		in.Vars = append(in.Vars, check.Var{Old: v, Type: expr, Names: w.names})
	}
	r.vars = kept
	r.out = check.Segment(in)
}

func (r *round) importPath(name string) (string, bool) {
	p := r.under.path(name)
	if p == "" && r.lenient {
		if paths := symbols.Named(name); len(paths) > 0 {
			p = paths[0]
		}
	}
	return p, p != ""
}

// compare finds which types stayed what they were, and what else changed. It tells
// whether the check must be repeated with what it found.
func (r *round) compare() bool {
	r.id = &identity{pairs: map[*types.TypeName]*types.TypeName{}}
	scope := r.out.Pkg.Scope()
	for o := range r.assumed {
		if n, ok := scope.Lookup(o.Name()).(*types.TypeName); ok && n != o {
			r.id.pairs[n] = o
		}
	}
	r.id.settle()
	repeat := false
	kept := map[*types.TypeName]bool{}
	for _, o := range r.id.pairs {
		kept[o] = true
	}
	for o := range r.assumed {
		if !kept[o] {
			r.differs[o] = true
			repeat = repeat || len(r.vars) > 0
		}
	}
	for key := range r.own {
		e := r.under.get(key)
		if e == nil || r.changed[key] {
			continue
		}
		n := r.object(key)
		if n == nil || r.sameMeaning(n, e.obj) {
			continue
		}
		r.changed[key] = true
		if r.used(key) {
			repeat = true
		}
	}
	return repeat
}

// used tells whether any earlier declaration uses a key.
func (r *round) used(key string) bool {
	for _, e := range r.under.all() {
		if e.unit != nil && e.unit.uses[key] {
			return true
		}
	}
	return false
}

// object gives the segment's object for a key.
func (r *round) object(key string) types.Object {
	base, method := key, ""
	for i, c := range key {
		if c == '.' {
			base, method = key[:i], key[i+1:]
		}
	}
	o := r.out.Pkg.Scope().Lookup(base)
	if method == "" || o == nil {
		return o
	}
	n, ok := types.Unalias(o.Type()).(*types.Named)
	if !ok {
		return nil
	}
	for i := range n.NumMethods() {
		if m := n.Method(i); m.Name() == method {
			return m
		}
	}
	return nil
}

// sameMeaning tells whether code that uses the old object can go on using it for the
// new one: same kind, type and, for constants, value.
func (r *round) sameMeaning(n, o types.Object) bool {
	if o == nil {
		return false // an import
	}
	switch n := n.(type) {
	case *types.Const:
		o, ok := o.(*types.Const)
		return ok && r.id.same(n.Type(), o.Type()) && constant.Compare(n.Val(), token.EQL, o.Val())
	case *types.Var:
		o, ok := o.(*types.Var)
		if ok && r.s.graded && r.own[n.Name()] && holdsScore(n.Type()) {
			return false // what an earlier cell made of that name does not see this cell's score
		}
		return ok && r.id.same(n.Type(), o.Type())
	case *types.Func:
		o, ok := o.(*types.Func)
		return ok && r.id.same(n.Type(), o.Type())
	case *types.TypeName:
		o, ok := o.(*types.TypeName)
		return ok && r.id.sameObject(n, o)
	}
	return false
}

// retire takes out of the check what no longer fits. It tells whether there was any.
func (r *round) retire() bool {
	lo, hi := token.Pos(r.file.Base()), token.Pos(r.file.Base()+r.file.Size())
	found := false
	for _, e := range r.out.Errors {
		if e.Pos >= lo && e.Pos <= hi {
			continue
		}
		for _, u := range r.again {
			if u.decl.Pos() <= e.Pos && e.Pos <= u.decl.End() {
				found = true
				r.demote(u, e.Message)
				break
			}
		}
		for _, v := range r.vars {
			if v.obj.Pos() == e.Pos && !r.skip[v] {
				r.skip[v], found = true, true
			}
		}
	}
	if found {
		return true
	}
	// A function kept by its header only must still mean what its code does.
	for _, u := range r.again {
		if r.modes[u] == header {
			e := r.under.get(u.names[0])
			if n := r.object(u.names[0]); n == nil || !r.sameMeaning(n, e.obj) {
				r.modes[u] = out
				found = true
			}
		}
	}
	return found
}

func (r *round) demote(u *unit, message string) {
	if r.why[u] == "" {
		r.why[u] = message
	}
	if _, isFunc := u.decl.(*ast.FuncDecl); isFunc && r.modes[u] == whole {
		r.modes[u] = header
		return
	}
	r.modes[u] = out
}

// finish makes the segment and what it changes.
func (r *round) finish() *prepared {
	d := newLive(r.under)
	info := r.out.Info
	seg := &lower.Segment{Cell: r.cell, Fset: r.s.fset, Pkg: r.out.Pkg, Info: info, Body: r.out.Body, Show: r.out.Show,
		ShowError: r.out.ShowError, Reuse: map[types.Object]types.Object{}}
	if r.s.graded && r.out.Show != nil {
		if _, several := info.TypeOf(r.out.Show).(*types.Tuple); several {
			seg.ShowError = false // several values are no result, whatever the last one is
		}
	}
	p := &prepared{segment: seg, delta: d}

	reuse := func(n, o types.Object) {
		if n != nil && o != nil && n != o {
			seg.Reuse[n] = o
			d.canon[n] = r.under.canonical(o)
		}
	}
	// What the part declares itself.
	for key := range r.own {
		e := r.under.get(key)
		n := r.object(key)
		if e != nil && n != nil && e.obj != nil && r.sameMeaning(n, e.obj) {
			reuse(n, e.obj)
		}
	}
	for _, decl := range r.out.Decls {
		for _, u := range unitsOf(decl, r.cell, info) {
			for _, k := range u.names {
				r.enter(d, &entry{name: k, cell: r.cell, obj: r.object(k), unit: u, forward: r.part.forward[k]})
			}
		}
	}
	for _, v := range r.out.Vars {
		r.enter(d, &entry{name: v.Name(), cell: r.cell, obj: v})
		p.vars = append(p.vars, v.Name())
	}
	for name, path := range r.out.Imports {
		r.enter(d, &entry{name: name, cell: r.cell, path: path})
	}
	if len(r.out.Dots) > 0 {
		d.dots = append(append([]string(nil), d.dots...), r.out.Dots...)
	}
	// Earlier variables in terms of the new types.
	for i, e := range r.vars {
		if n := r.out.Again[i]; n != nil {
			reuse(n, e.obj)
			c := *e
			c.obj = n
			d.names[e.name] = &c
		}
	}
	seg.Decls = r.emitted(d, reuse)
	p.notes = r.notes()
	return p
}

// notes tells of what could not follow a redefinition, and did before.
func (r *round) notes() []string {
	var out []string
	for u := range r.modes {
		e := r.under.get(u.names[0])
		if e == nil || e.unit != u || e.stale != "" || r.own[e.name] {
			continue
		}
		var newer []string
		for k := range r.changed {
			if u.uses[k] {
				newer = append(newer, k)
			}
		}
		sort.Strings(newer)
		what := "what it was made with"
		if len(newer) > 0 {
			what = "the earlier " + strings.Join(newer, ", ")
		}
		out = append(out, fmt.Sprintf("%s of cell %s still uses %s: %s", e.name, r.s.label(e.cell), what, plain(r.why[u])))
	}
	sort.Strings(out)
	return out
}

// enter takes an entry into the live set.
func (r *round) enter(d *live, e *entry) {
	d.names[e.name] = e
	if t, ok := e.obj.(*types.TypeName); ok {
		d.since[t] = e.cell
	}
}

// emitted gives what must be emitted: the part's own declarations, and of those that
// were checked once more the ones that use something which is no longer the same.
func (r *round) emitted(d *live, reuse func(n, o types.Object)) []ast.Decl {
	info := r.out.Info
	for _, u := range r.again {
		for _, k := range u.names {
			if e := r.under.get(k); e != nil && e.unit == u {
				if n := r.object(k); n != nil && r.sameMeaning(n, e.obj) {
					reuse(n, e.obj)
				}
			}
		}
	}
	var decls []ast.Decl
	for _, u := range r.again {
		dirty := false
		fresh := *u
		fresh.decl = u.decl
		if r.modes[u] == whole {
			fresh.uses, fresh.imports = useKeys(r.decls[u], info)
		}
		for _, k := range u.names {
			e := r.under.get(k)
			if e == nil || e.unit != u || r.own[k] {
				continue
			}
			n := r.object(k)
			if n == nil {
				continue
			}
			if d.canon[n] == nil {
				dirty = true
			}
			c := *e
			c.obj, c.unit, c.stale = n, &fresh, ""
			if r.modes[u] == header {
				c.stale = r.why[u]
			}
			r.enter(d, &c)
		}
		if b := u.base(); b != "" {
			if o := r.object(b); o != nil && d.canon[o] == nil {
				dirty = true
			}
		}
		dirty = dirty || r.usesNew(u, d)
		if r.changedType(u) {
			dirty = true
		}
		if dirty && r.modes[u] == whole {
			decls = append(decls, r.decls[u])
		}
	}
	for u, m := range r.modes {
		if m == out {
			for _, k := range u.names {
				if e := r.under.get(k); e != nil && e.unit == u && !r.own[k] {
					c := *e
					c.stale = r.why[u]
					d.names[k] = &c
				}
			}
		}
	}
	return append(decls, r.out.Decls...)
}

// changedType tells whether a unit is a type that gets methods in this part.
func (r *round) changedType(u *unit) bool {
	return u.base() == "" && r.changed[u.names[0]] && !r.own[u.names[0]]
}

// usesNew tells whether a unit uses an object of this segment that does not stand for
// an earlier one.
func (r *round) usesNew(u *unit, d *live) bool {
	found := false
	pkg := r.out.Pkg
	ast.Inspect(r.decls[u], func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || found {
			return !found
		}
		o := r.out.Info.Uses[id]
		if o == nil || keyOf(o) == "" || o.Pkg() != pkg {
			return true
		}
		switch o.(type) {
		case *types.Const:
			e := r.under.get(o.Name())
			found = e == nil || e.obj == nil || !r.sameMeaning(o, e.obj)
		default:
			found = d.canon[origin(o)] == nil
		}
		return !found
	})
	return found
}

// origin gives the generic function or method of an instance.
func origin(o types.Object) types.Object {
	switch o := o.(type) {
	case *types.Func:
		return o.Origin()
	case *types.Var:
		return o.Origin()
	}
	return o
}
