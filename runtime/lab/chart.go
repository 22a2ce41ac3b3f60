package lab

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"netsplit/runtime/display"
	"netsplit/runtime/host"
	"netsplit/runtime/measure"
	"netsplit/runtime/sim"
	"netsplit/runtime/trace"
)

// Chart is a figure with two axes. It is shown as a Vega-Lite specification, which
// JupyterLab draws with hover, pan and zoom, and as a PNG, which nbconvert and GitHub
// show; its text is a table of what is drawn.
//
//	lab.NewChart("load %", "p99 ms").
//		Scatter("measured", loads, intervals).
//		Curve("M/M/1", func(load float64) float64 { … }).
//		LogY()
//
// An axis is labelled with its unit: the one that ends its header, or for durations
// the one that fits them.
type Chart struct {
	title  string
	x, y   axis
	series []*series
	shades []shade
	notes  []string
	height float64

	pending *Results // what it will be a chart of, once asked
	measure string   // of these
}

type axis struct {
	name, unit string
	log        bool
	spans      bool     // what it shows are durations, in seconds
	categories []string // of an axis of words
	low, high  float64  // as asked for
	fixed      bool
}

type mark uint8

const (
	line mark = iota
	step
	scatter
	bars
	bins // a histogram: x and x2
	band
	curve
	heat
)

// series is one set of data.
type series struct {
	mark      mark
	name      string
	x, x2     []float64
	y         []float64
	low, high []float64 // of intervals; nil where there are none
	f         func(float64) float64
	dashed    bool
	hollow    bool
	quiet     bool // not in the text
}

// shade is a stretch of the x axis with a name: a fault.
type shade struct {
	text     string
	from, to float64
	color    string
}

// NewChart makes an empty chart; both headers may end in a unit, as a table's.
func NewChart(x, y string) *Chart {
	return &Chart{x: axisOf(x), y: axisOf(y), height: 380}
}

func axisOf(header string) axis {
	c := splitHeader(header)
	return axis{name: c.name, unit: c.unit}
}

// list is what a series is made of.
type list struct {
	numbers, low, high []float64
	texts              []string
	spans, words       bool
}

func listOf(verb string, v any) list {
	if s, ok := v.(*measure.Samples); ok {
		v = s.Values()
	}
	d := host.Describe(v)
	if d.Items == nil && d.Kind.String() != "slice" {
		host.Mistakef("%s: a series is a slice of numbers, durations, intervals or words, not %s", verb, d.Type)
	}
	var l list
	for _, item := range d.Items {
		c := cellOf(item.Value)
		if t, ok := item.Value.(measure.TimeInterval); ok {
			l.spans = true
			l.add(t.Value.Seconds(), t.Low.Seconds(), t.High.Seconds())
			continue
		}
		switch c.form {
		case span:
			l.spans = true
			x := time.Duration(c.whole).Seconds()
			l.add(x, x, x)
		case whole, real:
			l.add(c.float(), c.float(), c.float())
		case spread:
			l.add(c.real, c.low, c.high)
		case blank:
			l.add(math.NaN(), math.NaN(), math.NaN())
		default:
			l.words = true
			l.texts = append(l.texts, c.plain())
		}
	}
	if l.words {
		l.texts = l.texts[:0]
		for _, item := range d.Items {
			c := cellOf(item.Value)
			l.texts = append(l.texts, c.plain())
		}
	}
	return l
}

func (l *list) add(x, low, high float64) {
	l.numbers, l.low, l.high = append(l.numbers, x), append(l.low, low), append(l.high, high)
}

// intervals are the bounds, where there are any.
func (l *list) intervals() (low, high []float64) {
	for i, x := range l.numbers {
		if l.low[i] != x && !math.IsInf(l.low[i], 0) && !math.IsNaN(x) {
			low, high = slices.Clone(l.low), slices.Clone(l.high)
			for j := range low {
				if math.IsInf(low[j], 0) {
					low[j], high[j] = l.numbers[j], l.numbers[j]
				}
			}
			return low, high
		}
	}
	return nil, nil
}

// along places the values of an x axis: words become places 0, 1, 2 …
func (c *Chart) along(verb string, xs any) []float64 {
	l := listOf(verb, xs)
	if !l.words {
		c.x.spans = c.x.spans || l.spans
		return l.numbers
	}
	var out []float64
	for _, text := range l.texts {
		i := slices.Index(c.x.categories, text)
		if i < 0 {
			i = len(c.x.categories)
			c.x.categories = append(c.x.categories, text)
		}
		out = append(out, float64(i))
	}
	return out
}

