package sim

import (
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/measure"
)

// gauge is a number that is read at regular times.
type gauge struct {
	series *measure.Series
	every  time.Duration
	next   int64
	read   func() float64
}

// Sample reads a number at regular times of every run from now on, beginning at
// once: the length of a queue, how many nodes lead, what a client counted. Reading
// changes nothing, so a world has the same hash with and without gauges. What was
// read at a time is what stood when all of that instant had happened.
//
//	waiting := world.Sample("waiting", "requests", 10*ms, func() float64 { return float64(server.Queued()) })
//	world.Run(1 * sec)
//	fmt.Println(waiting)
func (w *World) Sample(name, unit string, every time.Duration, read func() float64) *measure.Series {
	w.enter("world.Sample")
	if every <= 0 || read == nil {
		host.Mistakef("world.Sample(%q): give a positive time between two readings and a func() float64", name)
	}
	g := &gauge{&measure.Series{Name: name, Unit: unit}, every, w.now, read}
	w.gauges = append(w.gauges, g)
	return g.series
}

// SampleQueues samples, for each node with a service time, how many requests wait
// for a server there, and returns the series in the order of the nodes.
func (w *World) SampleQueues(every time.Duration) []*measure.Series {
	var list []*measure.Series
	for _, n := range w.nodes[1:] {
		if n.service != nil {
			list = append(list, w.Sample("queue of "+n.Name, "requests", every, func() float64 { return float64(len(n.service.queue)) }))
		}
	}
	return list
}

// InFlight is how many messages are on their way now.
func (w *World) InFlight() int {
	w.look("world.InFlight")
	return len(w.flying) - len(w.freeSlot)
}

// LinkQueue is how many bytes wait at a node for the bandwidth of its link to another
// (sim.Bandwidth); 0 for a link without a limit.
func (w *World) LinkQueue(from, to string) int {
	w.look("world.LinkQueue")
	l := w.linkBetween(w.node("world.LinkQueue", from), w.node("world.LinkQueue", to).id)
	if l.bandwidth == 0 || l.free <= w.now {
		return 0
	}
	return int(float64(float64(l.free-w.now)*l.bandwidth) + 0.5)
}

// Gauges are the series of all that is sampled, in the order in which Sample was
// called.
func (w *World) Gauges() []*measure.Series {
	list := make([]*measure.Series, len(w.gauges))
	for i, g := range w.gauges {
		list[i] = g.series
	}
	return list
}

// proceed drives the world up to a limit and stops at each time at which a gauge is
// to be read: gauges are no events, so that looking changes nothing.
func (w *World) proceed(limit int64, until func() bool) {
	if w.maxTime > 0 && limit > w.maxTime {
		defer w.outOfTime(limit)
		limit = max(w.maxTime, w.now)
	}
	for {
		next := limit
		for _, g := range w.gauges {
			next = min(next, max(g.next, w.now))
		}
		w.drive(next, until)
		if until != nil && until() && w.now < next {
			return
		}
		w.readGauges()
		if next == limit {
			return
		}
	}
}

func (w *World) readGauges() {
	for _, g := range w.gauges {
		if g.next <= w.now {
			w.judging = true
			value := g.read()
			w.judging = false
			g.series.Add(w.Now(), value)
			g.next = w.after(g.every)
		}
	}
}

// MaxTime is up to when a world may run; a run that wants to go on is a mistake. The
// default is no limit.
func MaxTime(d time.Duration) Option {
	checkDuration("sim.MaxTime", d)
	return Option{name: "sim.MaxTime", world: func(w *World) { w.maxTime = int64(d) }}
}

func (w *World) outOfTime(wanted int64) {
	if w.over == "" && w.now >= w.maxTime && w.now < wanted {
		host.Mistakef("the run was stopped at %s because virtual time has a limit there; sim.MaxTime raises it; seed %d", clock(w.now), w.seed)
	}
}
