package trace

import (
	"fmt"
	"time"
)

// Work is a span that the program of a node named: a stretch of its own work (a
// sync, a search), inside the call that it handled. To is Never while it lasts.
type Work struct {
	Node   string
	Name   string
	Text   string // with its fields
	From   time.Duration
	To     time.Duration
	Sent   int32 // where the message that was handled was sent, as Message.Sent says; 0 for none
	Parent int   // the work around it: its place in the list, or -1
}

// String is the work in one line.
func (w Work) String() string {
	if w.To == Never {
		return fmt.Sprintf("%s  %s: %s, still open", stamp(w.From), w.Node, w.Text)
	}
	return fmt.Sprintf("%s  %s: %s, %v", stamp(w.From), w.Node, w.Text, w.To-w.From)
}

// BeginWork records that work begins and returns its number for EndWork.
func (l *Log) BeginWork(w Work) int {
	w.To, w.Parent = Never, -1
	for i := len(l.work) - 1; i >= 0; i-- {
		if o := &l.work[i]; o.To == Never && o.Node == w.Node && o.Sent == w.Sent {
			w.Parent = i
			break
		}
	}
	l.work = append(l.work, w)
	return len(l.work) - 1
}

// EndWork records that work has ended.
func (l *Log) EndWork(work int, at time.Duration) {
	if work >= 0 && work < len(l.work) && l.work[work].To == Never {
		l.work[work].To = at
	}
}

// Works are the spans that programs named, in the order in which they began.
func (l *Log) Works() []Work { return l.work }
