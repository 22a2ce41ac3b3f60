package supervisor

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestOutputsComeInProgramOrder(t *testing.T) {
	k := startKernel(t, nil)
	got := k.ok("out a; err b; display p; clear; hint look; result 42")
	want := `stdout "a\n"
stderr "b\n"
display map[n:1152921504606846976 text/plain:p] map[] d false
clear true
stderr "look\n"
result 42 map[]`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What compiled code writes to descriptors 1 and 2 is there before the cell ends.
func TestOwnStreamsAreDrainedBeforeTheEnd(t *testing.T) {
	k := startKernel(t, nil)
	for i := range 50 {
		got := k.ok(fmt.Sprintf("raw1 x%d; raw2 y%d", i, i))
		mustHold(t, "output", got, fmt.Sprintf("x%d", i), fmt.Sprintf("y%d", i))
		if t.Failed() {
			return
		}
	}
}

func TestClosedStreamsDoNotSilenceLaterCells(t *testing.T) {
	k := startKernel(t, nil)
	k.ok("close12")
	mustHold(t, "output", k.ok("out still here"), "still here")
}

// A program that writes what looks like the beginning of a crash is shown all the same.
func TestTextLikeACrashIsShown(t *testing.T) {
	k := startKernel(t, nil)
	mustHold(t, "output", k.ok("raw2 panic: not really; raw2 after"), "not really", "after")
}

func TestCompileErrorsNameEveryPlace(t *testing.T) {
	k := startKernel(t, nil)
	e, _ := k.fails("out a\n  bad", "CompileError")
	if want := "2:3: undefined: bad"; e.Value != want {
		t.Errorf("evalue %q, want %q", e.Value, want)
	}
	want := "CompileError: undefined: bad\n\ncell [1], 2:3: undefined: bad\n   2 |   bad\n     |   ^"
	if text(e) != want {
		t.Errorf("traceback\n%s\nwant\n%s", text(e), want)
	}
}

func TestFailureShowsSourceAndStack(t *testing.T) {
	k := startKernel(t, nil)
	k.ok("out 1")
	k.ok("out 2")
	e, _ := k.fails("fail Panic index out of range", "Panic")
	if want := "3:2: index out of range"; e.Value != want {
		t.Errorf("evalue %q, want %q", e.Value, want)
	}
	want := "Panic: index out of range\n\ncell [3], line 3, column 2, in f:\n   3 | \tf(x)\n     | \t^\ncalled from\n  cell [2], line 7, column 2, in f:  f(x)"
	if got := text(e); got != want {
		t.Errorf("traceback\n%s\nwant\n%s", got, want)
	}
}

func TestInterpreterRefusalTakesNothing(t *testing.T) {
	k := startKernel(t, nil)
	e, _ := k.fails("let g; refuse", "CompileError")
	mustHold(t, "traceback", text(e), "cannot refuse")
	if d := k.front.Definitions(); len(d) != 0 {
		t.Errorf("definitions %q were committed", d)
	}
}

func TestInterruptKeepsTheWorker(t *testing.T) {
	k := startKernel(t, nil)
	before := k.pid()
	s := newSink()
	time.AfterFunc(50*time.Millisecond, k.Interrupt)
	o := k.Execute(context.Background(), Request{Count: 100, Code: "out a; sleep"}, s)
	if o.Error == nil || o.Error.Name != "Interrupted" || o.Error.Value != "1:2: interrupted" {
		t.Fatalf("outcome %+v", o.Error)
	}
	if after := k.pid(); after != before {
		t.Errorf("worker %s became %s", before, after)
	}
}

func TestEndOfContextInterruptsOneCell(t *testing.T) {
	k := startKernel(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	var both sync.WaitGroup
	s1, s2 := newSink(), newSink()
	var o1, o2 Outcome
	both.Go(func() { o1 = k.Execute(ctx, Request{Count: 1, Code: "out a; sleep"}, s1) })
	both.Go(func() {
		o2 = k.Execute(context.Background(), Request{Count: 2, Code: "out b; sleep 300; out end", Subshell: "s"}, s2)
	})
	s1.await(t, "a")
	s2.await(t, "b")
	cancel()
	both.Wait()
	if o1.Error == nil || o1.Error.Name != "Interrupted" {
		t.Errorf("first: %+v, want Interrupted", o1.Error)
	}
	if o2.Error != nil {
		t.Errorf("second: %+v, want none", o2.Error)
	}
}

// What does not stop within the grace costs the worker, and the learner is told.
func TestStuckCellCostsTheWorker(t *testing.T) {
	k := startKernel(t, func(o *Options) { o.Grace = 100 * time.Millisecond })
	k.ok("set x; set y")
	k.ok("let f")
	before := k.pid()
	s := newSink()
	time.AfterFunc(30*time.Millisecond, k.Interrupt)
	o := k.Execute(context.Background(), Request{Count: 10, Code: "set z; stuck"}, s)
	if o.Error == nil || o.Error.Name != "Interrupted" {
		t.Fatalf("outcome %+v", o.Error)
	}
	mustHold(t, "traceback", text(o.Error), "could not be stopped within 100ms", "The variables x and y of cell [1] are gone: run that cell again to have them back.")
	if after := k.pid(); after == before {
		t.Error("the worker is the same")
	}
	mustHold(t, "output", k.ok("defined? f"), "true")
}

func TestInterruptAtIdleChangesNothing(t *testing.T) {
	k := startKernel(t, nil)
	before := k.pid()
	for range 100 {
		k.Interrupt()
	}
	mustHold(t, "output", k.ok("sleep 20; out fine"), "fine")
	if after := k.pid(); after != before {
		t.Errorf("worker %s became %s", before, after)
	}
}

// An interrupt in the very moment a cell ends either meets it or nothing: never
// the next cell.
func TestInterruptNeverHitsTheNextCell(t *testing.T) {
	k := startKernel(t, nil)
	before := k.pid()
	for i := range 60 {
		var sent sync.WaitGroup
		sent.Go(func() {
			time.Sleep(time.Duration(i*40) * time.Microsecond)
			k.Interrupt()
		})
		_, o := k.run("out a")
		if o.Error != nil && o.Error.Name != "Interrupted" {
			t.Fatalf("round %d: %+v", i, o.Error)
		}
		sent.Wait()
		k.ok("out b")
	}
	if after := k.pid(); after != before {
		t.Errorf("worker %s became %s", before, after)
	}
}

func TestDeathsAreNamed(t *testing.T) {
	cases := []struct{ code, name, text string }{
		{"exit 3", "Exit", "exit status 3"},
		{"panic oh no", "Panic", "oh no"},
		{"overflow", "StackOverflow", "calls itself too deeply"},
		{"mapwrite", "WorkerDied", "fatal error: concurrent map writes"},
		{"signal 9", "WorkerDied", "SIGKILL"},
		{"signal 15", "WorkerDied", "SIGTERM"},
		{"closepipe", "WorkerDied", "closed its pipe"},
		{"garbage", "WorkerDied", "closed its pipe"},
	}
	k := startKernel(t, nil)
	for _, c := range cases {
		k.ok("let f")
		k.ok("set x")
		n := k.count
		e, s := k.fails("out before; "+c.code, c.name)
		mustHold(t, c.code, text(e), c.text, fmt.Sprintf("The variable x of cell [%d] is gone: run that cell again to have it back.", n))
		mustHold(t, c.code, s.text(), "before")
		if strings.Contains(s.text(), "goroutine ") || strings.Contains(text(e), ".go:") {
			t.Errorf("%s: a dump of Go's runtime was shown:\n%s\n%s", c.code, s.text(), text(e))
		}
		mustHold(t, c.code+", then", k.ok("defined? f; out next"), "true", "next")
	}
	if k.front.lost != len(cases) {
		t.Errorf("the front end lost its variables %d times, want %d", k.front.lost, len(cases))
	}
}

// Zero values must not pass for those that were lost.
func TestLostVariablesAreRefused(t *testing.T) {
	k := startKernel(t, nil)
	k.ok("set x; set y")
	k.ok("get x")
	k.fails("set z; exit 1", "Exit")
	e, _ := k.fails("out a\nget x; get y", "CompileError")
	mustHold(t, "error", e.Value+"\n"+text(e), "2:5: the value of x was lost with the worker process\n2:12: the value of y was lost", "Run cell [1] again, or give x a new value.")
	e, _ = k.fails("get z", "CompileError")
	mustHold(t, "error", text(e), "Run cell [3] again")
	k.ok("set x")
	k.ok("get x")
	k.fails("get x; get y", "CompileError")
	k.ok("%reset all")
	k.ok("get y")
}

func TestDeathWhileIdle(t *testing.T) {
	k := startKernel(t, nil)
	k.ok("set x")
	pid, _ := strconv.Atoi(k.pid())
	for _, wait := range []time.Duration{0, 300 * time.Millisecond} {
		syscall.Kill(pid, syscall.SIGKILL)
		time.Sleep(wait)
		got := k.ok("out next; set x")
		mustHold(t, "next cell", got, "next", "ended ", "The variable x")
		pid, _ = strconv.Atoi(k.pid())
	}
}

func TestWorkerThatDiesOfADefinitionEndsOneCell(t *testing.T) {
	k := startKernel(t, nil)
	k.fails("dieindefine", "Exit")
	k.ok("out fine")
}

func TestWorkerThatCannotStart(t *testing.T) {
	k := startKernel(t, func(o *Options) { o.Env = []string{"NETSPLIT_FAKE_WORKER=stillborn"} })
	e, _ := k.fails("out a", "WorkerDied")
	mustHold(t, "traceback", text(e), "ended when it started", "exit status 9")
}

// Two cells run; one ends the worker; both are told which.
func TestBothCellsLearnWhoseFaultItWas(t *testing.T) {
	k := startKernel(t, nil)
	var both sync.WaitGroup
	s1, s2 := newSink(), newSink()
	var o1, o2 Outcome
	both.Go(func() { o1 = k.Execute(context.Background(), Request{Count: 1, Code: "out a; sleep"}, s1) })
	s1.await(t, "a")
	both.Go(func() { o2 = k.Execute(context.Background(), Request{Count: 2, Code: "exit 5", Subshell: "s"}, s2) })
	both.Wait()
	if o1.Error == nil || o2.Error == nil {
		t.Fatalf("%+v, %+v", o1.Error, o2.Error)
	}
	mustHold(t, "first", text(o1.Error), "exit status 5")
	mustHold(t, "second", text(o2.Error), "exit status 5")
}

func TestChildrenOfTheWorkerEndWithIt(t *testing.T) {
	k := startKernel(t, nil)
	s, _ := k.run("child")
	pid, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(s.text(), "stdout "), `"\n`))
	if err != nil {
		t.Fatal(s.text())
	}
	k.fails("exit 1", "Exit")
	for range 500 {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d of the cell lives on", pid)
}

func TestGoroutineOutlivesItsCell(t *testing.T) {
	k := startKernel(t, nil)
	s, o := k.run("go sleep 100|out late; out main")
	if o.Error != nil {
		t.Fatal(o.Error)
	}
	s2, _ := k.run("out second")
	s.await(t, "late")
	if strings.Contains(s2.text(), "late") {
		t.Error("the late line came to the second cell")
	}
	for range 1000 {
		k.Kernel.mu.Lock()
		n := len(k.cells)
		k.Kernel.mu.Unlock()
		if n == 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("the cell is kept though its goroutine ended")
}

func TestGoroutineThatFailsFailsItsCell(t *testing.T) {
	k := startKernel(t, nil)
	e, _ := k.fails("go fail Panic boom; out main", "Panic")
	mustHold(t, "traceback", text(e), "boom", "in a goroutine of cell [1]")
	s, o := k.run("go sleep 200|fail Panic later")
	if o.Error != nil {
		t.Fatal(text(o.Error))
	}
	s.await(t, "error Panic: 3:2: later")
	e, _ = k.fails("go fail Panic boom; sleep 50; fail Deadlock all wait", "Panic")
	mustHold(t, "traceback", text(e), "boom", "waited in vain: all wait")
}

func TestInput(t *testing.T) {
	k := startKernel(t, nil)
	s := newSink()
	s.input = func(ctx context.Context, prompt string) (string, error) { return "Ada\n", nil }
	k.Execute(context.Background(), Request{Count: 1, Code: "out before; ask name?", AllowStdin: true}, s)
	if got, want := s.text(), "stdout \"before\\n\"\ninput \"name?\"\nstdout \"answer Ada \\n\""; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s = newSink()
	k.Execute(context.Background(), Request{Count: 2, Code: "ask name?"}, s)
	if got, want := s.text(), `stdout "answer  EOF\n"`; got != want {
		t.Errorf("without stdin: got\n%s\nwant\n%s", got, want)
	}
	s = newSink()
	s.input = func(ctx context.Context, prompt string) (string, error) {
		k.Interrupt()
		<-ctx.Done()
		return "", ctx.Err()
	}
	o := k.Execute(context.Background(), Request{Count: 3, Code: "ask name?", AllowStdin: true}, s)
	if o.Error == nil || o.Error.Name != "Interrupted" {
		t.Errorf("interrupted question: %+v", o.Error)
	}
}

func TestComms(t *testing.T) {
	k := startKernel(t, nil)
	s, _ := k.run("commopen c1; commmsg c1")
	mustHold(t, "output", s.text(), "comm open c1", "comm msg c1")
	in := newSink()
	if !k.Comm(context.Background(), Comm{Kind: "msg", ID: "c1"}, in) {
		t.Error("the comm is not known")
	}
	mustHold(t, "handler's output", in.text(), "comm msg")
	if k.Comm(context.Background(), Comm{Kind: "msg", ID: "c2"}, in) || k.Comm(context.Background(), Comm{Kind: "open", ID: "c3", Target: "t"}, in) {
		t.Error("a comm that nobody opened was taken")
	}
	s, _ = k.run("exit 1")
	s.await(t, "comm close c1")
	if k.Comm(context.Background(), Comm{Kind: "msg", ID: "c1"}, in) {
		t.Error("the comm outlived its worker")
	}
}

func TestUserExpressions(t *testing.T) {
	k := startKernel(t, nil)
	s := newSink()
	o := k.Execute(context.Background(), Request{Count: 1, Code: "out a", Expressions: map[string]string{"x": "result 7", "y": "bad", "z": "fail Panic p"}}, s)
	if o.Error != nil || o.Expressions["x"].Data["text/plain"] != "7" || o.Expressions["y"].Error == nil || o.Expressions["z"].Error.Name != "Panic" {
		t.Errorf("got %+v", o)
	}
	o = k.Execute(context.Background(), Request{Count: 2, Code: "fail Panic p", Expressions: map[string]string{"x": "result 7"}}, s)
	if o.Error == nil || o.Expressions != nil {
		t.Errorf("after a failure: %+v", o)
	}
}

func TestSilentCellsGiveNothing(t *testing.T) {
	k := startKernel(t, nil)
	s := newSink()
	o := k.Execute(context.Background(), Request{Count: -1, Code: "out a; display b; result 1", Silent: true}, s)
	if o.Error != nil || s.text() != "" {
		t.Errorf("%+v, %s", o.Error, s.text())
	}
	o = k.Execute(context.Background(), Request{Count: -2, Code: "bad", Silent: true}, s)
	if o.Error == nil || strings.Contains(text(o.Error), "[-2]") || !strings.Contains(text(o.Error), "this cell") {
		t.Errorf("%+v", o.Error)
	}
}

func TestLimitOfOutput(t *testing.T) {
	k := startKernel(t, func(o *Options) { o.Limits.Output = 1 << 20 })
	before := k.pid()
	e, s := k.fails("flood 1000000000", "LimitExceeded")
	mustHold(t, "traceback", text(e), "1 MiB", "NETSPLIT_OUTPUT")
	mustHold(t, "output", s.text(), "output cut: more than 1 MiB")
	if n := strings.Count(s.text(), "output cut"); n != 1 {
		t.Errorf("%d lines say so", n)
	}
	if s.bytes > 1<<20+100 {
		t.Errorf("%d bytes came through", s.bytes)
	}
	k.ok("flood 500000")
	if after := k.pid(); after != before {
		t.Errorf("worker %s became %s", before, after)
	}
	s, o := k.run("go flood 1000000000")
	if o.Error == nil { // cut after the cell's end
		s.await(t, "error LimitExceeded")
	}
}

func TestLimitOfTime(t *testing.T) {
	k := startKernel(t, func(o *Options) { o.Limits.CellTime = 100 * time.Millisecond })
	e, _ := k.fails("sleep", "Timeout")
	mustHold(t, "traceback", text(e), "longer than 100ms", "NETSPLIT_CELL_TIME")
	k.ok("out fine")
}

func TestWorkerLearnsTheLimits(t *testing.T) {
	k := startKernel(t, func(o *Options) {
		o.Limits = Limits{Memory: -1, Output: 5000, Goroutines: 77, CellTime: 90 * time.Second}
	})
	mustHold(t, "environment", k.ok("env NETSPLIT_MEMORY; env NETSPLIT_OUTPUT; env NETSPLIT_GOROUTINES; env NETSPLIT_CELL_TIME"),
		"NETSPLIT_MEMORY=0", "NETSPLIT_OUTPUT=5000", "NETSPLIT_GOROUTINES=77", "NETSPLIT_CELL_TIME=90")
}

// A front end that does not take text makes the worker wait, not the memory grow;
// other cells go on; an interrupt frees all.
func TestSlowSinkHoldsOnlyItsCell(t *testing.T) {
	k := startKernel(t, func(o *Options) { o.Limits.Output = -1 })
	slow := newSink()
	slow.slow = make(chan struct{})
	ended := make(chan Outcome)
	go func() {
		ended <- k.Execute(context.Background(), Request{Count: 500, Code: "flood 8000000"}, slow)
	}()
	mustHold(t, "another cell", k.ok("sleep 50; out quick"), "quick")
	k.Interrupt()
	close(slow.slow)
	o := <-ended
	if o.Error != nil && o.Error.Name != "Interrupted" {
		t.Errorf("outcome %+v", o.Error)
	}
}

func TestShutdownEndsAll(t *testing.T) {
	k := startKernel(t, nil)
	s := newSink()
	ended := make(chan Outcome)
	go func() { ended <- k.Execute(context.Background(), Request{Count: 1, Code: "out a; stuck"}, s) }()
	s.await(t, "a")
	pid := k.Processes()[0]
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	k.Shutdown(ctx)
	o := <-ended
	if o.Error == nil {
		t.Error("the cell ended well")
	}
	if err := syscall.Kill(pid, 0); err == nil {
		t.Errorf("worker %d lives", pid)
	}
	if _, o := k.run("out b"); o.Error == nil {
		t.Error("a cell ran after the shutdown")
	}
}

func TestWorkerIsThisExecutable(t *testing.T) {
	k := startKernel(t, func(o *Options) { o.Command = nil })
	mustHold(t, "output", k.ok("out from the worker"), "from the worker")
}

// 30 workers later, descriptors are what they were.
func TestNothingLeaks(t *testing.T) {
	k := startKernel(t, nil)
	k.fails("exit 1", "Exit")
	k.ok("out a")
	files := func() int { list, _ := os.ReadDir("/proc/self/fd"); return len(list) }
	before := files()
	for range 30 {
		k.fails("exit 1", "Exit")
	}
	k.ok("out a")
	after := 0
	for range 200 {
		if after = files(); after <= before+2 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d descriptors became %d", before, after)
}
