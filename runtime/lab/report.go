package lab

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"netsplit/runtime/host"
	"netsplit/runtime/measure"
	"netsplit/runtime/trace"
)

// measures are the names of what was measured, in the order in which the first run
// reported them.
func (r *Results) measures() []string {
	var names []string
	for p := range r.points {
		for s := range r.seeds {
			if o := r.runs[p][s]; o != nil {
				for _, x := range o.sampled {
					if !slices.Contains(names, x.name) {
						names = append(names, x.name)
					}
				}
			}
		}
	}
	return names
}

// name is what a measure is called that was named with or without its unit.
func (r *Results) name(verb, measure string) string {
	names := r.measures()
	for _, n := range names {
		if n == measure || splitHeader(n).name == measure {
			return n
		}
	}
	if len(names) > 0 {
		host.Mistakef("%s(%q): no run reported this measure (they reported: %s)", verb, measure, strings.Join(names, ", "))
	}
	return measure
}

// about are the remarks on a measure; never nil.
func (r *Results) about(name string) *remark {
	for _, key := range r.order {
		if key == name || splitHeader(name).name == key {
			return r.remarks[key]
		}
	}
	return &remark{}
}

func (r *Results) expectation(m *remark, p int) float64 {
	if m.expected == nil {
		return math.NaN()
	}
	return m.expected(At{r.points[p].value})
}

// Interval is a measure at a value of the parameter, with its interval over the seeds.
func (r *Results) Interval(measureName string, value any) measure.Interval {
	r.Run()
	return estimate(r.name("Interval", measureName), r.runs[r.find("Interval", value)])
}

// Passed tells whether all verdicts are passes, and there is one.
func (r *Results) Passed() bool {
	r.Run()
	judged := 0
	for _, name := range r.measures() {
		m := r.about(name)
		for p := range r.points {
			switch v := m.judge(estimate(name, r.runs[p]), r.expectation(m, p)); {
			case v == "pass":
				judged++
			case v != "":
				return false
			}
		}
	}
	return judged > 0 && r.made() == len(r.points)*len(r.seeds) && r.FirstFailure() == ""
}

// FirstFailure is the first run that did not fulfil what it required, in words, or
// empty.
func (r *Results) FirstFailure() string {
	p, s := r.firstFailure()
	if p < 0 {
		return ""
	}
	what := fmt.Sprintf("seed %d: %s", r.seeds[s], r.runs[p][s].failed)
	if r.parameter != "" {
		what = fmt.Sprintf("%s %s, %s", splitHeader(r.parameter).name, r.points[p].text, what)
	}
	return what
}

func (r *Results) firstFailure() (point, seed int) {
	r.Run()
	for p := range r.points {
		for s := range r.seeds {
			if o := r.runs[p][s]; o != nil && o.failed != "" {
				return p, s
			}
		}
	}
	return -1, -1
}

// Table is the answer: a row for each value of the parameter, and in it what was
// predicted, expected, measured and how that is to be judged.
func (r *Results) Table() *Table {
	if r.shownOnly() {
		return &Table{pending: r}
	}
	return r.table()
}

func (r *Results) table() *Table {
	r.Run()
	for _, key := range r.order {
		r.name("Predict, Theory, Published or Band", key)
	}
	var t *Table
	switch {
	case r.parameter == "":
		t = r.byMeasure()
	case r.paired:
		t = r.comparison()
	default:
		t = r.byPoint()
	}
	t.Title(r.title)
	if r.why != "" {
		t.Note("Why: " + r.why)
	}
	for _, n := range r.notes {
		t.Note(n)
	}
	var sources []string
	for _, name := range r.measures() {
		m := r.about(name)
		if m.kind != "" && m.source != "" {
			source := fmt.Sprintf("%s: %s", m.kind, m.source)
			if len(r.measures()) > 1 {
				source = fmt.Sprintf("%s of %s: %s", m.kind, splitHeader(name).name, m.source)
			}
			if !slices.Contains(sources, source) {
				sources = append(sources, source)
			}
		}
	}
	for _, s := range sources {
		t.Note(s)
	}
	if failure := r.FirstFailure(); failure != "" {
		failed := 0
		for _, row := range r.runs {
			for _, o := range row {
				if o != nil && o.failed != "" {
					failed++
				}
			}
		}
		t.Note(fmt.Sprintf("%d of %d runs failed, first %s", failed, r.made(), failure))
	}
	if made, all := r.made(), len(r.points)*len(r.seeds); made < all {
		t.Note(fmt.Sprintf("INTERRUPTED: the table holds %d of %d runs", made, all))
	}
	t.data = r.data()
	return t.Note(r.caption())
}

