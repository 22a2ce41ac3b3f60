package sim

import (
	"fmt"
	"time"

	"netsplit/runtime/host"
)

// Duplicate lets each message arrive a second time with probability p: on all links,
// on those of a group of nodes, or between two groups.
func (w *World) Duplicate(p float64, groups ...string) *Fault {
	checkProbability("world.Duplicate", p)
	f := w.around("duplicate", "duplicates of "+percent(p), groups)
	f.chance = p
	return f
}

// Corrupt lets each message arrive with a field changed with probability p.
func (w *World) Corrupt(p float64, groups ...string) *Fault {
	checkProbability("world.Corrupt", p)
	f := w.around("corrupt", "corruption of "+percent(p), groups)
	f.chance = p
	return f
}

// Reorder holds each message back with probability p, for up to `by` longer, so that
// later ones overtake it.
func (w *World) Reorder(p float64, by time.Duration, groups ...string) *Fault {
	checkProbability("world.Reorder", p)
	checkDuration("world.Reorder", by)
	f := w.around("delay", fmt.Sprintf("reordering of %s by up to %v", percent(p), by), groups)
	f.chance, f.extra = p, Uniform(0, by)
	return f
}

// LossBursts loses messages in bursts, as sim.Bursts does for a link: the network
// turns bad with probability toBad before each message that the fault concerns, good
// again with probability toGood, and loses a message with probability loss while it
// is bad.
func (w *World) LossBursts(toBad, toGood, loss float64, groups ...string) *Fault {
	for _, p := range []float64{toBad, toGood, loss} {
		checkProbability("world.LossBursts", p)
	}
	f := w.around("bursts", "loss of "+percent(loss)+" in bursts", groups)
	f.burst = &link{burst: bursts{toBad, toGood, loss}}
	return f
}

// Forge lets nodes send what lie says instead of what their program said: for each
// message and receiver it returns name, value pairs that replace fields of the
// message, or nothing to let it pass. A node that says different things to different
// receivers equivocates:
//
//	world.Forge("general", func(to string, m *sim.Message) []any {
//		if to == "b" {
//			return []any{"attack", false}
//		}
//		return nil
//	})
func (w *World) Forge(names string, lie func(to string, m *Message) []any) *Fault {
	if lie == nil {
		host.Mistakef("world.Forge(%q): give a function that says what to send instead", names)
	}
	f := w.byzantine("forge", names, "forges messages")
	f.lie = lie
	w.cells = w.cells || interpreted(lie)
	return f
}

// forged is the message as a dishonest sender wants this receiver to see it.
func (w *World) forged(f *Fault, r *Request, from, to *Node) *Request {
	m := Message{Message: r.Message.Message, node: from, from: from.id}
	w.judging = true
	pairs := f.lie(to.Name, &m)
	w.judging = false
	if len(pairs) == 0 {
		return r
	}
	c := w.newRequest()
	*c = *r
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		v, why := copied(&pairs[i+1])
		if !ok || why != "" {
			host.Mistakef("world.Forge: give name, value pairs of basic kinds: []any{\"attack\", false}%s", from.place())
		}
		c.Put(name, v)
	}
	if s := c.Shape(); s.Of == nil { // there is a new field
		s.Of = w.shapeOf(c.Kind, s.Names)
	}
	return c
}

// Lying is a program whose node lies as long as it runs (see World.Lie): a wrapper,
// for nodes that are dishonest from the start.
//
//	world.Node("d", sim.Lying(Replica))
func Lying(program func(*Node)) func(*Node) { return dishonest("lie", program, (*World).Lie) }

// Equivocating is a program whose node says different things to different receivers.
func Equivocating(program func(*Node)) func(*Node) {
	return dishonest("equivocate", program, (*World).Equivocate)
}

// Replaying is a program whose node sends old messages again.
func Replaying(program func(*Node)) func(*Node) { return dishonest("replay", program, (*World).Replay) }

func dishonest(what string, program func(*Node), fault func(*World, string) *Fault) func(*Node) {
	if program == nil {
		host.Mistakef("sim: a dishonest node needs a program to be dishonest about, a func(node *sim.Node)")
	}
	return func(node *Node) {
		w := node.world
		already := false
		for _, f := range w.network.faults {
			already = already || f.what == what && f.from[node]
		}
		if !already {
			f := fault(w, node.Name)
			f.scheduled = true
			w.begin(f)
		}
		program(node)
	}
}
