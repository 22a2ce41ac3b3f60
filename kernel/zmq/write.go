package zmq

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"
)

var errReset, errPipe error = syscall.ECONNRESET, syscall.EPIPE

// Write is for zmq4, which holds a lock over all peers meanwhile. It copies.
func (c *Conn) Write(p []byte) (int, error) {
	select {
	case <-c.ended:
		return 0, fault{net.ErrClosed}
	default:
	}
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.add(p, func(message []byte) {
		if number, is := barrierNumber(message); is && c.l.role == zmq4.Pub {
			c.l.barrier.passed(c, number)
			return
		}
		c.greet(true)
		c.send(message)
	})
	return len(p), nil
}

// send queues a whole message. A peer whose queue is full is closed; and when all
// queues together are too long, the one with the longest.
func (c *Conn) send(message []byte) {
	cost, ok := c.queue.add(message, c.l.lim.Queue)
	if !ok {
		c.end(deaf(c.queue.size()))
		return
	}
	if c.l.queued.Add(int64(cost)) <= c.l.mostQueued() {
		return
	}
	var longest *Conn
	size := 0
	for _, p := range c.l.all() {
		if n, alone := p.queue.length(); n > size && !alone {
			longest, size = p, n
		}
	}
	if longest != nil {
		longest.end(deaf(size))
	}
}

func deaf(bytes int) error { return fmt.Errorf("does not read: %d bytes wait for it", bytes) }

// mostQueued bounds what waits for all peers of a socket together.
func (l *Listener) mostQueued() int64 {
	return max(4*int64(l.lim.Queue), l.count.Load()*(2<<20))
}

// writeLoop sends what is queued until the connection ends.
func (c *Conn) writeLoop() {
	for {
		batch, bytes := c.queue.take()
		if batch == nil {
			return
		}
		err := c.writeBatch(net.Buffers(batch))
		c.l.queued.Add(-int64(c.queue.wrote(len(batch), bytes)))
		c.l.wake()
		if err != nil {
			c.end(err)
			return
		}
	}
}

// writeBatch writes in slices of time, so that progress shows: a peer that takes
// something now and then is slow, one that takes nothing for lim.Stall is closed.
func (c *Conn) writeBatch(batch net.Buffers) error {
	moved := time.Now()
	for {
		c.nc.SetWriteDeadline(time.Now().Add(min(writeSlice, c.l.lim.Stall)))
		n, err := batch.WriteTo(c.nc)
		if n > 0 {
			moved = time.Now()
			c.queue.progress(int(n), moved)
		}
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case time.Since(moved) > c.l.lim.Stall:
			return fmt.Errorf("took nothing for %s", c.l.lim.Stall)
		}
	}
}

// assembler makes messages of the pieces that zmq4 writes.
type assembler struct {
	mu       sync.Mutex
	greeting int    // bytes of zmq4's own greeting still to swallow
	message  []byte // up to here
	header   int    // where the header of the current frame begins in message
	body     int    // bytes of the current frame still to come
	inBody   bool
}

func (a *assembler) add(p []byte, whole func(message []byte)) {
	n := min(a.greeting, len(p))
	a.greeting -= n
	p = p[n:]
	for {
		if !a.inBody {
			for len(p) > 0 && !a.headerWhole() {
				a.message = append(a.message, p[0])
				p = p[1:]
			}
			if !a.headerWhole() {
				return
			}
			h := a.message[a.header:]
			if h[0]&flagLong != 0 {
				a.body = int(binary.BigEndian.Uint64(h[1:]))
			} else {
				a.body = int(h[1])
			}
			a.inBody = true
		}
		n := min(a.body, len(p))
		a.message = append(a.message, p[:n]...)
		a.body -= n
		p = p[n:]
		if a.body > 0 {
			return
		}
		a.inBody = false
		flags := a.message[a.header]
		switch {
		case flags&flagCommand != 0: // zmq4's READY; ours went out long ago
			a.message = a.message[:a.header]
		case flags&flagMore != 0:
			a.header = len(a.message)
		default:
			message := a.message
			a.message, a.header = nil, 0
			whole(message)
		}
	}
}

func (a *assembler) headerWhole() bool {
	h := a.message[a.header:]
	return len(h) >= 2 && (h[0]&flagLong == 0 || len(h) >= 9)
}

// queue holds the messages that wait for one peer.
type queue struct {
	mu       sync.Mutex
	more     sync.Cond
	messages [][]byte
	bytes    int // of messages and of what is being written
	count    int // likewise
	closed   bool

	taken int64 // by the peer, ever

	// How fast the peer reads, in windows of a second.
	window  time.Time
	backlog int // what waited when the window began
	took    int
	slow    bool
}

func (q *queue) init() { q.more.L = &q.mu }

// add gives what the message adds to the queue, and whether there was room. A message
// larger than the bound passes when nothing else waits.
func (q *queue) add(message []byte, bound int) (cost int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return 0, true
	}
	cost = len(message) + messageCost
	if q.bytes > 0 && q.bytes+cost > bound {
		return 0, false
	}
	q.bytes += cost
	q.count++
	q.messages = append(q.messages, message)
	q.more.Signal()
	return cost, true
}

// take waits for messages; it returns nil when the queue is closed.
func (q *queue) take() (batch [][]byte, bytes int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.messages) == 0 && !q.closed {
		q.more.Wait()
	}
	if q.closed {
		return nil, 0
	}
	n := 0
	for n < len(q.messages) && n < batchCount {
		cost := len(q.messages[n]) + messageCost
		if n > 0 && bytes+cost > batchBytes {
			break
		}
		bytes += cost
		n++
	}
	batch = make([][]byte, n)
	copy(batch, q.messages)
	clear(q.messages[:n])
	q.messages = q.messages[n:]
	if len(q.messages) == 0 {
		q.messages = nil
	}
	return batch, bytes
}

// wrote gives by how much the queue became shorter.
func (q *queue) wrote(count, bytes int) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return 0
	}
	q.bytes -= bytes
	q.count -= count
	return bytes
}

func (q *queue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes
}

// rest is what is left to send, and what was sent.
func (q *queue) rest() (left int, taken int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes, q.taken
}

// length is size, and whether it is all one message.
func (q *queue) length() (bytes int, alone bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes, q.count <= 1
}

// close drops what waits, and gives how much it was.
func (q *queue) close() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	left := q.bytes
	q.closed, q.messages, q.bytes = true, nil, 0
	q.more.Broadcast()
	return left
}

func (q *queue) progress(n int, now time.Time) {
	q.mu.Lock()
	q.look(now)
	q.took += n
	q.taken += int64(n)
	q.mu.Unlock()
}

// reads reports whether the peer keeps reading. It does not when it had more than
// muchToRead before it for a whole second and took less than slowest of it.
func (q *queue) reads(now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.look(now)
	return !q.slow
}

const (
	slowest     = 64 << 10
	muchToRead  = 1 << 20
	messageCost = 64 // of a queued message beside its bytes
)

func (q *queue) look(now time.Time) {
	if now.Sub(q.window) < time.Second {
		return
	}
	q.slow = q.took < slowest && q.backlog > muchToRead
	q.window, q.took, q.backlog = now, 0, q.bytes
}
