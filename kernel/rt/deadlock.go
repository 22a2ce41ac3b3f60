package rt

import (
	"bytes"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"weak"
)

// A deadlock is when every goroutine of every cell waits in a call of rt and
// nothing else can wake one. Go's own report of it cannot come in a process that
// has other goroutines, so rt counts.
//
// It must never be wrong. What may wake a cell beside its own goroutines is a timer
// (Waker notes them), a goroutine that compiled code started (the runtime's list of
// goroutines shows them), a cell of another subshell. Where one of these is there,
// the learner gets a hint after a second, or nothing, and no error.
//
// Nothing is looked at as long as a single goroutine of a cell runs or sleeps.

const (
	quietTime   = 15 * time.Millisecond // how long nothing moves before it is looked into
	hintTime    = time.Second
	collectTime = 2 * time.Second // between two collections to find forgotten timers
)

var lastCollection time.Time // used by lookInto alone

var (
	waiting atomic.Int64             // goroutines that wait in a call of rt
	helpers atomic.Int64             // goroutines that wait on behalf of one (await)
	moves   atomic.Int64             // counts every begin and end of a wait and of a goroutine
	quiet   = make(chan struct{}, 1) // every goroutine of the cells waits
)

// blocked counts a goroutine that begins (+1) or ends (-1) to wait in a call of rt.
func blocked(n int64) {
	moves.Add(1)
	if waiting.Add(n) == live.Load() && n > 0 {
		allQuiet()
	}
}

// moved notes the begin (+1) or end (-1) of a goroutine of a cell.
func moved(n int64) {
	moves.Add(1)
	if now := live.Add(n); n < 0 && now > 0 && waiting.Load() == now {
		allQuiet()
	}
}

func allQuiet() {
	select {
	case quiet <- struct{}{}:
	default:
	}
}

var watchDeadlock sync.Once

// WatchDeadlock starts to look for deadlocks. The goroutines that exist now are the
// process's own and wake no cell. callers tells how many more there are of that
// kind: those that wait for the main goroutine of a cell. outside tells whether
// somebody outside of the process may wake a cell: a front end, another cell.
func WatchDeadlock(callers func() int64, outside func(cell int) bool) {
	watchDeadlock.Do(func() {
		started := make(chan struct{})
		go func() {
			own := map[int]bool{}
			for _, g := range goroutineStates() {
				own[g.id] = true
			}
			processOwn.Store(&own)
			close(started)
			for range quiet {
				lookInto(own, callers, outside)
			}
		}()
		<-started
	})
}

// lookInto waits until something moves or it is clear that nothing can.
func lookInto(own map[int]bool, callers func() int64, outside func(cell int) bool) {
	collected, hinted := false, false // in this wait
	var last *Owner
	seen, since := moves.Load(), time.Now()
	for {
		time.Sleep(quietTime)
		if n := live.Load(); n == 0 || waiting.Load() != n {
			return // a goroutine that begins to wait will say so
		}
		if now := moves.Load(); now != seen {
			seen, since = now, time.Now()
			continue
		}
		o := onlyMain()
		if o == nil {
			return
		}
		if o != last { // another cell waits by now
			last, hinted = o, false
		}
		until, timers := pendingTimers()
		if timers && !collected {
			// Forgotten timers are no wakers. A cell that waits for a ticker comes here
			// at each tick, so this is not done at once.
			if time.Since(lastCollection) < collectTime {
				time.Sleep(quietTime)
				continue
			}
			runtime.GC()
			collected, lastCollection = true, time.Now()
			until, timers = pendingTimers()
		}
		switch {
		case timers && !ownTimers(o):
			// A signal may come for ever, and another cell's timer may have nothing to do
			// with this one.
			if !hinted && time.Since(since) >= hintTime {
				hinted = true
				installed().Hint(o.Cell, hintText)
			}
			time.Sleep(10 * quietTime)
			continue
		case timers && until.IsZero():
			return
		case timers:
			time.Sleep(min(time.Until(until)+quietTime, 10*quietTime))
			continue
		}
		if !outside(o.Cell) && !strangers(own, callers()) {
			if moves.Load() == seen && waiting.Load() == live.Load() {
				o.deadlock()
			}
			continue
		}
		if !hinted && time.Since(since) >= hintTime {
			hinted = true
			installed().Hint(o.Cell, hintText)
		}
		// Strangers may end; that is worth a look now and then.
		time.Sleep(min(hintTime, 10*time.Since(since)))
	}
}

