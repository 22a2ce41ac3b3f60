package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"netsplit/kernel/wire"
)

// shell is the parent shell or a subshell: cells in it run one after the other.
type shell struct {
	id    string // empty for the parent shell
	cells *lane
	comms *lane

	mu       sync.Mutex
	waiting  []*request      // cells in the queue
	lastComm <-chan struct{} // closed when the newest comm message is done
	arrived  time.Time       // when the newest cell came
	count    int             // stored cells so far
}

// shells are the parent shell and the subshells of a session.
type shells struct {
	mu       sync.Mutex
	byID     map[string]*shell
	order    []string // of the subshells, as they were created
	running  map[*request]context.CancelFunc
	unstored int         // cells so far that have no count of the parent shell
	aborting atomic.Bool // the session ends: waiting cells are not run
}

// maxSubshells bounds the goroutines that a front end can ask for.
const maxSubshells = 256

func (x *shells) open(s *Session, id string) *shell {
	sh := &shell{id: id, cells: newLane(), comms: newLane()}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.byID == nil {
		x.byID = map[string]*shell{}
		x.running = map[*request]context.CancelFunc{}
	}
	x.byID[id] = sh
	if id != "" {
		x.order = append(x.order, id)
	}
	return sh
}

func (x *shells) get(id string) (*shell, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if sh := x.byID[id]; sh != nil {
		return sh, nil
	}
	return nil, fmt.Errorf("there is no subshell %s", clip(id))
}

// interruptible does the work for a cell or a comm message, with a context that ends
// when it is interrupted. It is known as running before busy is published: who sees
// busy and interrupts does not come too early.
func (x *shells) interruptible(s *Session, r *request, work func()) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	r.ctx = ctx
	x.mu.Lock()
	x.running[r] = cancel
	x.mu.Unlock()
	defer func() {
		x.mu.Lock()
		delete(x.running, r)
		x.mu.Unlock()
	}()
	work()
}

// interrupt ends what runs. It tells whether anything did.
func (x *shells) interrupt() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, cancel := range x.running {
		cancel()
	}
	return len(x.running) > 0
}

// idle tells whether no shell has anything to do.
func (x *shells) idle() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, sh := range x.byID {
		if !sh.cells.idle() || !sh.comms.idle() {
			return false
		}
	}
	return true
}

// number is the evaluator's number for a cell without a count of the parent shell.
func (x *shells) number() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.unstored++
	return -x.unstored
}

func inCells(s *Session, r *request, work func()) {
	sh, err := s.shells.get(r.Header.Subshell)
	if err != nil {
		s.refuse(r, err)
		return
	}
	r.shell = sh
	sh.mu.Lock()
	r.after = sh.lastComm
	sh.arrived = time.Now()
	sh.waiting = append(sh.waiting, r)
	sh.mu.Unlock()
	if !sh.cells.add(len(r.Content), func() { s.shells.interruptible(s, r, work) }) {
		sh.leave(r)
		s.refuse(r, errFull)
	}
}

func inComms(s *Session, r *request, work func()) {
	sh, err := s.shells.get(r.Header.Subshell)
	if err != nil {
		s.refuse(r, err)
		return
	}
	r.shell = sh
	done := make(chan struct{})
	if !sh.comms.add(len(r.Content), func() {
		defer close(done)
		s.shells.interruptible(s, r, work)
	}) {
		s.refuse(r, errFull)
		return
	}
	sh.mu.Lock()
	sh.lastComm = done
	sh.mu.Unlock()
}

// leave takes a cell out of the queue.
func (sh *shell) leave(r *request) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for i, w := range sh.waiting {
		if w == r {
			sh.waiting = append(sh.waiting[:i], sh.waiting[i+1:]...)
			return
		}
	}
}

// gatherPauses bounds the wait of gather, in pauses.
const gatherPauses = 100

// gather waits until what was sent together with a failed cell is here. A client that
// runs all cells of a notebook sends them without waiting, over some milliseconds, and
// a cell may fail faster than that. So the reply to it is held back until no cell has
// come for a pause, but not for ever: what came before the reply was sent without
// knowing of it. A cell that fails after a while, or is interrupted, does not wait.
func (sh *shell) gather(ctx context.Context, pause time.Duration) {
	from := time.Now()
	for {
		sh.mu.Lock()
		newest := sh.arrived // at the earliest the failed cell itself
		sh.mu.Unlock()
		wait := min(pause-time.Since(newest), gatherPauses*pause-time.Since(from))
		if wait <= 0 {
			return
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// abort answers for a failed cell: what waits behind it will not run.
func (sh *shell) abort() {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for _, w := range sh.waiting {
		w.aborted.Store(true)
	}
}

func (s *Session) createSubshell(r *request) (any, error) {
	s.shells.mu.Lock()
	full := len(s.shells.order) >= maxSubshells
	s.shells.mu.Unlock()
	if full {
		return nil, fmt.Errorf("there are %d subshells already", maxSubshells)
	}
	id := uuid.NewString()
	s.shells.open(s, id)
	return wire.SubshellReply{ID: id}, nil
}

// deleteSubshell ends a subshell. A cell that runs in it goes on to its end, cells that
// wait are aborted, requests that name it later are errors.
func (s *Session) deleteSubshell(r *request) (any, error) {
	var request wire.SubshellRequest
	if err := r.Decode(&request); err != nil {
		return nil, err
	}
	if request.ID == "" {
		return nil, errors.New("delete_subshell_request names no subshell")
	}
	sh, err := s.shells.get(request.ID)
	if err != nil {
		return nil, err
	}
	x := &s.shells
	x.mu.Lock()
	delete(x.byID, sh.id)
	for i, id := range x.order {
		if id == sh.id {
			x.order = append(x.order[:i], x.order[i+1:]...)
			break
		}
	}
	x.mu.Unlock()
	sh.abort()
	sh.cells.close()
	sh.comms.close()
	return wire.StatusReply{}, nil
}

func (s *Session) listSubshell(r *request) (any, error) {
	s.shells.mu.Lock()
	defer s.shells.mu.Unlock()
	return wire.SubshellListReply{IDs: append([]string(nil), s.shells.order...)}, nil
}
