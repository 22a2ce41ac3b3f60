package supervisor

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"netsplit/kernel/pipe"
)

// A worker is one worker process, from its start to its death.
type worker struct {
	process *os.Process
	frames  *pipe.Writer
	to      *os.File // the process's descriptor 3
	from    *os.File // its descriptor 4
	stdout  *tap
	stderr  *tap
	crash   *tap // its descriptor 5, where Go's runtime writes what it dies of
	dump    *dumpFilter
	report  []byte   // what came there
	pending *os.File // descriptor 6: text that it has not sent yet; nil when there is no such file
	streams uint64   // Stream frames that came
	limit   int64    // of its memory; 0 for none
	dying   atomic.Bool
	folder  string // its directory, where that ends with it
	refusal string // once ready is closed: why it must not run cells
	walls   string // which walls stand around it

	ready chan struct{} // closed at its first frame
	dead  chan struct{} // closed when death is known and nothing more will come

	mu      sync.Mutex
	seq     int
	waiting map[int]chan *pipe.Message
	ended   *death // why we ended it, when we did
	death   death  // once dead is closed
}

// workerEvents is what becomes of what a worker gives. The methods are called by
// the worker's own goroutines, in the order of what happened.
type workerEvents interface {
	frame(w *worker, m *pipe.Message)
	text(w *worker, name, text string) // on the process's own stdout and stderr
	died(w *worker)                    // before dead is closed
}

// starter starts processes, from one thread that lives as long as we do.
var starter = sync.OnceValue(func() chan<- func() {
	jobs := make(chan func())
	go func() {
		runtime.LockOSThread()
		for job := range jobs {
			job()
		}
	}()
	return jobs
})

// startWorker starts a process and returns at once; ready is closed when it is.
func startWorker(o Options, events workerEvents) (*worker, error) {
	var files []*os.File
	closeAll := func() {
		for _, f := range files {
			f.Close()
		}
	}
	pair := func() (r, w *os.File, err error) {
		r, w, err = os.Pipe()
		if err == nil {
			files = append(files, r, w)
		}
		return r, w, err
	}
	var ends [5][2]*os.File // to, from, stdout, stderr, crash: read, write
	for i := range ends {
		make := pair
		if o.Grading.On() && i < 2 {
			make = func() (r, w *os.File, err error) {
				if r, w, err = sockets(i == 0); err == nil {
					files = append(files, r, w)
				}
				return r, w, err
			}
		}
		r, w, err := make()
		if err != nil {
			closeAll()
			return nil, fmt.Errorf("start worker: %w", err)
		}
		ends[i] = [2]*os.File{r, w}
	}
	pending, err := pipe.NewPendingFile()
	if err != nil {
		o.Log(err.Error() + "; what a worker prints in the moment of its death may be lost")
	}
	cmd := workerCommand(o.Command)
	cmd.Env = append(append(os.Environ(), o.Limits.environment()...), "GODEBUG="+godebug())
	cmd.Dir = o.Dir
	folder := ""
	if o.Grading.On() {
		if o.Grading.copies() {
			if folder, err = newFolder(cmp.Or(o.Dir, ".")); err != nil {
				closeAll()
				return nil, fmt.Errorf("start worker: %w", err)
			}
			cmd.Dir = folder
		}
		cmd.Env = append(append(o.Limits.environment(), "GODEBUG="+labels), o.Grading.environment()...)
	}
	cmd.Env = append(cmd.Env, o.Env...)
	cmd.Stdout, cmd.Stderr = ends[2][1], ends[3][1]
	cmd.ExtraFiles = []*os.File{ends[0][0], ends[1][1], ends[4][1]}
	if pending != nil {
		cmd.ExtraFiles = append(cmd.ExtraFiles, pending)
	}
	cmd.SysProcAttr = attributes()
	started := make(chan error)
	starter() <- func() { started <- cmd.Start() }
	if err := <-started; err != nil {
		closeAll()
		if pending != nil {
			pending.Close()
		}
		removeFolder(folder)
		return nil, fmt.Errorf("start worker: %w", err)
	}
	if o.Limits.Memory > 0 {
		capMemory(cmd.Process.Pid, o.Limits.Memory+memoryReserve)
	}
	for _, f := range []*os.File{ends[0][0], ends[1][1], ends[2][1], ends[3][1], ends[4][1]} {
		f.Close()
	}
	w := &worker{
		process: cmd.Process,
		to:      ends[0][1],
		from:    ends[1][0],
		frames:  pipe.NewWriter(ends[0][1]),
		pending: pending,
		folder:  folder,
		limit:   o.Limits.Memory,
		ready:   make(chan struct{}),
		dead:    make(chan struct{}),
		waiting: map[int]chan *pipe.Message{},
	}
	w.dump = newDumpFilter(func(text string) { events.text(w, "stderr", text) })
	w.stdout = newTap(ends[2][0], func(text []byte) { events.text(w, "stdout", string(text)) })
	w.crash = newTap(ends[4][0], func(text []byte) {
		if !w.dying.Swap(true) {
			time.AfterFunc(dyingTime, w.killGroup)
		}
		w.report = append(w.report, text[:min(len(text), maxDump-len(w.report))]...)
	})
	w.dump.dying = w.dying.Load
	w.stderr = newTap(ends[3][0], w.dump.write)
	read := make(chan struct{})
	go func() {
		defer close(read)
		w.read(events)
	}()
	go w.watch(read, events)
	if folder != "" {
		go w.watchFolder()
	}
	return w, nil
}

