package lab

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"netsplit/runtime/host"
	"netsplit/runtime/measure"
	"netsplit/runtime/trace"
)

// cell is one value of a table.
type cell struct {
	form  form
	text  string
	whole int64
	real  float64
	low   float64
	high  float64
}

type form uint8

const (
	words form = iota
	whole
	real
	span   // a duration
	spread // a number with its interval
	ranged // from low to high
	digits // a number that was written already
	blank  // fits any column
)

func cellOf(v any) cell {
	switch x := v.(type) {
	case nil:
		return cell{form: blank}
	case cell:
		return x
	case time.Duration:
		return cell{form: span, whole: int64(x)}
	case measure.Interval:
		return intervalCell(x)
	case measure.TimeInterval:
		return intervalCell(x.In(time.Millisecond))
	case *measure.Samples:
		return cell{form: span, whole: int64(x.Mean())}
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

func intervalCell(i measure.Interval) cell {
	if i.N == 0 || math.IsNaN(i.Value) {
		return cell{form: blank, text: "–"}
	}
	return cell{form: spread, real: i.Value, low: i.Low, high: i.High}
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
		c.spread = seen[spread]
		c.decimals = 0
		switch {
		case seen[digits] || seen[words]:
			for r, x := range cells {
				c.texts[r] = x.plain()
			}
		case (seen[spread] || seen[ranged]) && !seen[span]:
			c.layoutIntervals(cells)
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
	case spread:
		return measure.Interval{Value: c.real, Low: c.low, High: c.high}.String()
	case ranged:
		return fmt.Sprintf("%g .. %g", c.low, c.high)
	}
	return c.text
}

// number tells whether the cell can be compared as a number.
func (c *cell) number() bool {
	return c.form == whole || c.form == real || c.form == span || c.form == spread
}

func (c *cell) float() float64 {
	if c.form == real || c.form == spread {
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
	c.decimals = decimals(numbers)
	for r := range cells {
		if cells[r].form == blank {
			c.texts[r] = cells[r].text
			continue
		}
		c.texts[r] = c.format(cells[r].float())
	}
}

// format writes a number as its column does. One that would look like nothing shows
// three digits instead.
func (c *column) format(x float64) string {
	if x != 0 && math.Abs(x) < 0.5*math.Pow10(-c.decimals) {
		return strconv.FormatFloat(x, 'g', 3, 64)
	}
	return grouped(x, c.decimals)
}

// figureSpace is as wide as a digit, so that it lines numbers up in HTML, too.
const figureSpace = "\u2007"

// layoutIntervals writes value and interval of all rows below each other.
func (c *column) layoutIntervals(cells []cell) {
	var numbers []float64
	narrow := math.Inf(1)
	for _, x := range cells {
		switch x.form {
		case spread:
			numbers = append(numbers, x.real)
			if half := (x.high - x.low) / 2; half > 0 {
				narrow = math.Min(narrow, half)
			}
		case ranged:
			numbers = append(numbers, x.low, x.high)
		case real, whole:
			numbers = append(numbers, x.float())
		}
	}
	c.decimals = decimals(numbers)
	for c.decimals < 6 && narrow*math.Pow10(c.decimals) < 1 && narrow > 0 && c.decimals < decimals(numbers)+2 {
		c.decimals++
	}
	write := func(x cell) (value, low, high string) {
		switch {
		case x.form == spread && (math.IsInf(x.low, 0) || math.IsInf(x.high, 0)):
			return c.format(x.real), "", ""
		case x.form == spread:
			return c.format(x.real), grouped(x.low, c.decimals), grouped(x.high, c.decimals)
		case x.form == ranged:
			return "", grouped(x.low, c.decimals), grouped(x.high, c.decimals)
		}
		return c.format(x.float()), "", ""
	}
	lows, highs := 0, 0
	for _, x := range cells {
		if x.form != blank {
			_, low, high := write(x)
			lows, highs = max(lows, width(low)), max(highs, width(high))
		}
	}
	pad := func(s string, n int) string { return strings.Repeat(figureSpace, n-width(s)) + s }
	for r, x := range cells {
		value, low, high := "", "", ""
		if x.form != blank {
			value, low, high = write(x)
		}
		switch {
		case x.form == blank:
			c.texts[r] = x.text
		case x.form == ranged:
			c.texts[r] = pad(low, lows) + " .. " + pad(high, highs)
		case low == "":
			c.texts[r] = value
			if lows > 0 { // where the brackets of the others are
				c.texts[r] += strings.Repeat(figureSpace, lows+highs) + "\u00a0\u00a0\u00a0\u00a0\u00a0"
			}
		default:
			c.texts[r] = value + " [" + pad(low, lows) + ", " + pad(high, highs) + "]"
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
