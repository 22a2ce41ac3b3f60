package consensus_test

import (
	"fmt"
	"sort"
	"testing"
	"time"

	"netsplit/runtime/check"
	"netsplit/runtime/consensus"
	"netsplit/runtime/sim"
)

const (
	ms  = time.Millisecond
	sec = time.Second
)

func TestALeaderIsElectedAndCommandsAreApplied(t *testing.T) {
	electsAndApplies(t, consensus.Raft("a b c"))
	electsAndApplies(t, consensus.Etcd("a b c"))
}

func electsAndApplies(t *testing.T, cluster *consensus.Cluster) {
	t.Helper()
	world := sim.New()
	world.Nodes("a b c", cluster.Server)
	var results []string
	world.Node("ann", func(node *sim.Node) {
		client := cluster.Client(node)
		for _, command := range []string{"set x 1", "add x 2", "get x"} {
			result, err := client.Submit(command)
			results = append(results, fmt.Sprint(result, err))
		}
	})
	world.Always("one leader a term", cluster.OneLeader)
	world.Always("one log", cluster.SameLog)
	world.Run(5 * sec)
	if got := fmt.Sprint(results); got != "[1<nil> 3<nil> 3<nil>]" || world.Broken() {
		t.Errorf("results %s, %s\n%s", got, world.Verdict(), world.Transcript())
	}
	if got := fmt.Sprint(cluster.Applied()); got != "[set x 1 add x 2 get x]" {
		t.Errorf("applied %s", got)
	}
	if elections := cluster.Elections(); len(elections) != 1 || elections[0].Leader == "" {
		t.Errorf("elections %+v, want one", elections)
	}
}

// world builds a cluster of five with clients that add, under random faults.
func world(seed uint64, make func(string, ...consensus.Option) *consensus.Cluster, options ...consensus.Option) (*sim.World, *consensus.Cluster, *check.History) {
	cluster := make("a b c d e", options...)
	world := sim.New(sim.Seed(seed))
	world.Nodes("a b c d e", cluster.Server, sim.Fsync(sim.Uniform(ms, 5*ms)))
	history := check.NewHistory()
	world.Nodes("x y", func(node *sim.Node) {
		client := cluster.Client(node)
		for {
			history.Add(node, "n", 1, func() (int, error) {
				result, err := client.Submit("add n 1")
				sum := 0
				fmt.Sscan(result, &sum)
				return sum, err
			})
			node.Sleep(node.Rand.Between(0, 100*ms))
		}
	})
	world.Always("at most one leader in a term", cluster.OneLeader)
	world.Always("all apply the same commands", cluster.SameLog)
	return world, cluster, history
}

// faults are crashes and partitions of the servers.
func faults(world *sim.World, until time.Duration) (list []*sim.Fault) {
	dice := world.Rand("faults")
	for at := 200 * ms; at < until; at += dice.Between(50*ms, 400*ms) {
		name := dice.Pick("a", "b", "c", "d", "e")
		other := dice.Pick("a", "b", "c", "d", "e")
		end := at + dice.Between(20*ms, 600*ms)
		switch dice.Intn(4) {
		case 0, 1:
			list = append(list, world.Crash(name).Between(at, end))
		case 2:
			list = append(list, world.Isolate(name).Between(at, end))
		case 3:
			if other != name {
				name += " " + other
			}
			list = append(list, world.Partition(name).Between(at, end))
		}
	}
	return list
}

func TestRaftKeepsItsPromisesUnderFaults(t *testing.T) { keepsItsPromises(t, consensus.Raft) }
func TestEtcdKeepsItsPromisesUnderFaults(t *testing.T) { keepsItsPromises(t, consensus.Etcd) }

func keepsItsPromises(t *testing.T, make func(string, ...consensus.Option) *consensus.Cluster) {
	for seed := range uint64(12) {
		w, cluster, history := world(seed+1, make)
		faults(w, 8*sec)
		w.Run(8 * sec)
		before := len(cluster.Applied())
		w.Heal()
		w.Run(6 * sec)
		if w.Broken() {
			t.Fatalf("seed %d: %s\n%s", seed+1, w.Verdict(), cluster.Breach())
		}
		if v := history.Linearizable(); !v.Passed {
			t.Errorf("seed %d: %v", seed+1, v)
		}
		if after := len(cluster.Applied()); after < before+20 || before < 5 {
			t.Errorf("seed %d: %d commands under faults, %d after: a healed cluster must go on", seed+1, before, after)
		}
	}
}

// TestWhatBecomesOfAnEntry is the question of the course: the leader crashes after it
// was given a command and before it is committed. Does the command survive?
func TestWhatBecomesOfAnEntry(t *testing.T) {
	for _, c := range []struct {
		name  string
		crash func(w *sim.World, leader string, others []string)
		least int // seeds of 40 in which it survives
		most  int
	}{
		{"nobody else has it", func(w *sim.World, leader string, _ []string) {
			w.Crash(leader).OnNote(leader, "appended")
		}, 0, 0},
		{"a minority has it", func(w *sim.World, leader string, others []string) {
			w.Cut(leader, others[1]+" "+others[2]+" "+others[3])
			w.Crash(leader).OnArrival(leader, "appended", sim.Skip(0))
		}, 5, 35},
		{"a majority has it", func(w *sim.World, leader string, others []string) {
			w.Cut(leader, others[2]+" "+others[3])
			w.Crash(leader).OnArrival(leader, "appended", sim.Skip(1))
		}, 40, 40},
	} {
		survived := 0
		for seed := range uint64(40) {
			cluster := consensus.Raft("a b c d e", consensus.Heartbeat(100*ms), consensus.Timeout(300*ms, 600*ms))
			w := sim.New(sim.Seed(seed+1), sim.Latency(sim.Constant(5*ms)))
			w.Nodes("a b c d e", cluster.Server)
			w.RunWhile(func() bool { return cluster.Leader() == "" }, 5*sec)
			w.Run(30 * ms) // the entry that begins the term is everywhere
			leader := cluster.Leader()
			var others []string
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				if name != leader {
					others = append(others, name)
				}
			}
			c.crash(w, leader, others)
			w.Send(leader, "submit", "id", "you-1", "command", "set x 1")
			w.Run(100 * ms)
			w.Heal()
			w.Run(5 * sec)
			if list := cluster.Applied(); len(list) > 0 {
				survived++
			}
		}
		t.Logf("%s: survives in %d of 40 seeds", c.name, survived)
		if survived < c.least || survived > c.most {
			t.Errorf("%s: it survives in %d of 40 seeds, want %d to %d", c.name, survived, c.least, c.most)
		}
	}
}

func TestEtcdIsDeterministic(t *testing.T) {
	if err := sim.Repeatable(func() *sim.World {
		w, _, _ := world(5, consensus.Etcd)
		faults(w, 5*sec)
		w.Run(6 * sec)
		return w
	}); err != nil {
		t.Error(err)
	}
}

func TestElectionsAreSortedByTerm(t *testing.T) {
	w, cluster, _ := world(3, consensus.Raft)
	faults(w, 5*sec)
	w.Run(6 * sec)
	elections := cluster.Elections()
	if !sort.SliceIsSorted(elections, func(i, j int) bool { return elections[i].Term < elections[j].Term }) || len(elections) < 2 {
		t.Errorf("elections %+v", elections)
	}
}
