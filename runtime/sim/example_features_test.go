package sim_test

import (
	"errors"
	"fmt"
	"time"

	"netsplit/runtime/sim"
)

// A node has a name, a disk, random numbers and a clock of its own.
func ExampleNode() {
	world := sim.New(sim.Seed(7))
	world.Nodes("a b c", func(node *sim.Node) {
		node.Handle("who?", func(r *sim.Request) { r.Reply("me", "name", node.Name, "roll", node.Rand.Intn(6)+1) })
	})
	reply, err := world.Call("b", "who?")
	fmt.Println(reply, err, world.Find("b").Others(), world.Find("b").Up())
	// Output:
	// me name=b roll=3 <nil> [a c] true
}

// Numbers over time: how many requests wait while a node is slow.
func ExampleWorld_Sample() {
	world := sim.New(sim.Latency(sim.Constant(1 * ms)))
	server := world.Node("server", func(node *sim.Node) {
		node.Handle("job", func(r *sim.Request) {})
	}, sim.Service(sim.Constant(10*ms)))
	world.Node("client", func(node *sim.Node) {
		node.Every(20*ms, func() { node.Send("server", "job") })
	})
	world.Slow("server", 10).Between(100*ms, 200*ms)
	waiting := world.Sample("waiting", "requests", 50*ms, func() float64 { return float64(server.Queued()) })
	flying := world.Sample("on the way", "messages", 50*ms, func() float64 { return float64(world.InFlight()) })
	world.Run(300 * ms)
	fmt.Println(waiting)
	fmt.Println(waiting.Values(), flying.Values())
	fmt.Println(len(world.Gauges()), world.SampleQueues(10 * ms)[0].Name)
	// Output:
	// waiting: 7 points, mean 1.143 requests, max 4 requests, at 300ms 0 requests
	// [0 0 0 2 4 2 0] [0 0 1 0 1 0 1]
	// 2 queue of server
}

// A request in the system, its rate and its time: L = λW, checked by the engine.
func ExampleFlow() {
	world := sim.New()
	shop := world.Flow("shop")
	world.Node("customers", func(node *sim.Node) {
		for range 3 {
			node.Go(func() {
				came := shop.Enter()
				node.Sleep(20 * ms)
				shop.Leave(came)
			})
			node.Sleep(10 * ms)
		}
	})
	world.Run(100 * ms)
	w := shop.Work()
	fmt.Printf("L %.1f = λ %.0f/s times W %v; present %d\n", w.Number, w.Rate, w.Time, shop.Present())
	// Output:
	// L 0.6 = λ 30/s times W 20ms; present 0
}

// What a node with a service time did.
func ExampleWork() {
	world := sim.New(sim.Latency(sim.Constant(1 * ms)))
	server := world.Node("server", func(node *sim.Node) {
		node.Handle("job", func(r *sim.Request) { r.Reply("done") })
	}, sim.Service(sim.Constant(10*ms)), sim.Servers(2), sim.QueueBound(1))
	for range 5 {
		world.Send("server", "job")
	}
	world.Run(100 * ms)
	w := server.Work()
	fmt.Printf("%d came, %d done, %d refused; L %.2f = λ %.0f/s times W %v; busy %.0f %%\n", w.Arrived, w.Done, w.Refused, w.Number, w.Rate, w.Time, 100*w.Busy)
	// Output:
	// 3 came, 3 done, 2 refused; L 0.40 = λ 30/s times W 13.333333ms; busy 15 %
}

// A search that nobody waits for any more is cancelled; it cleans up behind itself.
func ExampleTask() {
	world := sim.New()
	world.Node("n", func(node *sim.Node) {
		lock := node.NewMutex("index")
		search := node.Start("search", func() {
			lock.Lock()
			defer lock.Unlock()
			defer node.Note("search gives up")
			node.Sleep(1 * sec)
			node.Note("found it")
		})
		if !search.WaitWithin(20 * ms) {
			search.Cancel()
		}
		search.Wait()
		lock.Lock()
		node.Note("the lock is free", "done", search.Done(), "cancelled", search.Cancelled())
	})
	fmt.Print("a task is cancelled\n", world.Run(2*sec))
	// Output:
	// a task is cancelled
	//   20ms  n: search gives up
	//   20ms  n: the lock is free done=true cancelled=true
}

