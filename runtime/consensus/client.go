package consensus

import (
	"fmt"
	"time"

	"netsplit/runtime/sim"
)

// Client submits commands for a node. It finds the leader, and asks again with the
// same id when no answer comes.
type Client struct {
	cluster *Cluster
	node    *sim.Node
	leader  string
	made    int
	patient time.Duration
}

// Client makes a client of the cluster for a node.
func (c *Cluster) Client(node *sim.Node) *Client {
	return &Client{cluster: c, node: node, leader: c.members[0], patient: 20 * c.high}
}

// GaveUp is the error of Submit: no leader answered in time. The command may still be
// committed.
type GaveUp struct {
	Command string
	After   time.Duration
}

// Error says what was not answered.
func (e *GaveUp) Error() string {
	return fmt.Sprintf("no answer to %q after %v; it may still be committed", e.Command, e.After)
}

// Submit gives a command to the cluster and waits until it is committed; the result is
// that of the machine. It gives up after 20 of the longest election time-outs.
func (c *Client) Submit(command string) (string, error) {
	c.made++
	id := fmt.Sprintf("%s-%d", c.node.Name, c.made)
	for begin := c.node.Now(); c.node.Now()-begin < c.patient; {
		reply, err := c.node.Call(c.leader, "submit", "id", id, "command", command, sim.Timeout(c.cluster.high))
		switch {
		case err != nil:
			c.next()
		case reply.Kind == "committed":
			return reply.Text("result"), nil
		case reply.Text("leader") != "" && reply.Text("leader") != c.leader:
			c.leader = reply.Text("leader")
		default:
			c.next()
			c.node.Sleep(c.cluster.low / 5)
		}
	}
	return "", &GaveUp{command, c.patient}
}

// next turns to another server.
func (c *Client) next() {
	for i, name := range c.cluster.members {
		if name == c.leader {
			c.leader = c.cluster.members[(i+1)%len(c.cluster.members)]
			return
		}
	}
}
