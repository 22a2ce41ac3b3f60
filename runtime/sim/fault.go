package sim

import (
	"fmt"
	"strings"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// Fault is something that goes wrong, as a value: what, to whom, from when to
// when. Without a schedule it begins at once; At, Between and For give it one:
//
//	world.Crash("counter").Between(20*ms, 100*ms)
//	world.Partition("a", "b c").At(15*ms)
//	world.Heal().At(80*ms)
type Fault struct {
	world     *World
	id        uint32
	what      string // crash, restart, partition, …
	text      string // its line in the trace when it begins
	endText   string // and when it ends; empty for what happens and is over
	lanes     []int32
	groups    []int32
	network   bool
	said      bool // not of the network, but its words stand in the trace
	isCut     bool // of the network: what is on its way is lost, too
	inForce   bool
	scheduled bool
	lasts     time.Duration // 0: until its opposite
	span      int
	start     func()
	stop      func()

	// Of faults of the network.
	group       []int8 // of a partition, by node: 0 is untouched
	rest        int8   // the group of nodes that are not named
	from, to    map[*Node]bool
	kind        string
	chance      float64
	extra       Distribution
	skip, first int
	bothWays    bool
	dropped     int
	clogged     []*Request
	ring        []*Node
	burst       *link                             // of losses in bursts
	lie         func(to string, m *Message) []any // of Forge

	spared float64       // the probability with which it does not begin
	length time.Duration // of Between
	period time.Duration // of Every
	over   bool          // it never begins again
}

// At lets the fault begin at a time; it lasts until its opposite.
func (f *Fault) At(t time.Duration) *Fault {
	f.begins(t)
	return f
}

// Between lets the fault begin at one time and end at another: a crashed node
// restarts, a partition heals, a paused node resumes.
func (f *Fault) Between(from, to time.Duration) *Fault {
	if to < from {
		host.Mistakef("%s: it can not end at %v before it begins at %v", f.text, to, from)
	}
	f.begins(from)
	f.ends(to)
	f.length = to - from
	return f
}

// For lets the fault end when it has lasted for d, whenever it begins.
func (f *Fault) For(d time.Duration) *Fault {
	f.endable()
	checkDuration("For", d)
	f.lasts = d
	return f
}

// Chance lets the fault begin with probability p only, drawn when its moment comes:
//
//	world.Crash("b").OnSend("b", "ack").Chance(0.1).For(50 * ms)
func (f *Fault) Chance(p float64) *Fault {
	checkProbability("Chance", p)
	f.spared = 1 - p
	return f
}

// Every lets the fault begin again and again, so long after each beginning:
//
//	world.Pause("a").Between(1*sec, 1200*ms).Every(10 * sec)
func (f *Fault) Every(period time.Duration) *Fault {
	if period <= 0 {
		host.Mistakef("%s: the time after which it begins again must be positive, not %v", f.text, period)
	}
	f.period = period
	if f.lasts == 0 {
		f.lasts = f.length
	}
	return f
}

// End ends the fault now; one that comes again and again does not come any more.
func (f *Fault) End() {
	f.world.enter("End")
	f.over = f.over || f.period > 0
	f.world.end(f)
}

func (f *Fault) begins(t time.Duration) {
	w := f.world
	w.enter(f.what)
	if int64(t) < w.now {
		host.Mistakef("%s: it can not begin at %v, it is %v already", f.text, t, w.Now())
	}
	if f.scheduled {
		host.Mistakef("%s: it has its time already", f.text)
	}
	f.scheduled = true
	w.schedule(event{at: int64(t), what: evFault, a: f.id})
}

func (f *Fault) endable() {
	if f.stop == nil {
		host.Mistakef("%s: it happens at one time (use At) and does not last", f.text)
	}
}

func (f *Fault) ends(t time.Duration) {
	f.endable()
	f.world.schedule(event{at: int64(t), what: evFault, a: f.id, b: 1})
}

// String is the fault in its own words.
func (f *Fault) String() string { return f.text }

func (w *World) fault(what, text string) *Fault {
	w.enter("world." + strings.ToUpper(what[:1]) + what[1:])
	f := &Fault{world: w, id: uint32(len(w.faults)), what: what, text: text, span: -1}
	w.faults = append(w.faults, f)
	w.unarmed.faults = append(w.unarmed.faults, f)
	return f
}

// unarmed is what was said about the world since it last ran.
type unarmed struct {
	faults []*Fault
	nodes  []*Node
}

// arm lets the faults begin now that were given no schedule, and then the new
// nodes start: what a cell says about the network holds for the first message too.
func (w *World) arm() {
	for _, f := range w.unarmed.faults {
		if !f.scheduled {
			f.scheduled = true
			w.schedule(event{at: w.now, what: evFault, a: f.id})
		}
	}
	for _, n := range w.unarmed.nodes {
		w.schedule(event{at: w.now, what: evStart, a: n.id, gen: n.life})
	}
	w.unarmed.faults, w.unarmed.nodes = w.unarmed.faults[:0], w.unarmed.nodes[:0]
}

// beginFaults lets the faults without a schedule begin before a message is sent from
// outside: the message is the first that they concern.
func (w *World) beginFaults() {
	if w.busy.Load() {
		return
	}
	for _, f := range w.unarmed.faults {
		if !f.scheduled {
			f.scheduled = true
			w.begin(f)
		}
	}
	w.unarmed.faults = w.unarmed.faults[:0]
}

func (w *World) begin(f *Fault) {
	if f.period > 0 && !f.over {
		w.schedule(event{at: w.after(f.period), what: evFault, a: f.id})
	}
	if f.inForce || f.over || f.spared > 0 && w.own("fault/chance").Float() < f.spared {
		return
	}
	if f.stop != nil {
		f.inForce = true
	}
	if f.lasts > 0 {
		f.ends(time.Duration(w.after(f.lasts)))
	}
	if f.network {
		w.network.faults = append(w.network.faults, f)
		w.network.touch(f, 1)
		w.record(trace.Event{What: trace.Fault, Node: trace.World, Text: f.text})
		f.span = w.log.Begin(trace.Span{What: f.what, Text: f.text, Lanes: f.lanes, Groups: f.groups, From: w.now})
	}
	if f.said {
		w.record(trace.Event{What: trace.Fault, Node: trace.World, Text: f.text})
		if f.stop != nil {
			f.span = w.log.Begin(trace.Span{What: f.what, Text: f.text, Lanes: f.lanes, From: w.now})
		}
	}
	f.start()
}

func (w *World) end(f *Fault) {
	if !f.inForce {
		return
	}
	f.inForce = false
	if f.network {
		for i, g := range w.network.faults {
			if g == f {
				w.network.faults = append(w.network.faults[:i:i], w.network.faults[i+1:]...)
				w.network.touch(f, -1)
				break
			}
		}
		w.record(trace.Event{What: trace.Fault, Node: trace.World, Text: f.endText})
		w.log.End(f.span, w.now)
	}
	if f.said {
		w.record(trace.Event{What: trace.Fault, Node: trace.World, Text: f.endText})
		w.log.End(f.span, w.now)
	}
	f.stop()
}

// each makes a fault of nodes.
func (w *World) each(what, names string, start, stop func(*Node)) *Fault {
	f := w.fault(what, what+" "+strings.Join(words(names), " "))
	nodes := w.group("world."+strings.ToUpper(what[:1])+what[1:], names)
	for _, n := range nodes {
		f.lanes = append(f.lanes, int32(n.id))
	}
	f.start = func() {
		for _, n := range nodes {
			start(n)
		}
	}
	if stop != nil {
		f.stop = func() {
			for _, n := range nodes {
				stop(n)
			}
		}
	}
	return f
}

func (w *World) group(verb, names string) []*Node {
	var nodes []*Node
	for _, name := range w.expand(names) {
		nodes = append(nodes, w.node(verb, name))
	}
	if len(nodes) == 0 {
		host.Mistakef("%s(%q): name the nodes in one string, such as \"b c\"", verb, names)
	}
	return nodes
}

// Crash stops nodes at once: memory, processes, timers and what they noted are
// gone, messages to them are lost. What is on disk stays. The opposite is Restart.
func (w *World) Crash(names string) *Fault { return w.each("crash", names, w.crash, w.restart) }

// Restart starts crashed nodes again: their programs are called anew.
func (w *World) Restart(names string) *Fault { return w.each("restart", names, w.restart, nil) }

// Pause freezes nodes, as a long collection of garbage does: messages and timers
// wait until they resume, and no process knows. The opposite is Resume.
func (w *World) Pause(names string) *Fault { return w.each("pause", names, w.pause, w.resume) }

// Resume lets paused nodes go on.
func (w *World) Resume(names string) *Fault { return w.each("resume", names, w.resume, nil) }

func (w *World) crash(n *Node) {
	if !n.up {
		return
	}
	n.up = false
	n.life++
	if n.paused {
		w.resume(n)
	}
	w.record(trace.Event{What: trace.Crash, Node: int32(n.id)})
	n.crashSpan = w.log.Begin(trace.Span{What: "crash", Text: n.Name + " is down", Lanes: []int32{int32(n.id)}, From: w.now})
	n.handlers, n.mailbox, n.receivers, n.notes, n.held = n.few[:0], nil, nil, nil, nil
	n.few = [2]handler{}
	n.service.reset(w.now)
	n.Disk.crash()
	for p := n.procs; p != nil; {
		next := p.succ
		w.kill(p)
		p = next
	}
	if p := w.cur; p != nil && p.node == n {
		p.doomed = true
	}
}

func (w *World) restart(n *Node) {
	if n.up {
		return
	}
	n.up = true
	w.record(trace.Event{What: trace.Restart, Node: int32(n.id)})
	w.log.End(n.crashSpan, w.now)
	w.schedule(event{at: w.now, what: evStart, a: n.id, gen: n.life})
}

func (w *World) pause(n *Node) {
	if n.paused || !n.up {
		return
	}
	n.paused, n.pausedAt = true, w.now
	w.record(trace.Event{What: trace.Pause, Node: int32(n.id)})
	n.pauseSpan = w.log.Begin(trace.Span{What: "pause", Text: n.Name + " is paused", Lanes: []int32{int32(n.id)}, From: w.now})
}

func (w *World) resume(n *Node) {
	if !n.paused {
		return
	}
	n.paused = false
	w.record(trace.Event{What: trace.Resume, Node: int32(n.id)})
	w.log.End(n.pauseSpan, w.now)
	held := n.held
	n.held = nil
	for _, e := range held {
		e.at = w.now
		w.schedule(e)
	}
}

// Cut lets no message pass from one group to the other; the way back stays open.
func (w *World) Cut(from, to string) *Fault {
	f := w.between("cut", fmt.Sprintf("cut %s -> %s", join(from), join(to)), from, to)
	f.isCut = true
	return f
}

// Drop loses messages from one group of nodes to another: all of them, or those
// that options choose: sim.First(1) the first one only, sim.Kind("add") those of
// a kind, sim.Chance(0.3) three in ten.
//
//	world.Drop("client", "server", sim.First(1))                 // a lost request
//	world.Drop("server", "client", sim.First(1))                 // a lost reply
func (w *World) Drop(from, to string, which ...Option) *Fault {
	probe := &Fault{first: -1, chance: 1}
	for _, o := range which {
		if o.drop == nil {
			host.Mistakef("world.Drop(%q, %q): %s is no option of Drop", from, to, o.name)
		}
		o.drop(probe)
	}
	what := "all"
	if probe.first >= 0 {
		what = fmt.Sprintf("the first %d", probe.first)
	}
	if probe.kind != "" {
		what += " " + probe.kind
	}
	if probe.skip > 0 {
		what += fmt.Sprintf(" after %d", probe.skip)
	}
	if probe.chance < 1 {
		what += fmt.Sprintf(" with probability %v", probe.chance)
	}
	f := w.between("drop", fmt.Sprintf("drop %s -> %s: %s", join(from), join(to), what), from, to)
	f.first, f.kind, f.chance, f.skip = probe.first, probe.kind, probe.chance, probe.skip
	return f
}

// Lossy loses each message with probability p: on all links, on those of a group
// of nodes, or between two groups.
func (w *World) Lossy(p float64, groups ...string) *Fault {
	checkProbability("world.Lossy", p)
	f := w.around("loss", "loss of "+percent(p), groups)
	f.chance = p
	return f
}

// Delay makes messages take longer: on all links, on those of a group of nodes,
// or between two groups.
func (w *World) Delay(extra time.Duration, groups ...string) *Fault {
	f := w.around("delay", fmt.Sprintf("delay of %v", extra), groups)
	f.extra = Constant(extra)
	return f
}

func (w *World) between(what, text, from, to string) *Fault {
	f := w.fault(what, text)
	f.network, f.first, f.chance = true, -1, 1
	f.endText = "end of " + text
	f.from, f.to = w.side(f, "world."+strings.ToUpper(what[:1])+what[1:], from), w.side(f, "world."+strings.ToUpper(what[:1])+what[1:], to)
	f.start, f.stop = func() {}, func() {}
	return f
}

func (w *World) around(what, text string, groups []string) *Fault {
	switch len(groups) {
	case 0:
	case 1:
		text += " at " + join(groups[0])
	case 2:
		text += " between " + join(groups[0]) + " and " + join(groups[1])
	default:
		host.Mistakef("%s: name no group, one, or two", text)
	}
	f := w.fault(what, text)
	f.network, f.bothWays, f.first, f.chance = true, true, -1, 1
	f.endText = "end of " + text
	if len(groups) > 0 {
		f.from = w.side(f, "world."+what, groups[0])
	}
	if len(groups) > 1 {
		f.to = w.side(f, "world."+what, groups[1])
	}
	f.start, f.stop = func() {}, func() {}
	return f
}

func (w *World) side(f *Fault, verb, names string) map[*Node]bool {
	if strings.TrimSpace(names) == "*" {
		return nil
	}
	m := map[*Node]bool{}
	for _, n := range w.group(verb, names) {
		m[n] = true
		f.lanes = append(f.lanes, int32(n.id))
	}
	return m
}

func join(names string) string { return strings.Join(words(names), " ") }

// Heal ends every fault of the network that is in force: partitions, cuts, drops,
// losses, delays.
func (w *World) Heal() *Fault {
	f := w.fault("heal", "heal")
	f.start = func() {
		for _, g := range append([]*Fault(nil), w.network.faults...) {
			w.end(g)
		}
	}
	return f
}

// concerns tells whether a message from one node to another is of the fault's.
func (f *Fault) concerns(from, to *Node) bool {
	if (f.from == nil || f.from[from]) && (f.to == nil || f.to[to]) {
		return true
	}
	return f.bothWays && (f.from == nil || f.from[to]) && (f.to == nil || f.to[from])
}

// fate is what the faults in force do to a message: lose it, and why, or delay it.
func (w *World) fate(r *Request, from, to *Node) (why string, extra time.Duration) {
	for _, f := range w.network.faults {
		switch f.what {
		case "partition", "cut", "ring":
			if f.cuts(from, to) {
				return "partition", 0
			}
		case "clog":
			if f.concerns(from, to) {
				f.clogged = append(f.clogged, r)
				return "clogged", 0
			}
		case "drop":
			if !f.concerns(from, to) || f.kind != "" && f.kind != r.Kind {
				continue
			}
			if f.skip > 0 {
				f.skip--
				continue
			}
			if f.first == 0 || f.chance < 1 && from.luck.Float() >= f.chance {
				continue
			}
			if f.first > 0 {
				f.first--
			}
			f.dropped++
			if f.first == 0 {
				w.log.End(f.span, w.now) // it has taken what it takes
			}
			return "dropped", 0
		case "loss":
			if f.concerns(from, to) && from.luck.Float() < f.chance {
				return "lost", 0
			}
		case "bursts":
			if f.concerns(from, to) && f.burst.takes(from.luck) {
				return "lost", 0
			}
		case "delay":
			if f.concerns(from, to) && (f.chance == 1 || from.luck.Float() < f.chance) {
				extra += time.Duration(f.extra.draw(from.luck))
			}
		}
	}
	return "", extra
}

func (f *Fault) cuts(from, to *Node) bool {
	switch f.what {
	case "cut":
		return f.concerns(from, to)
	case "ring":
		return f.apart(from, to)
	}
	a, b := f.side(from), f.side(to)
	return a != b && a != 0 && b != 0
}

func (f *Fault) side(n *Node) int8 {
	if int(n.id) < len(f.group) && f.group[n.id] != 0 {
		return f.group[n.id]
	}
	return f.rest
}

// cut tells whether no message gets through now.
func (w *World) cut(from, to *Node) bool {
	for _, f := range w.network.faults {
		if f.isCut && f.cuts(from, to) {
			return true
		}
	}
	return false
}

func list(names []string) string { return strings.Join(names, ", ") }
