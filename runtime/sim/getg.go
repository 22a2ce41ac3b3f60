package sim

import (
	"reflect"
	"unsafe"

	"netsplit/runtime/trace"
)

// getg is the address of the calling goroutine's descriptor: the cheapest exact
// answer to "who calls". It is compared with that of the running process, which
// cannot end meanwhile, and never followed.
//
//go:noescape
func getg() uintptr

// hide returns p; the compiler does not see that it does, so that what p points
// to can stay on the caller's stack.
//
//go:noescape
func hide(p unsafe.Pointer) unsafe.Pointer

// copied is the value in *p as a message, a note or a disk keeps it. Basic stands
// before onHeap on purpose: it lets the compiler see that what a text or a list
// consists of is kept, while the any itself may stay on the caller's stack.
func copied(p *any) (trace.Value, string) {
	if v, ok := trace.Basic(*p); ok {
		return v, ""
	}
	return trace.Copy(onHeap(p))
}

// onHeap copies the value in *p to the heap. Arguments of Send and Call live on
// the caller's stack while they are of basic kinds; anything else is copied here
// before other code may keep it.
func onHeap(p *any) any {
	v := *(*any)(hide(unsafe.Pointer(p)))
	if v == nil {
		return nil
	}
	c := reflect.New(reflect.TypeOf(v)).Elem()
	c.Set(reflect.ValueOf(v))
	return c.Interface()
}

// fetch begins to load what stands at p, and the two lines of the cache that follow,
// from memory. It waits for nothing.
//
//go:noescape
func fetch(p unsafe.Pointer)

// manyEvents is how many events must wait for their nodes not to be in the cache.
const manyEvents = 4096

// fetchAhead loads what the events after the next need, in two steps: pointers first,
// then what they point to.
func (w *World) fetchAhead() {
	run, next := w.queue.run, w.queue.next
	if next+12 < len(run) {
		if e := &run[next+12]; e.what == evDeliver {
			fetch(unsafe.Pointer(&w.nodes[e.a]))
			fetch(unsafe.Pointer(&w.flying[e.b]))
		}
	}
	if next+6 < len(run) {
		if e := &run[next+6]; e.what == evDeliver {
			fetch(unsafe.Pointer(w.nodes[e.a]))
			fetch(unsafe.Pointer(w.flying[e.b]))
		}
	}
}
