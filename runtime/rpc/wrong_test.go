package rpc_test

import (
	"testing"
	"time"

	"netsplit/runtime/grade"
	"netsplit/runtime/lab"
	"netsplit/runtime/rpc"
	"netsplit/runtime/sim"
)

// A variant is an option that is right or wrong, and the check that tells. The faults
// of a check are scripted, so that the outcome depends on no luck.
type variant struct {
	name         string
	right, wrong []rpc.Option
	check        func(r *lab.Run, options []rpc.Option)
}

var variants = []variant{
	{"RetryAll", nil, []rpc.Option{rpc.RetryAll()}, func(r *lab.Run, options []rpc.Option) {
		asked := 0
		serve(r, func(r *rpc.Request) { asked++; r.Fail(rpc.NotFound, "no such item") }, nil,
			func(client *rpc.Client) { client.Call("shop", "order") }, append(options, rpc.Retries(3)))
		r.Require(asked == 1, "what cannot succeed is asked for once")
	}},
	{"EndlessBudget", []rpc.Option{rpc.Budget(0.1)}, []rpc.Option{rpc.Budget(0.1), rpc.EndlessBudget()}, func(r *lab.Run, options []rpc.Option) {
		asked := 0
		serve(r, func(r *rpc.Request) { asked++; r.Fail(rpc.Unavailable, "down") }, nil, func(client *rpc.Client) {
			for range 100 {
				client.Call("shop", "order")
			}
		}, append(options, rpc.Retries(3)))
		r.Require(asked >= 100 && asked <= 110, "a budget of 10 % sends at most 110 requests for 100 calls")
	}},
	{"FreshIDs", []rpc.Option{rpc.WithIDs()}, []rpc.Option{rpc.FreshIDs()}, func(r *lab.Run, options []rpc.Option) {
		charged := 0
		world := serve(r, func(r *rpc.Request) { charged++; r.Reply("receipt") }, []rpc.Option{rpc.Remember()},
			func(client *rpc.Client) { client.Call("shop", "order") }, append(options, rpc.Retries(3)))
		r.Require(charged == 1 && world.Lost() == 1, "the card is charged once although a receipt was lost")
	}},
	{"SameJitter", []rpc.Option{rpc.FullJitter(100*ms, sec)}, []rpc.Option{rpc.SameJitter(100*ms, sec)}, func(r *lab.Run, options []rpc.Option) {
		world := r.World(sim.Latency(sim.Constant(ms)))
		last, together, came := time.Duration(-1), 0, 0
		world.Node("shop", func(node *sim.Node) {
			rpc.NewServer(node).Handle("order", func(r *rpc.Request) {
				if r.Attempt() > 1 {
					if came++; node.Now() == last {
						together++
					}
					last = node.Now()
				}
				r.Fail(rpc.Unavailable, "down")
			})
		})
		for _, name := range names(20) {
			world.Node(name, func(node *sim.Node) {
				rpc.NewClient(node, append(options, rpc.Retries(2))...).Call("shop", "order")
			})
		}
		world.Run(5 * sec)
		r.Require(came == 40 && together < 20, "clients that failed together do not come back together")
	}},
	{"StuckBreaker", []rpc.Option{rpc.Breaker(3, 200*ms)}, []rpc.Option{rpc.Breaker(3, 200*ms), rpc.StuckBreaker()}, func(r *lab.Run, options []rpc.Option) {
		down, asked, code := true, 0, rpc.Code("")
		serve(r, func(r *rpc.Request) {
			if asked++; down {
				r.Fail(rpc.Unavailable, "down")
				return
			}
			r.Reply("receipt")
		}, nil, func(client *rpc.Client) {
			for range 20 {
				client.Call("shop", "order")
			}
			down = false
			client.Call("shop", "order")
			r.Worlds()[0].Find("ann").Sleep(sec)
			_, err := client.Call("shop", "order")
			code = rpc.CodeOf(err)
		}, options)
		r.Require(asked == 4 && code == rpc.OK, "the breaker opens after three failures and closes when the shop works again")
	}},
	{"OwnDeadline", nil, []rpc.Option{rpc.OwnDeadline()}, func(r *lab.Run, options []rpc.Option) {
		world, worked, begun := r.World(sim.Latency(sim.Constant(ms))), 0, 0
		world.Node("store", func(node *sim.Node) {
			server := rpc.NewServer(node, rpc.Work(sim.Constant(40*ms)), rpc.SkipExpired())
			server.Handle("get", func(r *rpc.Request) {
				worked++
				r.Reply("value")
			})
		})
		world.Node("shop", func(node *sim.Node) {
			client := rpc.NewClient(node, append([]rpc.Option{rpc.Deadline(sec), rpc.AttemptTimeout(sec)}, options...)...)
			rpc.NewServer(node).Handle("order", func(r *rpc.Request) {
				begun++
				node.Sleep(60 * ms) // of the 50 ms that the customer has
				client.For(r).Call("store", "get")
			})
		})
		world.Node("ann", func(node *sim.Node) {
			rpc.NewClient(node, rpc.Deadline(50*ms)).Call("shop", "order")
		})
		world.Run(sec)
		r.Require(begun == 1 && worked == 0, "the store does not work for a customer who has left")
	}},
	{"ForgetAfterReply", []rpc.Option{rpc.RememberOnDisk()}, []rpc.Option{rpc.ForgetAfterReply()}, func(r *lab.Run, options []rpc.Option) {
		world := r.World()
		shop := world.Node("shop", counts(options...))
		paid := false
		world.Node("ann", func(node *sim.Node) {
			_, err := rpc.NewClient(node, rpc.Retries(5), rpc.WithIDs()).Call("shop", "charge")
			paid = err == nil
		})
		world.Drop("shop", "ann", sim.First(1))
		world.Crash("shop").OnSend("shop", "done").For(20 * ms)
		world.Run(sec)
		r.Require(paid && shop.Disk.Int("charges") == 1, "the card is charged once although the shop crashed as it answered")
	}},
	{"LateShedding", []rpc.Option{rpc.QueueLimit(4)}, []rpc.Option{rpc.QueueLimit(4), rpc.LateShedding()}, func(r *lab.Run, options []rpc.Option) {
		world, served := r.World(sim.Latency(sim.Constant(ms))), 0
		world.Node("shop", func(node *sim.Node) {
			server := rpc.NewServer(node, append(options, rpc.Work(sim.Constant(10*ms)))...)
			server.Handle("order", func(r *rpc.Request) { r.Reply("receipt") })
		})
		for _, name := range names(20) { // all at once; 100 ms later, one more
			world.Node(name, func(node *sim.Node) { rpc.NewClient(node).Call("shop", "order") })
		}
		world.Node("late", func(node *sim.Node) {
			node.Sleep(100 * ms)
			if _, err := rpc.NewClient(node).Call("shop", "order"); err == nil {
				served++
			}
		})
		world.Run(sec)
		r.Require(served == 1, "what is refused costs no work, so a later customer is served in time")
	}},
}

