package supervisor

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The tests of this file run Go cells in the real worker. It is built once for a
// test run, without the race detector: yaegi and the detector do not agree.

var realBinary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(realDir, "netsplit")
	out, err := exec.Command("go", "build", "-o", path, "netsplit/kernel/cmd/netsplit").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

var realDir string

// goKernel is a kernel with the real front end and worker.
func goKernel(t *testing.T, change func(*Options)) *kernel {
	t.Helper()
	path, err := realBinary()
	if err != nil {
		t.Fatal(err)
	}
	return startKernel(t, func(o *Options) {
		o.Command = []string{path, "worker"}
		o.Env = nil
		o.NewFrontEnd = nil
		o.Limits = Limits{Memory: 2 << 30}
		if change != nil {
			change(o)
		}
	})
}

func (k *kernel) workerPid() int {
	k.t.Helper()
	for range 1000 { // a worker that died is being replaced
		if pids := k.Processes(); len(pids) == 1 {
			return pids[0]
		}
		time.Sleep(10 * time.Millisecond)
	}
	k.t.Fatal("there is no worker")
	return 0
}

func TestRealCells(t *testing.T) {
	k := goKernel(t, nil)
	cases := []struct{ code, want string }{
		{"import \"fmt\"\nx := 40\nfmt.Println(\"hello\")\nx + 2", "stdout \"hello\\n\"\nresult 42 map[]"},
		{"func half(n int) float64 { return float64(n) / 2 }\ntype P struct{ X, Y int }\nhalf(x)", "result 20 map[]"},
		{"P{1, 2}", "result {X:1 Y:2} map[]"},
		{"println(\"to stderr\")", `stderr "to stderr\n"`},
		{"display.Show(display.HTML(\"<b>x</b>\"))", "display map[text/html:<b>x</b> text/plain:<b>x</b>] map[]  false"},
		{"", ""},
		{"// nothing", ""},
	}
	for _, c := range cases {
		if got := k.ok(c.code); got != c.want {
			t.Errorf("cell\n%s\ngave\n%s\nwant\n%s", c.code, got, c.want)
		}
	}
	e, _ := k.fails("var a int = \"s\"\nb := undefinedName", "CompileError")
	mustHold(t, "evalue", e.Value, "1:13: cannot use \"s\" (untyped string constant) as int value in variable declaration", "2:6: undefined: undefinedName")
	mustHold(t, "traceback", text(e), "cell [8], 2:6: undefined: undefinedName\n   2 | b := undefinedName\n     |      ^")
}

// What becomes of the worker.
const (
	kept     = "kept"
	replaced = "replaced"
)

