package sim

import (
	"math"
	"math/big"
	"testing"
)

// The outputs are held as bit patterns: they must be the same on every machine,
// today and later.
func TestLogarithmAndExponentialAreTheSameBitsEverywhere(t *testing.T) {
	for _, c := range []struct {
		x        float64
		log, exp uint64
	}{
		{1e-300, 0xc085963447f87fb5, 0x3ff0000000000000},
		{0.1, 0xc0026bb1bbb55515, 0x3ff1aec7b35a00d4},
		{0.5, 0xbfe62e42fefa39ef, 0x3ffa61298e1e069c},
		{1, 0x0000000000000000, 0x4005bf0a8b145769},
		{2, 0x3fe62e42fefa39ef, 0x401d8e64b8d4ddae},
		{math.Pi, 0x3ff250d048e7a1bd, 0x403724046eb09339},
		{100, 0x40126bb1bbb55516, 0x48f3494a9b171bf5},
		{700, 0x401a344e6741ebab, 0x7f0d945df4f8ec8e},
	} {
		if got := math.Float64bits(logarithm(c.x)); got != c.log {
			t.Errorf("logarithm(%v) = %#x, want %#x", c.x, got, c.log)
		}
		if got := math.Float64bits(exponential(c.x)); got != c.exp {
			t.Errorf("exponential(%v) = %#x, want %#x", c.x, got, c.exp)
		}
	}
}

// Both are within two units in the last place of package math, which has an error
// below one itself.
func TestLogarithmAndExponentialAreAccurate(t *testing.T) {
	near := func(a, b float64) bool {
		x, _ := new(big.Float).Sub(big.NewFloat(a), big.NewFloat(b)).Float64()
		return math.Abs(x) <= 4.5e-16*math.Abs(b)+5e-324
	}
	r := New(Seed(3)).stream("test")
	for range 100_000 {
		x := exponential(float64(600 * (r.Float() - 0.5)))
		if a, b := logarithm(x), math.Log(x); !near(a, b) {
			t.Fatalf("logarithm(%v) = %v, math has %v", x, a, b)
		}
		y := float64(1400 * (r.Float() - 0.5))
		if a, b := exponential(y), math.Exp(y); b > 1e-300 && !near(a, b) {
			t.Fatalf("exponential(%v) = %v, math has %v", y, a, b)
		}
	}
}

// The first numbers of two streams are part of the format that StreamVersion names.
func TestStreamsAreTheSameNumbersEverywhere(t *testing.T) {
	w := New(Seed(1))
	a, b := w.stream("node/a"), w.stream("node/b")
	got := []uint64{a.Uint64(), b.Uint64(), a.below(1000), uint64(a.Between(0, 1000)), math.Float64bits(a.Float())}
	want := []uint64{0x71f7faf1bd5dd355, 0x3b29550bfa1e894e, 0x11e, 0x12d, 0x3fe7edee2a832fea}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("streams give %#x, want %#x: runs of old seeds change; raise StreamVersion", got, want)
		}
	}
}

func TestDistributionsHaveTheirMeans(t *testing.T) {
	const ms = 1_000_000
	r := New().stream("test")
	for _, d := range []Distribution{Constant(5 * ms), Uniform(1*ms, 9*ms), Steps(1*ms, 5*ms, 1*ms), Exponential(7 * ms),
		Normal(50*ms, 5*ms), Pareto(2*ms, 4), Empirical(1*ms, 2*ms, 6*ms), Mix(Constant(1*ms), 0.25, Constant(9*ms)), Exponential(3 * ms).Plus(4 * ms)} {
		sum := 0.0
		const n = 200_000
		for range n {
			sum += float64(d.draw(r))
		}
		if mean := sum / n; math.Abs(mean/float64(d.Mean())-1) > 0.01 {
			t.Errorf("%v: mean of %d draws %.3f ms, want %.3f ms", d, n, mean/ms, float64(d.Mean())/ms)
		}
	}
}