func (c *Chart) add(verb string, m mark, name string, xs, ys any) *series {
	s := &series{mark: m, name: name, x: c.along(verb, xs)}
	l := listOf(verb, ys)
	if l.words {
		host.Mistakef("%s(%q): the values of the y axis are words", verb, name)
	}
	if len(l.numbers) != len(s.x) {
		host.Mistakef("%s(%q): %d values of x and %d of y", verb, name, len(s.x), len(l.numbers))
	}
	c.y.spans = c.y.spans || l.spans
	s.y = l.numbers
	s.low, s.high = l.intervals()
	c.series = append(c.series, s)
	return s
}

// Line draws a line through points. Where the values are intervals, they make a band
// around it.
func (c *Chart) Line(name string, xs, ys any) *Chart {
	c.add("Line", line, name, xs, ys)
	return c
}

// Step draws a line of steps: each value holds until the next.
func (c *Chart) Step(name string, xs, ys any) *Chart {
	c.add("Step", step, name, xs, ys)
	return c
}

// Scatter draws points. Where the values are intervals, each has its bar.
func (c *Chart) Scatter(name string, xs, ys any) *Chart {
	c.add("Scatter", scatter, name, xs, ys)
	return c
}

// Bars draws bars; those of several series stand side by side.
func (c *Chart) Bars(name string, xs, ys any) *Chart {
	l := listOf("Bars", xs)
	if !l.words { // numbers are names of groups
		l.texts = nil
		for i := range l.numbers {
			cell := cell{form: real, real: l.numbers[i]}
			l.texts = append(l.texts, cell.plain())
		}
		xs = l.texts
	}
	c.add("Bars", bars, name, xs, ys)
	return c
}

// Band fills the area between low and high.
func (c *Chart) Band(name string, xs, lows, highs any) *Chart {
	s := c.add("Band", band, name, xs, lows)
	l := listOf("Band", highs)
	if len(l.numbers) != len(s.x) {
		host.Mistakef("Band(%q): %d values of x and %d upper bounds", name, len(s.x), len(l.numbers))
	}
	s.low, s.high = s.y, l.numbers
	return c
}

// Curve draws a function over the width of the chart: a theory over measured points.
// The function gets and returns numbers as the axes show them.
func (c *Chart) Curve(name string, f func(x float64) float64) *Chart {
	c.series = append(c.series, &series{mark: curve, name: name, f: f, dashed: true})
	return c
}

// Series draws a number over time.
func (c *Chart) Series(s *measure.Series) *Chart { return c.Step(s.Name, s.Times(), s.Values()) }

// CDF draws which share of observations, in percent, is at most so large.
func (c *Chart) CDF(name string, observations any) *Chart {
	return c.distribution("CDF", name, observations, func(below float64) float64 { return 100 * below })
}

// Tail draws which share of observations, in percent, is larger: with LogY the rare
// ones can be seen.
func (c *Chart) Tail(name string, observations any) *Chart {
	return c.distribution("Tail", name, observations, func(below float64) float64 { return 100 * (1 - below) })
}

func (c *Chart) distribution(verb, name string, observations any, share func(float64) float64) *Chart {
	values := c.observations(verb, observations)
	s := &series{mark: step, name: name, quiet: true}
	n := len(values)
	const most = 200 // points, more of them where it becomes rare
	for i := range n {
		rank := i + 1
		tail := n - rank
		keep := n <= most || tail < 40 || rank < 20 || rank*most/n != (rank-1)*most/n
		if keep && (i == n-1 || values[i] != values[i+1] || tail < 40) {
			s.x, s.y = append(s.x, values[i]), append(s.y, share(float64(rank)/float64(n)))
		}
	}
	c.series = append(c.series, s)
	return c
}

// observations are sorted numbers; durations are in seconds.
func (c *Chart) observations(verb string, v any) []float64 {
	if h, ok := v.(*measure.Histogram); ok {
		c.x.spans = true
		var out []float64
		if n := h.Len(); n > 0 {
			for i := range 400 {
				out = append(out, h.Percentile(100*(float64(i)+0.5)/400).Seconds())
			}
		}
		return out
	}
	l := listOf(verb, v)
	if l.words || len(l.numbers) == 0 {
		host.Mistakef("%s: give observations: numbers, durations or measure.Samples", verb)
	}
	c.x.spans = c.x.spans || l.spans
	out := slices.Clone(l.numbers)
	slices.Sort(out)
	return out
}

