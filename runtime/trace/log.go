package trace

import (
	"fmt"
	"math"
	"time"
)

// What tells what an event is.
type What uint8

// The kinds of events, each with the form of its line in a transcript.
const (
	Send     What = iota + 1 // a -> b: kind name=value
	Deliver                  // b <- a: kind name=value
	Late                     // b <- a: kind name=value (late)
	Lost                     // a -x b: kind name=value (why)
	Note                     // a: name=value
	NoReply                  // a: no reply from b to kind after 50ms
	Crash                    // a crashes
	Restart                  // a restarts
	Pause                    // a pauses
	Resume                   // a resumes
	Fault                    // partition a | b c; any fault that begins or ends, in its own words
	Remark                   // note: text; said by the world, not by a node
	Broken                   // broken at 87ms: sentence (seed 6)
	Deadlock                 // deadlock: who waits for what
	Stopped                  // interrupted, or a limit was reached
)

// Names of the kinds, for filters and exports.
func (w What) String() string {
	names := [...]string{"", "send", "deliver", "late", "lost", "note", "no reply", "crash", "restart",
		"pause", "resume", "fault", "remark", "broken", "deadlock", "stopped"}
	if int(w) < len(names) {
		return names[w]
	}
	return fmt.Sprintf("event(%d)", w)
}

// World is the lane of events that belong to no node.
const World = int32(-1)

// Event is one thing that happened. Node is where; Peer is the other end of a
// message; both are numbers given by Log.Lane. Msg is the message, or for a note
// its fields; Text is what remains of the line.
type Event struct {
	At   int64 // nanoseconds of virtual time
	Msg  *Message
	Text string
	Node int32
	Peer int32
	What What
}

// Time is when it happened.
func (e *Event) Time() time.Duration { return time.Duration(e.At) }

// Span is a fault or a state of a node that lasts: a partition, a crash, a pause.
type Span struct {
	What   string  // "crash", "partition", "pause", "loss", …
	Text   string  // the fault in its own words: partition a | b c
	Lanes  []int32 // the nodes it touches; none: all
	Groups []int32 // of a partition: the group of each lane of Lanes
	From   int64
	To     int64 // Open while it lasts
}

// Open is the end of a span that has not ended.
const Open = int64(math.MaxInt64)

// chunk is how many events are kept together: a record costs no copying of
// earlier ones and the collector sees few objects.
const chunk = 1024

// Log records what happened in one world. The world appends to it; views
// (Transcript, Timeline) read it.
type Log struct {
	Seed   uint64
	Hash   uint64 // over every step of the world, recorded or not
	Steps  uint64 // of the world so far
	Now    int64
	Limit  int    // most events recorded; 0 for the default of 1<<18
	Ended  string // why the world can not go on, or empty
	names  []string
	lanes  map[string]int32
	chunks [][]Event
	n      int
	missed int
	spans  []Span
	work   []Work
	given  map[int]uint64 // calls without a reply, by event
	sizes  map[uint64]int // of messages that have another size than their own
}

// DefaultLimit is how many events a log keeps unless told otherwise.
const DefaultLimit = 1 << 18

// Lane is the number under which name appears in events.
func (l *Log) Lane(name string) int32 {
	if i, ok := l.lanes[name]; ok {
		return i
	}
	if l.lanes == nil {
		l.lanes = map[string]int32{}
	}
	i := int32(len(l.names))
	l.names = append(l.names, name)
	l.lanes[name] = i
	return i
}

// Name is the name of a lane.
func (l *Log) Name(lane int32) string {
	if lane < 0 || int(lane) >= len(l.names) {
		return ""
	}
	return l.names[lane]
}

// Lanes are the names of all lanes.
func (l *Log) Lanes() []string { return l.names }

// Len is how many events are recorded.
func (l *Log) Len() int { return l.n }

// Missed is how many events came after the log was full.
func (l *Log) Missed() int { return l.missed }

// At is the i-th event.
func (l *Log) At(i int) *Event { return &l.chunks[i/chunk][i%chunk] }

// Spans are the faults and states that last, in the order in which they began.
func (l *Log) Spans() []Span { return l.spans }

// Add records an event.
func (l *Log) Add(e Event) {
	limit := l.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	if l.n >= limit {
		l.missed++
		return
	}
	i := l.n % chunk
	if i == 0 {
		l.chunks = append(l.chunks, make([]Event, chunk))
	}
	l.chunks[len(l.chunks)-1][i] = e
	l.n++
	if e.What == Send && e.Msg != nil {
		e.Msg.event = int32(l.n)
	}
}

// Cause is the index of the event that sent the message of event i, or -1.
func (l *Log) Cause(i int) int {
	if e := l.At(i); e.Msg != nil && e.What != Send {
		return int(e.Msg.event) - 1
	}
	return -1
}

// Begin opens a span and returns its number for End.
func (l *Log) Begin(s Span) int {
	s.To = Open
	l.spans = append(l.spans, s)
	return len(l.spans) - 1
}

// End closes a span.
func (l *Log) End(span int, at int64) {
	if span >= 0 && span < len(l.spans) && l.spans[span].To == Open {
		l.spans[span].To = at
	}
}
