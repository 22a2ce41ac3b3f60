package sim

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"netsplit/runtime/host"
)

// proc is a coroutine. It is either the one that runs the scheduler and, on top
// of it, the code of handlers and programs; or, once such code blocks, the process
// that waits with its stack; or idle in the pool. So a handler that does not block
// costs no switch, and one that does costs nobody a decision beforehand.
type proc struct {
	w     *World
	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool
	g     uintptr
	id    uint32
	gen   uint32 // of the wait: what was scheduled for an earlier one is stale
	run   uint32 // the run of the world in which it last was resumed
	cause int32  // the message that it handles, for the trace

	wait                        waiting
	parked, doomed, dying, dead bool
	cancelled                   bool // ends where it waits, in order: see Task.Cancel
	linked                      bool // stands in node.procs
	inHandler                   bool

	node       *Node // whose code it runs
	task       string
	prev, succ *proc
	kind       string    // what it waits for
	kinds      *[]string // more of them
	on         string    // from whom
	since      int64
	got        *Request
}

type waiting uint8

const (
	notWaiting waiting = iota
	forSleep
	forReply
	forMessage
	forLock
)

// take gives an idle coroutine or makes one.
func (w *World) take() *proc {
	if n := len(w.idle); n > 0 {
		p := w.idle[n-1]
		w.idle = w.idle[:n-1]
		return p
	}
	p := &proc{w: w}
	if n := len(w.slots); n > 0 {
		p.id = w.slots[n-1]
		w.slots = w.slots[:n-1]
		p.gen = w.procs[p.id].gen + 1
		w.procs[p.id] = p
	} else {
		p.id = uint32(len(w.procs))
		w.procs = append(w.procs, p)
	}
	p.next, p.stop = iter.Pull(p.body)
	return p
}

// body is the life of a coroutine.
func (p *proc) body(yield func(struct{}) bool) {
	w := p.w
	defer func() {
		r := recover()
		if r == any(w.unwind) {
			r = nil
		}
		if r != nil {
			w.failed(p, r)
		}
		p.dead, p.parked = true, false
		p.gen++ // what was to wake it is stale
		p.leave()
		if w.main == p {
			w.main = nil
		}
		w.slots = append(w.slots, p.id)
		if r != nil {
			panic(r)
		}
	}()
	p.g = getg()
	p.yield = yield
	for {
		p.arrive()
		w.loop(p)
		w.idle = append(w.idle, p)
		if w.main == p {
			w.main = nil
		}
		w.curg, w.cur = 0, nil
		if !yield(struct{}{}) {
			return
		}
	}
}

// arrive says that p has the processor now.
func (p *proc) arrive() {
	w := p.w
	w.curg = p.g
	if p.run != w.runs {
		p.run = w.runs
		host.Become(w.owner)
	}
}

// leave takes p out of its node's list.
func (p *proc) leave() {
	if !p.linked {
		p.node = nil
		return
	}
	if p.prev != nil {
		p.prev.succ = p.succ
	} else {
		p.node.procs = p.succ
	}
	if p.succ != nil {
		p.succ.prev = p.prev
	} else {
		p.node.lastProc = p.prev
	}
	p.prev, p.succ, p.linked, p.node = nil, nil, false, nil
}

// join puts p at the end of its node's list, when its code first blocks.
func (p *proc) join() {
	n := p.node
	p.linked = true
	p.prev = n.lastProc
	if p.prev != nil {
		p.prev.succ = p
	} else {
		n.procs = p
	}
	n.lastProc = p
}

// loop is the scheduler: it takes events in order until the run ends or the code
// that it called blocks and p becomes a waiting process; then, when that code
// comes back here, p is no longer the one that schedules.
func (w *World) loop(p *proc) {
	for w.main == p {
		do := w.pending
		if do == nothing {
			if !w.more() {
				w.ended = true
				return
			}
			w.queue.pop(&w.event)
			if w.queue.n > manyEvents {
				w.fetchAhead()
			}
			do = w.step(&w.event)
		} else {
			w.pending = nothing
		}
		switch next := &w.next; do {
		case callHandler:
			h := *next.handler
			p.begin(next.node, next.request.Kind, true)
			r := next.request
			p.cause = r.Sent()
			h.fn(r)
			p.finish()
			if w.reuse {
				w.takeBack(r)
			}
			if h.cell {
				w.glance()
			}
		case callProgram:
			p.begin(next.node, "program", false)
			next.node.program(next.node)
			p.finish()
			w.glance()
		case callFunc:
			p.begin(next.node, next.name, false)
			p.cause = next.cause
			next.fn()
			p.finish()
			w.glance()
		case resume:
			w.cur = next.proc
			next.proc.next()
			w.curg, w.cur = p.g, nil
			if w.cells {
				w.glance()
			}
		}
	}
}

