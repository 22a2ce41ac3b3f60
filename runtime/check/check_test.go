package check_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"netsplit/runtime/check"
	"netsplit/runtime/sim"
)

const (
	ms  = time.Millisecond
	sec = time.Second
)

// step is an operation of a history that a test writes down.
type step struct {
	client, kind string
	value        any
	old          any
	from, to     time.Duration // to 0: no answer
	result       any
}

var lost = errors.New("no answer")

// history plays steps in a world, each in a process that starts and ends when it says.
func history(steps ...step) *check.History {
	h := check.NewHistory()
	world := sim.New()
	nodes := map[string]bool{}
	for _, s := range steps {
		if nodes[s.client] {
			continue
		}
		nodes[s.client] = true
		world.Node(s.client, func(node *sim.Node) {
			for _, s := range steps {
				if s.client != node.Name {
					continue
				}
				node.Go(func() {
					node.Sleep(s.from)
					var err error
					end := func() error {
						if s.to == 0 {
							return lost
						}
						node.Sleep(s.to - s.from)
						return nil
					}
					switch s.kind {
					case "write":
						h.Write(node, "x", s.value, end)
					case "read":
						h.Read(node, "x", func() (any, error) { err = end(); return s.result, err })
					case "cas":
						h.CompareAndSet(node, "x", s.old, s.value, func() (bool, error) { err = end(); return s.result == true, err })
					case "add":
						h.Add(node, "x", s.value.(int), func() (int, error) { err = end(); return s.result.(int), err })
					}
				})
			}
		})
	}
	world.Run(sec)
	return h
}

func TestLinearizable(t *testing.T) {
	for _, c := range []struct {
		name     string
		steps    []step
		passed   bool
		conflict int
	}{
		{"a read sees the write before it", []step{
			{client: "ann", kind: "write", value: 1, from: 10 * ms, to: 20 * ms},
			{client: "bob", kind: "read", result: 1, from: 30 * ms, to: 40 * ms},
		}, true, 0},
		{"nothing was written yet", []step{
			{client: "bob", kind: "read", result: nil, from: 5 * ms, to: 8 * ms},
			{client: "ann", kind: "write", value: 1, from: 10 * ms, to: 20 * ms},
		}, true, 0},
		{"a stale read", []step{
			{client: "ann", kind: "write", value: 1, from: 10 * ms, to: 20 * ms},
			{client: "ann", kind: "write", value: 2, from: 30 * ms, to: 40 * ms},
			{client: "bob", kind: "read", result: 1, from: 50 * ms, to: 60 * ms},
			{client: "bob", kind: "read", result: 2, from: 70 * ms, to: 80 * ms},
		}, false, 3},
		{"while a write is under way, either is right", []step{
			{client: "ann", kind: "write", value: 1, from: 10 * ms, to: 20 * ms},
			{client: "ann", kind: "write", value: 2, from: 30 * ms, to: 90 * ms},
			{client: "bob", kind: "read", result: 1, from: 40 * ms, to: 50 * ms},
			{client: "bob", kind: "read", result: 2, from: 60 * ms, to: 70 * ms},
		}, true, 0},
		{"but not backwards", []step{
			{client: "ann", kind: "write", value: 1, from: 10 * ms, to: 20 * ms},
			{client: "ann", kind: "write", value: 2, from: 30 * ms, to: 90 * ms},
			{client: "bob", kind: "read", result: 2, from: 40 * ms, to: 50 * ms},
			{client: "eve", kind: "read", result: 1, from: 60 * ms, to: 70 * ms},
		}, false, 4},
		{"a write without an answer may have happened", []step{
			{client: "ann", kind: "write", value: 1, from: 10 * ms},
			{client: "bob", kind: "read", result: nil, from: 20 * ms, to: 30 * ms},
			{client: "bob", kind: "read", result: 1, from: 40 * ms, to: 50 * ms},
		}, true, 0},
		{"and then it has", []step{
			{client: "ann", kind: "write", value: 1, from: 10 * ms},
			{client: "bob", kind: "read", result: 1, from: 20 * ms, to: 30 * ms},
			{client: "bob", kind: "read", result: nil, from: 40 * ms, to: 50 * ms},
		}, false, 3},
		{"two that both won", []step{
			{client: "ann", kind: "cas", old: nil, value: "a", result: true, from: 10 * ms, to: 20 * ms},
			{client: "bob", kind: "cas", old: nil, value: "b", result: true, from: 10 * ms, to: 20 * ms},
		}, false, 2},
		{"a lost update", []step{
			{client: "ann", kind: "add", value: 1, result: 1, from: 10 * ms, to: 20 * ms},
			{client: "bob", kind: "add", value: 1, result: 1, from: 10 * ms, to: 20 * ms},
		}, false, 2},
		{"additions in some order", []step{
			{client: "ann", kind: "add", value: 1, result: 3, from: 10 * ms, to: 20 * ms},
			{client: "bob", kind: "add", value: 2, result: 2, from: 10 * ms, to: 20 * ms},
		}, true, 0},
	} {
		v := history(c.steps...).Linearizable()
		if v.Passed != c.passed || len(v.Conflict) != c.conflict {
			t.Errorf("%s: %v", c.name, v)
		}
	}
}

