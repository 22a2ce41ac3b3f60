package supervisor

import (
	"context"

	"netsplit/kernel/pipe"
)

// commOut passes a comm message of a cell on to the front end and keeps account of
// the comms that are open.
func (k *Kernel) commOut(r *run, m *pipe.Message) {
	if m.Comm == nil {
		return
	}
	c := Comm{Kind: m.Comm.Kind, ID: m.Comm.ID, Target: m.Comm.Target, Data: m.Comm.Data, Metadata: m.Comm.Metadata, Buffers: m.Comm.Buffers}
	if c.Data == nil {
		c.Data = map[string]any{}
	}
	if c.Metadata == nil {
		c.Metadata = map[string]any{}
	}
	k.mu.Lock()
	switch c.Kind {
	case "open":
		k.comms[c.ID] = true
	case "close":
		delete(k.comms, c.ID)
	}
	k.mu.Unlock()
	r.put(max(m.Size, 1), func() { r.sink.Comm(c) })
}

// Comm hands a comm message of the front end to the handler in the worker and
// returns when that is done. It tells whether there was one: targets are opened by
// cells, so an open from the front end finds none.
func (k *Kernel) Comm(ctx context.Context, comm Comm, sink Sink) bool {
	k.mu.Lock()
	w, known := k.worker, k.comms[comm.ID]
	if comm.Kind == "close" {
		delete(k.comms, comm.ID)
	}
	k.mu.Unlock()
	if w == nil || !known || comm.Kind == "open" {
		return false
	}
	r := k.begin(k.side(), Request{}, sink)
	defer k.end(r)
	defer context.AfterFunc(ctx, func() { r.stop("Interrupted") })()
	m, reason := r.ask(w, &pipe.Message{Kind: pipe.CommIn, Cell: r.number, Comm: &pipe.Comm{
		Kind: comm.Kind, ID: comm.ID, Target: comm.Target, Data: comm.Data, Metadata: comm.Metadata, Buffers: comm.Buffers}})
	var e *Error
	switch {
	case reason != "":
		e = r.stoppedError(reason)
	case m == nil:
		e = r.deathError(w)
	case m.Error != "" && m.Failure == nil:
		return false
	default:
		w.drain()
		e = r.verdict(m.Failure)
	}
	if e != nil {
		r.put(0, func() { sink.Error(e) })
	}
	r.out.flush()
	return true
}
