package faults

import (
	"strings"
	"testing"
	"time"
)

// TestHostileCells: what learners and others have tried. Each ends in the way that is
// written beside it, and the next cells print, know their functions and, where the
// worker was kept, their variables.
func TestHostileCells(t *testing.T) {
	p := start(t, "NETSPLIT_MEMORY=1GiB", "NETSPLIT_GOROUTINES=20000")
	const setup = `import ("bytes"; "errors"; "fmt"; "io"; "net"; "net/http"; "os"; "os/exec"; "reflect"; "runtime"; "runtime/debug"; "strings"; "sync"; "syscall"; "time")
func f() int { return 7 }`
	p.ok(setup)
	p.ok("v := 42")
	files := descriptors(p.cmd.Process.Pid)
	const ok, interrupt = "ok", "Interrupted" // the latter are interrupted when they have begun
	for _, c := range []struct {
		code  string
		ends  string // ok or the names that its error may have
		keeps bool   // the worker
	}{
		{"func init() { select {} }", "Deadlock", true},
		{"runtime.Goexit()", "Exit", true},
		{"runtime.LockOSThread(); runtime.Goexit()", "Exit", true},
		{"go func() { runtime.LockOSThread(); panic(1) }(); select {}", "Panic", true},
		{"debug.SetMaxStack(10_000); func() { var g func(int) int; g = func(n int) int { if n == 0 { return 0 }; return g(n-1) + 1 }; g(5000) }()", ok, true},
		{"debug.SetMaxThreads(3); for range 10 { go func() { runtime.LockOSThread(); time.Sleep(20 * time.Millisecond) }() }; time.Sleep(100 * time.Millisecond)", ok, true},
		{"debug.SetGCPercent(-1); for range 2000 { _ = make([]byte, 1<<20) }; debug.SetGCPercent(100)", ok, true},
		{"debug.SetMemoryLimit(1 << 20); s := 0; for i := range 300 { s += len(make([]byte, i*100)) }; debug.SetMemoryLimit(900 << 20)", ok, true},
		{"runtime.GOMAXPROCS(1); go func() { for {} }(); for {}", interrupt, true},
		{"func() { for range 100 { b := new(bytes.Buffer); runtime.SetFinalizer(b, func(*bytes.Buffer) { panic(\"finalizer\") }) } }(); for range 50 { runtime.GC(); time.Sleep(10 * time.Millisecond) }", "Panic", true},
		{"runtime.SetFinalizer(1, nil)", "Panic", true},
		{"{ pool := sync.Pool{New: func() any { panic(\"pool\") }}; pool.Get() }", "Panic", true},
		{"sync.OnceFunc(func() { panic(\"once\") })()", "Panic", true},
		{"panic(strings.Repeat(\"x\", 10<<20))", "Panic", true},
		{"panic(nil)", "Panic", true},
		{"type E struct{}; func (E) Error() string { panic(\"in Error\") }; panic(E{})", "Panic", true},
		{"type Spin struct{}; func (Spin) String() string { for {} }; Spin{}", interrupt, true},
		{"type SpinError struct{}; func (SpinError) Error() string { for {} }; panic(SpinError{})", interrupt, true},
		{"func() { defer func() { for {} }(); panic(1) }()", interrupt, true},
		{"for { defer func() {}() }", interrupt, true},
		{"for { func() { defer func() { recover() }(); panic(1) }() }", interrupt, true},
		{"func() { defer func() { panic(\"second\") }(); panic(\"first\") }()", "Panic", true},
		{"{ var c chan int; close(c) }", "Panic", true},
		{"{ c := make(chan int); close(c); close(c) }", "Panic", true},
		{"make(chan int, 1<<40)", "OutOfMemory", true},
		{"make([]int, 1<<60)", "Panic", true},
		{"make([]int, -f())", "Panic", true},
		{"strings.Repeat(\"x\", 1<<40)", "OutOfMemory", false},
		{"reflect.MakeSlice(reflect.TypeOf([]int{}), 1<<40, 1<<40)", "OutOfMemory", false},
		{"var huge [1 << 34]byte; len(huge)", "OutOfMemory", false},
		{"m := map[string]any{}; m[\"self\"] = m; fmt.Println(m)", "StackOverflow OutOfMemory", false},
		{"syscall.Kill(os.Getpid(), syscall.SIGSTOP)", ok, true},
		{"syscall.Kill(os.Getpid(), syscall.SIGINT); syscall.Kill(os.Getpid(), syscall.SIGHUP); syscall.Kill(os.Getpid(), syscall.SIGPIPE); time.Sleep(50 * time.Millisecond)", ok, true},
		{"syscall.Kill(os.Getpid(), syscall.SIGQUIT); for {}", "WorkerDied", false},
		{"syscall.Kill(os.Getpid(), syscall.Signal(16)); for {}", "WorkerDied", false},
		{"syscall.Kill(os.Getpid(), syscall.SIGSYS); for {}", "WorkerDied", false},
		{"syscall.Kill(os.Getppid(), syscall.SIGINT); for {}", "Interrupted", true}, // by itself
		{"exec.Command(\"sh\", \"-c\", \"kill -9 $PPID\").Run(); for {}", "WorkerDied", false},
		{"syscall.Exec(\"/bin/sh\", []string{\"sh\", \"-c\", \"exit 0\"}, nil)", "Exit", false},
		{"syscall.Exec(\"/bin/sleep\", []string{\"sleep\", \"1000\"}, nil)", "WorkerDied", false},
		{"exec.Command(\"sleep\", \"1000\").Run()", interrupt, true},
		{"exec.Command(\"tail\", \"-f\", \"/dev/null\").Output()", interrupt, true},
		{"exec.Command(\"sh\", \"-c\", \"trap '' TERM; while :; do sleep 1000; done\").Run()", interrupt, true},
		{"for range 50 { exec.Command(\"sh\", \"-c\", \"sleep 1000 &\").Start() }", ok, true},
		{"syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 0, Max: 0}); os.Open(\"/dev/null\")", ok, true},
		{"syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}); len(make([]byte, 300<<20))", "OutOfMemory", false},
		{"syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{}); fmt.Println(1)", ok, true},
		{"var open []*os.File; for range 3000 { f, err := os.Open(\"/dev/null\"); if err != nil { break }; open = append(open, f) }", ok, true},
		{"for _, f := range open { f.Close() }", ok, true},
		{"for fd := 3; fd < 200; fd++ { syscall.Close(fd) }; for {}", "WorkerDied Panic", false},
		{"d, _ := os.MkdirTemp(\"\", \"x\"); os.Chdir(d); os.RemoveAll(d); os.Getwd()", ok, true},
		{"os.Chdir(\"/\"); os.Setenv(\"GODEBUG\", \"nonsense\"); os.Clearenv(); os.Args = nil", ok, true},
		{"l, err := net.Listen(\"tcp\", \"127.0.0.1:0\"); go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { panic(\"handler\") })); _, err = http.Get(\"http://\" + l.Addr().String()); fmt.Println(err)", ok, true},
		{"again, err := net.Listen(\"tcp\", l.Addr().String()); if err == nil { panic(\"the port is free\") }; _ = again", ok, true},
		{"r, w := io.Pipe(); go func() { w.Write([]byte(\"x\")); w.Close() }(); io.ReadAll(r)", ok, true},
		{"log := []error{}; for range 100_000 { log = append(log, errors.New(\"x\")) }; log", ok, true},
		{"type Ring struct { Next *Ring }; ring := &Ring{}; ring.Next = ring; ring", ok, true},
		{"for i := range 1000 { go func() { for range 10 { fmt.Println(i) } }() }; time.Sleep(100 * time.Millisecond)", ok, true},
		{"fmt.Print(\"\\x00\\xff\\xfe\\x1b[2J\\x1b]0;t\\a\\r\\b\\u2028\\ufeff\")", ok, true},
		{"fmt.Print(strings.Repeat(\"no newline \", 1<<20))", ok, true},
		{"strings.Repeat(\"a result \", 10<<20)", ok, true},
		{"display.Show(display.HTML(strings.Repeat(\"x\", 70<<20)))", "Panic", true},
		{"for i := range 20_000 { display.ShowAs(\"bar\", i) }", ok, true},
		{"syscall.Close(0); syscall.Close(1); syscall.Close(2)", ok, true},
		{"func deep(n int) int { if n == 0 { panic(\"bottom\") }; return deep(n - 1) }; deep(20_000)", "Panic", true},
		{"func init() { panic(\"init\") }", "Panic", true},
	} {
		before := p.worker()
		var o outcome
		began := time.Now()
		if c.ends == interrupt {
			m := p.running(c.code)
			time.Sleep(20 * time.Millisecond)
			began = time.Now()
			p.Send(p.Control, "interrupt_request", struct{}{})
			o = outcomeOf(p.Collect(p.Shell, m))
		} else {
			o = p.run(c.code)
		}
		took := time.Since(began)
		after := p.worker()
		t.Logf("%-80.80s %6d ms  %-7s %s %s", strings.ReplaceAll(c.code, "\n", " "), took.Milliseconds(), map[bool]string{true: "", false: "new"}[before == after], o.ename, tail(firstLine(o.evalue), 90))
		end := o.ename
		if o.status == "ok" {
			end = ok
		}
		if !strings.Contains(" "+c.ends+" ", " "+end+" ") {
			t.Errorf("%s: want %s\n%s", c.code, c.ends, o)
		}
		if c.keeps && before != after {
			t.Errorf("%s: the worker was replaced\n%s", c.code, o)
		}
		if strings.Contains(o.stderr, "runtime stack:") || strings.Contains(o.stderr, "goroutine 1 ") {
			t.Errorf("%s: a dump of Go's runtime was shown\n%s", c.code, o)
		}
		if next := p.run("fmt.Println(\"out\"); println(\"err\"); f()"); next.result != "7" || next.stdout != "out\n" || !strings.HasSuffix(next.stderr, "err\n") {
			t.Errorf("after %s: %s", c.code, next)
		}
		if before != after {
			p.ok("v := 42")
		} else if got := p.ok("v"); got != "42" {
			t.Errorf("after %s: v is %s", c.code, got)
		}
	}
	p.alive()
	p.level(files)
}
