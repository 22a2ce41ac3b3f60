package lower

import (
	"go/types"
)

// subst replaces type parameters by type arguments.
type subst struct {
	args map[*types.TypeParam]types.Type
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
	s := &subst{args: map[*types.TypeParam]types.Type{}}
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
	// A method that was checked once more, with a later cell, has type parameters of
	// its own in its syntax.
	if o, ok := src.info.Defs[src.decl.Name].(*types.Func); ok && o != obj {
		add(o.Signature())
	}
	return s
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
		if n == 0 {
			return t
		}
		args := make([]types.Type, n)
		changed := false
		for i := range n {
			args[i] = s.typ(t.TypeArgs().At(i))
			changed = changed || args[i] != t.TypeArgs().At(i)
		}
		if !changed {
			return t
		}
		inst, err := types.Instantiate(nil, t.Origin(), args, false)
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
