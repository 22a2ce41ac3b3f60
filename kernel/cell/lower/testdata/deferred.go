package main

import (
	"errors"
	"fmt"
	"os"
)

func safe(a, b int) (q int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("recovered: %v", r)
			q = -1
		}
	}()
	return a / b, nil
}

func order() (s string) {
	for i := range 3 {
		defer func(k int) { s += fmt.Sprint(k, i) }(i * 10)
	}
	return "r"
}

func handle() {
	if r := recover(); r != nil {
		fmt.Println("handled", r)
	}
}

func nested() {
	defer fmt.Println("outer deferred")
	defer func() {
		defer func() { fmt.Println("inner", recover()) }()
		panic("second")
	}()
	defer handle()
	panic(errors.New("first"))
}

func re() {
	defer func() {
		r := recover()
		_, ok := r.(error)
		fmt.Println(r, ok)
	}()
	var xs []int
	_ = xs[len(os.Args)+3]
}

func main() {
	fmt.Println(safe(7, 2))
	fmt.Println(safe(1, 0))
	fmt.Println(order())
	nested()
	var m map[string]int
	func() {
		defer func() { fmt.Println(recover()) }()
		m["a"] = 1
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		var p *struct{ n int }
		p.n = 1
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		xs := make([]int, 2, 4)
		n := 5
		_ = xs[1:n]
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		var x any = "s"
		_ = x.(int)
	}()
}
