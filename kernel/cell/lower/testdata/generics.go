package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

func mapped[T, U any](xs []T, f func(T) U) []U {
	r := make([]U, 0, len(xs))
	for _, x := range xs {
		r = append(r, f(x))
	}
	return r
}

type list[T any] struct {
	head *node[T]
	n    int
}

type node[T any] struct {
	v    T
	next *node[T]
}

func (l *list[T]) add(v T) { l.head = &node[T]{v, l.head}; l.n++ }

func (l *list[T]) each(f func(T)) {
	for n := l.head; n != nil; n = n.next {
		f(n.v)
	}
}

func largest[T cmp.Ordered](a T, rest ...T) T {
	for _, x := range rest {
		if x > a {
			a = x
		}
	}
	return a
}

type number interface{ ~int | ~float64 }

func total[M ~map[K]V, K comparable, V number](m M) (t V) {
	for _, v := range m {
		t += v
	}
	return
}

type id int

func (i id) String() string { return fmt.Sprintf("#%d", int(i)) }

func join[T fmt.Stringer](xs ...T) string {
	var parts []string
	for _, x := range xs {
		parts = append(parts, x.String())
	}
	return strings.Join(parts, ",")
}

func main() {
	fmt.Println(mapped([]int{1, 2}, func(i int) string { return fmt.Sprint("n", i) }))
	var l list[id]
	l.add(1)
	l.add(2)
	l.each(func(i id) { fmt.Print(i, " ") })
	fmt.Println(l.n, largest(3, 9, 4), largest("b", "a"), total(map[string]float64{"a": 1.5, "b": 2}))
	fmt.Println(join(id(4), id(5)))
	ps := []struct {
		name string
		age  int
	}{{"b", 2}, {"a", 1}}
	slices.SortFunc(ps, func(a, b struct {
		name string
		age  int
	}) int {
		return cmp.Compare(a.age, b.age)
	})
	fmt.Println(ps, slices.Contains([]string{"x"}, "x"))
}
