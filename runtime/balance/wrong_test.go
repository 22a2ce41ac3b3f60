package balance_test

import (
	"testing"
	"time"

	"netsplit/runtime/balance"
	"netsplit/runtime/grade"
	"netsplit/runtime/lab"
	"netsplit/runtime/rpc"
	"netsplit/runtime/sim"
)

// A variant is a policy with options, right and wrong, and the check that tells.
type variant struct {
	name         string
	right, wrong func() (balance.Policy, []balance.Option)
	check        func(r *lab.Run, policy balance.Policy, options []balance.Option)
}

func just(policy func() balance.Policy, options ...balance.Option) func() (balance.Policy, []balance.Option) {
	return func() (balance.Policy, []balance.Option) { return policy(), options }
}

func evenly(r *lab.Run, policy balance.Policy, _ []balance.Option) {
	most := balance.Fill(r.World().Rand("bins"), make([]int, 3000), 3000, policy)
	r.Require(most <= 4, "of 3000 bins with 3000 balls none has more than four")
}

var variants = []variant{
	{"SameTwice", just(balance.TwoChoices), just(balance.SameTwice), evenly},
	{"MoreLoaded", just(balance.TwoChoices), just(balance.MoreLoaded), evenly},
	{"OldNews", just(balance.LeastLoaded), just(func() balance.Policy { return balance.OldNews(sec) }),
		func(r *lab.Run, policy balance.Policy, _ []balance.Option) {
			servers := sends(r, 10, policy, 10, 0)
			for _, s := range servers {
				r.Require(s.Sent == 1, "ten requests at once go to ten idle servers")
			}
		}},
	{"CountsSent", just(balance.TwoChoices), just(balance.CountsSent),
		func(r *lab.Run, policy balance.Policy, _ []balance.Option) {
			servers := sends(r, 10, policy, 400, 100*ms)
			r.Require(servers[0].Sent < 24, "a server that does not answer gets next to nothing")
		}},
	{"NeverBack", just(balance.RoundRobin, balance.Health(2, 500*ms)), just(balance.RoundRobin, balance.Health(2, 500*ms), balance.NeverBack()),
		func(r *lab.Run, policy balance.Policy, options []balance.Option) {
			world, servers := three(r, policy, options, func(i int) string { return "page" })
			world.Crash("s1").Between(200*ms, 2*sec)
			world.Run(30 * sec)
			failed, sent := (*servers)[1].Failed, (*servers)[1].Sent
			r.Require(failed >= 2 && failed < 6 && sent > 60, "a server that works again gets requests again")
		}},
	{"BlamesAll", just(balance.RoundRobin, balance.Health(2, 5*sec)), just(balance.RoundRobin, balance.Health(2, 5*sec), balance.BlamesAll()),
		func(r *lab.Run, policy balance.Policy, options []balance.Option) {
			world, servers := three(r, policy, options, func(i int) string {
				if i%3 == 0 {
					return "nonsense"
				}
				return "page"
			})
			world.Run(30 * sec)
			r.Require((*servers)[0].Sent == 100, "a server that gets bad requests is not a bad server")
		}},
	{"WeightedResponse without FailuresCost", just(balance.WeightedResponse, balance.FailuresCost(sec)), just(balance.WeightedResponse),
		func(r *lab.Run, policy balance.Policy, options []balance.Option) {
			world, servers := r.World(sim.Latency(sim.Constant(ms))), []*balance.Server(nil)
			world.Nodes("s0 s1", slow(20*ms))
			world.Node("s2", func(node *sim.Node) {
				rpc.NewServer(node).Handle("get", func(r *rpc.Request) { r.Fail(rpc.Internal, "no disk") })
			})
			world.Node("front", func(node *sim.Node) {
				b := balance.New(node, "s0 s1 s2", policy, options...)
				servers = b.Servers()
				for range 300 {
					b.Call("get")
				}
			})
			world.Run(60 * sec)
			r.Require(servers[0].Sent > 20 && servers[2].Sent < 60, "a server that fails at once does not attract the traffic")
		}},
}

// sends lets a balancer send requests to servers of which the first never answers where
// they come one after the other.
func sends(r *lab.Run, n int, policy balance.Policy, requests int, apart time.Duration) (servers []*balance.Server) {
	world := r.World(sim.Latency(sim.Constant(ms)))
	world.Nodes(names(n), func(node *sim.Node) {
		node.Handle("get", func(r *sim.Request) {
			if node.Name != "s0" || apart == 0 {
				r.Reply("page")
			}
		})
	})
	world.Node("front", func(node *sim.Node) {
		b := balance.New(node, names(n), policy)
		node.Handle("page", b.Returned)
		for range requests {
			b.Send("get")
			if apart > 0 {
				node.Sleep(apart)
			}
		}
		servers = b.Servers()
	})
	world.Run(60 * sec)
	return servers
}

func slow(work time.Duration) func(*sim.Node) {
	return func(node *sim.Node) {
		rpc.NewServer(node, rpc.Work(sim.Constant(work)), rpc.Workers(50)).Handle("get", func(r *rpc.Request) { r.Reply("page") })
	}
}

// three are three servers and a front end that sends 300 requests in 30 s.
func three(r *lab.Run, policy balance.Policy, options []balance.Option, ask func(i int) string) (*sim.World, *[]*balance.Server) {
	world, servers := r.World(sim.Latency(sim.Constant(ms))), new([]*balance.Server)
	world.Nodes("s0 s1 s2", func(node *sim.Node) {
		server := rpc.NewServer(node)
		server.Handle("page", func(r *rpc.Request) { r.Reply("page") })
		server.Handle("nonsense", func(r *rpc.Request) { r.Fail(rpc.NotFound, "no such page") })
	})
	world.Node("front", func(node *sim.Node) {
		b := balance.New(node, "s0 s1 s2", policy, options...)
		*servers = b.Servers()
		for i := range 300 {
			b.Call(ask(i))
			node.Sleep(90 * ms)
		}
	})
	return world, servers
}

// TestEveryWrongVariantIsRejected judges what is right and what is wrong by the same
// check over the seeds that are kept for grading.
func TestEveryWrongVariantIsRejected(t *testing.T) {
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			for _, seed := range grade.Seeds(100) {
				for _, c := range []struct {
					made  func() (balance.Policy, []balance.Option)
					wrong bool
				}{{v.right, false}, {v.wrong, true}} {
					run := lab.NewRun(seed, false)
					policy, options := c.made()
					v.check(run, policy, options)
					switch failed := run.Failed(); {
					case c.wrong && failed == "":
						t.Fatalf("seed %d: the check accepts balance.%s: it must force the failure", seed, v.name)
					case !c.wrong && failed != "":
						t.Fatalf("seed %d: the check rejects what is right: %s", seed, failed)
					}
				}
			}
		})
	}
}
