package rpc

import (
	"time"

	"netsplit/runtime/sim"
)

// Breaker stops asking a node that fails: after so many failures in a row (no reply,
// or a code after which a retry helps) it opens, and calls fail at once; after the
// cooldown it is half-open, and lets one call try. If that succeeds it closes. What it
// does is noted (Michael Nygard, Release It!, chapter "Stability Patterns").
func Breaker(failures int, cooldown time.Duration) Option {
	return Option{client: func(c *Client) {
		c.breaker = &breakers{failures: failures, cooldown: cooldown, of: map[string]*breaker{}}
	}}
}

type breakers struct {
	failures int
	cooldown time.Duration
	stuck    bool
	of       map[string]*breaker // by the node asked
}

type breaker struct {
	inARow int
	open   bool
	until  time.Duration
	trying bool // half-open, and a call is on its way
}

func (b *breakers) to(name string) *breaker {
	one := b.of[name]
	if one == nil {
		one = new(breaker)
		b.of[name] = one
	}
	return one
}

// lets tells whether a call may go out.
func (b *breakers) lets(node *sim.Node, to string) bool {
	if b == nil {
		return true
	}
	one := b.to(to)
	if !one.open {
		return true
	}
	if one.trying || node.Now() < one.until || b.stuck {
		return false
	}
	one.trying = true
	node.Note("breaker", "half-open", "to", to)
	return true
}

// learn is told how each attempt ended.
func (b *breakers) learn(node *sim.Node, to string, code Code) {
	if b == nil {
		return
	}
	one := b.to(to)
	one.trying = false
	if !code.RetryHelps() {
		if one.open {
			node.Note("breaker", "closed", "to", to)
		}
		one.open, one.inARow = false, 0
		return
	}
	if one.inARow++; one.open || one.inARow >= b.failures {
		if !one.open || one.until <= node.Now() {
			node.Note("breaker", "open", "to", to)
		}
		one.open, one.until = true, node.Now()+b.cooldown
	}
}
