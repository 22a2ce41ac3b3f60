package rpc

import (
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
)

// wrong is what a client does wrong, on purpose.
type wrong struct{ freshIDs, retryAll, ownDeadline bool }

// FreshIDs is wrong: each attempt has an id of its own, so no server can tell a retry
// from a new request.
func FreshIDs() Option {
	return Option{client: func(c *Client) { c.ids, c.wrong.freshIDs = true, true }}
}

// RetryAll is wrong: what cannot succeed is retried too.
func RetryAll() Option { return Option{client: func(c *Client) { c.wrong.retryAll = true }} }

// OwnDeadline is wrong: calls for a request do not inherit its deadline, and work goes
// on for callers that have left.
func OwnDeadline() Option { return Option{client: func(c *Client) { c.wrong.ownDeadline = true }} }

// EndlessBudget is wrong: the budget is asked, and never charged. After ten calls
// every retry is allowed. Give it after Budget.
func EndlessBudget() Option {
	return Option{client: func(c *Client) {
		if c.budget == nil {
			host.Mistakef("rpc.EndlessBudget needs rpc.Budget before it")
		}
		c.budget.endless = true
	}}
}

// SameJitter is wrong: it looks like FullJitter, but the random numbers of all clients
// begin alike (a seed that was copied, a clock that was read in the same second), so
// that all wait equally long and come back together.
func SameJitter(base, limit time.Duration) Option {
	return waits(func(_ *sim.Rand, n int, _ time.Duration) time.Duration {
		draws := []float64{0.62, 0.27, 0.91, 0.48, 0.75, 0.13, 0.84, 0.39}
		return time.Duration(draws[n%len(draws)] * float64(doubled(base, limit, n)))
	})
}

// StuckBreaker is wrong: once open, the breaker never tries again. Give it after
// Breaker.
func StuckBreaker() Option {
	return Option{client: func(c *Client) {
		if c.breaker == nil {
			host.Mistakef("rpc.StuckBreaker needs rpc.Breaker before it")
		}
		c.breaker.stuck = true
	}}
}

// ForgetAfterReply is wrong: the server replies first and remembers the answer on disk
// afterwards; a crash in between does the work twice.
func ForgetAfterReply() Option {
	return Option{server: func(s *Server) { s.remember, s.late = onDisk, true }}
}

// LateShedding is wrong: what finds the queue full is worked on like all else and then
// refused. The server does all of the work and keeps none of it. Give it after
// QueueLimit.
func LateShedding() Option {
	return Option{server: func(s *Server) {
		if s.limit < 0 {
			host.Mistakef("rpc.LateShedding needs rpc.QueueLimit before it")
		}
		s.lateShedding = true
	}}
}
