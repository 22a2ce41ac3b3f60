package lab

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// plan is a chart whose numbers are as its axes show them, with the bounds of the
// axes: both forms in which it is drawn follow it.
type plan struct {
	*Chart
	series         []*series
	shades         []shade
	xUnit, yUnit   string
	x1, x2, y1, y2 float64
}

const chartWidth = 640.0

// Colours that can be told apart with any kind of colour vision and read on a light
// and on a dark ground.
var palette = []string{"#2f86c9", "#dd7a1c", "#1f9e77", "#c05fae", "#b98f00", "#4fb3d9", "#8a72d0", "#a1684c"}

func (c *Chart) plan() *plan {
	p := &plan{Chart: c, xUnit: c.x.unit, yUnit: c.y.unit}
	xs, ys := p.scale(c)
	for _, s := range c.series {
		t := *s
		t.x, t.x2 = scaled(s.x, xs), scaled(s.x2, xs)
		if s.mark != heat {
			t.y, t.low, t.high = scaled(s.y, ys), scaled(s.low, ys), scaled(s.high, ys)
		}
		t.thin()
		p.series = append(p.series, &t)
	}
	for _, s := range c.shades {
		s.from, s.to = s.from*xs, s.to*xs
		p.shades = append(p.shades, s)
	}
	p.bounds()
	for _, s := range p.series {
		if s.mark == curve {
			p.trace(s)
		}
	}
	if !c.y.fixed {
		p.boundsOfY()
	}
	return p
}

// thin leaves of a long line what can be seen: of each stretch the first, the least
// and the largest value.
func (s *series) thin() {
	const most = 1500
	n := len(s.x)
	if n <= most || s.mark != line && s.mark != step || s.low != nil {
		return
	}
	var kept []int
	stretches := most / 3
	for i := range stretches {
		from, to := i*n/stretches, (i+1)*n/stretches
		least, largest := from, from
		for j := from; j < to; j++ {
			if s.y[j] < s.y[least] {
				least = j
			}
			if s.y[j] > s.y[largest] {
				largest = j
			}
		}
		kept = append(kept, from, min(least, largest), max(least, largest))
	}
	kept = slices.Compact(append(kept, n-1))
	x, y := make([]float64, len(kept)), make([]float64, len(kept))
	for i, j := range kept {
		x[i], y[i] = s.x[j], s.y[j]
	}
	s.x, s.y = x, y
}

// scale finds the units of durations and what seconds are to be multiplied with.
func (p *plan) scale(c *Chart) (xs, ys float64) {
	of := func(a axis, unit *string, each func(func(float64))) float64 {
		if !a.spans {
			return 1
		}
		if d := spanUnits[*unit]; d != 0 {
			return 1 / d.Seconds()
		}
		largest := 0.0
		each(func(x float64) { largest = math.Max(largest, math.Abs(x)) })
		switch {
		case largest >= 10:
			*unit = "s"
		case largest >= 1e-3 || largest == 0:
			*unit = "ms"
		case largest >= 1e-6:
			*unit = "µs"
		default:
			*unit = "ns"
		}
		return 1 / spanUnits[*unit].Seconds()
	}
	xs = of(c.x, &p.xUnit, func(see func(float64)) {
		for _, s := range c.series {
			for _, x := range s.x {
				see(x)
			}
		}
		for _, s := range c.shades {
			see(s.to)
		}
	})
	ys = of(c.y, &p.yUnit, func(see func(float64)) {
		for _, s := range c.series {
			for _, y := range s.y {
				see(y)
			}
		}
	})
	return xs, ys
}

func scaled(list []float64, by float64) []float64 {
	if list == nil {
		return nil
	}
	out := make([]float64, len(list))
	for i, x := range list {
		out[i] = x * by
	}
	return out
}

// label is what stands beside an axis: p99 (ms).
func label(name, unit string) string {
	if unit == "" {
		return name
	}
	return strings.TrimSpace(name + " (" + unit + ")")
}

// bounds finds the bounds of the x axis.
func (p *plan) bounds() {
	c := p.Chart
	if c.x.fixed {
		p.x1, p.x2 = c.x.low, c.x.high
	} else {
		low, high := math.Inf(1), math.Inf(-1)
		see := func(x float64) {
			if c.x.log && x <= 0 || math.IsNaN(x) || math.IsInf(x, 0) {
				return
			}
			low, high = math.Min(low, x), math.Max(high, x)
		}
		lines := false
		for _, s := range p.series {
			for _, x := range append(append([]float64{}, s.x...), s.x2...) {
				see(x)
			}
			lines = lines || s.mark == line || s.mark == step || s.mark == bins
		}
		for _, s := range p.shades {
			see(s.from)
			see(s.to)
		}
		if low > high {
			low, high = 0, 1
			if c.x.log {
				low, high = 1, 10
			}
		}
		p.x1, p.x2 = spreadOut(low, high, c.x.log, !lines)
		if low == 0 && lines {
			p.x1 = 0
		}
	}
	if n := len(c.x.categories); n > 0 {
		p.x1, p.x2 = -0.5, float64(n)-0.5
	}
	if c.y.fixed {
		p.y1, p.y2 = c.y.low, c.y.high
	}
}

