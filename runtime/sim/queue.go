package sim

import (
	"math/bits"
	"slices"
)

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

func (e *event) before(f *event) bool {
	return e.at < f.at || e.at == f.at && e.seq < f.seq
}

// queue gives back events ordered by (time, sequence), however it keeps them.
//
// While few wait, all stand in a heap. When many wait, a heap costs a chain of misses
// of the cache per event; then time is cut into buckets of equal width. Events of a
// later bucket are only thrown into it; when its turn comes they are sorted into a run,
// which is read from front to back. What is scheduled into the time of the run goes to
// the heap, what lies beyond the buckets to another. The width follows the events.
type queue struct {
	n     int
	near  heap
	cut   bool // time is cut into buckets
	inRun bool // the first event stands in the run, not in near

	run   []event
	next  int // in run
	spare []event

	shift uint  // a bucket is 1<<shift nanoseconds wide
	base  int64 // the bucket of the run, counted from time 0
	*table
	chunks []chunk // the first is not used
	free   uint32
	far    heap

	starts []uint32 // where the parts of a run begin

	// Since the width was chosen.
	loads, loaded int
	from          int64 // the bucket in which counting began
}

// table is the buckets: the first and the last chunk of each, and which have any.
type table struct {
	heads  [buckets]uint32
	tails  [buckets]uint32
	filled [buckets / 64]uint64
}

const (
	buckets = 512
	few     = 256 // up to so many events a heap is as good
)

// chunk is a part of a bucket.
type chunk struct {
	events [15]event
	n      uint32
	next   uint32
}

// len is how many events wait.
func (q *queue) len() int { return q.n }

func (q *queue) push(e event) {
	q.n++
	if !q.cut {
		q.near.push(e)
		if q.n > few {
			q.divide()
		}
		return
	}
	q.throw(e)
}

// throw puts an event where its time belongs.
func (q *queue) throw(e event) {
	switch ahead := e.at>>q.shift - q.base; {
	case ahead <= 0:
		q.near.push(e)
	case ahead >= buckets:
		q.far.push(e)
	default:
		b := e.at >> q.shift % buckets
		last := q.tails[b]
		if last == 0 || q.chunks[last].n == uint32(len(q.chunks[0].events)) {
			last = q.lengthen(b)
		}
		c := &q.chunks[last]
		c.events[c.n] = e
		c.n++
	}
}

// lengthen appends a chunk to a bucket.
func (q *queue) lengthen(b int64) uint32 {
	i := q.free
	if i != 0 {
		q.free = q.chunks[i].next
		q.chunks[i].n, q.chunks[i].next = 0, 0
	} else {
		i = uint32(len(q.chunks))
		q.chunks = append(q.chunks, chunk{})
	}
	if last := q.tails[b]; last != 0 {
		q.chunks[last].next = i
	} else {
		q.heads[b] = i
		q.filled[b/64] |= 1 << (b % 64)
	}
	q.tails[b] = i
	return i
}

// ready tells whether first has nothing to sort.
func (q *queue) ready() bool { return q.next < len(q.run) || q.near.len() > 0 }

// first is the earliest event, or nil.
func (q *queue) first() *event {
	for {
		e := q.near.first()
		if q.next < len(q.run) {
			if r := &q.run[q.next]; e == nil || r.before(e) {
				q.inRun = true
				return r
			}
		}
		q.inRun = false
		if e != nil || !q.cut || !q.load() {
			return e
		}
	}
}

// pop takes the event that first has found.
func (q *queue) pop(to *event) {
	q.n--
	if q.inRun {
		*to = q.run[q.next]
		q.next++
		return
	}
	q.near.pop(to)
}

// load makes the next bucket that is not empty the run. It is false when there is none.
func (q *queue) load() bool {
	bucket, found := q.nextFilled()
	if e := q.far.first(); e != nil && (!found || e.at>>q.shift < bucket) {
		bucket, found = e.at>>q.shift, true
	}
	if !found {
		q.cut = false
		return false
	}
	if q.loads >= 64 && q.loads+q.loaded > q.n && q.tune() {
		return true
	}
	q.base = bucket
	q.run, q.next = q.empty(q.run[:0], bucket%buckets), 0
	for e := q.far.first(); e != nil && e.at>>q.shift <= bucket; e = q.far.first() {
		q.run = append(q.run, event{})
		q.far.pop(&q.run[len(q.run)-1])
	}
	q.loads++
	q.loaded += len(q.run)
	q.sort()
	if most := 4*len(q.run) + 4*few; cap(q.spare) > most || cap(q.far.h) > most+4*q.far.len() {
		q.spare = nil
		q.far.h = slices.Clip(append([]event(nil), q.far.h...))
	}
	return true
}

// nextFilled is the next bucket after base with an event in it.
func (q *queue) nextFilled() (bucket int64, found bool) {
	start := (q.base + 1) % buckets
	word := start / 64
	rest := q.filled[word] &^ (1<<(start%64) - 1)
	for range len(q.filled) + 1 {
		if rest != 0 {
			b := word*64 + int64(bits.TrailingZeros64(rest))
			return q.base + 1 + (b-start+buckets)%buckets, true
		}
		word = (word + 1) % int64(len(q.filled))
		rest = q.filled[word]
	}
	return 0, false
}

