package rt

import (
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
)

// Recursion. The runtime ends a process when a stack is too large; a cell that
// recurses without end shall end alone. Nothing is paid per call: a watchdog reads
// how much all stacks hold. Above a threshold it sets the guard words for a moment,
// and every lowered function that is entered looks at the stack of its goroutine.
//
// A stack grows by being copied into one of twice the size. A goroutine that is deep
// gets a large one at once; pages that it does not touch cost nothing.

const (
	alarmStack = 16 << 20 // all stacks together: look which goroutine is deep
	deepStack  = 8 << 20  // a goroutine that is deep
)

// stackLimits is what stacks may hold.
type stackLimits struct {
	always   int64         // a goroutine's stack in any case
	first    int64         // the stack that a deep goroutine gets, as long as there is room
	most     int64         // it may go on up to three quarters of this
	patience time.Duration // as long as it has not only grown for so long
	room     int64         // for stacks that goroutines get at once
	total    int64         // all stacks together
}

// stackLimitsFor fits the limits into the memory that the process may use; 0 is any.
// A small function of a cell takes about 640 bytes per call: 200,000 calls fit always,
// and a million if there is memory for it and the recursion is quick.
func stackLimitsFor(memory int64) stackLimits {
	const least, most = 128 << 20, 1 << 30
	if memory <= 0 {
		memory = 4 * most
	}
	l := stackLimits{always: least, most: most, patience: 800 * time.Millisecond}
	for l.most > least && l.most > memory/4 {
		l.most /= 2
	}
	l.always = min(l.always, l.most/4*3)
	l.first = min(2*least, l.most)
	l.room = memory / 4
	l.total = max(memory/2, 2*l.most)
	return l
}

var stacks struct {
	sync.Once
	limits stackLimits
	alarm  atomic.Bool  // guards look at their goroutine's stack
	inUse  atomic.Int64 // by all stacks, at the last look
	given  atomic.Int64 // large stacks that goroutines got at once
	found  atomic.Int32 // what guards found since the last look
	ended  atomic.Bool  // a goroutine that was too deep has ended
	raised atomic.Bool  // the runtime's maximum is that of a deep goroutine
}

// What guards find.
const (
	nobodyDeep = iota
	somebodyDeep
	tooDeep // by one that is about to end
)

// WatchStack ends goroutines that recurse without end from now on. memory is what
// the process may use, 0 for any. Recursion inside compiled code meets no guard: the
// runtime's own maximum ends it, and the process. That is lower as long as no cell's
// function is deep.
func WatchStack(memory int64) {
	stacks.Do(func() {
		l := stackLimitsFor(memory)
		stacks.limits = l
		debug.SetMaxStack(int(2 * l.first))
		go watchStacks()
	})
}

func watchStacks() {
	const (
		pause     = 40 * time.Millisecond  // between two looks at a goroutine that is deep
		longPause = 200 * time.Millisecond // when it was not met: it does not call, or is not deep any more
		search    = 5                      // ticks of a look
	)
	sample := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
	above := func(total int64) int64 { return alarmStack + total + total/8 }
	threshold, quiet := above(0), 0
	deep := false // somebody has a large stack, of which nobody sees how it fills
	var resume, release time.Time
	look := func() {
		stacks.alarm.Store(true)
		guard()
	}
	rest := func() {
		stacks.alarm.Store(false)
		unguard()
	}
	for now := range time.Tick(20 * time.Millisecond) {
		metrics.Read(sample)
		total := int64(sample[0].Value.Uint64())
		stacks.inUse.Store(total)
		if stacks.ended.Swap(false) {
			release = now.Add(2 * time.Second) // when no other overflow follows
		} else if !release.IsZero() && now.After(release) {
			release = time.Time{}
			go debug.FreeOSMemory()
		}
		if total <= alarmStack && stacks.raised.Swap(false) {
			debug.SetMaxStack(int(2 * stacks.limits.first))
		}
		if deep && total <= threshold {
			deep = false
			rest()
		}
		switch found := stacks.found.Swap(nobodyDeep); {
		case found != nobodyDeep:
			deep, quiet = true, 0
			if found == somebodyDeep && stacks.alarm.Load() {
				rest()
				resume = now.Add(pause)
			}
		case stacks.alarm.Load():
			if quiet++; quiet <= search {
				break
			}
			rest()
			if deep {
				resume = now.Add(longPause)
			} else {
				threshold = above(total) // there are many goroutines
			}
		case deep && now.After(resume), !deep && total > threshold:
			quiet = 0
			look()
		case !deep:
			threshold = min(threshold, above(total))
		}
	}
}

// overDeep tells whether the goroutine is to end because of its stack. Hit calls it
// during an alarm, and the function that called Hit has just been entered.
func (g *G) overDeep() bool {
	used, size := stack()
	if used < deepStack {
		return false
	}
	if g.positions != nil {
		return g.overflowed()
	}
	stacks.found.CompareAndSwap(nobodyDeep, somebodyDeep)
	l := &stacks.limits
	// What does not only grow has an end.
	several := max(1, stacks.given.Load()/l.first) // goroutines are deep and share it
	now := time.Now()
	if g.grows.IsZero() || used < g.used {
		g.grows = now
	} else if used > max(deepStack, l.always/several) && now.Sub(g.grows) > l.patience {
		return g.overflowed()
	}
	g.used = used
	if size >= l.first && !stacks.raised.Swap(true) {
		debug.SetMaxStack(int(max(l.most, 2*l.first)))
	}
	switch {
	case used > l.most/4*3/several, stacks.inUse.Load() > l.total && used > l.always/2/several:
		return g.overflowed()
	case size < l.first:
		g.reserve(l.first)
	case size < l.most && used > size/4 && used < l.most/8*3 && now.Sub(g.grows) < l.patience/8: // it will fill it
		g.reserve(l.most)
	}
	return false
}

// reserve gives the goroutine a large stack, if there is room for it.
func (g *G) reserve(size int64) {
	if more := size - g.given; stacks.given.Add(more) > stacks.limits.room {
		stacks.given.Add(-more)
		return
	}
	g.given = size
	reserveStack(size)
}

// reserveStack makes the stack of the calling goroutine this large, a power of two,
// of which three eighths may be in use: it calls a function whose frame takes a bit more
// than half.
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
