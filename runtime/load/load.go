// Package load makes the work that a system is tested with, and counts what became of
// it.
//
// # Open loops
//
// An open loop starts operations at times that do not depend on how the system is
// doing, as the users of a service do. Latency runs from the time at which an
// operation was meant to start, so that a system that stalls can not hide it:
//
//	func Users(node *sim.Node) {
//		load.Open(node, load.Poisson(200), 10*sec, func(op *load.Op) {
//			if _, err := node.Call("shop", "order"); err != nil {
//				op.Fail()
//			}
//		})
//	}
//
// Each does the same without a process for every operation and without a result, for
// handlers that do not wait.
//
// Arrivals are Poisson, Constant, Ramp, Burst, Diurnal and Replay.
//
// # Closed loops
//
// A closed loop has a number of clients of which each waits for its answer, thinks,
// and asks again. It slows down with the system and so omits what it should measure
// (coordinated omission); it must be asked for by name (Closed).
//
// # Results
//
// Both return a Result, which fills while the world runs: counts, latencies of what
// succeeded (Latency, warm-up excluded by After), goodput, offered load and throughput
// over time, and how many operations were under way (InFlight), for which the engine
// checks Little's law at the end of every run. Times are true times, whatever the
// clock of the node says.
//
// # Keys
//
// Keys choose what operations are about: Uniform, Zipf, HotSpot.
//
// # What it does not do
//
// It does not retry, time out or hedge: that is the client's (package rpc). It runs in
// processes of a node and dies with it: a load that should outlive crashes belongs to a
// node that does not crash.
package load

import (
	"fmt"
	"math"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/measure"
	"netsplit/runtime/sim"
)

// Op is one operation while it runs.
type Op struct {
	Number   int           // from 0
	Intended time.Duration // when it was meant to start
	failed   bool
}

// Fail says that the operation did not succeed.
func (op *Op) Fail() { op.failed = true }

// Result is what became of the operations so far.
type Result struct {
	Started   int
	Succeeded int
	Failed    int
	Latency   *measure.Samples // of those that succeeded, from the intended start
	Goodput   *measure.Rate    // those that succeeded, by their intended start, in windows of 100 ms
	Offered   *measure.Rate    // all, by their intended start
	Finished  *measure.Rate    // those that succeeded, by when they ended: throughput
	flow      *sim.Flow
	warm      time.Duration
}

func newResult(node *sim.Node, what string) *Result {
	return &Result{flow: node.World().Flow(what + " of " + node.Name), Finished: measure.NewRate(100 * time.Millisecond),
		Latency: &measure.Samples{}, Goodput: measure.NewRate(100 * time.Millisecond), Offered: measure.NewRate(100 * time.Millisecond)}
}

// After leaves operations out of the latency that were meant to start earlier: the
// warm-up, excluded by rule.
func (r *Result) After(warm time.Duration) *Result {
	r.warm = warm
	return r
}

// Unfinished is how many operations have started and not ended.
func (r *Result) Unfinished() int { return r.Started - r.Succeeded - r.Failed }

// GoodputBetween is the share of the operations meant to start in a span of time that
// succeeded.
func (r *Result) GoodputBetween(from, to time.Duration) float64 {
	offered := r.Offered.Between(from, to)
	if offered == 0 {
		return 0
	}
	return float64(r.Goodput.Between(from, to)) / float64(offered)
}

// InFlight is how many operations were under way on average, how many came per second
// and how long they took: L, λ and W of Little's law, which the engine checks at the
// end of every run.
func (r *Result) InFlight() sim.Work { return r.flow.Work() }

// GoodputSeries is how many operations per second succeeded, by when they were meant
// to start; OfferedSeries how many were meant to start; ThroughputSeries how many
// ended well, by when they ended.
func (r *Result) GoodputSeries() *measure.Series { return r.Goodput.Series("goodput") }

// OfferedSeries is how many operations per second were meant to start.
func (r *Result) OfferedSeries() *measure.Series { return r.Offered.Series("offered") }

// ThroughputSeries is how many operations per second ended well, by when they ended.
func (r *Result) ThroughputSeries() *measure.Series { return r.Finished.Series("throughput") }

// String is the result in one line.
func (r *Result) String() string {
	return fmt.Sprintf("%d started, %d succeeded, %d failed, %d unfinished; %v", r.Started, r.Succeeded, r.Failed, r.Unfinished(), r.Latency)
}

func (r *Result) run(node *sim.Node, op *Op, do func(*Op)) {
	came := r.flow.Enter()
	do(op)
	r.flow.Leave(came)
	if op.failed {
		r.Failed++
		return
	}
	r.Succeeded++
	r.Goodput.Count(op.Intended)
	r.Finished.Count(node.World().Now())
	if op.Intended >= r.warm {
		r.Latency.Add(node.World().Now() - op.Intended)
	}
}

// Open starts operations as the arrivals say, for a span of time, each in a process
// of its own, and returns at once.
func Open(node *sim.Node, arrivals Arrivals, during time.Duration, do func(op *Op)) *Result {
	result := newResult(node, "open loop")
	arrive(node, arrivals, during, func(intended time.Duration) {
		op := &Op{Number: result.Started, Intended: intended}
		result.Started++
		result.Offered.Count(op.Intended)
		node.Go(func() { result.run(node, op, do) })
	})
	return result
}

