package rt

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Bits of a guard word.
const (
	stopBit     = 1 // somebody is to stop
	redirectBit = 2 // the function has a newer body
)

// fn is a registered lowered function.
type fn struct {
	word *int
	pos  *int
	next any // the newer body, when redirected
}

var fns = struct {
	sync.RWMutex
	byName map[string]*fn
	byWord map[*int]*fn
	shared []*int // guard words that belong to no function
	on     bool
}{byName: map[string]*fn{}, byWord: map[*int]*fn{}}

// Fn registers a lowered function: its emitted name, its guard word and its
// position variable (nil where it has none). It returns 0, so that it can stand
// in a declaration.
func Fn(name string, word, pos *int) int {
	fns.Lock()
	defer fns.Unlock()
	f := &fn{word: word, pos: pos}
	fns.byName[name] = f
	if word != nil {
		fns.byWord[word] = f
		if fns.on {
			*word |= stopBit
		}
	}
	return 0
}

// Word registers a guard word that many functions share.
func Word(word *int) int {
	fns.Lock()
	defer fns.Unlock()
	fns.shared = append(fns.shared, word)
	if fns.on {
		*word |= stopBit
	}
	return 0
}

// Redirect makes the function with this name go on in next, a function of the
// same type, whenever it is entered.
func Redirect(name string, next any) int {
	fns.Lock()
	defer fns.Unlock()
	if f := fns.byName[name]; f != nil {
		f.next = next
		if f.word != nil {
			*f.word |= redirectBit
		}
	}
	return 0
}

// Next is the newer body of a redirected function.
func Next(name string) any {
	fns.RLock()
	defer fns.RUnlock()
	return fns.byName[name].next
}

// Forget drops all registrations; tests use it.
func Forget() {
	fns.Lock()
	defer fns.Unlock()
	fns.byName, fns.byWord, fns.shared, fns.on = map[string]*fn{}, map[*int]*fn{}, nil, false
}

// Hit is called by a lowered function whose guard word is not zero. It does not
// return when the calling goroutine is to stop. It returns true when the function
// has a newer body.
func Hit(word *int) bool {
	g := Current()
	if g != nil {
		if g.Owner.stopped.Load() {
			runtime.Goexit()
		}
		if overflowing.Load() && deep() {
			g.deep.Store(true)
			runtime.Goexit()
		}
	}
	return *word&redirectBit != 0
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
	for w := range fns.byWord {
		*w |= stopBit
	}
	for _, w := range fns.shared {
		*w |= stopBit
	}
}

// unguard clears the words once nobody is to stop any more.
func unguard() {
	if overflowing.Load() {
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
	for w := range fns.byWord {
		*w &^= stopBit
	}
	for _, w := range fns.shared {
		*w &^= stopBit
	}
}

// overflowing is true while the stacks of all goroutines together are above the
// limit and the ones that are deep must end.
var overflowing atomic.Bool