// Everything within 60 ms, or nothing more of it.
func ExampleDeadlineExceeded() {
	world := sim.New(sim.Latency(sim.Constant(10 * ms)))
	world.Nodes("a b", func(node *sim.Node) {
		node.Handle("prepare", func(r *sim.Request) {
			node.Sleep(20 * ms)
			r.Reply("prepared")
		})
	})
	world.Node("client", func(node *sim.Node) {
		err := node.Within(60*ms, func() {
			node.Call("a", "prepare")
			node.Call("b", "prepare")
			node.Note("both are prepared")
		})
		var late *sim.DeadlineExceeded
		fmt.Println(err, errors.As(err, &late))
	})
	world.Run(1 * sec)
	// Output:
	// not done within 60ms; node client, 60ms, seed 1 true
}

// Safety and liveness are reported apart.
func ExamplePromise() {
	world := sim.New(sim.Seed(7))
	world.Node("counter", Counter)
	world.Node("client", Client)
	world.Always("the total is never negative", func() bool { return world.Find("counter").Disk.Int("total") >= 0 })
	world.Eventually("both amounts are there", 1*sec, func() bool { return world.Find("counter").Disk.Int("total") == 5 })
	world.Eventually("a third one comes", 2*sec, func() bool { return world.Find("counter").Disk.Int("total") > 5 })
	world.Run(1 * sec)
	fmt.Println(world.Verdict())
	for _, p := range append(world.Safety(), world.Liveness()...) {
		fmt.Println(p)
	}
	// Output:
	// safety kept until 1s: the total is never negative (seed 7)
	// liveness kept until 1s: both amounts are there (seed 7)
	// open at 1s: a third one comes (seed 7)
	// kept: the total is never negative
	// kept at 37ms: both amounts are there
	// open: a third one comes
}

// A ring: who is no neighbour has no link.
func ExampleShape() {
	world := sim.New(sim.Latency(sim.Constant(10 * ms)))
	world.Nodes("a b c d e f", func(node *sim.Node) {
		heard := false
		node.Handle("rumour", func(r *sim.Request) {
			if !heard {
				heard = true
				node.Note("heard it")
				for _, name := range node.Neighbours() {
					node.Send(name, "rumour")
				}
			}
		})
	})
	for _, shape := range []sim.Shape{sim.Mesh(), sim.Line(), sim.Ring(), sim.Star(), sim.Grid(3), sim.Tree(2)} {
		world.Topology("a b c d e f", shape)
		fmt.Println(shape, world.Find("b").Neighbours())
	}
	world.Topology("a b c d e f", sim.Ring())
	world.Link("you", "a", sim.Latency(sim.Constant(0)))
	world.Send("a", "rumour")
	fmt.Print("around the ring\n", world.Run(1*sec).Kinds("nothing else"))
	// Output:
	// mesh [a c d e f]
	// line [a c]
	// ring [a c]
	// star [a]
	// grid [a c e]
	// tree [a d e]
	// around the ring
	//     0s  a: heard it
	//   10ms  b: heard it
	//   10ms  f: heard it
	//   20ms  c: heard it
	//   20ms  e: heard it
	//   30ms  d: heard it
}

// Three continents, by the table of their round trips.
func ExampleWorld_RoundTrips() {
	world := sim.New()
	world.Nodes("paris oslo nyc tokyo", func(node *sim.Node) {
		node.Handle("ping", func(r *sim.Request) { r.Reply("pong") })
		if node.Name == "paris" {
			for _, to := range node.Others() {
				start := node.Now()
				node.Call(to, "ping", sim.Timeout(1*sec))
				fmt.Println(to, node.Now()-start)
			}
		}
	})
	world.Group("eu", "paris oslo")
	world.RoundTrips(`
	         eu    nyc  tokyo
	  eu    20ms  90ms  220ms
	  nyc   90ms   -    170ms
	  tokyo 220ms 170ms  -   `)
	world.Run(1 * sec)
	// Output:
	// oslo 20ms
	// nyc 90ms
	// tokyo 220ms
}

// A clock is put right by a time server. Where one way takes longer than the other,
// it is wrong by half the difference, and cannot know.
func ExampleTimeReading() {
	world := sim.New()
	world.Node("server", sim.TimeServer)
	world.Node("client", func(node *sim.Node) {
		reading, err := node.AskTime("server")
		fmt.Println("the server is ahead by", reading, err)
		node.AdjustClock(reading.Offset)
		fmt.Println("wrong by", node.Now()-world.Now(), "known to", reading.Bound())
	}, sim.ClockOffset(-1*sec))
	world.OneWay("client", "server", sim.Latency(sim.Constant(10*ms)))
	world.OneWay("server", "client", sim.Latency(sim.Constant(30*ms)))
	world.Run(1 * sec)
	// Output:
	// the server is ahead by 990ms ± 20ms <nil>
	// wrong by -10ms known to 20ms
}