// Fault tests 27 and 28: what a cell can do to itself or its worker.
func TestRealDeaths(t *testing.T) {
	cases := []struct {
		name, code, ename, text string
		worker                  string
	}{
		{"panic", `panic("boom")`, "Panic", "1:1: boom", kept},
		{"panic in a function", "g(nil)", "Panic", "invalid memory address or nil pointer dereference (cell [1], 8:", kept},
		{"index", "a := []int{1, 2, 3}\ni := 5\na[i]", "Panic", "3:1: runtime error: index out of range [5] with length 3", kept},
		{"panic in a goroutine", `go func() { panic("in goroutine") }()`, "Panic", "in goroutine", kept},
		{"panic in a timer", "import \"time\"\ntime.AfterFunc(time.Millisecond, func() { panic(\"in timer\") })\ntime.Sleep(time.Second)", "Panic", "in timer", kept},
		{"os.Exit", "import \"os\"\nos.Exit(3)", "Exit", "2:1: the cell called os.Exit(3)", kept},
		{"os.Exit in a goroutine", "import \"os\"\ngo os.Exit(4)\nselect {}", "Exit", "2:4: the cell called os.Exit(4)", kept},
		{"log.Fatal", "import \"log\"\nlog.Fatal(\"no more\")", "Exit", "2:1: the cell called log.Fatal", kept},
		{"recursion", "func r(n int) int { return r(n+1) + 1 }\nr(0)", "StackOverflow", "1:21: stack overflow", kept},
		{"recursion in compiled code", "import \"fmt\"\nb := []any{nil}\nb[0] = b\nfmt.Sprintln(b)", "StackOverflow", "too deeply", replaced},
		{"concurrent map writes", "m := map[int]int{}\nfor range 8 { go func() { for i := 0; ; i++ { m[i%4] = i } }() }\nselect {}", "WorkerDied", "concurrent map", replaced},
		{"deadlock", "c := make(chan int)\n<-c", "Deadlock", "2:1: all goroutines are asleep", kept},
		{"16 GiB", "huge := make([]byte, 16<<30)\nlen(huge)", "OutOfMemory", "1:9: out of memory: make needs 16 GiB", kept},
		{"memory in large pieces", "keep := [][]byte{}\nfor { keep = append(keep, make([]byte, 64<<20)) }", "OutOfMemory", "out of memory", kept},
		{"memory bit by bit", "list := []string{}\nfor { list = append(list, strings.Repeat(\"x\", 1<<20)) }", "OutOfMemory", "out of memory", kept},
		{"kill itself", "import \"syscall\"\nsyscall.Kill(syscall.Getpid(), syscall.SIGKILL)\nfor {}", "WorkerDied", "SIGKILL", replaced},
		{"terminate itself", "import \"syscall\"\nsyscall.Kill(syscall.Getpid(), syscall.SIGTERM)\nfor {}", "WorkerDied", "SIGTERM", replaced},
		{"abort itself", "import \"syscall\"\nsyscall.Kill(syscall.Getpid(), syscall.SIGSEGV)\nfor {}", "", "SIGSEGV", replaced},
		{"close the pipe", "import \"syscall\"\nsyscall.Close(4)\nfor {}", "WorkerDied", "closed its pipe", replaced},
	}
	k := goKernel(t, nil)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			k.count = 0
			k.ok("%reset all")
			k.count = 0
			k.ok("type T struct{ N int }\nfunc (t T) Twice() int { return 2 * t.N }\nconst big = 7\nimport \"strings\"\nfunc g(p *T) int {\n\tn := 1\n\t_ = strings.ToUpper(\"x\")\n\treturn n + p.N\n}")
			k.ok("v := T{21}")
			before := k.workerPid()
			start := time.Now()
			s, o := k.run(c.code)
			took := time.Since(start)
			if o.Error == nil {
				t.Fatalf("no error; it gave\n%s", s.text())
			}
			t.Logf("%s after %v: %s", o.Error.Name, took.Round(time.Millisecond), o.Error.Value)
			if c.ename != "" && o.Error.Name != c.ename {
				t.Errorf("error %s, want %s\n%s", o.Error.Name, c.ename, text(o.Error))
			}
			mustHold(t, "error", o.Error.Value+"\n"+text(o.Error), c.text)
			if dump := s.text() + text(o.Error); strings.Contains(dump, "goroutine 1 ") || strings.Contains(dump, ".go:") {
				t.Errorf("a dump of Go's runtime was shown:\n%s", dump)
			}
			after := k.workerPid()
			if c.worker == kept && after != before || c.worker == replaced && after == before {
				t.Errorf("worker %d before, %d after; want it %s\n%s", before, after, c.worker, text(o.Error))
			}
			if after == before {
				mustHold(t, "value", k.ok("v.Twice()"), "result 42")
				return
			}
			mustHold(t, "traceback", text(o.Error), "The variable v of cell [2] is gone: run that cell again to have it back.")
			mustHold(t, "declarations", k.ok("T{big}.Twice() + len(strings.Repeat(\"a\", 2))"), "result 16")
			k.ok("v = T{5}")
			mustHold(t, "value", k.ok("g(&v)"), "result 6")
		})
	}
}

