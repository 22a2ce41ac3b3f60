package sim

import (
	"fmt"
	"math"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// details are what the code needs that an event asks for: see doing.
type details struct {
	node    *Node
	handler *handler
	request *Request
	proc    *proc
	fn      func()
	name    string
	cause   int32
}

// doing is what an event asks for beyond changing the world's own state: code to be
// called or a process to go on. The details stand in world.next.
type doing uint8

const (
	nothing doing = iota
	callHandler
	callProgram
	callFunc
	resume
)

// timed is a function to be called at a time: of node.After, node.Go, world.At.
type timed struct {
	do     func()
	name   string
	timer  *Timer
	period time.Duration
	cause  int32 // the message because of which it was asked for
}

func (w *World) keep(t timed) uint32 {
	if w.cur != nil && t.period == 0 {
		t.cause = w.cur.cause
	}
	if n := len(w.free); n > 0 {
		i := w.free[n-1]
		w.free = w.free[:n-1]
		w.funcs[i] = t
		return i
	}
	w.funcs = append(w.funcs, t)
	return uint32(len(w.funcs) - 1)
}

func (w *World) schedule(e event) {
	w.seq++
	e.seq = w.seq
	w.queue.push(e)
}

// after is the time d from now; it stays below the end of time.
func (w *World) after(d time.Duration) int64 {
	if d < 0 {
		d = 0
	}
	if int64(d) > math.MaxInt64-w.now {
		return math.MaxInt64
	}
	return w.now + int64(d)
}

// drive runs the scheduler until the limit, or until is true, and returns when
// the world stands still.
func (w *World) drive(limit int64, until func() bool) {
	if w.over != "" {
		host.Mistakef("this world is over: %s; build it anew to run it again", w.over)
	}
	if !w.busy.CompareAndSwap(false, true) {
		host.Mistakef("this world is running already: world.Run can not be called from inside a run or from two cells at once")
	}
	w.limit, w.goal, w.ended = limit, until, false
	w.runs++
	w.owner = host.Current()
	finished := false
	defer func() {
		w.goal = nil
		w.curg, w.cur, w.main = 0, nil, nil
		if !finished {
			if w.over == "" {
				w.over = "it was interrupted at " + clock(w.now)
			}
			w.record(trace.Event{What: trace.Stopped, Node: trace.World, Text: "stopped: " + w.over})
			w.busy.Store(false)
			w.discard()
		}
		w.publish()
		w.busy.Store(false)
	}()
	for !w.ended && w.over == "" {
		m := w.take()
		w.main = m
		m.next()
	}
	if w.over != "" {
		host.Stop() // cancelled: the goroutine ends here, the deferred function discards the world
		return
	}
	if until == nil || !until() {
		w.now = max(w.now, limit)
	}
	w.invariants()
	finished = true
	w.rest()
}

// more tells whether there is an event to take in the present run. Between two
// events it arms faults, judges promises and looks at limits.
func (w *World) more() bool {
	if len(w.unarmed.faults)+len(w.unarmed.nodes) > 0 {
		w.arm()
	}
	if len(w.promises) > 0 {
		w.judge()
	}
	if len(w.conditions) > 0 {
		w.lookWhen()
	}
	if w.over != "" || w.goal != nil && w.goal() {
		return false
	}
	for {
		top := w.queue.first()
		if top == nil {
			w.lookForDeadlock()
			return false
		}
		if top.at > w.limit {
			return false
		}
		if top.what != evWake || w.procs[top.a].gen == top.gen {
			break
		}
		w.queue.pop(&w.event) // the wait it would have ended is over
	}
	if w.budget--; w.budget <= 0 {
		return w.audit()
	}
	return true
}

// glance looks whether the cell is to stop.
func (w *World) glance() {
	if host.Cancelled() && w.over == "" {
		w.over = "it was interrupted at " + clock(w.now)
	}
}

// auditEvery is how many events pass between two looks at cancellation and limits.
const auditEvery = 2048

func (w *World) audit() bool {
	w.budget = auditEvery
	w.glance()
	if w.over != "" {
		return false
	}
	if w.steps >= w.maxEvents {
		w.exceeded(fmt.Sprintf("it made %s events", trace.Thousands(int(w.steps))), "sim.MaxEvents")
	}
	if w.queue.len() > w.maxQueue {
		w.exceeded(fmt.Sprintf("%s events wait in its queue", trace.Thousands(w.queue.len())), "sim.MaxQueue")
	}
	if w.now != w.instant {
		w.instant, w.atInstant = w.now, 0
	} else if w.atInstant += auditEvery; w.atInstant > w.maxInstant {
		w.exceeded(fmt.Sprintf("%s events happened without time going on", trace.Thousands(w.atInstant)), "")
	}
	return true
}

// exceeded ends the world with a sentence that names what was busiest.
func (w *World) exceeded(what, option string) {
	text := fmt.Sprintf("the run was stopped at %s because %s", clock(w.now), what)
	if n := w.busiest(); n != nil {
		text += fmt.Sprintf("; the busiest node is %s (%s events)", n.Name, trace.Thousands(n.steps))
	}
	if c := w.busiestKind(); c != nil {
		text += fmt.Sprintf(", the busiest message %q (%s sent)", c.kind, trace.Thousands(c.sent))
	}
	if option != "" {
		text += "; " + option + " raises the limit"
	}
	panic(&host.Mistake{Text: text + fmt.Sprintf("; seed %d", w.seed)})
}

func (w *World) busiest() *Node {
	var most *Node
	for _, n := range w.nodes {
		if most == nil || n.steps > most.steps {
			most = n
		}
	}
	return most
}

func (w *World) busiestKind() *kindCount {
	var most *kindCount
	for _, c := range w.counts {
		if most == nil || c.sent > most.sent {
			most = c
		}
	}
	return most
}

// step makes one event happen.
func (w *World) step(e *event) doing {
	w.now = e.at
	w.steps++
	w.hash = mix(w.hash, uint64(e.at)^uint64(e.what)<<56^uint64(e.a)<<40)
	switch e.what {
	case evDeliver:
		return w.arrive(e)
	case evWake:
		p := w.procs[e.a]
		if p.node.paused {
			p.node.hold(*e)
			return nothing
		}
		return p.ready(nil)
	case evStart:
		n := w.nodes[e.a]
		switch {
		case n.life != e.gen || !n.up || n.started == n.life+1:
			return nothing
		case n.paused:
			n.hold(*e)
			return nothing
		}
		n.started = n.life + 1
		w.next.node = n
		return callProgram
	case evRun:
		return w.runTimed(e)
	case evServed:
		return w.served(e)
	case evFault:
		f := w.faults[e.a]
		if e.b == 0 {
			w.begin(f)
		} else {
			w.end(f)
		}
	case evResend:
		w.resend(e)
	case evDeadline:
		w.overdue(w.promises[e.a])
	}
	return nothing
}

func (w *World) runTimed(e *event) doing {
	n, t := w.nodes[e.a], w.funcs[e.b]
	if n.life != e.gen || t.timer != nil && t.timer.stopped {
		w.funcs[e.b] = timed{}
		w.free = append(w.free, e.b)
		return nothing
	}
	if n.paused {
		n.hold(*e)
		return nothing
	}
	if t.period > 0 {
		w.schedule(event{at: w.after(t.period), what: evRun, a: e.a, b: e.b, gen: e.gen})
	} else {
		w.funcs[e.b] = timed{}
		w.free = append(w.free, e.b)
		if t.timer != nil {
			t.timer.stopped = true
		}
	}
	w.next.node, w.next.fn, w.next.name, w.next.cause = n, t.do, t.name, t.cause
	return callFunc
}

// lookForDeadlock reports processes that wait for what can not come: the queue is
// empty. A process that waits for a message outside any handler is a server at
// rest, which is no deadlock unless others are stuck.
func (w *World) lookForDeadlock() {
	var stuck []string
	bad := false
	for _, n := range w.nodes {
		for p := n.procs; p != nil; p = p.succ {
			if !p.parked {
				continue
			}
			if p.wait != forMessage || p.inHandler {
				bad = true
			}
			stuck = append(stuck, p.String())
		}
	}
	if !bad || w.stuck {
		return
	}
	w.stuck = true
	w.record(trace.Event{What: trace.Deadlock, Node: trace.World, Text: "deadlock: " + strings.Join(stuck, "; ")})
}

// Waiting says which processes wait, for what and since when.
func (w *World) Waiting() []string {
	w.look("world.Waiting")
	var list []string
	for _, n := range w.nodes {
		for p := n.procs; p != nil; p = p.succ {
			if p.parked {
				list = append(list, p.String())
			}
		}
	}
	return list
}

// failed notes that code of a node panicked.
func (w *World) failed(p *proc, r any) {
	if w.over != "" {
		return
	}
	if m, ok := r.(*host.Mistake); ok {
		w.over = m.Text
		return
	}
	who := "the world"
	if p.node != nil {
		who = "node " + p.node.Name
	}
	w.over = fmt.Sprintf("%s panicked at %s: %v", who, clock(w.now), r)
	if w.quiet {
		return
	}
	fmt.Fprintf(host.Stderr(), "panic in the code of %s at %s of virtual time, seed %d\n", who, clock(w.now), w.seed)
}

// Stop ends the world: its processes are ended and it can not run again. What it
// recorded stays. A world that is not needed any more holds its waiting processes
// until it is stopped; lab.Sweep stops its worlds by itself, and when 100,000
// processes wait in worlds that stand still, those are stopped that ran longest ago.
func (w *World) Stop() {
	w.enter("world.Stop")
	if w.busy.Load() {
		host.Mistakef("world.Stop: the world is running; use it after world.Run")
	}
	if w.over == "" {
		w.over = "it was stopped at " + clock(w.now)
	}
	w.discard()
}

// discard ends all coroutines. Each has a deferred call of its own: should one
// end by Goexit, the others are ended all the same.
func (w *World) discard() {
	standing.Lock()
	w.leaveStanding()
	standing.Unlock()
	all := w.procs
	w.procs, w.idle, w.slots = nil, nil, nil
	w.queue, w.flying = queue{}, nil
	defer w.publish()
	for _, p := range all {
		if p.dead {
			continue
		}
		defer func() {
			p.dying = true
			w.killing, w.curg, w.cur = p.g, 0, nil
			defer func() { w.killing = 0 }()
			p.stop()
		}()
	}
}

// enter checks that the world may be called from here.
func (w *World) enter(verb string) {
	if g := getg(); w.busy.Load() && w.curg != g {
		if w.killing == g {
			panic(w.unwind)
		}
		host.Mistakef("%s: the world is running, and this goroutine is not one of its processes; start it with node.Go or wait for world.Run to end", verb)
	}
	if w.judging {
		host.Mistakef("%s: a promise or a gauge only looks at the world, it does not change it", verb)
	}
}

// look checks a call that only reads.
func (w *World) look(verb string) {
	if w.judging {
		return
	}
	w.enter(verb)
}

// interpreted tells whether f is a function of a cell: an interpreter makes its
// functions by reflection. Then the cancel flag is looked at after every call.
func interpreted(f any) bool {
	fn := runtime.FuncForPC(reflect.ValueOf(f).Pointer())
	return fn == nil || strings.HasPrefix(fn.Name(), "reflect.")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
