package worker

import (
	"reflect"
	"testing"
	"time"

	"netsplit/runtime/sim"
)

// BenchmarkHandlers runs worlds whose handlers stand in a cell, and calls an empty
// function of a cell from compiled code. It prints, in nanoseconds, such a call; a
// message that a compiled node sends to an empty handler, timer of the sender included;
// and a message that handlers pass on, after reading a field of it, with two fields.
// x-empty and x-passing are these as multiples of the call; x-empty should not exceed 4.
//
//	go test ./kernel/worker -run '^$' -bench Handlers -benchtime 1x
func BenchmarkHandlers(b *testing.B) {
	run := cellRunner(b)
	world := run(`import "time"
world := sim.New(sim.Untraced(), sim.Latency(sim.Exponential(time.Millisecond)))
world.Nodes("a b", func(node *sim.Node) {
	node.Handle("ball", func(r *sim.Request) {
		node.Send(r.From, "ball", "bounce", r.Int("bounce")+1, "by", node.Name)
	})
	if node.Name == "a" {
		for i := range 10 {
			node.Send("b", "ball", "bounce", i, "by", node.Name)
		}
	}
})
world.Run(0)
world`)[0].(*sim.World)
	idle := run(`idle := sim.New(sim.Untraced(), sim.Latency(sim.Exponential(time.Millisecond)))
idle.Node("a", func(node *sim.Node) { node.Handle("ball", func(r *sim.Request) {}) })
idle`)[0].(*sim.World)
	idle.Node("c", func(node *sim.Node) {
		node.Every(100*time.Microsecond, func() { node.Send("a", "ball", "bounce", 1, "by", node.Name) })
	})
	var empty func()
	value := reflect.ValueOf(run(`func empty() {}
empty`)[0])
	if !value.Type().ConvertibleTo(reflect.TypeOf(empty)) {
		b.Fatalf("a function of a cell has type %v", value.Type())
	}
	empty = value.Convert(reflect.TypeOf(empty)).Interface().(func())

	const calls = 100_000
	event, message, call := time.Hour, time.Hour, time.Hour
	for range max(b.N, 5) {
		events := world.Events()
		start := time.Now()
		world.Run(2 * time.Second)
		event = min(event, time.Since(start)/time.Duration(world.Events()-events))
		delivered := idle.Delivered()
		start = time.Now()
		idle.Run(2 * time.Second)
		message = min(message, time.Since(start)/time.Duration(idle.Delivered()-delivered))
		start = time.Now()
		for range calls {
			empty()
		}
		call = min(call, time.Since(start)/calls)
	}
	b.ReportMetric(float64(call), "ns/call")
	b.ReportMetric(float64(message), "ns/empty")
	b.ReportMetric(float64(event), "ns/passing")
	b.ReportMetric(float64(message)/float64(call), "x-empty")
	b.ReportMetric(float64(event)/float64(call), "x-passing")
	b.ReportMetric(0, "ns/op")
}
