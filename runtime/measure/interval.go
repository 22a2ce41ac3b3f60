package measure

import (
	"fmt"
	"math"
	"sort"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// TimeInterval is a duration and how certain it is: with 95 % confidence the true one
// lies from Low to High.
type TimeInterval struct {
	Value, Low, High time.Duration
	N                int // how many runs, or observations, it comes from
}

// unknown marks the ends of an interval that one run does not have.
const unknown = time.Duration(math.MaxInt64)

// EstimateTime is the mean of durations from independent runs, with Student's
// interval.
func EstimateTime(values ...time.Duration) TimeInterval {
	numbers := make([]float64, len(values))
	for i, v := range values {
		numbers[i] = float64(v)
	}
	e := Estimate(numbers...)
	if e.N < 2 {
		t := TimeInterval{Low: -unknown, High: unknown, N: e.N}
		if e.N == 1 {
			t.Value = values[0]
		}
		return t
	}
	return TimeInterval{time.Duration(e.Value), time.Duration(e.Low), time.Duration(e.High), e.N}
}

// EstimatePercentile is a percentile over seeds: the mean of the percentile of each
// run and its interval. Observations of one run depend on each other, runs do not:
// that is why it takes several.
func EstimatePercentile(p float64, runs ...*Samples) TimeInterval {
	var values []time.Duration
	for _, run := range runs {
		if run.Len() > 0 {
			values = append(values, run.Percentile(p))
		}
	}
	return EstimateTime(values...)
}

// PercentileInterval is a percentile of observations that do not depend on each other
// and its 95 % interval, which supposes nothing about their law: two observations of
// the ordered ones, at ranks from the binomial distribution.
func (s *Samples) PercentileInterval(p float64) TimeInterval {
	value := s.Percentile(p)
	n := len(s.values)
	if n == 0 {
		return TimeInterval{Low: -unknown, High: unknown}
	}
	t := TimeInterval{Value: value, Low: -unknown, High: unknown, N: n}
	law := distuv.Binomial{N: float64(n), P: p / 100}
	// How many observations lie below the true percentile is binomial: the ranks are
	// those where 2.5 % are left on each side.
	low := sort.Search(n+1, func(k int) bool { return law.CDF(float64(k)) > 0.025 })
	high := sort.Search(n+1, func(k int) bool { return law.CDF(float64(k)) >= 0.975 })
	if low >= 1 {
		t.Low = s.values[low-1]
	}
	if high < n {
		t.High = s.values[high]
	}
	return t
}

// Known tells whether both ends of the interval are known.
func (t TimeInterval) Known() bool { return t.Low != -unknown && t.High != unknown }

// In is the interval as numbers of a unit, for a column of a table: In(time.Millisecond).
func (t TimeInterval) In(unit time.Duration) Interval {
	i := Interval{float64(t.Value) / float64(unit), math.Inf(-1), math.Inf(1), t.N}
	if t.Low != -unknown {
		i.Low = float64(t.Low) / float64(unit)
	}
	if t.High != unknown {
		i.High = float64(t.High) / float64(unit)
	}
	return i
}

// Within tells whether the duration lies in a band and is known well enough to say
// so: its interval is narrower than the band.
func (t TimeInterval) Within(low, high time.Duration) bool {
	return t.Known() && t.Value >= low && t.Value <= high && t.High-t.Low <= high-low
}

// String is value and interval: 12.4ms [11.9ms, 12.9ms].
func (t TimeInterval) String() string {
	switch {
	case t.N == 0:
		return "no observations"
	case t.Low == -unknown && t.High == unknown:
		return fmt.Sprintf("%v (too few to tell)", digits(t.Value))
	case t.High == unknown:
		return fmt.Sprintf("%v [%v, …", digits(t.Value), digits(t.Low))
	case t.Low == -unknown:
		return fmt.Sprintf("%v …, %v]", digits(t.Value), digits(t.High))
	}
	return fmt.Sprintf("%v [%v, %v]", digits(t.Value), digits(t.Low), digits(t.High))
}

// digits rounds a duration to four digits.
func digits(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for x := max(d, -d); x >= 10_000; x /= 10 {
		unit *= 10
	}
	return d.Round(unit)
}

// Check is an estimate beside the band in which it should lie, for tables and tests:
// a verdict with its numbers.
type Check struct {
	Name      string
	Measured  Interval
	Low, High float64
}

// Compare holds an estimate against an expected value and a tolerance, a share of it:
// Compare("T/S at 0.8", estimate, 5, 0.05).
func Compare(name string, measured Interval, expected, tolerance float64) Check {
	half := math.Abs(expected * tolerance)
	return Check{name, measured, expected - half, expected + half}
}

// Passed tells whether the estimate lies in the band and is known well enough: too
// wide to tell is a failure.
func (c Check) Passed() bool { return c.Measured.Within(c.Low, c.High) }

// Verdict is "pass", or why not.
func (c Check) Verdict() string {
	switch {
	case c.Passed():
		return "pass"
	case c.Measured.Value < c.Low || c.Measured.Value > c.High:
		return "fail: outside the band"
	}
	return "fail: too uncertain to tell, take more seeds"
}

// String is name, value, interval, band and verdict.
func (c Check) String() string {
	return fmt.Sprintf("%s: measured %v, band %.4g .. %.4g: %s", c.Name, c.Measured, c.Low, c.High, c.Verdict())
}
