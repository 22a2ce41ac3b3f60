package lab

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync"
	"time"

	"netsplit/runtime/display"
	"netsplit/runtime/host"
	"netsplit/runtime/sim"
	"netsplit/runtime/trace"
)

// Results are the runs of an experiment: of each value of a parameter and each seed.
// They are made by Sweep, Experiment and Compare, and run when they are looked at for
// the first time; what is said of them before, predictions above all, is said before
// the run.
type Results struct {
	title     string
	parameter string // as a header; empty for an experiment without one
	points    []point
	seeds     []uint64
	cells     []func(*Run) // one for all points, or one for each
	parallel  bool
	paired    bool // designs over the same seeds

	remarks map[string]*remark // by measure
	order   []string           // measures that remarks name, in the order of the calls
	why     string
	notes   []string

	mu      sync.Mutex
	started bool
	runs    [][]*outcome // by point and seed; nil where a run is missing
}

// point is one value of the parameter.
type point struct {
	value any
	text  string
}

// remark is what was said about a measure.
type remark struct {
	predictions []float64
	expected    func(At) float64 // theory or published values
	smooth      bool             // expected is a function, not a list
	kind        string           // "theory" or "published"
	source      string
	low, high   float64 // the band
	within      float64 // a band around the expected value, as a share of it
	errors      float64 // a band around it, in standard errors of a share
	banded      bool
}

// Seeds are the seeds 1 to n.
func Seeds(n int) []uint64 {
	if n < 1 {
		host.Mistakef("lab.Seeds(%d): at least one seed is needed", n)
	}
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = uint64(i + 1)
	}
	return seeds
}

// Sweep runs an experiment for each value of a parameter and each seed:
//
//	lab.Sweep("retries", []int{0, 1, 2, 3}, lab.Seeds(30), func(r *lab.Run) {
//		world := r.World(sim.Loss(0.1))
//		…
//		r.Measure("unpaid %", 100*share)
//	}).Predict("unpaid %", 10, 5, 2, 1).Table()
//
// The parameter's header may end in a unit, as a table's: "load %".
func Sweep(parameter string, values any, seeds []uint64, run func(*Run)) *Results {
	d := host.Describe(values)
	if d.Kind != reflect.Slice && d.Kind != reflect.Array || len(d.Items) == 0 {
		host.Mistakef("lab.Sweep(%q): give the values of the parameter as a slice, such as []int{0, 1, 2}, not %s", parameter, d.Type)
	}
	var list []any
	for _, item := range d.Items {
		list = append(list, item.Value)
	}
	return newResults("lab.Sweep", parameter, list, seeds, run)
}

// Experiment runs an experiment once for each seed. Its table has a row for each
// measure.
func Experiment(title string, seeds []uint64, run func(*Run)) *Results {
	return newResults("lab.Experiment", "", []any{""}, seeds, run).Title(title)
}

// Design is one of several ways to do something, for Compare.
type Design struct {
	Name string
	Run  func(*Run)
}

// Compare runs several designs over the same seeds and compares each with the first
// one, seed by seed: what a seed makes hard for one it makes hard for the other, so
// that the difference is known much better than either.
func Compare(seeds []uint64, designs ...Design) *Results {
	if len(designs) < 2 {
		host.Mistakef("lab.Compare: give two designs or more: lab.Compare(lab.Seeds(30), lab.Design{\"random\", Random}, lab.Design{\"least loaded\", LeastLoaded})")
	}
	var names []any
	var runs []func(*Run)
	for _, d := range designs {
		names, runs = append(names, d.Name), append(runs, d.Run)
	}
	r := newResults("lab.Compare", "design", names, seeds, runs...)
	r.paired = true
	return r
}

func newResults(verb, parameter string, values []any, seeds []uint64, runs ...func(*Run)) *Results {
	if len(seeds) == 0 {
		host.Mistakef("%s: give seeds, such as lab.Seeds(30)", verb)
	}
	r := &Results{parameter: parameter, seeds: slices.Clone(seeds), cells: runs, parallel: true, remarks: map[string]*remark{}}
	for _, run := range runs {
		if run == nil {
			host.Mistakef("%s: the function of the experiment is nil; it is a func(r *lab.Run)", verb)
		}
		r.parallel = r.parallel && !interpreted(run)
	}
	c := column{texts: make([]string, len(values))}
	cells := make([]cell, len(values))
	for i, v := range values {
		cells[i] = cellOf(v)
		c.texts[i] = cells[i].plain()
	}
	for i, v := range values {
		r.points = append(r.points, point{v, c.texts[i]})
	}
	return r
}

// Title puts a line above table and charts.
func (r *Results) Title(title string) *Results {
	r.title = title
	return r
}

// Parallel runs several seeds at the same time, on all processors. Compiled functions
// do so by themselves. One written in a cell must ask for it, because only its author
// knows that it keeps to itself: it changes no variable of outside and reports by
// r.Measure alone.
func (r *Results) Parallel() *Results {
	r.parallel = true
	return r
}

// Predict is what the learner expects of a measure: one number for each value of the
// parameter, or one for all. It must be said before the runs.
func (r *Results) Predict(measure string, values ...float64) *Results {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.started {
		host.Mistakef("Predict(%q): the runs are over, and a prediction comes before: put it into the cell that makes the experiment, and run that", measure)
	}
	r.remark(measure).predictions = r.each("Predict", measure, values)
	return r
}

