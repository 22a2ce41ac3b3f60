package sim

import (
	"math/bits"
	"math/rand/v2"
	"time"

	"netsplit/runtime/host"
)

// StreamVersion names how streams of random numbers are made from a seed: PCG-DXSM
// with the world's seed and a hash of the stream's name, floats from the upper 53
// bits, bounded integers by Lemire's multiplication. A change of any of it gives
// other runs for the same seed and another version.
const StreamVersion = 1

// Rand is one named stream of random numbers of a world: the same seed and name
// give the same numbers, whatever other streams are used for. A node's own stream
// is node.Rand.
type Rand struct {
	src rand.PCG
}

func (w *World) stream(name string) *Rand {
	r := new(Rand)
	r.src.Seed(w.seed, hashText(0x9e3779b97f4a7c15, name))
	return r
}

// own is a stream of the engine's, which goes on where it was left; its name stands
// apart from those of world.Rand.
func (w *World) own(name string) *Rand {
	key := "\x00" + name
	r := w.streams[key]
	if r == nil {
		r = w.stream(name)
		w.streams[key] = r
	}
	return r
}

// Uint64 is a random number of 64 bits.
func (r *Rand) Uint64() uint64 { return r.src.Uint64() }

// Float is a random number in [0, 1).
func (r *Rand) Float() float64 { return float64(r.src.Uint64()>>11) * (1.0 / (1 << 53)) }

// positive is a random number in (0, 1], whose logarithm is finite.
func (r *Rand) positive() float64 { return float64(r.src.Uint64()>>11+1) * (1.0 / (1 << 53)) }

// Intn is a random number from 0 to n-1.
func (r *Rand) Intn(n int) int {
	if n <= 0 {
		host.Mistakef("Intn(%d): there is no number from 0 to %d; n must be at least 1", n, n-1)
	}
	return int(r.below(uint64(n)))
}

func (r *Rand) below(n uint64) uint64 {
	hi, lo := bits.Mul64(r.src.Uint64(), n)
	if lo < n {
		for least := -n % n; lo < least; {
			hi, lo = bits.Mul64(r.src.Uint64(), n)
		}
	}
	return hi
}

// Chance is true with probability p.
func (r *Rand) Chance(p float64) bool {
	checkProbability("Chance", p)
	return r.Float() < p
}

// Between is a random duration from a to b, both included.
func (r *Rand) Between(a, b time.Duration) time.Duration {
	if b < a {
		host.Mistakef("Between(%v, %v): the first duration must not be the longer one", a, b)
	}
	return a + time.Duration(r.below(uint64(b-a)+1))
}

// Exponential is a random duration with this mean: the time between events that
// happen at a constant rate, whatever happened before.
func (r *Rand) Exponential(mean time.Duration) time.Duration {
	return time.Duration(nanoseconds(float64(-float64(mean) * logarithm(r.positive()))))
}

// Draw is a random duration of a distribution.
func (r *Rand) Draw(d Distribution) time.Duration { return time.Duration(d.draw(r)) }

// Perm is the numbers 0 to n-1 in random order.
func (r *Rand) Perm(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	r.Shuffle(n, func(i, j int) { p[i], p[j] = p[j], p[i] })
	return p
}

// Shuffle puts n things in random order; swap exchanges two of them.
func (r *Rand) Shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, int(r.below(uint64(i+1))))
	}
}

// Pick is one of the words.
func (r *Rand) Pick(words ...string) string { return words[r.Intn(len(words))] }

func checkProbability(of string, p float64) {
	if !(p >= 0 && p <= 1) {
		host.Mistakef("%s(%v): a probability lies between 0 and 1", of, p)
	}
}

// hashText folds s into h, eight bytes at a time.
func hashText(h uint64, s string) uint64 {
	for len(s) >= 8 {
		h = mix(h, eight(s))
		s = s[8:]
	}
	return mix(h, tail(s))
}

// textWords calls with every word of s that hashText folds in.
func textWords(s string, each func(uint64)) {
	for len(s) >= 8 {
		each(eight(s))
		s = s[8:]
	}
	each(tail(s))
}

// eight is the first eight bytes of s as a number, the first lowest.
func eight(s string) uint64 { return uint64(four(s)) | uint64(four(s[4:]))<<32 }

func four(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// tail is fewer than eight bytes as a number, with their count in the highest byte.
func tail(s string) uint64 {
	n := len(s)
	switch {
	case n >= 4: // the two halves overlap
		return uint64(n)<<56 | uint64(four(s)) | uint64(four(s[n-4:]))<<(8*(n-4))
	case n == 0:
		return 0
	}
	return uint64(n)<<56 | uint64(s[0]) | uint64(s[n>>1])<<(8*(n>>1)) | uint64(s[n-1])<<(8*(n-1))
}

// start is the length and the first bytes of a name, enough to tell the fields of a
// message apart.
func start(name string) uint64 {
	h := uint64(len(name)) << 56
	for i := 0; i < len(name) && i < 7; i++ {
		h |= uint64(name[i]) << (8 * i)
	}
	return h
}

// mix is one step of every hash here: one multiplication and two xors.
func mix(h, x uint64) uint64 {
	h = (h ^ x) * 0x9fb21c651e98df25
	return h ^ h>>32
}
