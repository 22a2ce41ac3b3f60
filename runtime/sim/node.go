package sim

import (
	"fmt"
	"slices"
	"time"
	"unsafe"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// Node is a machine of the world, as its own program sees it. A program is a
// function of a node; its local variables are the node's memory. The node does one
// thing at a time: it gives way only where it waits (Call, Receive, Sleep) and
// when a handler returns.
type Node struct {
	Name string
	Disk *Disk // what survives a crash
	Rand *Rand // the node's own stream of random numbers

	// The order is that of use: a message at one of many nodes should touch few lines of
	// the cache.
	world    *World
	id       uint32
	life     uint32 // counts its starts: what was scheduled in an earlier life is stale
	up       bool
	paused   bool
	draining bool
	wired    bool   // a topology says who its neighbours are
	started  uint32 // the life in which the program was called, plus one
	service  *service

	handlers []handler
	ways     Rand // draws of latency for what this node sends
	steps    int
	links    *links // of its own, to some receivers
	procs    *proc

	few       [2]handler
	receivers []*proc
	mailbox   []*Request
	lastProc  *proc
	peers     [4]*Node

	program   func(*Node)
	held      []event
	notes     []trace.Field
	luck      *Rand
	clock     wallClock
	pausedAt  int64
	crashSpan int
	pauseSpan int
}

type handler struct {
	kind string
	fn   func(*Request)
	cell bool
}

func (n *Node) prepare() {
	w := n.world
	n.Rand = w.stream("node/" + n.Name)
	n.ways = *w.stream("net/" + n.Name)
	n.luck = w.stream("luck/" + n.Name)
	if n.service != nil {
		n.service.draws = w.stream("service/" + n.Name)
	}
}

// String is the node's name.
func (n *Node) String() string { return n.Name }

// World is the world that the node is part of.
func (n *Node) World() *World { return n.world }

// Up tells whether the node runs: it has not crashed, or was restarted since.
func (n *Node) Up() bool { return n.up }

// Handle registers what the node does with messages of this kind. The kind "*"
// stands for all that no other handler takes. A handler may block; meanwhile the
// next message may enter it again.
func (n *Node) Handle(kind string, do func(r *Request)) {
	n.enter("node.Handle")
	if do == nil {
		host.Mistakef("node.Handle(%q): give a function, func(r *sim.Request) { … }%s", kind, n.place())
	}
	h := handler{kind, do, interpreted(do)}
	n.world.cells = n.world.cells || h.cell
	for i := range n.handlers {
		if n.handlers[i].kind == kind {
			n.handlers[i] = h
			return
		}
	}
	n.handlers = append(n.handlers, h)
	w := n.world
	kept := n.mailbox[:0]
	for _, r := range n.mailbox { // what came before the handler did
		if r.Kind == kind || kind == "*" {
			w.deliverAgain(r)
		} else {
			kept = append(kept, r)
		}
	}
	n.mailbox = kept
}

// Send sends a message and does not wait: fields are name, value pairs.
//
//	node.Send("b", "vote?", "term", term)
func (n *Node) Send(to, kind string, fields ...any) {
	n.enter("node.Send")
	n.world.transmit(n.compose("node.Send", kind, fields, &callOptions{}), n, n.address(to))
}

// Broadcast sends a message to every other node, in the order in which the nodes
// were made.
func (n *Node) Broadcast(kind string, fields ...any) {
	n.enter("node.Broadcast")
	for _, to := range n.world.nodes[1:] {
		if to != n {
			n.world.transmit(n.compose("node.Broadcast", kind, fields, &callOptions{}), n, to.id)
		}
	}
}

// Others are the names of all other nodes, in the order in which they were made.
func (n *Node) Others() []string {
	var names []string
	for _, to := range n.world.nodes[1:] {
		if to != n {
			names = append(names, to.Name)
		}
	}
	return names
}

// Call sends a message and waits for the reply: one attempt. The error says that
// no reply came within the time-out (50 ms unless sim.Timeout stands among the
// fields); whether the other node did what it was asked, it does not say.
func (n *Node) Call(to, kind string, fields ...any) (*Message, error) {
	p := n.process("node.Call")
	w := n.world
	opts := callOptions{waits: true, timeout: w.timeout}
	r := n.compose("node.Call", kind, fields, &opts)
	target := n.peer(to)
	token := p.waits(forReply, kind, target.Name)
	r.Call = token
	w.transmit(r, n, target.id)
	if opts.timeout > 0 {
		p.wakeIn(n.clock.span(opts.timeout))
	}
	start := w.now
	p.park()
	if p.got == nil {
		return nil, w.noReply(n, to, kind, time.Duration(w.now-start), token)
	}
	return &p.got.Message, nil
}

// Receive waits for a message of one of these kinds, of any kind when none is
// given. Messages that came earlier and no handler took are received first.
func (n *Node) Receive(kinds ...string) *Request {
	p := n.process("node.Receive")
	if r := n.fromMailbox(kinds); r != nil {
		p.cause = r.Sent()
		return r
	}
	n.await(p, kinds)
	p.park()
	p.cause = p.got.Sent()
	return p.got
}

// ReceiveWithin is Receive with a time limit; the error says that nothing came.
func (n *Node) ReceiveWithin(d time.Duration, kinds ...string) (*Request, error) {
	p := n.process("node.ReceiveWithin")
	if r := n.fromMailbox(kinds); r != nil {
		p.cause = r.Sent()
		return r, nil
	}
	n.await(p, kinds)
	p.wakeIn(n.clock.span(d))
	p.park()
	if p.got == nil {
		n.forget(p)
		kind := "message"
		if len(kinds) > 0 {
			kind = kinds[0]
		}
		return nil, &NoReply{Kind: kind, Node: n.Name, Within: d, At: n.world.Now(), Seed: n.world.seed}
	}
	p.cause = p.got.Sent()
	return p.got, nil
}

func (n *Node) fromMailbox(kinds []string) *Request {
	for i, r := range n.mailbox {
		for _, kind := range kinds {
			if kind == r.Kind {
				n.mailbox = append(n.mailbox[:i], n.mailbox[i+1:]...)
				return r
			}
		}
		if len(kinds) == 0 {
			n.mailbox = append(n.mailbox[:i], n.mailbox[i+1:]...)
			return r
		}
	}
	return nil
}

func (n *Node) await(p *proc, kinds []string) {
	kind := ""
	if len(kinds) > 0 {
		kind = kinds[0]
	}
	p.waits(forMessage, kind, "")
	if len(kinds) > 1 {
		more := slices.Clone(kinds[1:])
		p.kinds = &more
	}
	n.receivers = append(n.receivers, p)
}

func (n *Node) forget(p *proc) {
	for i, q := range n.receivers {
		if q == p {
			n.receivers = append(n.receivers[:i], n.receivers[i+1:]...)
			return
		}
	}
}

// Sleep lets a span of time pass.
func (n *Node) Sleep(d time.Duration) {
	p := n.process("node.Sleep")
	p.waits(forSleep, "", "")
	p.wakeIn(n.clock.span(d))
	p.park()
}

// Go starts another process of the node, beside its program and its handlers. It
// begins when the running code gives way.
func (n *Node) Go(run func()) {
	n.enter("node.Go")
	w := n.world
	w.cells = w.cells || interpreted(run)
	w.schedule(event{at: w.now, what: evRun, a: n.id, gen: n.life, b: w.keep(timed{do: run, name: "process"})})
}

// Timer is a call that will be made; Stop cancels it.
type Timer struct {
	stopped bool
}

// Stop cancels the timer and tells whether it was still to come.
func (t *Timer) Stop() bool {
	was := !t.stopped
	t.stopped = true
	return was
}

// After calls do once, when d has passed.
func (n *Node) After(d time.Duration, do func()) *Timer { return n.timer("node.After", d, 0, do) }

// Every calls do again and again, each time when d has passed.
func (n *Node) Every(d time.Duration, do func()) *Timer {
	if d <= 0 {
		host.Mistakef("node.Every(%v): the time between two calls must be positive%s", d, n.place())
	}
	return n.timer("node.Every", d, d, do)
}

func (n *Node) timer(verb string, d, period time.Duration, do func()) *Timer {
	n.enter(verb)
	w := n.world
	t := &Timer{}
	w.cells = w.cells || interpreted(do)
	w.schedule(event{at: w.after(n.clock.span(d)), what: evRun, a: n.id, gen: n.life, b: w.keep(timed{do: do, name: "timer", timer: t, period: n.clock.span(period)})})
	return t
}

// Note writes what the node knows or decides into the trace: a text, or name,
// value pairs, or both. Pairs stay with the node until it crashes: world.Where
// finds them.
//
//	node.Note("role", "leader", "term", 3)
//	node.Note("gives up")
func (n *Node) Note(what ...any) {
	n.enter("node.Note")
	kind := ""
	if len(what)%2 == 1 {
		text, ok := what[0].(string)
		if !ok {
			host.Mistakef("node.Note: begin with a text, or give name, value pairs: node.Note(\"role\", \"leader\")%s", n.place())
		}
		kind, what = text, what[1:]
	}
	m := &trace.Message{Kind: kind, From: n.Name}
	for i := 0; i+1 < len(what); i += 2 {
		name, ok := what[i].(string)
		v, why := copied(&what[i+1])
		if !ok || why != "" {
			host.Mistakef("node.Note: give name, value pairs of basic kinds: node.Note(\"role\", \"leader\")%s", n.place())
		}
		m.Add(name, v)
		n.remember(name, v)
	}
	w := n.world
	w.hash = hashText(w.hash, m.Kind)
	w.record(trace.Event{What: trace.Note, Node: int32(n.id), Msg: m})
	if len(w.triggers) > 0 {
		w.fire("note", n, kind, m)
	}
}

func (n *Node) remember(name string, v trace.Value) {
	for i := range n.notes {
		if n.notes[i].Name == name {
			n.notes[i].Value = v
			return
		}
	}
	n.notes = append(n.notes, trace.Field{Name: name, Value: v})
}

// Noted is what the node noted last under this name, or nil.
func (n *Node) Noted(name string) any {
	for _, f := range n.notes {
		if f.Name == name {
			return f.Value.Any()
		}
	}
	return nil
}

func (n *Node) noted(pairs []any) bool {
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		want, _ := trace.Copy(pairs[i+1])
		found := false
		for _, f := range n.notes {
			found = found || f.Name == name && f.Value.String() == want.String()
		}
		if !found {
			return false
		}
	}
	return true
}

