package supervisor

import (
	"fmt"
	"strings"

	"netsplit/kernel/pipe"
)

// verdict makes one error of how the cell's function and its goroutines ended.
func (r *run) verdict(main *pipe.Failure) *Error {
	r.mu.Lock()
	failures := r.failures
	r.failures = nil
	reason := r.reason
	r.mu.Unlock()
	if main == nil && len(failures) == 0 {
		return nil
	}
	var f failure
	// A goroutine that failed is the cause when the others then waited in vain.
	waits := main != nil && main.Name == "Deadlock"
	if main != nil && (!waits && main.Name != goroutineFailed || len(failures) == 0) {
		f = failure{name: main.Name, text: main.Text, cell: r.number, stack: r.k.locate(main.Frames)}
		if reason != "" && (main.Name == "Interrupted" || main.Name == reason) {
			f.name, f.text = reason, r.reasonText(reason)
		}
		f.notes = append(f.notes, r.whoWaits(main.Waiting)...)
	} else {
		first := failures[0]
		failures = failures[1:]
		f = failure{name: first.Name, text: first.Text, cell: r.number, stack: r.k.locate(first.Frames), goroutine: true}
		if waits {
			f.notes = append(f.notes, "After that, the others waited in vain: "+main.Text)
			f.notes = append(f.notes, r.whoWaits(main.Waiting)...)
		}
	}
	const most = 5
	for i, other := range failures {
		if i == most {
			f.notes = append(f.notes, fmt.Sprintf("%d more goroutines failed.", len(failures)-most))
			break
		}
		also := failure{name: other.Name, text: other.Text, cell: r.number, stack: r.k.locate(other.Frames), goroutine: true}
		f.notes = append(f.notes, "Another goroutine failed: "+strings.Join(also.report().Traceback, "\n"))
	}
	return f.report()
}

// whoWaits lists the goroutines of a deadlock: where each waits, and for what.
func (r *run) whoWaits(list []pipe.Goroutine) []string {
	if len(list) == 0 {
		return nil
	}
	const most = 20
	var b strings.Builder
	b.WriteString("What waits, and for what:")
	for i, g := range list {
		if i == most {
			fmt.Fprintf(&b, "\n  and %d more", len(list)-most)
			break
		}
		fmt.Fprintf(&b, "\n  %s, %s", g.State, label(g.Cell, r.number))
		if at := r.k.locate([]pipe.Frame{{Pos: g.Pos}}); len(at) > 0 {
			fmt.Fprintf(&b, ", line %d: %s", at[0].Line, strings.TrimSpace(at[0].Source))
		}
	}
	return []string{b.String()}
}

func (r *run) reasonText(reason string) string {
	limits := r.k.options.Limits
	switch reason {
	case "Interrupted":
		return "interrupted"
	case goroutineFailed:
		return "a goroutine of the cell failed"
	case "Timeout":
		return fmt.Sprintf("the cell ran longer than %v (NETSPLIT_CELL_TIME)", limits.CellTime)
	case "LimitExceeded":
		return fmt.Sprintf("the cell gave more than %s of output (NETSPLIT_OUTPUT)", sizeText(limits.Output))
	}
	return reason
}

// stoppedError is that of a cell that was stopped without a word from its worker.
func (r *run) stoppedError(reason string) *Error {
	return failure{name: ename(reason), text: r.reasonText(reason), cell: r.number}.report()
}

// deathError is that of a cell whose worker died.
func (r *run) deathError(w *worker) *Error {
	<-w.dead
	r.mu.Lock()
	d, lost, reason := r.died, r.lost, r.reason
	r.mu.Unlock()
	if d == nil { // it was replaced before this cell was known to it
		d = &w.death
	}
	f := failure{name: d.Name, text: d.Text, cell: r.number}
	if d.Cell != 0 && d.Cell != r.number {
		f.name = "WorkerDied"
		f.notes = append(f.notes, fmt.Sprintf("It was %s that ended the worker process, in which this cell ran too.", label(d.Cell, r.number)))
	}
	if reason != "" && d.Ours {
		f.name = ename(reason)
	}
	if lost != "" {
		f.notes = append(f.notes, lost)
	}
	return f.report()
}

// goroutineFailed is why a cell is stopped one of whose goroutines failed. Its error
// is that of the goroutine.
const goroutineFailed = "GoroutineFailed"

// ename is the name of the error of a cell that was stopped for a reason.
func ename(reason string) string {
	if reason == goroutineFailed {
		return "Panic"
	}
	return reason
}
