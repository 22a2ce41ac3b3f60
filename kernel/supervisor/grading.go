package supervisor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"netsplit/kernel/cell"
)

// Grading is whether, and how, cells are run for a grader; see "Grading runs" in the
// package comment. The zero Grading is an ordinary session.
type Grading struct {
	Mode  string // autograde or validate; empty for an ordinary session
	Walls string // must, may or off; empty is what the mode asks for
}

// GradingFromEnvironment reads NBGRADER_EXECUTION, which nbgrader sets, and
// NETSPLIT_WALLS. Any other value of the first is an ordinary session.
func GradingFromEnvironment() Grading {
	switch mode := os.Getenv("NBGRADER_EXECUTION"); mode {
	case "autograde":
		return Grading{mode, wallsFrom("must")}
	case "validate":
		return Grading{mode, wallsFrom("may")}
	}
	return Grading{}
}

func wallsFrom(usual string) string {
	switch text := strings.ToLower(strings.TrimSpace(os.Getenv("NETSPLIT_WALLS"))); text {
	case "off", "may", "must":
		return text
	}
	return usual
}

// On tells whether it is a grading run.
func (g Grading) On() bool { return g.Mode != "" }

// copies tells whether a worker has a folder of its own. A student who validates a
// notebook does that among their own files.
func (g Grading) copies() bool { return g.Mode == "autograde" }

// environment is all that a worker of a grading run is told.
func (g Grading) environment() []string {
	return []string{"NBGRADER_EXECUTION=" + g.Mode, "NETSPLIT_WALLS=" + g.Walls}
}

// errWalls wraps why a worker refuses to run cells.
type errWalls struct{ why string }

func (e *errWalls) Error() string {
	return "grading needs walls around the code of submissions, and they cannot be raised here: " + e.why +
		". Grade on Linux 5.13 or later (or in a container on it), or set NETSPLIT_WALLS=off to run submissions with all rights of your account"
}

