package zmq

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/go-zeromq/zmq4"
)

// Conn is one peer as zmq4 sees it: Read gives only whole, well-formed messages that
// keep to the limits, Write takes a message and returns.
type Conn struct {
	// nc is a named field on purpose. A struct that embeds *net.TCPConn inherits its
	// private writev method, and net.Buffers.WriteTo then goes round our Write.
	nc       net.Conn
	l        *Listener
	identity string
	turn     uint64 // in the order of accept

	// Of the one goroutine that reads.
	in       *bufio.Reader
	inside   bool // in the middle of a message
	deadline bool // one is set on nc
	staged   []byte
	offset   int
	topics   map[string]struct{}
	spoke    atomic.Bool // a whole message has come

	out     assembler
	queue   queue
	welcome []byte // waits until zmq4 knows of the subscription; guarded by out.mu
	greeted bool   // some welcome was sent; likewise

	ending    sync.Once
	ended     chan struct{}
	why       error // set before ended is closed
	finished  chan struct{}
	fin       sync.Once // the peer has closed its side, or we have
	draining  chan struct{}
	drainOnce sync.Once
	released  atomic.Bool // zmq4 has closed it
}

func newConn(l *Listener, nc net.Conn) *Conn {
	c := &Conn{
		nc:       nc,
		l:        l,
		topics:   map[string]struct{}{},
		ended:    make(chan struct{}),
		finished: make(chan struct{}),
		draining: make(chan struct{}),
	}
	c.queue.init()
	return c
}

// prelude stages the greeting and READY that zmq4 is to see: rebuilt, so that it only
// ever parses bytes of ours. What zmq4 sends in turn is swallowed by the assembler.
func (c *Conn) prelude(socketType string) {
	properties := appendProperty(nil, "Socket-Type", socketType)
	if c.l.role == zmq4.Router {
		properties = appendProperty(properties, "Identity", c.identity)
	}
	c.staged = append(greetingBytes(), command("READY", properties)...)
	c.out.greeting = greetingSize
}

// fault is the error that ends a connection. It is a net.Error and no time-out: with
// any other error zmq4 keeps the connection listed for ever.
type fault struct{ why error }

func (f fault) Error() string { return "zmq: " + f.why.Error() }
func (f fault) Unwrap() error { return f.why }
func (f fault) Timeout() bool { return false }
func (fault) Temporary() bool { return false }

var _ net.Error = fault{}

// Read is for zmq4.
func (c *Conn) Read(p []byte) (int, error) {
	for c.offset == len(c.staged) {
		if cap(c.staged) > readStep {
			c.staged = nil
		}
		c.staged, c.offset = c.staged[:0], 0
		c.greet(false) // zmq4 has dealt with what it read before
		if err := c.stage(); err != nil {
			c.fin.Do(func() { close(c.finished) })
			c.end(err)
			c.l.topics.Add(-int64(len(c.topics)))
			clear(c.topics)
			return 0, fault{err}
		}
	}
	n := copy(p, c.staged[c.offset:])
	c.offset += n
	return n, nil
}

// stage reads until there is something for zmq4.
func (c *Conn) stage() error {
	var s shape
	for len(c.staged) == 0 {
		if c.l.role == zmq4.Router && !c.isDraining() {
			c.l.inbox.wait(c)
		}
		var err error
		if s, err = c.readMessage(); err != nil {
			return err
		}
		if c.isDraining() {
			c.staged = c.staged[:0]
			continue
		}
		c.spoke.Store(true)
		if !c.accepts(s) {
			c.staged = c.staged[:0]
		}
	}
	if c.l.role == zmq4.Router {
		c.l.inbox.came(c.identity, s.bytes)
	}
	return nil
}

// shape is what has to be known of a message to judge it.
type shape struct {
	frames    int
	delimiter bool // some frame is empty
	body      int  // where the last frame's body begins in staged
	bytes     int  // of all bodies
}

// accepts judges a whole message by the role of the socket.
func (c *Conn) accepts(s shape) bool {
	switch c.l.role {
	case zmq4.Pub:
		body := c.staged[s.body:]
		if s.frames != 1 || len(body) == 0 || body[0] > 1 {
			c.l.log.Print("pub", fmt.Sprintf("%s: %s sent what is no subscription; dropped", c.l.name, from(c.nc)))
			return false
		}
		return c.subscribe(body[0] == 1, string(body[1:]))
	case zmq4.Rep:
		return s.delimiter
	}
	return true
}

// subscribe notes a subscription. The welcome to a new topic promises that nothing will
// be missed from then on, so it waits until zmq4 knows of the topic: when zmq4 reads on,
// or has something for a peer that had no topic before.
func (c *Conn) subscribe(on bool, topic string) bool {
	_, known := c.topics[topic]
	switch {
	case !on:
		if known {
			delete(c.topics, topic)
			c.l.topics.Add(-1)
		}
		return known
	case known:
		return false
	case len(topic) > c.l.lim.Topic || len(c.topics) >= c.l.lim.Topics,
		len(c.topics) >= fewTopics && c.l.topics.Load() >= 2*int64(c.l.lim.Topics):
		c.l.log.Print("topics", fmt.Sprintf("%s: too many or too long subscriptions from %s; dropped", c.l.name, from(c.nc)))
		return false
	}
	c.topics[topic] = struct{}{}
	c.l.topics.Add(1)
	c.l.mu.Lock()
	write := c.l.welcome
	c.l.mu.Unlock()
	if write != nil && utf8.ValidString(topic) {
		if frames := write([]byte(topic)); len(frames) > 0 {
			c.out.mu.Lock()
			c.welcome = appendMessage(nil, frames)
			c.out.mu.Unlock()
		}
	}
	return true
}

