package main

import (
	"fmt"
	"iter"
)

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func find(k int) (int, bool) {
	for v := range count(100) {
		if v%2 == 0 {
			continue
		}
		if v > k {
			return v, true
		}
	}
	return 0, false
}

func main() {
	fmt.Println(find(6))
outer:
	for a := range count(5) {
		for b := range count(5) {
			switch {
			case b == 2:
				continue outer
			case a == 3:
				break outer
			}
			fmt.Print(a, b, " ")
		}
	}
	fmt.Println()
	func() {
		for i := range count(2) {
			defer fmt.Println("deferred", i)
		}
		fmt.Println("end")
	}()
	var fs []func() int
	for i := range count(3) {
		fs = append(fs, func() int { i *= 2; return i })
	}
	fmt.Println(fs[0](), fs[1](), fs[2]())
	next, stop := iter.Pull(count(2))
	fmt.Println(next())
	stop()
	fmt.Println(next())
}