// Fault test 23: whatever a cell does, an interrupt ends it, and worker and values
// stay. kill names the one shape that costs the worker.
func TestRealInterrupts(t *testing.T) {
	cases := []struct {
		name, code string
		kill       bool
	}{
		{"endless loop", "for {}", false},
		{"loop with work", "for i := 0; ; i++ { before += i & 1 }\n", false},
		{"recursion", "func rec(n int) { for { if n < 50 { rec(n + 1) } } }\nrec(0)", false},
		{"sleep", "import \"time\"\ntime.Sleep(time.Hour)", false},
		{"receive", "c := make(chan int)\ngo func() { for { time.Sleep(time.Hour) } }()\n<-c", false},
		{"send", "d := make(chan int)\ngo func() { time.Sleep(time.Hour) }()\nd <- 1", false},
		{"select {}", "go func() { time.Sleep(time.Hour) }()\nselect {}", false},
		{"WaitGroup", "import \"sync\"\nvar wg sync.WaitGroup\nwg.Go(func() { time.Sleep(time.Hour) })\nwg.Wait()", false},
		{"Mutex", "var mu sync.Mutex\nmu.Lock()\ngo func() { time.Sleep(time.Hour) }()\nmu.Lock()", false},
		{"sort with a spinning comparison", "import \"sort\"\nsort.Slice([]int{3, 1, 2}, func(i, j int) bool { for {} })", false},
		{"tight compiled calls", "import \"strings\"\nfor { strings.Repeat(\"x\", 1000) }", false},
		{"deferred loop", "func df() { defer func() { recover() }(); for {} }\ndf()", false},
		{"goroutine left spinning", "go func() { for {} }()\nfor {}", false},
		{"range over channel", "e := make(chan int)\ngo func() { time.Sleep(time.Hour) }()\nfor range e {}", false},
		{"simulation", "w := sim.New(sim.Seed(1))\nw.Node(\"a\", func(n *sim.Node) { for { n.Sleep(1) } })\nw.Run(1000 * time.Hour)", false},
		{"world of an earlier cell", "world.Run(1000 * time.Hour)", false},
		{"printing", "import \"fmt\"\nfor i := 0; ; i++ { fmt.Println(i) }", false},
		{"compiled call that never returns", "import \"regexp\"\nimport \"net\"\nl, _ := net.Listen(\"tcp\", \"127.0.0.1:0\")\nl.Accept()\n_ = regexp.Compile", true},
	}
	k := goKernel(t, nil)
	k.ok("import (\"time\")\nbefore := 1\n_ = time.Now")
	k.ok("world := sim.New(sim.Seed(1))\nworld.Node(\"a\", func(n *sim.Node) { for { n.Sleep(1) } })")
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			k.ok("before = 1")
			pid := k.workerPid()
			s := newSink()
			k.count++
			ended := make(chan Outcome, 1)
			go func() {
				ended <- k.Execute(context.Background(), Request{Count: k.count, Code: "before = 7\nprintln(\"begun\")\n" + c.code}, s)
			}()
			s.await(t, "begun")
			time.Sleep(50 * time.Millisecond)
			start := time.Now()
			k.Interrupt()
			var o Outcome
			select {
			case o = <-ended:
			case <-time.After(30 * time.Second):
				t.Fatal("the cell did not end")
			}
			took := time.Since(start)
			after := k.workerPid()
			if o.Error == nil {
				t.Fatalf("no error; it gave\n%s", s.text())
			}
			t.Logf("%-35s %s after %6.1f ms, worker %d before, %d after", c.name, o.Error.Name, float64(took.Microseconds())/1000, pid, after)
			if o.Error.Name != "Interrupted" {
				t.Fatalf("error\n%s", text(o.Error))
			}
			if c.kill {
				mustHold(t, "traceback", text(o.Error), "could not be stopped within 1s", "gone")
				k.ok("before = 1")
				return
			}
			if after != pid {
				t.Errorf("the worker was replaced:\n%s", text(o.Error))
				return
			}
			if !strings.Contains(c.code, "before") {
				mustHold(t, "variable assigned before the stop", k.ok("before"), "result 7")
			}
		})
	}
	if got := k.ok("%goroutines"); !strings.Contains(got, "no goroutines") {
		t.Errorf("interrupted cells left\n%s", got)
	}
}

