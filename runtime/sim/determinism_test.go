package sim_test

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"testing"

	"netsplit/runtime/sim"
	"netsplit/runtime/trace"
)

// chaos is a world with every kind of fault, drawn from its seed: five nodes that
// answer, ask, broadcast, wait and write, on two kinds of link.
func chaos(seed uint64, options ...sim.Option) *sim.World {
	world := sim.New(append([]sim.Option{sim.Seed(seed), sim.Latency(sim.Exponential(3 * ms)), sim.Duplicates(0.02), sim.Timeout(20 * ms)}, options...)...)
	names := []string{"a", "b", "c", "d", "e"}
	world.Nodes("a b c d e", func(node *sim.Node) {
		node.Handle("get", func(r *sim.Request) {
			if node.Rand.Chance(0.2) {
				node.Sleep(node.Rand.Between(0, 5*ms))
			}
			r.Reply("value", "n", node.Disk.Int("n"), "of", node.Name)
		})
		node.Handle("put", func(r *sim.Request) {
			if node.Rand.Chance(0.5) {
				node.Disk.Write("n", r.Int("n"))
			} else {
				node.Disk.Set("n", r.Int("n"))
			}
			node.Disk.Append("log", "some text")
			node.Note("n", r.Int("n"))
		})
		node.Every(17*ms, func() { node.Broadcast("put", "n", node.Rand.Intn(100)) })
		sim.TimeServer(node)
		node.KeepTime(node.Others()[0], 40*ms)
		node.Go(func() {
			for {
				node.ReceiveWithin(30*ms, "hint")
				node.Send(node.Rand.Pick(node.Others()...), "hint")
			}
		})
		for {
			to := node.Rand.Pick(node.Others()...)
			if _, err := node.Call(to, "get"); err != nil {
				node.Sleep(2 * ms)
			}
		}
	}, sim.Service(sim.Uniform(0, 2*ms)), sim.Servers(2), sim.QueueBound(1), sim.Fsync(sim.Exponential(1*ms)), sim.ClockDrift(100), sim.ClockSkew(5*ms),
		sim.TornWrites(0.2), sim.CorruptWrites(0.2), sim.Watchdog(40*ms, 10*ms))
	world.Link("a", "b", sim.Latency(sim.Pareto(1*ms, 1.5)), sim.Loss(0.05), sim.InOrder())
	dice := world.Rand("faults")
	for range 12 {
		from := dice.Between(0, 150*ms)
		to := from + dice.Between(1*ms, 60*ms)
		x, y := names[dice.Intn(5)], names[dice.Intn(5)]
		if x == y {
			continue
		}
		switch dice.Intn(29) {
		case 0:
			world.Crash(x).Between(from, to)
		case 1:
			world.Pause(x).Between(from, to)
		case 2:
			world.Partition(x, y).Between(from, to)
		case 3:
			world.Cut(x, y).Between(from, to)
		case 4:
			world.Drop(x, y, sim.First(2)).Between(from, to)
		case 5:
			world.Lossy(0.3).Between(from, to)
		case 6:
			world.Delay(4*ms, x).Between(from, to)
		case 7:
			world.Clog(x, y).Between(from, to)
		case 8:
			world.Slow(x, 5).Between(from, to)
		case 9:
			world.Drain(x).Between(from, to)
		case 10:
			world.Lie(x).Between(from, to)
		case 11:
			world.Equivocate(x).Between(from, to)
		case 12:
			world.Replay(x).Between(from, to)
		case 13:
			world.LoseSyncs(x).Between(from, to)
		case 14:
			world.Rot(x).At(from)
		case 15:
			world.StepClock(x, dice.Between(0, 10*ms)-5*ms).At(from)
		case 16:
			world.MajorityRing("a b c d e").Between(from, to)
		case 17:
			world.Bridge(x, "you", y).Between(from, to)
		case 18:
			world.Replace(x).At(from)
		case 19:
			world.Crash(x).OnSend(x, "value", sim.Skip(3)).For(to - from)
		case 20:
			world.Duplicate(0.3).Between(from, to)
		case 21:
			world.Corrupt(0.3, x).Between(from, to)
		case 22:
			world.Reorder(0.5, 5*ms, x, y).Between(from, to)
		case 23:
			world.LossBursts(0.2, 0.3, 0.9).Between(from, to)
		case 24:
			world.Halves("a b c d e").Between(from, to)
		case 25:
			world.SlowDisk(x, 8).Between(from, to)
		case 26:
			world.Failures(x, sim.Exponential(20*ms), sim.Exponential(5*ms)).Between(from, to)
		case 27:
			world.Forge(x, func(to string, m *sim.Message) []any { return []any{"n", len(to)} }).Between(from, to)
		case 28:
			world.LeapSecond(x).At(from).Every(50 * ms).Chance(0.5)
		}
	}
	world.Run(200 * ms)
	return world
}

