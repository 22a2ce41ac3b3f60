package replica_test

import (
	"fmt"
	"testing"
	"time"

	"netsplit/runtime/check"
	"netsplit/runtime/load"
	"netsplit/runtime/measure"
	"netsplit/runtime/replica"
	"netsplit/runtime/sim"
)

const (
	ms  = time.Millisecond
	sec = time.Second
)

// crashes runs a group whose leader crashes under a load of writes, and gives the group.
func crashes(seed uint64, mode replica.Mode, rate float64, options ...replica.Option) (*replica.Group, *load.Result, *sim.World) {
	group := replica.New("a b c", mode, options...)
	world := sim.New(sim.Seed(seed), sim.Untraced(), sim.Latency(sim.Constant(ms)))
	world.Nodes("a b c", group.Server)
	world.Node("master", group.Master)
	var result *load.Result
	world.Node("ann", func(node *sim.Node) {
		client := group.Client(node)
		result = load.Open(node, load.Poisson(rate), 4*sec, func(op *load.Op) {
			if err := client.Write("x", fmt.Sprint(op.Number)); err != nil {
				op.Fail()
			}
		})
	})
	at := 2*sec + world.Rand("crash").Between(0, sec/2)
	world.Crash("a").At(at)
	world.Cut("a", "b c ann").At(at) // what it had sent is lost, too
	world.Run(6 * sec)
	return group, result, world
}

func TestWhatACrashOfTheLeaderLoses(t *testing.T) {
	const rate = 200.0
	for _, c := range []struct {
		name    string
		mode    replica.Mode
		options []replica.Option
		lost    float64
		band    float64 // share
	}{
		{"asynchronous, 50 ms behind", replica.Asynchronous(), []replica.Option{replica.ShipAfter(sim.Constant(50 * ms))}, rate * 0.050, 0.15},
		{"asynchronous, 20 ms behind", replica.Asynchronous(), []replica.Option{replica.ShipAfter(sim.Constant(20 * ms))}, rate * 0.020, 0.2},
		{"asynchronous, shipped every 100 ms", replica.Asynchronous(), []replica.Option{replica.ShipEvery(100 * ms)}, rate * 0.100 / 2, 0.25},
		{"semi-synchronous", replica.SemiSynchronous(), nil, 0, 0},
		{"synchronous", replica.Synchronous(), nil, 0, 0},
		{"chain", replica.Chain(), nil, 0, 0},
	} {
		var lost []float64
		for seed := range uint64(80) {
			group, result, world := crashes(seed+1, c.mode, rate, c.options...)
			lost = append(lost, float64(len(group.Lost())))
			if group.Leader() == "a" || result.Succeeded < 500 {
				t.Fatalf("%s, seed %d: the leader is %s, %v", c.name, seed+1, group.Leader(), result)
			}
			world.Stop()
		}
		mean := measure.Estimate(lost...)
		t.Logf("%s: lost %v, expected %v", c.name, mean, c.lost)
		if c.lost == 0 && mean.High > 0 {
			t.Errorf("%s: lost %v acknowledged writes, want none", c.name, mean)
		}
		// One more millisecond is on the way to the followers.
		if expected := c.lost * 1.02; c.lost > 0 && !measure.Compare(c.name, mean, expected, c.band).Passed() {
			t.Errorf("%s: lost %v, want rate times lag = %v ± %.0f %%", c.name, mean, c.lost, 100*c.band)
		}
	}
}

// TestChainReplication is N12: van Renesse and Schneider (OSDI 2004), with t = 3, a
// message of 1 ms, a query of 5 ms, an update of 50 ms at the head and 20 ms elsewhere,
// 25 clients.
func TestChainReplicationLatency(t *testing.T) {
	group := replica.New("a b c", replica.Chain(), replica.Costs(5*ms, 50*ms, 20*ms))
	world := sim.New(sim.Latency(sim.Constant(ms)))
	world.Nodes("a b c", group.Server)
	var update, query time.Duration
	world.Node("ann", func(node *sim.Node) {
		client := group.Client(node)
		begin := node.Now()
		client.Write("x", "1")
		update, begin = node.Now()-begin, node.Now()
		client.Read("x")
		query = node.Now() - begin
	})
	world.Run(sec)
	if update != 94*ms || query != 7*ms {
		t.Errorf("an update takes %v, a query %v; want 94 ms and 7 ms", update, query)
	}
}

func TestChainReplicationThroughput(t *testing.T) {
	for mode, expected := range map[string][]float64{
		"chain":          {200, 174, 154, 133, 100},
		"primary/backup": {200, 138, 105, 85, 71},
	} {
		for i, want := range expected {
			u := 0.05 * float64(i)
			var runs []float64
			for seed := range uint64(3) {
				m := replica.Chain()
				if mode != "chain" {
					m = replica.Synchronous()
				}
				group := replica.New("a b c", m, replica.Costs(5*ms, 50*ms, 20*ms), replica.Patience(10*sec))
				world := sim.New(sim.Seed(seed+1), sim.Untraced(), sim.Latency(sim.Constant(ms)))
				world.Nodes("a b c", group.Server)
				done := 0
				world.Node("ann", func(node *sim.Node) {
					client := group.Client(node)
					load.Closed(node, 25, sim.Constant(0), 110*sec, func(op *load.Op) {
						if node.Rand.Chance(u) {
							client.Write("x", "1")
						} else {
							client.Read("x")
						}
						if node.Now() > 10*sec && node.Now() <= 110*sec {
							done++
						}
					})
				})
				world.Run(110 * sec)
				runs = append(runs, float64(done)/100)
			}
			check := measure.Compare(fmt.Sprintf("%s at %.0f %% updates", mode, 100*u), measure.Estimate(runs...), want, 0.04)
			t.Log(check)
			if !check.Passed() {
				t.Error(check)
			}
		}
	}
}

// history runs clients that write and read one key while servers crash.
func history(seed uint64, mode replica.Mode, options ...replica.Option) check.Verdict {
	group := replica.New("a b c", mode, options...)
	world := sim.New(sim.Seed(seed), sim.Untraced())
	world.Nodes("a b c", group.Server)
	world.Node("master", group.Master)
	h := check.NewHistory()
	world.Nodes("x y z", func(node *sim.Node) {
		client := group.Client(node)
		for n := 0; ; n++ {
			if node.Rand.Chance(0.5) {
				value := fmt.Sprint(node.Name, n)
				h.Write(node, "k", value, func() error { return client.Write("k", value) })
			} else {
				from := node.Rand.Pick("a", "b", "c")
				h.Read(node, "k", func() (any, error) {
					value, err := client.Read("k")
					if mode == replica.Chain() && err == nil {
						value, err = client.ReadFrom(from, "k")
						if err != nil {
							value, err = client.Read("k")
						}
					}
					if value == "" {
						return nil, err
					}
					return value, err
				})
			}
			node.Sleep(node.Rand.Between(0, 20*ms))
		}
	})
	for _, name := range []string{"a", "b", "c"} {
		at := world.Rand("crash").Between(100*ms, 2*sec)
		world.Crash(name).Between(at, at+300*ms)
	}
	world.Run(3 * sec)
	return h.Linearizable()
}

func TestWhatIsReadIsAcknowledged(t *testing.T) {
	for seed := range uint64(10) {
		for _, mode := range []replica.Mode{replica.Synchronous(), replica.Chain()} {
			if v := history(seed+1, mode); !v.Passed {
				t.Errorf("%v, seed %d: %v", mode, seed+1, v)
			}
		}
	}
}
