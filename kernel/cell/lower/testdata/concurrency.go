package main

import (
	"fmt"
	"sync"
	"time"
)

func produce(n int) <-chan int {
	c := make(chan int)
	go func() {
		defer close(c)
		for i := range n {
			c <- i
		}
	}()
	return c
}

type msg struct {
	n     int
	reply chan string
}

func main() {
	sum := 0
	for v := range produce(5) {
		sum += v
	}
	fmt.Println(sum)
	box := make(chan msg, 1)
	go func() {
		for m := range box {
			m.reply <- fmt.Sprint("got ", m.n)
		}
	}()
	r := make(chan string)
	box <- msg{4, r}
	fmt.Println(<-r)
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for i := range 10 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			defer mu.Unlock()
			total += i
		}()
	}
	wg.Wait()
	fmt.Println(total)
	done := make(chan struct{})
	select {
	case v, ok := <-produce(1):
		fmt.Println(v, ok)
	case <-time.After(10 * time.Second):
		fmt.Println("late")
	}
	select {
	case <-done:
	default:
		fmt.Println("default")
	}
	close(done)
	_, ok := <-done
	fmt.Println(ok)
	var once sync.Once
	for range 2 {
		once.Do(func() { fmt.Println("once") })
	}
	errs := make(chan error, 1)
	errs <- nil
	fmt.Println(<-errs == nil)
}