// caption is what repeats the runs.
func (r *Results) caption() string {
	events, hash := r.totals()
	seeds := "seeds " + r.seedsText()
	if len(r.seeds) == 1 {
		seeds = "seed " + r.seedsText()
	} else if !strings.Contains(seeds, "..") {
		seeds = r.seedsText()
	}
	return fmt.Sprintf("%s · %d runs · %s events · trace %016x", seeds, r.made(), trace.Thousands(events), hash)
}

// totals are the events of all runs, and a hash over their traces.
func (r *Results) totals() (events int, hash uint64) {
	for _, row := range r.runs {
		for _, o := range row {
			if o != nil {
				events += o.events
				hash = hash*0x9fb21c651e98df25 + o.hash
			}
		}
	}
	return events, hash
}

// seedsText names the seeds: 7, 1..30, or 3 seeds from 1 to 9.
func (r *Results) seedsText() string {
	least, most := slices.Min(r.seeds), slices.Max(r.seeds)
	switch {
	case least == most:
		return fmt.Sprint(least)
	case int(most-least) != len(r.seeds)-1:
		return fmt.Sprintf("%d seeds from %d to %d", len(r.seeds), least, most)
	}
	return fmt.Sprintf("%d..%d", least, most)
}

// measuredHeader says that a column has intervals.
func measuredHeader(c column, intervals bool) column {
	if intervals {
		c.name += " (95 %)"
	}
	return c
}

// byPoint is the table of a sweep.
func (r *Results) byPoint() *Table {
	t := &Table{columns: []column{splitHeader(r.parameter)}}
	names := r.measures()
	single := len(names) == 1
	several := len(r.seeds) > 1
	label := func(name, what string) column {
		c := splitHeader(name)
		if single {
			c.name = what
		} else {
			c.name += ": " + what
		}
		return c
	}
	verdicts := false
	for _, name := range names {
		m := r.about(name)
		if m.predictions != nil {
			t.columns = append(t.columns, label(name, "your prediction"))
		}
		if m.expected != nil {
			t.columns = append(t.columns, label(name, m.kind))
		}
		t.columns = append(t.columns, measuredHeader(splitHeader(name), several))
		if m.bounded() {
			t.columns = append(t.columns, label(name, "band"))
		}
		verdicts = verdicts || m.predictions != nil || m.expected != nil || m.bounded()
	}
	if verdicts {
		t.columns = append(t.columns, column{name: "verdict"})
	}
	for p, x := range r.points {
		row := []any{x.value}
		var verdict []string
		for _, name := range names {
			m := r.about(name)
			expected := r.expectation(m, p)
			i := estimate(name, r.runs[p])
			if m.predictions != nil {
				row = append(row, m.predictions[p])
			}
			if m.expected != nil {
				row = append(row, numberCell(expected))
			}
			row = append(row, intervalCell(i))
			if m.bounded() {
				low, high, ok := m.band(i, expected)
				row = append(row, bandCell(low, high, ok))
			}
			verdict = append(verdict, r.words(m, p, name, i, expected, single))
		}
		if verdicts {
			row = append(row, joinVerdicts(verdict))
		}
		t.Row(row...)
	}
	return t
}

// words is verdict and prediction of a measure at a point.
func (r *Results) words(m *remark, p int, name string, i measure.Interval, expected float64, single bool) string {
	verdict, prediction := m.judge(i, expected), m.prediction(p, i)
	if !single && verdict != "" && verdict != "pass" {
		word, rest, _ := strings.Cut(verdict, " · ")
		verdict = word + " · " + splitHeader(name).name + " " + rest
	}
	if !single && prediction != "" {
		prediction = splitHeader(name).name + ": " + prediction
	}
	switch {
	case verdict == "":
		return prediction
	case prediction == "":
		return verdict
	}
	return verdict + " · " + prediction
}

