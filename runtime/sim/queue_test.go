package sim

import (
	binary "container/heap"
	"math/rand/v2"
	"strconv"
	"testing"
)

// TestTheQueueKeepsOrder compares the queue with container/heap, event by event, while
// it grows, shrinks and changes how it keeps them.
func TestTheQueueKeepsOrder(t *testing.T) {
	laws := map[string]func(dice *rand.Rand, now int64) int64{
		"uniform":       func(dice *rand.Rand, now int64) int64 { return now + dice.Int64N(1e6) },
		"exponential":   func(dice *rand.Rand, now int64) int64 { return now + int64(dice.ExpFloat64()*1e6) },
		"same instants": func(dice *rand.Rand, now int64) int64 { return now/1e6*1e6 + 1e6*dice.Int64N(4) },
		"now":           func(dice *rand.Rand, now int64) int64 { return now + dice.Int64N(2) },
		"near and far": func(dice *rand.Rand, now int64) int64 {
			switch dice.IntN(10) {
			case 0:
				return now + dice.Int64N(1e15)
			case 1:
				return 1<<63 - 1 - dice.Int64N(100)
			}
			return now + dice.Int64N(1e5)
		},
		"bursts": func(dice *rand.Rand, now int64) int64 {
			return now + 1e9*dice.Int64N(3) + int64(dice.ExpFloat64()*1e3)
		},
	}
	for name, law := range laws {
		for _, most := range []int{10, 300, 5_000, 20_000} {
			dice := rand.New(rand.NewPCG(1, uint64(most)))
			var q queue
			var want reference
			seq, now := uint64(0), int64(0)
			push := func() {
				seq++
				at := law(dice, now)
				if at < now {
					at = now
				}
				e := event{at: at, seq: seq, a: uint32(seq)}
				q.push(e)
				binary.Push(&want, e)
			}
			pop := func() {
				e := q.first()
				if e == nil {
					t.Fatalf("%s, %d: the queue is empty, %d events should wait", name, most, want.Len())
				}
				first := *e
				var got event
				q.pop(&got)
				if w := binary.Pop(&want).(event); got != w || first != w {
					t.Fatalf("%s, %d: got %+v (first said %+v), want %+v", name, most, got, first, w)
				}
				now = got.at
			}
			for range 2 {
				for want.Len() < most {
					push()
					if dice.IntN(3) == 0 {
						pop()
					}
				}
				for range 4 * most {
					pop()
					push()
				}
				for range most / 2 { // two for one, and none
					pop()
					if dice.IntN(2) == 0 {
						push()
						push()
					}
				}
				if q.len() != want.Len() {
					t.Fatalf("%s, %d: %d events wait, not %d", name, most, q.len(), want.Len())
				}
				for keep := want.Len() / 100; want.Len() > keep; {
					pop()
				}
			}
			for want.Len() > 0 {
				pop()
			}
			if q.first() != nil || q.len() != 0 {
				t.Fatalf("%s, %d: the queue is not empty at the end", name, most)
			}
		}
	}
}

// reference is the plainest queue that can be right.
type reference []event

func (r reference) Len() int           { return len(r) }
func (r reference) Less(i, j int) bool { return r[i].before(&r[j]) }
func (r reference) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *reference) Push(x any)        { *r = append(*r, x.(event)) }
func (r *reference) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return last
}

// BenchmarkQueue takes and schedules events of exponential delays, in the queue and in
// the bare heap of BenchmarkFloor.
func BenchmarkQueue(b *testing.B) {
	for _, n := range []int{10, 100, 1_000, 10_000, 100_000} {
		dice := rand.New(rand.NewPCG(1, 2))
		delays := make([]int64, 1<<16)
		for i := range delays {
			delays[i] = int64(dice.ExpFloat64() * 1e6)
		}
		b.Run("queue/"+strconv.Itoa(n), func(b *testing.B) {
			var q queue
			for i := range n {
				q.push(event{at: delays[i%len(delays)], seq: uint64(i)})
			}
			var e event
			for i := range b.N {
				q.first()
				q.pop(&e)
				q.push(event{at: e.at + delays[i%len(delays)], seq: uint64(n + i)})
			}
		})
		b.Run("heap/"+strconv.Itoa(n), func(b *testing.B) {
			var h []event
			for i := range n {
				h = pushBare(h, event{at: delays[i%len(delays)], seq: uint64(i)})
			}
			var e event
			for i := range b.N {
				h, e = popBare(h)
				h = pushBare(h, event{at: e.at + delays[i%len(delays)], seq: uint64(n + i)})
			}
		})
	}
}
