package sim_test

import (
	"errors"
	"fmt"
	"time"

	"netsplit/runtime/sim"
)

// A distribution says itself what it is.
func ExampleDistribution() {
	world := sim.New()
	dice := world.Rand("example")
	for _, d := range []sim.Distribution{
		sim.Constant(5 * ms),
		sim.Exponential(5 * ms),
		sim.Mix(sim.Uniform(1*ms, 3*ms), 0.01, sim.Constant(1*sec)),
	} {
		fmt.Println(d, dice.Draw(d).Round(time.Microsecond))
	}
	// Output:
	// always 5ms 5ms
	// exponential with mean 5ms 1.154ms
	// uniform from 1ms to 3ms, with probability 0.01 always 1s 2.2ms
}

// The same name gives the same numbers, whatever else is drawn.
func ExampleRand() {
	a, b := sim.New(sim.Seed(7)), sim.New(sim.Seed(7))
	b.Rand("something else").Intn(6)
	fmt.Println(a.Rand("dice").Intn(6)+1, a.Rand("dice").Intn(6)+1, a.Rand("dice").Perm(5))
	fmt.Println(b.Rand("dice").Intn(6)+1, b.Rand("dice").Intn(6)+1, b.Rand("dice").Perm(5))
	// Output:
	// 5 2 [0 2 4 1 3]
	// 5 2 [0 2 4 1 3]
}

// The three lines of "the leader crashes after it appended and before a majority
// has acknowledged".
func ExampleFault() {
	world := sim.New()
	world.Nodes("b c", func(node *sim.Node) {
		node.Handle("append", func(r *sim.Request) { r.Reply("ack") })
	})
	world.Node("leader", func(node *sim.Node) {
		node.Handle("write", func(r *sim.Request) {
			node.Disk.Append("log", r.Text("value"))
			node.Disk.Sync()
			node.Note("appended")
			node.Broadcast("append", "value", r.Text("value"))
		})
	})
	world.Send("leader", "write", "value", "x")
	world.Crash("leader").OnNote("leader", "appended").For(30 * ms)
	fmt.Print("crash at an event\n", world.Run(100*ms))
	fmt.Println("on disk:", world.Find("leader").Disk)
	// Output:
	// crash at an event
	//     0s  you -> leader: write value=x
	//    5ms  leader <- you: write value=x
	//    5ms  leader: appended
	//    5ms  leader crashes
	//   35ms  leader restarts
	// on disk: log=[x]
}

// What is not synced may be gone after a crash, in any combination.
func ExampleDisk() {
	world := sim.New()
	world.Node("db", func(node *sim.Node) {
		if node.Disk.Has("a") {
			fmt.Println("after the crash:", node.Disk)
			return
		}
		node.Disk.Set("a", 1) // durable
		node.Disk.Write("b", 2)
		node.Disk.Append("log", "b=2")
		fmt.Println("before the crash:", node.Disk)
		for _, state := range node.Disk.CrashStates() {
			fmt.Println("possible:", state)
		}
	})
	world.Crash("db").Between(10*ms, 20*ms)
	world.Run(50 * ms)
	// Output:
	// before the crash: a=1 b=2 log=["b=2"]
	// possible: a=1
	// possible: a=1 b=2
	// possible: a=1 b=2 log=["b=2"]
	// possible: a=1 log=["b=2"]
	// after the crash: a=1 b=2 log=["b=2"]
}

// A full disk is an error that a program can meet.
func ExampleFull() {
	world := sim.New()
	world.Node("db", func(node *sim.Node) {
		err := node.Disk.Set("film", "far too long for this disk")
		var full *sim.Full
		fmt.Println(err, errors.As(err, &full))
	}, sim.DiskCapacity(16))
	world.Run(1 * ms)
	// Output:
	// the disk of db is full (16 bytes) true
}

// Each node reads its own clock; the observer sees true time.
func ExampleClockDrift() {
	world := sim.New()
	show := func(node *sim.Node) {
		for range 3 {
			node.Sleep(10 * sec)
			node.Note("clock", node.Now())
		}
	}
	world.Node("fast", show, sim.ClockDrift(200))
	world.Node("late", show, sim.ClockOffset(-5*ms))
	world.StepClock("late", 1*sec).At(15 * sec)
	fmt.Print("clocks\n", world.Run(31*sec))
	// Output:
	// clocks
	//  9.998s  fast: clock=10s
	//     10s  late: clock=9.995s
	//     15s  clock of late steps by 1s
	// 19.996s  fast: clock=20s
	//     20s  late: clock=20.995s
	// 29.994s  fast: clock=30s
	//     30s  late: clock=30.995s
}

