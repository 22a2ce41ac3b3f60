package supervisor

import (
	"context"
	"strconv"
	"strings"
	"testing"
)

// shopCell declares an experiment whose node programs and function are all of a cell.
const shopCell = `import "time"
func shop(orders int) func(r *lab.Run) {
	return func(r *lab.Run) {
		world := r.World(sim.Loss(0.1))
		world.Node("card", func(node *sim.Node) {
			node.Handle("charge", func(r *sim.Request) { r.Reply("receipt") })
		})
		failed := 0
		world.Node("shop", func(node *sim.Node) {
			for range orders {
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
		r.Share("unpaid %", failed, orders)
	}
}
var retries = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
var results *lab.Results`

// An interrupted sweep shows what it has, marked, and a later cell has it too.
func TestAnInterruptedSweepKeepsItsRuns(t *testing.T) {
	for _, parallel := range []string{"", ".Parallel()"} {
		k := goKernel(t, nil)
		k.ok(shopCell)
		s := newSink()
		ended := make(chan Outcome, 1)
		go func() {
			ended <- k.Execute(context.Background(), Request{Count: 100, Code: "results = lab.Sweep(\"retries\", retries, lab.Seeds(100000), shop(200))" + parallel + "\nresults.Run()"}, s)
		}()
		s.await(t, " left") // the bar says what remains
		k.Interrupt()
		if o := <-ended; o.Error == nil {
			t.Fatal("the cell did not end by the interrupt")
		}
		for _, want := range []string{"retries: stopped after", "INTERRUPTED: the table holds"} {
			if !strings.Contains(s.text(), want) {
				t.Errorf("%q: nothing holds %q; there came\n%.3000s", parallel, want, s.text())
			}
		}
		if text := k.ok("results.String()"); !strings.Contains(text, "INTERRUPTED") {
			t.Errorf("%q: a later cell shows\n%s", parallel, text)
		}
	}
}

// A run that panics is named, and the panic is the cell's, at its line.
func TestAPanicOfARunIsAtItsLine(t *testing.T) {
	k := goKernel(t, nil)
	for _, parallel := range []string{"", ".Parallel()"} {
		s, o := k.run("list := []int{1, 2, 3}\nlab.Sweep(\"n\", []int{1, 5}, lab.Seeds(3), func(r *lab.Run) {\n\tr.Measure(\"x\", list[r.Int()])\n})" + parallel + ".Run()")
		if o.Error == nil || !strings.Contains(o.Error.Value, "index out of range [5] with length 3") {
			t.Fatalf("%q: the error is %v", parallel, o.Error)
		}
		if text := strings.Join(o.Error.Traceback, "\n"); !strings.Contains(text, "3") || !strings.Contains(s.text(), "the run with n 5, seed 1 did not end") {
			t.Errorf("%q: the traceback is\n%s\nand there came\n%s", parallel, text, s.text())
		}
	}
}

// BenchmarkInterpretedSweep is a sweep of 10 values and 30 seeds, all of it in cells,
// beside one run alone. Its compiled sister is in runtime/lab.
func BenchmarkInterpretedSweep(b *testing.B) {
	k := benchmarkKernel(b)
	measure := func(code string) float64 {
		s := newSink()
		if o := k.Execute(context.Background(), Request{Count: 2, Code: code}, s); o.Error != nil {
			b.Fatal(o.Error.Value)
		}
		text := s.text()
		text = text[strings.LastIndex(text, "result ")+len("result "):]
		seconds, err := strconv.ParseFloat(strings.Fields(text)[0], 64)
		if err != nil {
			b.Fatal(text)
		}
		return seconds
	}
	if o := k.Execute(context.Background(), Request{Count: 1, Code: shopCell}, newSink()); o.Error != nil {
		b.Fatal(o.Error.Value)
	}
	timed := func(values, seeds, more string) string {
		return "start := time.Now()\nlab.Sweep(\"retries\", " + values + ", lab.Seeds(" + seeds + "), shop(2000))" + more + ".Run()\ntime.Since(start).Seconds()"
	}
	var one, all, together []float64
	for b.Loop() {
		one = append(one, measure(timed("[]int{3}", "1", "")))
		all = append(all, measure(timed("retries", "30", "")))
		together = append(together, measure(timed("retries", "30", ".Parallel()")))
	}
	least := func(list []float64) float64 {
		x := list[0]
		for _, y := range list {
			x = min(x, y)
		}
		return x
	}
	b.ReportMetric(least(all), "s/sweep")
	b.ReportMetric(least(together), "s/parallel-sweep")
	b.ReportMetric(1000*least(one), "ms/run")
	b.ReportMetric(least(all)/least(one), "sweep/run")
}