// TestTwoRunsOfASeedAreTheSame runs NETSPLIT_SEEDS seeds (1,000 unless set), each
// twice, and prints how often each kind of fault took effect.
func TestTwoRunsOfASeedAreTheSame(t *testing.T) {
	seeds := 1000
	if s := os.Getenv("NETSPLIT_SEEDS"); s != "" {
		seeds, _ = strconv.Atoi(s)
	}
	if testing.Short() {
		seeds = 50
	}
	effects := map[string]int{}
	for seed := range seeds {
		if seed%2 == 1 { // the number of processors decides nothing
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1 + seed%4))
		}
		a, b := chaos(uint64(seed)), chaos(uint64(seed))
		if a.Hash() != b.Hash() || a.Events() != b.Events() {
			t.Fatalf("seed %d: %s", seed, trace.Diff(a.Trace(), b.Trace()))
		}
		log := a.Trace()
		arrived := map[int]bool{}
		latest := map[[2]int32]int{}
		for i := range log.Len() {
			if e := log.At(i); e.What == trace.Deliver {
				sent := log.Cause(i)
				if sent < 0 {
					continue
				}
				if arrived[sent] {
					effects["arrived twice"]++
				}
				if m := log.At(sent).Msg; seed%20 == 0 && m.String() != e.Msg.String() { // writing them takes its time
					effects["arrived changed"]++
				}
				link := [2]int32{e.Peer, e.Node}
				if sent < latest[link] {
					effects["overtaken"]++
				}
				latest[link] = max(latest[link], sent)
				arrived[sent] = true
			}
			switch e := log.At(i); e.What {
			case trace.Lost:
				effects["lost: "+e.Text]++
			case trace.Crash, trace.Pause, trace.Late, trace.NoReply:
				effects[e.What.String()]++
			case trace.Fault:
				effects["fault: "+strings.Fields(e.Text)[0]]++
				for _, word := range []string{"clog", "slower", "drain", "lies", "different", "replays", "loses syncs", "rots", "steps by", "ring", "bridged", "duplicates", "corruption", "reordering", "bursts", "disk of", "failures", "forges", "leap", "watchdog"} {
					if strings.Contains(e.Text, word) {
						effects["fault: "+word]++
					}
				}
			}
		}
		a.Stop()
		b.Stop()
	}
	var lines []string
	for _, want := range []string{"lost: down", "lost: partition", "lost: dropped", "lost: lost", "lost: queue full",
		"crash", "pause", "late", "no reply", "fault: partition", "fault: cut", "fault: drop", "fault: loss", "fault: delay", "fault: heal",
		"fault: clog", "fault: slower", "fault: drain", "fault: lies", "fault: different", "fault: replays", "fault: loses syncs", "fault: rots",
		"fault: steps by", "fault: ring", "fault: bridged", "lost: draining",
		"fault: duplicates", "fault: corruption", "fault: reordering", "fault: bursts", "fault: disk of", "fault: failures", "fault: forges",
		"fault: leap", "fault: watchdog", "arrived twice", "arrived changed", "overtaken"} {
		if effects[want] == 0 {
			t.Errorf("%q never took effect in %d seeds", want, seeds)
		}
	}
	for name, n := range effects {
		lines = append(lines, fmt.Sprintf("%8d  %s", n, name))
	}
	sort.Strings(lines)
	t.Logf("%d seeds, each run twice; effects:\n%s", seeds, strings.Join(lines, "\n"))
}

// TestAMapIterationIsFound plants the commonest mistake. If this test fails, the
// comparison of hashes has become blind.
func TestAMapIterationIsFound(t *testing.T) {
	planted := func() *sim.World {
		world := sim.New()
		peers := map[string]bool{}
		for i := range 16 {
			name := fmt.Sprintf("n%d", i)
			peers[name] = true
			world.Node(name, func(node *sim.Node) { node.Handle("hello", func(*sim.Request) {}) })
		}
		world.Node("leader", func(node *sim.Node) {
			for name := range peers {
				node.Send(name, "hello")
			}
		})
		world.Run(20 * ms)
		return world
	}
	for range 20 {
		if err := sim.Repeatable(planted); err != nil {
			if !strings.Contains(err.Error(), "first difference at event") || !strings.Contains(err.Error(), "a range over a map") {
				t.Errorf("the error does not say where and why: %v", err)
			}
			return
		}
	}
	t.Error("20 pairs of runs over a map of 16 were the same")
}

// TestReuseChangesNothing compares worlds that use requests again with worlds that do
// not, under every kind of fault.
func TestReuseChangesNothing(t *testing.T) {
	for seed := range uint64(100) {
		plain, frugal := chaos(seed), chaos(seed, sim.Untraced(), sim.Reuse())
		if plain.Hash() != frugal.Hash() || plain.Events() != frugal.Events() {
			t.Errorf("seed %d: %s after %d events, with sim.Reuse %s after %d: something kept a request that was given back", seed, plain.Hash(), plain.Events(), frugal.Hash(), frugal.Events())
		}
		plain.Stop()
		frugal.Stop()
	}
}

// TestTracingChangesNothing compares a traced and an untraced run.
func TestTracingChangesNothing(t *testing.T) {
	run := func(options ...sim.Option) string {
		world := sim.New(options...)
		world.Nodes("a b", Greeter)
		world.Send("a", "hello")
		world.Crash("a").Between(1*ms, 2*ms)
		world.Run(50 * ms)
		return world.Hash()
	}
	if a, b := run(), run(sim.Untraced()); a != b {
		t.Errorf("hash %s traced, %s untraced", a, b)
	}
}
