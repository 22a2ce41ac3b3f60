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
// Call waits for the answer, in a process. Handlers use Send, which does not wait, and
// Returned, which takes the answer; a request then costs a quarter of the computing time,
// which is what a table of millions of requests needs:
//
//	node.Handle("page", servers.Returned)
//	load.Each(node, load.Poisson(90), 1000*sec, servers.Sending("get"))
//
// # Policies
//
//	Random()             any server, with equal probability
//	RoundRobin()         one after the other
//	LeastLoaded()        the one with the fewest requests that this balancer waits for
//	TwoChoices()         the less loaded of two random ones; Choices(d) of d
//	WeightedResponse()   the quicker a server answers, the more it gets
//	Weighted, Own        what you write
//
// With 100 servers at a load of 0.9, Poisson arrivals and exponential service of mean
// S, the mean time in the system is 10.0 S with Random (each server is an M/M/1
// queue, S/(1−ρ)), 5.23 S with RoundRobin (E100/M/1) and 2.66 S with TwoChoices
// (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001: 2.614
// for infinitely many servers).
//
// Fill asks a policy where requests go of which none ever ends: balls and bins.
//
// # What fails quickly
//
// WeightedResponse believes an answer, whatever it says: a server that answers every
// request with an error at once looks like the best of all and attracts the traffic.
// FailuresCost makes a failure count as a slow answer, Health takes a server that
// fails out for a while. Both are off by default, because the trap is the lesson.
//
// A failure is a server's when its code says so (Unavailable, DeadlineExceeded,
// Internal, Unimplemented). NotFound or InvalidArgument are answers: they say something
// about the request, and every other server would say the same.
//
// # Wrong on purpose
//
// Lessons and checks compare these with what is right: SameTwice (two choices of which
// both are one), MoreLoaded (the comparison the wrong way round), OldNews (numbers that
// are looked at once in a while, so that all run to the same server), CountsSent (what
// was sent, not what is waiting), NeverBack (health without a second chance), BlamesAll
// (every error is a failure of the server).
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
	byName  map[string]*Server
	penalty time.Duration
	health  *health
	pick    pick // the latest: in a field, because it costs no memory there
	blames  bool // wrong on purpose: see BlamesAll
}

// Server is what a balancer knows of a server.
type Server struct {
	Name        string
	Outstanding int           // requests that were sent and not answered
	Sent        int           // requests in all
	Failed      int           // that the server failed to answer
	Response    time.Duration // of late: a moving average of the time to an answer

	asked   []time.Duration // when the requests were sent that Returned has to see
	inARow  int
	out     bool
	outTill time.Duration
}

// Option is a property of a balancer.
type Option func(*Balancer)

// New makes a balancer for a node. The servers are names with spaces between them.
func New(node *sim.Node, servers string, policy Policy, options ...Option) *Balancer {
	b := &Balancer{node: node, policy: policy, byName: map[string]*Server{}}
	for _, name := range strings.Fields(servers) {
		s := &Server{Name: name}
		b.servers = append(b.servers, s)
		b.byName[name] = s
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
	return func(b *Balancer) { b.health = &health{failures: failures, retry: retry} }
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

// Send sends a request to the server that the policy picks, and does not wait. The
// answer comes as a message of its own kind: hand it to Returned. It is never sent
// again, and an answer that is lost is waited for as long as the node lives, so it
// belongs on networks that lose nothing.
func (b *Balancer) Send(kind string, fields ...any) {
	s := b.Pick()
	s.Outstanding++
	s.Sent++
	s.asked = append(s.asked, b.node.Now())
	b.node.Send(s.Name, kind, fields...)
}

// Sending is Send as a function without arguments, for load.Each.
func (b *Balancer) Sending(kind string, fields ...any) func() {
	return func() { b.Send(kind, fields...) }
}

// Returned takes the answer to a request of Send; it is a handler:
//
//	node.Handle("page", servers.Returned)
//	node.Handle("error", servers.Returned)
//
// Answers of kind "error" are those of rpc's Fail. A server is supposed to answer in
// the order in which it was asked.
func (b *Balancer) Returned(r *sim.Request) {
	s := b.byName[r.From]
	if s == nil || len(s.asked) == 0 {
		host.Mistakef("balance: %q from %s is no answer to a request that this balancer sent", r.Kind, r.From)
	}
	s.Outstanding--
	sent := s.asked[0]
	s.asked = s.asked[:copy(s.asked, s.asked[1:])]
	var err error
	if r.Kind == "error" {
		err = &rpc.Error{Code: rpc.Code(r.Text("code")), Text: r.Text("text"), To: s.Name, Attempts: 1, At: b.node.World().Now(), Seed: b.node.World().Seed()}
	}
	b.learn(s, b.node.Now()-sent, err)
}

// Pick is the server that the next request would go to.
func (b *Balancer) Pick() *Server {
	in := b.health.in(b)
	b.pick = pick{dice: b.node.Rand, now: b.node.Now(), n: len(in), servers: in}
	return in[b.policy.pick(&b.pick)]
}

// weightOfNew is the share of the newest answer in the average of answers.
const weightOfNew = 0.1

// learn notes how a request ended.
func (b *Balancer) learn(s *Server, took time.Duration, err error) {
	failed := err != nil && (b.blames || atFault(rpc.CodeOf(err)))
	if failed {
		s.Failed++
		s.inARow++
		took = max(took, b.penalty)
	} else {
		s.inARow = 0
	}
	if s.Response == 0 {
		s.Response = max(took, 1) // 0 is for a server that has not answered yet
	} else {
		s.Response += time.Duration(weightOfNew * float64(took-s.Response))
	}
	b.health.learn(b.node, s, failed)
}

// atFault tells whether a code says that the server failed, not that the request was
// at fault.
func atFault(code rpc.Code) bool {
	switch code {
	case rpc.Unavailable, rpc.DeadlineExceeded, rpc.Internal, rpc.Unimplemented:
		return true
	}
	return false
}

// health takes servers out that fail.
type health struct {
	failures int
	retry    time.Duration
	never    bool // wrong on purpose: see NeverBack
}

func (h *health) in(b *Balancer) []*Server {
	if h == nil {
		return b.servers
	}
	var in []*Server
	for _, s := range b.servers {
		if !s.out || !h.never && b.node.Now() >= s.outTill && s.Outstanding == 0 {
			in = append(in, s)
		}
	}
	if len(in) == 0 {
		return b.servers
	}
	return in
}

func (h *health) learn(node *sim.Node, s *Server, failed bool) {
	switch {
	case h == nil:
	case !failed && s.out:
		s.out = false
		node.Note("in again", s.Name)
	case failed && (s.out || s.inARow >= h.failures):
		if !s.out {
			node.Note("taken out", s.Name)
		}
		s.out, s.outTill = true, node.Now()+h.retry
	}
}
