package lab

import (
	"fmt"
	"math"
	"slices"

	"netsplit/runtime/measure"
)

// resultsType is the media type of what a table of results holds for programs. Front
// ends do not know it and show the table.
const resultsType = "application/vnd.netsplit.results+json"

// data is the results for programs: what repeats them, and for each measure at each
// value of the parameter what was predicted, expected and measured, and the verdict.
// Numbers have six significant digits, so that they are the same on every machine.
func (r *Results) data() object {
	events, hash := r.totals()
	failed := 0
	for _, row := range r.runs {
		for _, o := range row {
			if o != nil && o.failed != "" {
				failed++
			}
		}
	}
	values := array{}
	for p, x := range r.points {
		for _, name := range r.measures() {
			values = append(values, r.value(p, x, name))
		}
	}
	d := object{
		"seeds": r.seedsText(), "runs": r.made(), "failed": failed, "events": events,
		"trace": fmt.Sprintf("%016x", hash), "values": values,
	}
	put(d, "title", r.title)
	put(d, "parameter", r.parameter)
	put(d, "first failure", r.FirstFailure())
	return d
}

// value is one measure at one value of the parameter.
func (r *Results) value(p int, x point, name string) object {
	m := r.about(name)
	i := estimate(name, r.runs[p])
	expected := r.expectation(m, p)
	v := object{"measure": name}
	put(v, "at", x.text)
	number(v, "measured", i.Value)
	interval(v, "interval", i)
	if m.predictions != nil {
		number(v, "prediction", m.predictions[p])
	}
	if m.expected != nil {
		number(v, "expected", expected)
		put(v, "kind", m.kind)
		put(v, "source", m.source)
	}
	if low, high, ok := m.band(i, expected); ok {
		v["band"] = array{round6(low), round6(high)}
	}
	put(v, "verdict", m.judge(i, expected))
	return v
}

func put(o object, key, text string) {
	if text != "" {
		o[key] = text
	}
}

func number(o object, key string, x float64) {
	if !math.IsNaN(x) && !math.IsInf(x, 0) {
		o[key] = round6(x)
	}
}

func interval(o object, key string, i measure.Interval) {
	if bounds := []float64{i.Low, i.High}; !slices.ContainsFunc(bounds, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
		o[key] = array{round6(i.Low), round6(i.High)}
	}
}
