package queue

import (
	"slices"
	"sort"
	"time"

	"netsplit/runtime/sim"
)

// controller says who leads, and which consumer has which partition.
type controller struct {
	*Topic
	node    *sim.Node
	seen    map[string]time.Duration
	groups  map[string]*group
	offsets map[string][]int // committed positions, by group
}

// group is the consumers of one name.
type group struct {
	members map[string]time.Duration // when each was heard of last
	holding map[string][]int         // the partitions whose records each is handling
}

func newController(t *Topic, node *sim.Node) {
	c := &controller{Topic: t, node: node, seen: map[string]time.Duration{}, groups: map[string]*group{}, offsets: map[string][]int{}}
	for _, name := range t.brokers {
		c.seen[name] = node.Now()
		node.Go(func() { c.watch(name) })
	}
	node.Handle("in sync", c.onInSync)
	node.Handle("leader?", func(r *sim.Request) { r.Reply("leader", "is", t.placement[r.Int("partition")].leader) })
	node.Handle("join", c.onJoin)
	node.Handle("commit", func(r *sim.Request) {
		c.positions(r.Text("group"))[r.Int("partition")] = r.Int("offset")
		r.Reply("ok")
	})
	node.Every(t.detect/5, c.judge)
}

// watch asks a broker again and again whether it lives, and tells it what it missed.
func (c *controller) watch(name string) {
	for {
		if r, err := c.node.Call(name, "alive?", sim.Timeout(c.detect/5)); err == nil {
			c.seen[name] = c.node.Now()
			for p, epoch := range r.Ints("epochs") {
				if epoch < c.placement[p].epoch {
					c.tell(p, name)
				}
			}
		}
		c.node.Sleep(c.detect / 5)
	}
}

func (c *controller) alive(name string) bool { return c.node.Now()-c.seen[name] < c.detect }

// judge gives partitions whose leader is dead another one.
func (c *controller) judge() {
	for p := range c.placement {
		now := c.placement[p]
		if now.leader != "" && c.alive(now.leader) {
			continue
		}
		if i := slices.IndexFunc(now.inSync, c.alive); i >= 0 {
			leader := now.inSync[i]
			in := now.inSync
			if now.leader != "" {
				in = slices.DeleteFunc(slices.Clone(in), func(name string) bool { return name == now.leader })
			}
			c.announce(p, leader, in)
		} else if i := slices.IndexFunc(c.brokers, c.alive); i >= 0 && c.unclean {
			c.announce(p, c.brokers[i], []string{c.brokers[i]})
		} else if now.leader != "" {
			c.announce(p, "", now.inSync) // nobody may lead: it waits for one in sync
		}
	}
}

func (c *controller) announce(p int, leader string, in []string) {
	c.placement[p] = placement{c.placement[p].epoch + 1, leader, slices.Clone(in)}
	c.node.Note("partition", p, "leader", leader)
	for _, name := range c.brokers {
		c.tell(p, name)
	}
}

func (c *controller) tell(p int, name string) {
	now := c.placement[p]
	c.node.Send(name, "place", "partition", p, "epoch", now.epoch, "leader", now.leader, "in sync", now.inSync)
}

// onInSync takes a leader's word about who is in sync.
func (c *controller) onInSync(r *sim.Request) {
	p := r.Int("partition")
	if now := c.placement[p]; r.Int("epoch") == now.epoch && now.leader == r.From {
		c.announce(p, now.leader, r.Texts("brokers"))
	}
}

// onJoin hears that a consumer lives, and says which partitions it has.
func (c *controller) onJoin(r *sim.Request) {
	g := c.groups[r.Text("group")]
	if g == nil {
		g = &group{map[string]time.Duration{}, map[string][]int{}}
		c.groups[r.Text("group")] = g
	}
	g.members[r.From], g.holding[r.From] = c.node.Now(), r.Ints("holding")
	var names []string
	for name, heard := range g.members {
		if c.node.Now()-heard < 3*joinEvery {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	mine := slices.Index(names, r.From)
	var partitions, from []int
	for p := range c.partitions {
		held := !c.wrong.noHandover && slices.ContainsFunc(names, func(name string) bool { return name != r.From && slices.Contains(g.holding[name], p) })
		if p%len(names) == mine && !held { // who had it before lets go first
			partitions = append(partitions, p)
			from = append(from, c.positions(r.Text("group"))[p])
		}
	}
	g.holding[r.From] = append(g.holding[r.From], partitions...)
	r.Reply("assigned", "partitions", partitions, "from", from)
}

func (c *controller) positions(group string) []int {
	if c.offsets[group] == nil {
		c.offsets[group] = make([]int, c.partitions)
	}
	return c.offsets[group]
}
