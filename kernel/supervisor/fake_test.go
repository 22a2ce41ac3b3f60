package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"netsplit/kernel/cell"
	"netsplit/kernel/pipe"
)

// The tests of this package run cells in a small language of their own, so that
// they need neither the Go front end nor the interpreter: a fake front end passes
// the text on, and a fake worker, this test binary started again, does what it
// says. A cell is commands separated by semicolons; see fakeWorker.command.

func TestMain(m *testing.M) {
	if os.Getenv("NETSPLIT_FAKE_WORKER") != "" {
		fakeWorkerMain()
		return
	}
	if path := os.Getenv("NETSPLIT_TEST_HOST"); path != "" {
		hostMain(path)
		return
	}
	dir, err := os.MkdirTemp("", "netsplit-test-")
	if err != nil {
		panic(err)
	}
	realDir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// fakeFront is a front end for that language. "set x" gives x a value, "get x" needs
// it; "bad" is
// what the checker refuses; "refuse" what the interpreter refuses; "let f" is a
// declaration that a new worker needs.
type fakeFront struct {
	mu          sync.Mutex
	definitions []string
	lost        int
}

func (f *fakeFront) Prepare(number int, text string) (*cell.Program, error) {
	if strings.Contains(text, "bad") {
		line := strings.Count(text[:strings.Index(text, "bad")], "\n") + 1
		source := strings.Split(text, "\n")[line-1]
		return nil, cell.Errors{{Line: line, Col: strings.Index(source, "bad") + 1, Message: "undefined: bad", Source: source}}
	}
	p := &cell.Program{Cell: number, Define: []string{text}, Entry: []string{text}}
	for _, m := range regexp.MustCompile(`set (\w+)`).FindAllStringSubmatch(text, -1) {
		p.Vars = append(p.Vars, m[1])
	}
	for _, m := range regexp.MustCompile(`get (\w+)`).FindAllStringSubmatch(text, -1) {
		p.Reads = append(p.Reads, m[1])
	}
	return p, nil
}

func (f *fakeFront) PrepareExpression(number int, text string) (*cell.Program, error) {
	return f.Prepare(number, text)
}

func (f *fakeFront) Commit(p *cell.Program) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, text := range p.Define {
		if strings.HasPrefix(text, "let ") {
			f.definitions = append(f.definitions, text)
		}
	}
}

func (f *fakeFront) Definitions() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.definitions...)
}

func (f *fakeFront) Lose() { f.mu.Lock(); f.lost++; f.mu.Unlock() }

// Locate: position 1000*cell+line.
func (f *fakeFront) Locate(pos int) (cell.Location, bool) {
	if pos <= 0 {
		return cell.Location{}, false
	}
	return cell.Location{Cell: pos / 1000, Line: pos % 1000, Col: 2, Func: "f", Source: "\tf(x)", Caret: 2}, true
}

func (f *fakeFront) Complete(code string, cursor int) Completion {
	return Completion{Start: cursor, End: cursor, Items: []CompletionItem{{Text: code}}}
}

func (f *fakeFront) Inspect(code string, cursor, detail int) Inspection {
	return Inspection{Found: code == "known", Data: map[string]any{"text/plain": code}, Metadata: map[string]any{}}
}

func (f *fakeFront) IsComplete(code string) (string, string) { return "incomplete", "\t" }

// fakeWorker runs cells of the tests' language.
type fakeWorker struct {
	out     *pipe.Writer
	mu      sync.Mutex
	stops   map[int]chan struct{}
	reasons map[int]string
	live    map[int]int
	asks    map[int]chan *pipe.Message
	defined map[string]bool
	handler map[string]bool
	seq     int
}

