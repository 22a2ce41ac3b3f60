package sim

import (
	"fmt"
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
	slower  float64
	lifo    bool
	queue   []job
	serving []job // in the order in which they will be done

	// What Work reports.
	since          int64 // when the counts below began
	last           int64 // when the areas were brought up to date
	area, busyArea int64 // requests in the system, and servers at work, times nanoseconds
	arrived, done  int
	refused        int
	stayed         int64 // the sum of the times of those who left
}

type job struct {
	r        *Request
	came, at int64
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

// NewestFirst lets a node take the request that came last from its queue (LIFO):
// under overload some are served in time, where oldest-first serves all too late.
func NewestFirst() Option {
	return Option{name: "sim.NewestFirst", node: func(n *Node) { n.needService().lifo = true }}
}

func (n *Node) needService() *service {
	if n.service == nil {
		n.service = &service{servers: 1, bound: -1, slower: 1, since: n.world.now, last: n.world.now}
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

// Work is what a node with a service time did since the world began, or since
// ResetWork.
type Work struct {
	Arrived int           // requests that came and were not refused
	Done    int           // requests that were worked on to the end
	Refused int           // requests that found the queue full
	Present int           // requests that are there now
	Rate    float64       // arrivals per second, λ
	Number  float64       // mean number of requests in the system, L
	Time    time.Duration // mean time in the system of those who left, W
	Busy    float64       // mean share of the servers that worked
}

// Work reports what the node's servers did. Little's law, L = λW, holds in every run:
// the engine compares both sides at the end of each, as exact numbers.
func (n *Node) Work() Work {
	s := n.service
	if s == nil {
		host.Mistakef("node.Work: work at node %s takes no time; give the node sim.Service(…)", n.Name)
	}
	now := n.world.now
	s.advance(now)
	w := Work{Arrived: s.arrived, Done: s.done, Refused: s.refused, Present: len(s.queue) + len(s.serving)}
	if span := float64(now - s.since); span > 0 {
		w.Rate = float64(s.arrived) / span * 1e9
		w.Number = float64(s.area) / span
		w.Busy = float64(s.busyArea) / span / float64(s.servers)
	}
	if s.done > 0 {
		w.Time = time.Duration(s.stayed / int64(s.done))
	}
	return w
}

// ResetWork forgets what Work reports, so that a warm-up is not counted.
func (n *Node) ResetWork() {
	if s := n.service; s != nil {
		now := n.world.now
		s.since, s.last, s.area, s.busyArea, s.arrived, s.done, s.refused, s.stayed = now, now, 0, 0, 0, 0, 0, 0
		for i := range s.queue {
			s.queue[i].came = now
		}
		for i := range s.serving {
			s.serving[i].came = now
		}
	}
}

// advance brings the areas under the number of requests and of busy servers up to now.
func (s *service) advance(now int64) {
	s.area += int64(len(s.queue)+len(s.serving)) * (now - s.last)
	s.busyArea += int64(len(s.serving)) * (now - s.last)
	s.last = now
}

// little checks the law: the area under the number of requests is the sum of the
// times that they spent, those included who are still there.
func (s *service) little(now int64) error {
	s.advance(now)
	times := s.stayed
	for _, j := range s.queue {
		times += now - j.came
	}
	for _, j := range s.serving {
		times += now - j.came
	}
	if times != s.area {
		return fmt.Errorf("little's law: the area under the number of requests is %d, the sum of their times %d", s.area, times)
	}
	return nil
}

// reset is a crash: who is there leaves.
func (s *service) reset(now int64) {
	if s == nil {
		return
	}
	s.advance(now)
	for _, j := range append(s.queue, s.serving...) {
		s.stayed += now - j.came
	}
	s.queue, s.serving = nil, nil
}

// enqueue takes a request that arrived: to a free server, or into the queue.
func (w *World) enqueue(n *Node, r *Request) doing {
	s := n.service
	s.advance(w.now)
	switch {
	case len(s.serving) < s.servers:
		s.arrived++
		w.serve(n, job{r: r, came: w.now})
	case s.bound >= 0 && len(s.queue) >= s.bound:
		s.refused++
		r.shape().count.delivered--
		r.shape().count.lost++
		w.record(trace.Event{What: trace.Lost, Node: int32(r.from), Peer: int32(n.id), Msg: &r.Message.Message, Text: "queue full"})
	default:
		s.arrived++
		s.queue = append(s.queue, job{r: r, came: w.now})
	}
	return nothing
}

func (w *World) serve(n *Node, j job) {
	s := n.service
	work := s.work.draw(s.draws)
	if s.slower != 1 {
		work = nanoseconds(float64(float64(work) * s.slower))
	}
	j.at = w.after(time.Duration(work))
	i := len(s.serving)
	s.serving = append(s.serving, j)
	for ; i > 0 && s.serving[i-1].at > j.at; i-- {
		s.serving[i] = s.serving[i-1]
	}
	s.serving[i] = j
	w.schedule(event{at: j.at, what: evServed, a: n.id, gen: n.life})
}

// served is the end of work on a request: it reaches its handler, and the next
// one in the queue its server.
func (w *World) served(e *event) doing {
	n := w.nodes[e.a]
	if n.life != e.gen {
		return nothing
	}
	if n.paused {
		n.hold(*e)
		return nothing
	}
	s := n.service
	s.advance(w.now)
	j := s.serving[0]
	copy(s.serving, s.serving[1:])
	s.serving = s.serving[:len(s.serving)-1]
	s.done++
	s.stayed += w.now - j.came
	if last := len(s.queue) - 1; last >= 0 {
		if s.lifo {
			next := s.queue[last]
			s.queue = s.queue[:last]
			w.serve(n, next)
		} else {
			next := s.queue[0]
			s.queue[0].r = nil
			s.queue = s.queue[1:]
			w.serve(n, next)
		}
	}
	return w.dispatch(n, j.r)
}
