package measure

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"netsplit/runtime/host"
)

// Histogram is durations that were observed, counted in buckets of three significant
// digits (a high dynamic range histogram): a million of them take as much memory as
// ten, and a percentile is right to a thousandth. Use Samples where runs are small
// and every digit is wanted. The zero value is ready.
type Histogram struct {
	counts *hdrhistogram.Histogram
	sum    float64 // nanoseconds: the mean is not rounded to buckets
	low    time.Duration
	high   time.Duration
	over   int
}

// longest is what a histogram still tells apart; longer durations count as this.
const longest = 30 * 24 * time.Hour

func (h *Histogram) ready() *hdrhistogram.Histogram {
	if h.counts == nil {
		h.counts = hdrhistogram.New(1, int64(longest), 3)
	}
	return h.counts
}

// Add adds an observation.
func (h *Histogram) Add(d time.Duration) { h.AddMany(d, 1) }

// AddMany adds the same observation n times.
func (h *Histogram) AddMany(d time.Duration, n int) {
	if d < 0 || n < 0 {
		host.Mistakef("Histogram.AddMany(%v, %d): durations and counts are not negative", d, n)
	}
	if n == 0 {
		return
	}
	if h.Len() == 0 {
		h.low = d
	}
	h.low, h.high = min(h.low, d), max(h.high, d)
	h.sum += float64(float64(d) * float64(n))
	if d > longest {
		h.over += n
		d = longest
	}
	if err := h.ready().RecordValues(int64(d), int64(n)); err != nil {
		host.Mistakef("Histogram.AddMany(%v, %d): %v", d, n, err)
	}
}

// AddCorrected adds what a client observed that asks every so often and waits for
// each answer: with a long observation it adds those that the client would have made
// meanwhile, each shorter by the time between two. It mends coordinated omission
// afterwards, as well as that can be; load.Open does not commit it.
func (h *Histogram) AddCorrected(d, every time.Duration) {
	if every <= 0 {
		host.Mistakef("Histogram.AddCorrected(%v, %v): the time between two calls is positive", d, every)
	}
	h.Add(d)
	for d -= every; d >= every; d -= every {
		h.Add(d)
	}
}

// Merge adds all observations of another histogram.
func (h *Histogram) Merge(other *Histogram) {
	if other.counts == nil {
		return
	}
	if h.Len() == 0 {
		h.low = other.low
	}
	h.low, h.high = min(h.low, other.low), max(h.high, other.high)
	h.ready().Merge(other.counts)
	h.sum += other.sum
	h.over += other.over
}

// Len is the number of observations.
func (h *Histogram) Len() int {
	if h.counts == nil {
		return 0
	}
	return int(h.counts.TotalCount())
}

// Percentile is a duration that at least p percent of the observations do not
// exceed, to three digits; 0 where there are none.
func (h *Histogram) Percentile(p float64) time.Duration {
	checkPercentile(p)
	if h.Len() == 0 {
		return 0
	}
	if p == 0 {
		return h.low
	}
	return min(time.Duration(h.counts.ValueAtPercentile(p)), h.high)
}

// Mean is the average, exactly; 0 where there are no observations.
func (h *Histogram) Mean() time.Duration {
	if h.Len() == 0 {
		return 0
	}
	return time.Duration(h.sum / float64(h.Len()))
}

// Min is the smallest observation, exactly.
func (h *Histogram) Min() time.Duration { return h.low }

// Max is the largest observation, exactly.
func (h *Histogram) Max() time.Duration { return h.high }

// Quantile is a point of a curve of percentiles.
type Quantile struct {
	Percent float64
	Value   time.Duration
	Count   int // observations up to Value
}

// Quantiles is the curve of percentiles, with more points where it becomes rare: 0,
// 50, 75, 87.5 percent and so on, for a chart with a logarithmic axis of nines.
func (h *Histogram) Quantiles() []Quantile {
	if h.Len() == 0 {
		return nil
	}
	var curve []Quantile
	for _, b := range h.counts.CumulativeDistributionWithTicks(5) {
		curve = append(curve, Quantile{b.Quantile, min(time.Duration(b.ValueAt), h.Max()), int(b.Count)})
	}
	return curve
}

// String is the summary in one line.
func (h *Histogram) String() string {
	s := summary(h.Len(), h.Mean(), h.Percentile)
	if h.over > 0 {
		s += fmt.Sprintf(" (%d beyond %v)", h.over, longest)
	}
	return s
}
