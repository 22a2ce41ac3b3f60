package balance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"netsplit/runtime/balance"
	"netsplit/runtime/load"
	"netsplit/runtime/measure"
	"netsplit/runtime/rpc"
	"netsplit/runtime/sim"
)

const (
	ms  = time.Millisecond
	sec = time.Second
)

// names are s0 to s(n-1) in one text.
func names(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint("s", i)
	}
	return strings.Join(list, " ")
}

// system runs n servers of exponential service (mean 1 s) at a load and gives the mean
// time in the system, in service times, after a warm-up.
func system(seed uint64, n int, rho float64, policy balance.Policy, warm, during time.Duration) float64 {
	world := sim.New(sim.Seed(seed), sim.Untraced(), sim.Latency(sim.Constant(0)), sim.Timeout(0), sim.MaxEvents(1<<40))
	defer world.Stop()
	world.Nodes(names(n), func(node *sim.Node) {
		rpc.NewServer(node, rpc.Work(sim.Exponential(sec))).Handle("get", func(r *rpc.Request) { r.Reply("page") })
	})
	var result *load.Result
	world.Node("front", func(node *sim.Node) {
		servers := balance.New(node, names(n), policy)
		result = load.Open(node, load.Poisson(rho*float64(n)), warm+during, func(op *load.Op) {
			if _, err := servers.Call("get"); err != nil {
				op.Fail()
			}
		}).After(warm)
	})
	world.Run(warm + during + 500*sec)
	return result.Latency.Mean().Seconds()
}

// TestTimeInTheSystem is N9 at a load of 0.9: theory 1/(1−ρ) for random, Mitzenmacher's
// sum for two choices (for infinitely many servers: 100 read up to 2 % more).
func TestTimeInTheSystem(t *testing.T) {
	for _, c := range []struct {
		policy   func() balance.Policy
		rho      float64
		expected float64
		band     float64
		warm     time.Duration
		during   time.Duration
	}{
		{balance.Random, 0.5, 2, 0.03, 50 * sec, 200 * sec},
		{balance.TwoChoices, 0.5, 1.271, 0.03, 50 * sec, 200 * sec},
		{balance.TwoChoices, 0.9, 2.657, 0.03, 100 * sec, 900 * sec},
		{balance.LeastLoaded, 0.5, 1, 0.03, 50 * sec, 200 * sec}, // of 100 servers one is idle
	} {
		var runs []float64
		for seed := range uint64(6) {
			runs = append(runs, system(seed+1, 100, c.rho, c.policy(), c.warm, c.during))
		}
		check := measure.Compare(fmt.Sprintf("%v at %.1f", c.policy(), c.rho), measure.Estimate(runs...), c.expected, c.band)
		t.Log(check)
		if !check.Passed() {
			t.Errorf("%v: is every server still one FIFO queue, and is the time in the system what is measured?", check)
		}
	}
}

// TestPoliciesAreOrdered compares over the same seeds, where 20 servers are enough.
func TestPoliciesAreOrdered(t *testing.T) {
	of := func(policy func() balance.Policy) float64 {
		var runs []float64
		for seed := range uint64(3) {
			runs = append(runs, system(seed+1, 20, 0.9, policy(), 200*sec, 400*sec))
		}
		return measure.Estimate(runs...).Value
	}
	random, robin, two, least := of(balance.Random), of(balance.RoundRobin), of(balance.TwoChoices), of(balance.LeastLoaded)
	t.Logf("random %.2f, round robin %.2f, two choices %.2f, least loaded %.2f", random, robin, two, least)
	if !(random > robin && robin > two && two > least) {
		t.Error("the order must be random > round robin > two choices > least loaded")
	}
}

// failing runs three servers of which one fails at once, and gives the share of the
// traffic that it gets and the share of requests that fail.
func failing(t *testing.T, options ...balance.Option) (attracted, failed float64) {
	t.Helper()
	world := sim.New(sim.Latency(sim.Constant(ms)))
	good := func(node *sim.Node) {
		rpc.NewServer(node, rpc.Work(sim.Constant(20*ms)), rpc.Workers(50)).Handle("get", func(r *rpc.Request) { r.Reply("page") })
	}
	world.Nodes("s1 s2", good)
	world.Node("s3", func(node *sim.Node) {
		rpc.NewServer(node).Handle("get", func(r *rpc.Request) { r.Fail(rpc.Internal, "no disk") })
	})
	var result *load.Result
	var servers *balance.Balancer
	world.Node("front", func(node *sim.Node) {
		servers = balance.New(node, "s1 s2 s3", balance.WeightedResponse(), options...)
		result = load.Open(node, load.Poisson(200), 20*sec, func(op *load.Op) {
			if _, err := servers.Call("get"); err != nil {
				op.Fail()
			}
		})
	})
	world.Run(25 * sec)
	bad := servers.Servers()[2]
	return float64(bad.Sent) / float64(result.Started), float64(result.Failed) / float64(result.Started)
}

