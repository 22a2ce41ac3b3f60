package battery

import "strings"

// shapes are pieces of programs as people write them, with expressions put in: $int is
// an expression of that type, $n a number from 0 to 4, names with a _ are made unique.
var shapes = []string{
	`var grid_ [2][3]int
grid_[$n%2][$n%3] = $int
copy_ := grid_
copy_[1][2]++
row_ := &grid_[1]
row_[0] = $int
fmt.Println(grid_, copy_, grid_ == copy_, *row_, len(grid_))`,

	`type inner_ struct{ *P; n int }
type outer_ struct{ inner_; Name string }
o_ := outer_{inner_{&P{X: $int, S: $string}, $n}, $string}
f_ := o_.Sum
g_ := o_.Move
o_.X = $int
g_($n)
p_ := o_
p_.Y += 5
fmt.Println(f_(), o_.Sum(), o_.Area(), p_.inner_.P == o_.P, o_.n, o_.Name)`,

	`for _, v_ := range []any{$any, $any, $MyInt, $P, nil, [2]int{1, $int}, struct{ A int }{$int}} {
	switch x_ := v_.(type) {
	case int, string:
		fmt.Print("basic ", x_, " ")
	case nil:
		fmt.Print("nil ", x_ == nil, " ")
	case [2]int:
		fmt.Print(x_[1], " ")
	case struct{ A int }:
		fmt.Print(x_.A, x_ == struct{ A int }{3}, " ")
	case Shape:
		if fmt.Sprintf("%T", x_) != "*main.P" { fmt.Print(x_.Area(), " ") }
	case interface{ String() string }:
		fmt.Print(x_.String(), " ")
	default:
		fmt.Printf("%T ", x_)
	}
}
fmt.Println()`,

	`i_ := 0
again_:
i_++
if i_ < $n+2 {
	if i_%2 == 0 {
		goto again_
	}
	fmt.Print("odd ", i_, " ")
	goto again_
}
fmt.Println("end", i_)`,

	`d_ := func(n int) (sum int, err error) {
	defer func() {
		if r := recover(); r != nil {
			sum, err = -sum, fmt.Errorf("caught %v", r)
		}
	}()
	for k := range n {
		defer func() { sum += k }()
		sum += $int
		if k == $n {
			var p *P
			if $bool { panic(fmt.Sprint("k=", k)) }
			sum += p.X
		}
	}
	return sum * 2, nil
}
fmt.Println(d_($n))
fmt.Println(d_(4))`,

	`run("nested_", func() {
	defer func() { fmt.Println("outer", recover()) }()
	defer func() {
		defer func() { fmt.Println("inner", recover()); panic($string) }()
		panic($int)
	}()
	panic(&Failure{$n})
})`,

	`type key_ struct{ a int; b string }
m_ := map[key_][]int{}
m_[key_{$n, "x"}] = append(m_[key_{$n, "x"}], $int)
m_[key_{$n, $string}] = append(m_[key_{1, "x"}], $int, 2)
total_ := 0
for k, v := range m_ { total_ += k.a + len(v) + len(k.b) }
a_ := map[any]int{1: 1, "1": 2, key_{1, "1"}: 3, MyInt(1): 4, [1]int{1}: 5}
a_[key_{1, "1"}] += $int
fmt.Println(len(m_), total_, a_[1], a_["1"], a_[key_{1, "1"}], a_[MyInt(1)], a_[[1]int{1}], a_[int64(1)])`,

	`walk_ := func(yield func(int, string) bool) {
	defer fmt.Print("left ")
	for i, s := range []string{"a", $string, "c"} {
		if !yield(i, s) { return }
	}
}
find_ := func(want int) (string, bool) {
	for i, s := range walk_ {
		if i == want { return s, true }
		for j := range count(3) {
			if j > i { break }
			fmt.Print(j, " ")
		}
	}
	return "", false
}
fmt.Println(find_($n))
fmt.Println(find_(1))`,

	`s_ := $string + "é€"
b_ := []byte(s_)
r_ := []rune(s_)
for i, c := range s_ { fmt.Print(i, ":", string(c), " ") }
if len(b_) > 0 { b_[0] ^= 0x20 }
fmt.Println(len(s_), len(r_), string(r_[len(r_)-1]), s_ < "b", string(b_), s_[len(s_)-1], strings.ToUpper(s_), fmt.Sprintf("%q %x %-6s|%6s|", s_, s_, s_, "ab"))`,

	`const (
	a_ = iota * 10
	b_
	_
	c_ MyInt = iota + 1<<3
	d_
)
x_ := $int
{
	x_ := x_ + a_ + b_
	x_++
	fmt.Print(x_, " ")
	if x_ := $string; x_ != "" { fmt.Print(x_, " ") } else { fmt.Print(len(x_), " ") }
}
fmt.Println(x_, b_, c_, d_, c_+d_)`,

	`var fs_ []func() int
for i, v := range []int{$int, $int, 3} {
	w := v * 2
	fs_ = append(fs_, func() int { w += i; v++; return v + w })
	w++
}
for i := range 3 { defer func() { _ = i }() }
for i := 0; i < 3; i++ { p := &i; fs_ = append(fs_, func() int { *p += 2; return i }) }
for _, f := range fs_ { fmt.Print(f(), f(), " ") }
fmt.Println()`,

	`list_ := []P{{X: 1}, {X: $int}, {X: 3}}
for _, p := range list_ { p.X = 100; p.Move(1) }
for i := range list_ { list_[i].Move($n) }
q_ := &list_[1]
list_ = append(list_, P{S: $string})
q_.X = 77
arr_ := [2]P{{X: 1}, {X: 2}}
for i, p := range arr_ { arr_[1].X = 50; fmt.Print(i, p.X, " ") }
base_ := make([]int, 2, 4)
t_ := append(base_, 1)
u_ := append(base_, $int)
w_ := append(base_[:1:1], 9)
fmt.Println(list_, q_.X, t_, u_, w_, base_, cap(base_[1:]))`,

	`pair_ := func(x int) (int, string) { return x + 1, fmt.Sprint(x) }
take_ := func(n int, s string, more ...any) string { return fmt.Sprint(n, s, len(more), more) }
join_ := func(parts ...string) string { return strings.Join(parts, "+") }
a_, b_ := pair_($int)
_, c_ := pair_(a_)
fmt.Println(take_(pair_($int)), join_(), join_($string, b_), join_([]string{c_, "z"}...), take_(1, "a", $any == nil, 2))`,

	`x_ := $uint8
y_ := $int16
z_ := $uint64
x_ <<= $n
x_ &^= 5
x_ |= 1
y_ >>= 2
y_ %= 7
z_ ^= ^uint64(0)
z_ /= uint64(x_)
y_ /= int16(x_)
fmt.Printf("%d %d %d %08b %x %v %v\n", x_, y_, z_, x_, z_, -y_, ^x_)`,

	`type shape_ interface { Shape; fmt.Stringer }
var sh_ Shape = Q{P: $P}
_, isStringer_ := sh_.(fmt.Stringer)
_, isShape_ := sh_.(shape_)
var e1_, e2_ error = &Failure{$n}, &Failure{1}
var np_ *Failure
var ne_ error = np_
var st_ fmt.Stringer = $MyInt
fmt.Println(isStringer_, isShape_, e1_ == e2_, e1_ == e1_, ne_ == nil, np_ == nil, st_, st_ == fmt.Stringer(MyInt(3)))`,

	`ops_ := map[string]func(int, int) int{"+": func(a, b int) int { return a + b }, "max": func(a, b int) int { return max(a, b, $n) }}
var fib_ func(int) int
fib_ = func(n int) int { if n < 2 { return n }; return fib_(n-1) + fib_(n-2) }
sum_ := P.Sum
move_ := (*P).Move
p_ := $P
move_(&p_, $n)
fmt.Println(ops_["+"]($int, 2), ops_["max"]($int, 1), ops_["none"] == nil, fib_(10), sum_(p_), p_)`,

	`anon_ := struct{ A int; B struct{ C []string } }{A: $int}
anon_.B.C = append(anon_.B.C, $string)
other_ := struct{ X, Y int; Z any }{1, $int, $MyInt}
same_ := other_
same_.Y++
fmt.Printf("%v %+v %v %T\n", anon_, other_, other_ == same_, same_)`,

	`list_ := []int{5, 2, $int, 8}
n_ := copy(list_[1:], list_)
m_ := map[string]int{"a": 1, "b": $int}
delete(m_, "a")
fmt.Println(n_, list_, len(m_), min(list_[0], $int), max(2.5, float64(list_[1])))
clear(m_)
clear(list_[:2])
sort.Slice(list_, func(i, j int) bool { return list_[i] > list_[j] })
fmt.Println(list_, m_, list_[1:2:3], cap(list_[1:2:3]))`,

	`trace_ := []string{}
t_ := func(s string, n int) int { trace_ = append(trace_, s); return n }
ar_ := []int{1, 2, 3, 4}
ar_[t_("i", 1)], ar_[t_("j", 2)] = t_("a", $int), t_("b", 5)
ar_[t_("k", 0)] += t_("c", $int)
if t_("l", 1) > 0 && t_("m", 0) > 0 || t_("n", 1) > 0 { ar_[3]-- }
mp_ := map[int]int{t_("o", 1): t_("p", 2)}
fmt.Println(trace_, ar_, mp_, t_("q", 1)+t_("r", 2)*t_("s", 3))`,

	`switch n_ := $int; {
case n_ > 1000:
	fmt.Println("big")
default:
	fmt.Println("default", n_ > 0)
	fallthrough
case n_ < 0:
	fmt.Println("below or fallen")
case n_ == 5, $bool:
	fmt.Println("five or", $bool)
}
switch v_ := any($MyInt); v_ {
case 3, "x":
	fmt.Println("untyped")
case MyInt(7), MyInt($n):
	fmt.Println("typed")
}`,

	`func() {
	wait_ := make(chan int)
	var out_ []int
	for i := range 3 {
		go func() { wait_ <- i * $n }()
	}
	for range 3 { out_ = append(out_, <-wait_) }
	sort.Ints(out_)
	full_ := make(chan string, 1)
	full_ <- $string
	select {
	case full_ <- "more":
		fmt.Print("sent ")
	default:
		fmt.Print("full ")
	}
	close(full_)
	a, ok1 := <-full_
	b, ok2 := <-full_
	fmt.Println(out_, a, ok1, b, ok2, len(full_), cap(full_))
}()`,

	`run("error_", func() {
	var m_ map[string]int
	var a_ any = $any
	var s_ []int = $[]int
	switch $n {
	case 0:
		m_["x"] = 1
	case 1:
		fmt.Println(a_.(string))
	case 2:
		fmt.Println(s_[len(s_)+$n])
	case 3:
		lit_ := []int{1, 2, len(s_)} // capacities of what append made are the compiler's affair
		fmt.Println(lit_[2:len(lit_)+$n], a_.(Shape))
	default:
		var f func(int) int
		fmt.Println(len(m_), f(3))
	}
})`,

	`type node_ struct { left, right *node_; val int }
var add_ func(n *node_, v int) *node_
add_ = func(n *node_, v int) *node_ {
	if n == nil { return &node_{val: v} }
	if v < n.val { n.left = add_(n.left, v) } else { n.right = add_(n.right, v) }
	return n
}
var each_ func(n *node_, f func(int))
each_ = func(n *node_, f func(int)) {
	if n != nil { each_(n.left, f); f(n.val); each_(n.right, f) }
}
var root_ *node_
for _, v := range []int{5, $int, 3, $int, 9} { root_ = add_(root_, v) }
var vals_ []int
each_(root_, func(v int) { vals_ = append(vals_, v) })
fmt.Println(vals_, root_.val, root_.left == nil)`,

	`fmt.Printf("%v %d %s %q %x %5d|%-5d|%05d %t %8.3f %e %c %U %p\n", $MyInt, $MyInt, $MyInt, $Name, $string, $int, $int, $n, $bool, $float64, 2.5, 'x', 'é', nil)
fmt.Printf("%+v %#v %T %v\n", $P, $[3]int, $Pair[string, int], []any{$int, $Name, $P, nil})
fmt.Printf("%[2]d %[1]s %d%% %!|%z\n", "a", 2, 3)`,

	`{
	type box_[T any] struct{ v T; n int }
	bs_ := []box_[string]{{$string, 1}, {"z", $int}}
	bi_ := box_[MyInt]{v: $MyInt}
	q_ := Pair[Name, box_[int]]{$Name, box_[int]{$int, 2}}
	fmt.Printf("%v %+v %v %T\n", bs_, bi_, q_.Show(), bi_)
	fmt.Println(Map(bs_, func(b box_[string]) int { return len(b.v) + b.n }), Map([]P{$P}, P.Sum), Total(1.5, $float64))
}`,

	`st_ := Stack[Stack[int]]{}
st_.Push(Stack[int]{items: $[]int})
st_.Push($Stack[int])
c_ := st_
c_.Push(Stack[int]{})
push_ := st_.items[0].Push
push_($int)
fmt.Println(st_.Len(), c_.Len(), st_.items[0].Len(), Map(c_.items, Stack[int].Len), keys(map[string]P{"b": $P, "a": {}}))`,

	`var w_ strings.Builder
for i, f := range strings.Fields("one two " + $string) {
	if i > 0 { w_.WriteByte(',') }
	fmt.Fprintf(&w_, "%d=%s", i, strings.Repeat(f, $n%3))
}
fmt.Println(w_.String(), w_.Len(), strings.Map(func(r rune) rune { if r == 'o' { return -1 }; return r + 1 }, w_.String()))`,
}

// shape writes one of the shapes.
func (g *generator) shape() {
	text := shapes[g.rnd.Intn(len(shapes))]
	unique := g.fresh("")
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '_' && i > 0 && isLetter(text[i-1]) && (i+1 == len(text) || !isLetter(text[i+1])):
			b.WriteString("_" + unique)
		case c == '$' && strings.HasPrefix(text[i:], "$n"):
			b.WriteByte("01234"[g.rnd.Intn(5)])
			i++
		case c == '$':
			t := typeAt(text[i+1:])
			b.WriteString("(" + g.valueOf(t, 2) + ")")
			i += len(t)
		default:
			b.WriteByte(c)
		}
	}
	for _, line := range strings.Split(b.String(), "\n") {
		g.line("%s", line)
	}
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// typeAt is the type that a text begins with.
func typeAt(text string) string {
	best := ""
	for _, list := range [][]string{basics, composites} {
		for _, t := range list {
			if strings.HasPrefix(text, t) && len(t) > len(best) {
				best = t
			}
		}
	}
	if best == "" {
		panic("generate: no type at " + text)
	}
	return best
}
