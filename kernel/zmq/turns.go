package zmq

import "sync"

// turns is the queue of messages that came in on a socket. Peers take turns: one that
// sends a thousand requests at once makes the next peer wait for one of them, not for
// all. How much may wait is bounded by inbox.
type turns struct {
	mu     sync.Mutex
	lines  map[string][][][]byte // what waits, by the identity of the peer
	next   []string              // the identities of which something waits, in the order of their turns
	more   chan struct{}         // holds one token when something may have come
	closed bool
}

func newTurns() *turns {
	return &turns{lines: map[string][][][]byte{}, more: make(chan struct{}, 1)}
}

// put adds a message, the identity of whose peer is its first frame.
func (q *turns) put(frames [][]byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	identity := string(frames[0])
	line := q.lines[identity]
	if len(line) == 0 {
		q.next = append(q.next, identity)
	}
	q.lines[identity] = append(line, frames)
	q.wake()
}

// get waits for the next message; ok is false when the queue is closed.
func (q *turns) get() (frames [][]byte, ok bool) {
	for {
		q.mu.Lock()
		if q.closed {
			q.mu.Unlock()
			return nil, false
		}
		if len(q.next) > 0 {
			identity := q.next[0]
			q.next = q.next[1:]
			line := q.lines[identity]
			frames, line[0] = line[0], nil
			if line = line[1:]; len(line) > 0 {
				q.lines[identity] = line
				q.next = append(q.next, identity)
			} else {
				delete(q.lines, identity)
			}
			q.mu.Unlock()
			return frames, true
		}
		q.mu.Unlock()
		<-q.more
	}
}

// close drops what is left; get returns.
func (q *turns) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.lines, q.next = true, nil, nil
	q.wake()
}

func (q *turns) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}