func TestAServerThatFailsFastAttractsTheTraffic(t *testing.T) {
	trap, _ := failing(t)
	cost, _ := failing(t, balance.FailuresCost(sec))
	health, lost := failing(t, balance.Health(3, 5*sec))
	t.Logf("share of the failing server: %.3f; with a cost of failures %.3f; with health %.3f, of which %.4f failed", trap, cost, health, lost)
	// The weights are 1/22 ms, 1/22 ms and 1/2 ms: the failing server gets 11/13 of it.
	if trap < 0.82 || trap > 0.87 {
		t.Errorf("the failing server got %.3f of the traffic, want about 11/13 = 0.846", trap)
	}
	if cost > 0.05 || health > 0.01 {
		t.Errorf("the repairs leave the failing server %.3f and %.3f of the traffic", cost, health)
	}
}

func TestHealthTakesBackWhatWorksAgain(t *testing.T) {
	world := sim.New()
	world.Nodes("s1 s2", func(node *sim.Node) {
		rpc.NewServer(node).Handle("get", func(r *rpc.Request) { r.Reply("page") })
	})
	var servers *balance.Balancer
	failed := 0
	world.Node("front", func(node *sim.Node) {
		servers = balance.New(node, "s1 s2", balance.RoundRobin(), balance.Health(2, 500*ms))
		for range 200 {
			if _, err := servers.Call("get"); err != nil {
				failed++
			}
			node.Sleep(10 * ms)
		}
	})
	world.Crash("s2").Between(100*ms, 900*ms)
	world.Run(20 * sec)
	if list := servers.Servers(); failed < 2 || failed > 4 || list[1].Sent < 50 {
		t.Errorf("%d requests failed (want 2 to 4), s2 got %d (want it back)\n%s", failed, list[1].Sent, world.Transcript())
	}
}

// TestSendIsCallWithoutWaiting compares what both know of the servers in the same world.
func TestSendIsCallWithoutWaiting(t *testing.T) {
	known := func(begin func(node *sim.Node, servers *balance.Balancer)) (text string) {
		world := sim.New(sim.Latency(sim.Constant(ms)), sim.Timeout(0))
		world.Nodes("s1 s2", func(node *sim.Node) {
			node.Handle("get", func(r *sim.Request) { r.Reply("page") })
		}, sim.Service(sim.Exponential(20*ms)))
		world.Node("s3", func(node *sim.Node) {
			rpc.NewServer(node).Handle("get", func(r *rpc.Request) { r.Fail(rpc.Internal, "no disk") })
		})
		var servers *balance.Balancer
		world.Node("front", func(node *sim.Node) {
			servers = balance.New(node, "s1 s2 s3", balance.RoundRobin(), balance.FailuresCost(sec))
			begin(node, servers)
		})
		world.Run(20 * sec)
		for _, s := range servers.Servers() {
			text += fmt.Sprintln(s.Name, s.Sent, s.Failed, s.Outstanding, s.Response)
		}
		return text
	}
	call := known(func(node *sim.Node, servers *balance.Balancer) {
		load.Open(node, load.Poisson(60), 10*sec, func(*load.Op) { servers.Call("get") })
	})
	send := known(func(node *sim.Node, servers *balance.Balancer) {
		node.Handle("page", servers.Returned)
		node.Handle("error", servers.Returned)
		load.Each(node, load.Poisson(60), 10*sec, servers.Sending("get"))
	})
	if call != send {
		t.Errorf("by Call the balancer knows\n%sby Send\n%s", call, send)
	}
}

// TestOwnPolicies are asked like those of the package.
func TestOwnPolicies(t *testing.T) {
	asked := 0
	first := balance.Own("the first idle", func(_ *sim.Rand, servers int, waiting func(i int) int) int {
		for i := range servers {
			if asked++; waiting(i) == 0 {
				return i
			}
		}
		return 0
	})
	bins := make([]int, 5)
	dice := sim.New().Rand("bins")
	if most := balance.Fill(dice, bins, 4, first); most != 1 || asked != 1+2+3+4 || bins[4] != 0 {
		t.Errorf("bins %v, fullest %d, asked %d times", bins, most, asked)
	}
}

// TestBallsInBins is N15: a million balls in a million bins, and in 30 runs the fullest
// bin has 8 to 11 with one choice (one 12 allowed), always 4 with two
// (theory gives 3 in one run of 150).
func TestBallsInBins(t *testing.T) {
	const n = 1_000_000
	twelve, three := 0, 0
	for seed := range uint64(30) {
		dice := sim.New(sim.Seed(seed + 1)).Rand("bins")
		one := balance.Fill(dice, make([]int, n), n, balance.Random())
		two := balance.Fill(dice, make([]int, n), n, balance.TwoChoices())
		if one == 12 {
			twelve++
		}
		if two == 3 {
			three++
		}
		if one < 8 || one > 12 || twelve > 1 || two < 3 || two > 4 || three > 1 {
			t.Errorf("seed %d: the fullest bin has %d with one choice, want 8 to 11; %d with two, want 4", seed+1, one, two)
		}
	}
}
