package rpc_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"netsplit/runtime/rpc"
	"netsplit/runtime/sim"
)

const (
	ms  = time.Millisecond
	sec = time.Second
)

// counts is a server that counts what it does, on disk, and answers "done".
func counts(options ...rpc.Option) func(*sim.Node) {
	return func(node *sim.Node) {
		server := rpc.NewServer(node, options...)
		server.Handle("charge", func(r *rpc.Request) {
			node.Disk.Set("charges", node.Disk.Int("charges")+1)
			r.Reply("done", "charges", node.Disk.Int("charges"))
		})
		server.Handle("refuse", func(r *rpc.Request) { r.Fail(rpc.Code(r.Text("with")), "because") })
	}
}

// asks runs one program of a client against a server and returns the world.
func asks(t *testing.T, server func(*sim.Node), ask func(node *sim.Node), prepare ...func(*sim.World)) *sim.World {
	t.Helper()
	world := sim.New(sim.Seed(3))
	world.Node("shop", server)
	world.Node("ann", ask)
	for _, p := range prepare {
		p(world)
	}
	world.Run(5 * sec)
	return world
}

func TestARetryHelpsAfterALostReply(t *testing.T) {
	for _, c := range []struct {
		name    string
		server  []rpc.Option
		client  []rpc.Option
		charges int
	}{
		{"no ids", nil, []rpc.Option{rpc.Retries(3)}, 2},
		{"ids, but nobody remembers", nil, []rpc.Option{rpc.Retries(3), rpc.WithIDs()}, 2},
		{"ids", []rpc.Option{rpc.Remember()}, []rpc.Option{rpc.Retries(3), rpc.WithIDs()}, 1},
		{"ids on disk", []rpc.Option{rpc.RememberOnDisk()}, []rpc.Option{rpc.Retries(3), rpc.WithIDs()}, 1},
		{"wrong: fresh ids", []rpc.Option{rpc.Remember()}, []rpc.Option{rpc.Retries(3), rpc.FreshIDs()}, 2},
	} {
		var err error
		world := asks(t, counts(c.server...), func(node *sim.Node) {
			_, err = rpc.NewClient(node, c.client...).Call("shop", "charge")
		}, func(w *sim.World) { w.Drop("shop", "ann", sim.First(1)) })
		if got := world.Find("shop").Disk.Int("charges"); err != nil || got != c.charges {
			t.Errorf("%s: %d charges, want %d; error %v\n%s", c.name, got, c.charges, err, world.Transcript())
		}
	}
}

func TestWhatSurvivesACrashOfTheServer(t *testing.T) {
	for _, c := range []struct {
		name    string
		server  rpc.Option
		charges int
	}{
		{"memory", rpc.Remember(), 2},
		{"disk", rpc.RememberOnDisk(), 1},
		{"wrong: remembered after the reply", rpc.ForgetAfterReply(), 2},
	} {
		world := asks(t, counts(c.server), func(node *sim.Node) {
			rpc.NewClient(node, rpc.Retries(5), rpc.WithIDs()).Call("shop", "charge")
		}, func(w *sim.World) {
			w.Drop("shop", "ann", sim.First(1))
			w.Crash("shop").OnSend("shop", "done").For(20 * ms)
		})
		if got := world.Find("shop").Disk.Int("charges"); got != c.charges {
			t.Errorf("%s: %d charges, want %d\n%s", c.name, got, c.charges, world.Transcript())
		}
	}
}

func TestOnlyCodesThatARetryHelpsAreRetried(t *testing.T) {
	for _, c := range []struct {
		code     rpc.Code
		options  []rpc.Option
		attempts int
	}{
		{rpc.Unavailable, nil, 4},
		{rpc.NotFound, nil, 1},
		{rpc.InvalidArgument, nil, 1},
		{rpc.NotFound, []rpc.Option{rpc.RetryAll()}, 4},
	} {
		var err error
		asks(t, counts(), func(node *sim.Node) {
			client := rpc.NewClient(node, append(c.options, rpc.Retries(3), rpc.Fixed(ms))...)
			_, err = client.Call("shop", "refuse", "with", string(c.code))
		})
		failure, ok := err.(*rpc.Error)
		if !ok || failure.Code != c.code || failure.Attempts != c.attempts {
			t.Errorf("%s: %v, want %d attempts", c.code, err, c.attempts)
		}
		if rpc.CodeOf(err) != c.code {
			t.Errorf("CodeOf is %s, want %s", rpc.CodeOf(err), c.code)
		}
	}
}

