package supervisor

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"netsplit/kernel/pipe"
)

// question puts a question of the cell to the front end. What the cell gave before is
// shown first. The question falls when the cell is stopped or the worker dies.
func (r *run) question(w *worker, m *pipe.Message) {
	answer := &pipe.Message{Kind: pipe.Input, Cell: m.Cell, Seq: m.Seq}
	if !r.request.AllowStdin || r.isOver() {
		answer.Error = "EOF"
		go w.tell(answer)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.put(0, func() {
		go func() {
			defer cancel()
			text, err := r.sink.Input(ctx, m.Text, m.Password)
			switch {
			case r.isStopped():
				return // or the cell would go on before the interrupt reaches it
			case err == nil:
				answer.Text = strings.TrimRight(text, "\r\n")
			case errors.Is(err, io.EOF):
				answer.Error = "EOF"
			case errors.Is(err, context.Canceled):
				// The front end took the question back, as it does when it interrupts: its
				// interrupt is on its way to the cell, and must be what the cell ends with.
				select {
				case <-r.stopped:
					return
				case <-time.After(r.k.options.Grace):
				}
				answer.Error = err.Error()
			default:
				answer.Error = err.Error()
			}
			w.tell(answer)
		}()
	})
	go func() {
		defer cancel()
		select {
		case <-ctx.Done():
		case <-r.stopped:
		case <-w.dead:
		}
	}()
}