// Histogram counts observations in classes of equal width.
func (c *Chart) Histogram(name string, observations any) *Chart {
	values := c.observations("Histogram", observations)
	low, high := values[0], values[len(values)-1]
	if low == high {
		high = low + math.Max(math.Abs(low)*0.1, 1e-9)
	}
	// Freedman and Diaconis 1981, between 5 and 60 classes.
	quartile := func(q float64) float64 { return values[min(int(q*float64(len(values))), len(values)-1)] }
	width := 2 * (quartile(0.75) - quartile(0.25)) / math.Cbrt(float64(len(values)))
	n := 20
	if width > 0 {
		n = int(math.Ceil((high - low) / width))
	}
	width = niceStep((high - low) / float64(min(max(n, 5), 60)))
	low = math.Floor(low/width) * width
	n = int(math.Floor((high-low)/width)) + 1
	s := &series{mark: bins, name: name}
	for i := range n {
		s.x, s.x2, s.y = append(s.x, low+float64(i)*width), append(s.x2, low+float64(i+1)*width), append(s.y, 0)
	}
	for _, v := range values {
		s.y[min(int((v-low)/width), n-1)]++
	}
	c.series = append(c.series, s)
	return c
}

// HeatMap is a chart of two axes of words or numbers and a colour for each pair:
// values holds a slice for each value of y.
func HeatMap(x, y, value string, xs, ys any, values [][]float64) *Chart {
	c := NewChart(x, y)
	words := func(v any) []string {
		l := listOf("HeatMap", v)
		if l.words {
			return l.texts
		}
		var out []string
		for i := range l.numbers {
			v := cell{form: real, real: l.numbers[i]}
			if l.spans {
				v = cell{form: span, whole: int64(l.numbers[i] * 1e9)}
			}
			out = append(out, v.plain())
		}
		return out
	}
	c.x.categories, c.y.categories = words(xs), words(ys)
	if len(values) != len(c.y.categories) {
		host.Mistakef("lab.HeatMap: %d rows of values for %d values of %s", len(values), len(c.y.categories), c.y.name)
	}
	s := &series{mark: heat, name: value}
	for i, row := range values {
		if len(row) != len(c.x.categories) {
			host.Mistakef("lab.HeatMap: row %d has %d values for %d values of %s", i, len(row), len(c.x.categories), c.x.name)
		}
		for j, v := range row {
			s.x, s.y, s.low = append(s.x, float64(j)), append(s.y, float64(i)), append(s.low, v)
		}
	}
	c.series = []*series{s}
	c.height = math.Min(520, 130+float64(len(values))*38)
	return c
}

// Title puts a line above the chart.
func (c *Chart) Title(title string) *Chart {
	c.title = title
	return c
}

// Note puts a line of small print below the title.
func (c *Chart) Note(text string) *Chart {
	c.notes = append(c.notes, text)
	return c
}

// Of puts what makes the runs repeatable below the title.
func (c *Chart) Of(worlds ...*sim.World) *Chart {
	if len(worlds) > 0 {
		c.Note(repeatable(worlds))
	}
	return c
}

// LogX makes the x axis logarithmic.
func (c *Chart) LogX() *Chart {
	c.x.log = true
	return c
}

// LogY makes the y axis logarithmic.
func (c *Chart) LogY() *Chart {
	c.y.log = true
	return c
}

// RangeX sets the bounds of the x axis, as numbers that the axis shows.
func (c *Chart) RangeX(low, high float64) *Chart {
	c.x.low, c.x.high, c.x.fixed = low, high, true
	return c
}

// RangeY sets the bounds of the y axis, as numbers that the axis shows.
func (c *Chart) RangeY(low, high float64) *Chart {
	c.y.low, c.y.high, c.y.fixed = low, high, true
	return c
}

// Shade marks a stretch of time with a text.
func (c *Chart) Shade(text string, from, to time.Duration) *Chart {
	c.x.spans = true
	c.shades = append(c.shades, shade{text, from.Seconds(), to.Seconds(), "#8a8f98"})
	return c
}

// Faults marks when the faults of a world acted.
func (c *Chart) Faults(world *sim.World) *Chart {
	c.x.spans = true
	log := world.Trace()
	for _, s := range log.Spans() {
		to := s.To
		if to == trace.Open {
			to = log.Now
		}
		color := "#a07800"
		if s.What == "crash" {
			color = "#d64545"
		}
		c.shades = append(c.shades, shade{s.Text, time.Duration(s.From).Seconds(), time.Duration(to).Seconds(), color})
	}
	return c
}

