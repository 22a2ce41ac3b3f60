package balance_test

import (
	"fmt"

	"netsplit/runtime/balance"
	"netsplit/runtime/rpc"
	"netsplit/runtime/sim"
)

// A front end sends each request to the less loaded of two random servers.
func Example() {
	world := sim.New(sim.Seed(1), sim.Untraced())
	world.Nodes("s1 s2 s3", func(node *sim.Node) {
		server := rpc.NewServer(node, rpc.Work(sim.Exponential(10*ms)))
		server.Handle("get", func(r *rpc.Request) { r.Reply("page") })
	})
	var servers *balance.Balancer
	world.Node("front", func(node *sim.Node) {
		servers = balance.New(node, "s1 s2 s3", balance.TwoChoices())
		for range 300 {
			node.Go(func() { servers.Call("get") })
			node.Sleep(5 * ms)
		}
	})
	world.Run(3 * sec)
	for _, s := range servers.Servers() {
		fmt.Println(s.Name, "got", s.Sent, "and failed", s.Failed)
	}
	// Output:
	// s1 got 94 and failed 4
	// s2 got 92 and failed 6
	// s3 got 114 and failed 6
}
