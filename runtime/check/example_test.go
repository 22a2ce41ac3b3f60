package check_test

import (
	"fmt"

	"netsplit/runtime/check"
	"netsplit/runtime/sim"
)

// Two clients, and a server that loses an addition when they come together.
func Example() {
	h := check.NewHistory()
	world := sim.New(sim.Seed(1), sim.Latency(sim.Constant(ms)))
	world.Node("counter", func(node *sim.Node) {
		total := 0
		node.Handle("add", func(r *sim.Request) {
			was := total
			node.Sleep(5 * ms) // others come in meanwhile
			total = was + 1
			r.Reply("sum", "is", total)
		})
	})
	world.Nodes("ann bob", func(node *sim.Node) {
		h.Add(node, "total", 1, func() (int, error) {
			reply, err := node.Call("counter", "add")
			if err != nil {
				return 0, err
			}
			return reply.Int("is"), nil
		})
	})
	world.Run(100 * ms)
	fmt.Println(h.Linearizable())
	// Output:
	// not linearizable: no order explains these 2 of 2 operations
	//     ann adds 1 to total and has 1 from 0s to 7ms
	//     bob adds 1 to total and has 1 from 0s to 7ms
}
