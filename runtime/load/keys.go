package load

import (
	"math"
	"sort"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
)

// Keys is a law by which operations choose a key from 0 to n-1.
type Keys struct {
	n     int
	hot   int
	share float64
	sums  []float64 // cumulative probabilities
}

// Uniform chooses each of n keys with equal probability.
func Uniform(n int) Keys {
	checkKeys("Uniform", n)
	return Keys{n: n}
}

// Zipf chooses key k with probability proportional to 1/(k+1)^s: popularity on the
// web has s near 0.8 to 1.
func Zipf(n int, s float64) Keys {
	checkKeys("Zipf", n)
	sums := make([]float64, n)
	total := 0.0
	for k := range n {
		total += math.Pow(float64(k+1), -s)
		sums[k] = total
	}
	for k := range sums {
		// Rounded, so that the last bit of Pow, which may differ between machines, decides nothing.
		sums[k] = math.Round(sums[k]/total*(1<<40)) / (1 << 40)
	}
	return Keys{n: n, sums: sums}
}

// HotSpot chooses one of the first `hot` keys with a probability, and one of the
// others else.
func HotSpot(n, hot int, share float64) Keys {
	checkKeys("HotSpot", n)
	if hot < 1 || hot >= n || !(share >= 0 && share <= 1) {
		host.Mistakef("load.HotSpot(%d, %d, %v): the hot keys are some of all, and their share lies between 0 and 1", n, hot, share)
	}
	return Keys{n: n, hot: hot, share: share}
}

func checkKeys(of string, n int) {
	if n < 1 {
		host.Mistakef("load.%s: there must be at least one key, not %d", of, n)
	}
}

// Draw is the next key.
func (k Keys) Draw(dice *sim.Rand) int {
	switch {
	case k.sums != nil:
		x := dice.Float()
		return min(sort.SearchFloat64s(k.sums, x), k.n-1)
	case k.hot > 0:
		if dice.Float() < k.share {
			return dice.Intn(k.hot)
		}
		return k.hot + dice.Intn(k.n-k.hot)
	}
	return dice.Intn(k.n)
}
