package queue_test

import (
	"fmt"

	"netsplit/runtime/queue"
	"netsplit/runtime/sim"
)

// A producer retries, because acknowledgements get lost, and the leader knows what it
// has.
func Example() {
	for _, ids := range []bool{false, true} {
		topic := queue.NewTopic("k1 k2 k3", queue.MinInSync(2))
		world := sim.New(sim.Seed(1), sim.Untraced())
		world.Nodes("k1 k2 k3", topic.Broker)
		world.Node("controller", topic.Controller)
		world.Node("shop", func(node *sim.Node) {
			options := []queue.ProducerOption{queue.AcksAll(), queue.Retries(20)}
			if ids {
				options = append(options, queue.ProducerIDs())
			}
			producer := topic.Producer(node, options...)
			for range 100 {
				producer.Send("customer", "order")
			}
		})
		world.Drop("k1", "shop", sim.Chance(0.2))
		world.Run(60 * sec)
		fmt.Println("producer ids", ids, "acknowledged", topic.Acknowledged(), "lost", topic.Lost(), "duplicates", topic.Duplicates())
	}
	// Output:
	// producer ids false acknowledged 100 lost 0 duplicates 24
	// producer ids true acknowledged 100 lost 0 duplicates 0
}
