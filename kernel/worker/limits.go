package worker

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"time"

	"netsplit/kernel/rt"
	"netsplit/runtime/host"
)

// limitsFromEnvironment reads what the kernel process set; 0 or nothing is no limit.
func limitsFromEnvironment() host.Limits {
	number := func(name string) float64 {
		n, err := strconv.ParseFloat(os.Getenv(name), 64)
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	return host.Limits{
		MemoryBytes: int64(number("NETSPLIT_MEMORY")),
		OutputBytes: int64(number("NETSPLIT_OUTPUT")),
		Goroutines:  int(number("NETSPLIT_GOROUTINES")),
		CellSeconds: number("NETSPLIT_CELL_TIME"),
	}
}

// watch looks at memory, stacks and goroutines from now on and ends cells that use
// too much, before the process has to end. Time and output are the business of the
// kernel process.
func (w *worker) watch() {
	rt.WatchStack(w.limits.MemoryBytes)
	rt.LimitGoroutines(w.limits.Goroutines)
	rt.LimitMemory(w.limits.MemoryBytes)
	limit := w.limits.MemoryBytes
	if limit > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit / 10 * 9)
	}
	go func() {
		full, crowded := 0, false
		for range time.Tick(20 * time.Millisecond) {
			// Above the collector's limit garbage is gone and what is left is in use;
			// two looks in a row, because a collection may be under way.
			if _, over := rt.MemoryInUse(); over {
				if full++; full == 2 {
					w.cells.stop(0, func() *rt.Failure { return rt.OutOfMemory("") })
				} else if full > 2 && full%10 == 0 {
					go debug.FreeOSMemory()
				}
			} else {
				full = 0
			}
			// Those that compiled code starts nobody counts but the runtime.
			n := runtime.NumGoroutine()
			if max := w.limits.Goroutines; max > 0 && n > max+max/2+100 {
				if !crowded {
					crowded = true
					cell, _ := w.cells.largest()
					w.cells.stop(cell, func() *rt.Failure {
						return &rt.Failure{Name: "LimitExceeded", Text: fmt.Sprintf("too many goroutines: the limit is %d", max)}
					})
				}
			} else {
				crowded = false
			}
		}
	}()
}

// memory is how many bytes of the machine's the worker holds.
func memory() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64() - sample[1].Value.Uint64())
}

// firstGrown is what the worker holds when the learner is told for the first time.
func firstGrown(limit int64) int64 { return max(limit/8, 256<<20) }

// grown tells the learner that the worker has grown, at the end of a cell, each time
// that it holds twice as much: cells leave variables and their own code, which only a
// fresh worker is without.
func (w *worker) grown(cell int) {
	told := w.told.Load()
	from := max(firstGrown(w.limits.MemoryBytes), 2*told)
	// The figure is of the latest collection, and much may be free since.
	live := liveMemory()
	if live >= from {
		runtime.GC()
		live = liveMemory()
	}
	if live < from || !w.told.CompareAndSwap(told, live) {
		return
	}
	text := "The worker process holds " + rt.Bytes(live)
	if w.limits.MemoryBytes > 0 {
		text += " of the " + rt.Bytes(w.limits.MemoryBytes) + " that it may use"
	}
	w.Hint(cell, text+", for variables and for the code of cells. %reset takes a fresh one: variables go, functions, types and imports stay.")
}

// liveMemory is what the latest collection found in use.
func liveMemory() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// reason is the failure of a cell that the kernel process stops.
func reason(name string) *rt.Failure {
	texts := map[string]string{
		"Interrupted":   "interrupted",
		"Timeout":       "the cell ran longer than it may",
		"LimitExceeded": "a limit was exceeded",
		"OutOfMemory":   "out of memory",
	}
	if name == "" {
		name = "Interrupted"
	}
	text, ok := texts[name]
	if !ok {
		text = name
	}
	return &rt.Failure{Name: name, Text: text}
}
