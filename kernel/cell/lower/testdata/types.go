package main

import (
	"fmt"
	"strings"
	"time"
)

type day int

const (
	mon day = iota
	tue
)

func (d day) String() string { return [...]string{"Mon", "Tue"}[d] }

type tree struct {
	l, r *tree
	v    int
}

func (t *tree) sum() int {
	if t == nil {
		return 0
	}
	return t.l.sum() + t.v + t.r.sum()
}

type nest map[string]nest

type state func(int) state

func start(n int) state { fmt.Println("start", n); return stop }
func stop(n int) state  { fmt.Println("stop", n); return nil }

type empty struct{}

type opt func(*strings.Builder)

func main() {
	fmt.Println(mon, tue, tue+0, []day{mon, tue})
	fmt.Printf("%v %d %s %q\n", tue, tue, tue, tue)
	t := &tree{&tree{nil, nil, 1}, &tree{v: 2}, 3}
	fmt.Println(t.sum())
	m := nest{"a": nest{"b": nil}}
	fmt.Println(len(m["a"]), m["a"]["b"] == nil)
	for s, i := state(start), 0; s != nil; i++ {
		s = s(i)
	}
	set := map[empty]bool{{}: true}
	fmt.Println(set[empty{}], len(set))
	var b strings.Builder
	for _, o := range []opt{func(b *strings.Builder) { b.WriteString("x") }} {
		o(&b)
	}
	fmt.Println(b.String(), time.Duration(1500)*time.Millisecond)
	type pair struct {
		a, b any
	}
	fmt.Println(pair{1, "x"} == pair{1, "x"}, pair{1, 2} == pair{1, 3})
	xs := []int{1, 2, 3, 4}
	arr := [2]int(xs)
	pa := (*[4]int)(xs)
	pa[0] = 9
	fmt.Println(arr, xs, min(3, 1, 2), max(2.5, 1), *new(42))
	clear(xs)
	fmt.Println(xs, complex(1, 2)*2i, uint8(200)+10, -7/2, -7%3, 1<<3|1)
	fmt.Println(string(rune(65)), []byte("hé"), []rune("hé"), string([]rune{26085}))
}
