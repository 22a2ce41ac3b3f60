package lab

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"netsplit/runtime/display"
	"netsplit/runtime/host"
)

// Run makes the runs, where that has not been done, and returns the results. Looking
// at them (Table, Chart, or as the value of a cell) does the same.
//
// When the cell is interrupted, what was measured until then stays: it is shown at
// once, marked as a part, and a later cell can look at it.
func (r *Results) Run() *Results {
	r.mu.Lock()
	if r.started {
		r.mu.Unlock()
		return r
	}
	r.started = true
	r.runs = make([][]*outcome, len(r.points))
	for i := range r.runs {
		r.runs[i] = make([]*outcome, len(r.seeds))
	}
	r.mu.Unlock()
	total := len(r.points) * len(r.seeds)
	bar := display.NewBar(r.label(), total)
	finished := false
	defer func() {
		if finished {
			return
		}
		// A panic or an interrupt goes by here.
		bar.DoneWith(fmt.Sprintf("%s: stopped after %d of %d runs", r.label(), r.made(), total))
		if host.InKernel() && r.made() > 0 {
			display.Show(r.Table())
		}
	}()
	if r.parallel && runtime.GOMAXPROCS(0) > 1 && total > 1 {
		r.together(bar)
	} else {
		r.inTurn(bar)
	}
	finished = true
	what := "runs"
	if total == 1 {
		what = "run"
	}
	bar.DoneWith(fmt.Sprintf("%s: %d %s", r.label(), total, what))
	return r
}

func (r *Results) label() string {
	switch {
	case r.title != "" && r.parameter == "":
		return r.title
	case r.paired:
		return "comparison"
	case r.parameter != "":
		return splitHeader(r.parameter).name
	}
	return "experiment"
}

// inTurn makes one run after the other, on the goroutine of the cell, seed by seed:
// so that an interrupt leaves whole rows of seeds for all values.
func (r *Results) inTurn(bar *display.Bar) {
	for s, seed := range r.seeds {
		for p := range r.points {
			if host.Cancelled() {
				host.Stop()
			}
			run := r.newRun(p, seed)
			r.call(p, s, run)
			bar.Add(1)
		}
	}
}

// call makes one run. When it panics, which run it was stands before the panic.
func (r *Results) call(p, s int, run *Run) {
	returned := false
	defer func() {
		if !returned && !host.Cancelled() {
			what := fmt.Sprintf("seed %d", run.Seed)
			if r.parameter != "" {
				what = fmt.Sprintf("%s %s, %s", splitHeader(r.parameter).name, r.points[p].text, what)
			}
			fmt.Fprintf(host.Stderr(), "the run with %s did not end\n", what)
		}
	}()
	r.cell(p)(run)
	r.runs[p][s] = run.outcome()
	returned = true
}

// together makes runs on all processors. Each has a goroutine's worth of state of its
// own; a run that panics is made once more on the goroutine of the cell, where its
// panic is the cell's.
func (r *Results) together(bar *display.Bar) {
	workers := min(runtime.GOMAXPROCS(0), len(r.points)*len(r.seeds))
	var next, made atomic.Int64
	type failure struct{ job int64 }
	failures := make(chan failure, workers)
	ended := make(chan bool, workers)
	owner := host.Current()
	var stop atomic.Bool
	for range workers {
		go func() {
			// The record of a goroutine is its own: what was inherited is the cell's.
			host.Become(host.Owner{})
			host.Become(owner)
			job := int64(-1)
			defer func() {
				if v := recover(); v != nil || job >= 0 && !host.Cancelled() {
					stop.Store(true)
					failures <- failure{job}
				}
				ended <- true
			}()
			for !stop.Load() && !host.Cancelled() {
				job = next.Add(1) - 1
				if job >= int64(len(r.points)*len(r.seeds)) {
					job = -1
					return
				}
				p, s := int(job)%len(r.points), int(job)/len(r.points)
				run := r.newRun(p, r.seeds[s])
				r.cell(p)(run)
				r.runs[p][s] = run.outcome()
				job = -1
				made.Add(1)
			}
		}()
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for left := workers; left > 0; {
		select {
		case <-ended:
			left--
		case <-tick.C:
		}
		bar.Set(int(made.Load()))
	}
	if host.Cancelled() {
		host.Stop()
	}
	close(failures)
	first := int64(-1)
	for f := range failures {
		if first < 0 || f.job < first {
			first = f.job
		}
	}
	if first >= 0 {
		p, s := int(first)%len(r.points), int(first)/len(r.points)
		r.call(p, s, r.newRun(p, r.seeds[s]))
		host.Mistakef("a run failed only while others ran beside it: its function shares variables with theirs; leave Parallel out")
	}
}

// made is how many runs there are.
func (r *Results) made() int {
	n := 0
	for _, row := range r.runs {
		for _, o := range row {
			if o != nil {
				n++
			}
		}
	}
	return n
}
