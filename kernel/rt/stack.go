package rt

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
)

// Recursion. The runtime ends a process when a stack is too large; a cell that
// recurses without end shall end alone. Nothing is paid per call: a watchdog reads
// how much all stacks hold. Above an alarm threshold it sets the guard words, and
// every lowered function looks at the stack of its own goroutine when it is entered.
//
// A stack grows by being copied into one of twice the size, which for hundreds of
// megabytes takes longer than to fill it. So a goroutine that is deep gets a large
// stack at once; pages that it does not touch cost nothing.

const (
	alarmStack = 16 << 20 // all stacks together: look which goroutine is deep
	deepStack  = 8 << 20  // a goroutine that is deep
)

// stackLimits is what stacks may hold.
type stackLimits struct {
	always int64         // a goroutine's stack in any case
	most   int64         // if it gets there within patience
	total  int64         // all stacks together
	wait   time.Duration // patience
}

// stackLimitsFor fits the limits into the memory that the process may use; 0 is any.
// A small function of a cell takes about 640 bytes per call, so 128 MiB hold 200,000
// calls and 1 GiB more than a million.
func stackLimitsFor(memory int64) stackLimits {
	const least, normal, most = 128 << 20, 256 << 20, 1 << 30
	if memory <= 0 {
		memory = 4 * most
	}
	l := stackLimits{most: most, wait: time.Second}
	for l.most > least && l.most > memory/4 {
		l.most /= 2
	}
	l.always = min(normal, l.most)
	l.total = max(memory/2, l.most+l.most/2)
	return l
}

var stacks struct {
	sync.Once
	limits stackLimits
	alarm  atomic.Bool  // guards look at their goroutine's stack
	inUse  atomic.Int64 // by all stacks, at the last look
	deep   atomic.Bool  // a goroutine was found deep since the last look
	ended  atomic.Bool  // a deep goroutine has ended
}

// WatchStack ends goroutines that recurse without end from now on. memory is what
// the process may use, 0 for any. Recursion inside compiled code meets no guard: the
// runtime's own maximum ends it, and the process.
func WatchStack(memory int64) {
	stacks.Do(func() {
		stacks.limits = stackLimitsFor(memory)
		debug.SetMaxStack(int(2 * stacks.limits.always))
		go watchStacks()
	})
}

func watchStacks() {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
	threshold, quiet, patience := int64(alarmStack), 0, 0
	var collected, release time.Time
	calm := func() {
		stacks.alarm.Store(false)
		debug.SetMaxStack(int(2 * stacks.limits.always))
		unguard()
	}
	for now := range time.Tick(20 * time.Millisecond) {
		metrics.Read(sample)
		total := int64(sample[0].Value.Uint64())
		stacks.inUse.Store(total)
		switch {
		case !stacks.alarm.Load():
			if !release.IsZero() && now.After(release) {
				release = time.Time{}
				go debug.FreeOSMemory()
			}
			if total <= threshold {
				threshold = min(threshold, max(alarmStack, 2*total))
				break
			}
			quiet, patience = 0, 5
			stacks.alarm.Store(true)
			guard()
		case total <= alarmStack:
			calm()
		case stacks.ended.Swap(false):
			// While the collector runs, the stack of a goroutine that ended is kept to
			// its end. The pages go back to the system when no other overflow follows.
			release = now.Add(2 * time.Second)
			if time.Since(collected) > time.Second {
				runtime.GC()
				collected = time.Now()
			}
		case stacks.deep.Swap(false):
			// It has a large stack now, of which nobody sees how it fills, and may be busy
			// with compiled code or with the copy for some time.
			quiet, patience = 0, 250
		default:
			// Nobody is deep: there are many goroutines.
			if quiet++; quiet > patience {
				threshold = total / 2 * 3
				calm()
			}
		}
	}
}

// tooDeep tells whether the goroutine is to end because of its stack. Hit calls it
// during an alarm, and the function that called Hit has just been entered.
func (g *G) tooDeep() bool {
	used, size := stack()
	if used < deepStack {
		return false
	}
	stacks.deep.Store(true)
	if g.positions != nil {
		return g.overflowed()
	}
	if g.deepSince.IsZero() {
		g.deepSince = time.Now()
	}
	l := &stacks.limits
	// The last sixteenth is left for what is called from here.
	switch {
	case used > l.most/16*15,
		used > l.always/16*15 && time.Since(g.deepSince) > l.wait,
		stacks.inUse.Load() > l.total:
		return g.overflowed()
	case size < l.always:
		reserveStack(l.always)
	case size < l.most && used > l.always/4*3 && time.Since(g.deepSince) < l.wait/2:
		debug.SetMaxStack(int(l.most))
		reserveStack(l.most)
	}
	return false
}

// reserveStack makes the stack of the calling goroutine this large, a power of two.
// It calls a function whose frame takes three quarters of that.
func reserveStack(size int64) {
	switch {
	case size >= 1<<30:
		stack1024()
	case size >= 512<<20:
		stack512()
	case size >= 256<<20:
		stack256()
	case size >= 128<<20:
		stack128()
	}
}
