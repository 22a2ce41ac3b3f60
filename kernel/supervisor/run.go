package supervisor

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"

	"netsplit/kernel/cell"
	"netsplit/kernel/pipe"
)

// A run is one cell from its start until the last of its goroutines is over. What
// it gives goes to its sink through an outbox, in order.
type run struct {
	k       *Kernel
	number  int
	request Request
	sink    Sink
	out     *outbox
	began   time.Time
	timer   *time.Timer // limit of time

	stopped chan struct{} // closed when it is told to stop
	changed chan struct{} // has room for one note that failures or live changed

	sending sync.Mutex // held while a Call is written: its Interrupt comes behind it

	mu       sync.Mutex
	over     bool    // Execute has its outcome
	reason   string  // why it was told to stop; "" when it was not
	worker   *worker // from Define on
	called   bool    // a Call is under way
	live     bool    // goroutines are left, as far as we know
	failures []*pipe.Failure
	died     *death
	lost     string
	output   int64
	cut      bool // output beyond the limit is dropped

	past    *past // in a grading run
	replays bool  // it is run again, for its values
}

func newRun(k *Kernel, number int, request Request, sink Sink) *run {
	return &run{
		k: k, number: number, request: request, sink: sink, out: newOutbox(), began: time.Now(),
		stopped: make(chan struct{}), changed: make(chan struct{}, 1),
	}
}

func (r *run) isOver() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.over
}

// evaluate runs the text of a cell to its end.
func (r *run) evaluate(text, original string) *Error {
	w, program, e := r.define(text, FrontEnd.Prepare, true)
	if e != nil {
		return e
	}
	r.k.mu.Lock()
	r.k.programs.keep(r.number, program)
	r.k.given.give(r.number, r.request, append(slices.Clone(program.Vars), program.Gives...))
	r.k.mu.Unlock()
	for _, note := range program.Notes {
		r.stream("stderr", note+"\n")
	}
	data, metadata, e := r.call(w, program)
	for range 3 {
		if e == nil || !r.innocent() {
			break
		}
		if w = r.again(); w == nil {
			break
		}
		data, metadata, e = r.call(w, program)
	}
	if e == nil && data != nil && !r.request.Silent {
		r.put(1, func() { r.sink.Result(data, metadata) })
	}
	return e
}

// expression evaluates an expression and returns its value.
func (r *run) expression(text string) (data, metadata map[string]any, e *Error) {
	w, program, e := r.define(text, FrontEnd.PrepareExpression, false)
	if e != nil {
		return nil, nil, e
	}
	data, metadata, e = r.call(w, program)
	if e == nil && data == nil {
		data, metadata = map[string]any{"text/plain": ""}, map[string]any{}
	}
	return data, metadata, e
}

// define prepares a program and gives it to the worker. Only when all of it was
// taken do its declarations become live. A worker that was dead already, or dies
// meanwhile, has not begun to run the cell: the next one gets it.
func (r *run) define(text string, prepare func(FrontEnd, int, string) (*cell.Program, error), commit bool) (*worker, *cell.Program, *Error) {
	if !r.k.lockDefining(r) {
		return nil, nil, r.stoppedError(r.whyStopped())
	}
	defer r.k.defining.Unlock()
	for attempt := 1; ; attempt++ {
		w, err := r.k.ensure()
		if err != nil {
			return nil, nil, plainError("WorkerDied", "no worker process: "+err.Error())
		}
		front := r.k.frontEnd()
		program, err := prepare(front, r.number, text)
		if err != nil {
			var found cell.Errors
			if errors.As(err, &found) {
				return nil, nil, compileError(r.number, found)
			}
			return nil, nil, plainError("CompileError", err.Error())
		}
		r.k.mu.Lock()
		missing := r.k.given.missing(program.Reads, text)
		r.k.mu.Unlock()
		if missing != nil {
			return nil, nil, compileError(r.number, missing)
		}
		r.mu.Lock()
		r.worker = w
		reason := r.reason
		r.mu.Unlock()
		if reason != "" {
			return nil, nil, r.stoppedError(reason)
		}
		refusal, alive := w.define(r.number, program)
		switch {
		case !alive && (attempt == 2 || r.isStopped()):
			return nil, nil, r.deathError(w)
		case !alive:
			r.startOver(w)
			continue
		case refusal != "":
			return nil, nil, failure{name: "CompileError", text: "the interpreter refuses this cell: " + refusal, cell: r.number,
				notes: []string{"The cell is correct Go, but uses it in a way that this kernel cannot run. Nothing of it was taken.\n%lowered above the cell's text shows what it becomes."}}.report()
		}
		if commit {
			front.Commit(program)
			r.k.remember(r, program)
		}
		return w, program, nil
	}
}