func (p *plan) boundsOfY() {
	log := p.Chart.y.log
	low, high := math.Inf(1), math.Inf(-1)
	see := func(y float64) {
		if log && y <= 0 || math.IsNaN(y) || math.IsInf(y, 0) {
			return
		}
		low, high = math.Min(low, y), math.Max(high, y)
	}
	zero := false
	for _, s := range p.series {
		if s.mark == heat {
			continue
		}
		for i, y := range s.y {
			see(y)
			if s.low != nil {
				see(s.low[i])
				see(s.high[i])
			}
		}
		zero = zero || s.mark == bars || s.mark == bins
	}
	if low > high {
		low, high = 0, 1
		if log {
			low, high = 1, 10
		}
	}
	// Zero belongs to a chart that is not far from it.
	if !log && low > 0 && (zero || low < 0.6*high) {
		low = 0
	}
	if !log && high < 0 && zero {
		high = 0
	}
	base := low == 0 && !log
	p.y1, p.y2 = spreadOut(low, high, log, true)
	if base {
		p.y1 = 0
	}
	if len(p.shades) > 0 && !log { // room for their names
		p.y2 += 0.08 * (p.y2 - p.y1)
	}
}

// spreadOut gives bounds some air.
func spreadOut(low, high float64, log, air bool) (float64, float64) {
	if log {
		if low == high {
			return low / 2, high * 2
		}
		if !air {
			return low, high
		}
		f := math.Pow(high/low, 0.05)
		return low / f, high * f
	}
	if low == high {
		d := math.Max(math.Abs(low)*0.1, 0.5)
		return low - d, high + d
	}
	if !air {
		return low, high
	}
	d := (high - low) * 0.05
	return low - d, high + d
}

// trace turns a function into points, within the bounds of the other series.
func (p *plan) trace(s *series) {
	const points = 96
	s.x, s.y = nil, nil
	for i := range points + 1 {
		share := float64(i) / points
		x := p.x1 + share*(p.x2-p.x1)
		if p.Chart.x.log {
			x = p.x1 * math.Pow(p.x2/p.x1, share)
		}
		y := s.f(x)
		if math.IsNaN(y) || math.IsInf(y, 0) {
			continue
		}
		s.x, s.y = append(s.x, x), append(s.y, y)
	}
	// A theory that runs away must not flatten what was measured.
	high := math.Inf(-1)
	for _, t := range p.series {
		if t.mark != curve {
			for i, y := range t.y {
				if t.high != nil {
					y = t.high[i]
				}
				if !math.IsNaN(y) && !math.IsInf(y, 0) {
					high = math.Max(high, y)
				}
			}
		}
	}
	if high > 0 && !p.Chart.y.log {
		for i := 0; i < len(s.y); {
			if s.y[i] > 1.5*high {
				s.x, s.y = append(s.x[:i:i], s.x[i+1:]...), append(s.y[:i:i], s.y[i+1:]...)
				continue
			}
			i++
		}
	}
}

// niceStep is the first of 1, 2, 5 · 10^k that is not below x.
func niceStep(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 0) {
		return 1
	}
	k := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*k >= x*(1-1e-9) {
			return m * k
		}
	}
	return 10 * k
}

// ticks are round numbers within the bounds.
func ticks(low, high float64, log bool, about int) []float64 {
	var out []float64
	if log {
		first, last := math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
		sub := []float64{1}
		if math.Log10(high/low) <= 2.2 {
			sub = []float64{1, 2, 5}
		}
		every := math.Max(1, math.Ceil((last-first)/float64(about)))
		for k := first; k <= last; k += every {
			for _, m := range sub {
				if x := m * math.Pow(10, k); x >= low*(1-1e-9) && x <= high*(1+1e-9) {
					out = append(out, x)
				}
			}
		}
		return out
	}
	step := niceStep((high - low) / float64(about))
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		out = append(out, i*step+0) // +0 turns -0 into 0
	}
	return out
}

// tickText writes the number of a tick.
func tickText(x float64) string {
	if a := math.Abs(x); a >= 1e6 || a > 0 && a < 1e-4 {
		return strconv.FormatFloat(x, 'g', 3, 64)
	}
	s := strconv.FormatFloat(round6(x), 'f', -1, 64)
	if math.Abs(x) >= 10000 {
		return grouped(x, 0)
	}
	return s
}

// round6 rounds to six digits, so that the same chart is the same text on every machine.
func round6(x float64) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64)
	return y
}

// extent is the least and the largest of the numbers of a heat map, without those that
// are none; 0 and 1 where there are none at all.
func extent(values []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) {
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	if low > high {
		return 0, 1
	}
	return low, high
}
