package sim

import (
	ordered "container/list"
	"fmt"
	"sync"

	"netsplit/runtime/trace"
)

// mostStanding is how many processes may wait in worlds that stand still. A process is
// a goroutine, which the collector never takes: a loop that makes worlds and forgets
// them would fill the memory. Beyond this number the worlds that ran longest ago are
// stopped, as world.Stop does.
const mostStanding = 100_000

// standing is the worlds that stand still with processes in them, the one that ran
// longest ago first. It decides nothing inside of a world.
var standing struct {
	sync.Mutex
	worlds    ordered.List
	processes int
}

// rest enters w, which has run, and stops what was forgotten.
func (w *World) rest() {
	for _, v := range w.enterStanding() {
		if v.busy.CompareAndSwap(false, true) {
			v.over = fmt.Sprintf("it was stopped because %s processes wait in worlds that ran later; world.Stop ends those that are not needed any more", trace.Thousands(mostStanding))
			v.abandon()
		}
	}
}

// abandon ends the processes of a forgotten world. Should a deferred function of one
// panic, that is no concern of the world that runs.
func (w *World) abandon() {
	defer w.busy.Store(false)
	defer func() { recover() }()
	w.discard()
}

func (w *World) enterStanding() (forgotten []*World) {
	standing.Lock()
	defer standing.Unlock()
	w.leaveStanding()
	n := len(w.procs) - len(w.slots)
	if n == 0 {
		return nil
	}
	w.standing, w.place = n, standing.worlds.PushBack(w)
	standing.processes += n
	for standing.processes > mostStanding && standing.worlds.Len() > 1 {
		v := standing.worlds.Front().Value.(*World)
		v.leaveStanding()
		forgotten = append(forgotten, v)
	}
	return forgotten
}

// leaveStanding takes w out of the list, which is locked.
func (w *World) leaveStanding() {
	if w.place != nil {
		standing.worlds.Remove(w.place)
		standing.processes -= w.standing
		w.place, w.standing = nil, 0
	}
}
