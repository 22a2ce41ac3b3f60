package zmq

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
)

const (
	outboxBound = 4 << 20 // bytes that wait for the goroutine that sends
	unpacedLag  = 16 << 20
)

// channel is one socket with the goroutines around it. One goroutine alone sends, so
// that order is kept and zmq4 is never called after Close; one receives without pause.
type channel struct {
	l        *Listener
	socket   zmq4.Socket
	cancel   context.CancelFunc
	ctx      context.Context
	received chan [][]byte
	inbox    *turns // between zmq4 and received
	outbox   *mailbox
	leisure  context.Context // ends when Close begins: nobody takes from received any more
	hurry    context.CancelFunc
	running  sync.WaitGroup
}

func newChannel(l *Listener) *channel {
	ctx, cancel := context.WithCancel(context.Background())
	leisure, hurry := context.WithCancel(ctx)
	return &channel{
		l:        l,
		ctx:      ctx,
		cancel:   cancel,
		received: make(chan [][]byte),
		inbox:    newTurns(),
		outbox:   newMailbox(outboxBound),
		leisure:  leisure,
		hurry:    hurry,
	}
}

func (c *channel) start() error {
	options := []zmq4.Option{
		zmq4.WithTimeout(time.Second),
		zmq4.WithLogger(stdlog.New(lineWriter{c.l}, "", 0)),
	}
	switch c.l.role {
	case zmq4.Router:
		c.socket = zmq4.NewRouter(c.ctx, options...)
	case zmq4.Pub:
		c.socket = zmq4.NewPub(c.ctx, options...)
	case zmq4.Rep:
		c.socket = zmq4.NewRep(c.ctx, options...)
	}
	if err := c.socket.Listen(c.l.Endpoint()); err != nil {
		return fmt.Errorf("open %s socket: %w", c.l.name, err)
	}
	switch c.l.role {
	case zmq4.Router:
		c.running.Go(c.receive)
		c.running.Go(c.deliver)
		c.running.Go(c.transmit)
	case zmq4.Pub:
		if err := c.findBarrier(); err != nil {
			return err
		}
		c.running.Go(c.transmit)
	case zmq4.Rep:
		c.running.Go(c.echo)
	}
	return nil
}

// lineWriter sends zmq4's own log lines to ours.
type lineWriter struct{ l *Listener }

func (w lineWriter) Write(p []byte) (int, error) {
	w.l.log.Print("zmq4", w.l.name+": "+strings.TrimSpace(string(p)))
	return len(p), nil
}

// findBarrier waits until zmq4 has taken up the hidden connection and its
// subscription, which it does on goroutines of its own.
func (c *channel) findBarrier() error {
	ctx, cancel := context.WithTimeout(c.ctx, 10*time.Second)
	defer cancel()
	for {
		frames, number := c.l.barrier.next()
		c.socket.SendMulti(zmq4.NewMsgFrom(frames...))
		again, stop := context.WithTimeout(ctx, time.Millisecond)
		err := c.l.barrier.wait(again, number)
		stop()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("open %s socket: hidden subscriber: %w", c.l.name, ctx.Err())
		}
	}
}

// receive takes messages from zmq4 without pause.
func (c *channel) receive() {
	for {
		m, err := c.socket.Recv()
		if err == nil {
			c.inbox.put(m.Frames)
			continue
		}
		if c.ctx.Err() != nil || errors.Is(err, context.Canceled) { // the socket is closed first
			return
		}
		c.l.log.Print("receive", fmt.Sprintf("%s: receive: %v", c.l.name, err))
	}
}

// deliver passes messages on to whoever reads received.
func (c *channel) deliver() {
	defer close(c.received)
	for {
		frames, ok := c.inbox.get()
		if !ok {
			return
		}
		select {
		case c.received <- frames:
			c.l.inbox.taken(string(frames[0]), size(frames[1:]))
		case <-c.leisure.Done():
			return
		}
	}
}

// echo answers heartbeats. It goes on after every error: one bad ping must not make
// the kernel look dead to the others.
func (c *channel) echo() {
	for {
		m, err := c.socket.Recv()
		if c.ctx.Err() != nil {
			return
		}
		if err != nil {
			continue
		}
		frames := m.Frames
		if n := len(frames); n > 0 && len(frames[n-1]) == 0 {
			// zmq4 takes all up to the last empty frame for the envelope, which it
			// adds to the reply, and returns the end of it a second time.
			frames = nil
		}
		c.socket.Send(zmq4.NewMsgFrom(frames...))
	}
}

func (c *channel) send(frames [][]byte) error {
	return c.outbox.put(parcel{frames: frames}, sendPatience)
}

