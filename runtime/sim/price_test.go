package sim

import (
	"fmt"
	"runtime/debug"
	"testing"
	"time"
)

// BenchmarkPrice says what the features of the engine cost, each alone on top of the
// world of BenchmarkFloor/handlers. Rows are compared with "plain".
//
//	go test ./runtime/sim -run '^$' -bench Price
func BenchmarkPrice(b *testing.B) {
	nothing := func(*World) {}
	bare := func(node *Node) {
		node.Handle("ball", func(r *Request) { node.Send(r.From, "ball") })
	}
	five := func(node *Node) {
		node.Handle("ball", func(r *Request) {
			node.Send(r.From, "ball", "bounce", r.Int("bounce")+1, "by", node.Name, "x", 1, "y", true, "z", 2*time.Second)
		})
	}
	for _, feature := range []struct {
		name    string
		program func(*Node)
		setup   func(*World)
		options []Option
	}{
		{"no-fields", bare, nothing, []Option{Reuse()}},
		{"plain", handling, nothing, []Option{Reuse()}},
		{"five-fields", five, nothing, []Option{Reuse()}},
		{"partition-of-others", handling, apart, []Option{Reuse()}},
		{"delay-of-all", handling, func(w *World) { w.Delay(time.Microsecond) }, []Option{Reuse()}},
		{"lossless-link-options", handling, nothing, []Option{Reuse(), MaxSize(1000)}},
		{"links-of-their-own", handling, func(w *World) {
			for i := 1; i+1 < len(w.nodes); i += 2 {
				w.Link(w.nodes[i].Name, w.nodes[i+1].Name)
			}
		}, []Option{Reuse()}},
		{"in-order", handling, nothing, []Option{Reuse(), InOrder()}},
		{"promise", handling, func(w *World) { w.Always("true", func() bool { return true }) }, []Option{Reuse()}},
		{"kept-requests", handling, nothing, nil},
		{"blocking", receiving, nothing, nil},
	} {
		for _, nodes := range []int{10, 1_000} {
			b.Run(fmt.Sprintf("%s/nodes=%d", feature.name, nodes), func(b *testing.B) {
				benchmarkFloor(b, nodes, feature.program, feature.setup, feature.options...)
			})
		}
	}
}

// BenchmarkRealTime runs five nodes that answer 200 operations a second, each written
// to a majority with the leader's heartbeats beside, and prints how much faster than
// real time that is, and the events per simulated second.
func BenchmarkRealTime(b *testing.B) {
	for _, traced := range []bool{false, true} {
		name := "untraced"
		options := []Option{Latency(Exponential(time.Millisecond)), MaxEvents(1 << 40)}
		if traced {
			name = "traced"
		} else {
			options = append(options, Untraced())
		}
		b.Run(name, func(b *testing.B) {
			defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the kernel's worker does
			var took time.Duration
			events := 0
			for range b.N { // ten simulated seconds each
				world := New(options...)
				world.Nodes("a b c d e", replica)
				dice := world.Rand("clients")
				for at := dice.Exponential(5 * time.Millisecond); at < 10*time.Second; at += dice.Exponential(5 * time.Millisecond) {
					world.At(at, func() { world.Send("a", "set", "key", dice.Intn(100)) })
				}
				start := processorTime()
				world.Run(10 * time.Second)
				took += processorTime() - start
				events += world.Events()
				world.Stop()
			}
			simulated := 10 * float64(b.N)
			b.ReportMetric(simulated/took.Seconds(), "x-real-time")
			b.ReportMetric(float64(events)/simulated, "events/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// replica appends what clients set, copies it to the others and answers when a majority
// has it.
func replica(node *Node) {
	type entry struct {
		request *Request
		copies  int
	}
	waiting := map[int]*entry{}
	next := 0
	node.Handle("set", func(r *Request) {
		next++
		waiting[next] = &entry{r, 1}
		node.Broadcast("append", "at", next, "key", r.Int("key"))
	})
	node.Handle("append", func(r *Request) { r.Reply("appended", "at", r.Int("at")) })
	node.Handle("appended", func(r *Request) {
		e := waiting[r.Int("at")]
		if e == nil {
			return
		}
		if e.copies++; e.copies == 3 {
			delete(waiting, r.Int("at"))
			e.request.Reply("done")
		}
	})
	node.Handle("beat", func(*Request) {})
	if node.Name == "a" {
		node.Every(50*time.Millisecond, func() { node.Broadcast("beat", "term", 1) })
	}
}