func (p *proc) begin(n *Node, task string, handler bool) {
	p.node, p.task, p.inHandler, p.cause = n, task, handler, 0
	p.w.cur = p
	n.steps++
}

func (p *proc) finish() {
	p.leave()
	p.w.cur = nil
	if p.doomed { // its node crashed while the code ran; it ended by itself
		p.doomed = false
	}
}

// park gives way until something wakes p. While the next events need no code of
// anybody else they are handled right here, without a switch.
func (p *proc) park() {
	w := p.w
	p.parked, p.since = true, w.now
	w.cur = nil
	if !p.linked {
		p.join()
	}
	for w.pending == nothing && w.queue.ready() && w.more() {
		w.queue.pop(&w.event)
		do := w.step(&w.event)
		if p.doomed {
			w.pending = do
			p.unwind()
		}
		if do == resume && w.next.proc == p {
			w.cur = p
			if p.cancelled {
				p.giveUp()
			}
			return
		}
		w.pending = do
	}
	if w.main == p {
		w.main = nil
	}
	w.curg = 0
	if !p.yield(struct{}{}) {
		p.unwind()
	}
	p.arrive()
	if p.cancelled {
		p.giveUp()
	}
}

// giveUp ends the running code of p, which was cancelled: unlike after a crash, its
// deferred functions may call the node.
func (p *proc) giveUp() {
	p.cancelled = false
	panic(p.w.unwind)
}

// unwind ends the running code of p: its node crashed or its world is over.
func (p *proc) unwind() {
	p.dying, p.doomed = true, false
	panic(p.w.unwind)
}

// ready ends the wait of p and returns the action that lets it go on.
func (p *proc) ready(got *Request) doing {
	p.got = got
	p.gen++
	p.parked, p.wait = false, notWaiting
	p.node.steps++
	p.w.next.proc = p
	return resume
}

// waits says what p is about to wait for and returns the token by which the wait
// is recognised.
func (p *proc) waits(wait waiting, kind, on string) uint64 {
	p.gen++
	p.wait, p.kind, p.on = wait, kind, on
	p.kinds, p.got = nil, nil
	return uint64(p.id)<<32 | uint64(p.gen)
}

// wakeIn schedules the end of the present wait.
func (p *proc) wakeIn(d time.Duration) {
	p.w.schedule(event{at: p.w.after(d), what: evWake, a: p.id, gen: p.gen})
}

// kill ends a process from outside. The deferred functions of its code run.
func (w *World) kill(p *proc) {
	if p.g == w.curg {
		p.doomed = true // it runs, or is the one in park that handles events
		return
	}
	running, cur := w.curg, w.cur
	w.killing, w.curg = p.g, 0
	p.dying = true
	defer func() { w.killing, w.curg, w.cur = 0, running, cur }()
	p.stop()
}

// accepts tells whether a process in Receive takes this kind.
func (p *proc) accepts(kind string) bool {
	if p.kind == kind || p.kind == "" {
		return true
	}
	if p.kinds != nil {
		return slices.Contains(*p.kinds, kind)
	}
	return false
}

// names are all the kinds that p waits for.
func (p *proc) names() []string {
	if p.kinds == nil {
		return []string{p.kind}
	}
	return append([]string{p.kind}, *p.kinds...)
}

// String says who p is and what it waits for, since when.
func (p *proc) String() string {
	who := p.node.Name
	switch {
	case p.inHandler:
		who += fmt.Sprintf(" (handling %q)", p.task)
	case p.task != "program":
		who += " (" + p.task + ")"
	}
	what := "sleeps"
	switch p.wait {
	case forReply:
		what = fmt.Sprintf("waits for the reply of %s to %q", p.on, p.kind)
	case forMessage:
		what = "waits for a message"
		if p.kind != "" {
			what = fmt.Sprintf("waits for %q", strings.Join(p.names(), `" or "`))
		}
	case forLock:
		what = "waits for " + p.kind
		if p.on != "" {
			what += ", held by " + p.on
		}
	}
	return fmt.Sprintf("%s %s since %s", who, what, clock(p.since))
}
