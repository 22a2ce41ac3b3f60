package rt

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
)

// deepFrames is how many frames a goroutine has that is counted as deep when the
// stacks together are above the limit.
const deepFrames = 20_000

// deep tells whether the calling goroutine is deep.
func deep() bool {
	pcs := make([]uintptr, 1)
	return runtime.Callers(deepFrames, pcs) > 0
}

var watch sync.Once

// ended is set when a deep goroutine has ended.
var ended atomic.Bool

// WatchStack ends goroutines that recurse without end: when all stacks together
// hold more than limit bytes, every guard is made to look at its own goroutine.
// Recursion inside compiled code never meets a guard; for it the runtime's own
// maximum is set to twice the limit.
func WatchStack(limit int64) {
	debug.SetMaxStack(int(2 * limit))
	watch.Do(func() {
		go func() {
			sample := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
			var collected time.Time
			for range time.Tick(20 * time.Millisecond) {
				metrics.Read(sample)
				over := sample[0].Value.Uint64() > uint64(limit)
				if over && !overflowing.Load() {
					overflowing.Store(true)
					collected = time.Now()
					guard()
				} else if !over && overflowing.Load() {
					overflowing.Store(false)
					unguard()
				} else if over && (ended.Swap(false) || time.Since(collected) > 10*time.Second) {
					// A collection frees the stacks of goroutines that ended. It has to read
					// the others, which takes long while one is deep: seldom, then.
					runtime.GC()
					collected = time.Now()
				}
			}
		}()
	})
}