// An interrupt in the moment a cell ends, a hundred times: the worker lives, the
// next cell is not touched.
func TestRealInterruptsAtTheEnd(t *testing.T) {
	k := goKernel(t, nil)
	k.ok("n := 0")
	pid := k.workerPid()
	for i := range 100 {
		var sent sync.WaitGroup
		sent.Go(func() {
			time.Sleep(time.Duration(i*20) * time.Microsecond)
			k.Interrupt()
		})
		if _, o := k.run("n++"); o.Error != nil && o.Error.Name != "Interrupted" {
			t.Fatal(text(o.Error))
		}
		sent.Wait()
		k.ok("n")
	}
	if after := k.workerPid(); after != pid {
		t.Errorf("worker %d became %d", pid, after)
	}
}

func TestRealGoroutines(t *testing.T) {
	k := goKernel(t, nil)
	s, o := k.run("import (\"fmt\"; \"time\")\ngo func() {\n\ttime.Sleep(100 * time.Millisecond)\n\tfmt.Println(\"late\")\n\tpanic(\"later\")\n}()")
	if o.Error != nil {
		t.Fatal(text(o.Error))
	}
	other, _ := k.run("fmt.Println(\"now\")")
	s.await(t, "late")
	s.await(t, "error Panic: 5:2: later")
	if strings.Contains(other.text(), "late") {
		t.Errorf("the late line came to another cell: %s", other.text())
	}
	k.ok("for range 3 {\n\tgo func() { for {} }()\n}")
	got := k.ok("%goroutines")
	if n := strings.Count(got, "[3]"); n != 3 {
		t.Errorf("%d goroutines of cell [3] are listed:\n%s", n, got)
	}
	mustHold(t, "list", got, "go func() { for {} }()")
	mustHold(t, "stop", k.ok("%stop"), "stopped 3 goroutines")
	mustHold(t, "list", k.ok("%goroutines"), "no goroutines")
}

func TestRealInput(t *testing.T) {
	k := goKernel(t, nil)
	s := newSink()
	s.input = func(ctx context.Context, prompt string) (string, error) { return "Ada Lovelace", nil }
	o := k.Execute(context.Background(), Request{Count: 1, AllowStdin: true,
		Code: "import (\"bufio\"; \"fmt\"; \"os\")\nfmt.Print(\"name? \")\nline, err := bufio.NewReader(os.Stdin).ReadString('\\n')\nfmt.Printf(\"%q %v\\n\", line, err)"}, s)
	if o.Error != nil {
		t.Fatal(text(o.Error))
	}
	mustHold(t, "output", s.text(), `"Ada Lovelace\\n\" <nil>`)
	s = newSink()
	s.input = func(ctx context.Context, prompt string) (string, error) {
		go k.Interrupt()
		<-ctx.Done()
		return "", ctx.Err()
	}
	o = k.Execute(context.Background(), Request{Count: 2, AllowStdin: true, Code: "var word string\nfmt.Scanln(&word)"}, s)
	if o.Error == nil || o.Error.Name != "Interrupted" {
		t.Errorf("interrupted question: %+v", o.Error)
	}
	s = newSink()
	o = k.Execute(context.Background(), Request{Count: 3, Code: "_, err = fmt.Scanln(&word)\nerr"}, s)
	if o.Error != nil || !strings.Contains(s.text(), "EOF") {
		t.Errorf("without stdin: %+v %s", o.Error, s.text())
	}
}

func TestRealLimits(t *testing.T) {
	k := goKernel(t, func(o *Options) {
		o.Limits = Limits{Memory: 1 << 30, Output: 1 << 20, Goroutines: 500}
	})
	k.ok("import (\"fmt\"; \"time\"; \"strings\")\nv := 1\n_ = time.Now\n_ = strings.Repeat")
	pid := k.workerPid()
	e, s := k.fails("for { fmt.Println(strings.Repeat(\"x\", 1000)) }", "LimitExceeded")
	mustHold(t, "error", text(e), "1 MiB of output")
	mustHold(t, "output", s.text(), "output cut")
	e, _ = k.fails("for { go func() { time.Sleep(time.Hour) }() }", "LimitExceeded")
	mustHold(t, "error", text(e), "goroutines", "500")
	e, _ = k.fails("keep := [][]byte{}\nfor { keep = append(keep, []byte(strings.Repeat(\"x\", 1<<20))) }", "OutOfMemory")
	mustHold(t, "error", text(e), "1 GiB")
	if after := k.workerPid(); after != pid {
		t.Errorf("worker %d became %d", pid, after)
	}
	mustHold(t, "value", k.ok("v"), "result 1")

	k = goKernel(t, func(o *Options) { o.Limits.CellTime = 100 * time.Millisecond })
	e, _ = k.fails("for {}", "Timeout")
	mustHold(t, "error", text(e), "100ms")
}

