package sim

import (
	"strings"
	"time"

	"netsplit/runtime/host"
)

// RoundTrips gives links their latency by a table of round-trip times between groups
// (see Group) or nodes, as it is written for data centres. A column and a row for
// each; "-" leaves a pair as it is; the diagonal is for links within a group. Options
// hold for all these links.
//
//	world.RoundTrips(`
//	          eu     us   asia
//	   eu    1ms   90ms  160ms
//	   us   90ms    1ms  120ms
//	   asia 160ms 120ms    1ms`)
func (w *World) RoundTrips(table string, options ...Option) {
	w.enter("world.RoundTrips")
	var header []string
	for _, line := range strings.Split(table, "\n") {
		row := strings.Fields(line)
		switch {
		case len(row) == 0:
			continue
		case header == nil:
			header = row
			continue
		case len(row) != len(header)+1:
			host.Mistakef("world.RoundTrips: the row %q has %d times, the header names %d columns", strings.TrimSpace(line), len(row)-1, len(header))
		}
		for i, text := range row[1:] {
			if text == "-" {
				continue
			}
			d, err := time.ParseDuration(text)
			if err != nil || d < 0 {
				host.Mistakef("world.RoundTrips: %q between %s and %s is no duration such as 90ms", text, row[0], header[i])
			}
			w.OneWay(row[0], header[i], append([]Option{RoundTrip(d)}, options...)...)
		}
	}
	if header == nil {
		host.Mistakef("world.RoundTrips: the table is empty")
	}
}

// Shape says which of n nodes are neighbours.
type Shape struct {
	name string
	near func(i, j, n int) bool
}

// String is the shape's name.
func (s Shape) String() string { return s.name }

// Mesh lets every node be the neighbour of every other: the usual network.
func Mesh() Shape {
	return Shape{"mesh", func(i, j, n int) bool { return true }}
}

// Line lets each node have the one before and the one after as neighbours.
func Line() Shape {
	return Shape{"line", func(i, j, n int) bool { return i-j == 1 || j-i == 1 }}
}

// Ring is a line whose ends are neighbours.
func Ring() Shape {
	return Shape{"ring", func(i, j, n int) bool { return (i-j+n)%n == 1 || (j-i+n)%n == 1 }}
}

// Star lets the first node be the neighbour of all others, and of no other pair.
func Star() Shape {
	return Shape{"star", func(i, j, n int) bool { return i == 0 || j == 0 }}
}

// Grid puts nodes in rows of this width; neighbours stand left, right, above, below.
func Grid(width int) Shape {
	if width < 1 {
		host.Mistakef("sim.Grid(%d): a row holds at least one node", width)
	}
	return Shape{"grid", func(i, j, n int) bool {
		x, y := i%width-j%width, i/width-j/width
		return x*x+y*y == 1
	}}
}

// Tree gives each node so many children, the first node being the root.
func Tree(children int) Shape {
	if children < 1 {
		host.Mistakef("sim.Tree(%d): a node has at least one child", children)
	}
	return Shape{"tree", func(i, j, n int) bool {
		return i > 0 && (i-1)/children == j || j > 0 && (j-1)/children == i
	}}
}

// Topology wires nodes, named in one string, in a shape: only neighbours have a
// link. A message to another of them is lost ("no link"): it takes a program that
// passes it on. node.Neighbours lists them. A later Link wires two more.
//
//	world.Topology("a b c d e", sim.Line())
func (w *World) Topology(names string, shape Shape, options ...Option) {
	w.enter("world.Topology")
	nodes := w.group("world.Topology", names)
	if shape.near == nil {
		host.Mistakef("world.Topology(%q): give a shape such as sim.Line()", names)
	}
	for i, from := range nodes {
		from.wired = true
		for j, to := range nodes {
			switch {
			case i == j:
			case shape.near(i, j, len(nodes)):
				w.oneWay(from.Name, to.Name, options)
			default:
				w.oneWay(from.Name, to.Name, []Option{onLinks("no link", func(l *link) { l.maxSize = noLink })})
			}
		}
	}
}

// noLink is the largest message of a link that is not there.
const noLink = -1

// Neighbours are the names of the nodes to which this one has a link, in the order in
// which the nodes were made: all others, unless world.Topology says otherwise.
func (n *Node) Neighbours() []string {
	if !n.wired {
		return n.Others()
	}
	var names []string
	for _, to := range n.world.nodes[1:] {
		if to == n {
			continue
		}
		if l := n.links.find(to.id); l == nil || l.maxSize != noLink {
			names = append(names, to.Name)
		}
	}
	return names
}

// Halves parts nodes at random into two halves that do not reach each other, the
// first one the larger where their number is odd: which, follows from the seed. With
// no names it parts all nodes.
func (w *World) Halves(names ...string) *Fault {
	w.enter("world.Halves")
	all := w.expand(strings.Join(names, " "))
	if len(names) == 0 {
		for _, n := range w.nodes[1:] {
			all = append(all, n.Name)
		}
	}
	if len(all) < 2 {
		host.Mistakef("world.Halves: there must be two nodes to part, not %d", len(all))
	}
	dice := w.own("fault/halves")
	var sides [2][]string
	for i, rank := range dice.Perm(len(all)) {
		sides[rank%2] = append(sides[rank%2], all[i])
	}
	return w.Partition(strings.Join(sides[0], " "), strings.Join(sides[1], " "))
}
