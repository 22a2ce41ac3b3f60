package lab

import (
	"netsplit/runtime/display"
	"netsplit/runtime/host"
)

// While a submission is graded nobody looks at what a lesson shows, and a lesson's
// tables cost far more than its checks. So a table or a chart of results that have not
// run is then made of nothing: shown, it says that it was not run; asked for what it
// holds, it runs them. Whoever asks for a value gets it.

// shownOnly tells whether results would run only to be shown.
func (r *Results) shownOnly() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return host.Graded() && !r.started
}

// notRun is shown in the place of results that nobody will look at.
func (r *Results) notRun() display.Bundle {
	name := r.title
	if name == "" {
		name = r.label()
	}
	return display.Bundle{"text/plain": "not run while a submission is graded: " + name}
}

// later says what to do with the table once it holds its results, and tells whether
// there is anything to wait for.
func (t *Table) later(do func(full *Table) *Table) bool {
	if t.pending == nil {
		return false
	}
	t.changes = append(t.changes, do)
	return true
}

// fill runs what the table waits for.
func (t *Table) fill() {
	if t.pending == nil {
		return
	}
	full := t.pending.table()
	for _, change := range t.changes {
		full = change(full)
	}
	*t = *full
}

// fill runs what the chart waits for, and draws it below what was added to the chart.
func (c *Chart) fill() {
	if c.pending == nil {
		return
	}
	added := *c
	*c = *added.pending.chart(added.measure)
	c.series = append(c.series, added.series...)
	c.shades = append(c.shades, added.shades...)
	c.notes = append(c.notes, added.notes...)
	c.height = added.height
	if added.title != "" {
		c.title = added.title
	}
	for _, a := range []struct{ to, from *axis }{{&c.x, &added.x}, {&c.y, &added.y}} {
		a.to.log = a.to.log || a.from.log
		if a.from.fixed {
			a.to.low, a.to.high, a.to.fixed = a.from.low, a.from.high, true
		}
	}
}
