package main

import "fmt"

func main() {
	var fs []func() int
	for i := 0; i < 3; i++ {
		if i == 1 {
			continue
		}
		fs = append(fs, func() int { i += 10; return i })
	}
	for _, f := range fs {
		fmt.Print(f(), " ", f(), " ")
	}
	for i := range 3 {
		fmt.Print(i)
	}
	fmt.Println()
	for i, r := range "aé\xff日" {
		fmt.Print(i, ":", r, " ")
	}
	fmt.Println()
	a := [3]int{1, 2, 3}
	for i, v := range a {
		a[2] = 10
		fmt.Print(i, v, " ")
	}
	for i, v := range &a {
		a[2] = 20
		fmt.Print(i, v, " ")
	}
	fmt.Println()
outer:
	for i := 0; ; i++ {
		for j := range 4 {
			switch {
			case j == 2:
				continue outer
			case i == 2:
				break outer
			}
			fmt.Print(i, j, " ")
		}
	}
	fmt.Println()
	sum := 0
	for k, v := range map[int]int{1: 2, 3: 4} {
		sum += k * v
	}
	fmt.Println(sum)
	n := 0
again:
	n++
	if n < 3 {
		goto again
	}
	fmt.Println(n)
}
