package sim

import (
	"errors"
	"fmt"

	"netsplit/runtime/trace"
)

// Repeatable runs the same world twice and compares. It returns nil when both runs
// are the same; otherwise an error that names the first event that differs and what
// usually is to blame.
//
//	err := sim.Repeatable(func() *sim.World { return Election(7) })
func Repeatable(run func() *World) error {
	a, b := run(), run()
	if a == nil || b == nil {
		return errors.New("sim.Repeatable: the function returned no world")
	}
	defer a.Stop()
	defer b.Stop()
	if a.hash == b.hash && a.steps == b.steps {
		return nil
	}
	where := trace.Diff(a.log, b.log)
	text := where.String()
	if where.Index < 0 {
		text = fmt.Sprintf("their transcripts are the same, their events are not (%d and %d)", a.steps, b.steps)
	}
	return fmt.Errorf("two runs of seed %d differ; %s\nusual causes: a range over a map, time.Now, math/rand, a goroutine or select of one's own, a variable that outlives the run", a.seed, text)
}
