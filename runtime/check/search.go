package check

import (
	"fmt"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
)

// Run is one run of a search: its seed, and which of its faults take place.
type Run struct {
	Seed uint64

	kept   []bool // by number of the fault; what is not in it is kept
	faults []*sim.Fault
}

// Faults says which faults of the run may be left out when it is shrunk. They are made
// as usual; those that are left out never begin.
func (r *Run) Faults(faults ...*sim.Fault) {
	for _, f := range faults {
		if i := len(r.faults); i < len(r.kept) && !r.kept[i] {
			f.Chance(0)
		}
		r.faults = append(r.faults, f)
	}
}

// Found is a run in which a promise was broken.
type Found struct {
	Seed   uint64
	Runs   int // that it took, this one included
	World  *sim.World
	Faults []*sim.Fault // that are in it

	kept  []bool
	build func(r *Run) *sim.World
}

// Search builds and runs a world with the seeds 1 to seeds, until a promise of one is
// broken. It gives nil when all are kept.
func Search(seeds int, build func(r *Run) *sim.World) *Found {
	for seed := range uint64(seeds) {
		if found := try(seed+1, nil, build); found != nil {
			found.Runs = int(seed) + 1
			return found
		}
	}
	return nil
}

// try runs one world; nil when its promises are kept.
func try(seed uint64, kept []bool, build func(r *Run) *sim.World) *Found {
	r := &Run{Seed: seed, kept: kept}
	world := build(r)
	if world == nil {
		host.Mistakef("check.Search: the function gave no world")
	}
	if !world.Broken() {
		world.Stop()
		return nil
	}
	f := &Found{Seed: seed, Runs: 1, World: world, kept: make([]bool, len(r.faults)), build: build}
	for i, fault := range r.faults {
		if f.kept[i] = i >= len(kept) || kept[i]; f.kept[i] {
			f.Faults = append(f.Faults, fault)
		}
	}
	return f
}

// Shrink leaves faults out of the run, first halves, then quarters, then single ones,
// as long as a promise is still broken, and gives the smallest run that it finds: no
// single fault can be left out of it.
func (f *Found) Shrink() *Found {
	best, runs := f, 0
	for size := (len(f.Faults) + 1) / 2; size >= 1; {
		smaller := false
		for from := 0; from < len(best.Faults); from += size {
			runs++
			if less := try(f.Seed, best.leaveOut(from, size), f.build); less != nil {
				best, smaller = less, true
				break
			}
		}
		if !smaller {
			if size == 1 {
				break
			}
			size = (size + 1) / 2
		}
		size = min(size, max(1, len(best.Faults)))
		if len(best.Faults) == 0 {
			break
		}
	}
	shrunk := *best
	shrunk.Runs = f.Runs + runs
	return &shrunk
}

// leaveOut is kept without so many faults from one on.
func (f *Found) leaveOut(from, size int) []bool {
	kept := append([]bool(nil), f.kept...)
	n := 0
	for i, k := range kept {
		if k {
			if n >= from && n < from+size {
				kept[i] = false
			}
			n++
		}
	}
	return kept
}

// String says what was found.
func (f *Found) String() string {
	if f == nil {
		return "no run breaks a promise"
	}
	faults := "faults"
	if len(f.Faults) == 1 {
		faults = "fault"
	}
	text := fmt.Sprintf("%s\nseed %d, run %d, %d %s", f.World.Verdict(), f.Seed, f.Runs, len(f.Faults), faults)
	for _, fault := range f.Faults {
		text += "\n    " + fault.String()
	}
	return text
}
