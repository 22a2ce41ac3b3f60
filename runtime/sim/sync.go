package sim

import (
	"fmt"
	"time"

	"netsplit/runtime/host"
)

// The means by which processes of one node wait for each other. They belong to a
// node, cost no time, wake in the order in which was waited, and appear by name in
// the report of a deadlock. Memory that they are is gone at a crash.

// waitlist is processes that wait, first come first served.
type waitlist struct {
	node *Node
	name string
	list []waiter
}

type waiter struct {
	p   *proc
	gen uint32
}

func (l *waitlist) wait(verb, holder string) {
	p := l.node.process(verb)
	p.waits(forLock, l.name, holder)
	l.list = append(l.list, waiter{p, p.gen})
	p.park()
}

// wake lets the longest waiting process go on, and tells whether there was one.
func (l *waitlist) wake() bool {
	for len(l.list) > 0 {
		next := l.list[0]
		l.list = l.list[1:]
		if next.p.gen == next.gen && next.p.parked && !next.p.cancelled {
			w := l.node.world
			w.schedule(event{at: w.now, what: evWake, a: next.p.id, gen: next.gen})
			return true
		}
	}
	return false
}

// Mutex lets one process of a node in at a time.
type Mutex struct {
	waiting waitlist
	held    bool
	holder  string
}

// NewMutex makes a mutex; its name appears in the report of a deadlock.
func (n *Node) NewMutex(name string) *Mutex {
	n.enter("node.NewMutex")
	return &Mutex{waiting: waitlist{node: n, name: "mutex " + name}}
}

// Lock waits until the mutex is free and takes it.
func (m *Mutex) Lock() {
	p := m.waiting.node.process("Lock")
	if m.held {
		m.waiting.wait("Lock", m.holder)
	}
	m.held, m.holder = true, p.task
}

// Unlock gives the mutex to the process that has waited longest, or frees it.
func (m *Mutex) Unlock() {
	m.waiting.node.enter("Unlock")
	if !m.held {
		host.Mistakef("Unlock: %s is not locked%s", m.waiting.name, m.waiting.node.place())
	}
	m.held = m.waiting.wake()
}

// Semaphore lets a number of processes in at a time.
type Semaphore struct {
	waiting waitlist
	free    int
}

// NewSemaphore makes a semaphore with so many places.
func (n *Node) NewSemaphore(name string, places int) *Semaphore {
	n.enter("node.NewSemaphore")
	return &Semaphore{waitlist{node: n, name: "semaphore " + name}, places}
}

// Acquire waits for a place and takes it.
func (s *Semaphore) Acquire() {
	s.waiting.node.process("Acquire")
	if s.free > 0 {
		s.free--
		return
	}
	s.waiting.wait("Acquire", "")
}

// TryAcquire takes a place if there is one.
func (s *Semaphore) TryAcquire() bool {
	s.waiting.node.enter("TryAcquire")
	if s.free == 0 {
		return false
	}
	s.free--
	return true
}

// Release gives a place back.
func (s *Semaphore) Release() {
	s.waiting.node.enter("Release")
	if !s.waiting.wake() {
		s.free++
	}
}

// WaitGroup waits for a number of things to be done.
type WaitGroup struct {
	waiting waitlist
	open    int
}

// NewWaitGroup makes a wait group with nothing to wait for.
func (n *Node) NewWaitGroup(name string) *WaitGroup {
	n.enter("node.NewWaitGroup")
	return &WaitGroup{waiting: waitlist{node: n, name: "wait group " + name}}
}

// Add says that so many more things are to be done.
func (g *WaitGroup) Add(things int) {
	g.waiting.node.enter("Add")
	g.open += things
	if g.open < 0 {
		host.Mistakef("%s: more things are done than were added%s", g.waiting.name, g.waiting.node.place())
	}
	for g.open == 0 && g.waiting.wake() {
	}
}

// Done says that one thing is done.
func (g *WaitGroup) Done() { g.Add(-1) }

// Wait waits until everything is done.
func (g *WaitGroup) Wait() {
	g.waiting.node.process("Wait")
	if g.open > 0 {
		g.waiting.wait("Wait", "")
	}
}

// Future is a value that somebody will have later.
type Future struct {
	waiting waitlist
	done    bool
	value   any
}

// NewFuture makes a future without its value.
func (n *Node) NewFuture(name string) *Future {
	n.enter("node.NewFuture")
	return &Future{waiting: waitlist{node: n, name: "future " + name}}
}

// Set gives the future its value, once; later values are ignored, and false says so.
func (f *Future) Set(value any) bool {
	f.waiting.node.enter("Set")
	if f.done {
		return false
	}
	f.done, f.value = true, value
	for f.waiting.wake() {
	}
	return true
}

// Done tells whether the value is there.
func (f *Future) Done() bool { return f.done }

// Get waits for the value.
func (f *Future) Get() any {
	f.waiting.node.process("Get")
	if !f.done {
		f.waiting.wait("Get", "")
	}
	return f.value
}

// Queue passes values from processes of a node to others, in order. It holds so many
// at most; who puts more waits.
type Queue struct {
	values     []any
	came       []time.Duration
	flow       *Flow
	bound      int
	put, taken waitlist
}

// NewQueue makes a queue for at most so many values.
func (n *Node) NewQueue(name string, atMost int) *Queue {
	n.enter("node.NewQueue")
	if atMost < 1 {
		host.Mistakef("node.NewQueue(%q, %d): a queue holds at least one value%s", name, atMost, n.place())
	}
	return &Queue{bound: atMost, flow: n.world.Flow("queue " + name + " of " + n.Name), put: waitlist{node: n, name: fmt.Sprintf("room in queue %s", name)}, taken: waitlist{node: n, name: "a value of queue " + name}}
}

// Put appends a value, after waiting for room.
func (q *Queue) Put(value any) {
	q.put.node.process("Put")
	for len(q.values) >= q.bound {
		q.put.wait("Put", "")
	}
	q.add(value)
	q.taken.wake()
}

// TryPut appends a value if there is room.
func (q *Queue) TryPut(value any) bool {
	q.put.node.enter("TryPut")
	if len(q.values) >= q.bound {
		return false
	}
	q.add(value)
	q.taken.wake()
	return true
}

func (q *Queue) add(value any) {
	q.values, q.came = append(q.values, value), append(q.came, q.flow.Enter())
}

// Take removes the first value, after waiting for one.
func (q *Queue) Take() any {
	q.taken.node.process("Take")
	for len(q.values) == 0 {
		q.taken.wait("Take", "")
	}
	v := q.values[0]
	q.flow.Leave(q.came[0])
	q.values, q.came = q.values[1:], q.came[1:]
	q.put.wake()
	return v
}

// Work is how values went through the queue: how many were there on average and how
// long they waited.
func (q *Queue) Work() Work { return q.flow.Work() }

// Len is the number of values in the queue.
func (q *Queue) Len() int { return len(q.values) }
