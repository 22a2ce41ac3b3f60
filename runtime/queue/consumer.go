package queue

import (
	"slices"
	"time"

	"netsplit/runtime/sim"
)

// Consumer is a member of a group of consumers.
type Consumer struct {
	Handled int   // records that were handled
	Has     []int // the partitions it has now

	topic  *Topic
	node   *sim.Node
	group  string
	first  bool
	handle func(Record)
	one    *sim.Mutex // it handles one record at a time, of whichever partition
}

// joinEvery is how often a consumer says that it lives.
const joinEvery = 50 * time.Millisecond

// ConsumerOption is a property of a consumer.
type ConsumerOption func(*Consumer)

// CommitFirst commits a record's position before it is handled: a consumer that dies
// meanwhile has lost it. By default it is committed afterwards, and handled again.
func CommitFirst() ConsumerOption { return func(c *Consumer) { c.first = true } }

// Consume handles the records of a topic on a node, together with the other consumers
// of the group, and returns at once. The handler may block: a consumer handles one record
// at a time, and those of a partition in their order.
func (t *Topic) Consume(node *sim.Node, group string, handle func(Record), options ...ConsumerOption) *Consumer {
	c := &Consumer{topic: t, node: node, group: group, handle: handle, one: node.NewMutex("one record")}
	for _, o := range options {
		o(c)
	}
	busy := map[int]bool{}
	node.Go(func() {
		for {
			var holding []int
			for p := range t.partitions {
				if busy[p] {
					holding = append(holding, p)
				}
			}
			if r, err := node.Call(controllerName, "join", "group", group, "holding", holding); err == nil {
				c.Has = r.Ints("partitions")
				for i, p := range c.Has {
					if !busy[p] {
						busy[p] = true
						node.Go(func() {
							c.read(p, r.Ints("from")[i])
							busy[p] = false
						})
					}
				}
			}
			node.Sleep(joinEvery)
		}
	})
	return c
}

// read handles the records of a partition from an offset on, as long as the consumer
// has it.
func (c *Consumer) read(partition, from int) {
	leader := c.topic.brokers[partition%len(c.topic.brokers)]
	for slices.Contains(c.Has, partition) {
		r, err := c.node.Call(leader, "poll", "partition", partition, "from", from, "most", 10)
		if err != nil || r.Kind != "records" {
			if r, err := c.node.Call(controllerName, "leader?", "partition", partition); err == nil && r.Text("is") != "" {
				leader = r.Text("is")
			}
			c.node.Sleep(c.topic.fetchEvery)
			continue
		}
		if len(r.Texts("lines")) == 0 {
			c.node.Sleep(c.topic.fetchEvery)
			continue
		}
		for _, line := range r.Texts("lines") {
			c.one.Lock()
			if c.first {
				c.commit(partition, from+1)
			}
			c.handle(parse(line, partition, from))
			c.Handled++
			from++
			if !c.first {
				c.commit(partition, from)
			}
			c.one.Unlock()
		}
	}
}

func (c *Consumer) commit(partition, offset int) {
	c.node.Call(controllerName, "commit", "group", c.group, "partition", partition, "offset", offset)
}
