package rt

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
)

var memoryLimit atomic.Int64

// LimitMemory tells how many bytes the process may use; 0 is no limit.
func LimitMemory(bytes int64) { memoryLimit.Store(bytes) }

// reserved is what a hundredth part of the limit cells may not fill: the collector
// needs room, and a cell should end before its process does.
const reserved = 8

// MemoryInUse is how many bytes objects and stacks take, and whether that is close
// to the limit.
func MemoryInUse() (bytes int64, full bool) {
	sample := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
	}
	metrics.Read(sample)
	for _, s := range sample {
		bytes += int64(s.Value.Uint64())
	}
	limit := memoryLimit.Load()
	return bytes, limit > 0 && bytes > limit/100*(100-reserved)
}

// OutOfMemory is the failure of a cell that the limit stops; what names what did
// not fit, and may be empty.
func OutOfMemory(what string) *Failure {
	if what != "" {
		what += "; "
	}
	return &Failure{Name: "OutOfMemory", Text: fmt.Sprintf("out of memory: %sthe limit is %s", what, Bytes(memoryLimit.Load()))}
}

// reserve ends the calling cell when size more bytes do not fit in the limit. Small
// requests are not looked at: the worker watches what they add up to.
func reserve(pos int, size uint64) {
	limit := memoryLimit.Load()
	if limit == 0 || size < 1<<20 {
		return
	}
	fits := func() bool {
		used, _ := MemoryInUse()
		return size <= uint64(max(0, limit/100*(100-reserved)-used))
	}
	if fits() {
		return
	}
	if size < uint64(limit) {
		if runtime.GC(); fits() {
			return
		}
	}
	why := OutOfMemory("make needs " + Bytes(int64(size)))
	why.Frames = []Frame{{Pos: pos}}
	if o := CurrentOwner(); o != nil {
		o.Stop(why)
		runtime.Goexit()
	}
	panic(why)
}

// Bytes is a number of bytes as people write it.
func Bytes(n int64) string {
	for _, unit := range []struct {
		size int64
		name string
	}{{1 << 40, "TiB"}, {1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= unit.size {
			return fmt.Sprintf("%.3g %s", float64(n)/float64(unit.size), unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
