package sim

import (
	"fmt"
	"time"

	"netsplit/runtime/host"
)

// Option is a property of a world, a link, a node, a call or a drop that is
// otherwise what a good default makes it. Each says where it may stand.
type Option struct {
	name  string
	world func(*World)
	link  func(*link)
	node  func(*Node)
	drop  func(*Fault)
	wait  time.Duration
	waits bool
}

type callOptions struct{ timeout time.Duration }

func (o *Option) call(opts *callOptions) bool {
	if o.waits {
		opts.timeout = o.wait
	}
	return o.waits
}

// Seed chooses the run of a world: everything random in it follows from the seed.
// The default is 1.
func Seed(seed uint64) Option {
	return Option{name: "sim.Seed", world: func(w *World) { w.seed = seed }}
}

// Timeout is how long a Call waits for its reply; of a world, the usual time-out.
// The default is 50 ms; 0 waits for ever.
func Timeout(d time.Duration) Option {
	checkDuration("Timeout", d)
	return Option{name: "sim.Timeout", wait: d, waits: true, world: func(w *World) { w.timeout = d }}
}

// Latency is how long a message is on its way, on a link or in the whole world.
// The default is Steps(1ms, 5ms, 1ms).
func Latency(d Distribution) Option {
	return onLinks("sim.Latency", func(l *link) { l.latency = d })
}

// Loss is the probability that a message gets lost, on a link or in the whole
// world. The default is 0.
func Loss(p float64) Option {
	checkProbability("sim.Loss", p)
	return onLinks("sim.Loss", func(l *link) { l.loss = p })
}

// Duplicates is the probability that a message arrives twice. The default is 0.
func Duplicates(p float64) Option {
	checkProbability("sim.Duplicates", p)
	return onLinks("sim.Duplicates", func(l *link) { l.duplicate = p })
}

// InOrder lets messages of one link arrive in the order in which they were sent,
// as TCP does. By default a later one may overtake. It stands on a link.
func InOrder() Option {
	return Option{name: "sim.InOrder", link: func(l *link) { l.fifo = true }}
}

func onLinks(name string, set func(*link)) Option {
	return Option{name: name, link: set, world: func(w *World) { set(&w.network.usual) }}
}

// First makes a Drop lose the first k messages only.
func First(k int) Option {
	if k < 0 {
		host.Mistakef("sim.First(%d): the number of messages must not be negative", k)
	}
	return Option{name: "sim.First", drop: func(f *Fault) { f.first = k }}
}

// Skip makes a Drop let the first k messages pass.
func Skip(k int) Option {
	if k < 0 {
		host.Mistakef("sim.Skip(%d): the number of messages must not be negative", k)
	}
	return Option{name: "sim.Skip", drop: func(f *Fault) { f.skip = k }}
}

// Kind makes a Drop concern messages of one kind.
func Kind(kind string) Option {
	return Option{name: "sim.Kind", drop: func(f *Fault) { f.kind = kind }}
}

// Chance makes a Drop lose messages with a probability.
func Chance(p float64) Option {
	checkProbability("sim.Chance", p)
	return Option{name: "sim.Chance", drop: func(f *Fault) { f.chance = p }}
}

// Untraced makes a world that records nothing: for sweeps over many seeds.
func Untraced() Option {
	return Option{name: "sim.Untraced", world: func(w *World) { w.tracing = false }}
}

// MaxEvents is how many events a world makes at most. The default is 5,000,000.
func MaxEvents(n int) Option {
	return Option{name: fmt.Sprintf("sim.MaxEvents(%d)", n), world: func(w *World) { w.maxEvents = uint64(n) }}
}

// MaxQueue is how many events may wait at once. The default is 1,000,000.
func MaxQueue(n int) Option {
	return Option{name: "sim.MaxQueue", world: func(w *World) { w.maxQueue = n }}
}

// MaxTrace is how many events are recorded; later ones are counted. The default
// is 262,144.
func MaxTrace(n int) Option {
	return Option{name: "sim.MaxTrace", world: func(w *World) { w.log.Limit = n }}
}