// NTP keeps a drifting clock near the right time; a leap second turns it back.
func ExampleNode_KeepTime() {
	world := sim.New(sim.Latency(sim.Uniform(5*ms, 15*ms)))
	world.Node("server", sim.TimeServer)
	ntp := func(node *sim.Node) { node.KeepTime("server", 10*sec) }
	world.Node("kept", ntp, sim.ClockDrift(500), sim.ClockOffset(3*sec))
	world.Node("left", func(*sim.Node) {}, sim.ClockDrift(500))
	wrong := func(name string) time.Duration {
		return (world.Find(name).Now() - world.Now()).Round(ms)
	}
	world.Run(100 * sec)
	fmt.Println("kept", wrong("kept"), "left", wrong("left"))
	world.LeapSecond("left")
	world.Run(1 * sec)
	fmt.Println("left, after a leap second", wrong("left"))
	// Output:
	// kept 7ms left 50ms
	// left, after a leap second -950ms
}

// A node that says attack to one and retreat to the other.
func ExampleWorld_Forge() {
	world := sim.New(sim.Latency(sim.Constant(1 * ms)))
	world.Nodes("a b", func(node *sim.Node) { node.Handle("order", func(r *sim.Request) {}) })
	world.Node("general", func(node *sim.Node) { node.Broadcast("order", "attack", true) })
	world.Forge("general", func(to string, m *sim.Message) []any {
		if to == "b" {
			return []any{"attack", !m.Bool("attack")}
		}
		return nil
	})
	fmt.Print("a traitor\n", world.Run(10*ms))
	// Output:
	// a traitor
	//     0s  general forges messages
	//     0s  general -> a: order attack=true
	//     0s  general -> b: order attack=true
	//    1ms  a <- general: order attack=true
	//    1ms  b <- general: order attack=false
}

// Dishonest from the start: the same program, wrapped.
func ExampleLying() {
	report := func(node *sim.Node) {
		node.Handle("report", func(r *sim.Request) {})
		node.Sleep(1 * ms)
		node.Broadcast("report", "n", 7)
		node.Broadcast("report", "n", 8)
	}
	world := sim.New(sim.Seed(3), sim.Latency(sim.Constant(1*ms)))
	world.Node("honest", report)
	world.Node("liar", sim.Lying(report))
	world.Node("twofaced", sim.Equivocating(report))
	world.Node("parrot", sim.Replaying(report))
	world.Run(20 * ms)
	fmt.Print("what honest hears\n", world.Transcript().Nodes("honest").Between(2*ms, 20*ms))
	// Output:
	// what honest hears
	//    2ms  liar <- honest: report n=7
	//    2ms  twofaced <- honest: report n=7
	//    2ms  parrot <- honest: report n=7
	//    2ms  liar <- honest: report n=8
	//    2ms  twofaced <- honest: report n=8
	//    2ms  parrot <- honest: report n=8
	//    2ms  honest <- liar: report n=39
	//    2ms  honest <- liar: report n=1032
	//    2ms  honest <- twofaced: report n=7
	//    2ms  honest <- twofaced: report n=8
	//    2ms  honest <- parrot: report n=7
	//    2ms  honest <- parrot: report n=7
	//    2ms  honest <- parrot: report n=7
	//    2ms  honest <- parrot: report n=8
}

// A watchdog kills a node that works too slowly to be of use.
func ExampleWatchdog() {
	world := sim.New(sim.Latency(sim.Constant(1 * ms)))
	world.Node("db", func(node *sim.Node) {
		node.Handle("get", func(r *sim.Request) { r.Reply("value") })
	}, sim.Service(sim.Constant(5*ms)), sim.Watchdog(100*ms, 50*ms))
	world.Slow("db", 1000).At(20 * ms)
	world.At(30*ms, func() { world.Send("db", "get") })
	world.At(250*ms, func() { world.Send("db", "get") })
	fmt.Print("a gray failure\n", world.Run(300*ms))
	// Output:
	// a gray failure
	//   20ms  db is 1000 times slower
	//   30ms  you -> db: get
	//   31ms  db <- you: get
	//  150ms  watchdog of db: a request is in it since 31ms
	//  150ms  db is as fast as before
	//  150ms  db crashes
	//  200ms  db restarts
	//  250ms  you -> db: get
	//  251ms  db <- you: get
	//  256ms  db -> you: value
	//  257ms  you <- db: value
}

