package lab

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// cell is one value of a table.
type cell struct {
	form  form
	text  string
	whole int64
	real  float64
}

type form uint8

const (
	words form = iota
	whole
	real
	span  // a duration
	blank // fits any column
)

func cellOf(v any) cell {
	switch x := v.(type) {
	case nil:
		return cell{form: blank}
	case time.Duration:
		return cell{form: span, whole: int64(x)}
	case bool:
		if x {
			return cell{text: "yes"}
		}
		return cell{text: "no"}
	case string:
		if x == "" || x == "-" || x == "–" {
			return cell{form: blank, text: x}
		}
		return cell{text: x}
	}
	d := host.Describe(v)
	if d.Type == "time.Duration" {
		if x, ok := trace.Basic(d.Value); ok {
			return cell{form: span, whole: int64(x.Bits())}
		}
	}
	if x, ok := trace.Basic(d.Value); ok && speaksForItself(d) {
		switch x.Type() {
		case trace.Int, trace.Uint:
			return cell{form: whole, whole: int64(x.Bits())}
		case trace.Float:
			return cell{form: real, real: x.Float()}
		case trace.Text, trace.Bool:
			return cellOf(x.Any())
		}
	}
	return cell{text: d.Text}
}

// speaksForItself tells whether a basic value is shown as it is: a type with a
// String method, such as a weekday, is shown by its text.
func speaksForItself(d host.Description) bool {
	x, _ := trace.Basic(d.Value)
	switch x.Type() {
	case trace.Int, trace.Uint:
		return d.Text == strconv.FormatInt(int64(x.Bits()), 10) || d.Text == strconv.FormatUint(x.Bits(), 10)
	case trace.Float:
		_, err := strconv.ParseFloat(d.Text, 64)
		return err == nil
	}
	return d.Text == x.Text()
}

// tone is the colour of a verdict; both colours read on white and on black.
func (c cell) tone() string {
	if c.form != words {
		return ""
	}
	first, _, _ := strings.Cut(strings.ToLower(c.text), " ")
	switch strings.Trim(first, ".,:;!") {
	case "pass", "passed", "kept", "ok", "✓", "safe":
		return "#2a9d5c"
	case "fail", "failed", "broken", "lost", "wrong", "✗", "unsafe":
		return "#e05252"
	}
	return ""
}

var unitWords = map[string]bool{"%": true, "ns": true, "µs": true, "us": true, "ms": true, "s": true, "min": true, "h": true,
	"B": true, "kB": true, "MB": true, "GB": true, "KiB": true, "MiB": true, "/s": true, "req/s": true, "msg/s": true, "ops/s": true, "×": true, "x": true}

// splitHeader sets the unit at the end of a header apart: "latency ms", "load (%)".
func splitHeader(header string) column {
	name, last := header, ""
	if i := strings.LastIndexByte(header, ' '); i > 0 {
		name, last = strings.TrimSpace(header[:i]), header[i+1:]
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(last, "("), ")")
	if unitWords[bare] || bare != last {
		return column{name: name, unit: bare}
	}
	return column{name: header}
}

// layout writes the values of each column in one manner.
func (t *Table) layout() {
	for i := range t.columns {
		c := &t.columns[i]
		cells := make([]cell, len(t.rows))
		seen := map[form]bool{}
		for r, row := range t.rows {
			cells[r] = row[i]
			seen[row[i].form] = true
		}
		delete(seen, blank)
		c.numeric = len(t.rows) > 0 && !seen[words] && len(seen) > 0
		c.texts = make([]string, len(cells))
		switch {
		case seen[span] && len(seen) == 1 && (c.unit == "" || spanUnits[c.unit] != 0):
			c.layoutSpans(cells)
		case seen[real] && !seen[words] && !seen[span]:
			c.layoutReals(cells)
		case seen[whole] && len(seen) == 1 && largest(cells) >= 10000:
			for r, x := range cells {
				c.texts[r] = x.plain()
				if x.form == whole {
					c.texts[r] = trace.Thousands(int(x.whole))
				}
			}
		default:
			for r, x := range cells {
				c.texts[r] = x.plain()
			}
		}
	}
}

func largest(cells []cell) int64 {
	n := int64(0)
	for _, x := range cells {
		n = max(n, max(x.whole, -x.whole))
	}
	return n
}

func (c *cell) plain() string {
	switch c.form {
	case whole:
		return strconv.FormatInt(c.whole, 10)
	case real:
		return strconv.FormatFloat(c.real, 'g', 6, 64)
	case span:
		return trace.Clock(time.Duration(c.whole))
	}
	return c.text
}

func (c *cell) float() float64 {
	if c.form == real {
		return c.real
	}
	return float64(c.whole)
}

// layoutReals gives all numbers of a column as many decimals as the largest needs
// to show four digits, or fewer where fewer are exact.
func (c *column) layoutReals(cells []cell) {
	var numbers []float64
	for i := range cells {
		if cells[i].form != blank {
			numbers = append(numbers, cells[i].float())
		}
	}
	n := decimals(numbers)
	for r := range cells {
		switch {
		case cells[r].form == blank:
			c.texts[r] = cells[r].text
		default:
			c.texts[r] = grouped(cells[r].float(), n)
		}
	}
}

func decimals(numbers []float64) int {
	largest := 0.0
	for _, x := range numbers {
		if a := math.Abs(x); !math.IsInf(x, 0) && a > largest {
			largest = a
		}
	}
	n := 0
	for bound := 1000.0; largest < bound && n < 3 || largest > 0 && largest < 1 && largest*math.Pow10(n) < 100 && n < 6; bound /= 10 {
		n++
	}
	for n > 0 && dropsZero(numbers, n) { // fewer, where that changes nothing
		n--
	}
	return n
}

// dropsZero tells whether the last of n decimals is 0 in every number.
func dropsZero(numbers []float64, n int) bool {
	for _, x := range numbers {
		if s := strconv.FormatFloat(x, 'f', n, 64); s[len(s)-1] != '0' {
			return false
		}
	}
	return true
}

func grouped(x float64, n int) string {
	s := strconv.FormatFloat(x, 'f', n, 64)
	if math.Abs(x) < 10000 || math.IsInf(x, 0) || math.IsNaN(x) {
		return s
	}
	head, tail, dotted := strings.Cut(s, ".")
	i, _ := strconv.Atoi(head)
	head = trace.Thousands(i)
	if dotted {
		return head + "." + tail
	}
	return head
}

var spanUnits = map[string]time.Duration{"ns": time.Nanosecond, "µs": time.Microsecond, "ms": time.Millisecond, "s": time.Second}

// layoutSpans writes durations in one unit, which becomes the column's.
func (c *column) layoutSpans(cells []cell) {
	longest := largest(cells)
	if c.unit == "" {
		switch d := time.Duration(longest); {
		case d >= 10*time.Second:
			c.unit = "s"
		case d >= time.Millisecond || d == 0:
			c.unit = "ms"
		case d >= time.Microsecond:
			c.unit = "µs"
		default:
			c.unit = "ns"
		}
	}
	unit := float64(spanUnits[c.unit])
	scaled := make([]cell, len(cells))
	for i, x := range cells {
		scaled[i] = x
		if x.form == span {
			scaled[i] = cell{form: real, real: float64(x.whole) / unit}
		}
	}
	c.layoutReals(scaled)
}

// width counts characters, not bytes.
func width(s string) int { return utf8.RuneCountInString(s) }