// TestAttemptsMultiply is N47: r retries in each of k layers send (1+r)^k requests to
// the last, and with OnlyTop 1+r.
func TestAttemptsMultiply(t *testing.T) {
	layer := func(below string, options ...rpc.Option) func(*sim.Node) {
		return func(node *sim.Node) {
			client := rpc.NewClient(node, append(options, rpc.AttemptTimeout(10*sec))...)
			rpc.NewServer(node).Handle("read", func(r *rpc.Request) {
				if reply, err := client.For(r).Call(below, "read"); err != nil {
					r.Fail(rpc.Unavailable, "from below")
				} else {
					r.Reply(reply.Kind)
				}
			})
		}
	}
	for _, c := range []struct {
		name    string
		options []rpc.Option
		reach   int
	}{
		{"every layer", []rpc.Option{rpc.Retries(3)}, 64},
		{"only the top", []rpc.Option{rpc.Retries(3), rpc.OnlyTop()}, 4},
	} {
		world := sim.New()
		reached := 0
		world.Node("database", func(node *sim.Node) {
			rpc.NewServer(node).Handle("read", func(r *rpc.Request) { reached++; r.Fail(rpc.Unavailable, "down") })
		})
		world.Node("b", layer("database", c.options...))
		world.Node("a", layer("b", c.options...))
		world.Node("web", func(node *sim.Node) {
			rpc.NewClient(node, append(c.options, rpc.AttemptTimeout(10*sec))...).Call("a", "read")
		})
		world.Run(60 * sec)
		if reached != c.reach {
			t.Errorf("%s: the database got %d requests, want %d", c.name, reached, c.reach)
		}
	}
}

func TestABudgetBoundsRetries(t *testing.T) {
	var stats rpc.ClientStats
	asks(t, counts(), func(node *sim.Node) {
		client := rpc.NewClient(node, rpc.Retries(3), rpc.Budget(0.1))
		for range 1000 {
			client.Call("shop", "refuse", "with", "Unavailable")
		}
		stats = client.Stats
	}, func(w *sim.World) { w.Run(60 * sec) })
	if stats.Attempts != 1100 {
		t.Errorf("a budget of 10 %% sent %d attempts for 1000 calls, want 1100", stats.Attempts)
	}
}

func TestADeadlineTravels(t *testing.T) {
	for _, c := range []struct {
		name    string
		options []rpc.Option
		late    bool // the store still works when the customer has left
	}{
		{"it travels", nil, false},
		{"wrong: a deadline of its own", []rpc.Option{rpc.OwnDeadline()}, true},
	} {
		var err error
		var left time.Duration
		worked := time.Duration(-1)
		world := sim.New()
		world.Node("store", func(node *sim.Node) {
			rpc.NewServer(node, rpc.Work(sim.Constant(40*ms)), rpc.SkipExpired()).Handle("get", func(r *rpc.Request) {
				worked = node.Now()
				r.Reply("value")
			})
		})
		world.Node("shop", func(node *sim.Node) {
			client := rpc.NewClient(node, append([]rpc.Option{rpc.Deadline(sec), rpc.AttemptTimeout(sec), rpc.Retries(5)}, c.options...)...)
			rpc.NewServer(node).Handle("order", func(r *rpc.Request) {
				node.Sleep(60 * ms)
				left, _ = r.Left()
				client.For(r).Call("store", "get")
				client.For(r).Call("store", "get")
				r.Reply("receipt")
			})
		})
		world.Node("ann", func(node *sim.Node) {
			_, err = rpc.NewClient(node, rpc.Deadline(100*ms), rpc.AttemptTimeout(sec)).Call("shop", "order")
		})
		world.Run(2 * sec)
		if rpc.CodeOf(err) != rpc.DeadlineExceeded || left != 40*ms {
			t.Errorf("%s: error %v, %v left in the shop, want DeadlineExceeded and 40ms", c.name, err, left)
		}
		if late := worked > 120*ms; late != c.late {
			t.Errorf("%s: the store worked last at %v\n%s", c.name, worked, world.Transcript())
		}
	}
}

