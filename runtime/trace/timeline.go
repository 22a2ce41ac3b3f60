package trace

import "netsplit/runtime/display"

// Timeline is a run, or a part of it, as a space-time diagram.
type Timeline struct{ t *Transcript }

// Timeline is the diagram of all events.
func (l *Log) Timeline() *Timeline { return &Timeline{l.Transcript(0, l.Len())} }

// MimeBundle shows the diagram.
func (t *Timeline) MimeBundle() display.Bundle { return t.t.MimeBundle() }