// sockets is a pipe that nobody can open a second time: cells could open the other one
// by its name below /proc/self/fd, which Landlock lets pass, and speak for the worker.
// Ours is the end that is written or the one that is read.
func sockets(written bool) (r, w *os.File, err error) {
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, fmt.Errorf("make a pair of sockets: %w", err)
	}
	ours := fds[0]
	if written {
		ours = fds[1]
	}
	syscall.SetNonblock(ours, true) // for deadlines
	return os.NewFile(uintptr(fds[0]), "frames"), os.NewFile(uintptr(fds[1]), "frames"), nil
}

// dyingTime is how long a worker may take to write what it dies of. The cause and the
// goroutine come first; to walk down a stack of 512 MiB, or to list 100,000
// goroutines, takes seconds, which a learner need not wait for.
const dyingTime = 300 * time.Millisecond

// workerCommand is the command of Options or, without one, this executable. That is
// named in a way that holds when its file was replaced meanwhile: worker and kernel
// must be of one version.
func workerCommand(command []string) *exec.Cmd {
	if len(command) > 0 {
		return exec.Command(command[0], command[1:]...)
	}
	path, err := os.Executable()
	if err != nil {
		path = os.Args[0]
	}
	cmd := exec.Command(path, "worker")
	if _, err := os.Stat(ownExecutable); err == nil {
		cmd.Path, cmd.Err = ownExecutable, nil
	}
	return cmd
}

// memoryReserve is what the worker itself may use beside the limit for cells: its
// symbol tables, stacks of threads, the garbage collector's own records.
const memoryReserve = 256 << 20

const labels = "tracebacklabels=1"

// godebug has a dying worker say whose goroutine was running.
func godebug() string {
	if old := os.Getenv("GODEBUG"); old != "" {
		return old + "," + labels
	}
	return labels
}

func (w *worker) read(events workerEvents) {
	frames := pipe.NewReader(bufio.NewReaderSize(w.from, 64<<10))
	frames.Exact = true
	for first := true; ; first = false {
		m, err := frames.Read()
		if err != nil {
			return
		}
		if m.Kind == pipe.Stream {
			w.streams++
		}
		switch m.Kind {
		case pipe.Ready:
			if first {
				w.refusal = m.Error
				if m.Text != "" {
					w.walls = ", with " + m.Text
				}
				close(w.ready)
			}
		case pipe.Defined, pipe.Done, pipe.Goroutines:
			if m.Kind == pipe.Done {
				events.frame(w, m)
			}
			w.mu.Lock()
			answer := w.waiting[m.Seq]
			delete(w.waiting, m.Seq)
			w.mu.Unlock()
			if answer != nil {
				answer <- m
			}
		default:
			events.frame(w, m)
		}
	}
}

