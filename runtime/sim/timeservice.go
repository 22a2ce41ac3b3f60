package sim

import (
	"fmt"
	"time"
)

// TimeServer is the program of a node that others ask for the time (node.AskTime).
func TimeServer(node *Node) {
	node.Handle("time?", func(r *Request) {
		received := node.Now()
		r.Reply("time", "received", received, "sent", node.Now())
	})
}

// TimeReading is what one exchange with a time server tells, as in NTP (RFC 5905,
// section 8): four times, two of each clock.
type TimeReading struct {
	Offset    time.Duration // how far the server's clock is ahead
	RoundTrip time.Duration // how long the messages were on their way together
}

// Bound is how wrong the offset can be: half the round trip, when one way took no
// time and the other all of it. A server cannot tell more.
func (t TimeReading) Bound() time.Duration { return t.RoundTrip / 2 }

// String is the reading in one line.
func (t TimeReading) String() string {
	return fmt.Sprintf("%v ± %v", t.Offset, t.Bound())
}

// AskTime asks a time server (a node that runs TimeServer) once. It supposes that
// both ways take as long; on an asymmetric path the offset is wrong by half the
// difference, and nobody can see it. AdjustClock(reading.Offset) puts the node's clock
// right.
func (n *Node) AskTime(server string) (TimeReading, error) {
	asked := n.Now()
	reply, err := n.Call(server, "time?")
	if err != nil {
		return TimeReading{}, err
	}
	answered := n.Now()
	received, sent := reply.Duration("received"), reply.Duration("sent")
	return TimeReading{
		Offset:    ((received - asked) + (sent - answered)) / 2,
		RoundTrip: (answered - asked) - (sent - received),
	}, nil
}

// KeepTime asks a time server every so often, takes the reading with the shortest
// round trip of each eight, as NTP's clock filter does, and puts the node's clock
// right by it. It goes on until the node crashes.
func (n *Node) KeepTime(server string, every time.Duration) {
	n.Go(func() {
		for {
			best, found := TimeReading{}, false
			for range 8 {
				if r, err := n.AskTime(server); err == nil && (!found || r.RoundTrip < best.RoundTrip) {
					best, found = r, true
				}
			}
			if found {
				n.AdjustClock(best.Offset)
			}
			n.Sleep(every)
		}
	})
}

// LeapSecond inserts a leap second into the clocks of nodes: they repeat a second, so
// that time, as they see it, runs backwards.
func (w *World) LeapSecond(names string) *Fault {
	f := w.StepClock(names, -time.Second)
	f.text = "leap second at " + join(names)
	return f
}
