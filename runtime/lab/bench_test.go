package lab_test

import (
	"testing"
	"time"

	"netsplit/runtime/lab"
	"netsplit/runtime/sim"
)

// BenchmarkSweep is a sweep of 10 values and 30 seeds of a small compiled world, beside
// one run alone. Its interpreted sister is in kernel/supervisor.
func BenchmarkSweep(b *testing.B) {
	run := func(r *lab.Run) {
		world := r.World(sim.Loss(0.1))
		world.Node("card", func(node *sim.Node) {
			node.Handle("charge", func(r *sim.Request) { r.Reply("receipt") })
		})
		failed := 0
		world.Node("shop", func(node *sim.Node) {
			for range 2000 {
				_, err := node.Call("card", "charge")
				for i := 0; err != nil && i < r.Int(); i++ {
					_, err = node.Call("card", "charge")
				}
				if err != nil {
					failed++
				}
			}
		})
		world.Run(time.Hour)
		r.Share("unpaid %", failed, 2000)
	}
	one, all := time.Hour, time.Hour
	for b.Loop() {
		start := time.Now()
		lab.Sweep("retries", []int{3}, lab.Seeds(1), run).Run()
		one = min(one, time.Since(start))
		start = time.Now()
		lab.Sweep("retries", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, lab.Seeds(30), run).Run()
		all = min(all, time.Since(start))
	}
	b.ReportMetric(all.Seconds(), "s/sweep")
	b.ReportMetric(1000*one.Seconds(), "ms/run")
	b.ReportMetric(all.Seconds()/one.Seconds(), "sweep/run")
}
