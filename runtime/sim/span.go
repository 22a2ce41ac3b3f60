package sim

import "netsplit/runtime/trace"

// Span is a stretch of a node's work that its program names, as in distributed
// tracing: it lies inside the call that the node handles, and inside a span that the
// program began before. It costs no time and is no event; a crash leaves it open.
type Span struct {
	node *Node
	id   int
}

// Span begins a span; End ends it. Fields are name, value pairs, as in Note.
//
//	span := node.Span("commit", "entries", n)
//	node.Disk.Sync()
//	span.End()
func (n *Node) Span(name string, fields ...any) *Span {
	p := n.enter("node.Span")
	w := n.world
	s := &Span{node: n, id: -1}
	if !w.tracing {
		return s
	}
	cause := int32(0)
	if p != nil {
		cause = p.cause
	}
	m := w.outside.compose("node.Span", name, fields, &callOptions{})
	s.id = w.log.BeginWork(trace.Work{Node: n.Name, Name: name, Text: m.Message.String(), From: w.Now(), Sent: cause})
	return s
}

// End ends the span, once.
func (s *Span) End() {
	s.node.enter("Span.End")
	if s.id >= 0 {
		s.node.world.log.EndWork(s.id, s.node.world.Now())
	}
}
