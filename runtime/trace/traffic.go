package trace

import (
	"fmt"
	"sort"
	"time"

	"netsplit/runtime/measure"
)

// Traffic counts messages: of a kind, or from one node to another.
type Traffic struct {
	Name      string // the kind, or "a -> b"
	Sent      int
	Delivered int
	Late      int // replies that came after their caller had stopped waiting
	Lost      int
	Bytes     int // of what was sent
}

// String is the counts in one line.
func (t Traffic) String() string {
	return fmt.Sprintf("%s: %d sent, %d delivered, %d late, %d lost, %d bytes", t.Name, t.Sent, t.Delivered, t.Late, t.Lost, t.Bytes)
}

// Traffic counts the messages of each kind, kinds in alphabetical order.
func (l *Log) Traffic() []Traffic {
	return l.count(func(e *Event) string { return e.Msg.Kind })
}

// Links counts the messages from each node to each other one.
func (l *Log) Links() []Traffic {
	return l.count(func(e *Event) string {
		if e.What == Deliver || e.What == Late {
			return l.Name(e.Peer) + " -> " + l.Name(e.Node)
		}
		return l.Name(e.Node) + " -> " + l.Name(e.Peer)
	})
}

func (l *Log) count(name func(*Event) string) []Traffic {
	counts := map[string]*Traffic{}
	for i := range l.n {
		e := l.At(i)
		if e.Msg == nil || e.What == Note {
			continue
		}
		key := name(e)
		t := counts[key]
		if t == nil {
			t = &Traffic{Name: key}
			counts[key] = t
		}
		switch e.What {
		case Send:
			t.Sent++
			t.Bytes += l.size(e.Msg)
		case Deliver:
			t.Delivered++
		case Late:
			t.Late++
		case Lost:
			t.Lost++
		}
	}
	list := make([]Traffic, 0, len(counts))
	for _, t := range counts {
		list = append(list, *t)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// Throughput is how many messages of a kind arrived per second, in windows of time.
func (l *Log) Throughput(kind string, window time.Duration) *measure.Series {
	rate := measure.NewRate(window)
	for i := range l.n {
		if e := l.At(i); e.What == Deliver && e.Msg.Kind == kind {
			rate.Count(e.Time())
		}
	}
	return rate.Series(kind)
}

// Operation is a message that no other message caused, with all that it caused in
// turn: what one operation costs the network.
type Operation struct {
	What     string // its first message, as a transcript writes it
	Kind     string
	From     string
	At       time.Duration // when it began
	Took     time.Duration // until the last of its messages arrived
	Messages int
	Bytes    int
}

// String is the operation in one line.
func (o Operation) String() string {
	return fmt.Sprintf("%s  %s: %s: %d messages, %d bytes in %v", stamp(o.At), o.From, o.What, o.Messages, o.Bytes, o.Took)
}

// Operations are the operations that begin with a message of these kinds, or all, in
// the order in which they began. A message belongs to the operation of the message
// that its sender handled when it sent it; what timers send that go on for ever
// begins operations of its own.
func (l *Log) Operations(kinds ...string) []Operation {
	root := make([]int32, l.n) // by event: its operation, plus one
	var list []Operation
	var ends []int64
	for i := range l.n {
		e := l.At(i)
		if e.Msg == nil || e.What == Note {
			continue
		}
		at := int32(0)
		switch {
		case e.What == Send && e.Msg.cause > 0 && int(e.Msg.cause) <= i:
			at = root[e.Msg.cause-1]
		case e.What == Send:
			list = append(list, Operation{What: e.Msg.String(), Kind: e.Msg.Kind, From: l.Name(e.Node), At: e.Time()})
			ends = append(ends, e.At)
			at = int32(len(list))
		case e.Msg.event > 0 && int(e.Msg.event) <= i:
			at = root[e.Msg.event-1]
		}
		root[i] = at
		if at == 0 {
			continue
		}
		o := &list[at-1]
		if e.What == Send {
			o.Messages++
			o.Bytes += l.size(e.Msg)
		}
		ends[at-1] = max(ends[at-1], e.At)
	}
	some := list[:0]
	for i, o := range list {
		o.Took = time.Duration(ends[i]) - o.At
		for _, kind := range kinds {
			if kind == o.Kind {
				some = append(some, o)
			}
		}
		if len(kinds) == 0 {
			some = append(some, o)
		}
	}
	return some
}

// Weigh says that a message has another size than its own (sim.Bytes).
func (l *Log) Weigh(m *Message, bytes int) {
	if l.sizes == nil {
		l.sizes = map[uint64]int{}
	}
	l.sizes[m.ID] = bytes
}

func (l *Log) size(m *Message) int {
	if bytes, ok := l.sizes[m.ID]; ok {
		return bytes
	}
	return m.Size()
}

// Size is how many bytes a message has on a network: 40 for its header, its kind, the
// names of its fields, and their values, numbers with 8.
func (m *Message) Size() int {
	const header = 40
	n := header + len(m.Kind)
	for i := range m.Len() {
		n += len(m.Name(i))
		switch v := m.Value(i); v.Type() {
		case Text:
			n += int(v.Bits())
		case List:
			n += len(v.String())
		default:
			n += 8
		}
	}
	return n
}
