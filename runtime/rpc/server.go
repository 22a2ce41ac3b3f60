package rpc

import (
	"strings"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
)

// Server answers calls for a node. It is part of the node's memory: make it in the
// program.
type Server struct {
	Stats ServerStats

	node     *sim.Node
	work     *sim.Distribution // nil: no time
	workers  int
	limit    int // of the queue; -1: none
	newest   bool
	skip     bool
	remember memory
	late     bool // wrong on purpose: see ForgetAfterReply

	lateShedding bool // and see LateShedding

	queue   []*Request
	busy    int
	answers map[string]*answer // by id
}

// ServerStats counts what a server did.
type ServerStats struct {
	Served   int // requests that a handler worked on
	Shed     int // that were refused because the queue was full
	Expired  int // that were thrown away because nobody waited any more
	Repeated int // that were answered from memory
}

type memory uint8

const (
	nothing memory = iota
	inMemory
	onDisk
)

// answer is what became of an id.
type answer struct {
	done    bool
	kind    string
	fields  []any
	waiting []*Request // attempts that came while the first was worked on
}

// NewServer makes a server for a node. Without options each request goes to its
// handler when it arrives.
func NewServer(node *sim.Node, options ...Option) *Server {
	s := &Server{node: node, workers: 1, limit: -1, answers: map[string]*answer{}}
	for _, o := range options {
		if o.server == nil {
			host.Mistakef("rpc.NewServer of node %s was given an option for clients", node.Name)
		}
		o.server(s)
	}
	return s
}

// Work is how long a request takes a worker before its handler is called; further
// requests wait in a queue. The default is no time.
func Work(d sim.Distribution) Option { return Option{server: func(s *Server) { s.work = &d }} }

// Workers is how many requests are worked on at once. The default is 1.
func Workers(n int) Option { return Option{server: func(s *Server) { s.workers = n }} }

// QueueLimit is how many requests may wait. More are shed: answered Unavailable at
// once, which is cheap. The default is no limit.
func QueueLimit(n int) Option { return Option{server: func(s *Server) { s.limit = n }} }

// NewestFirst takes the request that came last from the queue: in an overload it is
// the one whose caller still waits.
func NewestFirst() Option { return Option{server: func(s *Server) { s.newest = true }} }

// SkipExpired throws away requests whose deadline has passed when their turn comes.
// The client must have a Deadline, or else nobody knows.
func SkipExpired() Option { return Option{server: func(s *Server) { s.skip = true }} }

// Remember keeps the answer to each id in memory and gives it again to a retry.
// A crash forgets it.
func Remember() Option { return Option{server: func(s *Server) { s.remember = inMemory }} }

// RememberOnDisk keeps the answer to each id on disk, where it survives a crash.
func RememberOnDisk() Option { return Option{server: func(s *Server) { s.remember = onDisk }} }

// Handle says what the server does with requests of a kind. The handler answers by
// Reply or Fail; it may block, and holds its worker while it does.
func (s *Server) Handle(kind string, do func(r *Request)) {
	s.node.Handle(kind, func(m *sim.Request) { s.admit(s.request(m, do)) })
}

// Answer is a handler that answers every request alike: of a node that needs no Server,
// because nothing but the time of its service matters.
//
//	node.Handle("get", rpc.Answer("page"))
func Answer(kind string, fields ...any) func(*sim.Request) {
	return func(r *sim.Request) { r.Reply(kind, fields...) }
}

// request is the message with what travels in its fields.
func (s *Server) request(m *sim.Request, do func(*Request)) *Request {
	r := &Request{Request: m, server: s, do: do}
	if m.Has("left") {
		r.until = s.node.Now() + m.Duration("left")
	}
	if m.Has("depth") {
		r.depth = m.Int("depth")
	}
	if m.Has("id") {
		r.id = m.Text("id")
	}
	return r
}

// Waiting is how many requests wait in the queue now.
func (s *Server) Waiting() int { return len(s.queue) }

// admit lets a request in, to a worker or the queue, or refuses it.
func (s *Server) admit(r *Request) {
	if s.recall(r) {
		return
	}
	if s.work == nil {
		s.serve(r)
		return
	}
	if s.busy < s.workers {
		s.begin(r)
		return
	}
	if s.limit >= 0 && len(s.queue) >= s.limit {
		if !s.lateShedding {
			s.shed(r)
			return
		}
		r.tooMuch = true
	}
	s.queue = append(s.queue, r)
}

// begin occupies a worker with a request.
func (s *Server) begin(r *Request) {
	s.busy++
	s.node.After(s.node.Rand.Draw(*s.work), func() {
		s.serve(r)
		s.busy--
		if next := s.next(); next != nil {
			s.begin(next)
		}
	})
}

