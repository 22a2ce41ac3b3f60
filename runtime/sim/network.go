package sim

import (
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// network is how messages travel: the usual link, links of their own for some
// pairs, and the faults in force.
type network struct {
	usual  link
	own    map[uint64]*link // by sender and receiver
	faults []*Fault         // in force, in the order in which they began
}

// link is the way from one node to another.
type link struct {
	latency   Distribution
	loss      float64
	duplicate float64
	fifo      bool
	last      int64 // arrival of the latest message, for FIFO links
}

func pair(from, to *Node) uint64 { return uint64(from.id)<<32 | uint64(to.id) }

// Link gives the links between two groups of nodes properties of their own, in
// both directions: world.Link("a", "b c", sim.Latency(…), sim.Loss(0.1)).
func (w *World) Link(a, b string, options ...Option) {
	for _, from := range words(a) {
		for _, to := range words(b) {
			w.oneWay(from, to, options)
			w.oneWay(to, from, options)
		}
	}
}

// OneWay is Link for messages from a to b only.
func (w *World) OneWay(from, to string, options ...Option) {
	for _, a := range words(from) {
		for _, b := range words(to) {
			w.oneWay(a, b, options)
		}
	}
}

func (w *World) oneWay(a, b string, options []Option) {
	w.enter("world.Link")
	from, to := w.node("world.Link", a), w.node("world.Link", b)
	if from == to {
		return
	}
	if w.network.own == nil {
		w.network.own = map[uint64]*link{}
	}
	l := w.network.own[pair(from, to)]
	if l == nil {
		c := w.network.usual
		l = &c
		w.network.own[pair(from, to)] = l
	}
	for _, o := range options {
		if o.link == nil {
			host.Mistakef("world.Link(%q, %q): %s is no option of a link", a, b, o.name)
		}
		o.link(l)
	}
}

// transmit sends a message on its way. Its latency is drawn first and always, so
// that a loss here or there moves nobody else's numbers.
func (w *World) transmit(r *Request, from, to *Node) {
	w.messages++
	r.ID, r.From, r.To = w.messages, from.Name, to.Name
	r.node = to
	r.count = w.counter(r.Kind)
	r.count.sent++
	h := hashText(w.hash, r.Kind)
	for i := range r.Len() {
		f := r.Field(i)
		h = hashText(h, f.Name)
		switch f.Value.Type() {
		case trace.Text:
			h = hashText(h, f.Value.Text())
		case trace.List:
			h = hashText(h, f.Value.String())
		default:
			h = mix(h, f.Value.Bits())
		}
	}
	w.hash = h
	w.record(trace.Event{What: trace.Send, Node: int32(from.id), Peer: int32(to.id), Msg: &r.Message.Message})
	if from == to {
		w.fly(r, to, w.now)
		return
	}
	l := &w.network.usual
	if w.network.own != nil {
		if own := w.network.own[pair(from, to)]; own != nil {
			l = own
		}
	}
	at := w.after(time.Duration(l.latency.draw(&from.ways)))
	why := ""
	if len(w.network.faults) > 0 {
		var extra time.Duration
		why, extra = w.fate(r, from, to)
		at += int64(extra)
	}
	if l.loss > 0 && from.luck.Float() < l.loss && why == "" {
		why = "lost"
	}
	if l.fifo {
		at = max(at, l.last)
		l.last = at
	}
	if why != "" {
		w.lose(r, from, to, why)
		return
	}
	w.fly(r, to, at)
	if l.duplicate > 0 && from.luck.Float() < l.duplicate {
		c := w.newRequest()
		*c = *r
		w.fly(c, to, w.after(time.Duration(l.latency.draw(from.luck))))
	}
}

func (w *World) fly(r *Request, to *Node, at int64) {
	slot := uint32(len(w.flying))
	if n := len(w.freeSlot); n > 0 {
		slot = w.freeSlot[n-1]
		w.freeSlot = w.freeSlot[:n-1]
		w.flying[slot] = r
	} else {
		w.flying = append(w.flying, r)
	}
	w.schedule(event{at: at, what: evDeliver, a: to.id, b: slot})
}

func (w *World) deliverAgain(r *Request) { w.fly(r, r.node, w.now) }

func (w *World) lose(r *Request, from, to *Node, why string) {
	r.count.lost++
	w.hash = mix(w.hash, r.ID)
	w.record(trace.Event{What: trace.Lost, Node: int32(from.id), Peer: int32(to.id), Msg: &r.Message.Message, Text: why})
}

// arrive is the end of a message's way.
func (w *World) arrive(e event) action {
	n := w.nodes[e.a]
	r := w.flying[e.b]
	if n.paused && n.up {
		n.hold(e)
		return action{}
	}
	w.flying[e.b] = nil
	w.freeSlot = append(w.freeSlot, e.b)
	if !n.up {
		w.lose(r, w.byName[r.From], n, "down")
		return action{}
	}
	if len(w.network.faults) > 0 {
		if from := w.byName[r.From]; w.cut(from, n) {
			w.lose(r, from, n, "partition")
			return action{}
		}
	}
	r.node = n
	w.hash = mix(w.hash, r.ID)
	if r.answers != 0 {
		return w.arriveReply(n, r)
	}
	r.count.delivered++
	w.recordArrival(trace.Deliver, n, r, "")
	if n.service != nil {
		return w.enqueue(n, r)
	}
	return w.dispatch(n, r)
}

func (w *World) recordArrival(what trace.What, n *Node, r *Request, text string) {
	if w.tracing {
		w.record(trace.Event{What: what, Node: int32(n.id), Peer: int32(w.byName[r.From].id), Msg: &r.Message.Message, Text: text})
	}
}

// arriveReply takes an answer to the process that waits for it. A later answer is
// seen by nobody.
func (w *World) arriveReply(n *Node, r *Request) action {
	if r.answers&outsideToken != 0 {
		if r.answers == outsideToken|w.awaited && w.answer == nil {
			r.count.delivered++
			w.recordArrival(trace.Deliver, n, r, "")
			w.answer = r
			return action{}
		}
	} else if p := w.procs[r.answers>>32]; p.gen == uint32(r.answers) && p.parked && p.node == n {
		r.count.delivered++
		w.recordArrival(trace.Deliver, n, r, "")
		return p.ready(r)
	}
	r.count.late++
	w.recordArrival(trace.Late, n, r, "late")
	return action{}
}

// dispatch gives a message to whoever takes it: the handler of its kind, a process
// that waits for it, the handler of all kinds, the mailbox.
func (w *World) dispatch(n *Node, r *Request) action {
	if n == w.outside {
		w.inbox = append(w.inbox, r)
		return action{}
	}
	for i := range n.handlers {
		if h := &n.handlers[i]; h.kind == r.Kind {
			return action{do: callHandler, node: n, handler: h, request: r}
		}
	}
	for i, p := range n.receivers {
		if p.accepts(r.Kind) {
			copy(n.receivers[i:], n.receivers[i+1:])
			n.receivers = n.receivers[:len(n.receivers)-1]
			return p.ready(r)
		}
	}
	for i := range n.handlers {
		if h := &n.handlers[i]; h.kind == "*" {
			return action{do: callHandler, node: n, handler: h, request: r}
		}
	}
	if n.procs == nil && len(n.handlers) > 0 && !r.answer {
		var has []string
		for _, h := range n.handlers {
			has = append(has, h.kind)
		}
		host.Mistakef("message %q from %s: node %s has no handler for it (it has: %s)%s", r.Kind, r.From, n.Name, list(has), n.place())
	}
	n.mailbox = append(n.mailbox, r)
	return action{}
}
