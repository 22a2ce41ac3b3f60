package trace

import (
	"fmt"
	"time"

	"netsplit/runtime/measure"
)

// Call is a request and what became of it: a span of the run that begins where a
// reply was asked for. Times that did not come are Never.
type Call struct {
	From, To  string
	Kind      string
	Request   string // the request as a transcript writes it
	Reply     string // and its reply; empty without one
	Sent      time.Duration
	Arrived   time.Duration // at the other node, for the first time
	Answered  time.Duration // there
	Returned  time.Duration // with the reply
	GaveUp    time.Duration // without
	Parent    int           // the call because of which it was made: its place in the list, or -1
	Events    [4]int        // where the four times stand in the log, or -1
	messageID uint64
}

// Never is the time of what did not happen.
const Never = time.Duration(-1)

// Latency is how long the caller waited for its reply; false if none came.
func (c *Call) Latency() (time.Duration, bool) {
	if c.Returned == Never {
		return 0, false
	}
	return c.Returned - c.Sent, true
}

// Stay is how long the request was at the other node, waiting included; false if it
// was not answered.
func (c *Call) Stay() (time.Duration, bool) {
	if c.Answered == Never || c.Arrived == Never {
		return 0, false
	}
	return c.Answered - c.Arrived, true
}

// String is the call in one line.
func (c *Call) String() string {
	switch {
	case c.Returned != Never:
		return fmt.Sprintf("%s  %s -> %s: %s, %s after %v", stamp(c.Sent), c.From, c.To, c.Request, c.Reply, c.Returned-c.Sent)
	case c.GaveUp != Never:
		return fmt.Sprintf("%s  %s -> %s: %s, no reply after %v", stamp(c.Sent), c.From, c.To, c.Request, c.GaveUp-c.Sent)
	}
	return fmt.Sprintf("%s  %s -> %s: %s, still open", stamp(c.Sent), c.From, c.To, c.Request)
}

// Calls are all requests for which somebody waited, in the order in which they were
// sent, of these kinds or of all. A call that was made while another one was handled
// has it as its parent.
func (l *Log) Calls(kinds ...string) []Call {
	var list []Call
	open := map[uint64]int{}  // by number of the call
	bySend := map[int32]int{} // by event of sending
	wanted := func(kind string) bool {
		for _, k := range kinds {
			if k == kind {
				return true
			}
		}
		return len(kinds) == 0
	}
	for i := range l.n {
		e := l.At(i)
		if e.What == NoReply {
			if at, ok := open[l.given[i]]; ok {
				list[at].GaveUp = e.Time()
			}
			continue
		}
		m := e.Msg
		if m == nil || m.Call == 0 || e.What == Note {
			continue
		}
		switch {
		case e.What == Send && !m.IsReply:
			if _, again := open[m.Call]; again {
				continue
			}
			c := Call{From: l.Name(e.Node), To: l.Name(e.Peer), Kind: m.Kind, Request: m.String(), Sent: e.Time(),
				Arrived: Never, Answered: Never, Returned: Never, GaveUp: Never, Parent: -1, Events: [4]int{i, -1, -1, -1}, messageID: m.ID}
			if at, ok := l.parentOf(m, bySend); ok {
				c.Parent = at
			}
			open[m.Call] = len(list)
			bySend[int32(i)+1] = len(list)
			list = append(list, c)
		default:
			at, ok := open[m.Call]
			if !ok {
				continue
			}
			c := &list[at]
			switch {
			case !m.IsReply && e.What == Deliver && c.Arrived == Never:
				c.Arrived, c.Events[1] = e.Time(), i
			case m.IsReply && e.What == Send && c.Answered == Never:
				c.Answered, c.Reply, c.Events[2] = e.Time(), m.String(), i
			case m.IsReply && e.What == Deliver && c.Returned == Never:
				c.Returned, c.Events[3] = e.Time(), i
			}
		}
	}
	if len(kinds) == 0 {
		return list
	}
	place := make([]int, len(list))
	var some []Call
	for i, c := range list {
		place[i] = -1
		if wanted(c.Kind) {
			place[i] = len(some)
			some = append(some, c)
		}
	}
	for i := range some {
		if some[i].Parent >= 0 {
			some[i].Parent = place[some[i].Parent]
		}
	}
	return some
}

// GivesUp says of which call the next event is the end, a NoReply.
func (l *Log) GivesUp(call uint64) {
	if l.given == nil {
		l.given = map[int]uint64{}
	}
	l.given[l.n] = call
}

// parentOf follows the causes of a message up to one that is a call.
func (l *Log) parentOf(m *Message, calls map[int32]int) (int, bool) {
	for at := m.cause; at > 0; {
		if i, ok := calls[at]; ok {
			return i, true
		}
		e := l.At(int(at) - 1)
		if e.Msg == nil || e.Msg.cause >= at {
			return 0, false
		}
		at = e.Msg.cause
	}
	return 0, false
}

// Latencies are how long the calls of these kinds, or of all, took that had a reply.
func (l *Log) Latencies(kinds ...string) *measure.Samples {
	s := &measure.Samples{}
	for _, c := range l.Calls(kinds...) {
		if d, ok := c.Latency(); ok {
			s.Add(d)
		}
	}
	return s
}
