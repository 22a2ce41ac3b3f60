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

// Promise is a promise of the world and what became of it.
type Promise struct {
	Sentence string
	Liveness bool          // of Eventually; else it is about safety
	Outcome  string        // "kept", "broken", or "open": its time is not over
	At       time.Duration // when it was broken, or when Eventually came true
}

// String is the outcome as a line: broken at 87ms: at most one leader.
func (p Promise) String() string {
	switch {
	case p.Outcome == "broken" || p.Outcome == "kept" && p.Liveness:
		return p.Outcome + " at " + trace.Clock(p.At) + ": " + p.Sentence
	}
	return p.Outcome + ": " + p.Sentence
}

// Safety is what became of the promises of Always: that nothing bad happens.
func (w *World) Safety() []Promise { return w.outcomes(false) }

// Liveness is what became of the promises of Eventually: that something good
// happens.
func (w *World) Liveness() []Promise { return w.outcomes(true) }

func (w *World) outcomes(liveness bool) []Promise {
	w.look("world.Safety")
	var list []Promise
	for _, p := range w.promises {
		if p.liveness != liveness {
			continue
		}
		outcome := Promise{Sentence: p.sentence, Liveness: liveness, At: time.Duration(p.at), Outcome: "open"}
		switch {
		case p.broken:
			outcome.Outcome = "broken"
		case p.kept || !p.liveness:
			outcome.Outcome = "kept"
		}
		list = append(list, outcome)
	}
	return list
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

// Verdict repeats the promises: those that were broken, when and under which seed;
// else those that were kept, safety apart from liveness, and those whose time is not
// over. Safety and Liveness list all. A world that was interrupted has no verdict.
func (w *World) Verdict() string {
	var lines, safe, live, open []string
	for _, p := range w.promises {
		switch {
		case p.broken:
			lines = append(lines, w.broken(p))
		case !p.liveness:
			safe = append(safe, p.sentence)
		case p.kept:
			live = append(live, p.sentence)
		default:
			open = append(open, p.sentence)
		}
	}
	if w.over != "" {
		return strings.Join(append(lines, "no verdict: "+w.over), "\n")
	}
	if len(w.promises) == 0 {
		return fmt.Sprintf("nothing was promised (seed %d)", w.seed)
	}
	if len(lines) > 0 {
		return strings.Join(lines, "\n")
	}
	keep := func(kind string, sentences []string) {
		if len(sentences) > 0 {
			lines = append(lines, fmt.Sprintf("%skept until %s: %s (seed %d)", kind, clock(w.now), strings.Join(sentences, "; "), w.seed))
		}
	}
	if safety, liveness := w.Safety(), w.Liveness(); len(safety) > 0 && len(liveness) > 0 {
		keep("safety ", safe)
		keep("liveness ", live)
	} else {
		keep("", append(safe, live...))
	}
	if len(open) > 0 {
		lines = append(lines, fmt.Sprintf("open at %s: %s (seed %d)", clock(w.now), strings.Join(open, "; "), w.seed))
	}
	return strings.Join(lines, "\n")
}
