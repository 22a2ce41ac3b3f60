package cell

import (
	"sort"
	"strings"
	"testing"
)

// A step of a notebook: a cell, and what the front end answers.
type step struct {
	text string
	errs []string // what the errors begin with; none: accepted
	live string   // checks of live declarations: "name:type" by spaces
}

func runSteps(t *testing.T, steps []step) *Session {
	t.Helper()
	s := New()
	for i, st := range steps {
		p, err := s.Prepare(i+1, "", st.text)
		var got []string
		if err != nil {
			for _, d := range err.(Errors) {
				got = append(got, d.String())
			}
		} else {
			s.Commit(p)
		}
		ok := len(got) == len(st.errs)
		for j := range got {
			ok = ok && strings.HasPrefix(got[j], st.errs[j])
		}
		if !ok {
			t.Errorf("cell %d\n%s\nerrors:\n%s\nwant:\n%s", i+1, st.text, strings.Join(got, "\n"), strings.Join(st.errs, "\n"))
		}
		for _, w := range strings.Fields(st.live) {
			name, typ, _ := strings.Cut(w, ":")
			o := s.live.lookup(name)
			if o == nil {
				t.Errorf("cell %d: %s is not live", i+1, name)
			} else if g := plain(strings.ReplaceAll(o.Type().String(), " ", "")); g != typ {
				t.Errorf("cell %d: %s has the type %s, want %s", i+1, name, g, typ)
			}
		}
	}
	return s
}

