package sim

import (
	"math"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// network is how messages travel: the usual link and the faults in force. Links of
// their own for some pairs stand with their senders, Node.links.
type network struct {
	usual    link
	stateful bool     // every pair has a link of its own
	faults   []*Fault // in force, in the order in which they began

	// Most messages meet no fault, and this says so quickly.
	everywhere int      // faults in force that may concern a message of any two nodes
	touched    []uint16 // by node: the other faults in force that may concern its messages
}

// troubled tells whether a fault in force may concern a message between two nodes.
func (t *network) troubled(from, to uint32) bool {
	return len(t.faults) > 0 && (t.everywhere > 0 || t.touched[from] != 0 && t.touched[to] != 0)
}

// touch counts a fault that begins (1) or ends (-1) at the nodes that it may concern.
func (t *network) touch(f *Fault, by int) {
	nodes, all := f.touches()
	if all {
		t.everywhere += by
	}
	for _, id := range nodes {
		t.touched[id] = uint16(int(t.touched[id]) + by)
	}
}

// touches is nodes such that f concerns only messages between two of them, or all.
func (f *Fault) touches() (nodes []uint32, all bool) {
	switch {
	case f.ring != nil:
		for _, n := range f.ring {
			nodes = append(nodes, n.id)
		}
	case f.group != nil && f.rest == 0:
		for id, g := range f.group {
			if g != 0 {
				nodes = append(nodes, uint32(id))
			}
		}
	case f.from != nil && f.to != nil:
		for _, n := range f.world.nodes {
			if f.from[n] || f.to[n] {
				nodes = append(nodes, n.id)
			}
		}
	default:
		return nil, true
	}
	return nodes, false
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

	plain bool  // a latency and nothing else
	last  int64 // arrival of the latest message, for FIFO links
	free  int64 // when the sender has put out what it has
	bad   bool  // in a burst of losses
}

// bursts is Gilbert and Elliott's model: a link is good or bad, and changes between
// the two with each message.
type bursts struct{ toBad, toGood, loss float64 }

// remembers tells whether a link has a state of its own, so that the usual one can
// not stand for all pairs.
func (l *link) remembers() bool { return l.fifo || l.bandwidth > 0 || l.burst.toBad > 0 }

// settle says how much there is to look at for each message.
func (l *link) settle() {
	l.plain = !l.remembers() && l.loss == 0 && l.duplicate == 0 && l.corrupt == 0 && l.maxSize == 0
}

// links is a table of links by receiver: open addressing, at most half full.
type links struct {
	slots []linkSlot
	n     int
}

type linkSlot struct {
	to   uint32
	link *link
}

func (t *links) at(to uint32) *linkSlot {
	mask := uint32(len(t.slots) - 1)
	for i := to * 0x9e3779b1 >> 7; ; i++ {
		if s := &t.slots[i&mask]; s.link == nil || s.to == to {
			return s
		}
	}
}

func (t *links) find(to uint32) *link {
	if t == nil {
		return nil
	}
	return t.at(to).link
}

func (t *links) put(to uint32, l *link) {
	if 2*(t.n+1) > len(t.slots) {
		old := t.slots
		t.slots = make([]linkSlot, max(4, 2*len(old)))
		for _, s := range old {
			if s.link != nil {
				*t.at(s.to) = s
			}
		}
	}
	*t.at(to) = linkSlot{to, l}
	t.n++
}

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
	l := from.links.find(to.id)
	if l == nil {
		l = w.ownLink(from, to.id)
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
	l.settle()
}

// ownLink makes a link of its own for a pair, which begins as the usual one.
func (w *World) ownLink(from *Node, to uint32) *link {
	l := w.network.usual
	if from.links == nil {
		from.links = new(links)
	}
	from.links.put(to, &l)
	return &l
}

// transmit sends a message on its way. Its latency is drawn first and always, so
// that a loss here or there moves nobody else's numbers.
func (w *World) transmit(r *Request, from *Node, to uint32) {
	w.messages++
	r.ID, r.From, r.from = w.messages, from.Name, from.id
	s := r.shape()
	s.count.sent++
	w.hash = w.digest(r, s)
	if w.tracing {
		w.recordSend(r, from, to)
	}
	if l := w.linkBetween(from, to); l.plain && from.id != to && !w.network.troubled(from.id, to) {
		w.fly(r, to, w.until(w.now, l.latency.draw(&from.ways)))
	} else {
		w.route(r, from, w.nodes[to])
	}
	if len(w.triggers) > 0 {
		w.fire("send", from, r.Kind, nil)
	}
}

func (w *World) recordSend(r *Request, from *Node, to uint32) {
	if w.cur != nil && !r.IsReply {
		r.CausedBy(w.cur.cause)
	}
	if r.Bytes > 0 {
		w.log.Weigh(&r.Message.Message, int(r.Bytes))
	}
	w.record(trace.Event{What: trace.Send, Node: int32(from.id), Peer: int32(to), Msg: &r.Message.Message})
}

// digest folds a message into the running hash.
func (w *World) digest(r *Request, s *shape) uint64 {
	h := w.hash
	for _, word := range s.kindWords {
		h = mix(h, word)
	}
	for i, word := range s.nameWords {
		h ^= word
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
func (w *World) linkBetween(from *Node, to uint32) *link {
	if from.links != nil {
		if own := from.links.find(to); own != nil {
			return own
		}
	}
	if w.network.stateful && from.id != to {
		return w.ownLink(from, to)
	}
	return &w.network.usual
}

// route decides when a message arrives, or whether it is lost.
func (w *World) route(r *Request, from, to *Node) {
	r.node = to
	if from == to {
		w.fly(r, to.id, w.now)
		return
	}
	l := w.linkBetween(from, to.id)
	latency := l.latency.draw(&from.ways)
	at, why := w.now, ""
	if l.bandwidth > 0 || l.maxSize != 0 {
		at, why = l.put(w.now, r.size())
	}
	at = w.until(at, latency)
	troubled := w.network.troubled(from.id, to.id)
	if troubled && why == "" {
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
		r.shape().count.lost--
		w.schedule(event{at: w.after(l.resend << min(r.tries, 6)), what: evResend, a: from.id, b: w.slot(r), gen: from.life})
		r.tries++
		return
	default:
		w.lose(r, from, to, why)
		return
	}
	if troubled {
		r = w.tamper(r, from, to)
	}
	if l.corrupt > 0 && from.luck.Float() < l.corrupt {
		r = w.garble(r, from.luck)
	}
	w.fly(r, to.id, at)
	if l.duplicate > 0 && from.luck.Float() < l.duplicate {
		c := w.newRequest()
		*c = *r
		w.fly(c, to.id, w.after(time.Duration(l.latency.draw(from.luck))))
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
	if r.Bytes > 0 {
		return int(r.Bytes)
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

func (w *World) fly(r *Request, to uint32, at int64) {
	w.schedule(event{at: at, what: evDeliver, a: to, b: w.slot(r)})
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
func (w *World) resend(e *event) {
	r, from := w.taken(e.b), w.nodes[e.a]
	if from.life == e.gen && from.up {
		w.route(r, from, r.node)
	}
}

func (w *World) deliverAgain(r *Request) { w.fly(r, r.node.id, w.now) }

func (w *World) lose(r *Request, from, to *Node, why string) {
	r.shape().count.lost++
	w.hash = mix(w.hash, r.ID)
	w.record(trace.Event{What: trace.Lost, Node: int32(from.id), Peer: int32(to.id), Msg: &r.Message.Message, Text: why})
}

// arrive is the end of a message's way.
func (w *World) arrive(e *event) doing {
	n := w.nodes[e.a]
	if n.paused && n.up {
		n.hold(*e)
		return nothing
	}
	r := w.taken(e.b)
	if why := w.refuses(n, r); why != "" {
		w.lose(r, w.nodes[r.from], n, why)
		return nothing
	}
	r.node, r.back = n, false
	w.hash = mix(w.hash, r.ID)
	w.asker = r
	if r.IsReply && r.Call != 0 {
		return w.arriveReply(n, r)
	}
	r.shape().count.delivered++
	if w.tracing {
		w.recordArrival(trace.Deliver, n, r, "")
	}
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

// refuses says why a message is lost at the end of its way.
func (w *World) refuses(n *Node, r *Request) string {
	switch {
	case !n.up:
		return "down"
	case n.draining && !r.IsReply:
		return "draining"
	case w.network.troubled(r.from, n.id) && w.cut(w.nodes[r.from], n):
		return "partition"
	}
	return ""
}

func (w *World) recordArrival(what trace.What, n *Node, r *Request, text string) {
	w.record(trace.Event{What: what, Node: int32(n.id), Peer: int32(r.from), Msg: &r.Message.Message, Text: text})
}

// arriveReply takes an answer to the process that waits for it. A later answer is
// seen by nobody.
func (w *World) arriveReply(n *Node, r *Request) doing {
	if r.Call&outsideToken != 0 {
		if r.Call == outsideToken|w.awaited && w.answer == nil {
			r.shape().count.delivered++
			w.recordArrival(trace.Deliver, n, r, "")
			w.answer = r
			return nothing
		}
	} else if p := w.procs[r.Call>>32]; p.gen == uint32(r.Call) && p.parked && p.node == n {
		r.shape().count.delivered++
		w.recordArrival(trace.Deliver, n, r, "")
		return p.ready(r)
	}
	r.shape().count.late++
	w.recordArrival(trace.Late, n, r, "late")
	return nothing
}

// dispatch gives a message to whoever takes it: the handler of its kind, a process
// that waits for it, the handler of all kinds, the mailbox.
func (w *World) dispatch(n *Node, r *Request) doing {
	for i := range n.handlers {
		if h := &n.handlers[i]; same(h.kind, r.Kind) {
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
	return w.dispatchRest(n, r)
}

func (w *World) dispatchRest(n *Node, r *Request) doing {
	if n == w.outside {
		w.inbox = append(w.inbox, r)
		return nothing
	}
	for i := range n.handlers {
		if h := &n.handlers[i]; h.kind == "*" {
			w.next.node, w.next.handler, w.next.request = n, h, r
			return callHandler
		}
	}
	if n.procs == nil && len(n.handlers) > 0 && !r.IsReply {
		w.nobodyTakes(n, r)
	}
	n.mailbox = append(n.mailbox, r)
	return nothing
}

func (w *World) nobodyTakes(n *Node, r *Request) {
	var has []string
	for _, h := range n.handlers {
		has = append(has, h.kind)
	}
	host.Mistakef("message %q from %s: node %s has no handler for it (it has: %s)%s", r.Kind, r.From, n.Name, list(has), n.place())
}
