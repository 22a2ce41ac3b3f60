package supervisor

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"netsplit/kernel/cell"
	"netsplit/kernel/pipe"
)

// Options say how a Kernel works. The zero value of each field has a meaning.
type Options struct {
	// Command starts a worker; the default is this executable with the argument worker.
	Command []string

	// Env is added to the environment of the worker, "NAME=value".
	Env []string

	// Dir is where the worker runs; the default is the current directory.
	Dir string

	// Grading is whether a grader looks at the outputs; see GradingFromEnvironment.
	Grading Grading

	// Limits are what cells may use; see LimitsFromEnvironment.
	Limits Limits

	// Grace is how long an interrupted cell may take to end before its worker is
	// replaced. Default 1 s.
	Grace time.Duration

	// NewFrontEnd makes the front end of a new session; the default is package cell's.
	NewFrontEnd func() FrontEnd

	// Log takes a line on what happened to workers; default none.
	Log func(line string)
}

// A Kernel evaluates the cells of one session. All methods may be called from
// several goroutines at once.
type Kernel struct {
	options Options

	// defining is held while declarations change or are given to a worker:
	// Prepare to Commit of a cell, all definitions of a new worker.
	defining sync.Mutex

	mu       sync.Mutex
	front    FrontEnd
	worker   *worker      // current; may be dead
	cells    map[int]*run // those that run, and those of which goroutines live
	last     *run         // the newest, for what no cell claims
	comms    map[string]bool
	given    variables
	notice   string // what the next cell's learner must be told
	lose     bool   // the front end must be told that the variables' values are gone
	programs programs
	pasts    []*past // in a grading run: what a new worker must know
	refused  error   // why there can be no worker
	sides    int
	closed   bool

	memory atomic.Int64
}

// New returns a Kernel and starts its first worker.
func New(options Options) *Kernel {
	options.Limits = options.Limits.filled()
	if options.NewFrontEnd == nil {
		options.NewFrontEnd = newGoFrontEnd
		if options.Grading.On() {
			options.NewFrontEnd = newGradingFrontEnd
		}
	}
	if options.Grace == 0 {
		options.Grace = time.Second
	}
	if options.Log == nil {
		options.Log = func(string) {}
	}
	k := &Kernel{options: options, cells: map[int]*run{}, comms: map[string]bool{}}
	go func() {
		k.defining.Lock()
		defer k.defining.Unlock()
		k.ensure()
	}()
	return k
}

// frontEnd is the session's front end, made when it is first needed: the first
// worker starts meanwhile.
func (k *Kernel) frontEnd() FrontEnd {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.front == nil {
		k.front = k.options.NewFrontEnd()
	}
	return k.front
}

// Execute runs one cell. It returns when the cell is over and its sink has
// everything. Goroutines of the cell may use the sink afterwards.
func (k *Kernel) Execute(ctx context.Context, request Request, sink Sink) Outcome {
	if k.options.Grading.On() {
		sink, request.Code = gradedSink{sink}, plainComment(request.Code)
	}
	r := k.begin(request.Count, request, sink)
	defer k.end(r)
	defer context.AfterFunc(ctx, func() { r.stop("Interrupted") })()

	k.mu.Lock()
	notice := k.notice
	k.notice = ""
	k.mu.Unlock()
	if notice != "" {
		r.stream("stderr", notice+"\n")
	}

	text, magics, bad := cutMagics(request.Code)
	if bad != nil {
		return Outcome{Error: compileError(r.number, cell.Errors{*bad})}
	}
	var payload []map[string]any
	for _, m := range magics {
		page, err := k.magic(r, m, text)
		if page != nil {
			payload = append(payload, page)
		}
		if err != nil {
			return Outcome{Error: err, Payload: payload}
		}
		if m.takesCell {
			text = ""
		}
	}
	outcome := Outcome{Payload: payload}
	if strings.TrimSpace(text) != "" || len(magics) == 0 {
		outcome.Error = r.evaluate(text, request.Code)
	}
	if outcome.Error == nil {
		r.ran()
	}
	if outcome.Error == nil && len(request.Expressions) > 0 {
		outcome.Expressions = k.expressions(ctx, request, sink)
	}
	r.out.flush()
	return outcome
}

// expressions evaluates user expressions, each as a run of its own.
func (k *Kernel) expressions(ctx context.Context, request Request, sink Sink) map[string]Expression {
	values := make(map[string]Expression, len(request.Expressions))
	names := make([]string, 0, len(request.Expressions))
	for name := range request.Expressions {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		r := k.begin(k.side(), Request{AllowStdin: request.AllowStdin, Silent: request.Silent}, sink)
		stop := context.AfterFunc(ctx, func() { r.stop("Interrupted") })
		data, metadata, err := r.expression(request.Expressions[name])
		stop()
		k.end(r)
		values[name] = Expression{Data: data, Metadata: metadata, Error: err}
	}
	return values
}

// side is a number for what is run beside the cells.
func (k *Kernel) side() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sides++
	return -(1 << 40) - k.sides
}

