package notebooks

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
)

// results are those of one experiment, as a table of package lab carries them.
type results struct {
	Title     string  `json:"title"`
	Parameter string  `json:"parameter"`
	Seeds     string  `json:"seeds"`
	Runs      int     `json:"runs"`
	Failed    int     `json:"failed"`
	First     string  `json:"first failure"`
	Trace     string  `json:"trace"`
	Values    []value `json:"values"`

	cell *cell
}

type value struct {
	At       string    `json:"at"`
	Measure  string    `json:"measure"`
	Expected *float64  `json:"expected"`
	Kind     string    `json:"kind"`
	Source   string    `json:"source"`
	Measured *float64  `json:"measured"`
	Interval []float64 `json:"interval"`
	Band     []float64 `json:"band"`
	Verdict  string    `json:"verdict"`
}

// results are what the tables of a lesson hold, in their order, each once.
func (l *lesson) results(t *testing.T) []*results {
	t.Helper()
	var list []*results
	seen := map[string]bool{}
	for _, c := range l.cells {
		for _, o := range c.outputs {
			data := o.Data[resultsType]
			if data == nil || seen[string(data)] {
				continue
			}
			seen[string(data)] = true
			r := &results{cell: c}
			if err := json.Unmarshal(data, r); err != nil {
				t.Fatalf("%s: %v: %v", l.path, c, err)
			}
			list = append(list, r)
		}
	}
	return list
}

// name is what an experiment is called in reports.
func (r *results) name() string {
	if r.Title != "" {
		return r.Title
	}
	return r.Parameter
}

// passes tells whether a verdict is a pass.
func (v value) passes() bool { return strings.HasPrefix(v.Verdict, "pass") }

// judged tells whether theory or a publication says what the value should be.
func (v value) judged() bool { return v.Expected != nil && v.Verdict != "" }

// at is which value of the parameter this is, in words.
func (r *results) at(v value) string {
	if v.At == "" {
		return r.name()
	}
	return r.name() + ": " + r.Parameter + " " + v.At
}

// exact is a number with up to six significant digits.
func exact(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

// measured is a value with as many decimals as its interval leaves meaning in.
func measured(v value) (text, interval string) {
	if v.Measured == nil {
		return "–", "–"
	}
	if len(v.Interval) != 2 {
		return exact(*v.Measured), "–"
	}
	low, high := v.Interval[0], v.Interval[1]
	if high <= low {
		return exact(*v.Measured), "[" + exact(low) + ", " + exact(high) + "]"
	}
	decimals := min(max(1-int(math.Floor(math.Log10(high-low))), 0), 6)
	round := func(x float64) string { return strconv.FormatFloat(x, 'f', decimals, 64) }
	return round(*v.Measured), "[" + round(low) + ", " + round(high) + "]"
}
