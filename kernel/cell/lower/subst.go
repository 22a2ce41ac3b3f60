package lower

import (
	"go/ast"
	"go/types"
)

// subst replaces type parameters by type arguments, and types that the function
// declares by those of the instance: each instance has types of its own.
type subst struct {
	pass   *pass
	args   map[*types.TypeParam]types.Type
	targs  []types.Type
	own    map[*types.TypeName]bool         // declared in the function
	copies map[*types.TypeName]*types.Named // of the instance
}

// localType is what the name of a type that is declared in a function needs.
type localType struct {
	number   int          // in the cell, from 1
	implicit []types.Type // type arguments of the function
}

// numberLocals counts the types that a segment's functions and blocks declare.
func (p *pass) numberLocals(seg *Segment) {
	if p.locals == nil {
		p.locals = map[*types.TypeName]localType{}
	}
	number := 0
	visit := func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok && !spec.Assign.IsValid() {
			if o, ok := seg.Info.Defs[spec.Name].(*types.TypeName); ok && o.Pkg() != nil && o.Parent() != o.Pkg().Scope() {
				number++
				p.locals[o] = localType{number: number}
			}
		}
		return true
	}
	for _, d := range seg.Decls {
		ast.Inspect(d, visit)
	}
	for _, s := range seg.Body {
		ast.Inspect(s, visit)
	}
}

// subst is t with the type arguments of the instance that is being lowered.
func (f *fn) subst(t types.Type) types.Type {
	if f.sub == nil || t == nil {
		return t
	}
	return f.sub.typ(t)
}

// substitution is that of an instance of a generic function or method.
func (p *pass) substitution(obj *types.Func, targs []types.Type, src *source) *subst {
	if len(targs) == 0 {
		return nil
	}
	s := &subst{pass: p, targs: targs, args: map[*types.TypeParam]types.Type{}, own: map[*types.TypeName]bool{}, copies: map[*types.TypeName]*types.Named{}}
	add := func(sig *types.Signature) {
		params := sig.TypeParams()
		if sig.RecvTypeParams().Len() > 0 {
			params = sig.RecvTypeParams()
		}
		for i := range min(params.Len(), len(targs)) {
			s.args[params.At(i)] = targs[i]
		}
	}
	add(obj.Signature())
	if src == nil {
		return s // of a signature
	}
	// A method that was checked once more, with a later cell, has type parameters of
	// its own in its syntax.
	if o, ok := src.info.Defs[src.decl.Name].(*types.Func); ok && o != obj {
		add(o.Signature())
	}
	ast.Inspect(src.decl.Body, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if o, ok := src.info.Defs[spec.Name].(*types.TypeName); ok {
				s.own[o] = true
			}
		}
		return true
	})
	return s
}

// copy is the instance's own type for one that the function declares.
func (s *subst) copy(n *types.Named) *types.Named {
	if !s.own[n.Obj()] {
		return n
	}
	if c := s.copies[n.Obj()]; c != nil {
		return c
	}
	o := types.NewTypeName(n.Obj().Pos(), n.Obj().Pkg(), n.Obj().Name(), nil)
	c := types.NewNamed(o, nil, nil)
	s.copies[n.Obj()] = c
	s.pass.locals[o] = localType{s.pass.locals[n.Obj()].number, s.targs}
	var params []*types.TypeParam
	for i := range n.TypeParams().Len() {
		old := n.TypeParams().At(i)
		name := types.NewTypeName(old.Obj().Pos(), old.Obj().Pkg(), old.Obj().Name(), nil)
		s.args[old] = types.NewTypeParam(name, types.Universe.Lookup("any").Type())
		params = append(params, s.args[old].(*types.TypeParam))
	}
	for i, p := range params {
		p.SetConstraint(s.typ(n.TypeParams().At(i).Constraint()))
	}
	if len(params) > 0 {
		c.SetTypeParams(params)
	}
	c.SetUnderlying(s.typ(n.Underlying()))
	return c
}

func (s *subst) typ(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.TypeParam:
		if a, ok := s.args[t]; ok {
			return a
		}
	case *types.Alias:
		return s.typ(types.Unalias(t))
	case *types.Named:
		n := t.TypeArgs().Len()
		origin := s.copy(t.Origin())
		if n == 0 {
			return origin
		}
		args := make([]types.Type, n)
		changed := origin != t.Origin()
		for i := range n {
			args[i] = s.typ(t.TypeArgs().At(i))
			changed = changed || args[i] != t.TypeArgs().At(i)
		}
		if !changed {
			return t
		}
		inst, err := types.Instantiate(nil, origin, args, false)
		if err != nil {
			panic("lower: instantiate " + t.String() + ": " + err.Error())
		}
		return inst
	case *types.Pointer:
		if e := s.typ(t.Elem()); e != t.Elem() {
			return types.NewPointer(e)
		}
	case *types.Slice:
		if e := s.typ(t.Elem()); e != t.Elem() {
			return types.NewSlice(e)
		}
	case *types.Array:
		if e := s.typ(t.Elem()); e != t.Elem() {
			return types.NewArray(e, t.Len())
		}
	case *types.Chan:
		if e := s.typ(t.Elem()); e != t.Elem() {
			return types.NewChan(t.Dir(), e)
		}
	case *types.Map:
		k, e := s.typ(t.Key()), s.typ(t.Elem())
		if k != t.Key() || e != t.Elem() {
			return types.NewMap(k, e)
		}
	case *types.Tuple:
		return s.tuple(t)
	case *types.Signature:
		params, results := s.tuple(t.Params()), s.tuple(t.Results())
		if params != t.Params() || results != t.Results() {
			return types.NewSignatureType(t.Recv(), nil, nil, params, results, t.Variadic())
		}
	case *types.Struct:
		fields := make([]*types.Var, t.NumFields())
		tags := make([]string, t.NumFields())
		changed := false
		for i := range fields {
			f := t.Field(i)
			ft := s.typ(f.Type())
			tags[i] = t.Tag(i)
			fields[i] = f
			if ft != f.Type() {
				changed = true
				fields[i] = types.NewField(f.Pos(), f.Pkg(), f.Name(), ft, f.Embedded())
			}
		}
		if changed {
			return types.NewStruct(fields, tags)
		}
	case *types.Interface:
		changed := false
		var methods []*types.Func
		for i := range t.NumExplicitMethods() {
			m := t.ExplicitMethod(i)
			sig := s.typ(m.Signature()).(*types.Signature)
			if sig != m.Signature() {
				changed = true
				m = types.NewFunc(m.Pos(), m.Pkg(), m.Name(), sig)
			}
			methods = append(methods, m)
		}
		var embedded []types.Type
		for i := range t.NumEmbeddeds() {
			e := s.typ(t.EmbeddedType(i))
			changed = changed || e != t.EmbeddedType(i)
			embedded = append(embedded, e)
		}
		if changed {
			return types.NewInterfaceType(methods, embedded).Complete()
		}
	}
	return t
}

func (s *subst) tuple(t *types.Tuple) *types.Tuple {
	changed := false
	list := make([]*types.Var, t.Len())
	for i := range list {
		v := t.At(i)
		vt := s.typ(v.Type())
		list[i] = v
		if vt != v.Type() {
			changed = true
			list[i] = types.NewParam(v.Pos(), v.Pkg(), v.Name(), vt)
		}
	}
	if !changed {
		return t
	}
	return types.NewTuple(list...)
}

// sourceOf is the syntax of a declared function of a cell.
func (p *pass) sourceOf(obj *types.Func) *source {
	src, _ := p.decls.get(p.canonical(obj))
	return src
}