// Each calls do at every arrival, for a span of time, and returns at once. It starts no
// process, so do must not wait: it is for programs of handlers, in runs of millions of
// requests.
func Each(node *sim.Node, arrivals Arrivals, during time.Duration, do func()) {
	arrive(node, arrivals, during, func(time.Duration) { do() })
}

// arrive calls do at every arrival with its intended time, the world's.
func arrive(node *sim.Node, arrivals Arrivals, during time.Duration, do func(intended time.Duration)) {
	begin := node.World().Now()
	at := time.Duration(0)
	var next func()
	schedule := func() {
		var ok bool
		if at, ok = arrivals.next(at, node.Rand); ok && at < during {
			node.After(begin+at-node.World().Now(), next)
		}
	}
	next = func() {
		do(begin + at)
		schedule()
	}
	schedule()
}

// Closed runs so many clients for a span of time; each does one operation after the
// other, with a pause to think in between, and returns at once. Intended is when the
// client was ready: a closed loop never shows what a stall costs those who do not
// wait for each other.
func Closed(node *sim.Node, clients int, think sim.Distribution, during time.Duration, do func(op *Op)) *Result {
	if clients < 1 {
		host.Mistakef("load.Closed: %d clients; there must be at least one", clients)
	}
	result := newResult(node, "closed loop")
	end := node.World().Now() + during
	for range clients {
		node.Go(func() {
			for node.World().Now() < end {
				op := &Op{Number: result.Started, Intended: node.World().Now()}
				result.Started++
				result.Offered.Count(op.Intended)
				result.run(node, op, do)
				node.Sleep(node.Rand.Draw(think))
			}
		})
	}
	return result
}

// Arrivals is a law by which operations start.
type Arrivals struct {
	rate    func(at time.Duration) float64 // per second
	most    float64
	regular bool
	times   []time.Duration
	text    string
}

// String names the law.
func (a Arrivals) String() string { return a.text }

func checkRate(of string, rates ...float64) {
	for _, r := range rates {
		if !(r >= 0) || math.IsInf(r, 0) {
			host.Mistakef("load.%s: a rate is a number of operations per second, not %v", of, r)
		}
	}
}

// Poisson is independent arrivals, so many per second on average: many users who do
// not know of each other.
func Poisson(perSecond float64) Arrivals {
	checkRate("Poisson", perSecond)
	return Arrivals{rate: func(time.Duration) float64 { return perSecond }, most: perSecond, text: fmt.Sprintf("Poisson, %v per second", perSecond)}
}

// Constant is one arrival every 1/perSecond, as a metronome.
func Constant(perSecond float64) Arrivals {
	checkRate("Constant", perSecond)
	return Arrivals{rate: func(time.Duration) float64 { return perSecond }, most: perSecond, regular: true, text: fmt.Sprintf("every %v", time.Duration(1e9/perSecond))}
}

// Ramp is Poisson arrivals whose rate grows evenly from one number to another within
// a span of time, and stays there.
func Ramp(from, to float64, within time.Duration) Arrivals {
	checkRate("Ramp", from, to)
	return Arrivals{most: max(from, to), text: fmt.Sprintf("ramp from %v to %v per second within %v", from, to, within), rate: func(at time.Duration) float64 {
		return from + float64((to-from)*min(1, float64(at)/float64(within)))
	}}
}

// Burst is Poisson arrivals at a usual rate, and at another one from one time to
// another.
func Burst(usual, high float64, from, to time.Duration) Arrivals {
	checkRate("Burst", usual, high)
	return Arrivals{most: max(usual, high), text: fmt.Sprintf("%v per second, %v from %v to %v", usual, high, from, to), rate: func(at time.Duration) float64 {
		if at >= from && at < to {
			return high
		}
		return usual
	}}
}

// Diurnal is Poisson arrivals whose rate goes up and down between two numbers once in
// every period, in straight lines; it begins with the low one.
func Diurnal(low, high float64, period time.Duration) Arrivals {
	checkRate("Diurnal", low, high)
	return Arrivals{most: max(low, high), text: fmt.Sprintf("between %v and %v per second every %v", low, high, period), rate: func(at time.Duration) float64 {
		phase := float64(at%period) / float64(period)
		return low + float64((high-low)*(1-math.Abs(float64(2*phase)-1)))
	}}
}

// Replay is arrivals at these times, in ascending order.
func Replay(times ...time.Duration) Arrivals {
	return Arrivals{times: append([]time.Duration(nil), times...), text: fmt.Sprintf("replay of %d arrivals", len(times))}
}

// next is the first arrival after `at`. Rates that change are made by thinning:
// arrivals at the highest rate, of which each is kept with the share that is due.
func (a *Arrivals) next(at time.Duration, dice *sim.Rand) (time.Duration, bool) {
	if a.rate == nil {
		if len(a.times) == 0 {
			return 0, false
		}
		at, a.times = a.times[0], a.times[1:]
		return at, true
	}
	if a.most <= 0 {
		return 0, false
	}
	gap := time.Duration(1e9 / a.most)
	if a.regular {
		return at + gap, true
	}
	for range 1_000_000 {
		at += dice.Exponential(gap)
		if rate := a.rate(at); rate >= a.most || float64(dice.Float()*a.most) < rate {
			return at, true
		}
	}
	return 0, false
}
