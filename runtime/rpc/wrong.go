package rpc

import "netsplit/runtime/host"

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
