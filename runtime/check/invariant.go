package check

import (
	"fmt"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
)

// AtMostOne holds while at most one node that is up has noted this name with this
// value; with more names, at most one for each combination of what nodes noted under
// them:
//
//	check.AtMostOne(world, "role", "leader", "term")   // one leader in each term
func AtMostOne(world *sim.World, name string, value any, per ...string) func() bool {
	return func() bool {
		seen := map[string]bool{}
		for _, node := range world.Where(name, value) {
			group := ""
			for _, p := range per {
				group += fmt.Sprint(node.Noted(p), " ")
			}
			if seen[group] {
				return false
			}
			seen[group] = true
		}
		return true
	}
}

// Agree holds while no two of the nodes have noted different values under a name. It
// remembers: a node that noted something, crashed and notes something else is found
// too.
func Agree(world *sim.World, name string, nodes ...*sim.Node) func() bool {
	if len(nodes) == 0 {
		host.Mistakef("check.Agree(%q): say between which nodes: what world.Nodes gives", name)
	}
	var decided any
	return func() bool {
		for _, node := range nodes {
			value := node.Noted(name)
			if value == nil {
				continue
			}
			if decided == nil {
				decided = value
			} else if decided != value {
				return false
			}
		}
		return true
	}
}

// Monotonic holds while what a node noted under a name, a number, never becomes
// smaller: a term, a version, an offset. A crash does not excuse it.
func Monotonic(name string, nodes ...*sim.Node) func() bool {
	highest := make([]float64, len(nodes))
	seen := make([]bool, len(nodes))
	return func() bool {
		for i, node := range nodes {
			var now float64
			switch v := node.Noted(name).(type) {
			case int:
				now = float64(v)
			case float64:
				now = v
			default:
				continue
			}
			if seen[i] && now < highest[i] {
				return false
			}
			highest[i], seen[i] = now, true
		}
		return true
	}
}
