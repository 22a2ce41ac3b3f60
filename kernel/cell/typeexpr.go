package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// typeWriter writes the type of an earlier variable as source, so that it is read in
// terms of types that are being declared again. What does not mention those stands
// there under a made-up name.
type typeWriter struct {
	again  map[*types.TypeName]bool // objects that are declared again
	pos    token.Pos
	names  []types.Object // made-up names, to be inserted into the scope
	next   *int           // numbers them
	lookup func(name string) types.Object
	fail   bool // the type cannot be written
}

func (w *typeWriter) expr(t types.Type) ast.Expr {
	if !mentions(t, w.again) {
		return w.made(t)
	}
	switch t := t.(type) {
	case *types.Alias:
		if w.again[t.Obj()] && t.TypeArgs().Len() == 0 {
			return w.ident(t.Obj().Name())
		}
		return w.expr(types.Unalias(t))
	case *types.Named:
		var base ast.Expr
		if o := t.Origin().Obj(); w.again[o] {
			base = w.ident(o.Name())
		} else {
			base = w.object(o)
		}
		if t.TypeArgs().Len() == 0 {
			return base
		}
		var args []ast.Expr
		for i := range t.TypeArgs().Len() {
			args = append(args, w.expr(t.TypeArgs().At(i)))
		}
		if len(args) == 1 {
			return &ast.IndexExpr{X: base, Index: args[0]}
		}
		return &ast.IndexListExpr{X: base, Indices: args}
	case *types.Pointer:
		return &ast.StarExpr{Star: w.pos, X: w.expr(t.Elem())}
	case *types.Slice:
		return &ast.ArrayType{Lbrack: w.pos, Elt: w.expr(t.Elem())}
	case *types.Array:
		return &ast.ArrayType{Lbrack: w.pos, Len: &ast.BasicLit{ValuePos: w.pos, Kind: token.INT, Value: strconv.FormatInt(t.Len(), 10)}, Elt: w.expr(t.Elem())}
	case *types.Map:
		return &ast.MapType{Map: w.pos, Key: w.expr(t.Key()), Value: w.expr(t.Elem())}
	case *types.Chan:
		dir := map[types.ChanDir]ast.ChanDir{types.SendRecv: ast.SEND | ast.RECV, types.SendOnly: ast.SEND, types.RecvOnly: ast.RECV}[t.Dir()]
		return &ast.ChanType{Begin: w.pos, Dir: dir, Value: w.expr(t.Elem())}
	case *types.Struct:
		list := &ast.FieldList{Opening: w.pos, Closing: w.pos}
		for i := range t.NumFields() {
			f := t.Field(i)
			field := &ast.Field{Type: w.expr(f.Type())}
			if f.Embedded() {
				if !mentions(f.Type(), w.again) {
					w.fail = true // its name would be the made-up one
				}
			} else {
				field.Names = []*ast.Ident{w.ident(f.Name())}
			}
			if tag := t.Tag(i); tag != "" {
				field.Tag = &ast.BasicLit{ValuePos: w.pos, Kind: token.STRING, Value: strconv.Quote(tag)}
			}
			list.List = append(list.List, field)
		}
		return &ast.StructType{Struct: w.pos, Fields: list}
	case *types.Signature:
		return w.signature(t)
	case *types.Interface:
		list := &ast.FieldList{Opening: w.pos, Closing: w.pos}
		for i := range t.NumExplicitMethods() {
			m := t.ExplicitMethod(i)
			list.List = append(list.List, &ast.Field{Names: []*ast.Ident{w.ident(m.Name())}, Type: w.signature(m.Signature())})
		}
		for i := range t.NumEmbeddeds() {
			list.List = append(list.List, &ast.Field{Type: w.expr(t.EmbeddedType(i))})
		}
		return &ast.InterfaceType{Interface: w.pos, Methods: list}
	}
	w.fail = true
	return w.made(t)
}

func (w *typeWriter) signature(t *types.Signature) *ast.FuncType {
	list := func(tuple *types.Tuple, variadic bool) *ast.FieldList {
		l := &ast.FieldList{Opening: w.pos, Closing: w.pos}
		for i := range tuple.Len() {
			typ := tuple.At(i).Type()
			if s, ok := typ.(*types.Slice); ok && variadic && i == tuple.Len()-1 {
				l.List = append(l.List, &ast.Field{Type: &ast.Ellipsis{Ellipsis: w.pos, Elt: w.expr(s.Elem())}})
				continue
			}
			l.List = append(l.List, &ast.Field{Type: w.expr(typ)})
		}
		return l
	}
	return &ast.FuncType{Func: w.pos, Params: list(t.Params(), t.Variadic()), Results: list(t.Results(), false)}
}

func (w *typeWriter) ident(name string) *ast.Ident { return &ast.Ident{NamePos: w.pos, Name: name} }

// made gives a type a made-up name.
func (w *typeWriter) made(t types.Type) ast.Expr {
	*w.next++
	name := fmt.Sprintf("type·%d", *w.next)
	o := types.NewTypeName(w.pos, nil, name, nil)
	types.NewAlias(o, t)
	w.names = append(w.names, o)
	return w.ident(name)
}

// object names a generic type that is not declared again, but whose arguments are:
// atomic.Pointer[T].
func (w *typeWriter) object(o *types.TypeName) ast.Expr {
	n, ok := o.Type().(*types.Named)
	if !ok || n.TypeParams().Len() == 0 {
		return w.made(o.Type())
	}
	if p := o.Pkg(); p != nil && p.Path() != "main" && o.Exported() {
		return &ast.SelectorExpr{X: w.ident(importPrefix + p.Path()), Sel: w.ident(o.Name())}
	}
	if w.lookup(o.Name()) != o {
		w.fail = true
	}
	return w.ident(o.Name())
}

// importPrefix begins made-up names of imports, the path follows.
const importPrefix = "import·"
