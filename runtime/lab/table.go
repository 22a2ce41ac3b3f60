package lab

import (
	"fmt"
	"html"
	"reflect"
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
}

type column struct {
	name, unit string
	numeric    bool
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

// TableOf makes a table of what a learner has: a slice of structs (fields are
// columns), a slice of slices, a map (keys and values), or one struct (a row for
// each field). A field's tag lab:"latency ms" gives it another header.
func TableOf(rows any) *Table {
	d := host.Describe(rows)
	switch {
	case d.Kind == reflect.Map:
		t := NewTable("key", "value")
		for _, item := range d.Items {
			t.Row(item.Key, item.Value)
		}
		return t
	case len(d.Fields) > 0:
		t := NewTable("field", "value")
		for _, f := range d.Fields {
			t.Row(headerOf(f), f.Value)
		}
		return t
	case d.Kind == reflect.Slice || d.Kind == reflect.Array:
		return tableOfItems(d)
	}
	host.Mistakef("lab.TableOf: a table is made of a slice of structs, a slice of slices, a map or a struct, not of %s", d.Type)
	return nil
}

func tableOfItems(d host.Description) *Table {
	t := &Table{}
	for i, item := range d.Items {
		row := host.Describe(item.Value)
		var values []any
		switch {
		case len(row.Fields) > 0:
			for _, f := range row.Fields {
				if i == 0 {
					t.columns = append(t.columns, splitHeader(headerOf(f)))
				}
				values = append(values, f.Value)
			}
		case row.Kind == reflect.Slice || row.Kind == reflect.Array:
			for j, x := range row.Items {
				if i == 0 {
					t.columns = append(t.columns, column{name: fmt.Sprint(j)})
				}
				values = append(values, x.Value)
			}
		default:
			if i == 0 {
				t.columns = []column{{name: "#"}, {name: "value"}}
			}
			values = []any{i, item.Value}
		}
		t.Row(values...)
	}
	if len(t.columns) == 0 {
		t.columns = []column{{name: d.Type}}
	}
	return t
}

func headerOf(f host.Field) string {
	if tag := f.Tag.Get("lab"); tag != "" {
		return tag
	}
	return f.Name
}

// Row adds a row: one value for each column.
func (t *Table) Row(values ...any) *Table {
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
	t.title = title
	return t
}

// Note puts a line below the table.
func (t *Table) Note(text string) *Table {
	t.notes = append(t.notes, text)
	return t
}

// Of puts what makes the runs repeatable below the table: seeds, number of events
// and trace hash, over all the worlds together.
func (t *Table) Of(worlds ...*sim.World) *Table {
	if len(worlds) == 0 {
		return t
	}
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
	return t.Note(text)
}

// Len is the number of rows.
func (t *Table) Len() int { return len(t.rows) }

// MimeBundle shows the table: as HTML, and as text where there is none.
func (t *Table) MimeBundle() display.Bundle {
	return display.Bundle{"text/plain": strings.TrimSuffix(t.String(), "\n"), "text/html": t.HTML()}
}

// String is the table as text.
func (t *Table) String() string {
	t.layout()
	var b strings.Builder
	if t.title != "" {
		b.WriteString(t.title + "\n\n")
	}
	widths := make([]int, len(t.columns))
	units := false
	for i, c := range t.columns {
		widths[i] = max(width(c.name), width(c.unit))
		for _, text := range c.texts {
			widths[i] = max(widths[i], width(text))
		}
		units = units || c.unit != ""
	}
	line := func(text func(int) string) {
		var row strings.Builder
		for i, c := range t.columns {
			s := text(i)
			space := strings.Repeat(" ", widths[i]-width(s))
			if i > 0 {
				row.WriteString("   ")
			}
			if c.numeric {
				row.WriteString(space + s)
			} else {
				row.WriteString(s + space)
			}
		}
		b.WriteString(strings.TrimRight(row.String(), " ") + "\n")
	}
	line(func(i int) string { return t.columns[i].name })
	if units {
		line(func(i int) string { return t.columns[i].unit })
	}
	line(func(i int) string { return strings.Repeat("─", widths[i]) })
	for r := range t.rows {
		line(func(i int) string { return t.columns[i].texts[r] })
	}
	if len(t.notes) > 0 {
		b.WriteString("\n" + strings.Join(t.notes, "\n") + "\n")
	}
	return b.String()
}

// HTML is the table as HTML of the few elements and style attributes that
// JupyterLab lets through in a notebook that is not trusted.
func (t *Table) HTML() string {
	t.layout()
	var b strings.Builder
	const pad = "padding:0.35em 0.9em;"
	b.WriteString(`<table style="border-collapse:collapse;margin:0.4em 0;">` + "\n")
	if t.title != "" {
		fmt.Fprintf(&b, `<caption style="caption-side:top;text-align:left;font-weight:bold;padding:0.2em 0.9em 0.5em 0.9em;">%s</caption>`+"\n", html.EscapeString(t.title))
	}
	b.WriteString("<thead><tr>")
	for _, c := range t.columns {
		unit := ""
		if c.unit != "" {
			unit = fmt.Sprintf(`<br><span style="font-weight:normal;font-size:85%%;">%s</span>`, html.EscapeString(c.unit))
		}
		fmt.Fprintf(&b, `<th style="%stext-align:%s;vertical-align:top;border-bottom:2px solid #8c96a0;">%s%s</th>`, pad, c.align(), html.EscapeString(c.name), unit)
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	for r, row := range t.rows {
		b.WriteString("<tr>")
		for i, c := range t.columns {
			text := strings.ReplaceAll(html.EscapeString(c.texts[r]), "\n", "<br>")
			if tone := row[i].tone(); tone != "" {
				text = fmt.Sprintf(`<span style="color:%s;font-weight:bold;">%s</span>`, tone, text)
			}
			fmt.Fprintf(&b, `<td style="%stext-align:%s;font-variant-numeric:tabular-nums;">%s</td>`, pad, c.align(), text)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody>\n")
	if len(t.notes) > 0 {
		var notes []string
		for _, n := range t.notes {
			notes = append(notes, html.EscapeString(n))
		}
		fmt.Fprintf(&b, `<tfoot><tr><td colspan="%d" style="%stext-align:left;font-size:85%%;color:#7d8790;border-top:1px solid #8c96a0;">%s</td></tr></tfoot>`+"\n",
			len(t.columns), pad, strings.Join(notes, "<br>"))
	}
	b.WriteString("</table>")
	return b.String()
}

func (c column) align() string {
	if c.numeric {
		return "right"
	}
	return "left"
}

// Markdown is the table for a report.
func (t *Table) Markdown() string {
	t.layout()
	var b strings.Builder
	if t.title != "" {
		b.WriteString("**" + t.title + "**\n\n")
	}
	for _, c := range t.columns {
		b.WriteString("| " + escapeBar(strings.TrimSpace(c.name+" "+c.unit)) + " ")
	}
	b.WriteString("|\n")
	for _, c := range t.columns {
		if c.numeric {
			b.WriteString("| ---: ")
		} else {
			b.WriteString("| --- ")
		}
	}
	b.WriteString("|\n")
	for r := range t.rows {
		for _, c := range t.columns {
			b.WriteString("| " + escapeBar(c.texts[r]) + " ")
		}
		b.WriteString("|\n")
	}
	for _, n := range t.notes {
		b.WriteString("\n" + n + "\n")
	}
	return b.String()
}

func escapeBar(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "|", `\|`), "\n", " ")
}

// CSV is the table for a spreadsheet: bare numbers, the unit in the header.
func (t *Table) CSV() string {
	t.layout()
	var b strings.Builder
	quote := func(s string) string {
		if strings.ContainsAny(s, ",\"\n") {
			return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		return s
	}
	for i, c := range t.columns {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(strings.TrimSpace(c.name + " " + c.unit)))
	}
	b.WriteByte('\n')
	for r := range t.rows {
		for i, c := range t.columns {
			if i > 0 {
				b.WriteByte(',')
			}
			text := c.texts[r]
			if c.numeric {
				text = strings.ReplaceAll(text, ",", "")
			}
			b.WriteString(quote(text))
		}
		b.WriteByte('\n')
	}
	return b.String()
}