// startOver takes note that the worker died before it began to run the cell.
func (r *run) startOver(w *worker) {
	<-w.dead
	r.mu.Lock()
	lost := r.lost
	r.died, r.lost = nil, ""
	r.mu.Unlock()
	text := "The worker process ended before this cell ran: " + w.death.Text + "."
	if lost != "" {
		text += " " + lost
	}
	r.stream("stderr", text+"\n")
}

// define gives a program's text to the worker. refusal is why the interpreter does
// not take it.
func (w *worker) define(number int, program *cell.Program) (refusal string, alive bool) {
	for _, text := range program.Define {
		m := w.ask(&pipe.Message{Kind: pipe.Define, Cell: number, Body: []byte(text)})
		if m == nil {
			return "", false
		}
		if m.Error != "" {
			return m.Error, true
		}
	}
	return "", true
}

// call runs the functions of a program, one after the other.
func (r *run) call(w *worker, program *cell.Program) (data, metadata map[string]any, e *Error) {
	owes := ""
	for _, entry := range program.Entry {
		m, reason := r.ask(w, &pipe.Message{Kind: pipe.Call, Cell: r.number, Entry: entry, AllowStdin: r.request.AllowStdin})
		if reason != "" {
			return nil, nil, r.stoppedError(reason)
		}
		if m == nil {
			return nil, nil, r.deathError(w)
		}
		data, metadata, owes = m.Data, m.Metadata, m.Owes
		if m.Failure == nil && m.Error != "" {
			m.Failure = &pipe.Failure{Name: "WorkerDied", Text: m.Error}
		}
		r.settle(m.Live)
		w.drain()
		if e := r.verdict(m.Failure); e != nil {
			return nil, nil, e
		}
	}
	if r.isCut() {
		return nil, nil, r.stoppedError("LimitExceeded")
	}
	if owes != "" {
		return nil, nil, failure{name: "Unfinished", text: owes, cell: r.number}.report()
	}
	if data != nil && metadata == nil {
		metadata = map[string]any{}
	}
	return data, metadata, nil
}

// ask has the worker run something of the cell and returns its Done; nil when the
// worker died. When the cell was told to stop before, it is not run, for that reason.
func (r *run) ask(w *worker, m *pipe.Message) (done *pipe.Message, reason string) {
	r.sending.Lock()
	r.mu.Lock()
	if r.reason != "" {
		defer r.sending.Unlock()
		defer r.mu.Unlock()
		return nil, r.reason
	}
	r.worker, r.called = w, true
	r.mu.Unlock()
	answer := w.post(m) // may wait for the worker; stop must not
	r.sending.Unlock()
	done = w.await(answer)
	r.mu.Lock()
	r.called = false
	r.mu.Unlock()
	return done, ""
}

// settle gives goroutines that the cell has just started the chance to fail while
// the cell can still be told of it.
func (r *run) settle(live int) {
	if live == 0 {
		return
	}
	patience := time.NewTimer(20 * time.Millisecond)
	defer patience.Stop()
	for {
		r.mu.Lock()
		done := !r.live || len(r.failures) > 0
		r.mu.Unlock()
		if done {
			return
		}
		select {
		case <-r.changed:
		case <-patience.C:
			return
		case <-r.stopped:
			return
		}
	}
}