// A clock that knows its error, as TrueTime does.
func ExampleIntervalClock() {
	world := sim.New()
	world.Node("n", func(node *sim.Node) {
		node.Sleep(20 * sec)
		earliest, latest := node.Interval()
		fmt.Println("width", latest-earliest, "true time inside", earliest <= world.Now() && world.Now() <= latest)
	}, sim.IntervalClock(1*ms, 30*sec, 200))
	world.Run(30 * sec)
	// Output:
	// width 10ms true time inside true
}

// Processes of one node share memory, and a mutex keeps others out while one waits.
func ExampleMutex() {
	world := sim.New()
	world.Node("n", func(node *sim.Node) {
		mutex := node.NewMutex("balance")
		balance := 10
		for range 3 {
			node.Go(func() {
				mutex.Lock()
				defer mutex.Unlock()
				seen := balance
				node.Sleep(5 * ms) // without the mutex the others would see it, too
				balance = seen - 1
				node.Note("balance", balance)
			})
		}
	})
	fmt.Print("one after the other\n", world.Run(50*ms))
	// Output:
	// one after the other
	//    5ms  n: balance=9
	//   10ms  n: balance=8
	//   15ms  n: balance=7
}

// A semaphore lets two in at a time.
func ExampleSemaphore() {
	world := sim.New()
	world.Node("n", func(node *sim.Node) {
		places := node.NewSemaphore("places", 2)
		for i := range 4 {
			node.Go(func() {
				places.Acquire()
				node.Sleep(10 * ms)
				node.Note("done", i)
				places.Release()
			})
		}
	})
	fmt.Print("two at a time\n", world.Run(50*ms))
	// Output:
	// two at a time
	//   10ms  n: done=0
	//   10ms  n: done=1
	//   20ms  n: done=2
	//   20ms  n: done=3
}

// Ask three at once and wait for all.
func ExampleWaitGroup() {
	world := sim.New(sim.Seed(3))
	world.Nodes("a b c", func(node *sim.Node) {
		node.Handle("ping", func(r *sim.Request) { r.Reply("pong") })
	})
	world.Node("client", func(node *sim.Node) {
		all := node.NewWaitGroup("pings")
		all.Add(3)
		for _, name := range []string{"a", "b", "c"} {
			node.Go(func() {
				node.Call(name, "ping")
				all.Done()
			})
		}
		all.Wait()
		fmt.Println("all answered at", node.Now())
	})
	world.Run(50 * ms)
	// Output:
	// all answered at 8ms
}

// The first answer wins.
func ExampleFuture() {
	world := sim.New(sim.Seed(3))
	world.Nodes("a b c", func(node *sim.Node) {
		node.Handle("ping", func(r *sim.Request) { r.Reply("pong") })
	})
	world.Node("client", func(node *sim.Node) {
		first := node.NewFuture("first answer")
		for _, name := range []string{"a", "b", "c"} {
			node.Go(func() {
				if _, err := node.Call(name, "ping"); err == nil {
					first.Set(name)
				}
			})
		}
		fmt.Println(first.Get(), "was first, at", node.Now())
	})
	world.Run(50 * ms)
	// Output:
	// a was first, at 3ms
}

// A bounded queue makes the quick one wait for the slow one.
func ExampleQueue() {
	world := sim.New()
	world.Node("n", func(node *sim.Node) {
		queue := node.NewQueue("jobs", 2)
		node.Go(func() {
			for i := range 4 {
				queue.Put(i)
				node.Note("put", i)
			}
		})
		for range 4 {
			node.Sleep(10 * ms)
			node.Note("took", queue.Take().(int))
		}
	})
	fmt.Print("back-pressure\n", world.Run(50*ms))
	// Output:
	// back-pressure
	//     0s  n: put=0
	//     0s  n: put=1
	//   10ms  n: took=0
	//   10ms  n: put=2
	//   20ms  n: took=1
	//   20ms  n: put=3
	//   30ms  n: took=2
	//   40ms  n: took=3
}

