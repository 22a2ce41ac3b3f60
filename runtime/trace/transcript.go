package trace

import (
	"fmt"
	"strings"
	"time"

	"netsplit/runtime/display"
)

// Transcript is a run, or a part of it, as text: one event is one line of fixed
// grammar. Its methods narrow it and return a new one:
//
//	world.Transcript().Nodes("client").Kinds("add sum").Between(0, 50*ms)
type Transcript struct {
	log      *Log
	from, to int
	filter   filter
	head     int // lines shown before folding; 0 means all
	tail     int
}

// The lines that a folded transcript shows.
const (
	foldHead = 60
	foldTail = 20
)

// Transcript is a view of the events from index `from` to `to`.
func (l *Log) Transcript(from, to int) *Transcript {
	return &Transcript{log: l, from: from, to: to, head: foldHead, tail: foldTail}
}

// filter is what both views leave out.
type filter struct {
	nodes, kinds map[string]bool
	order        []string // of the columns of a diagram
	first, last  int64
	bounded      bool
}

func (f filter) wants(l *Log, e *Event) bool {
	if f.bounded && (e.At < f.first || e.At > f.last) {
		return false
	}
	if f.nodes != nil && e.Node != World && !f.nodes[l.Name(e.Node)] {
		if e.Msg == nil || e.What == Note || !f.nodes[l.Name(e.Peer)] {
			return false
		}
	}
	if f.kinds != nil && e.Msg != nil && e.What != Note && !f.kinds[e.Msg.Kind] {
		return false
	}
	return true
}

// Nodes keeps the events of these nodes, named in one string: "a b".
func (t *Transcript) Nodes(names string) *Transcript {
	c := *t
	c.filter.nodes = set(names)
	return &c
}

// Kinds keeps the messages of these kinds; other events stay.
func (t *Transcript) Kinds(kinds string) *Transcript {
	c := *t
	c.filter.kinds = set(kinds)
	return &c
}

// Between keeps what happened from one time to another.
func (t *Transcript) Between(from, to time.Duration) *Transcript {
	c := *t
	c.filter.first, c.filter.last, c.filter.bounded = int64(from), int64(to), true
	return &c
}

// All shows every line: nothing is folded.
func (t *Transcript) All() *Transcript {
	c := *t
	c.head, c.tail = 0, 0
	return &c
}

// Lines are the lines of the transcript, unfolded.
func (t *Transcript) Lines() []string {
	var times, texts []string
	width := 6
	for i := t.from; i < t.to && i < t.log.Len(); i++ {
		e := t.log.At(i)
		if !t.filter.wants(t.log, e) {
			continue
		}
		at := stamp(e.Time())
		width = max(width, len(at))
		times, texts = append(times, at), append(texts, t.log.Text(e))
	}
	lines := make([]string, len(texts))
	for i := range texts {
		lines[i] = fmt.Sprintf("%*s  %s", width, times[i], texts[i])
	}
	return lines
}

// stamp is the time column: whole milliseconds, finer only where there are none.
func stamp(d time.Duration) string { return Clock(d) }

// String is the transcript as it is shown, long ones folded in the middle.
func (t *Transcript) String() string {
	lines := t.Lines()
	if t.head > 0 && len(lines) > t.head+t.tail+1 {
		hidden := len(lines) - t.head - t.tail
		mark := fmt.Sprintf("     …  %s more lines; world.Transcript().All() shows them", Thousands(hidden))
		lines = append(append(append([]string{}, lines[:t.head]...), mark), lines[len(lines)-t.tail:]...)
	}
	if missed := t.log.Missed(); missed > 0 && t.to >= t.log.Len() {
		lines = append(lines, fmt.Sprintf("     …  the trace was full: %s later events are not in it", Thousands(missed)))
	}
	if len(lines) == 0 {
		return "nothing happened\n"
	}
	return strings.Join(lines, "\n") + "\n"
}

// MimeBundle shows the transcript as text.
func (t *Transcript) MimeBundle() display.Bundle {
	return display.Bundle{"text/plain": strings.TrimSuffix(t.String(), "\n")}
}

// Text is the line of an event without its time.
func (l *Log) Text(e *Event) string {
	node, peer := l.Name(e.Node), l.Name(e.Peer)
	switch e.What {
	case Send:
		return node + " -> " + peer + ": " + e.Msg.String()
	case Deliver:
		return node + " <- " + peer + ": " + e.Msg.String()
	case Late:
		return node + " <- " + peer + ": " + e.Msg.String() + " (late)"
	case Lost:
		return node + " -x " + peer + ": " + e.Msg.String() + " (" + e.Text + ")"
	case Note:
		return node + ": " + e.Msg.String()
	case NoReply:
		return node + ": no reply from " + peer + " to " + e.Text
	case Crash:
		return node + " crashes" + bracket(e.Text)
	case Restart:
		return node + " restarts" + bracket(e.Text)
	case Pause:
		return node + " pauses" + bracket(e.Text)
	case Resume:
		return node + " resumes" + bracket(e.Text)
	case Remark:
		return "note: " + e.Text
	}
	return e.Text
}

func bracket(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func set(names string) map[string]bool {
	m := map[string]bool{}
	for _, name := range fields(names) {
		m[name] = true
	}
	return m
}

func fields(names string) []string {
	return strings.FieldsFunc(names, func(r rune) bool { return r == ' ' || r == ',' })
}

// Thousands writes n with commas: 1,234,567.
func Thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