const hintText = "every goroutine of this cell waits; it goes on only if something outside of it wakes one (interrupt it to stop it)\n"

var (
	processOwn atomic.Pointer[map[int]bool] // goroutines of the process itself
	asleep     atomic.Int64                 // goroutines in Sleep
)

// hint is called some time after the owner's main goroutine began: it gives a hint
// when that or another one waits inside compiled code, as a server does for its
// clients. That is never an error, so nothing of it need be exact.
func (o *Owner) hint() {
	o.mu.Lock()
	lives, again := o.main != nil && o.goroutines[o.main], o.hinting
	o.mu.Unlock()
	own := processOwn.Load()
	if !lives || own == nil || o.Stopped() {
		return
	}
	if o.stuck(*own) {
		installed().Hint(o.Cell, hintText)
		return
	}
	again.Reset(2 * hintTime)
}

func (o *Owner) stuck(own map[int]bool) bool {
	if waiting.Load() >= live.Load() || asleep.Load() > 0 { // lookInto sees to the first
		return false
	}
	if _, timers := pendingTimers(); timers && ownTimers(o) {
		return false
	}
	seen := moves.Load()
	for range 3 {
		if moves.Load() != seen {
			return false
		}
		for _, g := range goroutineStates() {
			if !own[g.id] && g.state != "IO wait" && !idle[g.state] {
				return false
			}
		}
		time.Sleep(3 * quietTime)
	}
	return true
}

// idle are the states of goroutines that go on only when another one wakes them. In
// any other one, helping the garbage collector for instance, they go on by themselves,
// or are woken from outside of the process.
var idle = map[string]bool{
	"chan receive": true, "chan send": true, "select": true, "semacquire": true, "coroutine": true,
	"sync.WaitGroup.Wait": true, "sync.Cond.Wait": true, "sync.Mutex.Lock": true, "sync.RWMutex.Lock": true, "sync.RWMutex.RLock": true,
}

// onlyMain is the owner whose main goroutine lives, if there is exactly one.
func onlyMain() *Owner {
	var only *Owner
	for _, o := range running() {
		o.mu.Lock()
		alive := o.main != nil && o.goroutines[o.main]
		o.mu.Unlock()
		if alive {
			if only != nil {
				return nil
			}
			only = o
		}
	}
	return only
}

func (o *Owner) deadlock() {
	f := &Failure{Name: "Deadlock", Text: "all goroutines are asleep - deadlock!", Waiting: Goroutines()}
	for _, g := range f.Waiting {
		if g.ID == o.main.ID {
			f.Text += " The cell waits in " + g.State + "."
			f.Frames = []Frame{{Pos: g.Pos}}
		}
	}
	o.Stop(f)
}

// strangers tells whether there are goroutines that may wake a cell: any that are
// neither the process's own nor a cell's, except coroutines, which run only when
// they are called. A goroutine of a cell that has been woken but has not run yet
// counts too.
func strangers(own map[int]bool, callers int64) bool {
	known := live.Load() + helpers.Load() + callers
	for _, g := range goroutineStates() {
		if own[g.id] {
			continue
		}
		switch {
		case g.state == "coroutine":
			continue
		case !idle[g.state]:
			return true
		}
		known--
	}
	return known < 0
}

