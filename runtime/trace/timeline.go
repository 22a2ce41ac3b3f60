package trace

import (
	"fmt"
	"time"

	"netsplit/runtime/display"
)

// Timeline is a run, or a part of it, as a space-time diagram: one column for each
// node, time from top to bottom, a line for every message from where and when it
// was sent to where and when it arrived. Faults are drawn where they act: a crashed
// node's line is a red bar, a paused one's grey, a partition a band over its time.
// Between events time is stretched or shortened so that lines can be read; a
// shortened stretch is marked on the axis.
//
// In JupyterLab, hovering tells all fields of a message and how long it took, dragging
// moves, the wheel with the shift key zooms, and a slider moves long runs. Everywhere else there is a picture, and the transcript
// as its text.
type Timeline struct {
	transcript *Transcript
	title      string
	by         string // the name of the notes that colour the lines
}

// Timeline is the diagram of all events.
func (l *Log) Timeline() *Timeline { return &Timeline{transcript: l.Transcript(0, l.Len())} }

// Nodes keeps the events of these nodes, named in one string: "a b". Their columns
// stand in this order.
func (t *Timeline) Nodes(names string) *Timeline {
	c := *t
	c.transcript = t.transcript.Nodes(names)
	c.transcript.filter.order = fields(names)
	return &c
}

// Kinds keeps the messages of these kinds; other events stay.
func (t *Timeline) Kinds(kinds string) *Timeline {
	c := *t
	c.transcript = t.transcript.Kinds(kinds)
	return &c
}

// Between keeps what happened from one time to another.
func (t *Timeline) Between(from, to time.Duration) *Timeline {
	c := *t
	c.transcript = t.transcript.Between(from, to)
	return &c
}

// Title puts a line above the diagram.
func (t *Timeline) Title(title string) *Timeline {
	c := *t
	c.title = title
	return &c
}

// By colours each node's line by what the node noted last under a name, until it notes
// something else or crashes: By("role") shows at a glance who leads when. In a film the
// nodes have the colours.
func (t *Timeline) By(name string) *Timeline {
	c := *t
	c.by = name
	return &c
}

// String is the transcript of what the diagram shows.
func (t *Timeline) String() string { return t.transcript.String() }

// MimeBundle shows the diagram: interactive, as a picture, and as text.
func (t *Timeline) MimeBundle() display.Bundle {
	b := t.transcript.MimeBundle()
	if s := t.scene(); s != nil {
		b["application/vnd.vega.v5+json"] = s.vega()
		b["image/png"] = s.png()
	}
	return b
}

// caption says which run the diagram shows.
func (t *Timeline) caption(shown, all int) string {
	l := t.transcript.log
	s := fmt.Sprintf("seed %d · %s events · trace %016x", l.Seed, Thousands(int(l.Steps)), l.Hash)
	if shown < all {
		s += fmt.Sprintf(" · the first %s of %s events; Between, Nodes and Kinds choose others", Thousands(shown), Thousands(all))
	}
	if l.Ended != "" {
		s += " · not finished"
	}
	return s
}
