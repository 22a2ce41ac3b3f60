package load_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"netsplit/runtime/load"
	"netsplit/runtime/measure"
	"netsplit/runtime/sim"
)

const (
	ms  = time.Millisecond
	sec = time.Second
)

// station is one node with a service time under an open load; it reports the mean
// time in the system as a multiple of the mean service time, after a warm-up.
func station(seed uint64, arrivals load.Arrivals, service sim.Distribution, servers int, warm, span time.Duration) sim.Work {
	world := sim.New(sim.Seed(seed), sim.Latency(sim.Constant(0)), sim.Untraced(), sim.MaxEvents(1<<40))
	defer world.Stop()
	server := world.Node("server", func(node *sim.Node) {
		node.Handle("job", func(*sim.Request) {})
	}, sim.Service(service), sim.Servers(servers))
	world.Node("users", func(node *sim.Node) {
		load.Open(node, arrivals, warm+span, func(*load.Op) { node.Send("server", "job") })
	})
	world.Run(warm)
	server.ResetWork()
	world.Run(span)
	return server.Work()
}

// The laws of queues come out of the built station (N36, N37); nothing is computed
// from a formula but the expected column.
func TestQueuesFollowTheirLaws(t *testing.T) {
	const s = 10 * ms
	erlang := func(c int, rho float64) float64 { // T/S of M/M/c
		a := float64(c) * rho
		sum, term := 0.0, 1.0
		for k := range c {
			if k > 0 {
				term *= a / float64(k)
			}
			sum += term
		}
		term *= a / float64(c)
		wait := term / (1 - rho) / (sum + term/(1-rho))
		return 1 + wait/(float64(c)*(1-rho))
	}
	const seeds, span = 8, 200 * sec
	for _, c := range []struct {
		name     string
		arrivals func(perSecond float64) load.Arrivals
		servers  int
		rho      float64
		want     float64
		band     float64
	}{
		{"M/M/1", load.Poisson, 1, 0.5, 2, 0.03},
		{"M/M/1", load.Poisson, 1, 0.8, 5, 0.06},
		{"M/M/2", load.Poisson, 2, 0.8, erlang(2, 0.8), 0.05},
		{"D/M/1", load.Constant, 1, 0.5, 1.255, 0.03},
	} {
		var values []float64
		for seed := range seeds {
			w := station(uint64(seed+1), c.arrivals(c.rho*float64(c.servers)/s.Seconds()), sim.Exponential(s), c.servers, 20*sec, span)
			values = append(values, float64(w.Time)/float64(s))
		}
		got := measure.Estimate(values...)
		t.Logf("%s at load %.1f: T/S %v, theory %.3f, band ±%.0f %%", c.name, c.rho, got, c.want, c.band*100)
		if math.Abs(got.Value/c.want-1) > c.band {
			t.Errorf("%s at load %.1f: T/S %v, want %.3f ± %.0f %%", c.name, c.rho, got, c.want, c.band*100)
		}
	}
}

// N45: 100 s of calls of 1 ms at 100 per second, then a stall of 100 s. From the
// intended start the mean is 25 s; a closed loop notices one slow call.
func TestAClosedLoopOmitsWhatAnOpenLoopSees(t *testing.T) {
	stall := func(node *sim.Node) {
		node.Handle("call", func(r *sim.Request) {
			if node.Now() >= 100*sec {
				node.Sleep(200*sec - node.Now()) // pending ones are answered in parallel
			}
			node.Sleep(1 * ms)
			r.Reply("done")
		})
	}
	run := func(client func(node *sim.Node, call func(*load.Op)) *load.Result) *load.Result {
		world := sim.New(sim.Latency(sim.Constant(0)), sim.Timeout(0), sim.Untraced(), sim.MaxEvents(1<<40))
		defer world.Stop()
		world.Node("server", stall)
		var result *load.Result
		world.Node("client", func(node *sim.Node) {
			result = client(node, func(op *load.Op) { node.Call("server", "call") })
		})
		world.Run(201 * sec)
		return result
	}
	open := run(func(node *sim.Node, call func(*load.Op)) *load.Result {
		return load.Open(node, load.Constant(100), 200*sec, call)
	})
	closed := run(func(node *sim.Node, call func(*load.Op)) *load.Result {
		return load.Closed(node, 1, sim.Constant(9*ms), 200*sec, call)
	})
	t.Logf("open:   %v", open)
	t.Logf("closed: %v", closed)
	if n := open.Succeeded; n < 19_990 || n > 20_000 {
		t.Errorf("%d intended calls, want 20,000", n)
	}
	if mean := open.Latency.Mean().Seconds(); math.Abs(mean-25) > 0.25 {
		t.Errorf("mean from the intended start %.2f s, want 25 s", mean)
	}
	if p75 := open.Latency.Percentile(75).Seconds(); math.Abs(p75-50) > 0.5 {
		t.Errorf("p75 %.2f s, want 50 s", p75)
	}
	if p := closed.Latency.Percentile(99.99); closed.Succeeded < 10_000 || p > 1*ms+1 {
		t.Errorf("closed loop: %d calls, p99.99 %v; want 10,001 and 1 ms", closed.Succeeded, p)
	}
}

// N10: a server of 300 requests per second, a time-out of 1 s, an outage of 10 s after
// which everything sent meanwhile is delivered. With one retry, above 150 per second
// the outage does not end.
func TestAMetastableOutage(t *testing.T) {
	goodput := func(seed uint64, perSecond float64, retries int) float64 {
		world := sim.New(sim.Seed(seed), sim.Latency(sim.Constant(0)), sim.Timeout(1*sec), sim.Untraced(), sim.MaxEvents(1<<40))
		defer world.Stop()
		world.Node("server", func(node *sim.Node) {
			node.Handle("job", func(r *sim.Request) { r.Reply("done") })
		}, sim.Service(sim.Constant(sec/300)))
		var result *load.Result
		world.Node("users", func(node *sim.Node) {
			result = load.Open(node, load.Poisson(perSecond), 640*sec, func(op *load.Op) {
				for range 1 + retries {
					if _, err := node.Call("server", "job"); err == nil {
						return
					}
				}
				op.Fail()
			})
		})
		world.Clog("users", "server").Between(20*sec, 30*sec)
		world.Run(642 * sec)
		return result.GoodputBetween(570*sec, 630*sec)
	}
	for _, c := range []struct {
		perSecond float64
		retries   int
		want      float64
	}{{140, 1, 1}, {160, 1, 0}, {280, 0, 1}} {
		got := goodput(1, c.perSecond, c.retries)
		t.Logf("%v per second, %d retries: goodput after settling %.3f, want %.0f", c.perSecond, c.retries, got, c.want)
		if math.Abs(got-c.want) > 0.03 {
			t.Errorf("%v per second, %d retries: goodput after settling %.3f, want %.0f", c.perSecond, c.retries, got, c.want)
		}
	}
}

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
