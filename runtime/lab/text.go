package lab

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"netsplit/runtime/trace"
)

// String is the table as text.
func (t *Table) String() string {
	t.fill()
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
			s := strings.ReplaceAll(text(i), "\n", " ")
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
		if first, last := t.folded(); r >= first && r < last {
			if r == first {
				b.WriteString(foldedText(last-first) + "\n")
			}
			continue
		}
		line(func(i int) string { return t.columns[i].texts[r] })
	}
	if len(t.notes) > 0 {
		b.WriteString("\n" + strings.Join(t.notes, "\n") + "\n")
	}
	return b.String()
}

// folded are the rows from first to before last that a long table leaves out where it is
// shown; CSV, JSON and Markdown hold all.
func (t *Table) folded() (first, last int) {
	const most, end = 60, 10
	if n := len(t.rows); n > most {
		return most - end - 1, n - end
	}
	return 0, 0
}

func foldedText(n int) string { return fmt.Sprintf("… %s more rows …", trace.Thousands(n)) }

// Markdown is the table for a report.
func (t *Table) Markdown() string {
	t.fill()
	t.layout()
	var b strings.Builder
	if t.title != "" {
		b.WriteString("**" + t.title + "**\n\n")
	}
	for _, c := range t.columns {
		b.WriteString("| " + escapeBar(c.header()) + " ")
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
			b.WriteString("| " + escapeBar(squeeze(c.texts[r])) + " ")
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

// squeeze takes away what only lines numbers up.
func squeeze(s string) string { return strings.ReplaceAll(s, figureSpace, "") }

// CSV is the table for a spreadsheet (RFC 4180): bare numbers, the unit in the header.
// An interval takes three columns.
func (t *Table) CSV() string {
	t.fill()
	t.layout()
	var b strings.Builder
	w := csv.NewWriter(&b)
	var header []string
	for _, c := range t.columns {
		header = append(header, c.header())
		if c.spread {
			header = append(header, c.header()+" low", c.header()+" high")
		}
	}
	w.Write(header)
	for r, row := range t.rows {
		var line []string
		for i, c := range t.columns {
			x := row[i]
			text := c.texts[r]
			if c.numeric {
				text = strings.ReplaceAll(squeeze(text), ",", "")
			}
			switch {
			case c.spread && x.form == spread && math.IsInf(x.low, 0):
				line = append(line, c.format(x.real), "", "")
			case c.spread && x.form == spread:
				line = append(line, c.format(x.real), c.format(x.low), c.format(x.high))
			case c.spread:
				line = append(line, text, "", "")
			default:
				line = append(line, text)
			}
		}
		w.Write(line)
	}
	w.Flush()
	return b.String()
}

// JSON is the table for a program: an object with the title, the columns with their
// units, the rows as lists of unrounded values, and the notes. Durations are numbers
// in their column's unit, intervals lists of value, low and high.
func (t *Table) JSON() string {
	t.fill()
	t.layout()
	type columnJSON struct {
		Name string `json:"name"`
		Unit string `json:"unit,omitempty"`
	}
	out := struct {
		Title   string       `json:"title,omitempty"`
		Columns []columnJSON `json:"columns"`
		Rows    [][]any      `json:"rows"`
		Notes   []string     `json:"notes,omitempty"`
	}{Title: t.title, Columns: []columnJSON{}, Rows: [][]any{}, Notes: t.notes}
	for _, c := range t.columns {
		out.Columns = append(out.Columns, columnJSON{c.name, c.unit})
	}
	for _, row := range t.rows {
		line := make([]any, len(row))
		for i, x := range row {
			line[i] = x.json(t.columns[i].unit)
		}
		out.Rows = append(out.Rows, line)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		panic(err) // cells hold nothing that JSON does not know
	}
	return b.String()
}

func (c cell) json(unit string) any {
	finite := func(x float64) any {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil
		}
		return x
	}
	switch c.form {
	case blank:
		return nil
	case whole:
		return c.whole
	case real:
		return finite(c.real)
	case spread:
		return []any{finite(c.real), finite(c.low), finite(c.high)}
	case span:
		scale := spanUnits[unit]
		if scale == 0 {
			return time.Duration(c.whole).String()
		}
		return float64(c.whole) / float64(scale)
	}
	return c.text
}
