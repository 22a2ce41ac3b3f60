package measure_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"netsplit/runtime/measure"
)

const ms = time.Millisecond

// A million observations in a fixed memory, percentiles to three digits.
func ExampleHistogram() {
	var latency measure.Histogram
	for i := range 1_000_000 {
		latency.Add(time.Duration(i+1) * time.Microsecond)
	}
	fmt.Println(latency.Percentile(50).Round(ms), latency.Percentile(99).Round(ms), latency.Mean())
	fmt.Println(&latency)
	// Output:
	// 500ms 990ms 500.0005ms
	// 1000000 observations: mean 500ms, p50 500.2ms, p99 990.4ms, p99.9 999.3ms, max 1s
}

// A closed client that hung for 100 ms saw one slow call. It would have made nine
// more meanwhile.
func ExampleHistogram_AddCorrected() {
	var seen, corrected measure.Histogram
	for range 90 {
		seen.Add(1 * ms)
		corrected.Add(1 * ms)
	}
	seen.Add(100 * ms)
	corrected.AddCorrected(100*ms, 10*ms)
	fmt.Println(seen.Len(), seen.Percentile(95).Round(ms), "·", corrected.Len(), corrected.Percentile(95).Round(ms))
	// Output:
	// 91 1ms · 100 50ms
}

// The curve of percentiles has more points where observations are rare.
func ExampleQuantile() {
	var latency measure.Histogram
	for i := range 100 {
		latency.Add(time.Duration(i+1) * ms)
	}
	for _, q := range latency.Quantiles()[:3] {
		fmt.Printf("%.0f %% of %d: %v\n", q.Percent, q.Count, q.Value.Round(ms))
	}
	// Output:
	// 0 % of 1: 1ms
	// 10 % of 10: 10ms
	// 20 % of 20: 20ms
}

// A number over time, as a gauge reads it.
func ExampleSeries() {
	queue := &measure.Series{Name: "queue", Unit: "requests"}
	queue.Add(0, 0)
	queue.Add(10*ms, 4)
	queue.Add(40*ms, 1)
	fmt.Println(queue)
	fmt.Println(queue.At(25*ms), queue.Average(50*ms), queue.Times(), queue.Values(), queue.Between(10*ms, 40*ms).Len())
	// Output:
	// queue: 3 points, mean 1.667 requests, max 4 requests, at 40ms 1 requests
	// 4 2.6 [0s 10ms 40ms] [0 4 1] 1
}

// A point is a number from a moment on.
func ExamplePoint() {
	rate := measure.NewRate(100 * ms)
	rate.Count(20 * ms)
	rate.Count(120 * ms)
	rate.Count(130 * ms)
	for _, p := range rate.Series("goodput").Points {
		fmt.Println(p.At, p.Value)
	}
	// Output:
	// 0s 10
	// 100ms 20
}

// A percentile of several runs, with its uncertainty.
func ExampleTimeInterval() {
	var runs []*measure.Samples
	for seed := range 5 {
		dice := rand.New(rand.NewPCG(uint64(seed), 0))
		run := &measure.Samples{}
		for range 1000 {
			run.Add(time.Duration(dice.ExpFloat64() * 1e7))
		}
		runs = append(runs, run)
	}
	p99 := measure.EstimatePercentile(99, runs...)
	fmt.Println("over seeds:", p99, p99.Within(40*ms, 60*ms))
	fmt.Println("as a column:", p99.In(ms))
	fmt.Println("of one run:", runs[0].PercentileInterval(99))
	// Output:
	// over seeds: 44.43ms [40.24ms, 48.62ms] true
	// as a column: 44.43 [40.24, 48.62]
	// of one run: 49.32ms [43.64ms, 63.05ms]
}

// An estimate beside the band in which it should lie.
func ExampleCheck() {
	fmt.Println(measure.Compare("T/S", measure.Estimate(5.1, 5.3, 5.2, 5.4), 5, 0.1))
	fmt.Println(measure.Compare("T/S", measure.Estimate(5.1, 5.3, 5.2, 5.4), 4, 0.1))
	fmt.Println(measure.Compare("T/S", measure.Estimate(4, 6), 5, 0.1))
	// Output:
	// T/S: measured 5.250 [5.045, 5.455], band 4.5 .. 5.5: pass
	// T/S: measured 5.250 [5.045, 5.455], band 3.6 .. 4.4: fail: outside the band
	// T/S: measured 5.000 [-7.706, 17.706], band 4.5 .. 5.5: fail: too uncertain to tell, take more seeds
}

// The interval that supposes nothing holds what it promises: in 95 of 100 cases the
// true median lies in it.
func TestAPercentileIntervalCoversTheTruth(t *testing.T) {
	covered, runs := 0, 2000
	for seed := range runs {
		dice := rand.New(rand.NewPCG(uint64(seed), 1))
		var s measure.Samples
		for range 50 {
			s.Add(time.Duration(dice.IntN(1_000_001)))
		}
		if i := s.PercentileInterval(50); i.Low <= 500_000 && 500_000 <= i.High {
			covered++
		}
	}
	if share := measure.Share(covered, runs); share.High < 0.95 {
		t.Errorf("the interval covers the median in %v of the runs, want 0.95 or more", share)
	}
}

func TestAHistogramMergesAndForgetsNothing(t *testing.T) {
	var a, b measure.Histogram
	a.Add(1 * ms)
	b.AddMany(3*ms, 2)
	a.Merge(&b)
	if a.Len() != 3 || a.Mean().Round(time.Microsecond) != 2333*time.Microsecond || a.Max().Round(ms) != 3*ms || a.Min().Round(ms) != 1*ms {
		t.Errorf("got %v", &a)
	}
	var empty measure.Histogram
	if empty.Percentile(99) != 0 || empty.String() != "no observations" || empty.Quantiles() != nil {
		t.Error("an empty histogram is not empty")
	}
}