// String is what the chart shows, as a table.
func (c *Chart) String() string { return c.Table().String() }

// Table is what the chart shows: a row for each value of x, a column for each series.
func (c *Chart) Table() *Table {
	c.fill()
	p := c.plan()
	header := func(name, unit string) string { return strings.TrimSpace(name + " " + unit) }
	if len(c.series) == 1 && c.series[0].mark == heat {
		s := c.series[0]
		t := &Table{columns: []column{{name: c.y.name}}}
		for _, x := range c.x.categories {
			t.columns = append(t.columns, column{name: x})
		}
		for i, y := range c.y.categories {
			row := []any{y}
			for _, v := range s.low[i*len(c.x.categories) : (i+1)*len(c.x.categories)] {
				row = append(row, v)
			}
			t.Row(row...)
		}
		return t.Title(strings.TrimSpace(c.title)).Note("colour: " + s.name + "; columns: " + c.x.name)
	}
	t := &Table{columns: []column{splitHeader(header(c.x.name, p.xUnit))}}
	var shown []*series
	var xs []float64
	for _, s := range p.series {
		if s.mark == curve || s.quiet {
			continue
		}
		shown = append(shown, s)
		for _, x := range s.x {
			if !slices.Contains(xs, x) {
				xs = append(xs, x)
			}
		}
	}
	if len(shown) == 0 {
		return c.quantiles(p)
	}
	slices.Sort(xs)
	for _, s := range shown {
		t.columns = append(t.columns, splitHeader(header(s.name, p.yUnit)))
	}
	const most = 40
	for i, x := range xs {
		if i == most {
			t.Note(fmt.Sprintf("the first %d of %d values of %s", most, len(xs), c.x.name))
			break
		}
		row := []any{c.xText(x)}
		for _, s := range shown {
			row = append(row, s.at(x))
		}
		t.Row(row...)
	}
	for _, s := range c.shades {
		t.Note(fmt.Sprintf("%s: %s to %s", s.text, trace.Clock(time.Duration(math.Round(s.from*1e9))), trace.Clock(time.Duration(math.Round(s.to*1e9)))))
	}
	for _, n := range c.notes {
		t.Note(n)
	}
	return t.Title(c.title)
}

// quantiles is the table of distributions.
func (c *Chart) quantiles(p *plan) *Table {
	t := &Table{columns: []column{{name: "series"}}}
	var shares []float64
	for _, s := range p.series {
		if s.mark == curve || len(s.y) == 0 {
			continue
		}
		if shares == nil {
			shares = []float64{50, 90, 99, 99.9, 100}
			for _, share := range shares {
				t.columns = append(t.columns, column{name: fmt.Sprintf("p%g", share), unit: p.xUnit})
			}
		}
		row := []any{s.name}
		tail := s.y[len(s.y)-1] < s.y[0] // a tail falls
		for _, share := range shares {
			i := 0
			for i < len(s.y)-1 && (!tail && s.y[i] < share-1e-9 || tail && s.y[i] > 100-share+1e-9) {
				i++
			}
			row = append(row, s.x[i])
		}
		t.Row(row...)
	}
	for _, n := range c.notes {
		t.Note(n)
	}
	return t.Title(c.title)
}

func (c *Chart) xText(x float64) any {
	if c.x.categories != nil && int(x) < len(c.x.categories) {
		return c.x.categories[int(x)]
	}
	return round6(x)
}

// at is a series' value at x, with its interval.
func (s *series) at(x float64) any {
	i := slices.Index(s.x, x)
	if i < 0 || math.IsNaN(s.y[i]) {
		return nil
	}
	if s.mark == band {
		return cell{form: ranged, low: s.low[i], high: s.high[i]}
	}
	if s.low != nil {
		return measure.Interval{Value: s.y[i], Low: s.low[i], High: s.high[i], N: 2}
	}
	return round6(s.y[i])
}

// MimeBundle shows the chart: interactive, as a picture, and as text.
func (c *Chart) MimeBundle() display.Bundle {
	if c.pending != nil {
		return c.pending.notRun()
	}
	p := c.plan()
	return display.Bundle{
		"text/plain":                       strings.TrimSuffix(c.String(), "\n"),
		"application/vnd.vegalite.v5+json": p.vegaLite(),
		"image/png":                        p.png(),
	}
}