// Closing the standard streams does not silence later cells.
func TestRealClosedStreams(t *testing.T) {
	k := goKernel(t, nil)
	k.ok("import (\"fmt\"; \"os\"; \"syscall\")\n_ = syscall.Close")
	for _, code := range []string{"os.Stdout.Close()", "os.Stderr.Close()", "os.Stdin.Close()", "syscall.Close(0); syscall.Close(1); syscall.Close(2)"} {
		k.ok(code)
		got := k.ok("fmt.Println(\"out\"); fmt.Fprintln(os.Stderr, \"err\"); fmt.Fprintln(os.Stdout, \"out2\"); println(\"err2\")")
		mustHold(t, "after "+code, got, "out", "err", "out2", "err2")
	}
}

func TestRealManyPrints(t *testing.T) {
	k := goKernel(t, nil)
	s, o := k.run("import \"fmt\"\nfor i := range 10000 { fmt.Println(i) }")
	if o.Error != nil {
		t.Fatal(text(o.Error))
	}
	if n := len(s.all()); n > 60 {
		t.Errorf("10,000 lines came in %d pieces", n)
	}
	want := 0
	for i := range 10000 {
		want += len(fmt.Sprintln(i))
	}
	if s.bytes != want {
		t.Errorf("%d bytes, want %d", s.bytes, want)
	}
}

func TestRealSubshell(t *testing.T) {
	k := goKernel(t, nil)
	k.ok("import (\"fmt\"; \"time\")\nc := make(chan int)\n_ = time.Now")
	s := newSink()
	ended := make(chan Outcome)
	go func() {
		ended <- k.Execute(context.Background(), Request{Count: 50, Code: "fmt.Println(\"waits\")\n<-c"}, s)
	}()
	s.await(t, "waits")
	mustHold(t, "second cell", k.ok("fmt.Println(\"meanwhile\")\nc <- 42"), "meanwhile")
	if o := <-ended; o.Error != nil {
		t.Fatal(text(o.Error))
	}
	mustHold(t, "first cell", s.text(), "result 42")
}

func TestRealExpressionsAndMagics(t *testing.T) {
	k := goKernel(t, nil)
	s := newSink()
	o := k.Execute(context.Background(), Request{Count: 1, Code: "x := 6", Expressions: map[string]string{"a": "x * 7", "b": "nope", "c": "x = 3"}}, s)
	if o.Error != nil || o.Expressions["a"].Data["text/plain"] != "42" || o.Expressions["b"].Error == nil || o.Expressions["c"].Error == nil {
		t.Errorf("%+v", o)
	}
	mustHold(t, "lowered", k.ok("%lowered\ny := x + 1"), "func cell_")
	k.fails("y", "CompileError")
	mustHold(t, "limits", k.ok("%limits"), "2 GiB", "NETSPLIT_MEMORY", "in use")
	_, o = k.run("%help fmt.Println")
	mustHold(t, "page", fmt.Sprint(o.Payload), "Println")
	c := k.Complete(context.Background(), "é := 1\nstrings.HasPre", 21)
	if len(c.Items) == 0 || c.Items[0].Text != "HasPrefix" || c.Start != 15 || c.End != 21 {
		t.Errorf("completion %+v", c)
	}
	if in := k.Inspect(context.Background(), "fmt.Println", 11, 0); !in.Found {
		t.Errorf("inspection %+v", in)
	}
	if status, _ := k.IsComplete("for {"); status != "incomplete" {
		t.Errorf("for { is %s", status)
	}
}

