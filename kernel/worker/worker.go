// Package worker is the other process: it holds the learner's values and runs the
// lowered cells. It may die; the kernel process then starts another.
//
// # A cell here
//
// Frames come on descriptor 3 and go on descriptor 4 (package pipe). Define gives
// lowered text to the interpreter, Call runs a function of it as the main goroutine
// of a cell, under package rt, which knows for every goroutine what cell it belongs
// to. Whatever the cell does on the way becomes frames: text in batches, displays,
// questions, comms, failures of goroutines; at last Done with the result or the
// failure. All text that was written before a frame leaves before it.
//
// # The interpreter
//
// yaegi stands behind two calls, Define and Call of type interpreter; no other file
// of the kernel knows it. Symbol tables (package tables) are loaded when a text
// imports their package, so a worker is ready at once and grows with its cells.
// Functions that would speak for the process (os.Exit, log.Fatal, fmt.Print) are
// replaced by ones that speak for the cell. Each cell leaves its code, some 17 KB if
// it is trivial; when the worker has grown, the learner is told and offered a fresh one.
//
// # What ends a worker
//
// What Go cannot recover from: concurrent map writes, memory exhaustion, a panic in
// a goroutine that compiled code started, os.Exit inside compiled code. Deep
// recursion, memory and goroutines are watched, so that a cell ends before the
// process has to (limits.go). When descriptor 3 ends, the kernel process is gone, and
// the worker ends with all processes that its cells started.
//
// In a grading run walls are raised around the process before it takes its first cell
// (grading.go, package walls), and only then.
//
// # Speed
//
// One run with bare yaegi beside, and cells with the front end before them:
//
//	go test ./kernel/worker -run '^$' -bench SpeedBesideYaegi -benchtime 1x
//	go test ./kernel/worker -run '^$' -bench SpeedTrivialCells -benchtime 10000x
package worker

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"netsplit/kernel/pipe"
	"netsplit/kernel/rt"
	_ "netsplit/kernel/rt/wrappers"
	"netsplit/runtime/display"
	"netsplit/runtime/host"
)

type worker struct {
	in      *interpreter
	out     *output
	cells   cells
	comms   comms
	ids     sync.Map // cell to *atomic.Int64: ids given out
	limits  host.Limits
	grading *grading
	told    atomic.Int64 // bytes that were held when the learner was told

	asks struct {
		sync.Mutex
		last    int
		pending map[int]chan *pipe.Message
	}
}

func newWorker(out *output) *worker {
	w := &worker{out: out, in: newInterpreter(rt.Trace), limits: limitsFromEnvironment(), grading: gradingFromEnvironment()}
	w.cells.byCell = map[int]*cellRuns{}
	w.comms.on = map[string]func(host.CommEvent){}
	w.asks.pending = map[int]chan *pipe.Message{}
	rt.Install(w)
	host.Install(seam{w})
	return w
}

// serve reads frames until Quit (nil) or until the stream ends. What may take time
// runs elsewhere: definitions and calls in their order, so that Interrupt, Input
// and List are answered at once.
func (w *worker) serve(r *pipe.Reader) error {
	work := make(chan func(), 1024)
	defer close(work)
	go func() {
		for f := range work {
			f()
		}
	}()
	for {
		m, err := r.Read()
		if err != nil {
			return err
		}
		switch m.Kind {
		case pipe.Define:
			work <- func() { w.define(m) }
		case pipe.Call:
			// The owner exists from here on: an interrupt that follows must find it.
			o := rt.NewOwner(m.Cell)
			w.cells.begin(m.Cell, o, m.AllowStdin)
			work <- func() { w.call(m, o) }
		case pipe.CommIn:
			w.comm(m)
		case pipe.Interrupt:
			w.cells.stop(m.Cell, func() *rt.Failure { return reason(m.Name) })
		case pipe.Input, pipe.Others:
			w.answer(m)
		case pipe.List:
			w.list(m)
		case pipe.Quit:
			w.out.close()
			return nil
		}
	}
}

func (w *worker) define(m *pipe.Message) {
	reply := &pipe.Message{Kind: pipe.Defined, Cell: m.Cell, Seq: m.Seq}
	if err := w.in.Define(string(m.Body)); err != nil {
		reply.Error = err.Error()
	}
	w.out.send(reply)
}

// call starts the function of a cell and returns; its end is told with Done.
func (w *worker) call(m *pipe.Message, o *rt.Owner) {
	f, err := w.in.Call(m.Entry)
	if err != nil {
		w.done(m, nil, &rt.Failure{Name: "InternalError", Text: err.Error()})
		return
	}
	if err := taps.open(w.out); err != nil {
		w.Hint(m.Cell, "os.Stdout and os.Stderr do not work: "+err.Error())
	}
	taps.called(m.Cell)
	atRest.Do(func() {
		rt.WatchDeadlock(callers.Load, w.outside)
		ownGoroutines = runtime.NumGoroutine()
	})
	callers.Add(1)
	go func() {
		defer callers.Add(-1)
		var shown display.Bundle
		_, fail := o.Run(func() []any {
			rt.Check() // it may have been stopped before it began
			values := f()
			rt.Check() // it may have been stopped inside its last call
			shown = result(w.grading.single(values))
			return nil
		})
		w.done(m, shown, fail)
	}()
}

