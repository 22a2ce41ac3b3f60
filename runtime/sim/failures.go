package sim

import (
	"fmt"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// Failures lets nodes crash and restart for ever, each by itself: a node works for a
// time of the first distribution and is down for one of the second. With exponential
// times of mean MTTF and MTTR a node is up for MTTF/(MTTF+MTTR) of the time.
//
//	world.Failures("a b c", sim.Exponential(99*sec), sim.Exponential(1*sec))
func (w *World) Failures(names string, upFor, downFor Distribution) *Fault {
	f := w.fault("failures", "failures of "+join(names))
	f.endText = "no more failures of " + join(names)
	f.said = true
	nodes := w.group("world.Failures", names)
	for _, n := range nodes {
		f.lanes = append(f.lanes, int32(n.id))
	}
	f.start = func() {
		for _, n := range nodes {
			dice := w.own("failures/" + n.Name)
			var up, down func()
			up = func() {
				if f.inForce {
					w.crash(n)
					w.later(downFor.draw(dice), down)
				}
			}
			down = func() {
				if f.inForce {
					w.restart(n)
					w.later(upFor.draw(dice), up)
				}
			}
			w.later(upFor.draw(dice), up)
		}
	}
	f.stop = func() {
		for _, n := range nodes {
			w.restart(n)
		}
	}
	return f
}

// later calls do after so many nanoseconds, from outside all nodes.
func (w *World) later(d int64, do func()) {
	w.schedule(event{at: w.after(time.Duration(d)), what: evRun, a: 0, gen: w.outside.life, b: w.keep(timed{do: do, name: "world"})})
}

// Watchdog guards a node against gray failures, which a check for life does not see:
// when a request has been in it for longer than limit, or it has been paused for
// longer, the node is killed, and restarts after a time on healthy hardware (it is
// neither slow nor paused any more). It looks four times within the limit.
//
//	world.Node("db", Store, sim.Service(sim.Exponential(5*ms)), sim.Watchdog(500*ms, 2*sec))
func Watchdog(limit, restart time.Duration) Option {
	checkDuration("sim.Watchdog", restart)
	if limit < 4 {
		host.Mistakef("sim.Watchdog(%v, %v): the limit must be positive", limit, restart)
	}
	return Option{name: "sim.Watchdog", node: func(n *Node) {
		w := n.world
		var look func()
		look = func() {
			if why := n.stuckFor(limit); why != "" {
				w.record(trace.Event{What: trace.Fault, Node: trace.World, Text: "watchdog of " + n.Name + ": " + why})
				for _, f := range w.faults {
					if f.inForce && len(f.lanes) == 1 && f.lanes[0] == int32(n.id) && (f.what == "slow" || f.what == "pause") {
						w.end(f)
					}
				}
				w.crash(n)
				w.later(int64(restart), func() { w.restart(n) })
			}
			w.later(int64(limit/4), look)
		}
		w.later(int64(limit/4), look)
	}}
}

// stuckFor says what keeps a node from its work for longer than a limit.
func (n *Node) stuckFor(limit time.Duration) string {
	now := n.world.now
	if !n.up {
		return ""
	}
	if n.paused && now-n.pausedAt > int64(limit) {
		return fmt.Sprintf("it stands still since %s", clock(n.pausedAt))
	}
	if s := n.service; s != nil {
		oldest := now
		for _, j := range s.serving {
			oldest = min(oldest, j.came)
		}
		for _, j := range s.queue {
			oldest = min(oldest, j.came)
		}
		if now-oldest > int64(limit) {
			return fmt.Sprintf("a request is in it since %s", clock(oldest))
		}
	}
	return ""
}
