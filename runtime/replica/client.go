package replica

import (
	"fmt"
	"time"

	"netsplit/runtime/sim"
)

// Client reads and writes for a node.
type Client struct {
	group   *Group
	node    *sim.Node
	made    int
	waiting map[string]*sim.Future
}

// Client makes the client of the group for a node.
func (g *Group) Client(node *sim.Node) *Client {
	c := &Client{group: g, node: node, waiting: map[string]*sim.Future{}}
	node.Handle("written", func(r *sim.Request) {
		if f := c.waiting[r.Text("id")]; f != nil {
			f.Set(true)
		}
	})
	return c
}

// NotAcknowledged is the error of Write and Read: nobody answered in time. A write may
// be there or not.
type NotAcknowledged struct {
	What   string
	Within time.Duration
}

// Error says what was not answered.
func (e *NotAcknowledged) Error() string {
	return fmt.Sprintf("%s: no acknowledgement within %v", e.What, e.Within)
}

// Write writes a value and waits for the acknowledgement, as long as its
// Patience lasts. It asks once: a write without an answer may be there or not.
func (c *Client) Write(key, value string) error {
	return c.WriteTo(c.group.view.first(), key, value)
}

// WriteTo writes through a server that the client takes for the leader, right or wrong.
func (c *Client) WriteTo(server, key, value string) error {
	c.made++
	id := fmt.Sprintf("%s-%d", c.node.Name, c.made)
	f := c.node.NewFuture("write " + id)
	c.waiting[id] = f
	defer delete(c.waiting, id)
	c.node.Send(server, "write", "id", id, "key", key, "value", value)
	if err := c.node.Within(c.group.patience, func() { f.Get() }); err != nil {
		return &NotAcknowledged{"write " + key, c.group.patience}
	}
	return nil
}

// Read reads a value from the leader, or from the tail of a chain; "" stands for none.
func (c *Client) Read(key string) (string, error) {
	to := c.group.view.first()
	if c.group.mode == chain {
		to = c.group.view.last()
	}
	return c.ReadFrom(to, key)
}

// ReadFrom reads a value from a server.
func (c *Client) ReadFrom(server, key string) (string, error) {
	reply, err := c.node.Call(server, "read", "key", key, sim.Timeout(c.group.patience))
	if err != nil || reply.Kind != "value" {
		return "", &NotAcknowledged{"read " + key, c.group.patience}
	}
	return reply.Text("is"), nil
}
