// Package rpc is remote procedure calls with the policies that make them
// reliable, or, in the wrong place, make an outage last.
//
// node.Call of package sim is one attempt: a message, a reply, a time-out. A
// Client is what programs call instead; a Server is what they answer with.
//
//	func Shop(node *sim.Node) {
//		server := rpc.NewServer(node, rpc.Work(sim.Constant(3*ms)), rpc.QueueLimit(50))
//		server.Handle("order", func(r *rpc.Request) {
//			if r.Int("item") > 9 {
//				r.Fail(rpc.NotFound, "no such item")
//				return
//			}
//			r.Reply("receipt")
//		})
//	}
//
//	func Customer(node *sim.Node) {
//		client := rpc.NewClient(node, rpc.Retries(3), rpc.FullJitter(5*ms, 2*sec), rpc.Budget(0.1), rpc.WithIDs())
//		reply, err := client.Call("shop", "order", "item", 3)
//	}
//
// # What a client can do
//
//	Retries(n)              at most n more attempts, only where a retry can help
//	Deadline(d)             for the call as a whole; it travels with the request
//	AttemptTimeout(d)       for one attempt
//	Exponential, EqualJitter, FullJitter, Decorrelated
//	                        how long to wait before a retry
//	Budget(share)           retries are at most a share of the calls
//	OnlyTop()               retries only where no request is being served
//	WithIDs()               one id for all attempts of a call
//	Breaker(k, cooldown)    after k failures in a row nothing is sent for a while
//
// In a handler client.For(r) is the client for what r needs: what is left of r's
// deadline is the deadline, and OnlyTop finds that it is not at the top.
//
// # What a server can do
//
//	Work, Workers           how long requests take, how many at once
//	QueueLimit(n)           shedding: more are answered Unavailable at once
//	NewestFirst()           the queue as a stack
//	SkipExpired()           what nobody waits for any more is not worked on
//	Remember, RememberOnDisk  the answer to an id is given again, the work is not done again
//
// # Much of it
//
// A table of overloads makes millions of calls. client.Op is a call as an operation of
// load.Open, server.Answer a handler that gives everybody the same reply: both are
// compiled, and such calls cost a third of those that pass through functions of a cell.
//
// # Codes
//
// An error is an *Error with one of gRPC's codes; Code.RetryHelps says what they
// mean to a client. No reply is DeadlineExceeded: whether the work was done, nobody
// knows.
//
// # Wrong on purpose
//
// Lessons and checks compare these with what is right:
//
//	RetryAll          retries what cannot succeed
//	OwnDeadline       each layer begins a deadline of its own
//	EndlessBudget     the budget is asked and never charged
//	SameJitter        the random waits of all clients are the same
//	FreshIDs          a new id for each attempt
//	ForgetAfterReply  the answer is remembered too late to survive a crash
//	StuckBreaker      it never closes again
//	LateShedding      what is refused is worked on first
//
// # What travels
//
// Policies are fields of messages, to be seen in traces: id, attempt, left (of the
// deadline: a span and not a time, because the clocks of two nodes differ, as in
// gRPC's header grpc-timeout), depth. Each is there only where it says something.
package rpc