func TestNotebooksAreChecked(t *testing.T) {
	tests := map[string][]step{
		"a variable keeps or changes its type": {
			{text: "x := 1", live: "x:int"},
			{text: "x := x + 1", live: "x:int"},
			{text: `x := "s"`, live: "x:string"},
			{text: "x = 3", errs: []string{"1:5: cannot use 3 (untyped int constant) as string value in assignment"}},
			{text: "x := len(x)", live: "x:int"},
		},
		"a name is declared twice in a cell": {
			{text: "x := 1\nx = x + 1\nx := \"a\"\nx += \"b\"\nx", live: "x:string"},
			{text: "x = \"c\"\nx := 4\nx++", live: "x:int"},
			{text: "x = \"c\"", errs: []string{`1:5: cannot use "c"`}},
		},
		"names kept in a block": {
			{text: "f := func() (int, error) { return 1, nil }\na, err := f()\ndefer println(a)\nb, err := f()\nb", live: "err:error b:int"},
			{text: "a := a + 1\ndefer println(a)\na := a * 2\na", live: "a:int"},
			{text: "a, c := float64(a), a", live: "a:float64 c:int"},
			{text: "c, d := 2.5, 3", live: "c:float64 d:int"},
			{text: "q := 1\nq, r := 2, q\nq := \"s\"", live: "q:string r:int"},
			{text: "z := 1\nz, y := 2.5, 3", live: "z:float64 y:int"},
			{text: "u := 1\nu, v := undefinedThing, 3", errs: []string{"2:9: undefined: undefinedThing"}},
		},
		"a variable is used before its declaration": {
			{text: "println(q)\nq := 1", errs: []string{"1:9: undefined: q"}},
			{text: "f := func() int { return f() }", errs: []string{"1:26: undefined: f"}},
		},
		"methods come later": {
			{text: "type T struct{ n int }"},
			{text: "t := T{4}\nts := []T{{1}, {2}}\nvar m map[string]*T"},
			{text: "func (t T) Dbl() int { return t.n * 2 }\nt.Dbl()"},
			{text: "t = T{5}\nts = append(ts, t)\nm = map[string]*T{\"a\": {6}}\nt.Dbl() + ts[0].Dbl() + m[\"a\"].Dbl()"},
			{text: "t = 3", errs: []string{"1:5: cannot use 3 (untyped int constant) as T value in assignment"}},
			{text: "func (t T) n() int { return 1 }", errs: []string{"1:12: field and method with the same name n"}},
			{text: "t.Dbl()"},
		},
		"a type is declared again in the same words": {
			{text: "type T struct{ n int }\nfunc (t T) Get() int { return t.n }"},
			{text: "t := T{4}\nfunc use(t T) int { return t.Get() }"},
			{text: "type T struct{ n int }\nfunc (t T) Get() int { return t.n + 1 }"},
			{text: "use(t)\nuse(T{1})\nt = T{2}", errs: []string{}},
		},
		"a type is redefined": {
			{text: "type P struct{ A, R int }"},
			{text: "p := P{1, 2}\nfunc area(p P) int { return p.R }\nfunc first(p P) int { return p.A }"},
			{text: "type P struct{ A, B int }"},
			{text: "first(P{1, 2})"},
			{text: "area(p)"},
			{text: "first(p)", errs: []string{"1:7: cannot use p (variable of struct type P) as P value in argument to first\n\tp has the type P of cell [1], P was redefined in cell [3]"}},
			{text: "p.R"},
			{text: "area(P{})", errs: []string{"1:6: cannot use P{} (value of struct type P) as P value in argument to area"}},
			{text: "type P struct{ A, B, R int }"},
			{text: "area(P{1, 2, 3})"},
		},
		"a constant changes": {
			{text: "const n = 3"},
			{text: "type A [n]int\nvar a A\nfunc size() int { return len(A{}) }"},
			{text: "const n = 4"},
			{text: "var b A = [4]int{}\na[2] = 1"},
			{text: "const n = \"x\""},
			{text: "var c A = [4]int{}"},
		},
		"imports": {
			{text: `import "strings"`},
			{text: "func up(s string) string { return strings.ToUpper(s) }"},
			{text: `strings := []string{"a"}` + "\nlen(strings)"},
			{text: `up("q")`},
			{text: "type T struct{}\nfunc (T) M() string { return up(\"x\") }"},
			{text: "func id(s string) string { return s }\nfunc up(s string) []string { return nil }"},
			{text: "T{}.M()"},
			{text: "func up(s string) string { return id(s) }"},
			{text: `import s "strings"` + "\ns.ToUpper(\"x\")\n"},
		},
		"errors": {
			{text: "strings.ToUpper(\"a\")", errs: []string{"1:1: undefined: strings"}},
			{text: "func f() int { x := 1; return 2 }\nvar y int = \"a\"", errs: []string{"1:16: declared and not used: x", `2:13: cannot use "a"`}},
			{text: "x := 1\nif x == { }", errs: []string{"2:9: syntax error: unexpected {, expected expression"}},
			{text: "1 + 2\n3", errs: []string{"1:1: 1 + 2 (untyped int constant 3) is not used"}},
		},
		"whole programs": {
			{text: "package main\n\nimport \"fmt\"\n\nfunc helper() int { return 1 }\n\nfunc main() { fmt.Println(helper()) }"},
			{text: "package main\n\nimport \"fmt\"\n\nfunc helper() int { return 2 }\n\nfunc main() { fmt.Println(helper()) }"},
			{text: "func init() { println(1) }\nfunc init() { println(2) }"},
		},
		"dot imports": {
			{text: `import . "strings"`},
			{text: `ToUpper("a")`},
			{text: "func ToUpper(n int) int { return n }\nToUpper(1)"},
		},
		"generic types are redefined": {
			{text: "type Box[T any] struct{ v T }\nfunc (b Box[T]) Get() T { return b.v }"},
			{text: "b := Box[int]{3}\nfunc get(b Box[int]) int { return b.Get() }"},
			{text: "func (b Box[T]) Twice() []T { return []T{b.v, b.v} }"},
			{text: "b = Box[int]{4}\n_ = get(b)\nb.Twice()"},
			{text: "import \"sync/atomic\"\ntype C struct{ n int }\nvar p atomic.Pointer[C]"},
			{text: "func (c C) N() int { return c.n }"},
			{text: "p.Store(&C{3})\np.Load().N()"},
		},
		"interfaces with earlier types": {
			{text: "type I interface{ A() int }\ntype T struct{}\nfunc (T) A() int { return 1 }\nfunc (T) B() int { return 2 }"},
			{text: "var i I = T{}"},
			{text: "type I interface{ A() int; B() int }"},
			{text: "var j I = T{}\nj.A() + j.B()"},
			{text: "i = T{}\nj = i", errs: []string{"2:5: cannot use i (variable of interface type I) as I value in assignment: I does not implement I (missing method B)"}},
		},
		"recursive functions and types": {
			{text: "type Tree struct{ L, R *Tree }\nfunc (t *Tree) N() int { if t == nil { return 0 }; return 1 + t.L.N() + t.R.N() }"},
			{text: "root := &Tree{}"},
			{text: "type Tree struct{ L, R *Tree }\nfunc (t *Tree) N() int { if t == nil { return 0 }; return 1 + t.L.N() + t.R.N() }"},
			{text: "root = &Tree{L: root}\nroot.N()"},
		},
		"methods of what cannot have any": {
			{text: "type P struct{ X int }\ntype Q = P\nvar v = 3\nfunc f() {}"},
			{text: "func (q Q) Get() int { return q.X }\nQ{1}.Get() + P{2}.Get()"},
			{text: "func (i int) Get() int { return 1 }", errs: []string{"1:9: cannot define new methods on non-local type int"}},
			{text: "import \"strings\"\nfunc (b strings.Builder) Get() int { return 1 }", errs: []string{"2:9: cannot define new methods on non-local type strings.Builder"}},
			{text: "func (b v) Get() int { return 1 }", errs: []string{"1:9: v (package-level variable) is not a type"}},
			{text: "func (b f) Get() int { return 1 }", errs: []string{"1:9: f (function) is not a type"}},
			{text: "func (b nothing) Get() int { return 1 }", errs: []string{"1:9: undefined: nothing"}},
			{text: "func (q *Q) Set() { q.X++ }\nvar q Q\nq.Set()\nq.Get()"},
			{text: "func (q Q) Get() string { return \"\" }\nQ{}.Get() + \"a\""},
			{text: "func (p P) Get() int { return 1 }\nQ{}.Get() + 1"},
		},
		"a type is made of an earlier name": {
			{text: "type A int\ntype S struct{ n int }"},
			{text: "type B A\ntype C = A\ntype D = S\nvar b B = 3\nvar c C = A(b)"},
			{text: "func (b B) Get() int { return int(b) }\nb.Get()"},
			{text: "func (a A) Get() int { return int(a) }\nc.Get() + C(1).Get()"},
			{text: "type A B"}, // of the earlier B
			{text: "type A float64"},
			{text: "type E = S\nfunc (e E) N() int { return e.n }\nS{1}.N()"},
			{text: "import . \"strings\"\nfunc (b Builder) Get() int { return 1 }", errs: []string{"2:9: cannot define new methods on non-local type strings.Builder"}},
			{text: "type Loop Loop", errs: []string{"1:6: invalid recursive type"}},
		},
		"kinds change": {
			{text: "type T struct{ n int }\nfunc (t T) Get() int { return t.n }\nfunc mk() T { return T{1} }\nvar t = mk()"},
			{text: "T := 3"},
			{text: "mk().Get() + t.Get() + T"},
			{text: "t = mk()"},
			{text: "type T struct{ n int }"},
			{text: "t = T{1}", errs: []string{"1:5: cannot use T{"}},
			{text: "func T() {}\nT()"},
			{text: "import T \"strings\"\nT.ToUpper(\"a\")"},
			{text: "const T = 4\nT + 1"},
		},
		"not in cells": {
			{text: "import \"unsafe\"", errs: []string{"1:8: package unsafe is not available in cells"}},
			{text: "import \"C\"", errs: []string{"1:8: cgo is not available in cells"}},
			{text: "import \"embed\"\n//go:embed x\nvar s string", errs: []string{"1:8: package embed is not available in cells"}},
			{text: "import \"internal/abi\"", errs: []string{"1:8: "}},
			{text: "import \"strngs\"", errs: []string{"1:8: package strngs is not in std"}},
			{text: "func f()", errs: []string{"1:9: missing function body"}},
		},
		"constants in groups": {
			{text: "type Day int\nconst (\n\tMon Day = iota\n\tTue\n\tWed\n)"},
			{text: "const Tue = \"tuesday\""},
			{text: "func (d Day) Name() string { return \"x\" }\nMon.Name() + Wed.Name() + Tue"},
			{text: "type Day string", live: "Tue:untypedstring"},
			{text: "Mon + 1"},
		},
		"errors of all parts": {
			{text: "x := 1\ny := undefinedOne\nx := \"a\"\nz := undefinedTwo", errs: []string{"2:6: undefined: undefinedOne", "4:6: undefined: undefinedTwo"}},
		},
		"builtins are shadowed": {
			{text: "n := len(\"abc\")\nlen := 3\nlen"},
			{text: "len + n"},
		},
	}
	names := make([]string, 0, len(tests))
	for n := range tests {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		t.Run(n, func(t *testing.T) { runSteps(t, tests[n]) })
	}
}

