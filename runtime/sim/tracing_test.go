package sim

import (
	"fmt"
	"runtime/debug"
	"testing"
	"time"
)

// BenchmarkTracing prints what recording costs: nanoseconds of processor time per
// event with the trace on and off, and x-untraced, their ratio. It should stay below
// 2.
//
//	go test ./runtime/sim -run '^$' -bench Tracing
func BenchmarkTracing(b *testing.B) {
	for _, nodes := range []int{10, 1_000} {
		b.Run(fmt.Sprintf("nodes=%d", nodes), func(b *testing.B) {
			defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the kernel's worker does
			// A log keeps what it records, so that a long run would measure memory; each
			// round makes as many events as a log of the usual limit holds.
			rounds := max(1, b.N/(recorded/2))
			var traced, untraced time.Duration
			events := 0
			for range rounds {
				took, n := bounce(nodes, MaxTrace(1<<30))
				traced += took
				events += n
				took, _ = bounce(nodes, Untraced())
				untraced += took
			}
			b.ReportMetric(float64(traced)/float64(events), "ns/traced")
			b.ReportMetric(float64(untraced)/float64(events), "ns/untraced")
			b.ReportMetric(float64(traced)/float64(untraced), "x-untraced")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// recorded is how many events a log records unless told otherwise.
const recorded = 1 << 18

// bounce lets every node have one message on its way.
func bounce(nodes int, option Option) (time.Duration, int) {
	world := New(Latency(Exponential(meanLatency)), MaxEvents(1<<40), option)
	defer world.Stop()
	for i := range nodes {
		world.Node(fmt.Sprintf("n%d", i), func(node *Node) {
			node.Handle("ball", func(r *Request) {
				node.Send(r.From, "ball", "bounce", r.Int("bounce")+1, "by", node.Name)
			})
			if i%2 == 0 {
				node.Send(fmt.Sprintf("n%d", i^1), "ball", "bounce", 0, "by", node.Name)
			}
		})
	}
	world.Run(0)
	events := world.Events()
	start := processorTime()
	world.Run(time.Duration(recorded / nodes * int(meanLatency)))
	return processorTime() - start, world.Events() - events
}
