package check

import (
	"go/ast"
	"go/parser"
	"go/token"
	"sort"
	"strings"
	"testing"
)

func TestFreeNames(t *testing.T) {
	tests := []struct{ statement, want string }{
		{"x := x + 1", "x"},
		{"x, y := f(z)", "f z"},
		{"x.y.z = a[b]", "a b x"},
		{"if x := f(); x > y { x++; z := x; z++ }", "f y"},
		{"for i := 0; i < n; i++ { i += k }", "k n"},
		{"for i, v := range xs { use(i, v) }", "use xs"},
		{"for i = range xs { }", "i xs"},
		{"switch x := f(); x { case a: y := x; _ = y; default: y() }", "a f y"},
		{"switch v := x.(type) { case T: use(v) }", "T use x"},
		{"select { case v := <-c: use(v); case d <- v: }", "c d use v"},
		{"func(a int, b T) (r R) { r = a; defer g(b); return q }(1, 2)", "R T g int q"},
		{"{ x := 1; _ = x }; ", ""},
		{"var x, y T = a, b", "T a b"},
		{"type T struct { a A; next *T }", "A"},
		{"const c = iota + k", "iota k"},
		{"loop: for { break loop }", ""},
		{"x := T{a: b, c: d}", "T a b c d"},
		{"x := []struct{ n N }{{n: 1}}", "N n"},
		{"f := func() { f() }", "f"},
		{"go w.run(x)", "w x"},
		{"x := interface{ M(p P) R }(nil)", "P R nil"},
	}
	for _, tt := range tests {
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p; func _() {\n"+tt.statement+"\n}", parser.SkipObjectResolution)
		if err != nil {
			t.Fatalf("%s: %v", tt.statement, err)
		}
		check(t, tt.statement, tt.want, f.Decls[0].(*ast.FuncDecl).Body.List[0])
	}
	declarations := []struct{ declaration, want string }{
		{"func (r *Recv[A, B]) M(x A) (y B) { z := x; return g(z, r, y) }", "Recv g"},
		{"func F[T cmp.Ordered, S ~[]T](x S) T { var zero T; return zero + other }", "cmp other"},
		{"type G[K comparable, V any] struct { m map[K]V; next *G[K, V]; h H }", "H any comparable"},
		{"var a, b = c, d", "c d"},
		{"func fib(n int) int { return fib(n-1) }", "fib int"},
	}
	for _, tt := range declarations {
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+tt.declaration, parser.SkipObjectResolution)
		if err != nil {
			t.Fatalf("%s: %v", tt.declaration, err)
		}
		check(t, tt.declaration, tt.want, f.Decls[0])
	}
}

func check(t *testing.T, source, want string, n ast.Node) {
	t.Helper()
	var got []string
	for name := range FreeNames(n) {
		got = append(got, name)
	}
	sort.Strings(got)
	if g := strings.Join(got, " "); g != want {
		t.Errorf("%s: free are %q, want %q", source, g, want)
	}
}
