package consensus_test

import (
	"strings"
	"testing"

	"netsplit/runtime/consensus"
	"netsplit/runtime/grade"
	"netsplit/runtime/sim"
)

// stories are runs that only a correct server survives: each breaks one wrong variant
// with every seed, and no right one with any.
var stories = map[string]struct {
	wrong consensus.Option
	tell  func(seed uint64, cluster func(members string) *consensus.Cluster) *sim.World
}{
	// b votes for whoever asks first, crashes for an instant, and is asked by the other in
	// the same term.
	"a vote is forgotten": {consensus.ForgetVote(), func(seed uint64, cluster func(string) *consensus.Cluster) *sim.World {
		world := begin(seed, cluster("a b c"))
		world.Cut("a", "c")
		world.Cut("c", "a")
		world.Crash("b").Between(0, 149*ms)
		world.Crash("b").OnSend("b", "vote").For(1)
		world.Drop("a c", "b", sim.Kind("append"))
		world.Run(2 * sec)
		return world
	}},
	// Figure 8 of the paper. Only a and e are candidates: the clocks of the others crawl. a's entry reaches b; e leads
	// and has another at its place; a leads again and gives c the old one: a majority
	// has it. e leads again, with the votes of c and d.
	"an old entry counts": {consensus.CommitOldTerm(), func(seed uint64, cluster func(string) *consensus.Cluster) *sim.World {
		world := begin(seed, cluster("a b c d e"), "b c d")
		world.Drop("e", "a b c d", sim.Kind("vote?")).Between(0, 3*sec)
		world.Run(2 * sec)
		world.Cut("a", "c d e").Between(2*sec, 3*sec)
		submit(world, "a", "set x 1")
		world.Run(sec)
		world.Crash("a").Between(3*sec, 8*sec)
		world.Drop("e", "a b c d", sim.Kind("append")).Between(3*sec, 8*sec)
		world.Run(2 * sec)
		submit(world, "e", "set x 2")
		world.Run(3 * sec)
		world.Crash("e").Between(8*sec, 13*sec)
		world.Cut("a", "d").Between(8*sec, 13*sec)
		world.Run(5 * sec)
		world.Crash("a").At(13 * sec)
		world.Run(5 * sec)
		return world
	}},
	// d and e miss a committed entry, and then only e is a candidate.
	"the log is ignored": {consensus.IgnoreLog(), func(seed uint64, cluster func(string) *consensus.Cluster) *sim.World {
		world := begin(seed, cluster("a b c d e"), "b c d")
		world.Drop("e", "a b c d", sim.Kind("vote?")).Between(0, 3*sec)
		world.Run(sec)
		world.Partition("a b c", "d e").Between(sec, 3*sec)
		submit(world, "a", "set x 1")
		world.Run(2 * sec)
		world.Crash("a").At(3 * sec)
		world.Run(2 * sec)
		submit(world, "e", "set x 2")
		world.Run(3 * sec)
		return world
	}},
	// The lights go out over a cluster that has answered.
	"answers come before the disk": {consensus.ReplyBeforeSync(), func(seed uint64, cluster func(string) *consensus.Cluster) *sim.World {
		world := begin(seed, cluster("a b c"))
		world.Run(sec)
		for range 20 {
			for _, name := range strings.Fields("a b c") {
				submit(world, name, "add x 1")
			}
			world.Run(50 * ms)
		}
		world.Crash("a b c").At(2 * sec)
		world.Restart("a b c").At(2500 * ms)
		world.Run(2 * sec)
		for _, name := range strings.Fields("a b c") {
			submit(world, name, "set x 0")
		}
		world.Run(sec)
		return world
	}},
	// Two of five go on alone, and so do the other three.
	"half is enough": {consensus.SmallQuorum(), func(seed uint64, cluster func(string) *consensus.Cluster) *sim.World {
		world := begin(seed, cluster("a b c d e"))
		world.Partition("a b", "c d e").Between(0, 3*sec)
		world.Run(sec)
		for _, name := range strings.Fields("a b c d e") {
			submit(world, name, "set x "+name)
		}
		world.Run(3 * sec)
		return world
	}},
}

// begin is a world of a cluster with its promises. The clocks of some servers crawl: they
// hear nothing for long and never become candidates.
func begin(seed uint64, cluster *consensus.Cluster, crawl ...string) *sim.World {
	world := sim.New(sim.Seed(seed), sim.Latency(sim.Uniform(ms, 5*ms)))
	for _, name := range strings.Fields(cluster.Members()) {
		if strings.Contains(strings.Join(crawl, " "), name) {
			world.Node(name, cluster.Server, sim.ClockDrift(-990_000))
		} else {
			world.Node(name, cluster.Server)
		}
	}
	world.Always("at most one leader in a term", cluster.OneLeader)
	world.Always("all apply the same commands", cluster.SameLog)
	return world
}

func submit(world *sim.World, to, command string) {
	world.Send(to, "submit", "id", to+" at "+world.Now().String(), "command", command)
}

func TestEveryStoryBreaksItsWrongVariantAndNoRightOne(t *testing.T) {
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			for _, seed := range grade.Seeds(100) {
				wrong := story.tell(seed, func(members string) *consensus.Cluster { return consensus.Raft(members, story.wrong) })
				if !wrong.Broken() {
					t.Fatalf("seed %d: the wrong variant passes by luck: %s\n%s", seed, wrong.Verdict(), wrong.Transcript())
				}
				wrong.Stop()
				for kind, right := range map[string]func(string, ...consensus.Option) *consensus.Cluster{"raft": consensus.Raft, "etcd": consensus.Etcd} {
					world := story.tell(seed, func(members string) *consensus.Cluster { return right(members) })
					if world.Broken() {
						t.Fatalf("seed %d: %s: %s\n%s", seed, kind, world.Verdict(), world.Transcript())
					}
					world.Stop()
				}
			}
		})
	}
}
