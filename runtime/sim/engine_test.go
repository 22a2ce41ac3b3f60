package sim_test

import (
	"strings"
	"testing"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
)

// mistake runs do and returns the sentence of the mistake it makes.
func mistake(t *testing.T, do func()) (text string) {
	t.Helper()
	defer func() {
		switch r := recover().(type) {
		case *host.Mistake:
			text = r.Text
		case nil:
			t.Error("want a mistake, got none")
		default:
			t.Errorf("want a mistake, got the panic %v", r)
		}
	}()
	do()
	return
}

func TestMistakesAreSentences(t *testing.T) {
	ask := func(program func(*sim.Node)) func() {
		return func() {
			world := sim.New(sim.Seed(3))
			world.Node("b", func(node *sim.Node) {
				r := node.Receive()
				r.Reply("ok", "round", 1)
			})
			world.Node("a", program)
			world.Run(1 * sec)
		}
	}
	for _, c := range []struct {
		name, want string
		do         func()
	}{
		{"missing field", `message "ok" from b has no field "term" (it has: round); node a, 5ms, seed 3`, ask(func(node *sim.Node) {
			reply, _ := node.Call("b", "vote?")
			reply.Int("term")
		})},
		{"wrong type", `field "round" of message "ok" from b is an int (1), not text: read it with Int; node a, 5ms, seed 3`, ask(func(node *sim.Node) {
			reply, _ := node.Call("b", "vote?")
			reply.Text("round")
		})},
		{"reply of a failed call", `there is no message to read "x" from: the call had no reply; look at err before reading`, ask(func(node *sim.Node) {
			reply, _ := node.Call("b", "vote?", sim.Timeout(1*ms))
			reply.Int("x")
		})},
		{"unknown node", `there is no node "c" to send to (there are: b, a); node a, 0s, seed 3`, ask(func(node *sim.Node) {
			node.Send("c", "vote?")
		})},
		{"odd fields", `node.Send "vote?": the field "term" has no value; fields are written as name, value pairs: "by", 3; node a, 0s, seed 3`, ask(func(node *sim.Node) {
			node.Send("b", "vote?", "term")
		})},
		{"struct in a message", `node.Send "vote?": field "who" is of type struct { X int }; a message carries numbers, text, bools, durations, and lists and maps of these; node a, 0s, seed 3`, ask(func(node *sim.Node) {
			node.Send("b", "vote?", "who", struct{ X int }{1})
		})},
		{"option out of place", `node.Send "vote?": sim.Timeout is no option of node.Send; node a, 0s, seed 3`, ask(func(node *sim.Node) {
			node.Send("b", "vote?", sim.Timeout(ms))
		})},
		{"foreign goroutine", `node.Send: this goroutine is not a process of node a; start it with node.Go; node a, 0s, seed 3`, ask(func(node *sim.Node) {
			failed := make(chan any)
			go func() {
				defer func() { failed <- recover() }()
				node.Send("b", "vote?")
			}()
			panic(<-failed)
		})},
		{"a node's method in a cell", `node.Send: this goroutine is not a process of node c: inside the node's program start it with node.Go; from the notebook use world.Send or world.At; node c, 0s, seed 3`, func() {
			world := sim.New(sim.Seed(3))
			world.Node("c", Greeter).Send("c", "hello")
		}},
		{"nobody handles it", `message "ad" from you: node c has no handler for it (it has: add); node c, 5ms, seed 3`, func() {
			world := sim.New(sim.Seed(3))
			world.Node("c", func(node *sim.Node) { node.Handle("add", func(*sim.Request) {}) })
			world.Send("c", "ad")
			world.Run(1 * sec)
		}},
		{"run inside a run", `this world is running already: world.Run can not be called from inside a run or from two cells at once`, func() {
			world := sim.New()
			world.Node("c", func(node *sim.Node) { world.Run(1 * sec) })
			world.Run(1 * sec)
		}},
	} {
		if got := mistake(t, c.do); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestAHandlerThatBlocksLetsTheNextMessageIn(t *testing.T) {
	world := sim.New(sim.Latency(sim.Constant(1 * ms)))
	inside, most := 0, 0
	world.Node("server", func(node *sim.Node) {
		node.Handle("work", func(r *sim.Request) {
			inside++
			most = max(most, inside)
			node.Sleep(10 * ms)
			inside--
			r.Reply("done")
		})
	})
	done := 0
	world.Nodes("a b c", func(node *sim.Node) {
		for range 3 {
			if _, err := node.Call("server", "work"); err == nil {
				done++
			}
		}
	})
	world.Run(1 * sec)
	if most != 3 || done != 9 {
		t.Errorf("%d handlers at once, want 3; %d calls answered, want 9", most, done)
	}
}

func TestACrashEndsWhatRunsAndWaits(t *testing.T) {
	world := sim.New()
	var ended []string
	world.Node("n", func(node *sim.Node) {
		starts := node.Disk.Int("starts") + 1
		node.Disk.Set("starts", starts)
		node.Go(func() {
			defer func() { ended = append(ended, "process") }()
			node.Sleep(time.Hour)
			t.Error("a crashed process went on")
		})
		node.After(30*ms, func() {
			if starts == 1 {
				t.Error("the timer of a crashed node fired")
			}
		})
		defer func() { ended = append(ended, "program") }()
		defer node.Note("a deferred call of a dying process does nothing")
		node.Receive("never")
	})
	world.Crash("n").Between(20*ms, 40*ms)
	world.Run(100 * ms)
	if got := strings.Join(ended, " "); got != "program process" {
		t.Errorf("ended: %s; want the program and the process, in the order in which they began to wait", got)
	}
	if text := world.Transcript().String(); strings.Contains(text, "deferred") {
		t.Errorf("a dead node noted something:\n%s", text)
	}
	world.Stop()
	if got := len(ended); got != 4 {
		t.Errorf("%d processes ended after world.Stop, want 4", got)
	}
}

func TestADeadlockSaysWhoWaitsForWhat(t *testing.T) {
	world := sim.New(sim.Timeout(0))
	world.Nodes("a b", func(node *sim.Node) {
		node.Handle("ask", func(r *sim.Request) {
			node.Receive("permission")
			r.Reply("granted")
		})
		node.Call(node.Others()[0], "ask")
	})
	text := world.Run(1 * sec).String()
	want := `deadlock: a waits for the reply of b to "ask" since 0s; a (handling "ask") waits for "permission" since 3ms; b waits for the reply of a to "ask" since 0s; b (handling "ask") waits for "permission" since 3ms`
	if !strings.Contains(text, want) {
		t.Errorf("got\n%s\nwant in it\n%s", text, want)
	}
}

func TestServersAtRestAreNoDeadlock(t *testing.T) {
	world := sim.New()
	world.Nodes("a b", BlockingGreeter)
	world.Send("a", "hello")
	if text := world.Run(1 * sec).String(); strings.Contains(text, "deadlock") {
		t.Errorf("got a deadlock:\n%s", text)
	}
}

func TestALimitNamesWhatWasBusiest(t *testing.T) {
	got := mistake(t, func() {
		world := sim.New(sim.MaxEvents(10_000))
		world.Nodes("a b", func(node *sim.Node) {
			node.Handle("ball", func(r *sim.Request) { node.Send(r.From, "ball") })
		})
		world.At(0, func() { world.Find("a").Send("b", "ball") })
		world.Run(time.Hour)
	})
	if !strings.Contains(got, `the busiest message "ball"`) || !strings.Contains(got, "sim.MaxEvents(10000) raises the limit") && !strings.Contains(got, "raises the limit") {
		t.Errorf("got %s", got)
	}
	got = mistake(t, func() {
		world := sim.New()
		world.Node("a", func(node *sim.Node) {
			for {
				node.Sleep(0)
			}
		})
		world.Run(1 * sec)
	})
	if !strings.Contains(got, "happened without time going on") {
		t.Errorf("got %s", got)
	}
}
