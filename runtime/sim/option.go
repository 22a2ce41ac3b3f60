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
	bytes int
}

// callOptions are what options among the fields of a message say.
type callOptions struct {
	waits   bool // a time-out makes sense
	timeout time.Duration
	bytes   int
}

func (o *Option) call(opts *callOptions) bool {
	switch {
	case o.waits && opts.waits:
		opts.timeout = o.wait
	case o.bytes > 0:
		opts.bytes = o.bytes
	default:
		return false
	}
	return true
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

// Bursts loses messages in bursts (Gilbert and Elliott): a link turns bad with
// probability toBad before each message, good again with probability toGood, and a
// bad link loses a message with probability loss.
func Bursts(toBad, toGood, loss float64) Option {
	for _, p := range []float64{toBad, toGood, loss} {
		checkProbability("sim.Bursts", p)
	}
	return onLinks("sim.Bursts", func(l *link) { l.burst = bursts{toBad, toGood, loss} })
}

// Corrupts is the probability that a message arrives with a field changed. The
// default is 0.
func Corrupts(p float64) Option {
	checkProbability("sim.Corrupts", p)
	return onLinks("sim.Corrupts", func(l *link) { l.corrupt = p })
}

// RoundTrip is a constant latency, of half of it each way.
func RoundTrip(d time.Duration) Option {
	o := Latency(Constant(d / 2))
	o.name = "sim.RoundTrip"
	return o
}

// Bandwidth lets a link carry so many bytes per second; messages queue for it. The
// size of a message is 40 bytes, its names and its values, unless sim.Bytes says
// otherwise. The default is unlimited.
func Bandwidth(bytesPerSecond int) Option {
	if bytesPerSecond < 1 {
		host.Mistakef("sim.Bandwidth(%d): a link carries at least one byte per second", bytesPerSecond)
	}
	return onLinks("sim.Bandwidth", func(l *link) { l.bandwidth = float64(bytesPerSecond) / 1e9 })
}

// Backlog is how many bytes may wait for a link's bandwidth; messages beyond are
// lost ("link full"). The default is unlimited.
func Backlog(bytes int) Option {
	return onLinks("sim.Backlog", func(l *link) { l.backlog = bytes })
}

// MaxSize is the largest message that a link carries, in bytes; larger ones are
// lost ("too big"). The default is unlimited.
func MaxSize(bytes int) Option {
	return onLinks("sim.MaxSize", func(l *link) { l.maxSize = bytes })
}

// Bytes is the size of a message, as an option among its fields:
//
//	node.Send("store", "upload", "name", "film", sim.Bytes(1_000_000))
func Bytes(n int) Option {
	if n < 1 {
		host.Mistakef("sim.Bytes(%d): a message has at least one byte", n)
	}
	return Option{name: "sim.Bytes", bytes: n}
}

// Reliable sends a message that the network lost again, as TCP does: after this
// time, then after twice as long, and so on. A message to a node that is down is
// lost all the same. The default is a datagram, which is sent once.
func Reliable(after time.Duration) Option {
	if after <= 0 {
		host.Mistakef("sim.Reliable(%v): the time before a message is sent again must be positive", after)
	}
	return onLinks("sim.Reliable", func(l *link) { l.resend = after })
}

// InOrder lets messages of one link arrive in the order in which they were sent,
// as TCP does. By default a later one may overtake.
func InOrder() Option {
	return onLinks("sim.InOrder", func(l *link) { l.fifo = true })
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

// Quiet makes a world that does not say on standard error where code of a node
// panicked: for who recovers, and tells it from world.Verdict, as package grade does.
func Quiet() Option {
	return Option{name: "sim.Quiet", world: func(w *World) { w.quiet = true }}
}

// Reuse lets an untraced world use the memory of a request again as soon as the
// handler that got it has returned: a message then costs no new memory, which is the
// dearest part of it. A handler that keeps a request, to answer it later, says so
// with r.Keep(); what else is done with a request that went back is a mistake. Without
// it a request lives as long as anybody holds it. Requests that Receive returned are
// never taken back.
func Reuse() Option {
	return Option{name: "sim.Reuse", world: func(w *World) { w.reuse = true }}
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