func TestAConflictReadsAsASentence(t *testing.T) {
	v := history(
		step{client: "ann", kind: "write", value: 1, from: 10 * ms, to: 20 * ms},
		step{client: "ann", kind: "write", value: 2, from: 30 * ms, to: 40 * ms},
		step{client: "bob", kind: "read", result: 1, from: 50 * ms, to: 60 * ms},
		step{client: "eve", kind: "write", value: 3, from: 70 * ms, to: 80 * ms},
	).Linearizable()
	want := `not linearizable: no order explains these 3 of 4 operations
    ann writes x=1 from 10ms to 20ms
    ann writes x=2 from 30ms to 40ms
    bob reads x=1 from 50ms to 60ms`
	if v.String() != want {
		t.Errorf("verdict\n%s\nwant\n%s", v, want)
	}
}

// bully is an election that forgets that the old leader may be alive: whoever hears
// nothing for a while leads. A crash with a restart, or a partition, breaks it.
func bully(node *sim.Node) {
	heard := node.Now()
	node.Handle("alive", func(r *sim.Request) { heard = node.Now() })
	leads := node.Name == "a"
	for {
		if !leads && node.Now()-heard > 40*ms && node.Name == "b" {
			leads = true
		}
		if leads {
			node.Note("role", "leader")
			node.Broadcast("alive")
		}
		node.Sleep(10 * ms)
	}
}

func search(seeds int) *check.Found {
	return check.Search(seeds, func(r *check.Run) *sim.World {
		world := sim.New(sim.Seed(r.Seed))
		world.Nodes("a b c", bully)
		world.Always("at most one leader", check.AtMostOne(world, "role", "leader"))
		r.Faults(world.Nemesis(2*sec, 8)...)
		world.Run(3 * sec)
		return world
	})
}

func TestSearchFindsAndShrinks(t *testing.T) {
	found := search(50)
	if found == nil {
		t.Fatal("no seed of 50 breaks an election that is wrong: does the nemesis do anything?")
	}
	shrunk := found.Shrink()
	t.Logf("found %v\nshrunk %v", found, shrunk)
	if len(shrunk.Faults) != 1 || !shrunk.World.Broken() || len(found.Faults) < 5 {
		t.Errorf("shrunk from %d to %d faults, want 1 and still broken", len(found.Faults), len(shrunk.Faults))
	}
	if again := search(50).Shrink(); again.World.Hash() != shrunk.World.Hash() {
		t.Error("the same search gives another run")
	}
}

func TestSearchOfWhatIsRightFindsNothing(t *testing.T) {
	found := check.Search(20, func(r *check.Run) *sim.World {
		world := sim.New(sim.Seed(r.Seed))
		nodes := world.Nodes("a b c", func(node *sim.Node) {
			node.Note("decided", 7)
			for term := 1; ; term++ {
				node.Disk.Set("term", node.Disk.Int("term")+1)
				node.Note("term", node.Disk.Int("term"))
				node.Sleep(20 * ms)
			}
		})
		world.Always("all decide the same", check.Agree(world, "decided", nodes...))
		world.Always("terms grow", check.Monotonic("term", nodes...))
		r.Faults(world.Nemesis(sec, 5)...)
		world.Run(2 * sec)
		return world
	})
	if found != nil {
		t.Errorf("found %v", found)
	}
}

func TestInvariantsNoticeBreaches(t *testing.T) {
	for name, prepare := range map[string]func(world *sim.World){
		"all decide the same": func(world *sim.World) {
			nodes := world.Nodes("a b", func(node *sim.Node) { node.Note("decided", node.Name) })
			world.Always("all decide the same", check.Agree(world, "decided", nodes...))
		},
		"terms grow": func(world *sim.World) {
			nodes := world.Nodes("a", func(node *sim.Node) {
				node.Note("term", 2)
				node.Sleep(ms)
				node.Note("term", 1)
			})
			world.Always("terms grow", check.Monotonic("term", nodes...))
		},
		"one leader a term": func(world *sim.World) {
			world.Nodes("a b", func(node *sim.Node) { node.Note("role", "leader", "term", 4) })
			world.Always("one leader a term", check.AtMostOne(world, "role", "leader", "term"))
		},
	} {
		world := sim.New()
		prepare(world)
		world.Run(sec)
		if !world.Broken() || !strings.Contains(world.Verdict(), name) {
			t.Errorf("%s: %s", name, world.Verdict())
		}
	}
}
