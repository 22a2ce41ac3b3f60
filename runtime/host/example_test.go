package host_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"

	"netsplit/runtime/host"
)

// recorder is a host that keeps what it is told, for a test.
type recorder struct {
	host.Host // what is not recorded would fail
	shown     []host.Shown
	out       bytes.Buffer
	cancelled bool
}

func (r *recorder) Owner() host.Owner                  { return host.Owner{ID: "cell 3"} }
func (r *recorder) Cancelled() bool                    { return r.cancelled }
func (r *recorder) Display(s host.Shown)               { r.shown = append(r.shown, s) }
func (r *recorder) Stdout() io.Writer                  { return &r.out }
func (r *recorder) Limits() host.Limits                { return host.Limits{MemoryBytes: 1 << 30, CellSeconds: 60} }
func (r *recorder) Describe(v any) host.Description    { return host.Reflect(v) }
func (r *recorder) Input(string, bool) (string, error) { return "42", nil }

// Whatever runs the code implements Host and installs itself once.
func ExampleHost() {
	h := &recorder{}
	var _ host.Host = h
	h.Display(host.Shown{Data: host.MIME{"text/plain": "hello"}})
	fmt.Fprint(h.Stdout(), "printed")
	answer, _ := h.Input("how many? ", false)
	fmt.Println(h.shown[0].Data, h.out.String(), answer)
	// Output:
	// map[text/plain:hello] printed 42
}

// Outside a kernel code belongs to no cell, and nothing is cancelled.
func ExampleOwner() {
	fmt.Println(host.Current() == host.Owner{}, host.Cancelled(), host.InKernel())
	// Output:
	// true false false
}

// A display is a bundle of forms of one thing; the front end shows the best it can.
func ExampleMIME() {
	host.Display(host.Shown{Data: host.MIME{"text/plain": "1 of 3", "text/html": "<b>1</b> of 3"}})
	// Output:
	// 1 of 3
}

// A display with an id can be replaced later.
func ExampleShown() {
	id := host.NewID()
	host.Display(host.Shown{Data: host.MIME{"text/plain": "half done"}, ID: id})
	host.Display(host.Shown{Data: host.MIME{"text/plain": "done"}, ID: id, Update: true})
	// Output:
	// half done
	// done
}

// Zero is no limit.
func ExampleLimits() {
	fmt.Printf("%+v\n", host.LimitsInForce())
	// Output:
	// {MemoryBytes:0 OutputBytes:0 Goroutines:0 CellSeconds:0}
}

// Without a front end there is nobody to talk to over a comm.
func ExampleCommEvent() {
	var last host.CommEvent
	err := host.CommOpen("c1", "slider", nil, nil, nil, func(e host.CommEvent) { last = e })
	fmt.Println(errors.Is(err, host.ErrNoFrontEnd), last.Kind == "")
	// Output:
	// true true
}

// What a value is, as the learner wrote it.
func ExampleDescription() {
	type Point struct{ X, Y int }
	d := host.Describe(Point{1, 2})
	fmt.Println(d.Type, d.Kind == reflect.Struct, d.Text)
	// Output:
	// host_test.Point true {1 2}
}

// The fields of a struct, for a table of which they are the columns.
func ExampleField() {
	type Result struct {
		Retries int
		Goodput float64 `unit:"%"`
	}
	for _, f := range host.Describe(Result{3, 99.5}).Fields {
		fmt.Println(f.Name, f.Type, f.Tag.Get("unit"), f.Value)
	}
	// Output:
	// Retries int  3
	// Goodput float64 % 99.5
}

// The elements of a map come in the order of their keys.
func ExampleItem() {
	for _, item := range host.Describe(map[string]int{"b": 2, "a": 1}).Items {
		fmt.Println(item.Key, item.Value)
	}
	// Output:
	// a 1
	// b 2
}

// Misuse of an API panics with a sentence.
func ExampleMistake() {
	defer func() {
		if m, ok := recover().(*host.Mistake); ok {
			fmt.Println(m.Text)
		}
	}()
	host.Mistakef("there is no node %q (there are: %s)", "d", "a, b, c")
	// Output:
	// there is no node "d" (there are: a, b, c)
}

// A private panic value is known by its address: nobody else's is taken for it.
func ExampleUnwind() {
	mine := &host.Unwind{Why: "the node crashed"}
	defer func() { fmt.Println(recover() == any(mine), mine) }()
	panic(mine)
	// Output:
	// true unwinding: the node crashed
}

// Nothing is graded outside a kernel.
func ExampleGraded() {
	fmt.Println(host.Graded())
	// Output:
	// false
}
