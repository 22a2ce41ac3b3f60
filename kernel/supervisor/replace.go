package supervisor

import (
	"fmt"
	"time"

	"netsplit/kernel/pipe"
)

// died sees to it that a worker is replaced.
func (k *Kernel) died(w *worker) {
	if limit := k.options.Limits.Memory; w.death.Name == "OutOfMemory" && limit > 0 {
		w.death.Text += "; the limit is " + sizeText(limit) + " (NETSPLIT_MEMORY)"
	}
	d := w.death
	k.options.Log(fmt.Sprintf("worker %d ended: %s: %s", w.process.Pid, d.Name, d.Text))
	k.mu.Lock()
	if k.closed || k.worker != w {
		k.mu.Unlock()
		return
	}
	var running, resting, active []*run
	for _, r := range k.cells {
		if r.isActive() {
			active = append(active, r)
		}
		if r.isOver() {
			resting = append(resting, r)
			delete(k.cells, r.number)
		} else {
			running = append(running, r)
		}
	}
	if d.Cell == 0 && len(active) == 1 {
		d.Cell = active[0].number
	}
	lost := k.given.lose(d.Cell)
	k.lose = true
	for _, p := range k.pasts {
		if p.number == d.Cell {
			p.ran = false // a goroutine of it has done this, and would again
		}
	}
	if lost != "" && k.options.Grading.On() {
		lost = "A new worker process runs the cells again that had ended well; the variables of the others are gone."
	}
	for _, r := range running {
		r.workerDied(d, lost)
	}
	if len(running) == 0 && !d.Ours {
		k.notice = idleNotice(d, lost)
	}
	comms := k.comms
	k.comms = map[string]bool{}
	last := k.last
	k.mu.Unlock()

	for _, r := range resting {
		if r.number == d.Cell && !d.Ours {
			r.put(0, func() { r.sink.Error(failure{name: d.Name, text: d.Text, cell: r.number, goroutine: true}.report()) })
		}
	}
	if last != nil {
		for id := range comms {
			last.put(0, func() {
				last.sink.Comm(Comm{Kind: "close", ID: id, Data: map[string]any{}, Metadata: map[string]any{}})
			})
		}
	}
	go func() {
		<-w.dead // closed when this function has returned: before, ensure would take w for alive
		k.defining.Lock()
		defer k.defining.Unlock()
		k.ensure()
	}()
}

func idleNotice(d death, lost string) string {
	text := "The worker process ended while no cell ran: " + d.Text + "."
	if lost != "" {
		text += " " + lost
	}
	return text
}

// ensure returns a worker that lives and has all declarations, starting one if
// need be. defining is held.
func (k *Kernel) ensure() (*worker, error) {
	for {
		w, again, err := k.next()
		if !again {
			return w, err
		}
	}
}

// next is one attempt of ensure; again when the worker that it started died of what
// it was given.
func (k *Kernel) next() (w *worker, again bool, err error) {
	k.mu.Lock()
	w, closed, refused := k.worker, k.closed, k.refused
	k.mu.Unlock()
	if closed {
		return nil, false, fmt.Errorf("the kernel is shut down")
	}
	if refused != nil {
		return nil, false, refused
	}
	if w != nil && !w.isDead() && !w.isEnding() {
		return w, false, nil
	}
	if w != nil {
		<-w.dead
	}
	k.mu.Lock()
	lose := k.lose
	k.lose = false
	k.mu.Unlock()
	if lose {
		k.frontEnd().Lose()
	}
	w, err = startWorker(k.options, k)
	if err != nil {
		return nil, false, err
	}
	k.mu.Lock()
	if k.closed {
		k.mu.Unlock()
		w.kill(death{Name: "WorkerDied", Text: "the kernel was shut down"})
		return nil, false, fmt.Errorf("the kernel is shut down")
	}
	k.worker = w
	k.mu.Unlock()
	select {
	case <-w.ready:
	case <-w.dead:
		return nil, false, fmt.Errorf("the worker ended when it started: %s", w.death.Text)
	case <-time.After(30 * time.Second):
		w.kill(death{Name: "WorkerDied", Text: "it did not start within 30 s"})
		<-w.dead
		return nil, false, fmt.Errorf("the worker did not start within 30 s")
	}
	if w.refusal != "" {
		k.mu.Lock()
		k.refused = &errWalls{w.refusal}
		k.mu.Unlock()
		return nil, false, k.refused
	}
	k.options.Log(fmt.Sprintf("worker %d started%s", w.process.Pid, w.walls))
	if k.options.Grading.On() {
		return w, !k.replay(w), nil
	}
	for _, text := range k.frontEnd().Definitions() {
		switch m := w.ask(&pipe.Message{Kind: pipe.Define, Body: []byte(text)}); {
		case m == nil:
			return nil, false, fmt.Errorf("the worker ended when it was given the declarations: %s", w.death.Text)
		case m.Error != "":
			k.options.Log("define again: " + firstLine(m.Error))
		}
	}
	return w, false, nil
}