// joinVerdicts is one verdict of several: the worst one first, passes said once.
func joinVerdicts(list []string) string {
	rank := func(s string) int {
		switch {
		case strings.HasPrefix(s, "fail"):
			return 0
		case strings.HasPrefix(s, "unclear"):
			return 1
		case strings.HasPrefix(s, "pass"):
			return 2
		}
		return 3
	}
	list = slices.DeleteFunc(list, func(s string) bool { return s == "" })
	slices.SortStableFunc(list, func(a, b string) int { return rank(a) - rank(b) })
	var out []string
	for i, s := range list {
		if i > 0 && strings.HasPrefix(s, "pass") {
			s = strings.TrimPrefix(strings.TrimPrefix(s, "pass"), " · ")
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, " · ")
}

func numberCell(x float64) cell {
	if math.IsNaN(x) {
		return cell{form: blank, text: "–"}
	}
	return cell{form: real, real: x}
}

func bandCell(low, high float64, ok bool) cell {
	if !ok {
		return cell{form: blank, text: "–"}
	}
	return cell{form: ranged, low: low, high: high}
}

// byMeasure is the table of an experiment without a parameter: its rows are measures,
// each with decimals of its own.
func (r *Results) byMeasure() *Table {
	names := r.measures()
	predicted, expected, banded, judged := false, "", false, false
	for _, name := range names {
		m := r.about(name)
		predicted = predicted || m.predictions != nil
		if m.expected != nil && !strings.Contains(expected, m.kind) {
			if expected != "" {
				expected += " or "
			}
			expected += m.kind
		}
		banded = banded || m.bounded()
		judged = judged || m.predictions != nil || m.expected != nil || m.bounded()
	}
	headers := []string{"measure"}
	if predicted {
		headers = append(headers, "your prediction")
	}
	if expected != "" {
		headers = append(headers, expected)
	}
	measured := measuredHeader(column{name: "measured"}, len(r.seeds) > 1).name
	headers = append(headers, measured)
	if banded {
		headers = append(headers, "band")
	}
	if judged {
		headers = append(headers, "verdict")
	}
	t := &Table{}
	for _, h := range headers {
		t.columns = append(t.columns, column{name: h})
	}
	for _, name := range names {
		m := r.about(name)
		e := r.expectation(m, 0)
		i := estimate(name, r.runs[0])
		low, high, ok := m.band(i, e)
		cells := []cell{{form: blank}, numberCell(e), intervalCell(i), bandCell(low, high, ok)}
		if m.predictions != nil {
			cells[0] = cell{form: digits, text: strconv.FormatFloat(m.predictions[0], 'g', -1, 64)}
		}
		c := column{texts: make([]string, len(cells))}
		c.layoutIntervals(slices.Concat([]cell{{form: blank}}, cells[1:]))
		for j := range cells {
			if cells[j].form != blank && cells[j].form != digits {
				cells[j].text, cells[j].form = strings.TrimRight(squeeze(c.texts[j]), "\u00a0"), digits
			}
		}
		row := []any{name}
		if predicted {
			row = append(row, cells[0])
		}
		if expected != "" {
			row = append(row, cells[1])
		}
		row = append(row, cells[2])
		if banded {
			row = append(row, cells[3])
		}
		if judged {
			row = append(row, r.words(m, 0, name, i, e, true))
		}
		t.Row(row...)
	}
	return t
}

// comparison is the table of designs over the same seeds: beside each measure the
// difference to the first design, seed by seed.
func (r *Results) comparison() *Table {
	t := &Table{columns: []column{{name: "design"}}}
	names := r.measures()
	for _, name := range names {
		c := splitHeader(name)
		t.columns = append(t.columns, measuredHeader(c, len(r.seeds) > 1))
		c.name = "difference"
		if len(names) > 1 {
			c.name = splitHeader(name).name + ": difference"
		}
		t.columns = append(t.columns, c)
	}
	t.columns = append(t.columns, column{name: "against " + r.points[0].text})
	for p, x := range r.points {
		row := []any{x.value}
		var verdict []string
		for _, name := range names {
			row = append(row, intervalCell(estimate(name, r.runs[p])))
			if p == 0 {
				row = append(row, cell{form: blank, text: "–"})
				continue
			}
			difference, text := r.difference(name, p)
			if len(names) > 1 {
				text = splitHeader(name).name + " " + text
			}
			verdict = append(verdict, text)
			row = append(row, intervalCell(difference))
		}
		t.Row(append(row, strings.Join(verdict, " · "))...)
	}
	return t
}

// Difference is what a design has more of a measure than the first design, seed by
// seed.
func (r *Results) Difference(measureName string, design string) measure.Interval {
	r.Run()
	i, _ := r.difference(r.name("Difference", measureName), r.find("Difference", design))
	return i
}

func (r *Results) difference(name string, p int) (measure.Interval, string) {
	var differences []float64
	higher, lower := 0, 0
	for s := range r.seeds {
		d := r.runs[p][s].number(name) - r.runs[0][s].number(name)
		if math.IsNaN(d) {
			continue
		}
		differences = append(differences, d)
		if d > 0 {
			higher++
		} else if d < 0 {
			lower++
		}
	}
	i := measure.Estimate(differences...)
	n := len(differences)
	switch {
	case n == 0:
		return i, "no runs to compare"
	case higher == 0 && lower == 0:
		return i, fmt.Sprintf("the same in all %d seeds", n)
	case i.Low > 0:
		return i, fmt.Sprintf("higher, in %d of %d seeds", higher, n)
	case i.High < 0:
		return i, fmt.Sprintf("lower, in %d of %d seeds", lower, n)
	case n == 1:
		return i, "one seed shows nothing: more seeds"
	}
	return i, fmt.Sprintf("no difference shown: higher in %d, lower in %d of %d seeds", higher, lower, n)
}

// Chart draws a measure over the parameter: what was measured with its intervals, and
// what theory says as a curve through the points. Designs are drawn as bars.
func (r *Results) Chart(measureName string) *Chart {
	if r.shownOnly() {
		c := NewChart("", "")
		c.pending, c.measure = r, measureName
		return c
	}
	return r.chart(measureName)
}

func (r *Results) chart(measureName string) *Chart {
	r.Run()
	name := r.name("Chart", measureName)
	m := r.about(name)
	parameter := r.parameter
	if parameter == "" {
		parameter = "experiment"
	}
	c := NewChart(parameter, name).Title(r.title).Note(r.caption())
	var xs []any
	var measured []any
	words, smooth := false, true
	for p, x := range r.points {
		xs = append(xs, x.value)
		i := estimate(name, r.runs[p])
		if i.N == 0 {
			measured = append(measured, nil)
		} else {
			measured = append(measured, i)
		}
		switch form := cellOf(x.value).form; form {
		case whole, real:
		case span:
			smooth = false
		default:
			words = true
		}
	}
	if words {
		for i := range xs {
			if xs[i] == "" {
				xs[i] = "all runs"
			}
		}
		c.Bars("measured", xs, measured)
	} else {
		c.Scatter("measured", xs, measured)
	}
	switch {
	case m.expected == nil:
	case m.smooth && smooth && !words:
		c.Curve(m.kind, func(x float64) float64 { return m.expected(At{x}) })
	default:
		var expected []any
		for p := range r.points {
			expected = append(expected, r.expectation(m, p))
		}
		if words {
			c.Bars(m.kind, xs, expected)
		} else {
			c.Line(m.kind, xs, expected)
		}
	}
	if m.predictions != nil {
		c.Scatter("your prediction", xs, m.predictions)
		c.series[len(c.series)-1].hollow = true
	}
	if m.banded && !words {
		low, high := slices.Repeat([]float64{m.low}, len(xs)), slices.Repeat([]float64{m.high}, len(xs))
		c.Band("band", xs, low, high)
	}
	return c
}
