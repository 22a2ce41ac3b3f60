package sim_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"netsplit/runtime/sim"
)

// crowd is a world in which a hundred processes wait for ever.
func crowd() *sim.World {
	world := sim.New(sim.Untraced())
	world.Node("n", func(node *sim.Node) {
		for range 100 {
			node.Go(func() { node.Receive("never") })
		}
	})
	world.Run(time.Second)
	return world
}

// TestForgottenWorldsAreStopped makes worlds in a loop, once stopping each and once
// forgetting it, and looks at what lives afterwards.
func TestForgottenWorldsAreStopped(t *testing.T) {
	worlds := 10_000
	switch {
	case raceDetector: // it allows 8,128 goroutines
		return
	case testing.Short():
		worlds = 1_500
	}
	const mostStanding = 100_000
	before := inUse()
	for range worlds {
		crowd().Stop()
	}
	if kept := inUse() - before; kept > 20<<20 {
		t.Errorf("%d worlds that were stopped still hold %d MB", worlds, kept>>20)
	}
	first := crowd()
	for range worlds {
		crowd()
	}
	if n := runtime.NumGoroutine(); n > mostStanding+1000 {
		t.Errorf("%d goroutines live after %d worlds of 100 processes were forgotten; at most %d should wait", n, worlds, mostStanding)
	}
	kept := inUse() - before
	t.Logf("%d forgotten worlds of 100 processes hold %d MB", worlds, kept>>20)
	if kept > 600<<20 {
		t.Errorf("%d forgotten worlds hold %d MB", worlds, kept>>20)
	}
	defer func() {
		if text := fmt.Sprint(recover()); !strings.Contains(text, "wait in worlds that ran later") {
			t.Errorf("running a forgotten world does not say why it is over: %s", text)
		}
	}()
	first.Run(time.Second)
}

// inUse is what lives on the heap and on stacks after a collection.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
