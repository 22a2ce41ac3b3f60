package worker

import (
	"fmt"
	"sync"
	"time"

	"netsplit/kernel/pipe"
)

const (
	batchBytes = 64 << 10              // a batch of text is sent when it is this long,
	batchTime  = 10 * time.Millisecond // or this old
)

// output sends frames to the kernel process. Text is collected into batches; any
// other frame sends the batch first, so that frames leave in program order.
type output struct {
	mu      sync.Mutex
	pipe    *pipe.Writer
	cell    int // of the batch
	name    string
	batch   []byte
	timer   *time.Timer
	waiting bool // the timer runs
}

func newOutput(w *pipe.Writer) *output {
	o := &output{pipe: w}
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
	if len(o.batch) > 0 && (o.cell != cell || o.name != name) {
		o.flush()
	}
	o.cell, o.name = cell, name
	for len(o.batch)+len(text) > batchBytes {
		n := batchBytes - len(o.batch)
		o.batch = append(o.batch, text[:n]...)
		text = text[n:]
		o.flush()
	}
	o.batch = append(o.batch, text...)
	if len(o.batch) > 0 && !o.waiting {
		o.waiting = true
		o.timer.Reset(batchTime)
	}
}

func (o *output) flush() {
	if len(o.batch) == 0 {
		return
	}
	o.pipe.Write(&pipe.Message{Kind: pipe.Stream, Cell: o.cell, Name: o.name, Body: o.batch})
	o.batch = o.batch[:0]
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
