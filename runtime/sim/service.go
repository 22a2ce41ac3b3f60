package sim

import (
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// service is what work costs at a node: requests queue for one of c servers, are
// worked on for a drawn time, and only then reach their handler.
type service struct {
	servers int
	bound   int // of the queue; negative for none
	work    Distribution
	draws   *Rand
	queue   []*Request
	serving []working
	busy    int
	slower  float64
}

type working struct {
	r  *Request
	at int64
}

// Service makes every request cost time at a node: it reaches its handler when it
// has been worked on. The default is that work costs nothing.
func Service(work Distribution) Option {
	return Option{name: "sim.Service", node: func(n *Node) { n.needService().work = work }}
}

// Servers is how many requests a node works on at once. The default is 1.
func Servers(c int) Option {
	if c < 1 {
		host.Mistakef("sim.Servers(%d): a node works on at least one request at a time", c)
	}
	return Option{name: "sim.Servers", node: func(n *Node) { n.needService().servers = c }}
}

// QueueBound is how many requests may wait at a node; more are lost ("queue
// full"). The default is no bound.
func QueueBound(n int) Option {
	if n < 0 {
		host.Mistakef("sim.QueueBound(%d): a queue holds no negative number of requests", n)
	}
	return Option{name: "sim.QueueBound", node: func(node *Node) { node.needService().bound = n }}
}

func (n *Node) needService() *service {
	if n.service == nil {
		n.service = &service{servers: 1, bound: -1, slower: 1}
	}
	return n.service
}

// Queued is how many requests wait at the node for a server.
func (n *Node) Queued() int {
	if n.service == nil {
		return 0
	}
	return len(n.service.queue)
}

func (s *service) reset() {
	if s != nil {
		s.queue, s.serving, s.busy = nil, nil, 0
	}
}

// enqueue takes a request that arrived: to a free server, or into the queue.
func (w *World) enqueue(n *Node, r *Request) doing {
	s := n.service
	switch {
	case s.busy < s.servers:
		w.serve(n, r)
	case s.bound >= 0 && len(s.queue) >= s.bound:
		r.count.delivered--
		r.count.lost++
		w.record(trace.Event{What: trace.Lost, Node: int32(r.from.id), Peer: int32(n.id), Msg: &r.Message.Message, Text: "queue full"})
	default:
		s.queue = append(s.queue, r)
	}
	return nothing
}

func (w *World) serve(n *Node, r *Request) {
	s := n.service
	s.busy++
	work := s.work.draw(s.draws)
	if s.slower != 1 {
		work = nanoseconds(float64(float64(work) * s.slower))
	}
	at := w.after(time.Duration(work))
	i := len(s.serving)
	s.serving = append(s.serving, working{r, at})
	for ; i > 0 && s.serving[i-1].at > at; i-- { // in the order in which they will be done
		s.serving[i] = s.serving[i-1]
	}
	s.serving[i] = working{r, at}
	w.schedule(event{at: at, what: evServed, a: n.id, gen: n.life})
}

// served is the end of work on a request: it reaches its handler, and the next
// one in the queue its server.
func (w *World) served(e event) doing {
	n := w.nodes[e.a]
	if n.life != e.gen {
		return nothing
	}
	if n.paused {
		n.hold(e)
		return nothing
	}
	s := n.service
	r := s.serving[0].r
	s.serving = append(s.serving[:0], s.serving[1:]...)
	s.busy--
	if len(s.queue) > 0 {
		next := s.queue[0]
		s.queue = s.queue[1:]
		w.serve(n, next)
	}
	return w.dispatch(n, r)
}