// Interrupt stops every cell that runs and returns at once.
func (k *Kernel) Interrupt() {
	for _, r := range k.running() {
		if !r.replays {
			r.stop("Interrupted")
		}
	}
}

// running are the cells that are not over, the oldest first.
func (k *Kernel) running() []*run {
	k.mu.Lock()
	var all []*run
	for _, r := range k.cells {
		if !r.isOver() {
			all = append(all, r)
		}
	}
	k.mu.Unlock()
	slices.SortFunc(all, func(a, b *run) int { return a.began.Compare(b.began) })
	return all
}

// begin registers a cell that starts.
func (k *Kernel) begin(number int, request Request, sink Sink) *run {
	r := newRun(k, number, request, sink)
	k.enter(r)
	if limit := k.options.Limits.CellTime; limit > 0 {
		r.timer = time.AfterFunc(limit, func() { r.stop("Timeout") })
	}
	return r
}

func (k *Kernel) enter(r *run) {
	k.mu.Lock()
	k.cells[r.number] = r
	k.last = r
	k.mu.Unlock()
}

// end notes that a cell is over; with goroutines left it stays known.
func (k *Kernel) end(r *run) {
	if r.timer != nil {
		r.timer.Stop()
	}
	live := r.finish()
	r.out.flush()
	if !live {
		k.forget(r)
	}
}

// forget drops a cell of which nothing lives any more.
func (k *Kernel) forget(r *run) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cells[r.number] == r {
		delete(k.cells, r.number)
	}
}

// route is the cell that something with this number belongs to. What comes late,
// or from no cell, goes to the newest.
func (k *Kernel) route(number int) *run {
	k.mu.Lock()
	defer k.mu.Unlock()
	if r := k.cells[number]; r != nil {
		return r
	}
	return k.last
}

// frame takes what a worker sends by itself.
func (k *Kernel) frame(w *worker, m *pipe.Message) {
	if m.Kind == pipe.Done {
		k.memory.Store(m.Memory)
	}
	r := k.route(m.Cell)
	if r == nil {
		return
	}
	own := r.number == m.Cell
	switch m.Kind {
	case pipe.Stream:
		if m.Name != "stderr" {
			m.Name = "stdout"
		}
		r.stream(m.Name, string(m.Body))
	case pipe.Hint:
		r.stream("stderr", strings.TrimRight(m.Text, "\n")+"\n")
	case pipe.Display:
		r.display(m)
	case pipe.Clear:
		if k.options.Grading.On() {
			return // a cell could clear its points away, and none are all to nbgrader
		}
		r.put(1, func() { r.sink.Clear(m.Wait) })
	case pipe.CommOut:
		if k.options.Grading.On() {
			return // nobody is there, and a client that plays widgets lets them take outputs away
		}
		k.commOut(r, m)
	case pipe.Alone:
		others := 0
		for _, o := range k.running() {
			if o != r {
				others++
			}
		}
		go w.tell(&pipe.Message{Kind: pipe.Others, Cell: m.Cell, Seq: m.Seq, Live: others})
	case pipe.Ask:
		r.question(w, m)
	case pipe.Failed:
		if m.Failure != nil {
			r.goroutineFailed(m.Failure)
		}
	case pipe.Done:
		if own {
			r.returned(m.Live)
		}
	case pipe.Ended:
		if own && r.ended() {
			k.forget(r)
		}
	}
}

// text takes what was written to a worker's own streams. It belongs to the newest
// cell that runs, or the newest at all.
func (k *Kernel) text(w *worker, name, text string) {
	var r *run
	if all := k.running(); len(all) > 0 {
		r = all[len(all)-1]
	} else {
		r = k.route(0)
	}
	if r != nil {
		r.stream(name, text)
	}
}

// Processes lists the worker's process.
func (k *Kernel) Processes() []int {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.worker == nil || k.worker.isDead() {
		return nil
	}
	return []int{k.worker.process.Pid}
}

// Memory is how many bytes the worker holds.
func (k *Kernel) Memory() int64 {
	for _, pid := range k.Processes() {
		if n := residentMemory(pid); n > 0 {
			return n
		}
	}
	return k.memory.Load()
}

// Shutdown ends what runs and the worker, the latest when ctx ends.
func (k *Kernel) Shutdown(ctx context.Context) {
	k.mu.Lock()
	first := !k.closed
	k.closed = true
	w := k.worker
	k.mu.Unlock()
	if first {
		k.Interrupt()
	}
	if w == nil {
		return
	}
	if !w.isDead() {
		go w.tell(&pipe.Message{Kind: pipe.Quit})
	}
	patience := time.NewTimer(500 * time.Millisecond)
	defer patience.Stop()
	select {
	case <-w.dead:
	case <-patience.C:
		w.kill(death{Name: "WorkerDied", Text: "the kernel was shut down"})
	case <-ctx.Done():
		w.kill(death{Name: "WorkerDied", Text: "the kernel was shut down"})
	}
	<-w.dead
}
