package session

import "sync"

// What may wait in one lane. A front end that has more in flight is told so; the
// memory of the kernel does not grow with what others send.
const (
	maxWaiting      = 65536
	maxWaitingBytes = 256 << 20
)

// lane is a queue of work for one goroutine.
type lane struct {
	mu      sync.Mutex
	wake    *sync.Cond
	waiting []task
	bytes   int
	busy    bool
	closed  bool
}

type task struct {
	size int
	run  func()
}

// newLane starts the goroutine of a lane.
func newLane() *lane {
	l := &lane{}
	l.wake = sync.NewCond(&l.mu)
	go l.work()
	return l
}

// add puts work at the end of the lane. It is false when the lane is full or closed.
func (l *lane) add(size int, run func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.waiting) >= maxWaiting || l.bytes+size > maxWaitingBytes {
		return false
	}
	l.waiting = append(l.waiting, task{size, run})
	l.bytes += size
	l.wake.Broadcast()
	return true
}

func (l *lane) work() {
	for {
		l.mu.Lock()
		l.busy = false
		l.wake.Broadcast()
		for len(l.waiting) == 0 && !l.closed {
			l.wake.Wait()
		}
		if len(l.waiting) == 0 {
			l.mu.Unlock()
			return
		}
		next := l.waiting[0]
		l.waiting[0] = task{}
		l.waiting = l.waiting[1:]
		l.bytes -= next.size
		l.busy = true
		l.mu.Unlock()
		next.run()
	}
}

// idle tells whether nothing runs and nothing waits.
func (l *lane) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.busy && len(l.waiting) == 0
}

// close lets the goroutine end when the queue is empty. Nothing more is taken in.
func (l *lane) close() {
	l.mu.Lock()
	l.closed = true
	l.wake.Broadcast()
	l.mu.Unlock()
}
