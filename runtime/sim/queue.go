package sim

// An event is a value of 32 bytes without pointers: it can be compared, counted
// and hashed, and the collector never looks at the queue.
type event struct {
	at   int64
	seq  uint64
	a, b uint32 // by kind: node, process, slot of a message, number of a fault
	gen  uint32 // of what it belongs to: an event of an earlier life is skipped
	what happening
}

type happening uint8

const (
	evDeliver  happening = iota + 1 // a: node, b: slot in flight
	evWake                          // a: process, gen: of its wait
	evStart                         // a: node, gen: incarnation
	evRun                           // a: node, b: slot of a function, gen: incarnation
	evServed                        // a: node, gen: incarnation
	evFault                         // a: fault, b: 0 begins, 1 ends
	evDeadline                      // a: promise
	evResend                        // a: sender, b: slot in flight, gen: incarnation
)

// queue is a 4-ary heap ordered by (time, sequence). An event that is taken leaves a
// hole at the top, because the code that it calls mostly schedules another, which
// then sinks from there: one way through the heap instead of two.
type queue struct {
	heap []event
	hole bool
}

func (e *event) before(f *event) bool {
	return e.at < f.at || e.at == f.at && e.seq < f.seq
}

// len is how many events wait.
func (q *queue) len() int {
	if q.hole {
		return len(q.heap) - 1
	}
	return len(q.heap)
}

// first is the earliest event, or nil.
func (q *queue) first() *event {
	if q.hole {
		q.fill()
	}
	if len(q.heap) == 0 {
		return nil
	}
	return &q.heap[0]
}

// pop takes the earliest event, which first has found.
func (q *queue) pop(to *event) {
	*to = q.heap[0]
	q.hole = true
}

// fill puts the last event into the hole.
func (q *queue) fill() {
	n := len(q.heap) - 1
	e := q.heap[n]
	q.heap = q.heap[:n]
	q.hole = false
	if n > 0 {
		q.sink(e)
	}
}

func (q *queue) push(e event) {
	if q.hole {
		q.hole = false
		q.sink(e)
		return
	}
	q.heap = append(q.heap, e)
	h := q.heap
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 4
		if !e.before(&h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = e
}

// sink lets e sink from the top, which is free, to where it belongs.
func (q *queue) sink(e event) {
	h := q.heap
	i := 0
	for {
		c := 4*i + 1
		if c >= len(h) {
			break
		}
		least := c
		for j := c + 1; j < min(c+4, len(h)); j++ {
			if h[j].before(&h[least]) {
				least = j
			}
		}
		if !h[least].before(&e) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = e
}
