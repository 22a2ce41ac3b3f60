package zmq

import (
	"sync"
	"time"
)

// mailbox is a queue of messages between goroutines, bounded in bytes.
type mailbox struct {
	bound int // 0: none

	mu     sync.Mutex
	items  []parcel
	bytes  int
	more   chan struct{} // holds one token when items may have grown
	room   chan struct{} // closed when bytes fell; nil while nobody waits
	closed bool
}

// parcel is a message, or a mark that is answered when all before it has gone out.
type parcel struct {
	frames [][]byte
	mark   chan<- uint64 // gets the number of a barrier, on PUB
}

func newMailbox(bound int) *mailbox {
	return &mailbox{bound: bound, more: make(chan struct{}, 1)}
}

// put waits for room, for some time.
func (m *mailbox) put(p parcel, patience time.Duration) error {
	var limit <-chan time.Time
	cost := size(p.frames)
	for {
		m.mu.Lock()
		if m.closed {
			m.mu.Unlock()
			return ErrClosed
		}
		if m.bound == 0 || m.bytes == 0 || p.mark != nil || m.bytes+cost <= m.bound {
			m.items = append(m.items, p)
			m.bytes += cost
			m.mu.Unlock()
			select {
			case m.more <- struct{}{}:
			default:
			}
			return nil
		}
		if m.room == nil {
			m.room = make(chan struct{})
		}
		room := m.room
		m.mu.Unlock()
		if limit == nil {
			limit = time.After(patience)
		}
		select {
		case <-room:
		case <-limit:
			return ErrBusy
		}
	}
}

// get waits for the next parcel; ok is false when the mailbox is closed.
func (m *mailbox) get() (p parcel, ok bool) {
	for {
		m.mu.Lock()
		if m.closed {
			m.mu.Unlock()
			return parcel{}, false
		}
		if len(m.items) > 0 {
			p = m.items[0]
			m.items[0] = parcel{}
			if m.items = m.items[1:]; len(m.items) == 0 {
				m.items = nil
			}
			m.bytes -= size(p.frames)
			m.wakeLocked()
			m.mu.Unlock()
			return p, true
		}
		m.mu.Unlock()
		<-m.more
	}
}

// close drops what is left; every put and get returns.
func (m *mailbox) close() {
	m.mu.Lock()
	m.closed = true
	m.items = nil
	m.wakeLocked()
	m.mu.Unlock()
	select {
	case m.more <- struct{}{}:
	default:
	}
}

func (m *mailbox) wakeLocked() {
	if m.room != nil {
		close(m.room)
		m.room = nil
	}
}
