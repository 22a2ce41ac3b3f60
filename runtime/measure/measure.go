// Package measure turns what was observed into numbers with their uncertainty.
//
// # One run
//
// Samples collects durations, such as latencies, and answers with exact percentiles:
// it keeps and sorts what it gets. Histogram counts them in buckets of three digits
// (an HDR histogram), for millions.
//
//	var latency measure.Samples
//	latency.Add(12 * ms)
//	latency.Percentile(99)
//
// Rate counts events in windows of time: throughput, goodput. Series is a number
// over time with a name and a unit: what world.Sample reads, what Rate.Series gives,
// what charts draw.
//
// # Several runs
//
// One run is one number. What can be said about a system comes from several runs of
// different seeds: Estimate gives their mean and its 95 % confidence interval by
// Student's t distribution, EstimateTime the same for durations, EstimatePercentile
// for a percentile of each run.
//
//	measure.Estimate(5.1, 5.3, 5.2)   // 5.20 [4.95, 5.45]
//	measure.EstimatePercentile(99, runs...)
//
// Share is the interval of a proportion (Wilson's), for "12 of 1000 failed". Where
// observations of one run are independent, Samples.PercentileInterval needs no other
// runs.
//
// # Verdicts
//
// An estimate passes when it lies in its band and its interval is narrower than the
// band: too wide to tell is a failure (Within). Compare keeps name, estimate and band
// together and prints them.
//
// # What it does not do
//
// It draws nothing (package lab does), and it does not decide what is warm-up:
// load.Result.After does.
package measure

import (
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"netsplit/runtime/host"
)

// Samples is durations that were observed, in any order. The zero value is ready.
type Samples struct {
	values []time.Duration
	sorted bool
}

// Add adds an observation.
func (s *Samples) Add(d time.Duration) {
	s.values = append(s.values, d)
	s.sorted = false
}

// Merge adds all observations of another collection.
func (s *Samples) Merge(other *Samples) {
	s.values = append(s.values, other.values...)
	s.sorted = false
}

// Len is the number of observations.
func (s *Samples) Len() int { return len(s.values) }

// Values are the observations in ascending order.
func (s *Samples) Values() []time.Duration {
	s.sort()
	return slices.Clone(s.values)
}

func (s *Samples) sort() {
	if !s.sorted {
		slices.Sort(s.values)
		s.sorted = true
	}
}

// Percentile is the smallest observation that at least p percent do not exceed; 0
// where there are none.
func (s *Samples) Percentile(p float64) time.Duration {
	checkPercentile(p)
	if len(s.values) == 0 {
		return 0
	}
	s.sort()
	rank := int(math.Ceil(float64(p*float64(len(s.values)))/100 - 1e-9))
	return s.values[min(max(rank, 1), len(s.values))-1]
}

func checkPercentile(p float64) {
	if !(p >= 0 && p <= 100) {
		host.Mistakef("Percentile(%v): give a number from 0 to 100", p)
	}
}