// empty appends the events of a bucket to list.
func (q *queue) empty(list []event, b int64) []event {
	for i := q.heads[b]; i != 0; {
		c := &q.chunks[i]
		list = append(list, c.events[:c.n]...)
		next := c.next
		c.next, q.free = q.free, i
		i = next
	}
	q.heads[b], q.tails[b] = 0, 0
	q.filled[b/64] &^= 1 << (b % 64)
	return list
}

// sort orders the run: by parts of the bucket's time first, then within these.
func (q *queue) sort() {
	m := len(q.run)
	if m > 24 {
		parts := uint(bits.Len(uint(m)))
		parts = min(parts, q.shift, 12)
		if len(q.starts) <= 1<<parts {
			q.starts = make([]uint32, 2<<parts)
		}
		starts := q.starts[:1<<parts+1]
		clear(starts)
		down := q.shift - parts
		mask := int64(1)<<parts - 1
		for i := range q.run {
			starts[q.run[i].at>>down&mask+1]++
		}
		for i := 1; i < 1<<parts; i++ {
			starts[i+1] += starts[i]
		}
		if cap(q.spare) < m {
			q.spare = make([]event, m+m/2)
		}
		to := q.spare[:m]
		for i := range q.run {
			p := q.run[i].at >> down & mask
			to[starts[p]] = q.run[i]
			starts[p]++
		}
		q.run, q.spare = to, q.run
	}
	run := q.run
	for i := 1; i < len(run); i++ {
		if run[i-1].before(&run[i]) {
			continue
		}
		e, j := run[i], i
		for j > 0 && e.before(&run[j-1]) {
			run[j] = run[j-1]
			if j--; i-j > 64 { // hardly sorted: the general way
				run[j] = e
				slices.SortFunc(run, func(a, b event) int {
					if a.before(&b) {
						return -1
					}
					return 1
				})
				return
			}
		}
		run[j] = e
	}
}

// divide begins to cut time into buckets.
func (q *queue) divide() {
	all := q.near.h
	if q.near.hole {
		all = all[1:]
	}
	all = append(q.spare[:0], all...)
	q.spare = nil
	slices.SortFunc(all, func(a, b event) int {
		if a.before(&b) {
			return -1
		}
		return 1
	})
	q.near = heap{} // it stays small from now on
	if q.chunks == nil {
		q.chunks, q.table = make([]chunk, 1, 64), new(table)
	}
	q.cut, q.run, q.next = true, q.run[:0], 0
	half := len(all) / 2
	q.widen(all[half].at-all[0].at, half)
	q.base = all[0].at >> q.shift
	q.loads, q.loaded, q.from = 0, 0, q.base
	for i := range all {
		q.throw(all[i])
	}
	q.spare = all[:0]
}

// widen chooses the width of buckets when so many events took place in a span: a part
// of all that wait, so that few are scheduled into the time of the run itself.
func (q *queue) widen(span int64, events int) {
	share := int64(min(max(q.n/32, 16), 1024))
	width := max(span/int64(max(events, 1))*share, 1)
	q.shift = uint(bits.Len64(uint64(width)) - 1)
}

// tune looks whether buckets have the right width, and cuts time anew if not. It is
// called when run and near are empty.
func (q *queue) tune() bool {
	span, events, old := (q.base-q.from+1)<<q.shift, q.loaded, q.shift
	q.loads, q.loaded, q.from = 0, 0, q.base+1
	q.widen(span, events)
	change := int(q.shift) - int(old)
	if q.n > few/4 && change >= -1 && change <= 1 {
		q.shift = old
		return false
	}
	all := q.spare[:0]
	q.spare = nil
	for b := range int64(buckets) {
		all = q.empty(all, b)
	}
	all = append(all, q.far.events()...)
	q.far.h, q.far.hole = q.far.h[:0], false
	q.run, q.next = q.run[:0], 0
	if q.n <= few/4 { // a heap is better again
		q.cut = false
		for i := range all {
			q.near.push(all[i])
		}
	} else {
		q.base = (q.base + 1) << old >> q.shift
		q.from = q.base
		for i := range all {
			q.throw(all[i])
		}
	}
	q.spare = all[:0]
	return true
}

// heap is a 4-ary heap. An event that is taken leaves a hole at the top, because the
// code that it calls mostly schedules another, which then sinks from there: one way
// through the heap instead of two.
type heap struct {
	h    []event
	hole bool
}

func (q *heap) len() int {
	if q.hole {
		return len(q.h) - 1
	}
	return len(q.h)
}

// events are all that wait, in no order.
func (q *heap) events() []event {
	if q.hole {
		return q.h[1:]
	}
	return q.h
}

// first is the earliest event, or nil.
func (q *heap) first() *event {
	if q.hole {
		q.fill()
	}
	if len(q.h) == 0 {
		return nil
	}
	return &q.h[0]
}

// pop takes the earliest event, which first has found.
func (q *heap) pop(to *event) {
	*to = q.h[0]
	q.hole = true
}

// fill puts the last event into the hole.
func (q *heap) fill() {
	n := len(q.h) - 1
	e := q.h[n]
	q.h = q.h[:n]
	q.hole = false
	if n > 0 {
		q.sink(e)
	}
}

func (q *heap) push(e event) {
	if q.hole {
		q.hole = false
		q.sink(e)
		return
	}
	q.h = append(q.h, e)
	h := q.h
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
func (q *heap) sink(e event) {
	h := q.h
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
