package worker

import (
	"fmt"
	"sync"
	"time"

	"netsplit/kernel/pipe"
)

// batchTime is the age at which a batch of text is sent, unless it is full before.
const batchTime = 10 * time.Millisecond

// output sends frames to the kernel process. Text is collected into batches; any
// other frame sends the batch first, so that frames leave in program order. The batch
// lies where the kernel process finds it when the worker dies.
type output struct {
	mu      sync.Mutex
	pipe    *pipe.Writer
	cell    int // of the batch
	name    string
	batch   *pipe.Pending
	sent    uint64 // batches
	broken  bool   // nothing can be sent any more
	timer   *time.Timer
	waiting bool // the timer runs
}

func newOutput(w *pipe.Writer, batch *pipe.Pending) *output {
	o := &output{pipe: w, batch: batch}
	o.timer = time.AfterFunc(time.Hour, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.waiting = false
		o.flush()
	})
	o.timer.Stop()
	return o
}

// text adds to the batch. What cells wrote to the process's files before comes first.
func (o *output) text(cell int, name string, text []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	taps.drain(o)
	o.add(cell, name, text)
}

func (o *output) add(cell int, name string, text []byte) {
	if len(o.batch.Text()) > 0 && (o.cell != cell || o.name != name) {
		o.flush()
	}
	for len(text) > 0 && !o.broken {
		if len(o.batch.Text()) == 0 {
			o.cell, o.name = cell, name
			o.batch.Begin(o.sent, cell, name)
		}
		text = text[o.batch.Append(text):]
		if len(text) > 0 {
			o.flush()
		}
	}
	if len(o.batch.Text()) > 0 && !o.waiting {
		o.waiting = true
		o.timer.Reset(batchTime)
	}
}

func (o *output) flush() {
	if len(o.batch.Text()) == 0 {
		return
	}
	if err := o.pipe.Write(&pipe.Message{Kind: pipe.Stream, Cell: o.cell, Name: o.name, Body: o.batch.Text()}); err != nil {
		o.broken = true // the batch stays where the kernel process finds it
		return
	}
	o.sent++
	o.batch.Begin(o.sent, 0, "")
}

// send sends a frame after all text that was written before. An error means that
// the frame cannot be written as it is; that the kernel process is gone is
// noticed by the reader of frames.
func (o *output) send(m *pipe.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	taps.drain(o)
	o.flush()
	if err := o.pipe.Write(m); err != nil {
		return fmt.Errorf("send %s: %w", m.Kind, err)
	}
	return nil
}

// close sends what is left.
func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	taps.drain(o)
	o.flush()
}
