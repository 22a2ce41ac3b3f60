package main

import "fmt"

func counter() (func() int, func()) {
	n := 0
	return func() int { n++; return n }, func() { n = 0 }
}

func main() {
	c, reset := counter()
	c()
	c()
	fmt.Println(c())
	reset()
	fmt.Println(c())
	base := 10
	add := func(k int) int { return base + k }
	base = 20
	fmt.Println(add(1))
	var fib func(int) int
	fib = func(n int) int {
		if n < 2 {
			return n
		}
		return fib(n-1) + fib(n-2)
	}
	fmt.Println(fib(10))
	x := 1
	p := &x
	*p = 5
	fmt.Println(x, func() int { return x * 2 }())
}
