package rt

import (
	"runtime"
	"sort"
	"sync"
)

// fn is a registered lowered function.
type fn struct {
	word     *bool // tested at entries and loop heads: call Hit
	redirect *bool // the function has a newer body
	pos      *int
	next     any // the newer body
}

var fns = struct {
	sync.RWMutex
	byName map[string]*fn
	all    []*fn
	on     bool
}{byName: map[string]*fn{}}

// Fn registers a lowered function: its emitted name, its guard word and its
// position variable (nil where it has none). It returns 0, so that it can stand
// in a declaration.
//
// The guard is written so that it costs next to nothing, which in yaegi means no
// place in the function's frame: if w7 { h0() }, where h0 calls Hit.
func Fn(name string, word *bool, pos *int) int { return FnRedirect(name, word, nil, pos) }

// FnRedirect registers a function that can be redirected: it tests *redirect
// after Hit.
func FnRedirect(name string, word, redirect *bool, pos *int) int {
	fns.Lock()
	defer fns.Unlock()
	f := &fn{word: word, redirect: redirect, pos: pos}
	fns.byName[name] = f
	fns.all = append(fns.all, f)
	if word != nil && fns.on {
		*word = true
	}
	return 0
}

// Redirect makes the function with this name go on in next, a function of the
// same type, whenever it is entered.
func Redirect(name string, next any) int {
	fns.Lock()
	defer fns.Unlock()
	if f := fns.byName[name]; f != nil && f.redirect != nil {
		f.next = next
		*f.redirect = true
		*f.word = true
	}
	return 0
}

// Next is the newer body of a redirected function. A function made for that calls it,
// below the old body.
func Next(name string) any {
	if g := Current(); g != nil && g.defers != nil && g.defers.depth != 0 && g.defers.depth+1 == depth() {
		g.defers.depth += 2
	}
	fns.RLock()
	defer fns.RUnlock()
	return fns.byName[name].next
}

// Forget drops all registrations; tests use it.
func Forget() {
	fns.Lock()
	defer fns.Unlock()
	fns.byName, fns.all, fns.on = map[string]*fn{}, nil, false
}

// Hit is called by a lowered function whose guard word is set. It does not return
// when the calling goroutine is to stop.
func Hit() {
	g := Current()
	if g == nil {
		return
	}
	if g.Owner.stopped.Load() {
		runtime.Goexit()
	}
	if stacks.alarm.Load() && g.overDeep() {
		g.deep.Store(true)
		runtime.Goexit()
	}
}

// overflowed tells whether the goroutine, which is too deep, is to end now. It goes
// on for some calls more, to show which functions call each other: those that write
// their positions meanwhile.
func (g *G) overflowed() bool {
	const more, unwritten = 64, -1
	fns.RLock()
	defer fns.RUnlock()
	stacks.found.Store(tooDeep)
	if g.positions == nil {
		g.positions = map[*int]int{}
		for _, f := range fns.byName {
			if f.pos != nil {
				g.positions[f.pos] = *f.pos
				*f.pos = unwritten
			}
		}
	}
	if g.calls++; g.calls < more {
		return false
	}
	var frames []Frame
	for name, f := range fns.byName {
		if f.pos == nil {
			continue
		}
		if *f.pos == unwritten {
			*f.pos = g.positions[f.pos]
		} else if *f.pos > 0 && len(frames) < maxFrames {
			frames = append(frames, Frame{Func: name, Pos: *f.pos})
		}
	}
	sort.Slice(frames, func(i, j int) bool { return frames[i].Pos < frames[j].Pos })
	g.mu.Lock()
	g.frames = frames
	g.mu.Unlock()
	g.positions, g.calls = nil, 0
	return true
}

// Check ends the calling goroutine if it is to stop. Compiled loops call it.
func Check() {
	if g := Current(); g != nil && g.Owner.stopped.Load() {
		runtime.Goexit()
	}
}

// guard sets every word.
func guard() {
	fns.Lock()
	defer fns.Unlock()
	fns.on = true
	for _, f := range fns.all {
		if f.word != nil {
			*f.word = true
		}
	}
}

// unguard clears the words once nobody is to stop any more.
func unguard() {
	if stacks.alarm.Load() {
		return
	}
	for _, o := range running() {
		if o.Stopped() && o.Live() > 0 {
			return
		}
	}
	fns.Lock()
	defer fns.Unlock()
	if !fns.on {
		return
	}
	fns.on = false
	for _, f := range fns.all {
		if f.word != nil {
			*f.word = f.redirect != nil && *f.redirect
		}
	}
}