// Nodes that fail and are repaired for ever: how long is a majority there?
func ExampleWorld_Failures() {
	world := sim.New(sim.MaxEvents(1_000_000))
	world.Nodes("a b c", func(*sim.Node) {})
	world.Failures("a b c", sim.Exponential(99*sec), sim.Exponential(1*sec))
	world.Run(24 * time.Hour)
	one, _ := world.Trace().Uptime(1, "a")
	majority, outages := world.Trace().Uptime(2, "a b c")
	fmt.Printf("one node %.3f, a majority %.5f with %d outages\n", one, majority, outages)
	// Output:
	// one node 0.991, a majority 0.99969 with 47 outages
}

// All crash states of a small log, each tried: recovery must make sense of every one.
func ExampleWorld_CrashInto() {
	build := func() *sim.World {
		world := sim.New()
		world.Node("db", func(node *sim.Node) {
			if node.Disk.Len("log") > 0 || node.Disk.Has("commit") {
				node.Note("recovers", "entries", node.Disk.Len("log"), "commit", node.Disk.Int("commit"))
				return
			}
			node.Disk.Append("log", "x")
			node.Disk.Append("log", "y")
			node.Disk.Write("commit", 2)
		})
		world.Run(10 * ms)
		return world
	}
	for _, state := range build().Find("db").Disk.CrashStates() {
		world := build()
		world.CrashInto("db", state).For(10 * ms)
		world.Run(100 * ms)
		fmt.Println(state, "·", world.Find("db").Noted("entries"), world.Find("db").Noted("commit"))
	}
	// Output:
	// commit=2 · 0 2
	// commit=2 log=[x y] · 2 2
	// commit=2 log=[x] · 1 2
	// commit=2 log=[y] · 1 2
	// empty · <nil> <nil>
	// log=[x y] · 2 0
	// log=[x] · 1 0
	// log=[y] · 1 0
}

// A majority is healed, and must converge; the third node stays away.
func ExampleWorld_Settle() {
	world := sim.New(sim.Seed(2))
	world.Nodes("a b c", func(node *sim.Node) {
		node.Handle("value", func(r *sim.Request) {
			if r.Int("n") > node.Disk.Int("n") {
				node.Disk.Set("n", r.Int("n"))
			}
		})
		node.Every(20*ms, func() { node.Broadcast("value", "n", node.Disk.Int("n")) })
	})
	world.Partition("a", "b", "c")
	world.Crash("b").Between(10*ms, 10*sec)
	world.Pause("c").At(15 * ms)
	world.Find("a").Disk.Set("n", 7)
	world.Run(100 * ms)
	agree := func() bool { return world.Find("b").Disk.Int("n") == 7 }
	world.Settle("a b", 200*ms, "b knows what a knows", agree)
	fmt.Println(world.Verdict(), "c has", world.Find("c").Disk.Int("n"))
	// Output:
	// kept until 300ms: b knows what a knows (seed 2) c has 0
}

// A fault can come with a probability, and come back.
func ExampleFault_Every() {
	world := sim.New(sim.Seed(5))
	world.Node("n", func(node *sim.Node) {})
	world.Pause("n").Between(100*ms, 150*ms).Every(300 * ms)
	world.Crash("n").At(200 * ms).For(20 * ms).Every(200 * ms).Chance(0.5)
	fmt.Print("again and again\n", world.Run(1*sec))
	// Output:
	// again and again
	//  100ms  n pauses
	//  150ms  n resumes
	//  200ms  n crashes
	//  220ms  n restarts
	//  400ms  n pauses
	//  400ms  n resumes
	//  400ms  n crashes
	//  420ms  n restarts
	//  700ms  n pauses
	//  750ms  n resumes
	//  800ms  n crashes
	//  820ms  n restarts
	//     1s  n pauses
	//     1s  n resumes
	//     1s  n crashes
}