// Editors are answered while a cell runs.
func TestRealEditorWhileBusy(t *testing.T) {
	k := goKernel(t, nil)
	s := newSink()
	ended := make(chan Outcome)
	go func() {
		ended <- k.Execute(context.Background(), Request{Count: 1, Code: "println(\"busy\")\nfor {}"}, s)
	}()
	s.await(t, "busy")
	if c := k.Complete(context.Background(), "strings.HasPre", 14); len(c.Items) == 0 {
		t.Errorf("completion %+v", c)
	}
	k.Interrupt()
	if o := <-ended; o.Error == nil {
		t.Error("the cell ended well")
	}
}

// Fault test 28, first half: the worker is killed from outside in the middle of a cell.
func TestRealKilledFromOutside(t *testing.T) {
	k := goKernel(t, nil)
	for range 5 {
		s := newSink()
		ended := make(chan Outcome)
		k.count++
		go func() {
			ended <- k.Execute(context.Background(), Request{Count: k.count, Code: "println(\"begun\")\nfor {}"}, s)
		}()
		s.await(t, "begun")
		syscall.Kill(k.workerPid(), syscall.SIGKILL)
		o := <-ended
		if o.Error == nil || o.Error.Name != "WorkerDied" {
			t.Fatalf("outcome %+v", o.Error)
		}
		mustHold(t, "traceback", text(o.Error), "SIGKILL")
		mustHold(t, "next cell", k.ok("6 * 7"), "result 42")
	}
}

// The second half, and of fault test 29: when the kernel process is killed, the
// worker goes, and what cells started in it.
func TestRealWorkerEndsWithItsKernel(t *testing.T) {
	path, err := realBinary()
	if err != nil {
		t.Fatal(err)
	}
	host := exec.Command(os.Args[0])
	host.Env = append(os.Environ(), "NETSPLIT_TEST_HOST="+path)
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	var worker, child int
	_, err = fmt.Fscan(out, &worker, &child)
	host.Process.Kill()
	host.Wait()
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range []int{worker, child} {
		gone := false
		for range 300 {
			if gone = !alive(pid); gone {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if !gone {
			syscall.Kill(pid, syscall.SIGKILL)
			t.Errorf("process %d (worker %d, its child %d) outlived the kernel process by 3 s", pid, worker, child)
		}
	}
}

// alive tells whether a process is there and no zombie that nobody collects.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// hostMain is a kernel process for that test: it tells the ids of its worker and of a
// process that a cell has started, and goes on.
func hostMain(path string) {
	k := New(Options{Command: []string{path, "worker"}})
	s := newSink()
	o := k.Execute(context.Background(), Request{Count: 1,
		Code: "import \"os/exec\"\nc := exec.Command(\"sleep\", \"1000\")\nerr := c.Start()\nif err != nil { panic(err) }\nc.Process.Pid"}, s)
	if o.Error != nil {
		fmt.Println(o.Error.Value)
		return
	}
	fmt.Println(k.Processes()[0], strings.Fields(s.text())[1])
	select {}
}

func TestRealComms(t *testing.T) {
	k := goKernel(t, nil)
	s, o := k.run("import \"netsplit/runtime/host\"\nimport \"fmt\"\nheard := 0\nhost.CommOpen(\"c1\", \"t\", map[string]any{\"a\": 1}, nil, nil, func(e host.CommEvent) {\n\theard++\n\tfmt.Println(\"heard\", e.Kind, e.Data[\"n\"])\n})")
	if o.Error != nil {
		t.Fatal(text(o.Error))
	}
	s.await(t, "comm open c1")
	in := newSink()
	if !k.Comm(context.Background(), Comm{Kind: "msg", ID: "c1", Data: map[string]any{"n": 5}}, in) {
		t.Fatal("the comm is not known")
	}
	mustHold(t, "handler's output", in.text(), "heard msg 5")
	mustHold(t, "value", k.ok("heard"), "result 1")
	if k.Comm(context.Background(), Comm{Kind: "msg", ID: "c2"}, in) {
		t.Error("an unknown comm was taken")
	}
}