type goroutineState struct {
	id    int
	state string
}

// goroutineStates lists all goroutines but the calling one.
func goroutineStates() []goroutineState {
	b := make([]byte, 64<<10)
	for {
		n := runtime.Stack(b, true)
		if n < len(b) {
			b = b[:n]
			break
		}
		if len(b) >= 256<<20 {
			return []goroutineState{{-1, "running"}} // too many to tell
		}
		b = make([]byte, 4*len(b))
	}
	var list []goroutineState
	first := true
	for block := range bytes.SplitSeq(b, []byte("\n\n")) {
		// goroutine 7 [chan receive, 2 minutes labels:{"netsplit": "4"}]:
		head, _, _ := bytes.Cut(block, []byte("\n"))
		head, ok := bytes.CutPrefix(head, []byte("goroutine "))
		if !ok {
			continue
		}
		if first { // the calling goroutine stands first
			first = false
			continue
		}
		number, rest, _ := bytes.Cut(head, []byte(" "))
		id, _ := strconv.Atoi(string(number))
		if i := bytes.IndexByte(rest, '['); i >= 0 {
			rest = rest[i+1:]
		}
		if i := bytes.IndexAny(rest, ",]("); i >= 0 {
			rest = rest[:i]
		}
		rest, _, _ = bytes.Cut(rest, []byte(" labels:")) // where GODEBUG has tracebacklabels=1
		rest = bytes.TrimSpace(rest)
		list = append(list, goroutineState{id, string(rest)})
	}
	return list
}

// timers are what a cell may be woken by although nothing of it runs.
var timers = struct {
	sync.Mutex
	once    map[*Owner]time.Time // the latest that fires once, by who made it
	held    []heldTimer
	forever bool
}{once: map[*Owner]time.Time{}}

// heldTimer is one that may be set again as long as somebody holds it.
type heldTimer struct {
	owner *Owner
	alive func() bool
}

// WakerUntil notes a timer that fires once at t, at the latest.
func WakerUntil(t time.Time) {
	o := CurrentOwner()
	timers.Lock()
	defer timers.Unlock()
	if t.After(timers.once[o]) {
		timers.once[o] = t
	}
}

// WakerForever notes something that may wake a cell at any time: a signal.
func WakerForever() {
	timers.Lock()
	timers.forever = true
	timers.Unlock()
}

// Waker notes a timer or ticker, which counts for as long as somebody holds it,
// because it may be set again. It returns its argument.
func Waker[T any](t *T) *T {
	w := weak.Make(t)
	o := CurrentOwner()
	timers.Lock()
	defer timers.Unlock()
	if len(timers.held) == cap(timers.held) { // it would grow
		dropTimers()
	}
	timers.held = append(timers.held, heldTimer{o, func() bool { return w.Value() != nil }})
	return t
}

// dropTimers forgets those that cannot fire any more. The lock is held.
func dropTimers() {
	timers.held = slices.DeleteFunc(timers.held, func(t heldTimer) bool { return !t.alive() })
	now := time.Now()
	maps.DeleteFunc(timers.once, func(_ *Owner, t time.Time) bool { return now.After(t) })
}

// pendingTimers tells whether a timer may fire, and when at the latest; the zero
// time means that nobody knows.
func pendingTimers() (until time.Time, pending bool) {
	timers.Lock()
	defer timers.Unlock()
	dropTimers()
	if timers.forever || len(timers.held) > 0 {
		return time.Time{}, true
	}
	for _, t := range timers.once {
		if t.After(until) {
			until = t
		}
	}
	return until, len(timers.once) > 0
}

// ownTimers tells whether a timer that the owner made may fire.
func ownTimers(o *Owner) bool {
	timers.Lock()
	defer timers.Unlock()
	return time.Now().Before(timers.once[o]) || slices.ContainsFunc(timers.held, func(t heldTimer) bool { return t.owner == o && t.alive() })
}
