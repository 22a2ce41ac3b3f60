package balance

import "time"

// Policy picks a server.
type Policy struct {
	name string
	pick func(b *Balancer, among []*Server) *Server
}

// String is the policy's name.
func (p Policy) String() string { return p.name }

// Random picks any server, with equal probability.
func Random() Policy {
	return Policy{"random", func(b *Balancer, among []*Server) *Server { return among[b.node.Rand.Intn(len(among))] }}
}

// RoundRobin picks one server after the other.
func RoundRobin() Policy {
	next := 0
	return Policy{"round robin", func(_ *Balancer, among []*Server) *Server {
		s := among[next%len(among)]
		next++
		return s
	}}
}

// LeastLoaded picks a server with the fewest requests outstanding: any of these, with
// equal probability.
func LeastLoaded() Policy {
	return Policy{"least loaded", func(b *Balancer, among []*Server) *Server {
		best, ties := among[0], 1
		for _, s := range among[1:] {
			switch {
			case s.Outstanding < best.Outstanding:
				best, ties = s, 1
			case s.Outstanding == best.Outstanding:
				if ties++; b.node.Rand.Intn(ties) == 0 {
					best = s
				}
			}
		}
		return best
	}}
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
	return Policy{"choices", func(b *Balancer, among []*Server) *Server {
		best := among[b.node.Rand.Intn(len(among))]
		for range d - 1 {
			if s := among[b.node.Rand.Intn(len(among))]; s.Outstanding < best.Outstanding {
				best = s
			}
		}
		return best
	}}
}

// WeightedResponse picks each server with a probability proportional to how quickly it
// answered of late. A server that was never asked is asked first.
func WeightedResponse() Policy {
	return Policy{"weighted response", func(b *Balancer, among []*Server) *Server {
		total := 0.0
		for _, s := range among {
			if s.Sent == 0 {
				return s
			}
			total += speed(s)
		}
		at := b.node.Rand.Float() * total
		for _, s := range among {
			if at -= speed(s); at < 0 {
				return s
			}
		}
		return among[len(among)-1]
	}}
}

// speed is the weight of a server: answers per second.
func speed(s *Server) float64 { return 1 / max(s.Response, time.Microsecond).Seconds() }
