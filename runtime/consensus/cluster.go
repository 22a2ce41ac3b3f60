package consensus

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
)

// Cluster is a set of servers, as the observer of a world sees it. Each world has its
// own.
type Cluster struct {
	// Server is the program of the cluster's nodes.
	Server func(node *sim.Node)

	members   []string
	low, high time.Duration // election time-out
	heartbeat time.Duration
	machine   func() func(command string) string
	wrong     wrong
	rule      func(match, terms []int, term, committed int) int

	elections []Election
	applied   []applied // by index
	breach    string    // how servers differ
	twice     string    // two leaders of a term
	leaders   map[int]string
}

// Election is a term in which somebody asked for votes.
type Election struct {
	Term       int
	Began      time.Duration // true time of the first candidate
	Candidates int
	Leader     string        // "" when the vote was split
	Won        time.Duration // true time
}

type applied struct {
	command string
	server  string
}

// Option is a property of a cluster.
type Option func(*Cluster)

// newCluster makes a cluster without a program.
func newCluster(members string, options []Option) *Cluster {
	c := &Cluster{members: strings.Fields(members), low: 150 * time.Millisecond, high: 300 * time.Millisecond, machine: Store, leaders: map[int]string{}}
	for _, o := range options {
		o(c)
	}
	if len(c.members) == 0 {
		host.Mistakef("consensus: a cluster needs members: their names in one text, with spaces between them")
	}
	if c.heartbeat == 0 {
		c.heartbeat = c.low / 3
	}
	return c
}

// Timeout is from when to when a follower that hears nothing starts an election. The
// default is 150 to 300 ms, as in the paper.
func Timeout(low, high time.Duration) Option { return func(c *Cluster) { c.low, c.high = low, high } }

// Heartbeat is how often a leader says that it lives. The default is a third of the
// shortest time-out.
func Heartbeat(d time.Duration) Option { return func(c *Cluster) { c.heartbeat = d } }

// Machine is what commands are applied to: made anew for each server and each start.
func Machine(make func() func(command string) string) Option {
	return func(c *Cluster) { c.machine = make }
}

// Members are the names of the servers, in one text.
func (c *Cluster) Members() string { return strings.Join(c.members, " ") }

// majority is how many servers decide.
func (c *Cluster) majority() int {
	if c.wrong.smallQuorum {
		return max(1, len(c.members)/2)
	}
	return len(c.members)/2 + 1
}

// others are the members but for one.
func (c *Cluster) others(name string) []string {
	return slices.DeleteFunc(slices.Clone(c.members), func(m string) bool { return m == name })
}

// Leader is the newest leader's name; "" before the first.
func (c *Cluster) Leader() string {
	for i := len(c.elections) - 1; i >= 0; i-- {
		if c.elections[i].Leader != "" {
			return c.elections[i].Leader
		}
	}
	return ""
}

// Elections are all elections so far, in the order of their terms.
func (c *Cluster) Elections() []Election { return slices.Clone(c.elections) }

// Applied are the commands that some server has applied, in order.
func (c *Cluster) Applied() []string {
	var list []string
	for _, a := range c.applied {
		if a.command != "" {
			list = append(list, a.command)
		}
	}
	return list
}

// OneLeader holds while no term had two leaders (election safety). It is a condition
// for world.Always.
func (c *Cluster) OneLeader() bool { return c.twice == "" }

// SameLog holds while no two servers applied different commands at one index (state
// machine safety). It is a condition for world.Always.
func (c *Cluster) SameLog() bool { return c.breach == "" }

// Breach says how the servers differ; "" while they do not.
func (c *Cluster) Breach() string { return strings.TrimSpace(c.twice + "\n" + c.breach) }

// election notes that a server asks for votes.
func (c *Cluster) election(node *sim.Node, term int) {
	for i := len(c.elections) - 1; i >= 0 && c.elections[i].Term >= term; i-- {
		if c.elections[i].Term == term {
			c.elections[i].Candidates++
			return
		}
	}
	c.elections = append(c.elections, Election{Term: term, Began: node.World().Now(), Candidates: 1})
	slices.SortStableFunc(c.elections, func(a, b Election) int { return a.Term - b.Term })
}

// won notes that a server leads.
func (c *Cluster) won(node *sim.Node, term int) {
	if other := c.leaders[term]; other != "" && other != node.Name && c.twice == "" {
		c.twice = fmt.Sprintf("%s and %s both lead in term %d", other, node.Name, term)
	}
	c.leaders[term] = node.Name
	for i := range c.elections {
		if e := &c.elections[i]; e.Term == term && e.Leader == "" {
			e.Leader, e.Won = node.Name, node.World().Now()
		}
	}
}

// apply notes that a server applied a command at an index, from 1.
func (c *Cluster) apply(server string, index int, command string) {
	for len(c.applied) < index-1 {
		c.applied = append(c.applied, applied{}) // never by a server that applies in order
	}
	if len(c.applied) < index {
		c.applied = append(c.applied, applied{command, server})
		return
	}
	if was := c.applied[index-1]; was.command != command && c.breach == "" {
		c.breach = fmt.Sprintf("at index %d %s applied %q and %s %q", index, was.server, was.command, server, command)
	}
}
