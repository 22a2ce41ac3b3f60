package main

import "fmt"

type point struct{ x, y int }

func two() (int, string) { return 7, "seven" }

func main() {
	a, b, c := 1, 2, 3
	a, b, c = c, a, b
	xs := []int{1, 2, 3}
	i := 0
	i, xs[i] = 2, 9
	xs[0], xs[2] = xs[2], xs[0]
	fmt.Println(a, b, c, xs, i)
	n, s := two()
	n += len(s)
	n <<= 2
	n &^= 3
	var p struct {
		in  point
		arr [2]point
	}
	p.in.x, p.arr[1].y = 4, 5
	q := p
	q.in.x++
	m := map[string]int{"k": 1}
	m["k"]++
	m["new"] += 10
	v, ok := m["none"]
	fmt.Println(n, s, p, q, m["k"], m["new"], v, ok)
	k := []int{0, 0}
	func() {
		defer func() { fmt.Println(recover(), k) }()
		k[0], k[5] = 1, 2
	}()
}
