package zmq

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"
)

// guards is the transport "guard" of zmq4. The registry of transports is global and
// refuses duplicates, so there is one for all listeners: what is prepared by Bind is
// found again by its number.
var guards = &registry{listeners: map[int]*Listener{}}

type registry struct {
	register  sync.Once
	mu        sync.Mutex
	next      int
	listeners map[int]*Listener
}

func (r *registry) add(l *Listener) int {
	r.register.Do(func() {
		if err := zmq4.RegisterTransport("guard", r); err != nil {
			panic(fmt.Sprintf("zmq: register transport: %v", err)) // only a second copy of this package can cause it
		}
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	r.listeners[r.next] = l
	return r.next
}

func (r *registry) remove(id int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.listeners, id)
}

// Listen, Dial and Addr are for zmq4.
func (r *registry) Listen(_ context.Context, addr string) (net.Listener, error) {
	id, err := strconv.Atoi(addr)
	if err != nil {
		return nil, fmt.Errorf("guard://%s: want the number of a listener", addr)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.listeners[id]
	if l == nil {
		return nil, fmt.Errorf("guard://%d: no such listener", id)
	}
	return l, nil
}

func (r *registry) Dial(context.Context, transport.Dialer, string) (net.Conn, error) {
	return nil, fmt.Errorf("guard: a kernel does not dial")
}

func (r *registry) Addr(endpoint string) (string, error) { return endpoint, nil }