// next takes a request from the queue; nil when there is none.
func (s *Server) next() *Request {
	for len(s.queue) > 0 {
		var r *Request
		if last := len(s.queue) - 1; s.newest {
			r, s.queue[last] = s.queue[last], nil
			s.queue = s.queue[:last]
		} else {
			r, s.queue[0] = s.queue[0], nil
			s.queue = s.queue[1:]
		}
		if s.skip && r.Expired() {
			s.Stats.Expired++
			delete(s.answers, r.id)
			continue
		}
		return r
	}
	return nil
}

func (s *Server) shed(r *Request) {
	s.Stats.Shed++
	r.refuse(Unavailable, "the queue is full")
}

func (s *Server) serve(r *Request) {
	if r.tooMuch {
		s.shed(r)
		return
	}
	s.Stats.Served++
	r.do(r)
}

// recall answers a request whose id is known, and tells whether it was. A first
// attempt that is still being worked on answers for all.
func (s *Server) recall(r *Request) bool {
	if s.remember == nothing || r.id == "" {
		return false
	}
	a := s.answers[r.id]
	if a == nil && s.remember == onDisk && s.node.Disk.Has(memo+r.id) {
		words := strings.Split(s.node.Disk.Text(memo+r.id), "\n")
		a = &answer{done: true, kind: words[0]}
		for _, name := range words[1:] {
			a.fields = append(a.fields, name, s.node.Disk.Get(memo+r.id+"."+name))
		}
	}
	switch {
	case a == nil:
		s.answers[r.id] = new(answer)
		return false
	case a.done:
		s.Stats.Repeated++
		r.Request.Reply(a.kind, a.fields...)
	default:
		s.Stats.Repeated++
		a.waiting = append(a.waiting, r)
	}
	return true
}

const memo = "answer to "

// Request is a request at a server.
type Request struct {
	*sim.Request

	server  *Server
	do      func(*Request)
	until   time.Duration // by the node's clock; 0: no deadline
	depth   int
	id      string
	tooMuch bool // found the queue full (see LateShedding)
}

// failed is the kind of a reply that says what went wrong.
const failed = "error"

// ID is the id of the call, the same for all its attempts; "" without WithIDs.
func (r *Request) ID() string { return r.id }

// Attempt is the number of this attempt, from 1.
func (r *Request) Attempt() int {
	if !r.Has("attempt") {
		return 1
	}
	return r.Int("attempt")
}

// Left is what is left of the deadline, and whether there is one.
func (r *Request) Left() (time.Duration, bool) {
	return r.until - r.server.node.Now(), r.until > 0
}

// Expired tells whether the deadline has passed: nobody waits for the answer.
func (r *Request) Expired() bool {
	left, has := r.Left()
	return has && left <= 0
}

// Reply answers. With Remember the answer belongs to the id from now on.
func (r *Request) Reply(kind string, fields ...any) {
	s := r.server
	a := s.answers[r.id]
	if s.remember == nothing || r.id == "" || a == nil {
		r.Request.Reply(kind, fields...)
		return
	}
	a.done, a.kind, a.fields = true, kind, fields
	if s.remember == onDisk && !s.late {
		s.save(r.id, a)
	}
	r.Request.Reply(kind, fields...)
	for _, other := range a.waiting {
		other.Request.Reply(kind, fields...)
	}
	a.waiting = nil
	if s.late {
		s.save(r.id, a)
	}
}

// save writes an answer to disk, the values before the kind and their names, so that
// after a crash either all of it is there or nothing.
func (s *Server) save(id string, a *answer) {
	words := []string{a.kind}
	for i := 0; i+1 < len(a.fields); i += 2 {
		name, _ := a.fields[i].(string)
		words = append(words, name)
		s.node.Disk.Write(memo+id+"."+name, a.fields[i+1])
	}
	s.node.Disk.Sync()
	s.node.Disk.Set(memo+id, strings.Join(words, "\n"))
}

// Fail answers that it did not work. An answer after which a retry helps is not
// remembered.
func (r *Request) Fail(code Code, text string) {
	if code.RetryHelps() {
		r.refuse(code, text)
		return
	}
	r.Reply(failed, "code", string(code), "text", text)
}

// refuse answers this request and those that wait for the same id, and forgets the id.
func (r *Request) refuse(code Code, text string) {
	r.Request.Reply(failed, "code", string(code), "text", text)
	if a := r.server.answers[r.id]; a != nil && r.id != "" {
		for _, other := range a.waiting {
			other.Request.Reply(failed, "code", string(code), "text", text)
		}
		delete(r.server.answers, r.id)
	}
}
