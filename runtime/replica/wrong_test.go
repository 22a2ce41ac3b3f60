package replica_test

import (
	"fmt"
	"testing"
	"time"

	"netsplit/runtime/check"
	"netsplit/runtime/grade"
	"netsplit/runtime/load"
	"netsplit/runtime/replica"
	"netsplit/runtime/sim"
)

// Each wrong variant beside the right group, in a world that forces the difference: it
// is rejected over all graded seeds, and the right one is accepted over all.
func TestWrongVariantsAreRejected(t *testing.T) {
	for _, c := range []struct {
		name   string
		wrong  replica.Option
		judges func(seed uint64, options ...replica.Option) string // what is wrong, or nothing
	}{
		{"PromoteFirst", replica.PromoteFirst(), farHeir},
		{"AcknowledgeEarly", replica.AcknowledgeEarly(), crashAfterAnswers},
		{"NoFencing", replica.NoFencing(), twoLeaders},
		{"KeepExtra", replica.KeepExtra(), comesBack},
		{"ReadAnywhere", replica.ReadAnywhere(), readsBothEnds},
	} {
		t.Run(c.name, func(t *testing.T) {
			accepted, rejected := 0, 0
			for _, seed := range grade.Seeds(100) {
				if wrong := c.judges(seed); wrong == "" {
					accepted++
				} else {
					t.Errorf("the right group, seed %d: %s", seed, wrong)
				}
				if wrong := c.judges(seed, c.wrong); wrong != "" {
					rejected++
				}
			}
			if accepted != 100 || rejected != 100 {
				t.Errorf("of 100 graded seeds the right group passes %d, the wrong one fails %d; want 100 and 100: the world of the test must force what the variant does wrong, by faults at events or slow links", accepted, rejected)
			}
		})
	}
}

// writer writes 200 a second through whom it takes for the leader.
func writer(world *sim.World, group *replica.Group, name string, from, during time.Duration, leader func() string) {
	world.Node(name, func(node *sim.Node) {
		client := group.Client(node)
		node.Sleep(from)
		load.Open(node, load.Poisson(200), during, func(op *load.Op) { client.WriteTo(leader(), "x", fmt.Sprint(name, op.Number)) })
	})
}

// lost says that acknowledged writes are lost, or that too few were acknowledged to
// tell.
func lost(group *replica.Group) string {
	if n := len(group.Acknowledged()); n < 20 {
		return fmt.Sprintf("only %d writes acknowledged", n)
	}
	if n := len(group.Lost()); n > 0 {
		return fmt.Sprintf("%d of %d acknowledged writes are lost", n, len(group.Acknowledged()))
	}
	return ""
}

func quietWorld(seed uint64, group *replica.Group, servers string) *sim.World {
	world := sim.New(sim.Seed(seed), sim.Untraced(), sim.Latency(sim.Constant(ms)))
	world.Nodes(servers, group.Server)
	world.Node("master", group.Master)
	return world
}

// farHeir: the next in the order is 60 ms behind when the leader dies.
func farHeir(seed uint64, options ...replica.Option) string {
	group := replica.New("a b c", replica.SemiSynchronous(), options...)
	world := quietWorld(seed, group, "a b c")
	defer world.Stop()
	world.Link("a", "b", sim.Latency(sim.Constant(60*ms)))
	writer(world, group, "ann", 0, sec/2, group.Leader)
	world.Crash("a").At(400 * ms)
	world.Isolate("a").At(400 * ms)
	world.Run(sec)
	return lost(group)
}

// crashAfterAnswers: the leader crashes right after it answered the fiftieth write.
func crashAfterAnswers(seed uint64, options ...replica.Option) string {
	group := replica.New("a b c", replica.Synchronous(), options...)
	world := quietWorld(seed, group, "a b c")
	defer world.Stop()
	writer(world, group, "ann", 0, sec/2, group.Leader)
	world.Crash("a").OnSend("a", "written", sim.Skip(49))
	world.Isolate("a").When(func() bool { return !world.Find("a").Up() })
	world.Run(sec)
	return lost(group)
}

// twoLeaders: the master cannot reach the leader and announces another one, to which bob
// writes; then ann writes to the old one.
func twoLeaders(seed uint64, options ...replica.Option) string {
	group := replica.New("a b c", replica.SemiSynchronous(), options...)
	world := quietWorld(seed, group, "a b c")
	defer world.Stop()
	world.Partition("master", "a").Between(50*ms, 800*ms)
	writer(world, group, "bob", 200*ms, 200*ms, group.Leader)
	writer(world, group, "ann", 500*ms, 200*ms, func() string { return "a" })
	world.Run(1500 * ms)
	return lost(group)
}

// comesBack: an old leader returns with writes that nobody else has.
func comesBack(seed uint64, options ...replica.Option) string {
	group := replica.New("a b c", replica.Asynchronous(), options...)
	world := quietWorld(seed, group, "a b c")
	defer world.Stop()
	writer(world, group, "ann", 0, 700*ms, func() string { return "a" })
	writer(world, group, "bob", 300*ms, 400*ms, group.Leader)
	world.Partition("a ann", "b c master bob").Between(50*ms, 800*ms)
	world.Run(2 * sec)
	if len(group.View()) != 3 {
		return fmt.Sprint("the old leader is not back; the view is ", group.View())
	}
	if d := group.Diverged(); len(d) > 0 {
		return fmt.Sprint("has other data than the leader: ", d)
	}
	return ""
}

// readsBothEnds: a write is on its way to the tail of a chain when somebody reads from
// the head, and then from the tail.
func readsBothEnds(seed uint64, options ...replica.Option) string {
	group := replica.New("a b c", replica.Chain(), append(options, replica.Costs(0, 0, 40*ms))...)
	world := sim.New(sim.Seed(seed), sim.Untraced())
	defer world.Stop()
	world.Nodes("a b c", group.Server)
	h := check.NewHistory()
	world.Node("x", func(node *sim.Node) {
		client := group.Client(node)
		h.Write(node, "k", "1", func() error { return client.Write("k", "1") })
	})
	world.Node("y", func(node *sim.Node) {
		client := group.Client(node)
		node.Sleep(15 * ms)
		for _, server := range []string{"a", "c"} {
			h.Read(node, "k", func() (any, error) {
				value, err := client.ReadFrom(server, "k")
				if value == "" {
					return nil, err
				}
				return value, err
			})
		}
	})
	world.Run(sec)
	if v := h.Linearizable(); !v.Passed {
		return v.String()
	}
	return ""
}
