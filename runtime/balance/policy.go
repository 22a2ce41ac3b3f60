package balance

import (
	"time"

	"netsplit/runtime/sim"
)

// Policy picks a server.
type Policy struct {
	name string
	pick func(p *pick) int
}

// pick is what a policy may know: random numbers, the node's time, how many there are,
// and of each how many requests wait there. Where bins are filled there are no servers.
type pick struct {
	dice    *sim.Rand
	now     time.Duration
	n       int
	servers []*Server
	bins    []int
}

// waiting is how many requests were sent to a server and not answered.
func (p *pick) waiting(i int) int {
	if p.servers == nil {
		return p.bins[i]
	}
	return p.servers[i].Outstanding
}

// String is the policy's name.
func (p Policy) String() string { return p.name }

// Random picks any server, with equal probability.
func Random() Policy {
	return Policy{"random", func(p *pick) int { return p.dice.Intn(p.n) }}
}

// RoundRobin picks one server after the other.
func RoundRobin() Policy {
	next := 0
	return Policy{"round robin", func(p *pick) int {
		next++
		return (next - 1) % p.n
	}}
}

// LeastLoaded picks a server with the fewest requests outstanding: any of these, with
// equal probability.
func LeastLoaded() Policy {
	return Policy{"least loaded", func(p *pick) int { return least(p, p.waiting) }}
}

func least(p *pick, of func(i int) int) int {
	best, fewest, ties := 0, of(0), 1
	for i := 1; i < p.n; i++ {
		switch here := of(i); {
		case here < fewest:
			best, fewest, ties = i, here, 1
		case here == fewest:
			if ties++; p.dice.Intn(ties) == 0 {
				best = i
			}
		}
	}
	return best
}

// TwoChoices is Choices(2).
func TwoChoices() Policy {
	p := Choices(2)
	p.name = "two choices"
	return p
}

// Choices picks the least loaded of d servers that are drawn at random, with
// replacement.
func Choices(d int) Policy {
	return Policy{"choices", func(p *pick) int {
		best := p.dice.Intn(p.n)
		for range d - 1 {
			if i := p.dice.Intn(p.n); p.waiting(i) < p.waiting(best) {
				best = i
			}
		}
		return best
	}}
}

// WeightedResponse picks each server with a probability proportional to how quickly it
// answered of late. A server that was never asked is asked first.
func WeightedResponse() Policy {
	return Weighted("weighted response", func(s *Server) float64 { return 1 / s.Response.Seconds() })
}

// Weighted picks each server with a probability proportional to a weight that you
// compute from what the balancer knows of it. A server that was never asked is asked
// first; one that has not answered yet counts as much as the others do on average.
func Weighted(name string, weight func(s *Server) float64) Policy {
	return Policy{name, func(p *pick) int {
		weights, total, known := make([]float64, p.n), 0.0, 0
		for i, s := range p.servers {
			if s.Sent == 0 {
				return i
			}
			if s.Response > 0 {
				weights[i] = max(0, weight(s))
				total += weights[i]
				known++
			}
		}
		if total == 0 {
			return p.dice.Intn(p.n)
		}
		usual := total / float64(known)
		total += usual * float64(p.n-known)
		at := p.dice.Float() * total
		for i, s := range p.servers {
			if s.Response == 0 {
				weights[i] = usual
			}
			if at -= weights[i]; at < 0 {
				return i
			}
		}
		return p.n - 1
	}}
}

// Own is a policy that you write: it gets random numbers, the number of servers, and a
// function that says how many requests wait at server i, and returns the number of a
// server, from 0. How often it asks is what the policy costs in messages.
func Own(name string, choose func(dice *sim.Rand, servers int, waiting func(i int) int) int) Policy {
	return Policy{name, func(p *pick) int { return choose(p.dice, p.n, p.waiting) }}
}

// Fill throws balls into bins, each into the bin that the policy picks, and returns how
// many the fullest bin has then. It is a balancer whose requests never end, all come at
// once, and take no time: what remains is the policy.
func Fill(dice *sim.Rand, bins []int, balls int, policy Policy) int {
	p := &pick{dice: dice, n: len(bins), bins: bins}
	most := 0
	for range balls {
		i := policy.pick(p)
		bins[i]++
		most = max(most, bins[i])
	}
	return most
}