// each makes one number for every point of those given.
func (r *Results) each(verb, measure string, values []float64) []float64 {
	if len(values) == 1 {
		return slices.Repeat(values, len(r.points))
	}
	if len(values) != len(r.points) {
		host.Mistakef("%s(%q): %d numbers for %d values of %s: give one for each, or one for all", verb, measure, len(values), len(r.points), r.parameter)
	}
	return values
}

// At is the value of the parameter for which a theory says what is to be expected.
type At struct{ value any }

// Int is the value as an int.
func (a At) Int() int { return int(a.Float()) }

// Float is the value as a number; of a duration, its seconds. Where there is no
// parameter it is 0.
func (a At) Float() float64 {
	if a.value == "" {
		return 0
	}
	return numberOf("lab.At", a.value)
}

// Text is the value as text.
func (a At) Text() string { c := cellOf(a.value); return c.plain() }

// Theory says what a measure should be, by a formula, and where the formula is from:
//
//	.Theory("unpaid %", "q^(r+1), exact", func(at lab.At) float64 { … })
//
// It is a column of the table and a curve in the chart.
func (r *Results) Theory(measure, source string, f func(at At) float64) *Results {
	m := r.remark(measure)
	m.kind, m.source, m.expected, m.smooth = "theory", source, f, true
	return r
}

// Published says what somebody measured and where it is written: one number for each
// value of the parameter, or one for all.
func (r *Results) Published(measure, source string, values ...float64) *Results {
	list := r.each("Published", measure, values)
	m := r.remark(measure)
	m.kind, m.source, m.smooth = "published", source, false
	m.expected = func(at At) float64 {
		text := at.Text()
		if i := slices.IndexFunc(r.points, func(p point) bool { return p.text == text }); i >= 0 {
			return list[i]
		}
		return math.NaN()
	}
	return r
}

// Band says between which bounds a measure has to lie to pass. Its interval must be
// narrower than the band, or the verdict is open.
func (r *Results) Band(measure string, low, high float64) *Results {
	if !(low <= high) {
		host.Mistakef("Band(%q, %v, %v): the lower bound comes first", measure, low, high)
	}
	m := r.remark(measure)
	m.low, m.high, m.banded, m.within, m.errors = low, high, true, 0, 0
	return r
}

// Within makes the band a share around what theory says or somebody published:
// Within("goodput %", 0.05) is five percent of it either way.
func (r *Results) Within(measure string, share float64) *Results {
	if !(share > 0) {
		host.Mistakef("Within(%q, %v): give a positive share, such as 0.05 for five percent", measure, share)
	}
	m := r.remark(measure)
	m.within, m.banded, m.errors = share, false, 0
	return r
}

// StandardErrors makes the band of a share (a bool, or what r.Share reports) so many
// standard errors around what theory says, for as many cases as there were:
//
//	.StandardErrors("split votes %", 3)   // 5.23 % ± 0.21 of 100,000 elections
//
// What is never or always so has a band without width.
func (r *Results) StandardErrors(measure string, times float64) *Results {
	if !(times > 0) {
		host.Mistakef("StandardErrors(%q, %v): give a positive number, such as 3", measure, times)
	}
	m := r.remark(measure)
	m.errors, m.banded, m.within = times, false, 0
	return r
}

// Why puts the sentence below the table that explains it.
func (r *Results) Why(text string) *Results {
	r.why = text
	return r
}

// Note puts a line below the table.
func (r *Results) Note(text string) *Results {
	r.notes = append(r.notes, text)
	return r
}

func (r *Results) remark(measure string) *remark {
	m := r.remarks[measure]
	if m == nil {
		m = &remark{}
		r.remarks[measure] = m
		r.order = append(r.order, measure)
	}
	return m
}

// MimeBundle shows the table.
func (r *Results) MimeBundle() display.Bundle { return r.Table().MimeBundle() }

// String is the table as text.
func (r *Results) String() string { return r.Table().String() }

// Replay runs one of the runs once more, this time with everything recorded, and
// returns its world: to look at its transcript or timeline. Without a parameter give
// the empty string as its value.
func (r *Results) Replay(value any, seed uint64) *sim.World {
	p := r.find("Replay", value)
	run := r.newRun(p, seed)
	run.traced = true
	r.cell(p)(run)
	if len(run.worlds) == 0 {
		host.Mistakef("Replay: the experiment made no world by r.World")
	}
	return run.worlds[0]
}

// Timeline is the diagram of one of the runs.
func (r *Results) Timeline(value any, seed uint64) *trace.Timeline {
	return r.Replay(value, seed).Timeline()
}

func (r *Results) find(verb string, value any) int {
	c := cellOf(value)
	i := slices.IndexFunc(r.points, func(p point) bool { return p.text == c.plain() })
	if i < 0 {
		host.Mistakef("%s: the parameter %s never was %s", verb, r.parameter, c.plain())
	}
	return i
}

// cell is the function that runs for a point.
func (r *Results) cell(point int) func(*Run) {
	if len(r.cells) == 1 {
		return r.cells[0]
	}
	return r.cells[point]
}

// numberOf is a value of a basic kind as a number; durations are in seconds.
func numberOf(verb string, v any) float64 {
	c := cellOf(v)
	switch c.form {
	case whole, real, spread:
		return c.float()
	case span:
		return time.Duration(c.whole).Seconds()
	}
	host.Mistakef("%s: %s is not a number", verb, fmt.Sprint(c.plain()))
	return 0
}
