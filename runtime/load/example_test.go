package load_test

import (
	"fmt"
	"time"

	"netsplit/runtime/load"
	"netsplit/runtime/measure"
	"netsplit/runtime/sim"
)

const (
	ms  = time.Millisecond
	sec = time.Second
)

// An open loop does not wait: operations overlap when the system is slow.
func ExampleOpen() {
	world := sim.New(sim.Seed(3), sim.Latency(sim.Constant(5*ms)))
	world.Node("shop", func(node *sim.Node) {
		node.Handle("order", func(r *sim.Request) { r.Reply("ok") })
	}, sim.Service(sim.Exponential(8*ms)))
	var result *load.Result
	world.Node("users", func(node *sim.Node) {
		result = load.Open(node, load.Poisson(100), 1*sec, func(op *load.Op) {
			if _, err := node.Call("shop", "order"); err != nil {
				op.Fail()
			}
		})
	})
	world.Run(2 * sec)
	fmt.Println(result)
	// Output:
	// 102 started, 88 succeeded, 14 failed, 0 unfinished; 88 observations: mean 28.3ms, p50 27.5ms, p99 48ms, p99.9 48ms, max 48ms
}

// Two clients that think for 20 ms between their calls.
func ExampleClosed() {
	world := sim.New(sim.Seed(3), sim.Latency(sim.Constant(5*ms)))
	world.Node("shop", func(node *sim.Node) {
		node.Handle("order", func(r *sim.Request) { r.Reply("ok") })
	})
	var result *load.Result
	world.Node("users", func(node *sim.Node) {
		result = load.Closed(node, 2, sim.Constant(20*ms), 300*ms, func(op *load.Op) { node.Call("shop", "order") })
	})
	world.Run(1 * sec)
	fmt.Println(result)
	// Output:
	// 20 started, 20 succeeded, 0 failed, 0 unfinished; 20 observations: mean 10ms, p50 10ms, p99 10ms, p99.9 10ms, max 10ms
}

// A few keys are asked for most of the time.
func ExampleKeys() {
	dice := sim.New().Rand("keys")
	for _, keys := range []load.Keys{load.Uniform(1000), load.Zipf(1000, 1), load.HotSpot(1000, 10, 0.9)} {
		first := 0
		for range 10_000 {
			if keys.Draw(dice) < 10 {
				first++
			}
		}
		fmt.Println("the first ten keys of a thousand:", measure.Share(first, 10_000))
	}
	// Output:
	// the first ten keys of a thousand: 0.01060 [0.00877, 0.01280]
	// the first ten keys of a thousand: 0.3935 [0.3840, 0.4031]
	// the first ten keys of a thousand: 0.9030 [0.8970, 0.9086]
}

// A result knows what happened over time, and Little's law of what was under way.
func ExampleResult() {
	world := sim.New(sim.Seed(3), sim.Latency(sim.Constant(5*ms)))
	world.Node("shop", func(node *sim.Node) {
		node.Handle("order", func(r *sim.Request) { r.Reply("ok") })
	}, sim.Service(sim.Constant(8*ms)))
	var result *load.Result
	world.Node("users", func(node *sim.Node) {
		result = load.Open(node, load.Burst(50, 200, 400*ms, 600*ms), 1*sec, func(op *load.Op) {
			if _, err := node.Call("shop", "order", sim.Timeout(100*ms)); err != nil {
				op.Fail()
			}
		}).After(100 * ms)
	})
	world.Run(2 * sec)
	fmt.Println(result)
	fmt.Println(result.OfferedSeries().Values())
	fmt.Println(result.GoodputSeries().Values())
	under := result.InFlight()
	fmt.Printf("L %.2f = λ %.1f/s times W %v\n", under.Number, under.Rate, under.Time.Round(ms))
	fmt.Println("served in the burst:", result.GoodputBetween(400*ms, 600*ms))
	// Output:
	// 84 started, 73 succeeded, 11 failed, 0 unfinished; 67 observations: mean 45.4ms, p50 25.9ms, p99 97.8ms, p99.9 97.8ms, max 97.8ms
	// [60 70 80 70 220 170 30 20 40 80]
	// [60 70 80 70 200 80 30 20 40 80]
	// L 2.13 = λ 42.0/s times W 51ms
	// served in the burst: 0.717948717948718
}

// Arrivals that repeat what was recorded.
func ExampleArrivals() {
	for _, arrivals := range []load.Arrivals{
		load.Poisson(200), load.Constant(50), load.Ramp(0, 100, 10*sec), load.Burst(50, 500, 1*sec, 2*sec),
		load.Diurnal(10, 100, 24*time.Hour), load.Replay(5*ms, 7*ms, 30*ms),
	} {
		fmt.Println(arrivals)
	}
	// Output:
	// Poisson, 200 per second
	// every 20ms
	// ramp from 0 to 100 per second within 10s
	// 50 per second, 500 from 1s to 2s
	// between 10 and 100 per second every 24h0m0s
	// replay of 3 arrivals
}

// An operation knows its number and when it was meant to start.
func ExampleOp() {
	world := sim.New(sim.Latency(sim.Constant(5 * ms)))
	world.Node("users", func(node *sim.Node) {
		load.Open(node, load.Replay(10*ms, 20*ms), 1*sec, func(op *load.Op) {
			if op.Number == 1 {
				op.Fail()
			}
			fmt.Println(op.Number, op.Intended)
		})
	})
	world.Run(1 * sec)
	// Output:
	// 0 10ms
	// 1 20ms
}