// isCut tells whether the cell gave more than it may: it then fails even if it ran
// to its end.
func (r *run) isCut() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cut
}

// whyStopped is why the cell was told to stop.
func (r *run) whyStopped() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reason
}

func (r *run) isStopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reason != ""
}

// isActive tells whether code of the cell may be running.
func (r *run) isActive() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.called || r.live
}

// stop tells the cell to end because of reason. The first reason counts. If the cell
// has not ended after a part of the grace, the processes that cells have started are
// ended, for it may wait for one; after the whole of it, its worker is replaced.
func (r *run) stop(reason string) {
	r.mu.Lock()
	if r.over || r.reason != "" {
		r.mu.Unlock()
		return
	}
	r.reason = reason
	w, called := r.worker, r.called
	r.mu.Unlock()
	close(r.stopped)
	r.out.stopWaiting()
	if called {
		go func() {
			r.sending.Lock()
			defer r.sending.Unlock()
			w.tell(&pipe.Message{Kind: pipe.Interrupt, Cell: r.number, Name: reason})
		}()
	}
	still := func(do func(w *worker)) func() {
		return func() {
			r.mu.Lock()
			w, over := r.worker, r.over
			r.mu.Unlock()
			if !over && w != nil {
				do(w)
			}
		}
	}
	grace := r.k.options.Grace
	time.AfterFunc(grace*3/10, still(func(w *worker) { w.endProcesses(syscall.SIGTERM) }))
	time.AfterFunc(grace*6/10, still(func(w *worker) { w.endProcesses(syscall.SIGKILL) }))
	time.AfterFunc(grace, still(func(w *worker) {
		text := fmt.Sprintf("%s; what it was doing could not be stopped within %v, so the worker process was replaced", r.reasonText(reason), r.k.options.Grace)
		w.kill(death{Name: ename(reason), Text: text, Cell: r.number})
	}))
}

// workerDied notes what the worker died of. k.mu is held.
func (r *run) workerDied(d death, lost string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.died, r.lost, r.live = &d, lost, false
}

// finish ends the cell for the learner and tells whether goroutines are left.
func (r *run) finish() (live bool) {
	r.mu.Lock()
	r.over = true
	late := r.failures
	r.failures = nil
	live = r.live && r.died == nil
	r.mu.Unlock()
	for _, f := range late {
		r.lateFailure(f)
	}
	if n := r.out.dropped(); n > 0 {
		r.put(0, func() {
			r.sink.Stream("stderr", fmt.Sprintf("\n[%s of output were dropped when the cell was stopped]\n", sizeText(int64(n))))
		})
	}
	return live
}

// returned notes that the cell's function is over and how many goroutines are left.
func (r *run) returned(live int) {
	r.mu.Lock()
	r.live = live > 0
	r.mu.Unlock()
	r.note()
}

// ended notes that the last goroutine is over. It tells whether the cell is, too.
func (r *run) ended() bool {
	r.mu.Lock()
	r.live = false
	over := r.over
	r.mu.Unlock()
	r.note()
	return over
}

func (r *run) note() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// goroutineFailed takes the failure of a goroutine. While the cell runs it becomes
// part of the cell's own end. A Go program would be over at once; a cell that has not
// ended after a second is stopped.
func (r *run) goroutineFailed(f *pipe.Failure) {
	r.mu.Lock()
	if r.over {
		r.mu.Unlock()
		r.lateFailure(f)
		return
	}
	r.failures = append(r.failures, f)
	first := len(r.failures) == 1
	r.mu.Unlock()
	r.note()
	if first {
		time.AfterFunc(time.Second, func() {
			r.stop(goroutineFailed)
		})
	}
}

func (r *run) lateFailure(f *pipe.Failure) {
	e := failure{name: f.Name, text: f.Text, cell: r.number, stack: r.k.locate(f.Frames), goroutine: true}.report()
	r.put(0, func() { r.sink.Error(e) })
}
