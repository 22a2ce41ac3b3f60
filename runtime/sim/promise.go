package sim

import (
	"fmt"
	"strings"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// promise is a sentence about the world that is judged after every event.
type promise struct {
	sentence string
	holds    func() bool
	liveness bool
	deadline int64
	kept     bool
	broken   bool
	at       int64
}

// Always promises that a condition holds at every moment (safety). It is judged
// after every event; the first breach is in the trace and in the verdict.
func (w *World) Always(sentence string, holds func() bool) {
	w.promise(sentence, holds, &promise{})
}

// Eventually promises that a condition holds at some moment before a span of time
// has passed (liveness).
func (w *World) Eventually(sentence string, within time.Duration, holds func() bool) {
	p := &promise{liveness: true, deadline: w.after(within)}
	w.promise(sentence, holds, p)
	w.schedule(event{at: p.deadline, what: evDeadline, a: uint32(len(w.promises) - 1)})
}

func (w *World) promise(sentence string, holds func() bool, p *promise) {
	w.enter("a promise")
	if sentence == "" || holds == nil {
		host.Mistakef("a promise is a sentence and a condition: world.Always(\"at most one leader\", func() bool { … })")
	}
	p.sentence, p.holds = sentence, holds
	w.promises = append(w.promises, p)
	w.cells = w.cells || interpreted(holds)
}

// judge looks at every promise that is still open.
func (w *World) judge() {
	for _, p := range w.promises {
		if p.broken || p.kept {
			continue
		}
		w.judging = true
		holds := p.holds()
		w.judging = false
		switch {
		case holds && p.liveness:
			p.kept, p.at = true, w.now
		case !holds && !p.liveness:
			w.breach(p)
		}
	}
}

func (w *World) overdue(p *promise) {
	w.judge()
	if !p.kept && !p.broken {
		w.breach(p)
	}
}

func (w *World) breach(p *promise) {
	p.broken, p.at = true, w.now
	w.record(trace.Event{What: trace.Broken, Node: trace.World, Text: w.broken(p)})
}

func (w *World) broken(p *promise) string {
	return fmt.Sprintf("broken at %s: %s (seed %d)", clock(p.at), p.sentence, w.seed)
}

// Broken tells whether a promise was broken.
func (w *World) Broken() bool {
	for _, p := range w.promises {
		if p.broken {
			return true
		}
	}
	return false
}

// Verdict repeats the promises: those that were broken, when and under which
// seed; else those that were kept. A world that was interrupted has none.
func (w *World) Verdict() string {
	var lines []string
	var kept []string
	for _, p := range w.promises {
		switch {
		case p.broken:
			lines = append(lines, w.broken(p))
		case p.kept || !p.liveness:
			kept = append(kept, p.sentence)
		}
	}
	if w.over != "" {
		lines = append(lines, "no verdict: "+w.over)
	}
	if len(lines) == 0 {
		if kept == nil {
			return fmt.Sprintf("nothing was promised (seed %d)", w.seed)
		}
		lines = append(lines, fmt.Sprintf("kept until %s: %s (seed %d)", clock(w.now), strings.Join(kept, "; "), w.seed))
	}
	return strings.Join(lines, "\n")
}
