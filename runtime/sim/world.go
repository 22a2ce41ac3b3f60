package sim

import (
	ordered "container/list"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"netsplit/runtime/display"
	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// World is a simulated distributed system: nodes, the network between them, the
// faults that befall them, and one virtual clock. Nothing in it depends on the
// machine that runs it: the same program and seed give the same run.
type World struct {
	seed  uint64
	now   int64
	seq   uint64
	hash  uint64
	steps uint64
	queue queue
	event event // the one that happens

	nodes   []*Node
	byName  map[string]*Node
	outside *Node // "you": the sender of what a cell sends from outside

	// The scheduler.
	limit   int64 // of the present run
	ended   bool
	pending doing
	next    details
	main    *proc // the coroutine that schedules
	cur     *proc // whose code has the processor
	curg    uintptr
	killing uintptr
	procs   []*proc
	idle    []*proc
	slots   []uint32
	funcs   []timed
	free    []uint32
	unwind  *host.Unwind
	busy    atomic.Bool
	runs    uint32
	owner   host.Owner
	cells   bool        // some code is interpreted: look at the cancel flag after each call
	goal    func() bool // ends the run when it is true
	budget  int         // events until the next look at the limits
	stuck   bool

	// Messages.
	flying     []*Request
	freeSlot   []uint32
	messages   uint64
	returned   returned
	reuse      bool
	fresh      []Request
	freshRoom  []trace.Value
	shapes     [shapeSlots]*shape // those of messages sent lately
	shapeNamed map[string]*shape
	counts     []*kindCount
	countOf    map[string]*kindCount
	network    network

	faults               []*Fault
	unarmed              unarmed
	promises             []*promise
	groups               map[string][]string
	triggers, conditions []*trigger
	gauges               []*gauge
	flows                []*Flow
	maxTime              int64  // 0: no limit
	awaited              uint64 // token of world.Call
	answer               *Request
	asker                *Request // what arrived last: answers go back there
	inbox                []*Request
	streams              map[string]*Rand

	place    *ordered.Element // among the worlds that stand still
	standing int              // processes counted there

	log     *trace.Log
	shown   int // events that a Run has shown
	tracing bool
	quiet   bool   // panics of nodes are told by somebody else
	over    string // why the world can not go on
	judging bool

	maxEvents  uint64
	maxQueue   int
	maxInstant int
	instant    int64 // the time at which the events at one instant are counted
	atInstant  int
	timeout    time.Duration
}

// outsideToken marks a call made by world.Call.
const outsideToken = 1 << 63

// New makes a world. Without options its seed is 1, a message takes 1 to 5 ms
// (whole milliseconds), none is lost, and a Call waits 50 ms for its reply.
func New(options ...Option) *World {
	w := &World{
		seed: 1, hash: StreamVersion, byName: map[string]*Node{}, countOf: map[string]*kindCount{}, shapeNamed: map[string]*shape{},
		streams: map[string]*Rand{}, log: &trace.Log{}, tracing: true,
		unwind: &host.Unwind{Why: "the node crashed or the world is over"},
		budget: 1, maxEvents: 5_000_000, maxQueue: 1_000_000, maxInstant: 200_000,
		timeout: 50 * time.Millisecond,
	}
	w.network.usual.latency = Steps(time.Millisecond, 5*time.Millisecond, time.Millisecond)
	for _, o := range options {
		if o.world == nil {
			host.Mistakef("sim.New: %s is no option of a world", o.name)
		}
		o.world(w)
	}
	w.log.Seed = w.seed
	w.network.stateful = w.network.usual.remembers()
	w.network.usual.settle()
	w.reuse = w.reuse && !w.tracing
	w.outside = w.newNode("you")
	w.outside.prepare()
	w.nodes = append(w.nodes, w.outside)
	w.byName["you"] = w.outside
	w.log.Lane("you")
	return w
}

// Seed is the seed of the world.
func (w *World) Seed() uint64 { return w.seed }

// Now is the true virtual time, which only the observer sees.
func (w *World) Now() time.Duration { return time.Duration(w.now) }

// Node adds a node that runs program. The program is called when the world runs,
// and again, with empty memory, whenever the node restarts after a crash.
func (w *World) Node(name string, program func(*Node), options ...Option) *Node {
	w.enter("world.Node")
	name = strings.TrimSpace(name)
	switch {
	case name == "" || strings.ContainsAny(name, " ,\t\n"):
		host.Mistakef("world.Node(%q): a node needs a name of one word; world.Nodes(\"a b c\", program) makes several", name)
	case w.byName[name] != nil:
		host.Mistakef("world.Node(%q): there is a node of this name already", name)
	case program == nil:
		host.Mistakef("world.Node(%q): a node needs a program, a func(node *sim.Node)", name)
	}
	n := w.newNode(name)
	n.program = program
	for _, o := range options {
		if o.node == nil {
			host.Mistakef("world.Node(%q): %s is no option of a node", name, o.name)
		}
		o.node(n)
	}
	n.prepare()
	w.nodes = append(w.nodes, n)
	w.byName[name] = n
	w.log.Lane(name)
	w.cells = w.cells || interpreted(program)
	w.unarmed.nodes = append(w.unarmed.nodes, n)
	return n
}

func (w *World) newNode(name string) *Node {
	n := &Node{Name: name, world: w, id: uint32(len(w.nodes)), up: true}
	n.Disk = &Disk{node: n}
	n.handlers = n.few[:0]
	w.network.touched = append(w.network.touched, 0)
	return n
}

// Nodes adds several nodes that run the same program: "a b c".
func (w *World) Nodes(names string, program func(*Node), options ...Option) []*Node {
	var nodes []*Node
	for _, name := range words(names) {
		nodes = append(nodes, w.Node(name, program, options...))
	}
	if len(nodes) == 0 {
		host.Mistakef("world.Nodes(%q): name the nodes in one string, such as \"a b c\"", names)
	}
	return nodes
}

// words splits "b c" or "b, c".
func words(names string) []string {
	return strings.FieldsFunc(names, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' || r == '\n' })
}

// node is the node of that name.
func (w *World) node(verb, name string) *Node {
	if n := w.byName[name]; n != nil {
		return n
	}
	host.Mistakef("%s: there is no node %q (there are: %s)", verb, name, w.names())
	panic("unreachable")
}

// Find is the node of that name.
func (w *World) Find(name string) *Node { return w.node("world.Find", name) }

func (w *World) names() string {
	var names []string
	for _, n := range w.nodes[1:] {
		names = append(names, n.Name)
		if len(names) == 12 && len(w.nodes) > 14 {
			names = append(names, fmt.Sprintf("and %d more", len(w.nodes)-13))
			break
		}
	}
	if names == nil {
		return "none yet"
	}
	return strings.Join(names, ", ")
}

// Send sends a message to a node from outside, from "you".
func (w *World) Send(to, kind string, fields ...any) {
	w.enter("world.Send")
	w.beginFaults()
	w.arm()
	w.transmit(w.outside.compose("world.Send", kind, fields, &callOptions{}), w.outside, w.node("world.Send", to).id)
}

// Call sends a message from outside and runs the world until the reply is there
// or the time-out has passed. It is one attempt, as node.Call is.
func (w *World) Call(to, kind string, fields ...any) (*Message, error) {
	w.enter("world.Call")
	if w.busy.Load() {
		host.Mistakef("world.Call is for the notebook: inside a node's program use node.Call")
	}
	w.beginFaults()
	opts := callOptions{waits: true, timeout: w.timeout}
	r := w.outside.compose("world.Call", kind, fields, &opts)
	target := w.node("world.Call", to)
	w.arm()
	w.awaited++
	r.Call = outsideToken | w.awaited
	w.answer = nil
	w.transmit(r, w.outside, target.id)
	if opts.timeout <= 0 {
		opts.timeout = time.Hour
	}
	start := w.now
	w.proceed(w.after(opts.timeout), func() bool { return w.answer != nil })
	if r := w.answer; r != nil {
		w.answer = nil
		return &r.Message, nil
	}
	call := outsideToken | w.awaited
	w.awaited++
	return nil, w.noReply(w.outside, to, kind, time.Duration(w.now-start), call)
}

// Inbox is what nodes sent to "you", in order.
func (w *World) Inbox() []*Request { return append([]*Request(nil), w.inbox...) }

// Run lets the world go on for a span of virtual time and shows what happened
// since the last Run. A world may be run several times, with faults and messages in between.
func (w *World) Run(d time.Duration) *trace.Transcript {
	w.enter("world.Run")
	if d < 0 {
		host.Mistakef("world.Run(%v): time does not run backwards", d)
	}
	w.proceed(w.after(d), nil)
	return w.unseen()
}

// RunUntil lets the world go on until that virtual time.
func (w *World) RunUntil(t time.Duration) *trace.Transcript {
	if int64(t) < w.now {
		host.Mistakef("world.RunUntil(%v): it is %v already", t, w.Now())
	}
	return w.Run(t - w.Now())
}

// RunWhile lets the world go on until the condition is false, judged after every
// event, or the span of virtual time has passed.
func (w *World) RunWhile(condition func() bool, atMost time.Duration) *trace.Transcript {
	w.enter("world.RunWhile")
	w.proceed(w.after(atMost), func() bool { return !condition() })
	return w.unseen()
}

// unseen is what happened since the last Run showed something.
func (w *World) unseen() *trace.Transcript {
	from := w.shown
	w.shown = w.log.Len()
	return w.log.Transcript(from, w.shown)
}

// At calls do at a virtual time, from outside all nodes: to send a message, to
// note something, to look.
func (w *World) At(t time.Duration, do func()) {
	w.enter("world.At")
	if int64(t) < w.now {
		host.Mistakef("world.At(%v): it is %v already", t, w.Now())
	}
	w.schedule(event{at: int64(t), what: evRun, a: 0, gen: w.outside.life, b: w.keep(timed{do: do, name: "world.At"})})
	w.cells = w.cells || interpreted(do)
}

// Note writes a remark into the trace.
func (w *World) Note(text string) {
	w.enter("world.Note")
	w.record(trace.Event{What: trace.Remark, Node: trace.World, Text: text})
}

// Where lists the nodes that noted all of these: world.Where("role", "leader").
// A crash forgets what a node noted.
func (w *World) Where(pairs ...any) []*Node {
	w.look("world.Where")
	var found []*Node
	for _, n := range w.nodes[1:] {
		if n.up && n.noted(pairs) {
			found = append(found, n)
		}
	}
	return found
}

// Rand is a named stream of random numbers for what is no node's: a workload.
func (w *World) Rand(name string) *Rand {
	r := w.streams[name]
	if r == nil {
		r = w.stream("world/" + name)
		w.streams[name] = r
	}
	return r
}

// Sent counts the messages sent, of these kinds or of all.
func (w *World) Sent(kinds ...string) int {
	return w.tally(kinds, func(c *kindCount) int { return c.sent })
}

// Delivered counts the messages that arrived, of these kinds or of all.
func (w *World) Delivered(kinds ...string) int {
	return w.tally(kinds, func(c *kindCount) int { return c.delivered })
}

// Lost counts the messages that did not arrive, of these kinds or of all.
func (w *World) Lost(kinds ...string) int {
	return w.tally(kinds, func(c *kindCount) int { return c.lost })
}

func (w *World) tally(kinds []string, of func(*kindCount) int) int {
	sum := 0
	for _, c := range w.counts {
		if len(kinds) == 0 {
			sum += of(c)
		}
		for _, k := range kinds {
			if k == c.kind {
				sum += of(c)
			}
		}
	}
	return sum
}

// Hash is the running hash over every event of the world: two runs that are the
// same have the same.
func (w *World) Hash() string { return fmt.Sprintf("%016x", w.hash) }

// Events counts what the scheduler did.
func (w *World) Events() int { return int(w.steps) }

// Transcript is all that happened, as text.
func (w *World) Transcript() *trace.Transcript {
	w.publish()
	return w.log.Transcript(0, w.log.Len())
}

// Timeline is all that happened, as a space-time diagram.
func (w *World) Timeline() *trace.Timeline {
	w.publish()
	return w.log.Timeline()
}

// Animation is all that happened, as a film that can be stepped and played.
func (w *World) Animation() *trace.Animation {
	w.publish()
	return w.log.Animation()
}

// Trace is the record itself, for other packages of the runtime.
func (w *World) Trace() *trace.Log {
	w.publish()
	return w.log
}

// MimeBundle shows a world by its transcript.
func (w *World) MimeBundle() display.Bundle { return w.Transcript().MimeBundle() }

// String names the world: its nodes, its seed and its time.
func (w *World) String() string {
	return fmt.Sprintf("world of %d nodes, seed %d, at %s", len(w.nodes)-1, w.seed, clock(w.now))
}

func (w *World) publish() {
	w.log.Hash, w.log.Steps, w.log.Now, w.log.Ended = w.hash, w.steps, w.now, w.over
}

// record adds an event to the trace.
func (w *World) record(e trace.Event) {
	if w.tracing {
		e.At = w.now
		w.log.Add(e)
	}
}

func clock(t int64) string { return trace.Clock(time.Duration(t)) }
