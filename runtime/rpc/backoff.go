package rpc

import (
	"time"

	"netsplit/runtime/sim"
)

// A backoff is how long to wait before retry number n (from 1), given the wait before.
type backoff func(dice *sim.Rand, n int, before time.Duration) time.Duration

// Exponential waits base, then twice, four times as long, at most limit: all clients
// that failed together come back together.
func Exponential(base, limit time.Duration) Option {
	return waits(func(_ *sim.Rand, n int, _ time.Duration) time.Duration { return doubled(base, limit, n) })
}

// EqualJitter waits half of that, and a random part of the other half.
func EqualJitter(base, limit time.Duration) Option {
	return waits(func(dice *sim.Rand, n int, _ time.Duration) time.Duration {
		v := doubled(base, limit, n)
		return v/2 + dice.Between(0, v/2)
	})
}

// FullJitter waits a random part of all of it: the fewest calls of the four (Marc
// Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
func FullJitter(base, limit time.Duration) Option {
	return waits(func(dice *sim.Rand, n int, _ time.Duration) time.Duration {
		return dice.Between(0, doubled(base, limit, n))
	})
}

// Decorrelated waits from base to three times what was waited before, at most limit.
func Decorrelated(base, limit time.Duration) Option {
	return waits(func(dice *sim.Rand, _ int, before time.Duration) time.Duration {
		return min(limit, dice.Between(base, 3*max(before, base)))
	})
}

// Fixed waits the same time before each retry.
func Fixed(d time.Duration) Option {
	return waits(func(*sim.Rand, int, time.Duration) time.Duration { return d })
}

func waits(b backoff) Option { return Option{client: func(c *Client) { c.backoff = b }} }

// doubled is base·2ⁿ, at most limit: the first retry (n = 1) waits on 2·base, as in the
// article's simulation.
func doubled(base, limit time.Duration, n int) time.Duration {
	v := base
	for range n {
		v *= 2
		if v >= limit {
			return limit
		}
	}
	return min(v, limit)
}
