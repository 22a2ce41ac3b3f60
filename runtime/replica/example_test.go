package replica_test

import (
	"fmt"

	"netsplit/runtime/load"
	"netsplit/runtime/replica"
	"netsplit/runtime/sim"
)

// A leader whose followers are 50 ms behind crashes under 200 writes a second.
func Example() {
	group := replica.New("a b c", replica.Asynchronous(), replica.ShipAfter(sim.Constant(50*ms)))
	world := sim.New(sim.Seed(1), sim.Untraced())
	world.Nodes("a b c", group.Server)
	world.Node("master", group.Master)
	world.Node("ann", func(node *sim.Node) {
		client := group.Client(node)
		load.Open(node, load.Poisson(200), 2*sec, func(op *load.Op) { client.Write("x", "1") })
	})
	world.Crash("a").At(sec)
	world.Run(4 * sec)
	fmt.Println(group.Leader(), "leads;", len(group.Lost()), "of", len(group.Acknowledged()), "acknowledged writes are lost")
	// Output:
	// b leads; 9 of 352 acknowledged writes are lost
}
