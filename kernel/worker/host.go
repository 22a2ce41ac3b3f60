package worker

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"netsplit/kernel/pipe"
	"netsplit/kernel/rt"
	"netsplit/runtime/host"
)

// seam is the Host that packages of the runtime see: each call concerns the cell
// to which the calling goroutine belongs.
type seam struct{ w *worker }

func (s seam) Owner() host.Owner {
	if o := rt.CurrentOwner(); o != nil {
		return host.Owner{ID: o}
	}
	return host.Owner{}
}

func (s seam) Become(o host.Owner) {
	owner, _ := o.ID.(*rt.Owner)
	rt.Become(owner)
}

func (s seam) Cancelled() bool { return rt.CurrentOwner().Stopped() }

func (s seam) Stop() {
	rt.Check()
	runtime.Goexit()
}

func (s seam) Display(d host.Shown) {
	m := &pipe.Message{Kind: pipe.Display, Cell: rt.CurrentCell(), Data: d.Data, Metadata: d.Metadata, ID: d.ID, Update: d.Update}
	if err := s.w.out.send(m); err != nil {
		host.Mistakef("this value cannot be displayed: %v", errors.Unwrap(err))
	}
}

func (s seam) Clear(wait bool) {
	s.w.out.send(&pipe.Message{Kind: pipe.Clear, Cell: rt.CurrentCell(), Wait: wait})
}

func (s seam) Stdout() io.Writer { return rt.Stdout }
func (s seam) Stderr() io.Writer { return rt.Stderr }

func (s seam) Input(prompt string, password bool) (string, error) {
	var done <-chan struct{}
	if o := rt.CurrentOwner(); o != nil {
		done = o.Done()
	}
	return s.w.Ask(rt.CurrentCell(), prompt, password, done)
}

func (s seam) Limits() host.Limits { return s.w.limits }

// Graded tells whether nbgrader grades a submission.
func (s seam) Graded() bool { return s.w.grading.graded }

// Pledge is what the calling goroutine's cell owes.
func (s seam) Pledge(what string) func(string) { return s.w.grading.pledge(rt.CurrentCell(), what) }

func (s seam) Describe(v any) host.Description { return rt.Describe(v) }

// Bundle is what a value of a cell's type shows by its method MimeBundle.
func (s seam) Bundle(v any) (host.MIME, bool) {
	b, ok := rt.MimeBundle(v)
	return host.MIME(b), ok
}

// NewID gives an id for displays and comms: the same in every run of a notebook,
// because it is made of the cell's number and a counter.
func (s seam) NewID() string {
	cell := rt.CurrentCell()
	n, _ := s.w.ids.LoadOrStore(cell, new(atomic.Int64))
	return fmt.Sprintf("cell-%d-%d", cell, n.(*atomic.Int64).Add(1))
}

// comms are the comms that cells opened, with their handlers.
type comms struct {
	mu sync.Mutex
	on map[string]func(host.CommEvent)
}

func (c *comms) handler(id string) func(host.CommEvent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.on[id]
}

// any tells whether a comm is open: its front end may wake a cell.
func (c *comms) any() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.on) > 0
}

func (c *comms) set(id string, on func(host.CommEvent)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if on == nil {
		delete(c.on, id)
	} else {
		c.on[id] = on
	}
}

func (s seam) CommOpen(id, target string, data, metadata map[string]any, buffers [][]byte, on func(host.CommEvent)) error {
	if s.w.comms.handler(id) != nil {
		return fmt.Errorf("open comm %s: it is open", id)
	}
	if on == nil {
		on = func(host.CommEvent) {}
	}
	s.w.comms.set(id, on)
	err := s.comm(&pipe.Comm{Kind: "open", ID: id, Target: target, Data: data, Metadata: metadata, Buffers: buffers})
	if err != nil {
		s.w.comms.set(id, nil)
	}
	return err
}

func (s seam) CommSend(id string, data, metadata map[string]any, buffers [][]byte) error {
	if s.w.comms.handler(id) == nil {
		return fmt.Errorf("send on comm %s: it is not open", id)
	}
	return s.comm(&pipe.Comm{Kind: "msg", ID: id, Data: data, Metadata: metadata, Buffers: buffers})
}

func (s seam) CommClose(id string, data map[string]any) error {
	if s.w.comms.handler(id) == nil {
		return fmt.Errorf("close comm %s: it is not open", id)
	}
	s.w.comms.set(id, nil)
	return s.comm(&pipe.Comm{Kind: "close", ID: id, Data: data})
}

func (s seam) comm(c *pipe.Comm) error {
	if c.Data == nil {
		c.Data = map[string]any{}
	}
	if c.Metadata == nil {
		c.Metadata = map[string]any{}
	}
	return s.w.out.send(&pipe.Message{Kind: pipe.CommOut, Cell: rt.CurrentCell(), Comm: c})
}