func fakeWorkerMain() {
	syscall.CloseOnExec(3)
	syscall.CloseOnExec(4)
	w := &fakeWorker{
		out: pipe.NewWriter(os.NewFile(4, "out")), stops: map[int]chan struct{}{}, reasons: map[int]string{},
		live: map[int]int{}, asks: map[int]chan *pipe.Message{}, defined: map[string]bool{}, handler: map[string]bool{},
	}
	if os.Getenv("NETSPLIT_FAKE_WORKER") == "stillborn" {
		os.Exit(9)
	}
	debug.SetMaxStack(4 << 20)
	w.send(&pipe.Message{Kind: pipe.Ready})
	in := pipe.NewReader(os.NewFile(3, "in"))
	for {
		m, err := in.Read()
		if err != nil {
			os.Exit(0)
		}
		switch m.Kind {
		case pipe.Define:
			text := string(m.Body)
			answer := &pipe.Message{Kind: pipe.Defined, Seq: m.Seq}
			if strings.Contains(text, "refuse") {
				answer.Error = "1:1: cannot refuse"
			}
			if strings.Contains(text, "dieindefine") {
				os.Exit(4)
			}
			w.defined[text] = true
			w.send(answer)
		case pipe.Call:
			w.mu.Lock()
			if w.stops[m.Cell] == nil {
				w.stops[m.Cell] = make(chan struct{})
			}
			w.mu.Unlock()
			go w.call(m)
		case pipe.CommIn:
			go func() {
				w.send(&pipe.Message{Kind: pipe.Stream, Cell: m.Cell, Name: "stdout", Body: []byte("comm " + m.Comm.Kind)})
				w.send(&pipe.Message{Kind: pipe.Done, Cell: m.Cell, Seq: m.Seq})
			}()
		case pipe.Interrupt:
			w.mu.Lock()
			if stop := w.stops[m.Cell]; stop != nil && w.reasons[m.Cell] == "" {
				w.reasons[m.Cell] = m.Name
				close(stop)
			}
			w.mu.Unlock()
		case pipe.Input:
			w.mu.Lock()
			w.asks[m.Seq] <- m
			w.mu.Unlock()
		case pipe.List:
			answer := &pipe.Message{Kind: pipe.Goroutines, Seq: m.Seq}
			w.mu.Lock()
			for number, n := range w.live {
				for i := range n {
					answer.List = append(answer.List, pipe.Goroutine{ID: number*10 + i, Cell: number, Pos: number*1000 + 7, State: "sleep"})
				}
			}
			w.mu.Unlock()
			w.send(answer)
		case pipe.Quit:
			os.Exit(0)
		}
	}
}

func (w *fakeWorker) send(m *pipe.Message) { w.out.Write(m) }

func (w *fakeWorker) call(m *pipe.Message) {
	done := &pipe.Message{Kind: pipe.Done, Cell: m.Cell, Seq: m.Seq, Memory: 12345}
	w.script(m.Cell, m.Entry, done)
	w.mu.Lock()
	done.Live = w.live[m.Cell]
	if done.Live == 0 {
		delete(w.stops, m.Cell)
	}
	w.mu.Unlock()
	w.send(done)
}

func (w *fakeWorker) script(number int, text string, done *pipe.Message) {
	w.mu.Lock()
	stop := w.stops[number]
	w.mu.Unlock()
	for part := range strings.SplitSeq(text, ";") {
		name, argument, _ := strings.Cut(strings.TrimSpace(part), " ")
		if failure := w.command(number, name, argument, stop, done); failure != nil {
			done.Failure = failure
			return
		}
	}
}

func (w *fakeWorker) stopped(number int) *pipe.Failure {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &pipe.Failure{Name: w.reasons[number], Text: "stopped", Frames: []pipe.Frame{{Func: "f1", Pos: number*1000 + 1}}}
}

