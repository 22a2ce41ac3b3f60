package rpc_test

import (
	"fmt"

	"netsplit/runtime/rpc"
	"netsplit/runtime/sim"
)

// A customer orders, the first receipt is lost, and the shop charges once.
func Example() {
	world := sim.New(sim.Seed(1))
	world.Node("shop", func(node *sim.Node) {
		server := rpc.NewServer(node, rpc.Remember())
		server.Handle("order", func(r *rpc.Request) {
			node.Disk.Set("charged", node.Disk.Int("charged")+10)
			r.Reply("receipt", "amount", 10)
		})
	})
	world.Node("ann", func(node *sim.Node) {
		client := rpc.NewClient(node, rpc.Retries(3), rpc.WithIDs())
		client.Call("shop", "order")
	})
	world.Drop("shop", "ann", sim.First(1))
	fmt.Println(world.Run(200 * ms))
	fmt.Println("charged", world.Find("shop").Disk.Int("charged"))
	// Output:
	// 0s  drop shop -> ann: the first 1
	//     0s  ann -> shop: order id=ann-1
	//    3ms  shop <- ann: order id=ann-1
	//    3ms  shop -> ann: receipt amount=10
	//    3ms  shop -x ann: receipt amount=10 (dropped)
	//   50ms  ann: no reply from shop to order after 50ms
	//   50ms  ann -> shop: order id=ann-1 attempt=2
	//   52ms  shop <- ann: order id=ann-1 attempt=2
	//   52ms  shop -> ann: receipt amount=10
	//   54ms  ann <- shop: receipt amount=10
	//
	// charged 10
}
