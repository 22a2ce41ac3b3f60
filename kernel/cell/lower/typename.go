package lower

import (
	"fmt"
	"go/types"
	"strings"
)

// typeName is the name that %T prints: that of package reflect. It differs from
// go/types in spacing, and in arguments of generic types, where packages stand with
// their whole paths.
func (p *pass) typeName(t types.Type) string { return p.reflectName(t, false) }

// reflectName writes a type; argument tells whether it is inside of the arguments of a
// generic type.
func (p *pass) reflectName(t types.Type, argument bool) string {
	name := func(t types.Type) string { return p.reflectName(t, argument) }
	qualify := func(o *types.Package) string {
		switch {
		case o == nil:
			return ""
		case argument:
			return o.Path() + "."
		}
		return o.Name() + "."
	}
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		switch t.Kind() {
		case types.Uint8:
			return "uint8" // not byte
		case types.Int32:
			return "int32" // not rune
		}
		return t.Name()
	case *types.Named:
		o := t.Obj()
		if o.Pkg() == nil {
			return o.Name() // error
		}
		var implicit, args []string
		local := p.locals[t.Origin().Obj()]
		for _, a := range local.implicit {
			implicit = append(implicit, p.reflectName(a, true))
		}
		for i := range t.TypeArgs().Len() {
			args = append(args, p.reflectName(t.TypeArgs().At(i), true))
		}
		s := qualify(o.Pkg()) + o.Name()
		switch {
		case len(implicit) > 0 && len(args) > 0:
			s += "[" + strings.Join(implicit, ",") + ";" + strings.Join(args, ",") + "]"
		case len(implicit)+len(args) > 0:
			s += "[" + strings.Join(append(implicit, args...), ",") + "]"
		}
		if argument && local.number > 0 {
			s += fmt.Sprintf("·%d", local.number)
		}
		return s
	case *types.Pointer:
		return "*" + name(t.Elem())
	case *types.Slice:
		return "[]" + name(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), name(t.Elem()))
	case *types.Map:
		return "map[" + name(t.Key()) + "]" + name(t.Elem())
	case *types.Chan:
		elem := name(t.Elem())
		switch t.Dir() {
		case types.SendOnly:
			return "chan<- " + elem
		case types.RecvOnly:
			return "<-chan " + elem
		}
		if c, ok := types.Unalias(t.Elem()).(*types.Chan); ok && c.Dir() == types.RecvOnly {
			elem = "(" + elem + ")"
		}
		return "chan " + elem
	case *types.Signature:
		return "func" + p.reflectSignature(t, argument)
	case *types.Struct:
		var fields []string
		for i := range t.NumFields() {
			f := t.Field(i)
			s := name(f.Type())
			if !f.Embedded() {
				own := f.Name()
				if argument && !f.Exported() {
					own = qualify(f.Pkg()) + own
				}
				s = own + " " + s
			}
			if tag := t.Tag(i); tag != "" {
				s += fmt.Sprintf(" %q", tag)
			}
			fields = append(fields, s)
		}
		if len(fields) == 0 {
			return "struct {}"
		}
		return "struct { " + strings.Join(fields, "; ") + " }"
	case *types.Interface:
		var methods []string
		for i := range t.NumMethods() {
			m := t.Method(i)
			own := m.Name()
			if !m.Exported() {
				own = qualify(m.Pkg()) + own
			}
			methods = append(methods, own+p.reflectSignature(m.Signature(), argument))
		}
		if len(methods) == 0 {
			return "interface {}"
		}
		return "interface { " + strings.Join(methods, "; ") + " }"
	}
	return types.TypeString(t, (*types.Package).Name)
}

func (p *pass) reflectSignature(t *types.Signature, argument bool) string {
	list := func(l *types.Tuple, variadic bool) string {
		var out []string
		for i := range l.Len() {
			typ := l.At(i).Type()
			if s, ok := typ.(*types.Slice); ok && variadic && i == l.Len()-1 {
				out = append(out, "..."+p.reflectName(s.Elem(), argument))
			} else {
				out = append(out, p.reflectName(typ, argument))
			}
		}
		return strings.Join(out, ", ")
	}
	s := "(" + list(t.Params(), t.Variadic()) + ")"
	switch t.Results().Len() {
	case 0:
		return s
	case 1:
		return s + " " + list(t.Results(), false)
	}
	return s + " (" + list(t.Results(), false) + ")"
}
