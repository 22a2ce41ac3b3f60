package sim

import (
	"math/bits"
	"time"

	"netsplit/runtime/host"
)

// wallClock is a node's own clock: it reads wrong by an offset and runs wrong by a
// drift. Nobody but the observer (world.Now) sees true time.
type wallClock struct {
	offset int64
	drift  int64 // millionths: 100 gains a tenth of a millisecond per second
	since  int64 // when offset was right
	bound  *bound
}

// bound is what an interval clock knows about its own error, and what it does not: by
// how much it was wrong at its latest synchronisation, and how it drifts since.
type bound struct {
	least, every time.Duration
	drift        int64
	dice         *Rand
	round        int64 // the synchronisation to which these belong, plus one
	wrong, rate  int64
}

// error is by how much the clock is wrong at a time. Each synchronisation draws anew;
// rounds that nobody looked at are drawn all the same.
func (b *bound) error(now int64) int64 {
	for round := now/int64(b.every) + 1; b.round < round; {
		b.round++
		b.wrong = int64(b.dice.Between(0, 2*b.least) - b.least)
		b.rate = int64(b.dice.below(uint64(2*b.drift)+1)) - b.drift
	}
	return b.wrong + millionths(now%int64(b.every), b.rate)
}

// ClockOffset is how far ahead a node's clock is; negative: behind. The default is 0.
func ClockOffset(d time.Duration) Option {
	return Option{name: "sim.ClockOffset", node: func(n *Node) { n.clock.offset = int64(d) }}
}

// ClockSkew gives a node's clock a random offset of at most d, either way, from the
// seed.
func ClockSkew(d time.Duration) Option {
	checkDuration("ClockSkew", d)
	return Option{name: "sim.ClockSkew", node: func(n *Node) {
		n.clock.offset = int64(n.world.stream("clock/"+n.Name).Between(0, 2*d) - d)
	}}
}

// ClockDrift is how many millionths a node's clock runs fast; negative: slow. Quartz
// is good to about 50. Its sleeps and time-outs follow its clock. The default is 0.
func ClockDrift(ppm int) Option {
	if ppm <= -1_000_000 {
		host.Mistakef("sim.ClockDrift(%d): a clock does not run backwards; it must be above -1000000", ppm)
	}
	return Option{name: "sim.ClockDrift", node: func(n *Node) { n.clock.drift = int64(ppm) }}
}

// IntervalClock makes a node's clock one that knows how wrong it may be, as Spanner's
// TrueTime (Corbett et al., OSDI 2012): synchronised every so often to within least, and
// drifting by at most so many millionths in between. Its error is a saw-tooth: with 1 ms,
// 30 s and 200 millionths it goes from 1 to 7 ms.
func IntervalClock(least, every time.Duration, driftPPM int) Option {
	if least < 0 || every <= 0 || driftPPM < 0 {
		host.Mistakef("sim.IntervalClock(%v, %v, %d): the error must not be negative and the time between two synchronisations must be positive", least, every, driftPPM)
	}
	return Option{name: "sim.IntervalClock", node: func(n *Node) {
		n.clock.bound = &bound{least: least, every: every, drift: int64(driftPPM), dice: n.world.stream("clock/" + n.Name)}
	}}
}

// millionths is d·ppm/1,000,000 without overflow.
func millionths(d, ppm int64) int64 { return d/1_000_000*ppm + d%1_000_000*ppm/1_000_000 }

func (c *wallClock) read(now int64) int64 {
	t := now + c.offset + millionths(now-c.since, c.drift)
	if c.bound != nil {
		t += c.bound.error(now)
	}
	return t
}

// span is how long, in true time, this clock takes to move by d.
func (c *wallClock) span(d time.Duration) time.Duration {
	if c.drift == 0 {
		return d
	}
	hi, lo := bits.Mul64(uint64(max(d, 0)), 1_000_000)
	span, rest := bits.Div64(hi, lo, uint64(1_000_000+c.drift))
	if rest > 0 {
		span++ // a timer is never early by its own clock
	}
	return time.Duration(span)
}

// adjust moves the clock by d.
func (c *wallClock) adjust(now, d int64) {
	c.offset += millionths(now-c.since, c.drift) + d
	c.since = now
}

// Now is what the node's clock reads: true time, unless the node has a clock that is
// wrong.
func (n *Node) Now() time.Duration {
	w := n.world
	w.look("node.Now")
	if p := w.cur; p != nil && p.node != n && p.node != w.outside && !w.judging {
		host.Mistakef("node.Now: node %s reads the clock of node %s; each knows its own only, ask it with a message%s", p.node.Name, n.Name, p.node.place())
	}
	return time.Duration(n.clock.read(n.world.now))
}

// Interval is when now is at the earliest and at the latest. On a node with an
// IntervalClock true time lies between the two.
func (n *Node) Interval() (earliest, latest time.Duration) {
	now := n.Now()
	b := n.clock.bound
	if b == nil {
		host.Mistakef("node.Interval: node %s has a clock that does not know its error; give it one with sim.IntervalClock%s", n.Name, n.place())
	}
	error := b.least + time.Duration(millionths(n.world.now%int64(b.every), b.drift))
	return now - error, now + error
}

// AdjustClock moves the node's clock by d, as a time service does that found it wrong.
func (n *Node) AdjustClock(d time.Duration) {
	n.touch("node.AdjustClock")
	n.clock.adjust(n.world.now, int64(d))
}

// StepClock moves the clocks of nodes by d at one moment: a leap second, an operator,
// a time server that is wrong.
func (w *World) StepClock(names string, d time.Duration) *Fault {
	f := w.each("clock", names, func(n *Node) {
		n.clock.adjust(w.now, int64(d))
	}, nil)
	f.text = "clock of " + join(names) + " steps by " + d.String()
	f.said = true
	return f
}
