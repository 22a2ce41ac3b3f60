package supervisor

import "sync"

// An outbox hands a cell's outputs to its sink, one after the other, on a
// goroutine of its own. So a front end that is slow to take one cell's text does
// not keep the frames of other cells waiting, until too much lies here: then the
// worker is made to wait, because nobody reads its pipe.
type outbox struct {
	mu    sync.Mutex
	room  sync.Cond
	items []outItem
	bytes int
	busy  bool // a goroutine is at work
	lossy bool // nobody waits any more: what finds no room is dropped
	lost  int  // bytes dropped
}

type outItem struct {
	bytes int
	do    func()
}

// outboxRoom is how many bytes may lie in an outbox before the worker waits.
const outboxRoom = 16 << 20

func newOutbox() *outbox {
	o := new(outbox)
	o.room.L = &o.mu
	return o
}

// put adds what a sink is to be told. Only what has a size waits for room.
func (o *outbox) put(bytes int, do func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for bytes > 0 && o.bytes > outboxRoom {
		if o.lossy {
			o.lost += bytes
			return
		}
		o.room.Wait()
	}
	o.items = append(o.items, outItem{bytes, do})
	o.bytes += bytes
	if !o.busy {
		o.busy = true
		go o.work()
	}
}

func (o *outbox) work() {
	o.mu.Lock()
	for len(o.items) > 0 {
		items := o.items
		o.items = nil
		for _, item := range items {
			o.mu.Unlock()
			item.do()
			o.mu.Lock()
			o.bytes -= item.bytes
			o.room.Broadcast()
		}
	}
	o.busy = false
	o.mu.Unlock()
}

// flush waits until all that was put has been told.
func (o *outbox) flush() {
	told := make(chan struct{})
	o.put(0, func() { close(told) })
	<-told
}

// stopWaiting lets the worker go on although the sink is slow: what has no room is
// dropped. An interrupted cell must not wait for a front end that does not read.
func (o *outbox) stopWaiting() {
	o.mu.Lock()
	o.lossy = true
	o.mu.Unlock()
	o.room.Broadcast()
}

// dropped is how many bytes found no room.
func (o *outbox) dropped() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lost
}
