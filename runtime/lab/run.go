package lab

import (
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/measure"
	"netsplit/runtime/sim"
)

// Run is one run of an experiment: one value of the parameter and one seed. Its
// function makes a world of it, runs it, and reports what it measured.
type Run struct {
	Seed uint64

	value   any
	traced  bool
	options []sim.Option // of its worlds, before their own
	worlds  []*sim.World
	sampled []sample
	failed  string
	asked   int // calls of Require
}

// sample is what one run reported of a measure.
type sample struct {
	name   string
	value  float64
	k, n   int  // of a share
	shared bool // it is k of n
}

func (r *Results) newRun(point int, seed uint64) *Run {
	return &Run{Seed: seed, value: r.points[point].value}
}

// World makes the world of this run: of its seed, and recording only when somebody
// will look. It is stopped when the run is over.
func (r *Run) World(options ...sim.Option) *sim.World {
	own := []sim.Option{sim.Seed(r.Seed)}
	if !r.traced {
		own = append(own, sim.Untraced())
	}
	w := sim.New(slices.Concat(own, r.options, options)...)
	r.worlds = append(r.worlds, w)
	return w
}

// Value is the parameter's value.
func (r *Run) Value() any { return r.value }

// Int is the parameter's value as an int.
func (r *Run) Int() int {
	c := cellOf(r.value)
	if c.form == whole {
		return int(c.whole)
	}
	host.Mistakef("r.Int: the parameter is %s, not a whole number; use r.Float, r.Duration or r.Text", c.plain())
	return 0
}

// Float is the parameter's value as a number.
func (r *Run) Float() float64 { return numberOf("r.Float", r.value) }

// Duration is the parameter's value as a duration.
func (r *Run) Duration() time.Duration {
	c := cellOf(r.value)
	if c.form == span {
		return time.Duration(c.whole)
	}
	host.Mistakef("r.Duration: the parameter is %s, not a duration; use r.Int, r.Float or r.Text", c.plain())
	return 0
}

// Text is the parameter's value as text.
func (r *Run) Text() string { c := cellOf(r.value); return c.plain() }

// Bool is the parameter's value as a bool.
func (r *Run) Bool() bool {
	if b, ok := host.Describe(r.value).Value.(bool); ok {
		return b
	}
	host.Mistakef("r.Bool: the parameter is %s, not true or false", r.Text())
	return false
}

// Measure reports a number: an int, a float, or a duration, which is turned into the
// unit of the header ("p99 ms"; milliseconds where it has none). A bool counts as a
// share of the runs, in percent. The table shows the mean over the seeds and its 95 %
// confidence interval.
func (r *Run) Measure(header string, value any) {
	s := sample{name: header}
	c := cellOf(value)
	switch b, isBool := host.Describe(value).Value.(bool); {
	case isBool:
		s.shared, s.n = true, 1
		if b {
			s.k = 1
		}
	case c.form == span:
		unit := spanUnits[splitHeader(header).unit]
		if unit == 0 {
			unit = time.Millisecond
			s.name = header + " ms"
		}
		s.value = float64(c.whole) / float64(unit)
	case c.form == whole || c.form == real || c.form == spread:
		s.value = c.float()
	default:
		host.Mistakef("r.Measure(%q): %s is not a number, a duration or a bool", header, c.plain())
	}
	r.sampled = append(r.sampled, s)
}

// Share reports that k of n went so. The table shows the share over all runs in
// percent, with the interval of a proportion (Wilson's).
func (r *Run) Share(header string, k, n int) {
	if n < 0 || k < 0 || k > n {
		host.Mistakef("r.Share(%q, %d, %d): give how many of how many", header, k, n)
	}
	r.sampled = append(r.sampled, sample{name: header, k: k, n: n, shared: true})
}

// Require says that something must hold in every run; a sentence says what. The first
// that does not hold is the run's failure.
func (r *Run) Require(holds bool, sentence string) {
	r.asked++
	if !holds && r.failed == "" {
		r.failed = sentence
	}
}

// Failed is what did not hold, or empty: the first failed Require, or a promise of a
// world of this run that was broken.
func (r *Run) Failed() string {
	if r.failed != "" {
		return r.failed
	}
	for _, w := range r.worlds {
		if w.Broken() {
			first, _, _ := strings.Cut(w.Verdict(), "\n")
			return first
		}
	}
	return ""
}

// NewRun is a run by itself, outside of any experiment: for package grade. With
// recording its world can be looked at. The options are those of each of its worlds.
func NewRun(seed uint64, recording bool, options ...sim.Option) *Run {
	return &Run{Seed: seed, value: "", traced: recording, options: options}
}

// Worlds are the worlds that the run made.
func (r *Run) Worlds() []*sim.World { return slices.Clone(r.worlds) }

// Asked tells whether the run was asked anything: by Require, or by a promise of one
// of its worlds. A run that was not has shown nothing.
func (r *Run) Asked() bool {
	for _, w := range r.worlds {
		if len(w.Safety()) > 0 || len(w.Liveness()) > 0 {
			return true
		}
	}
	return r.asked > 0
}

// outcome is what is kept of a run.
type outcome struct {
	sampled []sample
	events  int
	hash    uint64
	failed  string
}

// outcome takes what the results need from the run and stops its worlds.
func (r *Run) outcome() *outcome {
	o := &outcome{sampled: r.sampled, failed: r.Failed()}
	for _, w := range r.worlds {
		o.events += w.Events()
		o.hash = o.hash*0x9fb21c651e98df25 + w.Trace().Hash
		w.Stop()
	}
	return o
}

// estimate is a measure over several runs.
func estimate(name string, outcomes []*outcome) measure.Interval {
	var values []float64
	k, n, shared := 0, 0, false
	for _, o := range outcomes {
		if o == nil {
			continue
		}
		for _, s := range o.sampled {
			if s.name != name {
				continue
			}
			if s.shared {
				k, n, shared = k+s.k, n+s.n, true
			} else {
				values = append(values, s.value)
			}
		}
	}
	switch {
	case shared && n > 0:
		i := measure.Share(k, n)
		return measure.Interval{Value: 100 * i.Value, Low: 100 * i.Low, High: 100 * i.High, N: n}
	case len(values) > 0:
		return measure.Estimate(values...)
	}
	return measure.Interval{Value: math.NaN(), Low: math.NaN(), High: math.NaN()}
}

// number is what one run says of a measure, not a number where nothing.
func (o *outcome) number(name string) float64 {
	if o == nil {
		return math.NaN()
	}
	return estimate(name, []*outcome{o}).Value
}

// interpreted tells whether f is a function of a cell: an interpreter makes its
// functions by reflection.
func interpreted(f any) bool {
	fn := runtime.FuncForPC(reflect.ValueOf(f).Pointer())
	return fn == nil || strings.HasPrefix(fn.Name(), "reflect.")
}
