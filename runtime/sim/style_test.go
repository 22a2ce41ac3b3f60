package sim_test

import (
	"fmt"
	"time"

	"netsplit/runtime/sim"
)

// The cells of the style guide, as a learner writes them.

const (
	ms  = time.Millisecond
	sec = time.Second
)

func Greeter(node *sim.Node) {
	node.Handle("hello", func(r *sim.Request) {
		r.Reply("welcome", "from", node.Name)
	})
}

func BlockingGreeter(node *sim.Node) {
	for {
		r := node.Receive("hello")
		r.Reply("welcome", "from", node.Name)
	}
}

func Counter(node *sim.Node) {
	inMemory := 0
	node.Handle("add", func(r *sim.Request) {
		inMemory += r.Int("by")
		onDisk := node.Disk.Int("total") + r.Int("by")
		node.Disk.Set("total", onDisk)
		r.Reply("sum", "memory", inMemory, "disk", onDisk)
	})
}

func Client(node *sim.Node) {
	for _, amount := range []int{2, 3} {
		reply, err := node.Call("counter", "add", "by", amount)
		for err != nil {
			node.Sleep(50 * ms)
			reply, err = node.Call("counter", "add", "by", amount)
		}
		node.Note("sum", reply.Int("disk"))
		node.Sleep(30 * ms)
	}
}

// Two nodes that greet: nobody needs more than a handler.
func Example() {
	world := sim.New(sim.Seed(7))
	world.Nodes("alice bob", Greeter)
	world.Send("alice", "hello")
	fmt.Print("two nodes greet\n", world.Run(50*ms))
	// Output:
	// two nodes greet
	//     0s  you -> alice: hello
	//    4ms  alice <- you: hello
	//    4ms  alice -> you: welcome from=alice
	//    8ms  you <- alice: welcome from=alice
}

// The same server in blocking style.
func Example_blocking() {
	world := sim.New(sim.Seed(7))
	world.Nodes("alice bob", BlockingGreeter)
	world.Send("alice", "hello")
	fmt.Print("two nodes greet\n", world.Run(50*ms))
	// Output:
	// two nodes greet
	//     0s  you -> alice: hello
	//    4ms  alice <- you: hello
	//    4ms  alice -> you: welcome from=alice
	//    8ms  you <- alice: welcome from=alice
}

// A crash on schedule: memory is lost, the disk stays.
func ExampleWorld_Crash() {
	world := sim.New(sim.Seed(7))
	world.Node("counter", Counter)
	world.Node("client", Client)
	world.Crash("counter").Between(20*ms, 100*ms)
	fmt.Print("memory is lost, the disk stays\n", world.Run(1*sec))
	// Output:
	// memory is lost, the disk stays
	//     0s  client -> counter: add by=2
	//    5ms  counter <- client: add by=2
	//    5ms  counter -> client: sum memory=2 disk=2
	//    6ms  client <- counter: sum memory=2 disk=2
	//    6ms  client: sum=2
	//   20ms  counter crashes
	//   36ms  client -> counter: add by=3
	//   37ms  client -x counter: add by=3 (down)
	//   86ms  client: no reply from counter to add after 50ms
	//  100ms  counter restarts
	//  136ms  client -> counter: add by=3
	//  138ms  counter <- client: add by=3
	//  138ms  counter -> client: sum memory=3 disk=5
	//  142ms  client <- counter: sum memory=3 disk=5
	//  142ms  client: sum=5
}
