package sim

import (
	"strings"

	"netsplit/runtime/host"
)

// Partition cuts the network between groups of nodes: Partition("a", "b c") lets
// no message pass between a on one side and b and c on the other. One group alone
// is cut off from all other nodes. A message on its way when the network is cut
// is lost when it would arrive. The opposite is Heal.
func (w *World) Partition(groups ...string) *Fault {
	var parts []string
	for _, g := range groups {
		parts = append(parts, strings.Join(words(g), " "))
	}
	f := w.fault("partition", "partition "+strings.Join(parts, " | "))
	f.endText = "heal " + strings.Join(parts, " | ")
	f.network, f.isCut = true, true
	f.group = make([]int8, len(w.nodes))
	for i, g := range groups {
		for _, n := range w.group("world.Partition", g) {
			if f.group[n.id] != 0 {
				host.Mistakef("world.Partition: node %s stands in two groups", n.Name)
			}
			f.group[n.id] = int8(i + 1)
			f.lanes, f.groups = append(f.lanes, int32(n.id)), append(f.groups, int32(i))
		}
	}
	if len(groups) == 0 {
		host.Mistakef("world.Partition: name the groups, such as world.Partition(\"a\", \"b c\")")
	}
	if len(groups) == 1 {
		f.rest = 2
	}
	f.start, f.stop = func() {}, func() {}
	return f
}

// Isolate cuts one node, or a group together, off from all others.
func (w *World) Isolate(names string) *Fault { return w.Partition(names) }

// Bridge cuts left off from right; the nodes of the bridge still reach both. The two
// sides see different worlds, and the bridge believes that all is well.
func (w *World) Bridge(left, bridge, right string) *Fault {
	f := w.Partition(left, right)
	for _, n := range w.group("world.Bridge", bridge) {
		if f.group[n.id] != 0 {
			host.Mistakef("world.Bridge: node %s is a side and the bridge", n.Name)
		}
	}
	f.text = "partition " + join(left) + " | " + join(right) + ", bridged by " + join(bridge)
	f.endText = "heal " + join(left) + " | " + join(right)
	return f
}

// MajorityRing lets every node reach a majority, each another one: in a ring of n
// nodes it reaches its neighbours only, as many as make a majority with itself.
func (w *World) MajorityRing(names string) *Fault {
	f := w.fault("ring", "partition into a ring of majorities: "+join(names))
	f.network, f.isCut = true, true
	f.endText = "heal the ring " + join(names)
	f.ring = w.group("world.MajorityRing", names)
	for _, n := range f.ring {
		f.lanes = append(f.lanes, int32(n.id))
	}
	f.start, f.stop = func() {}, func() {}
	return f
}

// apart tells whether two nodes of the ring are too far from each other.
func (f *Fault) apart(a, b *Node) bool {
	i, j := -1, -1
	for k, n := range f.ring {
		if n == a {
			i = k
		}
		if n == b {
			j = k
		}
	}
	if i < 0 || j < 0 {
		return false
	}
	n := len(f.ring)
	away := (i - j + n) % n
	away = min(away, n-away)
	return away > (n/2+1)/2
}

// Clog holds messages from one group to another back: they wait and arrive when the
// fault ends.
func (w *World) Clog(from, to string) *Fault {
	f := w.between("clog", "clog "+join(from)+" -> "+join(to), from, to)
	f.endText = "unclog " + join(from) + " -> " + join(to)
	f.stop = func() {
		held := f.clogged
		f.clogged = nil
		for _, r := range held {
			w.route(r, w.nodes[r.from], r.node)
		}
	}
	return f
}

// Group gives several nodes one name, which may stand wherever names of nodes
// stand: a zone, a shard, a side.
//
//	world.Group("eu", "a b c")
//	world.Group("us", "d e")
//	world.Link("eu", "us", sim.RoundTrip(90*ms))
//	world.Partition("eu", "us").Between(1*sec, 2*sec)
func (w *World) Group(name, nodes string) {
	w.enter("world.Group")
	if w.byName[name] != nil || name == "" || strings.ContainsAny(name, " ,") {
		host.Mistakef("world.Group(%q, %q): a group needs one word that is no node's name", name, nodes)
	}
	var members []string
	for _, n := range w.group("world.Group", nodes) {
		members = append(members, n.Name)
	}
	if w.groups == nil {
		w.groups = map[string][]string{}
	}
	w.groups[name] = members
}

// expand splits names and puts the nodes of groups in their place.
func (w *World) expand(names string) []string {
	list := words(names)
	if w.groups == nil {
		return list
	}
	var out []string
	for _, name := range list {
		if members, ok := w.groups[name]; ok {
			out = append(out, members...)
		} else {
			out = append(out, name)
		}
	}
	return out
}
