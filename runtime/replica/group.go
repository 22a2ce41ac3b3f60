package replica

import (
	"slices"
	"strings"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/measure"
	"netsplit/runtime/sim"
)

// Group is a set of servers with copies of the same data, as the observer of a world
// sees it. Each world has its own.
type Group struct {
	// Server is the program of the servers, Master that of the one that watches them.
	Server, Master func(node *sim.Node)

	members   []string
	mode      mode
	ship      *sim.Distribution
	batch     time.Duration
	costs     costs
	heartbeat time.Duration
	detect    time.Duration
	patience  time.Duration
	heir      func(answers []Position, missing int) string
	fixed     bool
	wrong     wrong

	servers map[string]*server // as they are now
	view    view
	acked   []Write
	when    map[string]int  // index in acked, by id
	second  map[string]bool // ids that a second server has
	lags    []time.Duration
}

// Write is a write as the observer saw it.
type Write struct {
	ID    string
	Key   string
	Value string
	Acked time.Duration // true time at which it was acknowledged
}

// Mode says when a write is acknowledged.
type Mode struct{ mode mode }

type mode uint8

const (
	asynchronous mode = iota
	semiSynchronous
	synchronous
	chain
)

// Asynchronous acknowledges a write when the leader has it.
func Asynchronous() Mode { return Mode{asynchronous} }

// SemiSynchronous acknowledges a write when the leader and one follower have it.
func SemiSynchronous() Mode { return Mode{semiSynchronous} }

// Synchronous acknowledges a write when all servers of the view have it.
func Synchronous() Mode { return Mode{synchronous} }

// Chain acknowledges a write when it has gone through all servers.
func Chain() Mode { return Mode{chain} }

// String is the mode's name.
func (m Mode) String() string {
	return []string{"asynchronous", "semi-synchronous", "synchronous", "chain"}[m.mode]
}

// Option is a property of a group.
type Option func(*Group)

// New makes a group. The members are names with spaces between them; the first leads.
func New(members string, mode Mode, options ...Option) *Group {
	g := &Group{members: strings.Fields(members), mode: mode.mode, heartbeat: 20 * time.Millisecond, detect: 100 * time.Millisecond, patience: time.Second, servers: map[string]*server{}}
	if len(g.members) == 0 {
		host.Mistakef("replica.New: a group needs members: their names in one text, with spaces between them")
	}
	for _, o := range options {
		o(g)
	}
	g.view = view{1, slices.Clone(g.members)}
	g.Server = func(node *sim.Node) { newServer(g, node) }
	g.Master = func(node *sim.Node) { newMaster(g, node) }
	return g
}

// ShipAfter lets a leader send each write to the others after a time, in order: how far
// they lag. The default is at once.
func ShipAfter(d sim.Distribution) Option { return func(g *Group) { g.ship = &d } }

// ShipEvery lets a leader send the writes of a span of time together.
func ShipEvery(d time.Duration) Option { return func(g *Group) { g.batch = d } }

// Detect is how long a server is silent before the master takes it for dead. The
// default is 100 ms; the master asks every 20 ms, or five times within this time.
func Detect(d time.Duration) Option { return func(g *Group) { g.detect, g.heartbeat = d, d/5 } }

// Position is how many writes a server has: what the master knows of it when it looks for
// a new leader.
type Position struct {
	Server string
	Have   int
}

// Heir lets a function choose the new leader when the old one has died. It gets the
// servers of the view that answer, in their order, and how many of the other followers
// do not. "" says that nobody leads for the time being: the master asks again after its
// next round. The default is the server that has most of those that answer, whoever is
// missing. In a chain the next in the order leads, as those before have all that those
// behind have.
func Heir(choose func(answers []Position, missing int) string) Option {
	return func(g *Group) { g.heir = choose }
}

// Fixed says that there is no master: the first server leads always, and the view keeps
// its members whether they are up or not. A write that needs a server that is down waits
// for it. A server that was down takes its old place.
func Fixed() Option { return func(g *Group) { g.fixed = true } }

// Patience is how long a client waits for an answer. The default is a second.
func Patience(d time.Duration) Option { return func(g *Group) { g.patience = d } }

// Costs is how long the processor of a server works on a read, on a write as the first
// server, and on a write as another. The default is no time.
func Costs(read, first, other time.Duration) Option {
	return func(g *Group) { g.costs = costs{read, first, other} }
}

type costs struct{ read, first, other time.Duration }

// view is what the master announced: who takes part, in order.
type view struct {
	number  int
	members []string
}

func (v view) first() string { return v.members[0] }
func (v view) last() string  { return v.members[len(v.members)-1] }

// place is a server's index in the order; -1 when it takes no part.
func (v view) place(name string) int { return slices.Index(v.members, name) }

// Leader is the server that takes writes now.
func (g *Group) Leader() string { return g.view.first() }

// View is the order of the servers now.
func (g *Group) View() []string { return slices.Clone(g.view.members) }

// Acknowledged are all acknowledged writes, in the order of their acknowledgements.
func (g *Group) Acknowledged() []Write { return slices.Clone(g.acked) }

// Lost are the acknowledged writes that the leader of now does not have.
func (g *Group) Lost() []Write {
	var lost []Write
	now := g.servers[g.view.first()]
	for _, w := range g.acked {
		if now == nil || !now.has[w.ID] {
			lost = append(lost, w)
		}
	}
	return lost
}

// Diverged are the servers of the view whose data contradict the leader's: what they have
// is no beginning of what it has.
func (g *Group) Diverged() []string {
	var names []string
	for _, name := range g.view.members {
		s, leader := g.servers[name], g.servers[g.view.first()]
		if s != nil && leader != nil && !s.follows(leader) {
			names = append(names, name)
		}
	}
	return names
}

// Lag is the mean time from the acknowledgement of a write until the second server had
// it (of those that were not before it), with its interval.
func (g *Group) Lag() measure.TimeInterval { return measure.EstimateTime(g.lags...) }