func (w *fakeWorker) command(number int, name, argument string, stop chan struct{}, done *pipe.Message) *pipe.Failure {
	text := func(kind string, s string) {
		w.send(&pipe.Message{Kind: pipe.Stream, Cell: number, Name: kind, Body: []byte(s)})
	}
	switch name {
	case "", "set", "get", "let", "//":
	case "out":
		text("stdout", argument+"\n")
	case "err":
		text("stderr", argument+"\n")
	case "raw1":
		fmt.Fprintln(os.Stdout, argument)
	case "raw2":
		fmt.Fprintln(os.Stderr, argument)
	case "close12":
		os.Stdout.Close()
		os.Stderr.Close()
	case "flood": // bytes
		n, _ := strconv.Atoi(argument)
		piece := []byte(strings.Repeat("0123456789abcde\n", 1<<12))
		for ; n > 0; n -= len(piece) {
			select {
			case <-stop:
				return w.stopped(number)
			default:
			}
			w.send(&pipe.Message{Kind: pipe.Stream, Cell: number, Name: "stdout", Body: piece})
		}
	case "result":
		done.Data = map[string]any{"text/plain": argument}
	case "display":
		w.send(&pipe.Message{Kind: pipe.Display, Cell: number, Data: map[string]any{"text/plain": argument, "n": 1 << 60}, ID: "d"})
	case "clear":
		w.send(&pipe.Message{Kind: pipe.Clear, Cell: number, Wait: true})
	case "hint":
		w.send(&pipe.Message{Kind: pipe.Hint, Cell: number, Text: argument})
	case "env":
		text("stdout", argument+"="+os.Getenv(argument)+"\n")
	case "pid":
		text("stdout", strconv.Itoa(os.Getpid())+"\n")
	case "defined?":
		text("stdout", fmt.Sprint(w.defined["let "+argument])+"\n")
	case "fail":
		name, rest, _ := strings.Cut(argument, " ")
		f := &pipe.Failure{Name: name, Text: rest}
		for i, pos := range []int{number*1000 + 3, 0, 2007} {
			f.Frames = append(f.Frames, pipe.Frame{Func: "f" + strconv.Itoa(i), Pos: pos})
		}
		return f
	case "sleep": // for ever, or milliseconds
		after := make(<-chan time.Time)
		if ms, err := strconv.Atoi(argument); err == nil {
			after = time.After(time.Duration(ms) * time.Millisecond)
		}
		select {
		case <-stop:
			return w.stopped(number)
		case <-after:
		}
	case "stuck":
		select {}
	case "exit":
		code, _ := strconv.Atoi(argument)
		os.Exit(code)
	case "panic":
		go panic(errors.New(argument))
		select {}
	case "overflow":
		go overflow(1)
		select {}
	case "mapwrite": // as the runtime writes it; the race detector would be first
		os.Stderr.WriteString("fatal error: concurrent map writes\n\ngoroutine 7 [running labels:{\"netsplit\": \"" + strconv.Itoa(number) + "\"}]:\n" +
			"internal/runtime/maps.fatal({0x1, 0x2})\n\t/usr/local/go/src/runtime/panic.go:1058 +0x18\n")
		os.Exit(2)
	case "signal":
		n, _ := strconv.Atoi(argument)
		syscall.Kill(os.Getpid(), syscall.Signal(n))
		select {}
	case "closepipe":
		syscall.Close(4)
		select {}
	case "garbage":
		syscall.Write(4, []byte("this is not a frame at all"))
		select {}
	case "child":
		c := exec.Command("sleep", "1000")
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
		if err := c.Start(); err != nil {
			text("stderr", err.Error())
		} else {
			text("stdout", strconv.Itoa(c.Process.Pid)+"\n")
		}
	case "ask":
		w.mu.Lock()
		w.seq++
		seq, answer := w.seq, make(chan *pipe.Message, 1)
		w.asks[seq] = answer
		w.mu.Unlock()
		w.send(&pipe.Message{Kind: pipe.Ask, Cell: number, Seq: seq, Text: argument})
		select {
		case m := <-answer:
			text("stdout", "answer "+m.Text+" "+m.Error+"\n")
		case <-stop:
			return w.stopped(number)
		}
	case "commopen", "commmsg", "commclose":
		w.send(&pipe.Message{Kind: pipe.CommOut, Cell: number, Comm: &pipe.Comm{Kind: name[4:], ID: argument, Target: "t"}})
	case "go": // GO SCRIPT with | for ;
		w.mu.Lock()
		w.live[number]++
		w.mu.Unlock()
		go func() {
			side := &pipe.Message{}
			w.script(number, strings.ReplaceAll(argument, "|", ";"), side)
			if f := side.Failure; f != nil && f.Name == "Panic" {
				w.send(&pipe.Message{Kind: pipe.Failed, Cell: number, Failure: f})
			}
			w.mu.Lock()
			w.live[number]--
			last := w.live[number] == 0
			if last {
				delete(w.live, number)
				delete(w.stops, number)
				delete(w.reasons, number)
			}
			w.mu.Unlock()
			if last {
				w.send(&pipe.Message{Kind: pipe.Ended, Cell: number})
			}
		}()
	default:
		return &pipe.Failure{Name: "Panic", Text: "unknown command " + name}
	}
	return nil
}

func overflow(n int) int {
	if n == 0 {
		return 0
	}
	var big [1 << 12]byte
	big[n%len(big)] = 1
	return overflow(n+1) + int(big[0])
}

// sink records what a cell gives.
type sink struct {
	mu     sync.Mutex
	events []string
	errors []*Error
	input  func(ctx context.Context, prompt string) (string, error)
	slow   chan struct{} // when set, Stream waits for it
	bytes  int
	news   chan struct{}
}

func newSink() *sink { return &sink{news: make(chan struct{}, 1)} }

