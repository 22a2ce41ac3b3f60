package main

import "fmt"

type base struct{ n int }

func (b base) Get() int   { return b.n }
func (b *base) Add(k int) { b.n += k }

type derived struct {
	base
	name string
}

func (d derived) Get() int { return d.base.Get() * 100 }

type stack []float64

func (s *stack) Push(x float64) *stack { *s = append(*s, x); return s }
func (s stack) Len() int               { return len(s) }

type celsius float64

func (c celsius) String() string { return fmt.Sprintf("%.1f°C", float64(c)) }

func main() {
	d := derived{base{3}, "d"}
	d.Add(4)
	fmt.Println(d.Get(), d.base.Get(), d)
	get, add := d.base.Get, d.Add
	add(10)
	fmt.Println(get(), d.n)
	f, g := base.Get, (*base).Add
	g(&d.base, 1)
	fmt.Println(f(d.base), derived.Get(d))
	var s stack
	s.Push(1).Push(2)
	fmt.Println(s.Len(), s)
	t := celsius(21.55)
	fmt.Println(t, []celsius{t}, map[string]celsius{"a": t}, float64(t)+1)
	p := &d
	p.base.Add(1)
	fmt.Println((*p).Get(), p.name)
}
