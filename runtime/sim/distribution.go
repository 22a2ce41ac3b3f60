package sim

import (
	"fmt"
	"math"
	"time"

	"netsplit/runtime/host"
)

// Distribution is a law by which durations are drawn: of a message's way, of the
// work of a server, of the time between arrivals. The zero Distribution is
// always 0.
type Distribution struct {
	form    form
	a, b    float64 // nanoseconds, or a shape
	values  []time.Duration
	parts   []Distribution
	weights []float64
}

type form uint8

const (
	constant form = iota
	uniform
	steps
	exponentialForm
	normal
	pareto
	empirical
	mixture
	shifted
)

// Constant is always d.
func Constant(d time.Duration) Distribution {
	checkDuration("Constant", d)
	return Distribution{form: constant, a: float64(d)}
}

// Uniform is any duration from a to b with equal probability.
func Uniform(a, b time.Duration) Distribution {
	checkDuration("Uniform", a)
	if b < a {
		host.Mistakef("Uniform(%v, %v): the first duration must not be the longer one", a, b)
	}
	return Distribution{form: uniform, a: float64(a), b: float64(b)}
}

// Steps is a, or a+step, or a+2·step … up to b, with equal probability. The
// default latency of a world is Steps(1ms, 5ms, 1ms), so that first traces read
// in whole milliseconds.
func Steps(a, b, step time.Duration) Distribution {
	checkDuration("Steps", a)
	if b < a || step <= 0 {
		host.Mistakef("Steps(%v, %v, %v): need a first, a longer last and a positive step", a, b, step)
	}
	return Distribution{form: steps, a: float64(a), b: float64((b - a) / step), weights: []float64{float64(step)}}
}

// Exponential has this mean and no memory: the classical law of arrivals and of
// service times, with a long tail (1 in 100 is 4.6 times the mean).
func Exponential(mean time.Duration) Distribution {
	checkDuration("Exponential", mean)
	return Distribution{form: exponentialForm, a: float64(mean)}
}

// Normal has this mean and standard deviation; what falls below 0 counts as 0.
func Normal(mean, deviation time.Duration) Distribution {
	checkDuration("Normal", mean)
	checkDuration("Normal", deviation)
	return Distribution{form: normal, a: float64(mean), b: float64(deviation)}
}

// Pareto is at least `least`, with a tail that is the heavier the smaller the
// shape: P(X > x) = (least/x)^shape. At a shape of 2 or less its variance is
// infinite, at 1 or less its mean is, too.
func Pareto(least time.Duration, shape float64) Distribution {
	checkDuration("Pareto", least)
	if !(shape > 0) {
		host.Mistakef("Pareto(%v, %v): the shape must be positive", least, shape)
	}
	return Distribution{form: pareto, a: float64(least), b: shape}
}

// Empirical is one of the measured durations, each with equal probability.
func Empirical(measured ...time.Duration) Distribution {
	if len(measured) == 0 {
		host.Mistakef("Empirical(): give at least one measured duration")
	}
	return Distribution{form: empirical, values: append([]time.Duration(nil), measured...)}
}

// Mix draws from `often`, except that with probability p it draws from `rarely`:
// Mix(Constant(1*ms), 0.01, Constant(100*ms)) is a fast path with a slow one in a
// hundred.
func Mix(often Distribution, p float64, rarely Distribution) Distribution {
	checkProbability("Mix", p)
	return Distribution{form: mixture, a: p, parts: []Distribution{often, rarely}}
}

// Plus is d with a constant added.
func (d Distribution) Plus(extra time.Duration) Distribution {
	checkDuration("Plus", extra)
	return Distribution{form: shifted, a: float64(extra), parts: []Distribution{d}}
}

func checkDuration(of string, d time.Duration) {
	if d < 0 {
		host.Mistakef("%s(%v): a duration must not be negative", of, d)
	}
}

// draw is a duration in nanoseconds.
func (d *Distribution) draw(r *Rand) int64 {
	switch d.form {
	case constant:
		return int64(d.a)
	case uniform:
		return int64(d.a) + int64(r.below(uint64(d.b-d.a)+1))
	case steps:
		return int64(d.a) + int64(r.below(uint64(d.b)+1))*int64(d.weights[0])
	case exponentialForm:
		return nanoseconds(float64(-d.a * logarithm(r.positive())))
	case normal:
		return nanoseconds(d.a + float64(d.b*gauss(r)))
	case pareto:
		return nanoseconds(float64(d.a * exponential(-logarithm(r.positive())/d.b)))
	case empirical:
		return int64(d.values[r.below(uint64(len(d.values)))])
	case mixture:
		if r.Float() < d.a {
			return d.parts[1].draw(r)
		}
		return d.parts[0].draw(r)
	case shifted:
		return int64(d.a) + d.parts[0].draw(r)
	}
	return 0
}

// gauss is a standard normal number by Marsaglia's polar method; the second one
// of each pair is thrown away, so that a stream has no hidden state.
func gauss(r *Rand) float64 {
	for {
		u, v := float64(2*r.Float())-1, float64(2*r.Float())-1
		s := float64(u*u) + float64(v*v)
		if s > 0 && s < 1 {
			return float64(u * math.Sqrt(-2*logarithm(s)/s))
		}
	}
}

// Mean is the expected duration; 0 stands for an infinite one.
func (d Distribution) Mean() time.Duration {
	switch d.form {
	case uniform:
		return time.Duration((d.a + d.b) / 2)
	case steps:
		return time.Duration(d.a + float64(float64(d.b*d.weights[0])/2))
	case pareto:
		if d.b <= 1 {
			return 0
		}
		return time.Duration(d.a * d.b / (d.b - 1))
	case empirical:
		var sum time.Duration
		for _, v := range d.values {
			sum += v
		}
		return sum / time.Duration(len(d.values))
	case mixture:
		return time.Duration(float64((1-d.a)*float64(d.parts[0].Mean())) + float64(d.a*float64(d.parts[1].Mean())))
	case shifted:
		return time.Duration(d.a) + d.parts[0].Mean()
	}
	return time.Duration(d.a)
}

// String names the law and its parameters.
func (d Distribution) String() string {
	a, b := time.Duration(d.a), time.Duration(d.b)
	switch d.form {
	case uniform:
		return fmt.Sprintf("uniform from %v to %v", a, b)
	case steps:
		step := time.Duration(d.weights[0])
		return fmt.Sprintf("from %v to %v in steps of %v", a, a+time.Duration(d.b)*step, step)
	case exponentialForm:
		return fmt.Sprintf("exponential with mean %v", a)
	case normal:
		return fmt.Sprintf("normal with mean %v and deviation %v", a, b)
	case pareto:
		return fmt.Sprintf("Pareto from %v with shape %v", a, d.b)
	case empirical:
		return fmt.Sprintf("one of %d measured durations", len(d.values))
	case mixture:
		return fmt.Sprintf("%v, with probability %v %v", d.parts[0], d.a, d.parts[1])
	case shifted:
		return fmt.Sprintf("%v plus %v", a, d.parts[0])
	}
	return fmt.Sprintf("always %v", a)
}