// serve runs one shop and one customer; the first answer of the shop is lost where the
// shop remembers.
func serve(r *lab.Run, handle func(*rpc.Request), server []rpc.Option, ask func(*rpc.Client), options []rpc.Option) *sim.World {
	world := r.World()
	world.Node("shop", func(node *sim.Node) { rpc.NewServer(node, server...).Handle("order", handle) })
	world.Node("ann", func(node *sim.Node) { ask(rpc.NewClient(node, options...)) })
	if server != nil {
		world.Drop("shop", "ann", sim.First(1))
	}
	world.Run(20 * sec)
	return world
}

// TestEveryWrongVariantIsRejected judges what is right and what is wrong by the same
// check over the seeds that are kept for grading.
func TestEveryWrongVariantIsRejected(t *testing.T) {
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			for _, seed := range grade.Seeds(100) {
				for _, c := range []struct {
					options []rpc.Option
					wrong   bool
				}{{v.right, false}, {v.wrong, true}} {
					run := lab.NewRun(seed, false)
					v.check(run, append([]rpc.Option(nil), c.options...))
					switch failed := run.Failed(); {
					case !run.Asked():
						t.Fatal("the check requires nothing")
					case c.wrong && failed == "":
						t.Fatalf("seed %d: the check accepts rpc.%s: its faults must force the failure", seed, v.name)
					case !c.wrong && failed != "":
						t.Fatalf("seed %d: the check rejects what is right: %s", seed, failed)
					}
				}
			}
		})
	}
}
