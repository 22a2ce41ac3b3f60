package consensus_test

import (
	"fmt"

	"netsplit/runtime/consensus"
	"netsplit/runtime/sim"
)

// A leader crashes after it appended a command and before anybody else has it.
func Example() {
	cluster := consensus.Raft("a b c")
	world := sim.New(sim.Seed(1))
	world.Nodes("a b c", cluster.Server)
	world.Always("at most one leader in a term", cluster.OneLeader)
	world.Always("all apply the same commands", cluster.SameLog)
	world.Run(sec)

	leader := cluster.Leader()
	world.Crash(leader).OnNote(leader, "appended")
	world.Send(leader, "submit", "id", "1", "command", "set x 1")
	world.Run(2 * sec)
	fmt.Println(leader, "led,", cluster.Leader(), "leads, applied", cluster.Applied())
	fmt.Println(world.Verdict())
	// Output:
	// b led, c leads, applied []
	// kept until 3s: at most one leader in a term; all apply the same commands (seed 1)
}
