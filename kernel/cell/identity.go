package cell

import "go/types"

// identity compares types of two segments, where a type that was declared again in
// the same words is the same type in a new object.
type identity struct {
	pairs map[*types.TypeName]*types.TypeName // new to old objects that are taken for the same
}

// settle removes pairs that differ until those left support each other.
func (id *identity) settle() {
	for again := true; again; {
		again = false
		for n, o := range id.pairs {
			if !id.sameDeclared(n, o) {
				delete(id.pairs, n)
				again = true
			}
		}
	}
}

// sameDeclared compares what two type declarations say, methods aside.
func (id *identity) sameDeclared(a, b *types.TypeName) bool {
	if a.IsAlias() || b.IsAlias() {
		return a.IsAlias() == b.IsAlias() && id.same(types.Unalias(a.Type()), types.Unalias(b.Type()))
	}
	x, ok1 := a.Type().(*types.Named)
	y, ok2 := b.Type().(*types.Named)
	return ok1 && ok2 && id.sameParams(x.TypeParams(), y.TypeParams()) && id.same(x.Underlying(), y.Underlying())
}

func (id *identity) sameParams(a, b *types.TypeParamList) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !id.same(a.At(i).Constraint(), b.At(i).Constraint()) {
			return false
		}
	}
	return true
}

// same tells whether two types are identical but for the objects.
func (id *identity) same(a, b types.Type) bool {
	a, b = types.Unalias(a), types.Unalias(b)
	if a == b {
		return true
	}
	switch a := a.(type) {
	case *types.Basic:
		b, ok := b.(*types.Basic)
		return ok && a.Kind() == b.Kind()
	case *types.Named:
		b, ok := b.(*types.Named)
		if !ok || !id.sameObject(a.Origin().Obj(), b.Origin().Obj()) || a.TypeArgs().Len() != b.TypeArgs().Len() {
			return false
		}
		for i := range a.TypeArgs().Len() {
			if !id.same(a.TypeArgs().At(i), b.TypeArgs().At(i)) {
				return false
			}
		}
		return true
	case *types.Pointer:
		b, ok := b.(*types.Pointer)
		return ok && id.same(a.Elem(), b.Elem())
	case *types.Slice:
		b, ok := b.(*types.Slice)
		return ok && id.same(a.Elem(), b.Elem())
	case *types.Array:
		b, ok := b.(*types.Array)
		return ok && a.Len() == b.Len() && id.same(a.Elem(), b.Elem())
	case *types.Map:
		b, ok := b.(*types.Map)
		return ok && id.same(a.Key(), b.Key()) && id.same(a.Elem(), b.Elem())
	case *types.Chan:
		b, ok := b.(*types.Chan)
		return ok && a.Dir() == b.Dir() && id.same(a.Elem(), b.Elem())
	case *types.Struct:
		b, ok := b.(*types.Struct)
		if !ok || a.NumFields() != b.NumFields() {
			return false
		}
		for i := range a.NumFields() {
			f, g := a.Field(i), b.Field(i)
			if f.Name() != g.Name() || f.Embedded() != g.Embedded() || a.Tag(i) != b.Tag(i) || !id.same(f.Type(), g.Type()) {
				return false
			}
		}
		return true
	case *types.Tuple:
		b, ok := b.(*types.Tuple)
		if !ok || a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !id.same(a.At(i).Type(), b.At(i).Type()) {
				return false
			}
		}
		return true
	case *types.Signature:
		b, ok := b.(*types.Signature)
		return ok && a.Variadic() == b.Variadic() && id.sameParams(a.TypeParams(), b.TypeParams()) &&
			id.sameReceiver(a.Recv(), b.Recv()) && id.same(a.Params(), b.Params()) && id.same(a.Results(), b.Results())
	case *types.Interface:
		b, ok := b.(*types.Interface)
		return ok && id.sameInterface(a, b)
	case *types.Union:
		b, ok := b.(*types.Union)
		if !ok || a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if a.Term(i).Tilde() != b.Term(i).Tilde() || !id.same(a.Term(i).Type(), b.Term(i).Type()) {
				return false
			}
		}
		return true
	case *types.TypeParam:
		b, ok := b.(*types.TypeParam)
		return ok && a.Index() == b.Index() && a.Obj().Name() == b.Obj().Name()
	}
	return false
}

// sameReceiver compares whether methods belong to the pointer; their types are
// compared elsewhere, and methods of interfaces have receivers of no interest.
func (id *identity) sameReceiver(a, b *types.Var) bool {
	if a == nil || b == nil {
		return a == b
	}
	_, p := types.Unalias(a.Type()).(*types.Pointer)
	_, q := types.Unalias(b.Type()).(*types.Pointer)
	x, y := namedOf(a.Type()), namedOf(b.Type())
	if p != q || (x == nil) != (y == nil) {
		return false
	}
	return x == nil || id.sameObject(x.Obj(), y.Obj())
}

func (id *identity) sameInterface(a, b *types.Interface) bool {
	if a.NumMethods() != b.NumMethods() || a.NumEmbeddeds() != b.NumEmbeddeds() || a.IsComparable() != b.IsComparable() {
		return false
	}
	for i := range a.NumMethods() { // sorted by name
		f, g := a.Method(i), b.Method(i)
		s, t := f.Signature(), g.Signature()
		if f.Name() != g.Name() || s.Variadic() != t.Variadic() || !id.same(s.Params(), t.Params()) || !id.same(s.Results(), t.Results()) {
			return false
		}
	}
	for i := range a.NumEmbeddeds() {
		if !id.same(a.EmbeddedType(i), b.EmbeddedType(i)) {
			return false
		}
	}
	return true
}

func (id *identity) sameObject(a, b *types.TypeName) bool {
	return a == b || id.pairs[a] != nil && id.pairs[a] == b
}

// mentions tells whether a type is made of any of the objects.
func mentions(t types.Type, objects map[*types.TypeName]bool) bool {
	return findNamed(t, func(o *types.TypeName) bool { return objects[o] }) != nil
}

// findNamed finds a declared type that a type is made of. It does not look into what
// declared types are made of themselves.
func findNamed(t types.Type, is func(*types.TypeName) bool) *types.TypeName {
	var found *types.TypeName
	seen := map[types.Type]bool{}
	var walk func(t types.Type)
	walk = func(t types.Type) {
		if t == nil || found != nil || seen[t] {
			return
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Alias:
			if is(t.Obj()) {
				found = t.Obj()
				return
			}
			walk(types.Unalias(t))
		case *types.Named:
			if o := t.Origin().Obj(); is(o) {
				found = o
				return
			}
			for i := range t.TypeArgs().Len() {
				walk(t.TypeArgs().At(i))
			}
		case *types.Pointer:
			walk(t.Elem())
		case *types.Slice:
			walk(t.Elem())
		case *types.Array:
			walk(t.Elem())
		case *types.Map:
			walk(t.Key())
			walk(t.Elem())
		case *types.Chan:
			walk(t.Elem())
		case *types.Struct:
			for i := range t.NumFields() {
				walk(t.Field(i).Type())
			}
		case *types.Tuple:
			for i := range t.Len() {
				walk(t.At(i).Type())
			}
		case *types.Signature:
			walk(t.Params())
			walk(t.Results())
		case *types.Interface:
			for i := range t.NumExplicitMethods() {
				walk(t.ExplicitMethod(i).Type())
			}
			for i := range t.NumEmbeddeds() {
				walk(t.EmbeddedType(i))
			}
		}
	}
	walk(t)
	return found
}