// peer is the node called name; the last few are remembered by where they stand.
func (n *Node) peer(name string) *Node {
	slot := 0
	if len(name) > 0 {
		slot = int(name[len(name)-1]) & 3
	}
	if p := n.peers[slot]; p != nil && p.Name == name {
		return p
	}
	p := n.world.byName[name]
	if p == nil {
		host.Mistakef("there is no node %q to send to (there are: %s)%s", name, n.world.names(), n.place())
	}
	n.peers[slot] = p
	return p
}

// address is the number of the node called name. Most messages go to where the last
// one came from, which then need not be looked at.
func (n *Node) address(name string) uint32 {
	if r := n.world.asker; r != nil && len(r.From) == len(name) && unsafe.StringData(r.From) == unsafe.StringData(name) {
		return r.from
	}
	return n.peer(name).id
}

// enter checks that the caller is a process of this node, and returns it; nil for
// what stands in world.At, which acts for everybody.
func (n *Node) enter(verb string) *proc {
	w := n.world
	p := w.cur
	if p != nil && p.node == n && p.g == getg() && !p.doomed && !p.dying {
		return p
	}
	return n.elsewhere(verb)
}

func (n *Node) elsewhere(verb string) *proc {
	w := n.world
	g := getg()
	switch p := w.cur; {
	case w.killing != 0 && w.killing == g:
		panic(w.unwind)
	case p != nil && p.g == g && (p.doomed || p.dying):
		p.unwind()
	case w.busy.Load() && w.curg != g:
		host.Mistakef("%s: this goroutine is not a process of node %s; start it with node.Go%s", verb, n.Name, n.place())
	case w.judging:
		host.Mistakef("%s: a promise only looks at the world, it does not act%s", verb, n.place())
	case p != nil && p.node != n && p.node != w.outside:
		host.Mistakef("%s: node %s acts in the name of node %s; nodes share nothing, send it a message%s", verb, p.node.Name, n.Name, p.node.place())
	case w.over != "":
		host.Mistakef("%s: the world of node %s is over: %s", verb, n.Name, w.over)
	case !w.busy.Load():
		host.Mistakef("%s: this goroutine is not a process of node %s: inside the node's program start it with node.Go; from the notebook use world.Send or world.At%s", verb, n.Name, n.place())
	}
	return nil
}

