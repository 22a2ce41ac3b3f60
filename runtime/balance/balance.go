// Package balance spreads requests over servers that do the same.
//
//	func Front(node *sim.Node) {
//		servers := balance.New(node, "s1 s2 s3", balance.TwoChoices())
//		node.Handle("get", func(r *sim.Request) {
//			reply, err := servers.Call("get", "page", r.Int("page"))
//			…
//		})
//	}
//
// # Policies
//
//	Random()             any server, with equal probability
//	RoundRobin()         one after the other
//	LeastLoaded()        the one with the fewest requests that this balancer waits for
//	TwoChoices()         the less loaded of two random ones; Choices(d) of d
//	WeightedResponse()   the quicker a server answers, the more it gets
//
// With 100 servers at a load of 0.9, Poisson arrivals and exponential service of mean
// S, the mean time in the system is 10.0 S with Random (each server is an M/M/1
// queue, S/(1−ρ)), about 5.2 S with RoundRobin (E100/M/1) and 2.66 S with TwoChoices
// (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001: 2.614
// for infinitely many servers).
//
// # What fails quickly
//
// WeightedResponse believes an answer, whatever it says: a server that answers every
// request with an error at once looks like the best of all and attracts the traffic.
// FailuresCost makes a failure count as a slow answer, Health takes a server that
// fails out for a while. Both are off by default, because the trap is the lesson.
//
// # What it knows
//
// A balancer counts its own requests only. With several balancers in front of the
// same servers each sees a part of the load.
package balance

import (
	"strings"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/rpc"
	"netsplit/runtime/sim"
)

// Balancer sends each request to one of its servers. It is part of the memory of the
// node that it sends for.
type Balancer struct {
	node    *sim.Node
	client  *rpc.Client
	policy  Policy
	servers []*Server
	penalty time.Duration
	health  *health
}

// Server is what a balancer knows of a server.
type Server struct {
	Name        string
	Outstanding int           // requests that were sent and not answered
	Sent        int           // requests in all
	Failed      int           // that ended with an error
	Response    time.Duration // of late: a moving average of the time to an answer

	inARow  int
	out     bool
	outTill time.Duration
}

// Option is a property of a balancer.
type Option func(*Balancer)

// New makes a balancer for a node. The servers are names with spaces between them.
func New(node *sim.Node, servers string, policy Policy, options ...Option) *Balancer {
	b := &Balancer{node: node, policy: policy}
	for _, name := range strings.Fields(servers) {
		b.servers = append(b.servers, &Server{Name: name})
	}
	if len(b.servers) == 0 {
		host.Mistakef("balance.New of node %s was given no servers: their names stand in one text, with spaces between them", node.Name)
	}
	for _, o := range options {
		o(b)
	}
	if b.client == nil {
		b.client = rpc.NewClient(node)
	}
	return b
}

// Through sends requests by a client with policies of its own (time-outs, retries: all
// attempts of a call go to the same server).
func Through(client *rpc.Client) Option { return func(b *Balancer) { b.client = client } }

// FailuresCost lets a failure count as an answer that took this long.
func FailuresCost(d time.Duration) Option { return func(b *Balancer) { b.penalty = d } }

// Health takes a server out after so many failures in a row, and tries it again with
// one request after a time. When all are out, all are in.
func Health(failures int, retry time.Duration) Option {
	return func(b *Balancer) { b.health = &health{failures, retry} }
}

// Servers are what the balancer knows of its servers, in the order of New.
func (b *Balancer) Servers() []*Server { return b.servers }

// Call sends a request to the server that the policy picks and waits for the answer.
// The error is an *rpc.Error.
func (b *Balancer) Call(kind string, fields ...any) (*sim.Message, error) {
	s := b.Pick()
	s.Outstanding++
	s.Sent++
	begin := b.node.Now()
	reply, err := b.client.Call(s.Name, kind, fields...)
	s.Outstanding--
	b.learn(s, b.node.Now()-begin, err)
	return reply, err
}

// Pick is the server that the next request would go to.
func (b *Balancer) Pick() *Server { return b.policy.pick(b, b.health.in(b)) }

// weightOfNew is the share of the newest answer in the average of answers.
const weightOfNew = 0.1

// learn notes how a request ended.
func (b *Balancer) learn(s *Server, took time.Duration, err error) {
	if err != nil {
		s.Failed++
		s.inARow++
		took = max(took, b.penalty)
	} else {
		s.inARow = 0
	}
	if s.Response == 0 {
		s.Response = took
	} else {
		s.Response += time.Duration(weightOfNew * float64(took-s.Response))
	}
	b.health.learn(b.node, s, err)
}

// health takes servers out that fail.
type health struct {
	failures int
	retry    time.Duration
}

func (h *health) in(b *Balancer) []*Server {
	if h == nil {
		return b.servers
	}
	var in []*Server
	for _, s := range b.servers {
		if !s.out || b.node.Now() >= s.outTill && s.Outstanding == 0 {
			in = append(in, s)
		}
	}
	if len(in) == 0 {
		return b.servers
	}
	return in
}

func (h *health) learn(node *sim.Node, s *Server, err error) {
	switch {
	case h == nil:
	case err == nil && s.out:
		s.out = false
		node.Note("in again", s.Name)
	case err != nil && (s.out || s.inARow >= h.failures):
		if !s.out {
			node.Note("taken out", s.Name)
		}
		s.out, s.outTill = true, node.Now()+h.retry
	}
}
