package rpc

import (
	"fmt"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
)

// Client calls other nodes on behalf of a node, with policies. It is part of the
// node's memory: make it in the program.
type Client struct {
	Stats ClientStats

	node     *sim.Node
	retries  int
	deadline time.Duration
	attempt  time.Duration
	backoff  backoff
	budget   *budget
	breaker  *breakers
	ids      bool
	onlyTop  bool
	wrong    wrong
	made     *int     // ids
	serving  *Request // what the calls are made for (see For)
	sending  []any    // room for the fields of the attempt that is being sent
	waits    wait     // the option that stands among them
}

// wait is sim.Timeout of a span, kept because most attempts wait equally long.
type wait struct {
	span   time.Duration
	option any
}

// ClientStats counts what a client did.
type ClientStats struct {
	Calls    int // first attempts, and calls that were refused
	Attempts int // messages sent
	Retries  int // attempts after the first
	Failed   int // calls that ended with an error
	Refused  int // calls that the breaker did not let out, and retries that the budget did not
}

// Option is a policy of a client or of a server.
type Option struct {
	client func(*Client)
	server func(*Server)
}

// NewClient makes a client of a node. Without options it makes one attempt.
func NewClient(node *sim.Node, options ...Option) *Client {
	c := &Client{node: node, made: new(int)}
	for _, o := range options {
		if o.client == nil {
			host.Mistakef("rpc.NewClient of node %s was given an option for servers", node.Name)
		}
		o.client(c)
	}
	return c
}

// Retries is how many more attempts a call makes where a retry can help. The
// default is none.
func Retries(n int) Option { return Option{client: func(c *Client) { c.retries = n }} }

// Deadline is how long a call may take with all its attempts and waits. It travels
// with the request. The default is no limit but that of the attempts.
func Deadline(d time.Duration) Option { return Option{client: func(c *Client) { c.deadline = d }} }

// AttemptTimeout is how long to wait for the reply of one attempt. The default is the
// world's time-out, 50 ms.
func AttemptTimeout(d time.Duration) Option { return Option{client: func(c *Client) { c.attempt = d }} }

// WithIDs gives every call an id, the same for all its attempts, so that a server that
// remembers does the work once.
func WithIDs() Option { return Option{client: func(c *Client) { c.ids = true }} }

// OnlyTop retries only calls that are not made for a request (see For): with retries
// in every layer attempts multiply.
func OnlyTop() Option { return Option{client: func(c *Client) { c.onlyTop = true }} }

// For is the client for calls that a request needs: they inherit what is left of its
// deadline, and are one layer deeper. It shares budget and breaker with c, and counts
// Stats of its own.
func (c *Client) For(r *Request) *Client {
	other := *c
	other.serving = r
	other.Stats, other.sending = ClientStats{}, nil
	return &other
}

// Call asks another node and waits for the answer. The fields are name, value pairs.
// The error is an *Error.
func (c *Client) Call(to, kind string, fields ...any) (*sim.Message, error) {
	c.Stats.Calls++
	call := call{Client: c, to: to, kind: kind, fields: fields, until: c.until()}
	reply, failure := call.run()
	if failure != nil {
		c.Stats.Failed++
		failure.To, failure.Kind, failure.Attempts = to, kind, call.attempts
		failure.At, failure.Seed = c.node.World().Now(), c.node.World().Seed()
		return nil, failure
	}
	return reply, nil
}

// Transact does a transaction again, from its beginning, while it fails with a code
// after which a retry helps, or Aborted: what was read before is out of date. It
// waits and gives up as Call does.
func (c *Client) Transact(do func() error) error {
	t := call{Client: c, until: c.until()}
	for wait := time.Duration(0); ; {
		t.attempts++
		err := do()
		code := CodeOf(err)
		if code == Aborted {
			code = Unavailable // nothing was done
		}
		if code == OK || !t.again(code) || !t.pause(&wait) {
			return err
		}
	}
}

// until is when the call must be over by the node's clock; 0 for no limit.
func (c *Client) until() time.Duration {
	var until time.Duration
	if c.deadline > 0 {
		until = c.node.Now() + c.deadline
	}
	if c.serving != nil && c.serving.until > 0 && !c.wrong.ownDeadline && (until == 0 || c.serving.until < until) {
		until = c.serving.until
	}
	return until
}

// call is one call while it runs.
type call struct {
	*Client
	to, kind string
	fields   []any
	until    time.Duration
	id       string
	attempts int
}

func (c *call) run() (*sim.Message, *Error) {
	if c.budget != nil {
		c.budget.earn()
	}
	for wait := time.Duration(0); ; {
		if !c.breaker.lets(c.node, c.to) {
			c.Stats.Refused++
			return nil, &Error{Code: Unavailable, Text: "the breaker is open"}
		}
		reply, code, text := c.once()
		c.breaker.learn(c.node, c.to, code)
		if code == OK {
			return reply, nil
		}
		if !c.again(code) || !c.pause(&wait) {
			return nil, &Error{Code: code, Text: text}
		}
	}
}

// pause waits before a retry, unless there would be no time for an answer.
func (c *call) pause(wait *time.Duration) bool {
	if c.backoff != nil {
		*wait = c.backoff(c.node.Rand, c.attempts, *wait)
	}
	if c.until > 0 && c.node.Now()+*wait >= c.until {
		return false
	}
	if *wait > 0 {
		c.node.Sleep(*wait)
	}
	return true
}

// again decides about a retry.
func (c *call) again(code Code) bool {
	switch {
	case c.attempts > c.retries,
		!code.RetryHelps() && !c.wrong.retryAll,
		c.onlyTop && c.serving != nil:
		return false
	}
	if c.budget != nil && !c.budget.spend() {
		c.Stats.Refused++
		return false
	}
	c.Stats.Retries++
	return true
}

// once makes one attempt; it ends with a reply and OK, or with another code and what it
// says in words.
func (c *call) once() (*sim.Message, Code, string) {
	fields := append(c.sending[:0], c.fields...)
	if c.ids && (c.id == "" || c.wrong.freshIDs) {
		*c.made++
		c.id = fmt.Sprintf("%s-%d", c.node.Name, *c.made)
	}
	if c.id != "" {
		fields = append(fields, "id", c.id)
	}
	if c.attempts++; c.attempts > 1 {
		fields = append(fields, "attempt", c.attempts)
	}
	if c.serving != nil {
		fields = append(fields, "depth", c.serving.depth+1)
	}
	within := c.Client.attempt
	if c.until > 0 {
		left := c.until - c.node.Now()
		if left <= 0 {
			c.attempts--
			return nil, DeadlineExceeded, "the deadline passed before the request was sent"
		}
		if within == 0 || left < within {
			within = left
		}
		fields = append(fields, "left", left)
	}
	if within > 0 {
		if c.waits.span != within {
			c.waits = wait{within, sim.Timeout(within)}
		}
		fields = append(fields, c.waits.option)
	}
	c.Stats.Attempts++
	c.sending = fields // a message copies them before the call waits
	reply, err := c.node.Call(c.to, c.kind, fields...)
	if err != nil {
		if _, silence := err.(*sim.NoReply); silence {
			return nil, DeadlineExceeded, "no reply"
		}
		return nil, Internal, err.Error()
	}
	if reply.Kind == failed {
		return nil, Code(reply.Text("code")), reply.Text("text")
	}
	return reply, OK, ""
}