func TestABreakerOpensAndCloses(t *testing.T) {
	for _, c := range []struct {
		options []rpc.Option
		after   rpc.Code
	}{
		{[]rpc.Option{rpc.Breaker(3, 200*ms)}, rpc.OK},
		{[]rpc.Option{rpc.Breaker(3, 200*ms), rpc.StuckBreaker()}, rpc.Unavailable},
	} {
		var codes []string
		world := asks(t, counts(), func(node *sim.Node) {
			client := rpc.NewClient(node, c.options...)
			for range 6 {
				_, err := client.Call("shop", "charge")
				codes = append(codes, string(rpc.CodeOf(err)))
			}
			node.Sleep(300 * ms)
			_, err := client.Call("shop", "charge")
			codes = append(codes, string(rpc.CodeOf(err)))
		}, func(w *sim.World) { w.Partition("ann", "shop").Between(0, 200*ms) })
		want := "DeadlineExceeded DeadlineExceeded DeadlineExceeded Unavailable Unavailable Unavailable " + string(c.after)
		if got := strings.Join(codes, " "); got != want {
			t.Errorf("codes %s\nwant  %s\n%s", got, want, world.Transcript())
		}
	}
}

func TestAFullQueueSheds(t *testing.T) {
	var stats rpc.ServerStats
	var order []int
	for _, newest := range []bool{false, true} {
		order = nil
		world := sim.New(sim.Latency(sim.Constant(ms)))
		world.Node("shop", func(node *sim.Node) {
			options := []rpc.Option{rpc.Work(sim.Constant(10 * ms)), rpc.QueueLimit(2)}
			if newest {
				options = append(options, rpc.NewestFirst())
			}
			server := rpc.NewServer(node, options...)
			server.Handle("order", func(r *rpc.Request) {
				order = append(order, r.Int("n"))
				r.Reply("receipt")
				stats = server.Stats
			})
		})
		var shed int
		world.Node("ann", func(node *sim.Node) {
			for n := range 5 {
				node.Go(func() {
					if _, err := rpc.NewClient(node).Call("shop", "order", "n", n); rpc.CodeOf(err) == rpc.Unavailable {
						shed++
					}
				})
			}
		})
		world.Run(sec)
		want := "[0 1 2]"
		if newest {
			want = "[0 2 1]"
		}
		if fmt.Sprint(order) != want || stats.Served != 3 || shed != 2 {
			t.Errorf("newest first %v: worked on %v, want %s; %d refused, want 2; %+v", newest, order, want, shed, stats)
		}
	}
}

func TestTwoAttemptsAtOnceAreWorkedOnOnce(t *testing.T) {
	world := asks(t, counts(rpc.Work(sim.Constant(120*ms)), rpc.Remember()), func(node *sim.Node) {
		reply, err := rpc.NewClient(node, rpc.Retries(5), rpc.WithIDs()).Call("shop", "charge")
		if err != nil || reply.Int("charges") != 1 {
			t.Errorf("reply %v, error %v", reply, err)
		}
	})
	if got := world.Find("shop").Disk.Int("charges"); got != 1 {
		t.Errorf("%d charges, want 1\n%s", got, world.Transcript())
	}
}

func TestAMistakenOptionIsNamed(t *testing.T) {
	for name, make := range map[string]func(*sim.Node){
		"an option for servers": func(node *sim.Node) { rpc.NewClient(node, rpc.Remember()) },
		"an option for clients": func(node *sim.Node) { rpc.NewServer(node, rpc.Retries(1)) },
		"needs rpc.Breaker":     func(node *sim.Node) { rpc.NewClient(node, rpc.StuckBreaker()) },
	} {
		func() {
			defer func() {
				if text := fmt.Sprint(recover()); !strings.Contains(text, name) {
					t.Errorf("the mistake is reported as %q, want a sentence with %q", text, name)
				}
			}()
			world := sim.New()
			world.Node("a", make)
			world.Run(ms)
		}()
	}
}
