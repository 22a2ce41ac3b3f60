package load_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"netsplit/runtime/load"
	"netsplit/runtime/sim"
)

// Arrivals that change with time keep their rates.
func TestArrivalsKeepTheirRates(t *testing.T) {
	for _, c := range []struct {
		arrivals load.Arrivals
		want     float64
	}{
		{load.Poisson(200), 200 * 100}, {load.Constant(200), 200 * 100}, {load.Ramp(0, 200, 100*sec), 100 * 100},
		{load.Burst(100, 300, 20*sec, 40*sec), 100*80 + 300*20}, {load.Diurnal(50, 150, 10*sec), 100 * 100}, {load.Replay(1*sec, 2*sec), 2},
	} {
		world := sim.New(sim.Untraced(), sim.MaxEvents(1<<40))
		var result *load.Result
		world.Node("users", func(node *sim.Node) {
			result = load.Open(node, c.arrivals, 100*sec, func(*load.Op) {})
		})
		world.Run(101 * sec)
		if got := float64(result.Started); math.Abs(got-c.want) > 3.5*math.Sqrt(c.want)+1 {
			t.Errorf("%v: %v arrivals in 100 s, want %v", c.arrivals, got, c.want)
		}
	}
}

// TestEachStartsWhatOpenStarts compares the times of both.
func TestEachStartsWhatOpenStarts(t *testing.T) {
	times := func(begin func(node *sim.Node, seen func())) (all []time.Duration) {
		world := sim.New(sim.Seed(5))
		world.Node("users", func(node *sim.Node) { begin(node, func() { all = append(all, world.Now()) }) })
		world.Run(20 * sec)
		return all
	}
	each := times(func(node *sim.Node, seen func()) { load.Each(node, load.Poisson(100), 10*sec, seen) })
	open := times(func(node *sim.Node, seen func()) {
		load.Open(node, load.Poisson(100), 10*sec, func(*load.Op) { seen() })
	})
	if len(each) < 900 || !slices.Equal(each, open) {
		t.Errorf("Each began %d operations, Open %d: both must follow the same arrivals", len(each), len(open))
	}
}
