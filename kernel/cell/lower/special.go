package lower

import (
	"fmt"
	"go/ast"
	"go/types"
)

// specialCall lowers calls of std functions that need the static types of their
// arguments.
func (f *fn) specialCall(e *ast.CallExpr, id *ast.Ident, o *types.Func, sig *types.Signature) (plan, bool) {
	switch o.FullName() {
	case "reflect.TypeFor":
		t := types.NewPointer(f.subst(f.info.Instances[id].TypeArgs.At(0)))
		text := f.convText("("+f.typ(t)+")(nil)", t, types.Universe.Lookup("any").Type())
		return plan{build: func([]string) string { return f.alias("reflect") + ".TypeForPointer(" + text + ")" }}, true
	case "errors.As":
		if len(e.Args) != 2 {
			return plan{}, false
		}
		p, ok := f.typeOf(e.Args[1]).Underlying().(*types.Pointer)
		if !ok {
			return plan{}, false
		}
		errType := sig.Params().At(0).Type()
		t := p.Elem()
		var tail string
		switch {
		case isInterface(t) && !nativeInterface(t):
			tail = fmt.Sprintf(", 0, %q", f.methodSetText(t))
		case !isInterface(t) && !f.native(t):
			id, _ := f.describe(t)
			tail = fmt.Sprintf(", %d, \"\"", id)
		default:
			return plan{}, false
		}
		target, _ := f.describe(f.typeOf(e.Args[1]))
		tail += fmt.Sprintf(", %d", target)
		texts := f.operands([]operand{
			{e: e.Args[0], low: func() string { return f.conv(e.Args[0], errType) }},
			{e: e.Args[1], low: func() string { return f.expr(e.Args[1]) }},
		})
		return plan{parts: zip(texts, []string{"error", f.typ(p)}), build: func(a []string) string {
			return f.rt("ErrorsAs") + "(" + a[0] + ", " + a[1] + tail + ")"
		}}, true
	}
	return plan{}, false
}
