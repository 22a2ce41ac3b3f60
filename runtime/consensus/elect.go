package consensus

import (
	"strings"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
)

// Campaign is how an election went among servers that had just started.
type Campaign struct {
	Terms int           // how many it took: 1 unless the vote was split
	Took  time.Duration // from the start of the servers to the first leader
}

// Elect holds so many elections in a world, one after the other, and tells how each
// went. Those of the cluster's servers that are up take part. Each election is among new ones: memory and
// disks are empty, and no message of the election before is on its way. So a world
// serves for thousands.
func (c *Cluster) Elect(world *sim.World, elections int) []Campaign {
	list := make([]Campaign, 0, elections)
	world.Run(0) // now the servers are there
	var up []string
	for _, name := range c.members {
		if world.Find(name).Up() {
			up = append(up, name)
		}
	}
	names, limit := strings.Join(up, " "), 1000*c.high
	for range elections {
		began := world.Now()
		world.RunWhile(c.leaderless, limit)
		if c.leaderless() {
			host.Mistakef("cluster.Elect: no leader after %v: is a majority up?", limit)
		}
		list = append(list, Campaign{len(c.elections), world.Now() - began})
		world.Crash(names)
		for world.InFlight() > 0 {
			world.Run(c.low / 5)
		}
		world.Replace(names)
		c.forget()
	}
	return list
}

func (c *Cluster) leaderless() bool { return c.Leader() == "" }

// forget is for servers that begin anew: what the observer saw were others.
func (c *Cluster) forget() {
	c.elections, c.applied, c.breach, c.twice = c.elections[:0], c.applied[:0], "", ""
	clear(c.leaders)
}