// touch is enter for what a cell may do too while the world stands still: prepare a
// disk, set a clock.
func (n *Node) touch(verb string) *proc {
	if w := n.world; !w.busy.Load() && w.killing == 0 && w.over == "" {
		return nil
	}
	return n.enter(verb)
}

// process is enter for calls that wait.
func (n *Node) process(verb string) *proc {
	p := n.enter(verb)
	if p == nil {
		host.Mistakef("%s waits, so it stands inside the program of node %s; from the notebook use world.Run or world.Call%s", verb, n.Name, n.place())
	}
	return p
}

// place is where and when, for the end of a sentence.
func (n *Node) place() string {
	return fmt.Sprintf("; node %s, %s, seed %d", n.Name, clock(n.world.now), n.world.seed)
}

// hold keeps an event for a paused node until it resumes.
func (n *Node) hold(e event) { n.held = append(n.held, e) }

// NoReply is the error of a Call or a ReceiveWithin: nothing came in time.
type NoReply struct {
	To     string // who was asked; empty for ReceiveWithin
	Kind   string
	Within time.Duration
	Node   string
	At     time.Duration
	Seed   uint64
}

// Error is a sentence that says who waited for what, how long, when.
func (e *NoReply) Error() string {
	if e.To == "" {
		return fmt.Sprintf("receive %s: nothing within %v; node %s, %s, seed %d", e.Kind, e.Within, e.Node, trace.Clock(e.At), e.Seed)
	}
	return fmt.Sprintf("call %s %s: no reply within %v; node %s, %s, seed %d", e.To, e.Kind, e.Within, e.Node, trace.Clock(e.At), e.Seed)
}

func (w *World) noReply(n *Node, to, kind string, waited time.Duration, call uint64) error {
	if w.tracing {
		w.log.GivesUp(call)
		w.record(trace.Event{What: trace.NoReply, Node: int32(n.id), Peer: int32(w.byName[to].id), Text: fmt.Sprintf("%s after %v", kind, waited)})
	}
	return &NoReply{To: to, Kind: kind, Within: waited, Node: n.Name, At: w.Now(), Seed: w.seed}
}
