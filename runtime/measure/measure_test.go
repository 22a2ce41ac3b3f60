package measure_test

import (
	"fmt"
	"testing"
	"time"

	"netsplit/runtime/measure"
)

// Exact percentiles of what was observed.
func ExampleSamples() {
	var latency measure.Samples
	for i := range 1000 {
		latency.Add(time.Duration(i+1) * time.Millisecond)
	}
	fmt.Println(latency.Percentile(50), latency.Percentile(99), latency.Max())
	fmt.Println(&latency)
	// Output:
	// 500ms 990ms 1s
	// 1000 observations: mean 500.5ms, p50 500ms, p99 990ms, p99.9 999ms, max 1s
}

// The mean of independent runs and how certain it is.
func ExampleInterval() {
	fmt.Println(measure.Estimate(5.1, 5.3, 5.2, 5.4))
	fmt.Println(measure.Estimate(5.1))
	fmt.Println(measure.Share(0, 100), measure.Share(12, 1000))
	fmt.Println(measure.Estimate(5.1, 5.3, 5.2, 5.4).Within(5.0, 5.5))
	// Output:
	// 5.250 [5.045, 5.455]
	// 5.100 (one run)
	// 0.0000 [0.0000, 0.0370] 0.01200 [0.00688, 0.02086]
	// true
}

// Events per second in windows of time.
func ExampleRate() {
	rate := measure.NewRate(100 * time.Millisecond)
	for i := range 30 {
		rate.Count(time.Duration(i) * 10 * time.Millisecond)
	}
	fmt.Println(rate.PerSecond(), rate.Between(100*time.Millisecond, 300*time.Millisecond))
	// Output:
	// [100 100 100] 20
}

func TestPercentilesOfFewObservations(t *testing.T) {
	var s measure.Samples
	if s.Percentile(99) != 0 || s.Mean() != 0 || s.String() != "no observations" {
		t.Error("no observations are not zero")
	}
	s.Add(7)
	s.Add(3)
	for p, want := range map[float64]time.Duration{0: 3, 50: 3, 51: 7, 100: 7} {
		if got := s.Percentile(p); got != want {
			t.Errorf("p%v = %v, want %v", p, got, want)
		}
	}
}
