package sim_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"netsplit/runtime/measure"
	"netsplit/runtime/sim"
	"netsplit/runtime/trace"
)

// The laws of links, distributions and failures, measured from traces over seeds: each
// test prints value, interval and band.

// stream sends messages over one link, one each millisecond, and returns the trace.
func stream(seed uint64, messages int, options ...sim.Option) *trace.Log {
	world := sim.New(append([]sim.Option{sim.Seed(seed), sim.Latency(sim.Constant(1 * ms)), sim.MaxTrace(1 << 22)}, options...)...)
	defer world.Stop()
	world.Node("b", func(node *sim.Node) { node.Handle("n", func(*sim.Request) {}) })
	world.Node("a", func(node *sim.Node) {
		for i := range messages {
			node.Send("b", "n", "i", i)
			node.Sleep(1 * ms)
		}
	})
	world.Run(time.Duration(messages)*ms + 10*sec)
	return world.Trace()
}

func overSeeds(n int, run func(seed uint64) float64) measure.Interval {
	values := make([]float64, n)
	for i := range values {
		values[i] = run(uint64(i + 1))
	}
	return measure.Estimate(values...)
}

func judge(t *testing.T, name string, got measure.Interval, want, tolerance float64) {
	t.Helper()
	check := measure.Compare(name, got, want, tolerance)
	t.Log(check)
	if !check.Passed() {
		t.Error(check)
	}
}

func TestLinksKeepTheirProbabilities(t *testing.T) {
	const messages, seeds = 5000, 10
	share := func(what trace.What, options ...sim.Option) measure.Interval {
		return overSeeds(seeds, func(seed uint64) float64 {
			log := stream(seed, messages, options...)
			n := 0
			for i := range log.Len() {
				if log.At(i).What == what {
					n++
				}
			}
			return float64(n) / messages
		})
	}
	judge(t, "loss of 0.1", share(trace.Lost, sim.Loss(0.1)), 0.1, 0.05)
	judge(t, "duplicates of 0.2: arrivals", share(trace.Deliver, sim.Duplicates(0.2)), 1.2, 0.02)
	// Gilbert and Elliott: bad for toBad/(toBad+toGood) of the messages.
	judge(t, "bursts: loss", share(trace.Lost, sim.Bursts(0.02, 0.2, 0.9)), 0.9*0.02/0.22, 0.15)
	judge(t, "reliable: arrivals", share(trace.Deliver, sim.Loss(0.3), sim.Reliable(10*ms)), 1, 0.001)
	corrupted := overSeeds(seeds, func(seed uint64) float64 {
		log := stream(seed, messages, sim.Corrupts(0.1))
		n := 0
		for i := range log.Len() {
			if e := log.At(i); e.What == trace.Deliver {
				if sent := log.At(log.Cause(i)).Msg; sent.Value(0).String() != e.Msg.Value(0).String() {
					n++
				}
			}
		}
		return float64(n) / messages
	})
	judge(t, "corruption of 0.1", corrupted, 0.1, 0.06)
}

func TestLossesComeInBurstsOfTheRightLength(t *testing.T) {
	length := overSeeds(10, func(seed uint64) float64 {
		log := stream(seed, 20_000, sim.Bursts(0.02, 0.25, 1))
		bursts, lost, last := 0, 0, -2
		for i := range log.Len() {
			if e := log.At(i); e.What == trace.Lost {
				number := int(e.Msg.Value(0).Bits())
				if number != last+1 {
					bursts++
				}
				lost, last = lost+1, number
			}
		}
		return float64(lost) / float64(bursts)
	})
	judge(t, "messages lost on end", length, 1/0.25, 0.05)
}

func TestALinkInOrderIsNeverOvertaken(t *testing.T) {
	overtaken := func(options ...sim.Option) int {
		n, latest := 0, -1
		log := stream(1, 5000, append(options, sim.Latency(sim.Exponential(3*ms)))...)
		for i := range log.Len() {
			if e := log.At(i); e.What == trace.Deliver {
				number := int(e.Msg.Value(0).Bits())
				if number < latest {
					n++
				}
				latest = max(latest, number)
			}
		}
		return n
	}
	if n := overtaken(); n < 1000 {
		t.Errorf("%d messages were overtaken on a link that keeps no order, want many", n)
	}
	if n := overtaken(sim.InOrder()); n != 0 {
		t.Errorf("%d messages were overtaken on a link in order", n)
	}
}

func TestBandwidthIsWhatALinkCarries(t *testing.T) {
	log := stream(1, 1000, sim.Bandwidth(10_000)) // 50 bytes each millisecond are five times as much
	var arrivals []time.Duration
	for i := range log.Len() {
		if e := log.At(i); e.What == trace.Deliver {
			arrivals = append(arrivals, e.Time())
		}
	}
	bytes := 0
	for _, k := range log.Traffic() {
		bytes += k.Bytes
	}
	span := (arrivals[len(arrivals)-1] - 1*ms).Seconds()
	if rate := float64(bytes) / span; math.Abs(rate-10_000) > 10 {
		t.Errorf("the link carried %.0f bytes per second, want 10,000", rate)
	}
}

// Every distribution has the mean that it says, and the tails that make it what it is.
func TestDistributionsHaveTheirMeansAndTails(t *testing.T) {
	const draws, seeds = 20_000, 10
	for _, c := range []struct {
		law       sim.Distribution
		beyond    time.Duration
		tail      float64 // the probability of more than that
		tolerance float64
	}{
		{sim.Constant(5 * ms), 5 * ms, 0, 0.001},
		{sim.Uniform(2*ms, 6*ms), 5 * ms, 0.25, 0.04},
		{sim.Steps(1*ms, 5*ms, 1*ms), 4 * ms, 0.2, 0.04},
		{sim.Exponential(5 * ms), 15 * ms, math.Exp(-3), 0.08},
		{sim.Normal(20*ms, 2*ms), 24 * ms, 0.02275, 0.12},
		{sim.Pareto(1*ms, 3), 2 * ms, 0.125, 0.06},
		{sim.Empirical(1*ms, 2*ms, 9*ms), 2 * ms, 1.0 / 3, 0.04},
		{sim.Mix(sim.Constant(1*ms), 0.1, sim.Constant(10*ms)), 1 * ms, 0.1, 0.06},
		{sim.Exponential(5 * ms).Plus(10 * ms), 20 * ms, math.Exp(-2), 0.06},
	} {
		tails := make([]float64, 0, seeds)
		mean := overSeeds(seeds, func(seed uint64) float64 {
			dice := sim.New(sim.Seed(seed)).Rand("draws")
			sum, beyond := 0.0, 0
			for range draws {
				d := dice.Draw(c.law)
				sum += float64(d)
				if d > c.beyond {
					beyond++
				}
			}
			tails = append(tails, float64(beyond)/draws)
			return sum / draws / float64(ms)
		})
		judge(t, fmt.Sprintf("%v: mean in ms", c.law), mean, float64(c.law.Mean())/float64(ms), 0.03)
		if c.tail > 0 {
			judge(t, fmt.Sprintf("%v: more than %v", c.law, c.beyond), measure.Estimate(tails...), c.tail, c.tolerance)
		}
	}
}
