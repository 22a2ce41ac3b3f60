package trace

import "fmt"

// Difference is where two logs first differ: both lines, or the empty string where
// one of them has ended. Index is -1 when they are the same.
type Difference struct {
	Index int
	A, B  string
}

// Diff compares two runs event by event.
func Diff(a, b *Log) Difference {
	for i := range max(a.Len(), b.Len()) {
		var x, y string
		if i < a.Len() {
			x = a.line(i)
		}
		if i < b.Len() {
			y = b.line(i)
		}
		if x != y {
			return Difference{i, x, y}
		}
	}
	return Difference{Index: -1}
}

// line is an event with its exact time.
func (l *Log) line(i int) string {
	e := l.At(i)
	return e.Time().String() + "  " + l.Text(e)
}

// String says where the runs differ.
func (d Difference) String() string {
	if d.Index < 0 {
		return "no difference"
	}
	end := func(s string) string {
		if s == "" {
			return "(the run has ended)"
		}
		return s
	}
	return fmt.Sprintf("first difference at event %d:\n  %s\n  %s", d.Index+1, end(d.A), end(d.B))
}
