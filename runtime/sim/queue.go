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

// queue is a 4-ary heap ordered by (time, sequence).
type queue struct{ heap []event }

func (e *event) before(f *event) bool {
	return e.at < f.at || e.at == f.at && e.seq < f.seq
}

func (q *queue) push(e event) {
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

func (q *queue) pop() event {
	h := q.heap
	top := h[0]
	n := len(h) - 1
	e := h[n]
	h = h[:n]
	q.heap = h
	if n == 0 {
		return top
	}
	i := 0
	for {
		c := 4*i + 1
		if c >= n {
			break
		}
		least := c
		for j := c + 1; j < min(c+4, n); j++ {
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
	return top
}
