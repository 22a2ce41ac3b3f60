package rt

import "runtime"

// A panic passes an interpreted frame by being recovered and raised again, each time
// from further up the stack, which the runtime has to walk to the next frame: the time
// grows with the square of the depth, 10 s for 5,000 calls. Goexit passes in linear
// time. So a panic that has passed many frames goes on as the end of the goroutine,
// where nothing of the cell can recover it.

// runtimePanic is the beginning of the runtime's record of a panic.
type runtimePanic struct {
	value any
	link  *runtimePanic
}

// longUnwinding is after how many frames that is done.
const longUnwinding = 500

// knownPanic tells whether the runtime's records are as they are read here.
var knownPanic = func() (ok bool) {
	marks := [2]any{new(int), new(int)}
	defer func() { recover() }()
	defer func() {
		recover()
		defer func() {
			p := innermostPanic()
			ok = p != nil && p.value == marks[1] && p.link != nil && p.link.value == marks[0]
		}()
		panic(marks[1])
	}()
	panic(marks[0])
}()

// cutShort ends the calling goroutine if it unwinds a panic that has passed many
// frames. It is called by a deferred function of each. What compiled code starts may
// recover the panics of the cell's functions: that is left alone.
func (g *G) cutShort() {
	if !knownPanic || g.defers != nil || g.self != goroutine() {
		return
	}
	innermost := innermostPanic()
	p := innermost
	for range longUnwinding {
		if p == nil || p.value == nil {
			return
		}
		p = p.link
	}
	g.mu.Lock()
	g.cut = innermost.value
	g.mu.Unlock()
	runtime.Goexit()
}