// Noise of the network as faults with a beginning and an end.
func ExampleWorld_Duplicate() {
	world := sim.New(sim.Seed(4), sim.Latency(sim.Constant(2*ms)))
	world.Nodes("a b", func(node *sim.Node) {
		node.Handle("n", func(r *sim.Request) {})
		if node.Name == "a" {
			for i := range 8 {
				node.Send("b", "n", "i", i)
				node.Sleep(10 * ms)
			}
		}
	})
	world.Duplicate(1).Between(5*ms, 15*ms)
	world.Corrupt(1, "a").Between(15*ms, 25*ms)
	world.Reorder(1, 20*ms, "a", "b").Between(25*ms, 45*ms)
	world.LossBursts(1, 0, 1).Between(45*ms, 65*ms)
	world.Run(200 * ms)
	fmt.Print("noise\n", world.Transcript().Nodes("b"))
	// Output:
	// noise
	//     0s  a -> b: n i=0
	//    2ms  b <- a: n i=0
	//    5ms  duplicates of 100%
	//   10ms  a -> b: n i=1
	//   12ms  b <- a: n i=1
	//   12ms  b <- a: n i=1
	//   15ms  end of duplicates of 100%
	//   15ms  corruption of 100% at a
	//   20ms  a -> b: n i=2
	//   22ms  b <- a: n i=1026
	//   25ms  end of corruption of 100% at a
	//   25ms  reordering of 100% by up to 20ms between a and b
	//   30ms  a -> b: n i=3
	//   34ms  b <- a: n i=3
	//   40ms  a -> b: n i=4
	//   45ms  end of reordering of 100% by up to 20ms between a and b
	//   45ms  loss of 100% in bursts
	//   48ms  b <- a: n i=4
	//   50ms  a -> b: n i=5
	//   50ms  a -x b: n i=5 (lost)
	//   60ms  a -> b: n i=6
	//   60ms  a -x b: n i=6 (lost)
	//   65ms  end of loss of 100% in bursts
	//   70ms  a -> b: n i=7
	//   72ms  b <- a: n i=7
}

// A disk that is about to die works slowly; what it says it wrote may be wrong.
func ExampleWorld_SlowDisk() {
	world := sim.New(sim.Seed(1))
	world.Node("db", func(node *sim.Node) {
		if node.Disk.Has("word") {
			node.Note("recovers", "word", node.Disk.Text("word"))
			return
		}
		for range 3 {
			start := node.Now()
			node.Disk.Write("word", "durable")
			node.Disk.Sync()
			node.Note("written", "took", node.Now()-start)
			node.Disk.Write("word", "fleeting")
			node.Sleep(10 * ms)
		}
	}, sim.Fsync(sim.Constant(2*ms)), sim.DiskLatency(sim.Constant(1*ms)), sim.CorruptWrites(1))
	world.SlowDisk("db", 10).Between(15*ms, 25*ms)
	world.Crash("db").Between(100*ms, 110*ms)
	fmt.Print("a bad disk\n", world.Run(150*ms))
	// Output:
	// a bad disk
	//    3ms  db: written took=3ms
	//   15ms  disk of db is 10 times slower
	//   25ms  disk of db is as fast as before
	//   35ms  db: written took=21ms
	//   49ms  db: written took=3ms
	//  100ms  db crashes
	//  110ms  db restarts
	//  110ms  db: recovers word=flee?ing
}

// Halves of the nodes that do not reach each other, as the seed wants it.
func ExampleWorld_Halves() {
	world := sim.New(sim.Seed(3))
	world.Nodes("a b c d e", func(node *sim.Node) {})
	world.Halves().Between(10*ms, 20*ms)
	world.Halves().At(30 * ms)
	fmt.Print("two halves\n", world.Run(40*ms))
	// Output:
	// two halves
	//   10ms  partition a c d | b e
	//   20ms  heal a c d | b e
	//   30ms  partition a d e | b c
}

// Work that a program names is a span inside the call that it handles.
func ExampleSpan() {
	world := sim.New(sim.Latency(sim.Constant(2 * ms)))
	world.Node("db", func(node *sim.Node) {
		node.Handle("put", func(r *sim.Request) {
			all := node.Span("put", "key", r.Text("key"))
			defer all.End()
			sync := node.Span("sync")
			node.Disk.Set(r.Text("key"), 1)
			sync.End()
			r.Reply("ok")
		})
	}, sim.Fsync(sim.Constant(5*ms)))
	world.Call("db", "put", "key", "a")
	for _, w := range world.Trace().Works() {
		fmt.Println(w, "· inside", w.Parent)
	}
	// Output:
	// 2ms  db: put key=a, 5ms · inside -1
	// 2ms  db: sync, 5ms · inside 0
}

// Messages queue for the bandwidth of a link.
func ExampleWorld_LinkQueue() {
	world := sim.New(sim.Bandwidth(10_000))
	world.Node("b", func(node *sim.Node) { node.Handle("file", func(*sim.Request) {}) })
	world.Node("a", func(node *sim.Node) {
		for range 3 {
			node.Send("b", "file", sim.Bytes(1000))
		}
	})
	queue := world.Sample("queue of a -> b", "bytes", 100*ms, func() float64 { return float64(world.LinkQueue("a", "b")) })
	world.Run(400 * ms)
	fmt.Println(queue.Values())
	// Output:
	// [3000 2000 1000 0 0]
}