// A timer can be stopped before it fires: a heartbeat puts the alarm off.
func ExampleTimer() {
	world := sim.New()
	world.Node("watcher", func(node *sim.Node) {
		var alarm *sim.Timer
		arm := func() { alarm = node.After(20*ms, func() { node.Note("no heartbeat") }) }
		arm()
		node.Handle("heartbeat", func(*sim.Request) {
			alarm.Stop()
			arm()
		})
	})
	world.At(10*ms, func() { world.Send("watcher", "heartbeat") })
	fmt.Print("a watchdog\n", world.Run(60*ms))
	// Output:
	// a watchdog
	//   10ms  you -> watcher: heartbeat
	//   15ms  watcher <- you: heartbeat
	//   35ms  watcher: no heartbeat
}

// The error of a call tells who waited for what, how long, and when.
func ExampleNoReply() {
	world := sim.New(sim.Seed(7))
	world.Node("counter", Counter)
	world.Drop("you", "counter", sim.First(1))
	_, err := world.Call("counter", "add", "by", 3)
	fmt.Println(err)
	reply, err := world.Call("counter", "add", "by", 3)
	fmt.Println(reply, err)
	// Output:
	// call counter add: no reply within 50ms; node you, 50ms, seed 7
	// sum memory=3 disk=3 <nil>
}

// Fields are read by name and kind.
func ExampleMessage() {
	world := sim.New()
	world.Node("n", func(node *sim.Node) {
		node.Handle("order", func(r *sim.Request) {
			fmt.Println(r.Kind, r.From, r.Text("item"), r.Int("count"), r.Bool("gift"), r.Duration("within"), r.Ints("parts"), r.Has("note"))
		})
	})
	world.Send("n", "order", "item", "tea", "count", 2, "gift", true, "within", 3*sec, "parts", []int{1, 2})
	world.Run(10 * ms)
	// Output:
	// order you tea 2 true 3s [1 2] false
}

// A request can be kept and answered later.
func ExampleRequest() {
	world := sim.New()
	world.Node("barber", func(node *sim.Node) {
		var waiting []*sim.Request
		node.Handle("haircut", func(r *sim.Request) { waiting = append(waiting, r) })
		node.Every(20*ms, func() {
			if len(waiting) > 0 {
				waiting[0].Reply("done")
				waiting = waiting[1:]
			}
		})
	})
	reply, err := world.Call("barber", "haircut")
	fmt.Println(reply, err, world.Now())
	// Output:
	// done <nil> 21ms
}

// A promise is a sentence; the verdict repeats it.
func ExampleWorld_Always() {
	world := sim.New(sim.Seed(6))
	world.Nodes("a b", func(node *sim.Node) {
		node.Sleep(node.Rand.Between(10*ms, 30*ms))
		node.Note("role", "leader")
	})
	world.Always("at most one leader", func() bool { return len(world.Where("role", "leader")) <= 1 })
	world.Eventually("somebody leads", 20*ms, func() bool { return len(world.Where("role", "leader")) > 0 })
	world.Run(100 * ms)
	fmt.Println(world.Verdict())
	// Output:
	// broken at 24ms: at most one leader (seed 6)
}

// Two runs of one seed are one run.
func ExampleRepeatable() {
	fmt.Println(sim.Repeatable(func() *sim.World {
		world := sim.New(sim.Seed(7))
		world.Nodes("alice bob", Greeter)
		world.Send("alice", "hello")
		world.Run(50 * ms)
		return world
	}))
	// Output:
	// <nil>
}

// A service time and a queue make a node that can be overloaded.
func ExampleService() {
	world := sim.New(sim.Latency(sim.Constant(1 * ms)))
	server := world.Node("server", func(node *sim.Node) {
		node.Handle("job", func(r *sim.Request) { r.Reply("done") })
	}, sim.Service(sim.Constant(10*ms)), sim.QueueBound(2))
	for i := range 5 {
		world.At(time.Duration(i)*2*ms, func() { world.Send("server", "job") })
	}
	world.Run(20 * ms)
	fmt.Println("lost", world.Lost("job"), "waiting", server.Queued())
	// Output:
	// lost 2 waiting 1
}
