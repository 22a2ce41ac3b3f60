package rt

import (
	"errors"
	"fmt"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// owners are the cells that run or of which goroutines live.
var owners = struct {
	sync.Mutex
	m map[*Owner]bool
}{m: map[*Owner]bool{}}

// Run runs f as the main goroutine of a cell, on a goroutine of its own, and
// returns when that has ended. The cell's other goroutines may go on.
func Run(cell int, f func() []any) ([]any, *Failure) { return NewOwner(cell).Run(f) }

// Run runs f as the main goroutine of the owner's cell.
func (o *Owner) Run(f func() []any) (values []any, failure *Failure) {
	ended := make(chan struct{})
	o.mu.Lock()
	o.hinting = time.AfterFunc(hintTime, o.hint)
	o.mu.Unlock()
	o.startMain(0, func() { values = f() }, func(fail *Failure) {
		failure = fail
		close(ended)
	})
	<-ended
	o.hinting.Stop()
	return values, failure
}

// Go is the go statement of lowered cells: f holds callee and arguments as they
// were when the statement ran.
func Go(pos int, f func()) {
	if f == nil {
		Panic(pos, errors.New("go of nil func value"))
	}
	g := Current()
	if g == nil {
		go f()
		return
	}
	o := g.Owner
	Check() // a cell that is to stop starts nothing
	if max := most.Load(); max > 0 && live.Load() >= max {
		o.Stop(&Failure{Name: "LimitExceeded", Text: fmt.Sprintf("too many goroutines: the limit is %d", max)})
		runtime.Goexit()
	}
	o.start(pos, f, func(fail *Failure) {
		if fail != nil && (fail.Name == "Panic" || fail.Name == "StackOverflow") {
			installed().Failed(o.Cell, fail)
		}
	})
}

// live counts the goroutines of all cells; most is how many there may be, 0 for
// any number.
var live, most atomic.Int64

// LimitGoroutines sets how many goroutines cells may have at a time. The go
// statement that is one too many stops its cell.
func LimitGoroutines(n int) { most.Store(int64(n)) }

// start runs f on a new goroutine of o and calls end with how it ended, on that
// goroutine.
func (o *Owner) start(pos int, f func(), end func(*Failure)) {
	o.begin(newG(o), pos, false, f, end)
}

func (o *Owner) startMain(pos int, f func(), end func(*Failure)) {
	g := newG(o)
	o.mu.Lock()
	o.main = g
	o.mu.Unlock()
	o.begin(g, pos, true, f, end)
}

func (o *Owner) begin(g *G, pos int, main bool, f func(), end func(*Failure)) {
	g.start = pos
	owners.Lock()
	owners.m[o] = true
	owners.Unlock()
	o.mu.Lock()
	o.goroutines[g] = true
	o.mu.Unlock()
	moved(1)
	go func() {
		normal := false
		defer func() {
			var fail *Failure
			if !normal {
				fail = g.failure(recover())
				if fail == nil && main && !o.Stopped() {
					fail = &Failure{Name: "Exit", Text: "the cell ended by runtime.Goexit before its last line"}
				}
			}
			o.leave(g)
			moved(-1)
			stacks.given.Add(-g.given)
			if g.deep.Load() {
				stacks.ended.Store(true)
			}
			if o.Live() == 0 {
				owners.Lock()
				delete(owners.m, o)
				owners.Unlock()
				unguard()
			}
			end(fail)
			installed().Ended(o.Cell)
		}()
		o.enter(g)
		f()
		normal = true
	}()
}

// failure says how a goroutine ended that did not return: by a panic with value
// v, or by Goexit.
func (g *G) failure(v any) *Failure {
	g.mu.Lock()
	frames := g.frames
	g.frames = nil
	if v == nil {
		v = g.cut
	}
	g.mu.Unlock()
	if v != nil {
		v = Translate(v)
		return &Failure{Name: "Panic", Text: PanicText(v), Value: v, Frames: frames}
	}
	if g.deep.Load() {
		return &Failure{Name: "StackOverflow", Text: "stack overflow: a function calls itself too deeply", Frames: frames}
	}
	g.Owner.mu.Lock()
	defer g.Owner.mu.Unlock()
	if r := g.Owner.reason; r != nil {
		if r.Name == "Exit" && r.Code == 0 && !strictExit.Load() {
			return nil
		}
		c := *r
		if len(c.Frames) == 0 {
			c.Frames = frames
		}
		return &c
	}
	return nil // runtime.Goexit
}

// Interrupt stops all goroutines of the cell's runs.
func Interrupt(cell int) {
	for _, o := range running() {
		if o.Cell == cell {
			o.Stop(&Failure{Name: "Interrupted", Text: "interrupted"})
		}
	}
}

// InterruptAll stops the goroutines of all cells.
func InterruptAll() {
	for _, o := range running() {
		o.Stop(&Failure{Name: "Interrupted", Text: "interrupted"})
	}
}

func running() []*Owner {
	owners.Lock()
	defer owners.Unlock()
	var all []*Owner
	for o := range owners.m {
		all = append(all, o)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Cell < all[j].Cell })
	return all
}

// Stop tells every goroutine of the owner to end; why becomes the failure of its
// main goroutine. It does not wait.
func (o *Owner) Stop(why *Failure) {
	o.mu.Lock()
	first := o.reason == nil
	if first {
		o.reason = why
	}
	o.mu.Unlock()
	if !first {
		return
	}
	o.stopped.Store(true)
	guard()
	close(o.done)
}

// Goroutine is a live goroutine as the worker lists it.
type Goroutine struct {
	ID, Cell, Pos int
	State         string
}

// Goroutines lists the goroutines of all cells.
func Goroutines() []Goroutine {
	var list []Goroutine
	for _, o := range running() {
		o.mu.Lock()
		for g := range o.goroutines {
			g.mu.Lock()
			pos := g.pos
			if g.state == "running" || pos == 0 {
				pos = g.start
			}
			list = append(list, Goroutine{g.ID, o.Cell, pos, g.state})
			g.mu.Unlock()
		}
		o.mu.Unlock()
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
	return list
}
