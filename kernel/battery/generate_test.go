package battery

import (
	"fmt"
	"math/rand"
	"strings"
)

// generate writes a program of Go that prints a lot, always ends and gives the same
// output each time: what the fuzzer runs both compiled and in a cell. Equal seeds give
// equal programs.
func generate(seed int64) string {
	g := &generator{rnd: rand.New(rand.NewSource(seed))}
	g.program()
	return g.out.String()
}

// generator writes one program. Everything is typed: an expression is asked for by the
// type that it shall have.
type generator struct {
	rnd    *rand.Rand
	out    strings.Builder
	indent int
	scopes [][]variable
	names  int
	depth  int // of the expression or block being written
	funcs  []function
}

type variable struct {
	name, typ string
	fixed     bool // a loop's counter, which must not be assigned
}

type function struct {
	name   string
	params []string
	result string
}

// basics are types of which there are literals, operators and conversions.
var basics = []string{"int", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float64", "string", "bool", "MyInt", "Name"}

var composites = []string{"[]int", "[]string", "[3]int", "map[string]int", "map[int]string", "P", "*P", "Q", "Shape", "any", "error", "func(int) int", "Stack[int]", "[]P", "map[string]P", "Pair[string, int]"}

// header is in every program: types with methods, generics, errors, and run, which
// reports what a function panics with.
const header = `package main

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

type MyInt int

func (m MyInt) String() string { return fmt.Sprint("MyInt<", int(m), ">") }

type Name string

type P struct {
	X, Y int
	S    string
}

func (p P) Sum() int      { return p.X + p.Y }
func (p P) Area() float64 { return float64(p.X) * float64(p.Y) }
func (p *P) Move(d int)   { p.X += d; p.Y -= d }

type Q struct {
	P
	Inner *P
	Tags  []string
}

func (q Q) Area() float64 { return q.P.Area() * 2 }

type Circle struct{ R float64 }

func (c *Circle) Area() float64 { return c.R * c.R * 3 }

type Shape interface{ Area() float64 }

type Failure struct{ Code int }

func (f *Failure) Error() string { return fmt.Sprintf("failure %d", f.Code) }

var ErrBase = errors.New("base")

type Stack[T any] struct{ items []T }

func (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }
func (s Stack[T]) Len() int  { return len(s.items) }

type Pair[K comparable, V any] struct {
	Key K
	Val V
}

func (p Pair[K, V]) Show() string { return fmt.Sprintf("%v=%v", p.Key, p.Val) }

type Number interface {
	~int | ~int8 | ~uint8 | ~int16 | ~uint16 | ~int32 | ~uint32 | ~int64 | ~uint64 | ~float64
}

func Total[T Number](xs ...T) (t T) {
	for _, x := range xs {
		t += x
	}
	return
}

type Whole interface {
	~int | ~int8 | ~uint8 | ~int16 | ~uint16 | ~int32 | ~uint32 | ~int64 | ~uint64
}

func div[T Whole](a, b T) T { return a / b }
func rem[T Whole](a, b T) T { return a % b }

func at[T any](s []T, i int) T { return s[i] }

func number(v any) int { return v.(int) }

func Map[T, U any](xs []T, f func(T) U) []U {
	var out []U
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

func keys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func count(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func kind(v any) string {
	switch x := v.(type) {
	case nil:
		return "nil"
	case int, int64:
		return fmt.Sprintf("integer %v", x)
	case MyInt:
		return "MyInt " + x.String()
	case Name:
		return "Name " + string(x)
	case string:
		return "string " + x
	case P:
		return fmt.Sprint("P ", x.Sum())
	case *P:
		if x == nil {
			return "nil *P"
		}
		return fmt.Sprint("*P ", x.X)
	case error:
		return "error " + x.Error()
	case Shape:
		return fmt.Sprint("shape ", x.Area())
	case []int:
		return fmt.Sprint("ints ", len(x))
	case func(int) int:
		return "func"
	case fmt.Stringer:
		return "stringer"
	}
	return fmt.Sprintf("other %T", v)
}

func run(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			if e, ok := r.(error); ok {
				fmt.Println(name, "error:", e)
				return
			}
			fmt.Println(name, "panic:", r)
		}
	}()
	f()
}

func use(xs ...any) int { return len(xs) }

`

func (g *generator) program() {
	g.out.WriteString(header)
	g.scopes = [][]variable{nil}
	for range 3 {
		t := g.pick(append(basics, composites...)...)
		name := g.fresh("g")
		g.line("var %s %s = %s", name, t, g.expr(t, 2))
		g.declare(name, t)
	}
	globals := g.scopes
	for range 3 + g.rnd.Intn(4) {
		g.scopes = [][]variable{globals[0]}
		g.function()
	}
	g.scopes = [][]variable{globals[0]}
	g.line("func main() {")
	g.block(4+g.rnd.Intn(5), func() {
		for i := range 3 {
			g.line("run(%q, func() {", fmt.Sprintf("part %d", i))
			g.block(6+g.rnd.Intn(8), nil)
			g.line("})")
		}
		g.printAll()
	})
	g.line("}")
}

func (g *generator) pick(list ...string) string { return list[g.rnd.Intn(len(list))] }

func (g *generator) fresh(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

func (g *generator) line(format string, args ...any) {
	g.out.WriteString(strings.Repeat("\t", g.indent))
	fmt.Fprintf(&g.out, format, args...)
	g.out.WriteByte('\n')
}

func (g *generator) declare(name, typ string) {
	top := len(g.scopes) - 1
	g.scopes[top] = append(g.scopes[top], variable{name: name, typ: typ})
}

// vars gives the variables of a type that are in scope.
func (g *generator) vars(typ string, assignable bool) []string {
	var out []string
	for _, s := range g.scopes {
		for _, v := range s {
			if v.typ == typ && !(assignable && v.fixed) {
				out = append(out, v.name)
			}
		}
	}
	return out
}

// function writes a function that calls only those before it, so that every call ends.
func (g *generator) function() {
	f := function{name: g.fresh("f"), result: g.pick(append(basics, composites...)...)}
	g.scopes = append(g.scopes, nil)
	var params []string
	for range g.rnd.Intn(3) {
		t := g.pick(append(basics, composites...)...)
		name := g.fresh("p")
		f.params = append(f.params, t)
		params = append(params, name+" "+t)
		g.declare(name, t)
	}
	named := g.rnd.Intn(3) == 0
	result := f.result
	if named {
		name := g.fresh("r")
		result = fmt.Sprintf("(%s %s)", name, f.result)
		g.declare(name, f.result)
	}
	g.line("func %s(%s) %s {", f.name, strings.Join(params, ", "), result)
	g.block(3+g.rnd.Intn(5), func() {
		if named && g.rnd.Intn(2) == 0 {
			g.line("defer func() { if x := recover(); x != nil { fmt.Println(%q, x) } }()", f.name)
		}
		if named {
			g.line("return")
			return
		}
		g.line("return %s", g.expr(f.result, 3))
	})
	g.line("}")
	g.out.WriteByte('\n')
	g.scopes = g.scopes[:len(g.scopes)-1]
	g.funcs = append(g.funcs, f)
}

// block writes statements, and what end writes.
func (g *generator) block(statements int, end func()) {
	g.indent++
	g.scopes = append(g.scopes, nil)
	g.depth++
	for range statements {
		g.statement()
	}
	if end != nil {
		end()
	}
	g.depth--
	g.scopes = g.scopes[:len(g.scopes)-1]
	g.indent--
}

// printAll prints every variable in scope.
func (g *generator) printAll() {
	for _, s := range g.scopes {
		for _, v := range s {
			g.print(v.name, v.typ)
		}
	}
}

// print writes a statement that shows a value without addresses.
func (g *generator) print(e, typ string) {
	switch typ {
	case "func(int) int":
		g.line("if f := (%s); f != nil { fmt.Println(f(3)) }", e)
	case "*P":
		g.line("if x := (%s); x != nil { fmt.Println(*x) } else { fmt.Println(x) }", e)
	case "Shape":
		g.line("if x := Shape(%s); x != nil { fmt.Println(x.Area()) }", e)
	case "Q":
		g.line("fmt.Printf(\"%%+v %%v %%v\\n\", (%s).P, (%s).Tags, (%s).Inner != nil)", e, e, e)
	case "any":
		g.line("fmt.Println(kind(%s))", e)
	default:
		g.line("fmt.Printf(\"%%v %%+v %%T\\n\", %s, %s, %s)", e, e, e)
	}
}