// Ready waits until there is a worker that takes cells. The error is why there is none;
// in a grading run it may be final.
func (k *Kernel) Ready(ctx context.Context) error {
	ready := make(chan error, 1)
	go func() {
		k.defining.Lock()
		defer k.defining.Unlock()
		_, err := k.ensure()
		ready <- err
	}()
	select {
	case err := <-ready:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gradedSink is the sink of a cell of a grading run: nbgrader takes any text on stderr
// for a failure.
type gradedSink struct{ Sink }

func (s gradedSink) Stream(_, text string) { s.Sink.Stream("stdout", text) }

// Input fails at once.
func (s gradedSink) Input(context.Context, string, bool) (string, error) {
	return "", errors.New("nobody answers questions while a submission is graded")
}

// plainComment makes a comment of a first line that begins with "# ": nbgrader puts
// one above the cells that it puts back, which is a comment in Python only.
func plainComment(code string) string {
	if strings.HasPrefix(code, "# ") {
		return "//" + code[1:]
	}
	return code
}

// refusedMagic are magics that a cell of a grading run cannot use.
var refusedMagic = map[string]string{
	"lowered": "it shows cells, and among them are tests",
}

// past is a cell that was taken, for the next worker.
type past struct {
	number  int
	request Request
	define  []string // all texts, in order
	entry   []string // its functions
	gives   []string // variables that have their values from it
	took    time.Duration
	ran     bool // to its end, without an error
}

// remember notes a cell whose definitions the worker has taken. k.defining is held.
func (k *Kernel) remember(r *run, program *cell.Program) {
	if !k.options.Grading.On() || r.replays {
		return
	}
	p := &past{number: r.number, request: r.request, define: program.Define, entry: program.Entry, gives: append(append([]string(nil), program.Vars...), program.Gives...)}
	k.mu.Lock()
	k.pasts = append(k.pasts, p)
	k.mu.Unlock()
	r.past = p
}

// innocent tells whether the worker died under the cell by the fault of another one. In
// a grading run that must not cost it anything.
func (r *run) innocent() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.past != nil && r.died != nil && !r.died.Ours && r.died.Cell != 0 && r.died.Cell != r.number && r.reason == ""
}

// again is the next worker, which knows the cell, to run it once more. It is
// nil when there is none.
func (r *run) again() *worker {
	r.mu.Lock()
	fault := r.died.Cell
	r.died, r.lost = nil, ""
	r.mu.Unlock()
	r.stream("stdout", fmt.Sprintf("The worker process ended because of %s; this cell runs again.\n", label(fault, 0)))
	if !r.k.lockDefining(r) {
		return nil
	}
	defer r.k.defining.Unlock()
	w, err := r.k.ensure()
	if err != nil {
		return nil
	}
	r.k.mu.Lock()
	r.k.given.give(r.number, r.request, r.past.gives)
	r.k.mu.Unlock()
	return w
}

// ran notes that a cell has come to its end without an error.
func (r *run) ran() {
	if r.past == nil {
		return
	}
	r.k.mu.Lock()
	r.past.ran, r.past.took = true, time.Since(r.began)
	r.k.mu.Unlock()
}

// forgetPasts is what %reset does: no value is to come back; with all, no declaration.
func (k *Kernel) forgetPasts(all bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if all {
		k.pasts = nil
	}
	for _, p := range k.pasts {
		p.ran = false
	}
}

// replay makes a new worker of a grading run know what the dead one knew: it is given
// the definitions of all cells, in their order, and runs those again that had ended
// well. What they print is dropped; it is in the notebook. It returns false when the
// worker died of it: the cell at fault is not run again.
func (k *Kernel) replay(w *worker) bool {
	k.mu.Lock()
	pasts := append([]*past(nil), k.pasts...)
	k.mu.Unlock()
	for _, p := range pasts {
		refusal, alive := w.define(p.number, &cell.Program{Define: p.define})
		if !alive {
			return false
		}
		if refusal != "" {
			k.options.Log("define again: " + firstLine(refusal))
		}
		k.mu.Lock()
		p.ran = p.ran && refusal == ""
		ran, took := p.ran, p.took
		k.mu.Unlock()
		if !ran {
			continue
		}
		request := p.request
		request.Silent = true
		r := newRun(k, p.number, request, nowhere{})
		r.replays = true
		k.enter(r)
		limit := time.AfterFunc(3*took+30*time.Second, func() { r.stop("Timeout") })
		_, _, e := r.call(w, &cell.Program{Entry: p.entry})
		limit.Stop()
		k.end(r)
		if e == nil {
			k.mu.Lock()
			k.given.give(p.number, p.request, p.gives)
			k.mu.Unlock()
			continue
		}
		k.mu.Lock()
		p.ran = false
		k.mu.Unlock()
		k.options.Log("run again: " + firstLine(e.Value))
		if w.isEnding() || w.isDead() {
			<-w.dead
			return false
		}
	}
	return true
}

// nowhere is the sink of what runs again.
type nowhere struct{}

func (nowhere) Stream(string, string)                                {}
func (nowhere) Display(map[string]any, map[string]any, string, bool) {}
func (nowhere) Clear(bool)                                           {}
func (nowhere) Result(map[string]any, map[string]any)                {}
func (nowhere) Error(*Error)                                         {}
func (nowhere) Comm(Comm)                                            {}
func (nowhere) Input(context.Context, string, bool) (string, error) {
	return "", errors.New("nobody answers")
}

// lockDefining locks k.defining for a cell. In a grading run a replay may hold it for
// long, and a cell that is told to stop must not wait for that.
func (k *Kernel) lockDefining(r *run) bool {
	if !k.options.Grading.On() {
		k.defining.Lock()
		return true
	}
	for !k.defining.TryLock() {
		select {
		case <-r.stopped:
			return false
		case <-time.After(2 * time.Millisecond):
		}
	}
	return true
}