// watch sees the process out. Its pipe ends when it dies; a worker that closed the
// pipe itself is of no use and is ended.
func (w *worker) watch(read <-chan struct{}, events workerEvents) {
	exited := make(chan *os.ProcessState, 1)
	go func() {
		state, _ := w.process.Wait()
		exited <- state
	}()
	go w.carryOn()
	var state *os.ProcessState
	closedItself := false
	select {
	case state = <-exited:
	case <-read:
		select {
		case state = <-exited:
		case <-time.After(100 * time.Millisecond):
			closedItself = true
			w.killGroup()
			state = <-exited
		}
	}
	w.killGroup() // processes that cells started
	select {
	case <-read:
	case <-time.After(300 * time.Millisecond):
		w.from.SetReadDeadline(time.Now())
		<-read
	}
	w.from.Close()
	w.to.Close()
	if w.pending != nil {
		if m := pipe.ReadPending(w.pending, w.streams); m != nil {
			events.frame(w, m)
		}
		w.pending.Close()
	}
	var taps sync.WaitGroup
	for _, t := range []*tap{w.stdout, w.stderr, w.crash} {
		taps.Go(func() { t.end(300 * time.Millisecond) })
	}
	taps.Wait()
	report := w.dump.report()
	d := describeDeath(state, report, string(w.report))
	if d.Name == "WorkerDied" && strings.Contains(d.Text, "SIGSEGV") && w.limit > 0 && peakMemory(state) > w.limit/2 {
		d.Name, d.Text = "OutOfMemory", "out of memory" // so the runtime fails where it does not look for that
	}
	if !isDump(report) { // it only looked like one
		events.text(w, "stderr", report)
	}
	w.mu.Lock()
	switch {
	case w.ended != nil:
		d = *w.ended
	case closedItself:
		d = death{Name: "WorkerDied", Text: "the worker process closed its pipe to the kernel"}
	}
	w.death = d
	w.mu.Unlock()
	if w.folder != "" {
		removeFolder(w.folder)
	}
	events.died(w)
	close(w.dead)
}

// carryOn continues a worker that a cell has stopped: in a notebook nobody else could.
func (w *worker) carryOn() {
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	defer signal.Stop(children)
	for {
		if isStopped(w.process.Pid) {
			syscall.Kill(-w.process.Pid, syscall.SIGCONT)
		}
		select {
		case <-children:
		case <-w.dead:
			return
		}
	}
}

// endProcesses sends a signal to what cells have started. A cell that waits for such
// a process cannot be stopped otherwise.
func (w *worker) endProcesses(s syscall.Signal) {
	if w.isDead() {
		return
	}
	for _, pid := range startedBy(w.process.Pid) {
		syscall.Kill(pid, s)
	}
}

func isDump(report string) bool {
	_, ok := readDump(report)
	return ok
}

// killGroup ends the process and what it started.
func (w *worker) killGroup() {
	syscall.Kill(-w.process.Pid, syscall.SIGKILL)
}

// kill ends the worker because of why.
func (w *worker) kill(why death) {
	why.Ours = true
	w.mu.Lock()
	if w.ended == nil {
		w.ended = &why
	}
	w.mu.Unlock()
	if !w.isDead() {
		w.killGroup()
	}
}

func (w *worker) isDead() bool {
	select {
	case <-w.dead:
		return true
	default:
		return false
	}
}

// isEnding tells whether we are about to end it.
func (w *worker) isEnding() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ended != nil
}

// tell sends a frame that has no answer. A worker that does not take it is dead or
// will be.
func (w *worker) tell(m *pipe.Message) { w.frames.Write(m) }

// ask sends a frame and returns its answer, or nil when the worker died.
func (w *worker) ask(m *pipe.Message) *pipe.Message {
	answer := w.post(m)
	return w.await(answer)
}

// post sends a frame whose answer await takes.
func (w *worker) post(m *pipe.Message) <-chan *pipe.Message {
	answer := make(chan *pipe.Message, 1)
	w.mu.Lock()
	w.seq++
	m.Seq = w.seq
	w.waiting[m.Seq] = answer
	w.mu.Unlock()
	switch err := w.frames.Write(m); {
	case errors.Is(err, pipe.ErrBroken):
		w.stuck(err) // it is dying, most likely; await will notice
	case err != nil: // this frame cannot be sent, others can
		w.mu.Lock()
		delete(w.waiting, m.Seq)
		w.mu.Unlock()
		answer <- &pipe.Message{Kind: pipe.Done, Cell: m.Cell, Error: err.Error(), Failure: &pipe.Failure{Name: "WorkerDied", Text: err.Error()}}
	}
	return answer
}

// stuck ends a worker whose pipe is broken although it lives.
func (w *worker) stuck(err error) {
	time.AfterFunc(200*time.Millisecond, func() {
		w.kill(death{Name: "WorkerDied", Text: "the worker process cannot be reached: " + err.Error()})
	})
}

func (w *worker) await(answer <-chan *pipe.Message) *pipe.Message {
	select {
	case m := <-answer:
		return m
	case <-w.dead:
		select {
		case m := <-answer: // it came before the death
			return m
		default:
			return nil
		}
	}
}

// drain has all been shown that the process wrote to its own streams up to now.
func (w *worker) drain() {
	w.stdout.drain()
	w.stderr.drain()
	w.dump.settle()
}
