package sim

import (
	"fmt"
	"time"

	"netsplit/runtime/host"
)

// Flow watches who comes and who leaves: a shop, a pool of connections, operations
// that are under way. It knows how many are there on average and how long they stay,
// and at the end of every run the engine holds both against each other, as exact
// numbers (Little's law, L = λW). Nodes with a service time, queues (node.NewQueue)
// and loads have one each; others are made with world.Flow.
type Flow struct {
	world   *World
	name    string
	since   int64 // when the counts began
	last    int64 // when the area was brought up to date
	area    int64 // number present times nanoseconds
	present int64
	came    int64 // the sum of the times at which those came who are present
	arrived int
	left    int
	stayed  int64 // the sum of the times of those who left
}

// Flow makes a flow; its name appears when the law does not hold.
//
//	shop := world.Flow("shop")
//	came := shop.Enter()
//	shop.Leave(came)
func (w *World) Flow(name string) *Flow {
	w.enter("world.Flow")
	f := &Flow{world: w, name: name, since: w.now, last: w.now}
	w.flows = append(w.flows, f)
	return f
}

func (f *Flow) advance() {
	f.area += f.present * (f.world.now - f.last)
	f.last = f.world.now
}

// Enter says that one comes, and returns when, for Leave.
func (f *Flow) Enter() time.Duration {
	f.world.enter("Flow.Enter")
	f.advance()
	f.present++
	f.came += f.world.now
	f.arrived++
	return time.Duration(f.world.now)
}

// Leave says that one goes who came at that time.
func (f *Flow) Leave(came time.Duration) {
	f.world.enter("Flow.Leave")
	f.advance()
	if f.present == 0 || int64(came) > f.world.now || int64(came) < f.since {
		host.Mistakef("Flow %s: nobody can leave who came at %v: %d are there, and it is %v", f.name, came, f.present, f.world.Now())
	}
	f.present--
	f.came -= int64(came)
	f.left++
	f.stayed += f.world.now - int64(came)
}

// Present is how many are there.
func (f *Flow) Present() int { return int(f.present) }

// Work is what the flow saw since it was made; Busy and Refused do not apply.
func (f *Flow) Work() Work {
	f.advance()
	w := Work{Arrived: f.arrived, Done: f.left, Present: int(f.present)}
	if span := float64(f.last - f.since); span > 0 {
		w.Rate = float64(f.arrived) / span * 1e9
		w.Number = float64(f.area) / span
	}
	if f.left > 0 {
		w.Time = time.Duration(f.stayed / int64(f.left))
	}
	return w
}

func (f *Flow) little() error {
	f.advance()
	if times := f.stayed + f.present*f.world.now - f.came; times != f.area {
		return fmt.Errorf("little's law: the area under the number present is %d, the sum of their times %d", f.area, times)
	}
	return nil
}

// invariants are looked at when a run ends: what fails here is a bug of the engine,
// not of the learner's.
func (w *World) invariants() {
	for _, n := range w.nodes {
		if n.service != nil {
			if err := n.service.little(w.now); err != nil {
				panic(fmt.Errorf("node %s at %s, seed %d: %w", n.Name, clock(w.now), w.seed, err))
			}
		}
	}
	for _, f := range w.flows {
		if err := f.little(); err != nil {
			panic(fmt.Errorf("%s at %s, seed %d: %w", f.name, clock(w.now), w.seed, err))
		}
	}
}