// greet sends the welcome that waits; written says that zmq4 is just writing to the
// peer, holding out.mu.
func (c *Conn) greet(written bool) {
	if !written {
		c.out.mu.Lock()
		defer c.out.mu.Unlock()
	}
	if c.welcome == nil || written && c.greeted {
		return
	}
	welcome := c.welcome
	c.welcome, c.greeted = nil, true
	c.send(welcome)
}

// fewTopics are a peer's own, however many others have: a front end needs one. Each
// topic costs time at every message that is published.
const fewTopics = 8

// readMessage appends one whole message to staged, headers included. Commands that
// stand before or in it are dealt with here.
func (c *Conn) readMessage() (shape, error) {
	var s shape
	budget := c.l.lim.Message
	held := 0
	defer func() {
		c.inside = false
		c.l.staging.Add(int64(-held))
	}()
	for {
		flags, err := c.in.ReadByte()
		if err != nil {
			return s, err
		}
		c.inside = true
		announced, err := readSize(c.in, flags)
		if err != nil {
			return s, cut(err)
		}
		if flags&flagCommand != 0 {
			if err := c.command(announced); err != nil {
				return s, cut(err)
			}
			c.inside = s.frames > 0
			continue
		}
		s.frames++
		budget -= frameCost
		if s.frames > c.l.lim.Frames || budget < 0 || announced > uint64(budget) {
			return s, fmt.Errorf("message over the limit (frame %d announces %d bytes)", s.frames, announced)
		}
		size := int(announced)
		budget -= size
		s.bytes += size
		if size == 0 {
			s.delimiter = true
		}
		if size > 255 {
			c.staged = append(c.staged, flags&flagMore|flagLong, 0, 0, 0, 0,
				byte(size>>24), byte(size>>16), byte(size>>8), byte(size))
		} else {
			c.staged = append(c.staged, flags&flagMore, byte(size))
		}
		s.body = len(c.staged)
		for size > 0 {
			step := min(size, readStep)
			if now := len(c.staged) + step; now > held+readStep {
				if c.l.staging.Add(int64(now-held)) > int64(c.l.lim.Staging) {
					held = now
					return s, errors.New("too many bytes on their way in")
				}
				held = now
			}
			at := len(c.staged)
			c.staged = append(c.staged, make([]byte, step)...)
			if _, err := io.ReadFull(c.in, c.staged[at:]); err != nil {
				return s, cut(err)
			}
			size -= step
		}
		if flags&flagMore == 0 {
			return s, nil
		}
	}
}

// cut tells an end inside a message from one between messages.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// command reads and answers a ZMTP command.
func (c *Conn) command(size uint64) error {
	if size > maxCommand {
		return fmt.Errorf("command of %d bytes", size)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(c.in, body); err != nil {
		return err
	}
	name, rest, ok := cutCommand(body)
	if !ok {
		return errors.New("command without a name")
	}
	switch name {
	case zmq4.CmdPing: // two bytes of time to live, then a context to repeat
		if len(rest) < 2 {
			return errors.New("PING cut short")
		}
		context := rest[2:]
		c.send(command(zmq4.CmdPong, context[:min(len(context), 16)]))
	case zmq4.CmdError:
		return fmt.Errorf("peer says ERROR %.40q", rest)
	}
	return nil
}

// patient reads from the network. Between messages a peer may be silent for ever;
// inside one it has to go on.
type patient struct{ c *Conn }

func (p *patient) Read(b []byte) (int, error) {
	c := p.c
	switch {
	case c.inside:
		c.nc.SetReadDeadline(time.Now().Add(c.l.lim.Stall))
		c.deadline = true
	case c.deadline:
		c.nc.SetReadDeadline(time.Time{})
		c.deadline = false
	}
	return c.nc.Read(b)
}

// end closes the connection. The reason goes to the log unless it is an ordinary one.
func (c *Conn) end(why error) {
	c.ending.Do(func() {
		c.why = why
		close(c.ended)
		c.l.queued.Add(-int64(c.queue.close()))
		c.nc.Close()
		c.fin.Do(func() { close(c.finished) })
		c.l.forget(c)
		if why != nil && !ordinary(why) && !c.isDraining() {
			c.l.log.Print("peer", fmt.Sprintf("%s: connection from %s closed: %v", c.l.name, from(c.nc), why))
		}
	})
}

func ordinary(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, errReset) || errors.Is(err, errPipe)
}

func (c *Conn) isDraining() bool {
	select {
	case <-c.draining:
		return true
	default:
		return false
	}
}

// drain ignores what the peer still sends.
func (c *Conn) drain() { c.drainOnce.Do(func() { close(c.draining) }) }

// Close is for zmq4.
func (c *Conn) Close() error {
	c.end(nil)
	if !c.released.Swap(true) {
		c.l.handed.Add(-1)
		c.l.wake()
	}
	return nil
}

func (c *Conn) LocalAddr() net.Addr              { return c.nc.LocalAddr() }
func (c *Conn) RemoteAddr() net.Addr             { return c.nc.RemoteAddr() }
func (c *Conn) SetDeadline(time.Time) error      { return nil } // deadlines are the guard's
func (c *Conn) SetReadDeadline(time.Time) error  { return nil }
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }
