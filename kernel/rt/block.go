package rt

import (
	"reflect"
	"runtime"
	"sync"
	"time"
)

// await runs f, which may block for long, on a helper goroutine and waits for it
// or for the owner's end. undo is called on the helper if f returns after that.
func await(state string, pos int, f, undo func()) {
	g := Current()
	if g == nil {
		f()
		return
	}
	done := make(chan struct{})
	given := make(chan struct{})
	helpers.Add(1)
	var fault any // what f panicked with
	go func() {
		defer helpers.Add(-1)
		setLabel(nil)
		fault = caught(f)
		select {
		case done <- struct{}{}:
		case <-given:
			if undo != nil && fault == nil {
				undo()
			}
		}
	}()
	_, stop := wait(state, pos)
	select {
	case <-done:
		resume(g, false)
		if fault != nil {
			Panic(pos, fault)
		}
	case <-stop:
		close(given)
		resume(g, true)
	}
}

// caught runs f and gives what it panicked with.
func caught(f func()) (fault any) {
	defer func() { fault = recover() }()
	f()
	return nil
}

// Sleep is time.Sleep.
func Sleep(d time.Duration) {
	g := Current()
	if g == nil {
		time.Sleep(d)
		return
	}
	o := g.Owner
	asleep.Add(1)
	defer asleep.Add(-1)
	g.says("sleep")
	defer g.says("running")
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-o.done:
		Check()
	}
}

// says is what the goroutine does, for lists of goroutines.
func (g *G) says(state string) {
	g.mu.Lock()
	g.state, g.pos = state, 0
	g.mu.Unlock()
}

// AfterFunc is time.AfterFunc: f belongs to the caller's cell.
func AfterFunc(d time.Duration, f func()) *time.Timer {
	o := CurrentOwner()
	if o == nil {
		return time.AfterFunc(d, f)
	}
	return Waker(time.AfterFunc(d, func() {
		o.start(0, f, func(fail *Failure) {
			if fail != nil && fail.Name == "Panic" {
				installed().Failed(o.Cell, fail)
			}
		})
	}))
}

// Lock is mu.Lock().
func Lock(mu *sync.Mutex, pos int) {
	if mu.TryLock() {
		return
	}
	await("sync.Mutex.Lock", pos, mu.Lock, mu.Unlock)
}

// LockRW is rw.Lock().
func LockRW(rw *sync.RWMutex, pos int) {
	if rw.TryLock() {
		return
	}
	await("sync.RWMutex.Lock", pos, rw.Lock, rw.Unlock)
}

// RLockRW is rw.RLock().
func RLockRW(rw *sync.RWMutex, pos int) {
	if rw.TryRLock() {
		return
	}
	await("sync.RWMutex.RLock", pos, rw.RLock, rw.RUnlock)
}

// LockLocker is l.Lock() of an interface value, as cond.L.Lock().
func LockLocker(l sync.Locker, pos int) {
	switch l := l.(type) {
	case *sync.Mutex:
		Lock(l, pos)
	case *sync.RWMutex:
		LockRW(l, pos)
	default:
		if reflect.TypeOf(l) == readLocker {
			await("sync.RWMutex.RLock", pos, l.Lock, l.Unlock)
			return
		}
		l.Lock() // a cell's own method
	}
}

var readLocker = reflect.TypeOf(new(sync.RWMutex).RLocker())

// Unlock is mu.Unlock(). What Go's runtime would end the process for, to unlock what
// is not locked, ends the cell.
func Unlock(mu *sync.Mutex, pos int) {
	if mu.TryLock() {
		fatalError(pos, "sync: unlock of unlocked mutex")
	}
	mu.Unlock()
}

// UnlockRW is rw.Unlock().
func UnlockRW(rw *sync.RWMutex, pos int) {
	if rw.TryLock() {
		fatalError(pos, "sync: Unlock of unlocked RWMutex")
	}
	rw.Unlock()
}

// RUnlockRW is rw.RUnlock().
func RUnlockRW(rw *sync.RWMutex, pos int) {
	if rw.TryLock() {
		fatalError(pos, "sync: RUnlock of unlocked RWMutex")
	}
	rw.RUnlock()
}

// fatalError ends the calling goroutine's cell, beyond recovery, as a fatal error of Go
// ends a program.
func fatalError(pos int, text string) {
	o := CurrentOwner()
	if o == nil {
		panic("fatal error: " + text)
	}
	o.Stop(&Failure{Name: "Panic", Text: "fatal error: " + text, Frames: []Frame{{Pos: pos}}})
	runtime.Goexit()
}

// Wait is wg.Wait().
func Wait(wg *sync.WaitGroup, pos int) {
	await("sync.WaitGroup.Wait", pos, wg.Wait, nil)
}

// GoWait is wg.Go(f).
func GoWait(wg *sync.WaitGroup, pos int, f func()) {
	wg.Add(1)
	Go(pos, func() {
		defer wg.Done()
		f()
	})
}

// WaitCond is c.Wait().
func WaitCond(c *sync.Cond, pos int) {
	await("sync.Cond.Wait", pos, c.Wait, func() { c.L.Unlock() })
}

// Min, Max and the like are instances written by lower; Clear serves any type.

// Clear is clear(x) for a map or slice.
func Clear(x any) { reflect.ValueOf(x).Clear() }
