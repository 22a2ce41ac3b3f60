package zmq

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"time"
)

// barrierTopic is published by the guard itself and swallowed by every Conn.
const barrierTopic = "\x00barrier"

// barrier tells how far zmq4's own PUB queue, which nobody can look into, has come.
// A hidden connection subscribes to barrierTopic alone. zmq4 hands messages on one
// after the other from one goroutine, so when barrier n has reached the hidden
// connection, all that was published before is in the queues of the peers.
type barrier struct {
	mu     sync.Mutex
	stand  *Conn // the hidden connection
	number uint64
	seen   uint64
	change chan struct{} // closed and replaced when seen grows
}

func (b *barrier) init() { b.change = make(chan struct{}) }

func (b *barrier) passed(c *Conn, number uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c == b.stand && number > b.seen {
		b.seen = number
		close(b.change)
		b.change = make(chan struct{})
	}
}

// next are the frames of a new barrier.
func (b *barrier) next() (frames [][]byte, number uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.number++
	return [][]byte{[]byte(barrierTopic), binary.BigEndian.AppendUint64(nil, b.number)}, b.number
}

// wait waits until a barrier has passed.
func (b *barrier) wait(ctx context.Context, number uint64) error {
	for {
		b.mu.Lock()
		seen, change := b.seen, b.change
		b.mu.Unlock()
		if seen >= number {
			return nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *barrier) connection() *Conn {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stand
}

var barrierHead = append([]byte{flagMore, byte(len(barrierTopic))}, barrierTopic...)

func barrierNumber(message []byte) (number uint64, is bool) {
	if !bytes.HasPrefix(message, barrierHead) {
		return 0, false
	}
	rest := message[len(barrierHead):]
	if len(rest) == 10 {
		number = binary.BigEndian.Uint64(rest[2:])
	}
	return number, true
}

// standBarrier hands the hidden connection to zmq4.
func (l *Listener) standBarrier() {
	c := newConn(l, nil)
	c.nc = hidden{c.ended}
	c.in = bufio.NewReaderSize(&patient{c: c}, 16)
	c.prelude("SUB")
	c.staged = appendMessage(c.staged, [][]byte{append([]byte{1}, barrierTopic...)})
	l.barrier.mu.Lock()
	l.barrier.stand = c
	l.barrier.mu.Unlock()
	l.hand(c)
}

// hidden is the network of the hidden connection: nothing ever comes.
type hidden struct{ ended <-chan struct{} }

func (h hidden) Read([]byte) (int, error) {
	<-h.ended
	return 0, io.EOF
}
func (hidden) Write(p []byte) (int, error)      { return len(p), nil }
func (hidden) Close() error                     { return nil }
func (hidden) LocalAddr() net.Addr              { return nil }
func (hidden) RemoteAddr() net.Addr             { return nil }
func (hidden) SetDeadline(time.Time) error      { return nil }
func (hidden) SetReadDeadline(time.Time) error  { return nil }
func (hidden) SetWriteDeadline(time.Time) error { return nil }
