package zmq

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4"
)

// Spec says where the five sockets of a kernel listen.
type Spec struct {
	Transport string // tcp or ipc
	IP        string // address, * for all of them; with ipc the prefix of the paths (IP-1, IP-2, …)

	Shell, Control, Stdin, IOPub, Heartbeat int // ports; 0 lets the system choose (tcp)
}

// Options are what a kernel may say beyond the addresses.
type Options struct {
	// Log takes lines about peers that misbehave, at most one per second and kind.
	// It may be nil.
	Log func(line string)
	// Welcome gives the frames of iopubwelcome, topic first, for a subscription that
	// a peer has just made; nil for none. It must not block.
	Welcome func(topic string) [][]byte
	// Limits of every socket; zero fields are defaults.
	Limits Limits
}

var (
	// ErrClosed is returned by every call after Close.
	ErrClosed = errors.New("zmq: sockets closed")
	// ErrBusy is returned when a message found no room for sendPatience.
	ErrBusy = errors.New("zmq: no room to send")
)

const (
	sendPatience = 30 * time.Second
	paceEvery    = 1 << 20 // bytes published between two looks at the readers
	paceBehind   = 4 << 20 // bytes that a reader may lag behind when Pace returns
	closeWithin  = time.Second
	deafWithin   = 400 * time.Millisecond // of taking nothing, while closing
	finWithin    = 200 * time.Millisecond
)

// Sockets are the five sockets of one kernel. All methods may be called from any
// goroutine.
type Sockets struct {
	spec                         Spec
	shell, control, stdin, iopub *channel
	heart                        *channel

	published, paced atomic.Int64 // bytes on iopub

	closing sync.Once
	closed  chan struct{} // Close has begun: nothing more is sent
	done    chan struct{} // Close has ended
}

// Open binds all five sockets and begins to serve them. The heartbeat is answered
// inside. A port that is taken is an error of one line, and nothing is left open.
func Open(spec Spec, options Options) (*Sockets, error) {
	s := &Sockets{spec: spec, closed: make(chan struct{}), done: make(chan struct{})}
	log := NewLog(options.Log, time.Second)
	open := []struct {
		name string
		role zmq4.SocketType
		port *int
		to   **channel
	}{
		{"shell", zmq4.Router, &s.spec.Shell, &s.shell},
		{"control", zmq4.Router, &s.spec.Control, &s.control},
		{"stdin", zmq4.Router, &s.spec.Stdin, &s.stdin},
		{"iopub", zmq4.Pub, &s.spec.IOPub, &s.iopub},
		{"heartbeat", zmq4.Rep, &s.spec.Heartbeat, &s.heart},
	}
	var channels []*channel
	fail := func(err error) (*Sockets, error) {
		for _, c := range channels {
			c.abort()
		}
		return nil, err
	}
	for _, o := range open {
		network, addr, err := spec.address(*o.port)
		if err != nil {
			return nil, err
		}
		limits := options.Limits.withDefaults()
		switch o.role {
		case zmq4.Pub:
			if options.Limits.Queue == 0 {
				limits.Queue = 32 << 20
			}
		case zmq4.Rep:
			limits.Message = min(limits.Message, heartbeatMax)
		}
		l, err := bindNamed(o.name, log, o.role, network, addr, limits)
		if err != nil {
			return fail(fmt.Errorf("listen on %s port %s: %w", o.name, addr, plain(err)))
		}
		if o.role == zmq4.Pub && options.Welcome != nil {
			l.OnSubscribe(func(topic []byte) [][]byte { return options.Welcome(string(topic)) })
		}
		if a, ok := l.raw.Addr().(*net.TCPAddr); ok {
			*o.port = a.Port
		}
		c := newChannel(l)
		*o.to = c
		channels = append(channels, c)
	}
	for _, c := range channels {
		if err := c.start(); err != nil {
			return fail(err)
		}
	}
	return s, nil
}

func (s Spec) address(port int) (network, addr string, err error) {
	switch s.Transport {
	case "tcp":
		ip := s.IP
		if ip == "*" {
			ip = ""
		}
		return "tcp", net.JoinHostPort(ip, strconv.Itoa(port)), nil
	case "ipc":
		return "unix", s.IP + "-" + strconv.Itoa(port), nil
	}
	return "", "", fmt.Errorf("transport %q is not known; want tcp or ipc", s.Transport)
}

// plain takes the words off a network error that the caller has said already.
func plain(err error) error {
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		err = op.Err
	}
	if call := (*os.SyscallError)(nil); errors.As(err, &call) {
		err = call.Err
	}
	return err
}

// Spec is where the sockets listen, with the ports that the system chose.
func (s *Sockets) Spec() Spec { return s.spec }

// Shell, Control and Stdin give what clients sent, as frames, the identity first. The
// channels are closed by Close. A client whose messages nobody takes is slowed down
// by itself.
func (s *Sockets) Shell() <-chan [][]byte   { return s.shell.received }
func (s *Sockets) Control() <-chan [][]byte { return s.control.received }
func (s *Sockets) Stdin() <-chan [][]byte   { return s.stdin.received }

// SendShell, SendControl and SendStdin send to the client whose identity is the first
// frame. They never wait for a client; one that has gone is not an error. Frames must
// not change afterwards.
func (s *Sockets) SendShell(frames [][]byte) error   { return s.send(s.shell, frames) }
func (s *Sockets) SendControl(frames [][]byte) error { return s.send(s.control, frames) }
func (s *Sockets) SendStdin(frames [][]byte) error   { return s.send(s.stdin, frames) }

// Publish sends to all subscribers of the topic, which is the first frame. It never
// waits for a subscriber.
func (s *Sockets) Publish(frames [][]byte) error {
	err := s.send(s.iopub, frames)
	if err == nil {
		s.published.Add(int64(size(frames)))
	}
	return err
}

func (s *Sockets) send(c *channel, frames [][]byte) error {
	select {
	case <-s.closed:
		return ErrClosed
	default:
	}
	if len(frames) < 2 {
		return fmt.Errorf("zmq: send %d frames: want a first frame and a message", len(frames))
	}
	return c.send(frames)
}

func size(frames [][]byte) int {
	n := 0
	for _, f := range frames {
		n += len(f)
	}
	return n
}

// Pace is called after publishing outputs of a cell, never for a status. Until 1 MiB
// has gone out since the last wait it returns at once; then it waits until every
// subscriber that still reads has all but 4 MiB of it. One that takes nothing is not
// waited for, and is closed when its queue is full. The context of the cell ends the
// wait.
func (s *Sockets) Pace(ctx context.Context) error {
	published, paced := s.published.Load(), s.paced.Load()
	if published-paced < paceEvery || !s.paced.CompareAndSwap(paced, published) {
		return nil
	}
	if err := s.iopub.flush(ctx); err != nil {
		return err
	}
	return s.iopub.l.readersWithin(ctx, paceBehind)
}

// Close sends what is left, for a second at most or until the context ends, and
// closes all sockets. Later calls wait for the first.
func (s *Sockets) Close(ctx context.Context) error {
	s.closing.Do(func() {
		close(s.closed)
		ctx, cancel := context.WithTimeout(ctx, closeWithin)
		defer cancel()
		var all sync.WaitGroup
		for _, c := range []*channel{s.shell, s.control, s.stdin, s.iopub, s.heart} {
			all.Go(func() { c.close(ctx) })
		}
		all.Wait()
		close(s.done)
	})
	<-s.done
	return nil
}