func TestRedefinitionTellsWhatCouldNotFollow(t *testing.T) {
	s := New()
	run := func(cell int, text string) *Program {
		t.Helper()
		p, err := s.Prepare(cell, "", text)
		if err != nil {
			t.Fatal(err)
		}
		s.Commit(p)
		return p
	}
	run(1, "type P struct{ A, R int }\np := P{1, 2}")
	run(2, "func area(p P) int { return p.R }\nfunc first(p P) int { return p.A }")
	got := run(3, "type P struct{ A, B int }").Notes
	want := "area of cell [2] still uses the earlier P: p.R undefined (type P has no field or method R)"
	if len(got) != 1 || got[0] != want {
		t.Errorf("notes %q, want %q", got, want)
	}
	if got := run(4, "type P struct{ A, B, C int }").Notes; len(got) != 0 {
		t.Errorf("it is told again: %q", got)
	}
	stale := strings.Join(s.Stale(), "\n")
	for _, w := range []string{"area of cell [2] still is what it was", "p of cell [1] has the type P of cell [1], which was redefined in cell [4]"} {
		if !strings.Contains(stale, w) {
			t.Errorf("Stale says\n%s\nwithout %q", stale, w)
		}
	}
	run(5, "type P struct{ A, R int }")
	if stale := strings.Join(s.Stale(), "\n"); strings.Contains(stale, "area") {
		t.Errorf("area checks again, but Stale says\n%s", stale)
	}
}

func TestReadsAreTheVariablesWhoseValuesACellNeeds(t *testing.T) {
	tests := []struct{ text, want string }{
		{"x + 1", "x"},
		{"x = 1", ""},
		{"x = 1\nx + y", "y"},
		{"x := 5\nx", ""},
		{"x := x + 1", "x"},
		{"x++", "x"},
		{"xs[0] = 1", "xs"},
		{"xs = append(xs, y)", "xs y"},
		{"func f() int { return x }", "x"},
		{"y, z := 1, x", "x"},
		{"var x int\nx", ""},
		{"x := \"other type\"\nx", ""},
		{"for i := range xs { y = i }", "xs"},
	}
	for _, tt := range tests {
		s := New()
		commit(t, s, 1, "x, y := 1, 2\nxs := []int{1}")
		p, err := s.Prepare(2, "", tt.text)
		if err != nil {
			t.Fatalf("%q: %v", tt.text, err)
		}
		if got := strings.Join(p.Reads, " "); got != tt.want {
			t.Errorf("%q reads %q, want %q", tt.text, got, tt.want)
		}
	}
}
