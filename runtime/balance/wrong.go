package balance

import (
	"time"

	"netsplit/runtime/host"
)

// SameTwice is wrong: two choices, of which the second is the first, because both came
// from the same draw. It is as good as Random, and looks like TwoChoices.
func SameTwice() Policy {
	return Policy{"same twice", func(p *pick) int {
		first := p.dice.Intn(p.n)
		if second := first; p.waiting(second) < p.waiting(first) {
			return second
		}
		return first
	}}
}

// MoreLoaded is wrong: of two random servers it takes the one with more requests.
func MoreLoaded() Policy {
	return Policy{"more loaded", func(p *pick) int {
		a, b := p.dice.Intn(p.n), p.dice.Intn(p.n)
		if p.waiting(a) >= p.waiting(b) {
			return a
		}
		return b
	}}
}

// OldNews is wrong: it takes the least loaded server by numbers that it looks at once
// in a while. In between everything goes to the same server, the herd after the
// emptiest of a while ago.
func OldNews(every time.Duration) Policy {
	var seen []int
	var next time.Duration
	return Policy{"old news", func(p *pick) int {
		if len(seen) != p.n || p.now >= next {
			seen = seen[:0]
			for i := range p.n {
				seen = append(seen, p.waiting(i))
			}
			next = p.now + every
		}
		best := 0
		for i, n := range seen {
			if n < seen[best] {
				best = i
			}
		}
		return best
	}}
}

// CountsSent is wrong: of two random servers it takes the one that was sent fewer
// requests so far, whether they are finished or not. A slow server gets as many as the
// others.
func CountsSent() Policy {
	return Policy{"counts sent", func(p *pick) int {
		a, b := p.dice.Intn(p.n), p.dice.Intn(p.n)
		if p.servers != nil && p.servers[b].Sent < p.servers[a].Sent {
			return b
		}
		return a
	}}
}

// NeverBack is wrong: a server that Health took out stays out. Give it after Health.
func NeverBack() Option {
	return func(b *Balancer) {
		if b.health == nil {
			host.Mistakef("balance.NeverBack needs balance.Health before it")
		}
		b.health.never = true
	}
}

// BlamesAll is wrong: every error is a failure of the server, also one that says that
// the request makes no sense. A client with bad requests takes out one server after
// the other.
func BlamesAll() Option { return func(b *Balancer) { b.blames = true } }
