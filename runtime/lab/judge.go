package lab

import (
	"fmt"
	"math"
	"strconv"

	"netsplit/runtime/measure"
)

// band is where a measure has to lie at a point to pass; ok is false where nothing
// was said.
func (m *remark) band(i measure.Interval, expected float64) (low, high float64, ok bool) {
	switch {
	case m.banded:
		return m.low, m.high, true
	case m.errors > 0 && i.N > 0 && expected >= 0 && expected <= 100:
		d := m.errors * math.Sqrt(expected*(100-expected)/float64(i.N))
		return math.Max(0, expected-d), math.Min(100, expected+d), true
	case m.within > 0 && !math.IsNaN(expected):
		d := math.Abs(expected * m.within)
		return expected - d, expected + d, true
	}
	return 0, 0, false
}

// bounded tells whether the measure has a band.
func (m *remark) bounded() bool { return m.banded || m.within > 0 || m.errors > 0 }

// judge is the verdict in words on what was measured.
//
// With a band, the value has to lie in it, and the interval has to be narrower than
// it. With an expected value alone, that has to lie within twice the 95 % interval's
// distance (a true theory misses that in one case of ten thousand), and the interval
// has to be within a tenth of the value, or any theory would do.
func (m *remark) judge(i measure.Interval, expected float64) string {
	if i.N == 0 || math.IsNaN(i.Value) {
		return ""
	}
	half := (i.High - i.Low) / 2
	if low, high, ok := m.band(i, expected); ok {
		switch {
		case i.Value < low:
			return "fail · below the band" + m.off(i.Value, low)
		case i.Value > high:
			return "fail · above the band" + m.off(i.Value, high)
		case i.High-i.Low > high-low && high > low:
			return "unclear · interval wider than the band: more seeds"
		}
		return "pass"
	}
	if m.expected == nil || math.IsNaN(expected) {
		return ""
	}
	distance := math.Abs(i.Value - expected)
	slack := 1e-9 * math.Max(math.Abs(i.Value), math.Abs(expected))
	switch {
	case math.IsInf(half, 0):
		return "unclear · one run has no interval: more seeds"
	case distance > math.Max(2*half, slack):
		word := "above"
		if i.Value < expected {
			word = "below"
		}
		return "fail · " + word + " " + m.kind + m.off(i.Value, expected)
	case half > 0.1*math.Max(math.Abs(i.Value), math.Abs(expected)) && half > slack:
		return "unclear · wide interval: more seeds"
	}
	return "pass"
}

// off says how far a value is from another one.
func (m *remark) off(value, from float64) string {
	if d := apart(value, from); d != "" {
		return " by " + d
	}
	return ""
}

// apart is a distance as people say it: a factor, or percent where it is small.
func apart(a, b float64) string {
	switch {
	case a == b:
		return ""
	case a*b > 0:
		ratio := math.Max(math.Abs(a/b), math.Abs(b/a))
		if ratio >= 1.5 {
			return strconv.FormatFloat(ratio, 'g', 2, 64) + "×"
		}
		return fmt.Sprintf("%.2g %%", 100*math.Abs(a-b)/math.Abs(b))
	}
	return fmt.Sprintf("%.2g", math.Abs(a-b))
}

// prediction says how good the learner's was.
func (m *remark) prediction(point int, i measure.Interval) string {
	if m.predictions == nil || i.N == 0 || math.IsNaN(i.Value) {
		return ""
	}
	p := m.predictions[point]
	if p >= i.Low && p <= i.High && !math.IsInf(i.Low, 0) || math.Abs(p-i.Value) <= 0.05*math.Abs(i.Value) {
		return "prediction holds"
	}
	d := apart(p, i.Value)
	if large, err := strconv.ParseFloat(d[:max(len(d)-len("×"), 0)], 64); err == nil && large >= 100 {
		d = "100× and more"
	}
	return "prediction off by " + d
}
