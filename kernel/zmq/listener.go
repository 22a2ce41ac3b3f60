package zmq

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"
)

// Listener is the guard of one socket: zmq4 accepts connections from it as from any
// net.Listener, but gets only those that have said who they are, each as a Conn.
type Listener struct {
	name string // for the log
	role zmq4.SocketType
	lim  Limits
	log  *Log
	raw  net.Listener
	id   int // in the endpoint

	ready    chan *Conn
	shut     chan struct{} // Accept is over
	shutOnce sync.Once
	stopped  atomic.Bool // no more connections

	mu       sync.Mutex
	greeting []net.Conn // handshakes under way, oldest first
	peers    map[*Conn]struct{}
	byID     map[string]*Conn // newest connection of an identity; ROUTER only
	welcome  func(topic []byte) [][]byte
	moved    chan struct{} // closed when a peer moves; nil while nobody waits

	inbox   inbox
	staging atomic.Int64 // bytes on their way in
	handed  atomic.Int64 // connections that zmq4 holds
	queued  atomic.Int64 // bytes that wait for peers
	topics  atomic.Int64 // subscriptions
	count   atomic.Int64 // peers
	barrier barrier
	running sync.WaitGroup
}

// Bind opens a port for a socket of a role: ROUTER, PUB or REP. It binds at once, so
// that a port that is taken is an error here. network is tcp or unix. The socket is
// then made by zmq4 and listens on Endpoint.
func Bind(role zmq4.SocketType, network, addr string, limits Limits) (*Listener, error) {
	return bindNamed(string(role), nil, role, network, addr, limits)
}

func bindNamed(name string, log *Log, role zmq4.SocketType, network, addr string, limits Limits) (*Listener, error) {
	switch role {
	case zmq4.Router, zmq4.Pub, zmq4.Rep:
	default:
		return nil, fmt.Errorf("role %s is not guarded", role)
	}
	raw, err := bind(network, addr)
	if err != nil {
		return nil, err
	}
	l := &Listener{
		name:  name,
		log:   log,
		role:  role,
		lim:   limits.withDefaults(),
		raw:   raw,
		ready: make(chan *Conn),
		shut:  make(chan struct{}),
		peers: map[*Conn]struct{}{},
		byID:  map[string]*Conn{},
	}
	l.inbox.init(l.lim)
	l.barrier.init()
	l.id = guards.add(l)
	if role == zmq4.Pub {
		l.running.Go(l.standBarrier)
	}
	l.running.Go(l.accept)
	return l, nil
}

func bind(network, addr string) (net.Listener, error) {
	raw, err := net.Listen(network, addr)
	if network != "unix" {
		return raw, err
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		// A kernel that was killed leaves its socket behind. Nobody answers there.
		if nc, dialErr := net.Dial(network, addr); dialErr == nil {
			nc.Close()
			return nil, err
		}
		if info, statErr := os.Lstat(addr); statErr != nil || info.Mode()&os.ModeSocket == 0 {
			return nil, err
		}
		if err := os.Remove(addr); err != nil {
			return nil, err
		}
		raw, err = net.Listen(network, addr)
	}
	if errors.Is(err, syscall.EINVAL) && len(addr) > 100 {
		return nil, fmt.Errorf("a path of %d bytes is too long for a socket", len(addr))
	}
	if err == nil && !strings.HasPrefix(addr, "@") {
		os.Chmod(addr, 0o600) // the user's own, whatever the umask says
	}
	return raw, err
}

// Endpoint is what the zmq4 socket listens on.
func (l *Listener) Endpoint() string { return "guard://" + strconv.Itoa(l.id) }

// OnSubscribe sets what a PUB socket sends to a peer, and to it alone, when it has
// subscribed to a topic: the frames that f returns, before anything else on that
// topic. No frames send nothing. Call it before the socket listens.
func (l *Listener) OnSubscribe(f func(topic []byte) [][]byte) {
	l.mu.Lock()
	l.welcome = f
	l.mu.Unlock()
}

// Accept is for zmq4. It fails only when the listener is closed.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.ready:
		return c, nil
	case <-l.shut:
		return nil, net.ErrClosed
	}
}

// Close is for zmq4: it ends everything at once.
func (l *Listener) Close() error {
	l.stop()
	l.shutOnce.Do(func() { close(l.shut) })
	for _, c := range l.all() {
		c.end(nil)
	}
	if stand := l.barrier.connection(); stand != nil {
		stand.end(nil)
	}
	guards.remove(l.id)
	return nil
}

// Addr is where the port is.
func (l *Listener) Addr() net.Addr { return l.raw.Addr() }

// stop accepts no more connections; those that are there go on.
func (l *Listener) stop() {
	if l.stopped.Swap(true) {
		return
	}
	l.raw.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, nc := range l.greeting {
		nc.Close()
	}
}