func (s *sink) add(format string, args ...any) {
	s.mu.Lock()
	s.events = append(s.events, fmt.Sprintf(format, args...))
	s.mu.Unlock()
	select {
	case s.news <- struct{}{}:
	default:
	}
}

func (s *sink) Stream(name, text string) {
	if s.slow != nil {
		<-s.slow
	}
	s.mu.Lock()
	s.bytes += len(text)
	s.mu.Unlock()
	if len(text) > 1000 {
		text = text[:10] + "…"
	}
	s.add("%s %q", name, text)
}
func (s *sink) Display(data, metadata map[string]any, id string, update bool) {
	s.add("display %v %v %s %v", data, metadata, id, update)
}
func (s *sink) Clear(wait bool) { s.add("clear %v", wait) }
func (s *sink) Result(data, metadata map[string]any) {
	s.add("result %v %v", data["text/plain"], metadata)
}
func (s *sink) Error(e *Error) {
	s.mu.Lock()
	s.errors = append(s.errors, e)
	s.mu.Unlock()
	s.add("error %s: %s", e.Name, e.Value)
}
func (s *sink) Comm(c Comm) { s.add("comm %s %s", c.Kind, c.ID) }
func (s *sink) Input(ctx context.Context, prompt string, password bool) (string, error) {
	s.add("input %q", prompt)
	if s.input != nil {
		return s.input(ctx, prompt)
	}
	return "", io.EOF
}

func (s *sink) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.events...)
}

func (s *sink) text() string { return strings.Join(s.all(), "\n") }

// await waits until an event contains want.
func (s *sink) await(t *testing.T, want string) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		if strings.Contains(s.text(), want) {
			return
		}
		select {
		case <-s.news:
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			t.Fatalf("nothing holds %q; there came:\n%s", want, s.text())
		}
	}
}

// kernel is a Kernel under test with its front end.
type kernel struct {
	*Kernel
	t     *testing.T
	front *fakeFront
	count int
	mu    sync.Mutex
	log   []string
}

func startKernel(t *testing.T, change func(*Options)) *kernel {
	t.Helper()
	k := &kernel{t: t, front: &fakeFront{}}
	options := Options{
		Command: []string{os.Args[0]}, Env: []string{"NETSPLIT_FAKE_WORKER=1", "GORACE=atexit_sleep_ms=0"},
		Limits:      Limits{Memory: -1}, // the race detector's own memory would not fit
		NewFrontEnd: func() FrontEnd { return k.front },
		Log:         func(line string) { k.mu.Lock(); k.log = append(k.log, line); k.mu.Unlock() },
	}
	if change != nil {
		change(&options)
	}
	k.Kernel = New(options)
	t.Cleanup(func() {
		k.Shutdown(context.Background())
		if t.Failed() {
			k.mu.Lock()
			t.Logf("log:\n%s", strings.Join(k.log, "\n"))
			k.mu.Unlock()
		}
	})
	return k
}

// run executes a cell with the next number.
func (k *kernel) run(code string) (*sink, Outcome) {
	k.count++
	s := newSink()
	return s, k.Execute(context.Background(), Request{Count: k.count, Code: code, AllowStdin: true}, s)
}

// ok executes a cell that must not fail, and returns what it gave.
func (k *kernel) ok(code string) string {
	k.t.Helper()
	s, o := k.run(code)
	if o.Error != nil {
		k.t.Fatalf("cell %q: %s\n%s", code, o.Error.Name, text(o.Error))
	}
	return s.text()
}

// fails executes a cell that must fail under a name.
func (k *kernel) fails(code, name string) (*Error, *sink) {
	k.t.Helper()
	s, o := k.run(code)
	if o.Error == nil {
		k.t.Fatalf("cell %q did not fail; it gave\n%s", code, s.text())
	}
	if o.Error.Name != name {
		k.t.Fatalf("cell %q: error %s, want %s\n%s", code, o.Error.Name, name, text(o.Error))
	}
	return o.Error, s
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// text is an error's traceback without colours.
func text(e *Error) string { return ansi.ReplaceAllString(strings.Join(e.Traceback, "\n"), "") }

func (k *kernel) pid() string {
	return strings.Trim(strings.TrimPrefix(k.ok("pid"), "stdout "), `"\n`)
}

func mustHold(t *testing.T, what, got string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(got, want) {
			t.Errorf("%s does not hold %q:\n%s", what, want, got)
		}
	}
}
