package rt

import (
	"runtime"
	"strings"
	"sync"

	"netsplit/runtime/host"
)

// D runs the body of a function that has defer statements. The body is a closure
// whose results lie in cells; it pushes deferred calls, which D runs in reverse
// order, by a real defer, so that panics in deferred functions, recovery and
// Goexit are Go's own.
type D struct {
	calls   []deferred
	outer   *D // the innermost D of the goroutine when this one began
	g       *G
	current *panicking // the panic that is being unwound while a deferred call runs
	cell    int        // for the record of a cell of several parts
	kept    bool       // a part ended well: the calls wait for the last one
	over    bool       // a part panicked and recovered: the others do not run
	depth   int        // how many functions of the cell stand between call and the deferred function; 0: it does not ask
}

// deferred is a call put off. Depth is not 0 when its function may call recover
// without having been told of this D: then the function that is entered so many
// interpreted functions below is the deferred one, and any other is not.
type deferred struct {
	f     func()
	depth int
}

type panicking struct {
	value     any
	recovered bool
}

// NewD is the record of one call of a function with defer statements.
func NewD() *D { return &D{} }

// Push is the defer statement.
func (d *D) Push(pos int, f func()) { d.calls = append(d.calls, deferred{f, 0}) }

// PushDirect is the defer statement for a function that may ask by Direct. f calls it.
func (d *D) PushDirect(pos int, f func()) { d.calls = append(d.calls, deferred{f, 2}) }

// PushMethod is PushDirect for a method of an interface, which a dispatcher calls.
func (d *D) PushMethod(pos int, f func()) { d.calls = append(d.calls, deferred{f, 3}) }

// Do runs body and then the deferred calls.
func (d *D) Do(body func()) {
	if d.over {
		return
	}
	d.g = Current()
	if d.g != nil {
		d.outer = d.g.defers
		d.g.defers = d
	}
	defer d.unwind()
	body()
}

// parts are the records of cells of which a part has run and the last has not.
var parts sync.Map

// PartD is the record of a cell of several parts, for a part that is not the last: the
// calls that it defers are made at the end of the cell.
func PartD(cell int) *D {
	d, _ := parts.LoadOrStore(cell, &D{cell: cell})
	return d.(*D)
}

// LastD is that record for the last part.
func LastD(cell int) *D {
	d := PartD(cell)
	parts.Delete(cell)
	return d
}

// DoPart is Do for a part that is not the last.
func (d *D) DoPart(body func()) {
	d.Do(func() {
		body()
		d.kept = true
	})
}

// unwind runs the deferred calls that are left. It is called by defer, so that it
// sees a panic by recover, runs under Goexit too, and runs again for the rest of
// the calls when one of them panics.
func (d *D) unwind() {
	r := recover()
	if d.kept {
		d.kept = false
		if d.g != nil {
			d.g.defers = d.outer
		}
		return
	}
	d.over = true
	if d.g != nil && d.g.Owner.exiting.Load() && d.g.Owner.stopped.Load() {
		d.calls = nil
		runtime.Goexit()
	}
	var p *panicking
	if u, ok := r.(*host.Unwind); ok { // the end of a simulated process: no cell recovers it
		d.run(nil)
		if d.g != nil {
			d.g.defers = d.outer
		}
		panic(u)
	}
	if r != nil {
		p = &panicking{value: Translate(r)}
	}
	d.run(p)
	if d.g != nil {
		d.g.defers = d.outer
	}
	if p != nil && !p.recovered {
		panic(p.value)
	}
}

// mostWhenStopped is how many of a function's deferred calls are made when its cell was
// stopped. A loop that defers without end would otherwise take as long to end as it ran.
const mostWhenStopped = 1000

// run makes the deferred calls under the panic p, which may be nil.
func (d *D) run(p *panicking) {
	d.current = p
	if d.g != nil && d.g.Owner.stopped.Load() && len(d.calls) > mostWhenStopped {
		d.calls = d.calls[len(d.calls)-mostWhenStopped:]
	}
	for len(d.calls) > 0 {
		f := d.calls[len(d.calls)-1]
		d.calls = d.calls[:len(d.calls)-1]
		d.call(f, p)
	}
	d.current = nil
}

func (d *D) call(c deferred, p *panicking) {
	done := false
	defer func() {
		if done {
			return
		}
		// The deferred call itself panics, or the goroutine ends. A new panic
		// replaces the old one for the calls that are left.
		r := recover()
		if r == nil { // Goexit: let it pass, but run what is left
			if d.g == nil || !d.g.Owner.exiting.Load() {
				d.run(nil)
			}
			return
		}
		n := &panicking{value: Translate(r)}
		if p != nil {
			p.recovered = true // the new panic takes its place
		}
		d.run(n)
		if !n.recovered {
			panic(n.value)
		}
	}()
	if c.f == nil {
		Nil()
	}
	if d.g != nil {
		d.g.defers = d
	}
	d.depth = c.depth
	c.f()
	d.depth = 0
	done = true
}

// Rec is recover in a function literal that the function of d defers.
func (d *D) Rec() any {
	p := d.current
	if p == nil || p.recovered {
		return nil
	}
	p.recovered = true
	if d.g != nil {
		d.g.recovered()
	}
	return p.value
}

// Direct is asked at the entry of a function that calls recover and is not a
// literal in a defer statement: the D whose deferred call it is, or nil.
func Direct() *D {
	g := Current()
	if g == nil || g.defers == nil || g.defers.depth == 0 || g.defers.depth != depth() {
		return nil
	}
	g.defers.depth = 0
	return g.defers
}

// Through is called by a function that the lowering has put between a caller and a
// function of the cell: what it calls, n functions below, counts as called by the caller.
func Through(n int) {
	if g := Current(); g != nil && g.defers != nil && g.defers.depth != 0 && g.defers.depth == depth() {
		g.defers.depth += n
	}
}

// depth counts the cell's functions since the innermost deferred call began.
func depth() int {
	pcs := make([]uintptr, 256)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	interpreted, compiled := 0, 0
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "netsplit/kernel/rt.(*D).call":
			return max(interpreted, compiled)
		case f.Function == "github.com/traefik/yaegi/interp.runCfg":
			interpreted++
		case strings.HasPrefix(f.Function, "main."): // lowered text that was compiled
			compiled++
		}
		if !more {
			return -1
		}
	}
}

// Recover is recover in such a function.
func Recover(d *D) any {
	if d == nil {
		return nil
	}
	return d.Rec()
}