func (w *worker) done(m *pipe.Message, shown display.Bundle, fail *rt.Failure) {
	if fail == nil {
		w.grown(m.Cell)
	}
	w.cells.end(m.Cell, func(live int) {
		reply := &pipe.Message{Kind: pipe.Done, Cell: m.Cell, Seq: m.Seq, Live: live, Memory: memory(), Failure: failure(fail)}
		if fail == nil {
			reply.Owes = w.grading.owes(m.Cell, shown)
		}
		if fail == nil && shown != nil {
			reply.Data, reply.Metadata = shown, map[string]any{}
		}
		if err := w.out.send(reply); err != nil {
			reply.Data, reply.Metadata = nil, nil
			reply.Failure = &pipe.Failure{Name: "Panic", Text: "the result cannot be shown: " + err.Error(), Frames: []pipe.Frame{}}
			w.out.send(reply)
		}
	})
}

// comm gives a message of the front end to the handler of its comm, which runs as
// a cell of its own. Messages of one comm may overlap, as the front end sends them.
func (w *worker) comm(m *pipe.Message) {
	reply := &pipe.Message{Kind: pipe.Done, Cell: m.Cell, Seq: m.Seq}
	if m.Comm == nil {
		reply.Error = "comm message without content"
		w.out.send(reply)
		return
	}
	on := w.comms.handler(m.Comm.ID)
	if on == nil {
		reply.Error = "unknown comm " + m.Comm.ID
		w.out.send(reply)
		return
	}
	if m.Comm.Kind == "close" {
		w.comms.set(m.Comm.ID, nil)
	}
	o := rt.NewOwner(m.Cell)
	w.cells.begin(m.Cell, o, false)
	go func() {
		_, fail := o.Run(func() []any {
			rt.Check()
			on(host.CommEvent{Kind: m.Comm.Kind, Data: m.Comm.Data, Metadata: m.Comm.Metadata, Buffers: m.Comm.Buffers})
			return nil
		})
		w.done(m, nil, fail)
	}()
}

func (w *worker) list(m *pipe.Message) {
	w.out.send(&pipe.Message{Kind: pipe.Goroutines, Seq: m.Seq, Memory: memory(), List: goroutines(rt.Goroutines())})
}

// Stream implements rt.Backend. A cell that puts a file of its own in os.Stdout
// finds there what it prints.
func (w *worker) Stream(cell int, name string, text []byte) {
	if f := taps.replaced(name); f != nil {
		f.Write(text)
		return
	}
	w.out.text(cell, name, text)
}

// Failed implements rt.Backend.
func (w *worker) Failed(cell int, f *rt.Failure) {
	w.out.send(&pipe.Message{Kind: pipe.Failed, Cell: cell, Failure: failure(f)})
}

// Hint implements rt.Backend.
func (w *worker) Hint(cell int, text string) {
	w.out.send(&pipe.Message{Kind: pipe.Hint, Cell: cell, Text: text})
}

// Ended implements rt.Backend.
func (w *worker) Ended(cell int) {
	w.cells.ended(cell, func() { w.out.send(&pipe.Message{Kind: pipe.Ended, Cell: cell}) })
}

// Ask implements rt.Backend.
func (w *worker) Ask(cell int, prompt string, password bool, done <-chan struct{}) (string, error) {
	if w.grading.on {
		return "", errors.New("nobody answers questions while a submission is graded")
	}
	if !w.cells.mayAsk(cell) {
		return "", io.EOF
	}
	seq, answer := w.question()
	defer w.forget(seq)
	if err := w.out.send(&pipe.Message{Kind: pipe.Ask, Cell: cell, Seq: seq, Text: prompt, Password: password}); err != nil {
		return "", err
	}
	select {
	case m := <-answer:
		switch m.Error {
		case "":
			return m.Text, nil
		case "EOF":
			return "", io.EOF
		}
		return "", fmt.Errorf("input: %s", m.Error)
	case <-done:
		return "", fmt.Errorf("input: the cell was stopped")
	}
}

// question is the number of something asked of the kernel process, and where the
// answer comes.
func (w *worker) question() (seq int, answer chan *pipe.Message) {
	answer = make(chan *pipe.Message, 1)
	w.asks.Lock()
	defer w.asks.Unlock()
	w.asks.last++
	w.asks.pending[w.asks.last] = answer
	return w.asks.last, answer
}

func (w *worker) forget(seq int) {
	w.asks.Lock()
	defer w.asks.Unlock()
	delete(w.asks.pending, seq)
}

// outside tells whether a cell that waits may be woken from outside of this process:
// by the front end of a comm, or by a cell that the kernel process is preparing.
func (w *worker) outside(cell int) bool {
	if w.comms.any() {
		return true
	}
	seq, answer := w.question()
	defer w.forget(seq)
	if err := w.out.send(&pipe.Message{Kind: pipe.Alone, Cell: cell, Seq: seq}); err != nil {
		return true
	}
	select {
	case m := <-answer:
		return m.Live > 0
	case <-time.After(time.Second):
		return true
	}
}

func (w *worker) answer(m *pipe.Message) {
	w.asks.Lock()
	defer w.asks.Unlock()
	if answer := w.asks.pending[m.Seq]; answer != nil {
		delete(w.asks.pending, m.Seq)
		answer <- m
	}
}