func (l *Listener) accept() {
	for turn := uint64(0); ; {
		nc, err := l.raw.Accept()
		if l.stopped.Load() {
			if err == nil {
				nc.Close()
			}
			return
		}
		if err != nil {
			l.log.Print("accept", fmt.Sprintf("%s: accept: %v", l.name, err))
			select {
			case <-time.After(50 * time.Millisecond):
			case <-l.shut:
				return
			}
			continue
		}
		l.mu.Lock()
		if len(l.greeting) >= l.lim.Handshakes {
			// Who has not finished for the longest time gives way: a crowd of silent
			// connections must not keep out those that speak.
			l.greeting[0].Close()
			l.greeting = slices.Delete(l.greeting, 0, 1)
		}
		l.greeting = append(l.greeting, nc)
		l.mu.Unlock()
		turn++
		l.running.Go(func() { l.greet(nc, turn) })
	}
}

// greet makes a peer of a raw connection, or closes it.
func (l *Listener) greet(nc net.Conn, turn uint64) {
	c, err := handshake(l, nc)
	if err == nil {
		c.turn = turn
	}
	l.mu.Lock()
	if i := slices.Index(l.greeting, nc); i >= 0 {
		l.greeting = slices.Delete(l.greeting, i, i+1)
	}
	l.mu.Unlock()
	if err == nil {
		err = l.admit(c)
	}
	if err != nil {
		nc.Close()
		if !errors.Is(err, errQuiet) && !l.stopped.Load() {
			l.log.Print("handshake", fmt.Sprintf("%s: connection from %s refused: %v", l.name, from(nc), err))
		}
		return
	}
	l.hand(c)
}

// hand gives a connection to zmq4.
func (l *Listener) hand(c *Conn) {
	select {
	case l.ready <- c:
		l.handed.Add(1)
	case <-l.shut:
		c.end(nil)
	}
}

// admit enters a peer. Where there are too many it takes the place of one that has
// never sent anything: a crowd that only holds connections must not shut a client out.
// On a ROUTER the newest connection with an identity wins: a
// client that reconnects may come back before its old connection is known to be dead,
// and zmq4 would send every reply to both.
func (l *Listener) admit(c *Conn) error {
	l.mu.Lock()
	var silent, older *Conn
	if l.role == zmq4.Router {
		older = l.byID[c.identity]
		if older != nil && older.turn > c.turn { // overtaken during the handshake
			l.mu.Unlock()
			return errQuiet
		}
	}
	if older == nil && len(l.peers) >= l.lim.Peers {
		for p := range l.peers { // any of them
			if !p.spoke.Load() {
				silent = p
				break
			}
		}
		if silent == nil {
			l.mu.Unlock()
			return fmt.Errorf("%d connections already", l.lim.Peers)
		}
		delete(l.peers, silent) // and again when it ends
	}
	if l.role == zmq4.Router {
		l.byID[c.identity] = c
	}
	l.peers[c] = struct{}{}
	l.count.Store(int64(len(l.peers)))
	l.mu.Unlock()
	if silent != nil {
		silent.end(fmt.Errorf("%d connections already, and it has sent nothing", l.lim.Peers))
	}
	if older != nil {
		older.end(nil)
	}
	l.running.Go(c.writeLoop)
	return nil
}

// forget is called once for every peer, when it ends.
func (l *Listener) forget(c *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.peers, c)
	l.count.Store(int64(len(l.peers)))
	if l.byID[c.identity] == c {
		delete(l.byID, c.identity)
	}
	if l.moved != nil {
		close(l.moved)
		l.moved = nil
	}
}

// has reports whether a peer with the identity is connected.
func (l *Listener) has(identity string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byID[identity] != nil
}

// wake tells those in until that some peer has moved.
func (l *Listener) wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.moved != nil {
		close(l.moved)
		l.moved = nil
	}
}

// until waits for a condition over the peers, which it looks at whenever one moves.
func (l *Listener) until(ctx context.Context, holds func() bool) error {
	for {
		l.mu.Lock()
		if l.moved == nil {
			l.moved = make(chan struct{})
		}
		moved := l.moved
		l.mu.Unlock()
		if holds() {
			return nil
		}
		select {
		case <-moved:
		case <-time.After(50 * time.Millisecond): // time alone makes a peer slow
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (l *Listener) all() []*Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	peers := make([]*Conn, 0, len(l.peers))
	for c := range l.peers {
		peers = append(peers, c)
	}
	return peers
}

// from names a peer in the log.
func from(nc net.Conn) string {
	if a := nc.RemoteAddr(); a != nil && a.String() != "" && a.String() != "@" {
		return a.String()
	}
	return "a local process"
}
