package sim_test

import (
	"strings"
	"testing"
	"time"

	"netsplit/runtime/sim"
)

func TestMistakesOfSchedulesAndShapesAreSentences(t *testing.T) {
	world := func() *sim.World {
		w := sim.New(sim.Seed(3), sim.MaxTime(1*sec))
		w.Nodes("a b", Greeter)
		return w
	}
	for _, c := range []struct {
		name, want string
		do         func()
	}{
		{"out of virtual time", "the run was stopped at 1s because virtual time has a limit there; sim.MaxTime raises it; seed 3", func() { world().Run(2 * sec) }},
		{"a row too short", `world.RoundTrips: the row "a 1ms" has 1 times, the header names 2 columns`, func() { world().RoundTrips("  a b\n a 1ms") }},
		{"no duration", `world.RoundTrips: "fast" between a and b is no duration such as 90ms`, func() { world().RoundTrips("  b\n a fast") }},
		{"no such fault", `world.Nemesis: it knows no fault "flood" (it knows: crash, pause, partition, cut, loss, delay, clog, duplicate, reorder, corrupt, disk, clock)`, func() { world().Nemesis(1*sec, 1, "flood") }},
		{"nobody there", `Flow shop: nobody can leave who came at 0s: 0 are there, and it is 0s`, func() { world().Flow("shop").Leave(0) }},
		{"a state that can not be", `world.CrashInto("a", "x=1"): no crash can leave this on the disk now; the possible states are empty`, func() {
			w := world()
			w.CrashInto("a", "x=1")
			w.Run(1 * ms)
		}},
		{"a slow disk that takes no time", "world.SlowDisk: the disk of a takes no time; give the node sim.Fsync(…) or sim.DiskLatency(…)", func() { world().SlowDisk("a", 2) }},
		{"a task that cancels itself", "Cancel: a task does not cancel itself, it returns; node c, 0s, seed 3", func() {
			w := world()
			w.Node("c", func(node *sim.Node) {
				var task *sim.Task
				task = node.Start("itself", func() { task.Cancel() })
			})
			w.Run(1 * ms)
		}},
		{"somebody else's clock", "node.Now: node c reads the clock of node a; each knows its own only, ask it with a message; node c, 0s, seed 3", func() {
			w := world()
			w.Node("c", func(node *sim.Node) { w.Find("a").Now() })
			w.Run(1 * ms)
		}},
		{"a gauge that acts", "world.Send: a promise or a gauge only looks at the world, it does not change it", func() {
			w := world()
			w.Sample("x", "", 1*ms, func() float64 { w.Send("a", "hello"); return 0 })
			w.Run(2 * ms)
		}},
	} {
		if got := mistake(t, c.do); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// A gauge is no event: with and without it a world is the same.
func TestAGaugeChangesNothing(t *testing.T) {
	run := func(watch bool) (*sim.World, int) {
		world := sim.New(sim.Seed(5))
		world.Node("counter", Counter)
		world.Node("client", Client)
		world.Crash("counter").Between(20*ms, 100*ms)
		readings := 0
		if watch {
			world.Sample("events", "", 7*ms, func() float64 { readings++; return float64(world.Events()) })
		}
		world.Run(150 * ms)
		world.Call("counter", "add", "by", 1)
		world.RunWhile(func() bool { return world.Sent() < 100 }, 100*ms)
		return world, readings
	}
	a, _ := run(false)
	b, readings := run(true)
	if a.Hash() != b.Hash() || a.Events() != b.Events() || a.Now() != b.Now() || readings < 30 {
		t.Errorf("%s after %d events at %v without a gauge, %s after %d at %v with one; %d readings", a.Hash(), a.Events(), a.Now(), b.Hash(), b.Events(), b.Now(), readings)
	}
}

// A task ends with its node, and the node forgets it.
func TestACrashEndsTasks(t *testing.T) {
	world := sim.New()
	starts, ends := 0, 0
	world.Node("n", func(node *sim.Node) {
		starts++
		task := node.Start("task", func() {
			defer func() { ends++ }()
			node.Sleep(time.Hour)
		})
		node.Go(func() {
			task.Wait()
			t.Error("who waits for a task survived the crash")
		})
	})
	world.Crash("n").Between(10*ms, 20*ms)
	world.Run(30 * ms)
	if starts != 2 || ends != 1 {
		t.Errorf("%d starts and %d ends, want 2 and 1", starts, ends)
	}
	world.Stop()
}

// A deadline ends whatever is waited for: a lock, a queue, a reply, a message.
func TestADeadlineEndsEveryWait(t *testing.T) {
	world := sim.New(sim.Timeout(0))
	world.Node("silent", func(node *sim.Node) { node.Handle("ask", func(*sim.Request) {}) })
	world.Node("n", func(node *sim.Node) {
		mutex, queue, group, future := node.NewMutex("m"), node.NewQueue("q", 1), node.NewWaitGroup("g"), node.NewFuture("f")
		mutex.Lock()
		group.Add(1)
		for _, c := range []struct {
			what string
			wait func()
		}{
			{"value", func() { queue.Take() }}, {"group", group.Wait}, {"future", func() { future.Get() }},
			{"reply", func() { node.Call("silent", "ask") }}, {"message", func() { node.Receive("never") }}, {"sleep", func() { node.Sleep(time.Hour) }}, {"lock", mutex.Lock},
		} {
			if err := node.Within(5*ms, c.wait); err == nil {
				t.Errorf("waiting for a %s did not end with the deadline", c.what)
			}
			node.Note("waited for a " + c.what)
		}
		mutex.Unlock()
		mutex.Lock() // the cancelled process does not stand in the way
		queue.Put(1)
		if queue.Take() != 1 {
			t.Error("a value went to a cancelled process")
		}
		node.Note("done")
	})
	if text := world.Run(1 * sec).String(); !strings.Contains(text, "n: done") {
		t.Errorf("the node did not come to its end:\n%s", text)
	}
}

// What a nemesis schedules is the same for a seed, ends by itself, and is of the
// kinds that were asked for.
func TestANemesisKeepsToItsKinds(t *testing.T) {
	run := func() string {
		world := sim.New(sim.Seed(9))
		world.Nodes("a b c", Greeter)
		faults := world.Nemesis(2*sec, 20, "crash", "clog")
		for _, f := range faults {
			if !strings.HasPrefix(f.String(), "crash") && !strings.HasPrefix(f.String(), "clog") {
				t.Errorf("%v is neither a crash nor a clog", f)
			}
		}
		if len(faults) < 20 {
			t.Errorf("%d faults in 2 s at 20 per second", len(faults))
		}
		world.Run(3 * sec)
		for _, name := range []string{"a", "b", "c"} {
			if !world.Find(name).Up() {
				t.Errorf("%s is down when all faults are over", name)
			}
		}
		return world.Transcript().All().String()
	}
	if run() != run() {
		t.Error("two runs of a nemesis differ")
	}
}

// The interval of an interval clock holds true time, at every moment and for every
// seed, is a saw-tooth from 1 to 7 ms (N21), and is not wider than it has to be.
func TestAnIntervalHoldsTrueTime(t *testing.T) {
	least, most, worst := time.Hour, time.Duration(0), time.Duration(0)
	for seed := range 50 {
		world := sim.New(sim.Seed(uint64(seed)))
		world.Node("n", func(node *sim.Node) {
			for range 400 {
				node.Sleep(node.Rand.Between(0, 500*ms))
				earliest, latest := node.Interval()
				now := world.Now()
				if now < earliest || now > latest {
					t.Errorf("seed %d: it is %v, the clock says between %v and %v", seed, now, earliest, latest)
				}
				half := (latest - earliest) / 2
				least, most = min(least, half), max(most, half)
				worst = max(worst, node.Now()-now, now-node.Now())
			}
		}, sim.IntervalClock(1*ms, 30*sec, 200))
		world.Run(100 * sec)
		world.Stop()
	}
	if least < 1*ms || least > 1100*time.Microsecond || most > 7*ms || most < 6900*time.Microsecond {
		t.Errorf("the error goes from %v to %v, want 1 ms to 7 ms", least, most)
	}
	if worst < 5*ms {
		t.Errorf("the clock is never wrong by more than %v: the interval is wider than it has to be", worst)
	}
}

// Whatever a crash leaves is one of the states that were listed before.
func TestACrashLeavesOneOfTheListedStates(t *testing.T) {
	seen := map[string]int{}
	listed := 0
	for seed := range 400 {
		world := sim.New(sim.Seed(uint64(seed)))
		world.Node("db", func(node *sim.Node) {
			if node.Disk.Has("a") {
				return
			}
			node.Disk.Set("a", 1)
			node.Disk.Append("log", "first")
			node.Disk.Write("a", 2)
			node.Disk.Append("log", "second")
		}, sim.TornWrites(0.5))
		world.Run(1 * ms)
		states := world.Find("db").Disk.CrashStates()
		listed = len(states)
		world.Crash("db")
		world.Run(1 * ms)
		left := world.Find("db").Disk.String()
		found := false
		for _, s := range states {
			found = found || s == left
		}
		if !found {
			t.Errorf("seed %d: the crash left %q, which is not among %q", seed, left, states)
		}
		seen[left]++
		world.Stop()
	}
	if listed != 18 || len(seen) != listed {
		t.Errorf("%d states are listed and %d were seen in 400 crashes, want 18 of both: 3·2·3 fates", listed, len(seen))
	}
}
