package sim

import (
	"fmt"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// Task is a process that can be waited for and cancelled (node.Start).
type Task struct {
	node      *Node
	name      string
	run       func()
	proc      *proc
	gen       uint32 // the life of the node in which it was started
	waiting   waitlist
	done      bool
	cancelled bool
}

// Start starts another process of the node, as Go does, and returns it. It is known
// by its name in the report of a deadlock.
//
//	search := node.Start("search", func() { … })
//	if !search.WaitWithin(20 * ms) {
//		search.Cancel()
//	}
func (n *Node) Start(name string, run func()) *Task {
	n.enter("node.Start")
	w := n.world
	w.cells = w.cells || interpreted(run)
	t := &Task{node: n, name: name, run: run, gen: n.life, waiting: waitlist{node: n, name: "task " + name}}
	w.schedule(event{at: w.now, what: evRun, a: n.id, gen: n.life, b: w.keep(timed{do: t.body, name: name})})
	return t
}

func (t *Task) body() {
	if t.cancelled {
		return
	}
	t.proc = t.node.world.cur
	defer t.end()
	t.run()
}

// end tells those who wait. A task that a crash ends has nobody to tell.
func (t *Task) end() {
	t.done, t.proc = true, nil
	if t.node.life == t.gen && t.node.up {
		for t.waiting.wake() {
		}
	}
}

// Cancel ends the task where it waits: its deferred functions run (and may unlock and
// send), nothing else of it does. It tells whether there was something to end. What it asked of other nodes
// they do all the same. A task does not cancel itself: it returns.
func (t *Task) Cancel() bool {
	t.node.enter("Cancel")
	if t.done || t.cancelled {
		return false
	}
	t.cancelled = true
	if t.proc == nil { // it has not begun
		t.end()
		return true
	}
	p, w := t.proc, t.node.world
	if p == w.cur {
		host.Mistakef("Cancel: a task does not cancel itself, it returns%s", t.node.place())
	}
	t.node.forget(p)
	p.cancelled = true
	w.schedule(event{at: w.now, what: evWake, a: p.id, gen: p.gen})
	return true
}

// Cancelled tells whether the task was cancelled.
func (t *Task) Cancelled() bool { return t.cancelled }

// Done tells whether the task has ended, by itself or cancelled.
func (t *Task) Done() bool { return t.done }

// Wait waits until the task has ended.
func (t *Task) Wait() {
	t.node.process("Wait")
	if !t.done {
		t.waiting.wait("Wait", "")
	}
}

// WaitWithin is Wait with a time limit; it tells whether the task has ended.
func (t *Task) WaitWithin(d time.Duration) bool {
	p := t.node.process("WaitWithin")
	if !t.done {
		p.waits(forLock, t.waiting.name, "")
		t.waiting.list = append(t.waiting.list, waiter{p, p.gen})
		p.wakeIn(t.node.clock.span(d))
		p.park()
	}
	return t.done
}

// DeadlineExceeded is the error of node.Within: the deadline passed before the work was done.
type DeadlineExceeded struct {
	Within time.Duration
	Node   string
	At     time.Duration
	Seed   uint64
}

// Error is a sentence that says who had how long, and when it was over.
func (e *DeadlineExceeded) Error() string {
	return fmt.Sprintf("not done within %v; node %s, %s, seed %d", e.Within, e.Node, trace.Clock(e.At), e.Seed)
}

// Within does something that has to be done within a span of time, whatever it waits
// for: when the deadline passes, it is cancelled where it waits, and Within returns a
// *DeadlineExceeded.
//
//	err := node.Within(200*ms, func() {
//		node.Call("a", "prepare")
//		node.Call("b", "prepare")
//	})
func (n *Node) Within(d time.Duration, do func()) error {
	n.process("node.Within")
	t := n.Start("within "+d.String(), do)
	if t.WaitWithin(d) {
		return nil
	}
	t.Cancel()
	return &DeadlineExceeded{Within: d, Node: n.Name, At: n.world.Now(), Seed: n.world.seed}
}