// Mean is the average; 0 where there are no observations.
func (s *Samples) Mean() time.Duration {
	if len(s.values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range s.values {
		sum += float64(v)
	}
	return time.Duration(sum / float64(len(s.values)))
}

// Max is the largest observation.
func (s *Samples) Max() time.Duration { return s.Percentile(100) }

// String is the summary in one line.
func (s *Samples) String() string { return summary(len(s.values), s.Mean(), s.Percentile) }

func summary(n int, mean time.Duration, percentile func(float64) time.Duration) string {
	if n == 0 {
		return "no observations"
	}
	show := func(d time.Duration) time.Duration {
		switch {
		case d >= 10*time.Millisecond:
			return d.Round(100 * time.Microsecond)
		case d >= 10*time.Microsecond:
			return d.Round(time.Microsecond)
		}
		return d
	}
	return fmt.Sprintf("%d observations: mean %v, p50 %v, p99 %v, p99.9 %v, max %v", n,
		show(mean), show(percentile(50)), show(percentile(99)), show(percentile(99.9)), show(percentile(100)))
}

// Interval is a number and how certain it is: with 95 % confidence the true one lies
// from Low to High.
type Interval struct {
	Value, Low, High float64
	N                int // how many numbers it comes from
}

// Estimate is the mean of numbers from independent runs.
func Estimate(values ...float64) Interval {
	n := len(values)
	if n == 0 {
		return Interval{Value: math.NaN(), Low: math.NaN(), High: math.NaN()}
	}
	mean := 0.0
	for _, v := range values {
		mean += v
	}
	mean /= float64(n)
	if n == 1 {
		return Interval{mean, math.Inf(-1), math.Inf(1), 1}
	}
	squares := 0.0
	for _, v := range values {
		squares += float64((v - mean) * (v - mean)) // not fused: the same on every machine
	}
	t := distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}.Quantile(0.975)
	half := t * math.Sqrt(squares/float64(n-1)/float64(n))
	return Interval{mean, mean - half, mean + half, n}
}

// Share is the proportion of k in n, by Wilson's interval, which is right for
// proportions near 0 and 1 too.
func Share(k, n int) Interval {
	if n <= 0 || k < 0 || k > n {
		host.Mistakef("measure.Share(%d, %d): give how many of how many", k, n)
	}
	const z = 1.959963984540054
	p, m := float64(k)/float64(n), float64(n)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return Interval{p, max(0, middle-half), min(1, middle+half), n}
}

// Within tells whether the number lies in a band and is known well enough to say so:
// its interval is narrower than the band.
func (i Interval) Within(low, high float64) bool {
	return i.Value >= low && i.Value <= high && i.High-i.Low <= high-low
}

// String is value and interval: 5.25 [5.17, 5.33].
func (i Interval) String() string {
	digits := 4
	if a := math.Abs(i.Value); a > 0 {
		digits = min(max(3-int(math.Floor(math.Log10(a))), 0), 6)
	}
	if math.IsInf(i.Low, 0) {
		return fmt.Sprintf("%.*f (one run)", digits, i.Value)
	}
	return fmt.Sprintf("%.*f [%.*f, %.*f]", digits, i.Value, digits, i.Low, digits, i.High)
}

// Rate counts events in windows of time, as events per second: throughput and goodput
// over time.
type Rate struct {
	window time.Duration
	counts []int
}

// NewRate makes a counter with windows of this length.
func NewRate(window time.Duration) *Rate {
	if window <= 0 {
		host.Mistakef("measure.NewRate(%v): a window has a positive length", window)
	}
	return &Rate{window: window}
}

// Count counts an event at a time.
func (r *Rate) Count(at time.Duration) {
	i := int(at / r.window)
	for len(r.counts) <= i {
		r.counts = append(r.counts, 0)
	}
	r.counts[i]++
}

// PerSecond is the rate in each window, from time 0 on.
func (r *Rate) PerSecond() []float64 {
	out := make([]float64, len(r.counts))
	for i, n := range r.counts {
		out[i] = float64(n) / r.window.Seconds()
	}
	return out
}

// Series is the rate over time, for a chart: one point for each window, at its
// beginning.
func (r *Rate) Series(name string) *Series {
	s := &Series{Name: name, Unit: "1/s"}
	for i, v := range r.PerSecond() {
		s.Add(time.Duration(i)*r.window, v)
	}
	return s
}

// Total is how many events were counted.
func (r *Rate) Total() int {
	n := 0
	for _, c := range r.counts {
		n += c
	}
	return n
}

// Between is how many events were counted from one time to another; both are rounded
// down to windows.
func (r *Rate) Between(from, to time.Duration) int {
	n := 0
	for i := max(0, int(from/r.window)); i < int(to/r.window) && i < len(r.counts); i++ {
		n += r.counts[i]
	}
	return n
}
