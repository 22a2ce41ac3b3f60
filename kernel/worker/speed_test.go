package worker

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/traefik/yaegi/interp"

	"netsplit/kernel/cell"
	"netsplit/kernel/pipe"
	"netsplit/kernel/rt"
)

// Speed beside bare yaegi, in one run:
//
//	go test ./kernel/worker -run '^$' -bench Speed -benchtime 1x
//
// Each row runs a program as yaegi alone runs it and as a cell, in turn, and reports
// the best time of each and their ratio, which carries over from one machine to
// another. The targets: calls of functions at most 1.25, of methods 0.5, of interfaces'
// methods 1.5.
var speeds = []struct{ name, text, call string }{
	{"function", `
func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}
func run() int { return fib(27) }`, "run()"},
	{"method", `
type counter struct{ n, by int }
func (c counter) next(k int) int { return c.n + c.by*k }
func run() int {
	c, s := counter{1, 2}, 0
	for i := 0; i < 200000; i++ {
		s += c.next(i)
	}
	return s
}`, "run()"},
	{"pointer method", `
type counter struct{ n, by int }
func (c *counter) add(k int) { c.n += c.by * k }
func run() int {
	c := &counter{1, 2}
	for i := 0; i < 200000; i++ {
		c.add(i)
	}
	return c.n
}`, "run()"},
	{"interface", `
type shape interface{ Area(k int) int }
type square struct{ side int }
func (s square) Area(k int) int { return s.side * k }
type rect struct{ a, b int }
func (r rect) Area(k int) int { return r.a * r.b * k }
func run() int {
	shapes := []shape{square{2}, rect{2, 3}}
	s := 0
	for i := 0; i < 200000; i++ {
		s += shapes[i%2].Area(i)
	}
	return s
}`, "run()"},
	{"loop", `
func run() int {
	s := 0
	for i := 0; i < 2000000; i++ {
		s += i & 7
	}
	return s
}`, "run()"},
	{"slice", `
func run() int {
	composite := make([]bool, 200000)
	n := 0
	for i := 2; i < len(composite); i++ {
		if !composite[i] {
			n++
			for j := 2 * i; j < len(composite); j += i {
				composite[j] = true
			}
		}
	}
	return n
}`, "run()"},
	{"struct pointers", `
type node struct{ key int; left, right *node }
func insert(t *node, key int) *node {
	if t == nil {
		return &node{key: key}
	}
	if key < t.key {
		t.left = insert(t.left, key)
	} else {
		t.right = insert(t.right, key)
	}
	return t
}
func run() int {
	var root *node
	x := 1
	for i := 0; i < 5000; i++ {
		x = x * 1103515245 + 12345
		x = x % 2147483648
		root = insert(root, x)
	}
	return root.key
}`, "run()"},
}

// cellRunner gives a function that runs cells one after the other, as a session does,
// and returns the values that each shows.
func cellRunner(b *testing.B) func(text string) []any {
	rt.Install(&loweredOutput{})
	session, in := cell.New(), newInterpreter(rt.Trace)
	number := 0
	return func(text string) []any {
		number++
		p, err := session.Prepare(number, "", text)
		if err != nil {
			b.Fatal(err)
		}
		for _, d := range p.Define {
			if err := in.Define(d); err != nil {
				b.Fatal(err)
			}
		}
		session.Commit(p)
		var values []any
		for _, entry := range p.Entry {
			f, err := in.Call(entry)
			if err != nil {
				b.Fatal(err)
			}
			v, fail := rt.Run(number, f)
			if fail != nil {
				b.Fatal(fail.Name, fail.Text)
			}
			values = append(values, v...)
		}
		return values
	}
}

func BenchmarkSpeedBesideYaegi(b *testing.B) {
	for _, s := range speeds {
		b.Run(s.name, func(b *testing.B) {
			plain := interp.New(interp.Options{})
			if _, err := plain.Eval(s.text); err != nil {
				b.Fatal(err)
			}
			lowered := cellRunner(b)
			lowered(s.text)
			best := [2]time.Duration{time.Hour, time.Hour}
			for range max(b.N, 9) {
				t := time.Now()
				want, err := plain.Eval(s.call)
				if err != nil {
					b.Fatal(err)
				}
				best[0] = min(best[0], time.Since(t))
				t = time.Now()
				got := lowered(s.call)
				best[1] = min(best[1], time.Since(t))
				if len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(want) {
					b.Fatalf("a cell gives %v, yaegi %v", got, want)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(best[0].Microseconds())/1000, "yaegi-ms")
			b.ReportMetric(float64(best[1].Microseconds())/1000, "cell-ms")
			b.ReportMetric(float64(best[1])/float64(best[0]), "ratio")
		})
	}
}

// A trivial cell, front end and worker process together. The targets: p50 below 2 ms,
// at most 20 KB kept by the worker per cell over 10,000 of them.
//
//	go test ./kernel/worker -run '^$' -bench TrivialCells -benchtime 10000x
func BenchmarkSpeedTrivialCells(b *testing.B) {
	b.Run("alone", func(b *testing.B) { trivialCells(b, cell.New(), start(b), 1) })
	b.Run("beside 2000 lines", func(b *testing.B) {
		session, p := cell.New(), start(b)
		text := ""
		for i := range 200 {
			text += fmt.Sprintf(`
type T%[1]d struct {
	name string
	next *T%[1]d
}

func (t *T%[1]d) Show() string { return t.name + "!" }

func f%[1]d(t *T%[1]d, n int) int {
	return n + len(t.Show())
}
`, i)
		}
		program, err := session.Prepare(1, "", text)
		if err != nil {
			b.Fatal(err)
		}
		for _, d := range program.Define {
			p.define(d)
		}
		session.Commit(program)
		trivialCells(b, session, p, 2)
	})
}

func trivialCells(b *testing.B, session *cell.Session, p *process, first int) {
	var front, times []time.Duration
	var before, after int64
	runtime.GC()
	b.ResetTimer()
	for i := range b.N {
		t := time.Now()
		program, err := session.Prepare(first+i, "", "1 + 2")
		if err != nil {
			b.Fatal(err)
		}
		for _, d := range program.Define {
			p.define(d)
		}
		session.Commit(program)
		front = append(front, time.Since(t))
		for _, entry := range program.Entry {
			p.call(first+i, entry)
			after = p.until(pipe.Done).last.Memory
		}
		times = append(times, time.Since(t))
		if i == b.N/10 {
			before = after
		}
	}
	b.StopTimer()
	slices.Sort(times)
	slices.Sort(front)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(front[len(front)/2].Microseconds())/1000, "front-p50-ms")
	if n := b.N - b.N/10; n > 100 {
		b.ReportMetric(float64(after-before)/float64(n)/1000, "KB/cell")
	}
}
