package sim

import (
	"fmt"
	"time"

	"netsplit/runtime/host"
)

// Replace starts crashed nodes again with an empty disk: a new machine of the old
// name.
func (w *World) Replace(names string) *Fault {
	return w.each("replace", names, func(n *Node) {
		if n.up {
			w.crash(n)
		}
		n.Disk.wipe()
		w.restart(n)
	}, nil)
}

// Rot changes one value on the disk of each of the nodes.
func (w *World) Rot(names string) *Fault {
	f := w.each("rot", names, func(n *Node) { n.Disk.rot() }, nil)
	f.text, f.said = "disk of "+join(names)+" rots", true
	return f
}

// LoseSyncs lets the disks of nodes lie: a Sync returns, and nothing is durable.
func (w *World) LoseSyncs(names string) *Fault {
	f := w.each("sync", names, func(n *Node) { n.Disk.lying = true }, func(n *Node) { n.Disk.lying = false })
	f.text, f.endText, f.said = "disk of "+join(names)+" loses syncs", "disk of "+join(names)+" syncs again", true
	return f
}

// SlowDisk lets all that the disks of nodes do take so many times as long: the
// commonest gray failure, a disk about to die.
func (w *World) SlowDisk(names string, times float64) *Fault {
	if !(times > 0) {
		host.Mistakef("world.SlowDisk(%q, %v): work takes a positive number of times as long", names, times)
	}
	for _, n := range w.group("world.SlowDisk", names) {
		if !n.Disk.slow && !n.Disk.timed {
			host.Mistakef("world.SlowDisk: the disk of %s takes no time; give the node sim.Fsync(…) or sim.DiskLatency(…)", n.Name)
		}
	}
	f := w.each("disk", names, func(n *Node) { n.Disk.slower = times }, func(n *Node) { n.Disk.slower = 0 })
	f.text, f.endText, f.said = fmt.Sprintf("disk of %s is %v times slower", join(names), times), "disk of "+join(names)+" is as fast as before", true
	return f
}

// Slow lets all work of nodes take so many times as long: a gray failure, which a
// check for life does not see.
func (w *World) Slow(names string, times float64) *Fault {
	if !(times > 0) {
		host.Mistakef("world.Slow(%q, %v): work takes a positive number of times as long", names, times)
	}
	for _, n := range w.group("world.Slow", names) {
		if n.service == nil {
			host.Mistakef("world.Slow: work at node %s takes no time; give the node sim.Service(…)", n.Name)
		}
	}
	f := w.each("slow", names, func(n *Node) { n.service.slower *= times }, func(n *Node) { n.service.slower /= times })
	f.text, f.endText, f.said = fmt.Sprintf("%s is %v times slower", join(names), times), join(names)+" is as fast as before", true
	return f
}

// Drain lets nodes take no new requests and finish those that they have.
func (w *World) Drain(names string) *Fault {
	f := w.each("drain", names, func(n *Node) { n.draining = true }, func(n *Node) { n.draining = false })
	f.text, f.endText, f.said = "drain "+join(names), join(names)+" takes requests again", true
	return f
}

// Lie lets nodes send messages with a field changed: to everybody the same kind of
// lie, each message by itself.
func (w *World) Lie(names string) *Fault { return w.byzantine("lie", names, "lies") }

// Equivocate lets nodes tell the truth to every other receiver only: the first,
// third, fifth of the world's nodes hear it, the others get messages with a field
// changed.
func (w *World) Equivocate(names string) *Fault {
	return w.byzantine("equivocate", names, "says different things to different nodes")
}

// Replay lets nodes send, after every message, an earlier one of theirs again.
func (w *World) Replay(names string) *Fault {
	return w.byzantine("replay", names, "replays old messages")
}

func (w *World) byzantine(what, names, how string) *Fault {
	f := w.between(what, join(names)+" "+how, names, "*")
	f.endText = join(names) + " is honest again"
	return f
}

// tamper is what dishonest senders do to a message on its way out.
func (w *World) tamper(r *Request, from, to *Node) *Request {
	for _, f := range w.network.faults {
		switch f.what {
		case "corrupt":
			if f.concerns(from, to) && from.luck.Float() < f.chance {
				r = w.garble(r, from.luck)
			}
			continue
		case "duplicate":
			if f.concerns(from, to) && from.luck.Float() < f.chance {
				c := w.newRequest()
				*c = *r
				w.fly(c, to.id, w.after(time.Duration(w.linkBetween(from, to.id).latency.draw(from.luck))))
			}
			continue
		}
		if f.from == nil || !f.from[from] {
			continue
		}
		switch f.what {
		case "forge":
			r = w.forged(f, r, from, to)
		case "lie":
			r = w.garble(r, from.luck)
		case "equivocate":
			if to.id%2 == 0 {
				r = w.garble(r, from.luck)
			}
		case "replay":
			if n := len(f.clogged); n > 0 {
				old := w.newRequest()
				*old = *f.clogged[from.luck.Intn(n)]
				old.replied = false
				w.fly(old, old.node.id, w.after(w.network.usual.latency.Mean()))
			}
			r.kept = true
			if f.clogged = append(f.clogged, r); len(f.clogged) > 32 {
				f.clogged = f.clogged[1:]
			}
		}
	}
	return r
}
