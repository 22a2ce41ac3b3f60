package lab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"netsplit/runtime/display"
	"netsplit/runtime/host"
	"netsplit/runtime/sim"
	"netsplit/runtime/trace"
)

// Table is columns, rows and what is said about them.
type Table struct {
	title   string
	columns []column
	rows    [][]cell
	notes   []string

	data    object                     // of results, for programs
	pending *Results                   // what it will be a table of, once asked
	changes []func(full *Table) *Table // said of it while it is pending
}

type column struct {
	name, unit string
	numeric    bool
	spread     bool     // it holds intervals
	decimals   int      // of its numbers
	texts      []string // as laid out
}

// NewTable makes a table with these columns. A header ends in its unit where it
// has one: "latency ms".
func NewTable(columns ...string) *Table {
	if len(columns) == 0 {
		host.Mistakef("lab.NewTable: name the columns: lab.NewTable(\"retries\", \"succeeded %%\")")
	}
	t := &Table{}
	for _, header := range columns {
		t.columns = append(t.columns, splitHeader(header))
	}
	return t
}

// Row adds a row: one value for each column.
func (t *Table) Row(values ...any) *Table {
	t.fill()
	if len(values) != len(t.columns) {
		var names []string
		for _, c := range t.columns {
			names = append(names, c.name)
		}
		host.Mistakef("Row: %d values for the %d columns %s", len(values), len(t.columns), strings.Join(names, ", "))
	}
	row := make([]cell, len(values))
	for i, v := range values {
		row[i] = cellOf(v)
	}
	t.rows = append(t.rows, row)
	return t
}

// Title puts a line above the table.
func (t *Table) Title(title string) *Table {
	if t.later(func(full *Table) *Table { return full.Title(title) }) {
		return t
	}
	t.title = title
	return t
}

// Note puts a line below the table.
func (t *Table) Note(text string) *Table {
	if t.later(func(full *Table) *Table { return full.Note(text) }) {
		return t
	}
	t.notes = append(t.notes, text)
	return t
}

// Of puts what makes the runs repeatable below the table: seeds, number of events
// and trace hash, over all the worlds together.
func (t *Table) Of(worlds ...*sim.World) *Table {
	if len(worlds) == 0 {
		return t
	}
	return t.Note(repeatable(worlds))
}

// repeatable says which runs these are.
func repeatable(worlds []*sim.World) string {
	events, hash := 0, uint64(0)
	least, most := worlds[0].Seed(), worlds[0].Seed()
	for _, w := range worlds {
		events += w.Events()
		hash = hash*0x9fb21c651e98df25 + w.Trace().Hash
		least, most = min(least, w.Seed()), max(most, w.Seed())
	}
	seeds := fmt.Sprintf("seed %d", least)
	if least != most {
		seeds = fmt.Sprintf("seeds %d..%d", least, most)
	}
	text := fmt.Sprintf("%s · %s events · trace %016x", seeds, trace.Thousands(events), hash)
	if len(worlds) == 1 {
		text = fmt.Sprintf("%s · %s events · trace %s", seeds, trace.Thousands(events), worlds[0].Hash())
	}
	return text
}

// Len is the number of rows.
func (t *Table) Len() int {
	t.fill()
	return len(t.rows)
}

// MimeBundle shows the table: as HTML, and as text where there is none. One of results
// also carries them as data, for programs that read notebooks.
func (t *Table) MimeBundle() display.Bundle {
	if t.pending != nil {
		return t.pending.notRun()
	}
	b := display.Bundle{"text/plain": strings.TrimSuffix(t.String(), "\n"), "text/html": t.HTML()}
	if t.data != nil {
		b[resultsType] = t.data
	}
	return b
}

// Sort puts the rows in the order of a column, ascending; equal ones stay as they are.
func (t *Table) Sort(column string) *Table {
	if t.later(func(full *Table) *Table { return full.Sort(column) }) {
		return t
	}
	i := t.column("Sort", column)
	slices.SortStableFunc(t.rows, func(a, b []cell) int {
		x, y := a[i], b[i]
		if x.number() && y.number() {
			return cmp.Compare(x.float(), y.float())
		}
		return cmp.Compare(x.plain(), y.plain())
	})
	return t
}

// Reverse turns the order of the rows round.
func (t *Table) Reverse() *Table {
	if t.later((*Table).Reverse) {
		return t
	}
	slices.Reverse(t.rows)
	return t
}

// Only keeps these columns, in this order.
func (t *Table) Only(columns ...string) *Table {
	if t.pending != nil {
		changes := append(slices.Clone(t.changes), func(full *Table) *Table { return full.Only(columns...) })
		return &Table{pending: t.pending, changes: changes}
	}
	var chosen []int
	for _, name := range columns {
		chosen = append(chosen, t.column("Only", name))
	}
	kept := &Table{title: t.title, notes: slices.Clone(t.notes), data: t.data}
	for _, i := range chosen {
		kept.columns = append(kept.columns, t.columns[i])
	}
	for _, row := range t.rows {
		var short []cell
		for _, i := range chosen {
			short = append(short, row[i])
		}
		kept.rows = append(kept.rows, short)
	}
	return kept
}

// column is the number of a column, named with or without its unit.
func (t *Table) column(verb, name string) int {
	var names []string
	for i, c := range t.columns {
		if c.name == name || c.header() == name {
			return i
		}
		names = append(names, c.name)
	}
	host.Mistakef("%s(%q): there is no such column (there are: %s)", verb, name, strings.Join(names, ", "))
	return 0
}

func (c *column) header() string { return strings.TrimSpace(c.name + " " + c.unit) }
