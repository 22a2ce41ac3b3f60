package sim

import (
	"math"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// network is how messages travel: the usual link, links of their own for some
// pairs, and the faults in force.
type network struct {
	usual    link
	stateful bool             // every pair has a link of its own
	own      map[uint64]*link // by sender and receiver
	faults   []*Fault         // in force, in the order in which they began
}

// link is the way from one node to another.
type link struct {
	latency   Distribution
	loss      float64
	duplicate float64
	corrupt   float64
	fifo      bool
	bandwidth float64 // bytes per nanosecond; 0 is unlimited
	backlog   int     // most bytes that wait for the bandwidth; 0 is unlimited
	maxSize   int
	resend    time.Duration
	burst     bursts

	last int64 // arrival of the latest message, for FIFO links
	free int64 // when the sender has put out what it has
	bad  bool  // in a burst of losses
}

// bursts is Gilbert and Elliott's model: a link is good or bad, and changes between
// the two with each message.
type bursts struct{ toBad, toGood, loss float64 }

// remembers tells whether a link has a state of its own, so that the usual one can
// not stand for all pairs.
func (l *link) remembers() bool { return l.fifo || l.bandwidth > 0 || l.burst.toBad > 0 }

func pair(from, to *Node) uint64 { return uint64(from.id)<<32 | uint64(to.id) }

// Link gives the links between two groups of nodes properties of their own, in
// both directions: world.Link("a", "b c", sim.Latency(…), sim.Loss(0.1)).
func (w *World) Link(a, b string, options ...Option) {
	for _, from := range w.expand(a) {
		for _, to := range w.expand(b) {
			w.oneWay(from, to, options)
			w.oneWay(to, from, options)
		}
	}
}

// OneWay is Link for messages from a to b only.
func (w *World) OneWay(from, to string, options ...Option) {
	for _, a := range w.expand(from) {
		for _, b := range w.expand(to) {
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
	if l.maxSize == noLink {
		l.maxSize = w.network.usual.maxSize
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
	r.ID, r.From = w.messages, from.Name
	r.node, r.from = to, from
	w.counter(r.Kind).sent++
	w.hash = w.digest(r)
	if w.tracing {
		if w.cur != nil && !r.IsReply {
			r.CausedBy(w.cur.cause)
		}
		if r.bytes > 0 {
			w.log.Weigh(&r.Message.Message, int(r.bytes))
		}
		w.record(trace.Event{What: trace.Send, Node: int32(from.id), Peer: int32(to.id), Msg: &r.Message.Message})
	}
	w.route(r, from, to)
	if len(w.triggers) > 0 {
		w.fire("send", from, r.Kind, nil)
	}
}

// digest folds a message into the running hash.
func (w *World) digest(r *Request) uint64 {
	h := hashText(w.hash, r.Kind)
	for i := range r.Len() {
		h ^= start(r.Name(i))
		switch v := r.Value(i); v.Type() {
		case trace.Text:
			h = hashText(h, v.Text())
		case trace.List:
			h = hashText(h, v.String())
		default:
			h = mix(h, v.Bits())
		}
	}
	return h
}

// linkBetween is the link that a message takes.
func (w *World) linkBetween(from, to *Node) *link {
	usual := &w.network.usual
	if w.network.own == nil && !w.network.stateful {
		return usual
	}
	if own := w.network.own[pair(from, to)]; own != nil {
		return own
	}
	if !w.network.stateful {
		return usual
	}
	c := *usual
	w.network.own[pair(from, to)] = &c
	return &c
}

// route decides when a message arrives, or whether it is lost.
func (w *World) route(r *Request, from, to *Node) {
	if from == to {
		w.fly(r, to, w.now)
		return
	}
	l := w.linkBetween(from, to)
	latency := l.latency.draw(&from.ways)
	at, why := w.now, ""
	if l.bandwidth > 0 || l.maxSize != 0 {
		at, why = l.put(w.now, r.size())
	}
	at = w.until(at, latency)
	if len(w.network.faults) > 0 && why == "" {
		var extra time.Duration
		why, extra = w.fate(r, from, to)
		at = w.until(at, int64(extra))
	}
	if why == "" && l.takes(from.luck) {
		why = "lost"
	}
	if l.fifo {
		at = max(at, l.last)
		l.last = at
	}
	switch {
	case why == "":
	case why == "clogged":
		return
	case l.resend > 0 && why != "too big" && why != "no link":
		w.lose(r, from, to, why+", sent again")
		w.counter(r.Kind).lost--
		w.schedule(event{at: w.after(l.resend << min(r.tries, 6)), what: evResend, a: from.id, b: w.slot(r), gen: from.life})
		r.tries++
		return
	default:
		w.lose(r, from, to, why)
		return
	}
	if len(w.network.faults) > 0 {
		r = w.tamper(r, from, to)
	}
	if l.corrupt > 0 && from.luck.Float() < l.corrupt {
		r = w.garble(r, from.luck)
	}
	w.fly(r, to, at)
	if l.duplicate > 0 && from.luck.Float() < l.duplicate {
		c := w.newRequest()
		*c = *r
		w.fly(c, to, w.after(time.Duration(l.latency.draw(from.luck))))
	}
}

// until adds a span to a time without passing the end of time.
func (w *World) until(at, span int64) int64 {
	if span > math.MaxInt64-at {
		return math.MaxInt64
	}
	return at + span
}

// put queues a message for the bandwidth of the link.
func (l *link) put(now int64, size int) (at int64, why string) {
	if l.maxSize == noLink {
		return now, "no link"
	}
	if l.maxSize > 0 && size > l.maxSize {
		return now, "too big"
	}
	if l.bandwidth == 0 {
		return now, ""
	}
	start := max(now, l.free)
	if l.backlog > 0 && float64(start-now)*l.bandwidth > float64(l.backlog) {
		return now, "link full"
	}
	l.free = start + nanoseconds(float64(size)/l.bandwidth)
	return l.free, ""
}

// takes tells whether the link loses this message.
func (l *link) takes(luck *Rand) bool {
	if l.burst.toBad > 0 {
		if l.bad {
			l.bad = luck.Float() >= l.burst.toGood
		} else {
			l.bad = luck.Float() < l.burst.toBad
		}
		if l.bad && luck.Float() < l.burst.loss {
			return true
		}
	}
	return l.loss > 0 && luck.Float() < l.loss
}

// size is how many bytes a message has on the network.
func (r *Request) size() int {
	if r.bytes > 0 {
		return int(r.bytes)
	}
	return r.Message.Message.Size()
}

// garble is a copy of a message with one field changed, as it may arrive from a
// network without checksums.
func (w *World) garble(r *Request, luck *Rand) *Request {
	if r.Len() == 0 {
		return r
	}
	c := w.newRequest()
	*c = *r
	c.Rewrite(luck.Intn(r.Len()), luck.Uint64())
	return c
}

func (w *World) fly(r *Request, to *Node, at int64) {
	w.schedule(event{at: at, what: evDeliver, a: to.id, b: w.slot(r)})
}

// slot keeps a message for the event that will need it.
func (w *World) slot(r *Request) uint32 {
	if n := len(w.freeSlot); n > 0 {
		slot := w.freeSlot[n-1]
		w.freeSlot = w.freeSlot[:n-1]
		w.flying[slot] = r
		return slot
	}
	w.flying = append(w.flying, r)
	return uint32(len(w.flying) - 1)
}

// taken is the message of a slot, which is free again.
func (w *World) taken(slot uint32) *Request {
	r := w.flying[slot]
	w.flying[slot] = nil
	w.freeSlot = append(w.freeSlot, slot)
	return r
}

// resend tries a message of a reliable link once more, unless its sender crashed.
func (w *World) resend(e event) {
	r, from := w.taken(e.b), w.nodes[e.a]
	if from.life == e.gen && from.up {
		w.route(r, from, r.node)
	}
}

func (w *World) deliverAgain(r *Request) { w.fly(r, r.node, w.now) }

func (w *World) lose(r *Request, from, to *Node, why string) {
	w.counter(r.Kind).lost++
	w.hash = mix(w.hash, r.ID)
	w.record(trace.Event{What: trace.Lost, Node: int32(from.id), Peer: int32(to.id), Msg: &r.Message.Message, Text: why})
}

// arrive is the end of a message's way.
func (w *World) arrive(e event) doing {
	n := w.nodes[e.a]
	if n.paused && n.up {
		n.hold(e)
		return nothing
	}
	r := w.taken(e.b)
	if !n.up {
		w.lose(r, r.from, n, "down")
		return nothing
	}
	if n.draining && !r.IsReply {
		w.lose(r, r.from, n, "draining")
		return nothing
	}
	if len(w.network.faults) > 0 {
		if from := r.from; w.cut(from, n) {
			w.lose(r, from, n, "partition")
			return nothing
		}
	}
	r.node = n
	w.hash = mix(w.hash, r.ID)
	if r.IsReply && r.Call != 0 {
		return w.arriveReply(n, r)
	}
	w.counter(r.Kind).delivered++
	w.recordArrival(trace.Deliver, n, r, "")
	if len(w.triggers) > 0 {
		life := n.life
		if w.fire("arrival", n, r.Kind, nil); n.life != life {
			return nothing
		}
	}
	if n.service != nil {
		return w.enqueue(n, r)
	}
	return w.dispatch(n, r)
}

func (w *World) recordArrival(what trace.What, n *Node, r *Request, text string) {
	if w.tracing {
		w.record(trace.Event{What: what, Node: int32(n.id), Peer: int32(r.from.id), Msg: &r.Message.Message, Text: text})
	}
}

// arriveReply takes an answer to the process that waits for it. A later answer is
// seen by nobody.
func (w *World) arriveReply(n *Node, r *Request) doing {
	if r.Call&outsideToken != 0 {
		if r.Call == outsideToken|w.awaited && w.answer == nil {
			w.counter(r.Kind).delivered++
			w.recordArrival(trace.Deliver, n, r, "")
			w.answer = r
			return nothing
		}
	} else if p := w.procs[r.Call>>32]; p.gen == uint32(r.Call) && p.parked && p.node == n {
		w.counter(r.Kind).delivered++
		w.recordArrival(trace.Deliver, n, r, "")
		return p.ready(r)
	}
	w.counter(r.Kind).late++
	w.recordArrival(trace.Late, n, r, "late")
	return nothing
}

// dispatch gives a message to whoever takes it: the handler of its kind, a process
// that waits for it, the handler of all kinds, the mailbox.
func (w *World) dispatch(n *Node, r *Request) doing {
	if n == w.outside {
		w.inbox = append(w.inbox, r)
		return nothing
	}
	for i := range n.handlers {
		if h := &n.handlers[i]; h.kind == r.Kind {
			w.next.node, w.next.handler, w.next.request = n, h, r
			return callHandler
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
			w.next.node, w.next.handler, w.next.request = n, h, r
			return callHandler
		}
	}
	if n.procs == nil && len(n.handlers) > 0 && !r.IsReply {
		var has []string
		for _, h := range n.handlers {
			has = append(has, h.kind)
		}
		host.Mistakef("message %q from %s: node %s has no handler for it (it has: %s)%s", r.Kind, r.From, n.Name, list(has), n.place())
	}
	n.mailbox = append(n.mailbox, r)
	return nothing
}
