package rpc

import "netsplit/runtime/load"

// Op is a call as an operation of a load: the operation succeeds when the call does.
//
//	load.Open(node, load.Poisson(200), 10*sec, client.Op("shop", "order"))
//
// It says the same as a function that makes the call, and is quicker than one of a cell.
func (c *Client) Op(to, kind string, fields ...any) func(op *load.Op) {
	return func(op *load.Op) {
		if _, err := c.Call(to, kind, fields...); err != nil {
			op.Fail()
		}
	}
}

// Answer gives every request of a kind the same reply: for a server of which only the
// time that it takes matters.
func (s *Server) Answer(kind, reply string, fields ...any) {
	s.Handle(kind, func(r *Request) { r.Reply(reply, fields...) })
}