// transmit is the only caller of SendMulti.
func (c *channel) transmit() {
	unchecked := 0
	for {
		p, ok := c.outbox.get()
		if !ok {
			return
		}
		switch {
		case p.mark != nil:
			p.mark <- c.sendBarrier()
		case c.l.role == zmq4.Pub:
			c.socket.SendMulti(zmq4.NewMsgFrom(p.frames...))
			if unchecked += size(p.frames); unchecked >= paceEvery {
				unchecked = 0
				c.catchUp()
			}
		default:
			// Without any peer zmq4 would wait for one until its time-out.
			if c.l.has(string(p.frames[0])) {
				err := c.socket.SendMulti(zmq4.NewMsgFrom(p.frames...))
				if err != nil && !errors.Is(err, zmq4.ErrClosedConn) && !errors.Is(err, net.ErrClosed) {
					c.l.log.Print("send", fmt.Sprintf("%s: send: %v", c.l.name, err))
				}
			}
		}
	}
}

// sendBarrier gives the number of a new barrier behind all that was sent so far.
func (c *channel) sendBarrier() uint64 {
	if c.l.role != zmq4.Pub {
		return 0 // ROUTER hands over before SendMulti returns
	}
	frames, number := c.l.barrier.next()
	c.socket.SendMulti(zmq4.NewMsgFrom(frames...))
	return number
}

// catchUp keeps zmq4's PUB queue, which has no bound, short; and it gives readers
// some time when a caller publishes much without Pace.
func (c *channel) catchUp() {
	ctx, cancel := context.WithTimeout(c.leisure, time.Second)
	defer cancel()
	c.l.barrier.wait(ctx, c.sendBarrier())
	c.l.readersWithin(ctx, unpacedLag)
}

// flush waits until everything sent so far is in the queues of the peers.
func (c *channel) flush(ctx context.Context) error {
	mark := make(chan uint64, 1)
	if err := c.outbox.put(parcel{mark: mark}, 0); err != nil {
		return err
	}
	select {
	case number := <-mark:
		return c.l.barrier.wait(ctx, number)
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ctx.Done():
		return ErrClosed
	}
}

// readersWithin waits until no peer that still reads has more than most bytes queued,
// nor all of them together so many that some peer would soon be closed for it.
func (l *Listener) readersWithin(ctx context.Context, most int) error {
	return l.until(ctx, func() bool {
		now := time.Now()
		total := int64(0)
		for _, c := range l.all() {
			n := c.queue.size()
			if n == 0 || !c.queue.reads(now) {
				continue
			}
			if n > most {
				return false
			}
			total += int64(n)
		}
		return total <= l.mostQueued()/2
	})
}

// close drains the socket and ends everything around it.
func (c *channel) close(ctx context.Context) {
	c.hurry()
	c.l.stop()
	peers := c.l.all()
	for _, p := range peers {
		p.drain()
	}
	if c.l.role != zmq4.Rep {
		c.flush(ctx)
	}
	var farewells sync.WaitGroup
	for _, p := range peers {
		farewells.Go(func() { p.farewell(ctx) })
	}
	farewells.Wait()
	c.abort()
}

// farewell lets a peer have all that is queued for it, unless it takes nothing, and
// closes our side, then waits for it to close its own: closing with unread input sends
// a reset, and a reset can destroy the last bytes on their way.
func (c *Conn) farewell(ctx context.Context) {
	defer c.end(nil)
	moved, before := time.Now(), int64(-1)
	err := c.l.until(ctx, func() bool {
		left, taken := c.queue.rest()
		if taken != before {
			moved, before = time.Now(), taken
		}
		return left == 0 || c.over() || time.Since(moved) > deafWithin
	})
	if left, _ := c.queue.rest(); err != nil || left > 0 || c.over() {
		return
	}
	half, ok := c.nc.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	select {
	case <-c.finished:
	case <-time.After(finWithin):
	}
}

func (c *Conn) over() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// abort ends everything at once.
func (c *channel) abort() {
	c.hurry()
	for _, p := range c.l.all() {
		p.drain()
		p.end(nil)
	}
	if stand := c.l.barrier.connection(); stand != nil {
		stand.end(nil)
	}
	if c.socket != nil {
		// zmq4's readers stop by themselves once their connections have ended, but
		// only while somebody receives.
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		c.l.until(ctx, func() bool { return c.l.handed.Load() <= 0 })
		cancel()
		c.socket.Close()
	}
	c.cancel()
	c.l.Close()
	c.outbox.close()
	c.inbox.close()
	c.running.Wait()
	c.l.running.Wait()
}

var _ net.Listener = (*Listener)(nil)
