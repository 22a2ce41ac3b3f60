package sim

import (
	"fmt"
	"strings"
	"time"

	"netsplit/runtime/host"
)

// nemeses are the faults that Nemesis can draw: a is a node, b another one, side some
// of the nodes. All of them end by themselves.
var nemeses = []struct {
	kind string
	make func(w *World, dice *Rand, a, b, side string) *Fault
}{
	{"crash", func(w *World, dice *Rand, a, b, side string) *Fault { return w.Crash(a) }},
	{"pause", func(w *World, dice *Rand, a, b, side string) *Fault { return w.Pause(a) }},
	{"partition", func(w *World, dice *Rand, a, b, side string) *Fault { return w.Partition(side) }},
	{"cut", func(w *World, dice *Rand, a, b, side string) *Fault { return w.Cut(a, b) }},
	{"loss", func(w *World, dice *Rand, a, b, side string) *Fault { return w.Lossy(percents(dice, 10, 50)) }},
	{"delay", func(w *World, dice *Rand, a, b, side string) *Fault {
		return w.Delay(dice.Between(1, 50)*time.Millisecond, a)
	}},
	{"clog", func(w *World, dice *Rand, a, b, side string) *Fault { return w.Clog(a, b) }},
	{"duplicate", func(w *World, dice *Rand, a, b, side string) *Fault { return w.Duplicate(percents(dice, 10, 50)) }},
	{"reorder", func(w *World, dice *Rand, a, b, side string) *Fault {
		return w.Reorder(percents(dice, 10, 50), dice.Between(1, 50)*time.Millisecond)
	}},
	{"corrupt", func(w *World, dice *Rand, a, b, side string) *Fault { return w.Corrupt(percents(dice, 1, 10)) }},
	{"disk", func(w *World, dice *Rand, a, b, side string) *Fault { return w.LoseSyncs(a) }},
	{"clock", func(w *World, dice *Rand, a, b, side string) *Fault {
		d := dice.Between(-100, 100) * time.Millisecond
		f := w.StepClock(a, d)
		f.stop = func() { w.byName[a].clock.adjust(w.now, -int64(d)) }
		f.endText = "clock of " + a + " is set right"
		return f
	}},
}

func percents(dice *Rand, from, to int) float64 { return float64(from+dice.Intn(to-from+1)) / 100 }

// Nemesis schedules faults at random until a time, so many per second on average, from
// the world's seed, each for 10 to 200 ms, on nodes that exist now. It returns them.
// The usual kinds are "crash pause partition cut loss delay"; a word for each kind
// chooses others: also clog, duplicate, reorder, corrupt, disk (loses syncs), clock
// (steps away and back).
//
//	world.Nemesis(10*sec, 2)
//	world.Nemesis(10*sec, 2, "crash partition clock")
func (w *World) Nemesis(until time.Duration, perSecond float64, kinds ...string) []*Fault {
	w.enter("world.Nemesis")
	if perSecond <= 0 || len(w.nodes) < 3 {
		host.Mistakef("world.Nemesis(%v, %v): needs a positive number of faults per second and two nodes", until, perSecond)
	}
	wanted := words(strings.Join(kinds, " "))
	if len(wanted) == 0 {
		wanted = []string{"crash", "pause", "partition", "cut", "loss", "delay"}
	}
	var choice []int
	for _, kind := range wanted {
		found := -1
		for i := range nemeses {
			if nemeses[i].kind == kind {
				found = i
			}
		}
		if found < 0 {
			var all []string
			for i := range nemeses {
				all = append(all, nemeses[i].kind)
			}
			host.Mistakef("world.Nemesis: it knows no fault %q (it knows: %s)", kind, list(all))
		}
		choice = append(choice, found)
	}
	dice := w.own("nemesis")
	gap := time.Duration(float64(time.Second) / perSecond)
	var faults []*Fault
	for t := w.Now() + dice.Exponential(gap); t < until; t += dice.Exponential(gap) {
		order := dice.Perm(len(w.nodes) - 1)
		a, b := w.nodes[1+order[0]].Name, w.nodes[1+order[1]].Name
		var side []string
		for _, i := range order[:1+dice.Intn((len(order)+1)/2)] {
			side = append(side, w.nodes[1+i].Name)
		}
		f := nemeses[choice[dice.Intn(len(choice))]].make(w, dice, a, b, strings.Join(side, " "))
		faults = append(faults, f.Between(t, t+dice.Between(10*time.Millisecond, 200*time.Millisecond)))
	}
	return faults
}

// percent writes a probability as a percentage without the noise of its last bits.
func percent(p float64) string { return fmt.Sprintf("%.6g%%", p*100) }
