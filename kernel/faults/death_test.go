package faults

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"netsplit/kernel/zmq/zmqtest"
)

// TestDeaths is fault test 27: whatever a cell does to its process, the learner gets
// one error that names it, declarations are live afterwards, and where the worker was
// replaced the error says which variables are gone.
func TestDeaths(t *testing.T) {
	p := start(t, "NETSPLIT_MEMORY=1GiB", "NETSPLIT_GOROUTINES=20000")
	const setup = `import ("fmt"; "log"; "os"; "strings"; "sync"; "syscall"; "time")
type T struct{ N int }
func (t T) Twice() int { return 2 * t.N }
const big = 7
func g() int { return big + len(strings.Repeat("a", 2)) }`
	p.ok(setup)
	p.ok("v := T{21}")
	kernelMemory, kernelFiles, workerFiles := resident(p.cmd.Process.Pid), descriptors(p.cmd.Process.Pid), descriptors(p.worker())
	t.Logf("%-32s %-14s %10s %-9s %s", "stimulus", "error", "after", "worker", "text")
	for _, c := range []struct {
		name, code string
		enames     string // any of
		keeps      bool   // the worker must be the same afterwards
	}{
		{"panic", `panic("boom")`, "Panic", true},
		{"panic in a goroutine", `go func() { panic("in a goroutine") }(); time.Sleep(time.Hour)`, "Panic", true},
		{"panic in a timer", `time.AfterFunc(time.Millisecond, func() { panic("in a timer") }); time.Sleep(time.Hour)`, "Panic", true},
		{"os.Exit", "os.Exit(3)", "Exit", true},
		{"syscall.Exit", "syscall.Exit(3)", "Exit", true},
		{"log.Fatal", `log.Fatal("no more")`, "Exit", true},
		{"endless recursion", "func r(n int) int { return r(n+1) + 1 }\nr(0)", "StackOverflow", true},
		// It needs 768 MiB in the end: where the limit leaves less, memory ends it.
		{"recursion in compiled code", "b := []any{nil}\nb[0] = b\nfmt.Sprintln(b)", "StackOverflow OutOfMemory", false},
		{"String that prints itself", "type S struct{}\nfunc (s S) String() string { return fmt.Sprint(s) }\nfmt.Println(S{})", "StackOverflow", true},
		{"concurrent map writes", "m := map[int]int{}\nfor range 8 { go func() { for i := 0; ; i++ { m[i%4] = i } }() }\nselect {}", "WorkerDied", false},
		{"16 GB", "len(make([]byte, 16<<30))", "OutOfMemory", true},
		{"16 GB in steps", "func fill() { keep := [][]byte{}; for { keep = append(keep, make([]byte, 16<<20)) } }\nfill()", "OutOfMemory", false},
		{"16 GB in a map", "func fillMap() { m := map[int][]int{}; for i := 0; ; i++ { m[i] = make([]int, 1000); m[i][0] = 1 } }\nfillMap()", "OutOfMemory", false},
		{"fork bomb of goroutines", "var bomb func()\nbomb = func() { go bomb(); go bomb(); select {} }\nbomb()", "LimitExceeded", true},
		{"goroutines without end", "for { go func() { select {} }() }", "LimitExceeded", true},
		{"unlock of an unlocked mutex", "var mu sync.Mutex\nmu.Unlock()", "Panic", true},
		{"kill itself", "syscall.Kill(syscall.Getpid(), syscall.SIGKILL)\nfor {}", "WorkerDied", false},
		{"kill its process group", "syscall.Kill(0, syscall.SIGKILL)\nfor {}", "WorkerDied", false},
		{"stop itself", "syscall.Kill(syscall.Getpid(), syscall.SIGTERM)\nfor {}", "WorkerDied", false},
		{"segmentation fault", "syscall.Kill(syscall.Getpid(), syscall.SIGSEGV)\nfor {}", "WorkerDied Panic", false},
		{"close the pipe", "syscall.Close(3)\nsyscall.Close(4)\nfor {}", "WorkerDied", false},
	} {
		before := p.worker()
		began := time.Now()
		o := p.run("println(\"on the way\")\n" + c.code)
		took := time.Since(began)
		after := p.worker()
		fate := "kept"
		if after != before {
			fate = "replaced"
		}
		t.Logf("%-32s %-14s %7.0f ms %-9s %s", c.name, o.ename, float64(took.Milliseconds()), fate, firstLine(o.evalue))
		if o.status != "error" || !strings.Contains(" "+c.enames+" ", " "+o.ename+" ") {
			t.Errorf("%s: want %s\n%s", c.name, c.enames, o)
		}
		if c.keeps && after != before {
			t.Errorf("%s: the worker was replaced\n%s", c.name, o)
		}
		if !strings.HasPrefix(o.stderr, "on the way\n") {
			t.Errorf("%s: what the cell printed before is gone: %q", c.name, o.stderr)
		}
		errorsSeen := 0
		for _, m := range o.answer.Outputs {
			if m.Header.Type == "error" {
				errorsSeen++
			}
		}
		if errorsSeen != 1 {
			t.Errorf("%s: %d error messages", c.name, errorsSeen)
		}
		if strings.Contains(o.stderr+o.traceback, "goroutine 1 ") {
			t.Errorf("%s: a dump of Go's runtime was shown\n%s", c.name, o)
		}
		if after != before && !strings.Contains(o.traceback, "gone") {
			t.Errorf("%s: the error does not say which variables are gone\n%s", c.name, o)
		}
		if got := p.ok("T{4}.Twice() + g()"); got != "17" {
			t.Errorf("%s: declarations afterwards give %s", c.name, got)
		}
		if after != before {
			p.ok("v := T{21}")
		} else if got := p.ok("v.Twice()"); got != "42" {
			t.Errorf("%s: the variable is %s", c.name, got)
		}
	}
	p.alive()
	p.ok("%reset")
	t.Logf("kernel process: %d MiB before, %d after; descriptors %d and %d; worker's %d and %d",
		kernelMemory, resident(p.cmd.Process.Pid), kernelFiles, descriptors(p.cmd.Process.Pid), workerFiles, descriptors(p.worker()))
	p.level(kernelFiles)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// What a cell closes, later cells have again.
func TestClosedStreams(t *testing.T) {
	p := start(t)
	p.ok(`import ("fmt"; "os"; "syscall"; "log"; "bufio"; "runtime"; "time")`)
	for _, code := range []string{
		"os.Stdout.Close()", "os.Stderr.Close()", "os.Stdin.Close()",
		"syscall.Close(0)", "syscall.Close(1)", "syscall.Close(2)", "for fd := range 3 { syscall.Close(fd) }",
		"os.Stdout = nil", "os.Stderr = nil", "os.Stdin = nil",
		`old := os.Stdout; os.Stdout, _ = os.Open("/dev/null"); os.Stdout.Close(); os.Stdout = old`,
		`f, _ := os.Open("/dev/null"); syscall.Dup2(int(f.Fd()), 1)`,
		`os.NewFile(0, "x").Close(); os.NewFile(1, "x").Close(); os.NewFile(2, "x").Close()`,
		`func() { os.NewFile(1, "x"); os.NewFile(2, "x") }(); runtime.GC(); runtime.GC(); time.Sleep(20 * time.Millisecond)`,
		"syscall.Dup2(0, 1); syscall.Dup2(0, 2)",
		`syscall.Close(1); syscall.Open("/dev/full", os.O_WRONLY, 0)`,
		"os.Stdout.SetDeadline(time.Now()); os.Stderr.SetDeadline(time.Now())",
		"for { if _, err := os.Open(\"/dev/null\"); err != nil { break } }",
	} {
		o := p.run(code)
		t.Logf("%-50s %s %s", code, o.status, o.ename)
		for _, test := range []struct{ code, stdout, stderr string }{
			{`fmt.Println("out")`, "out\n", ""},
			{`fmt.Fprintln(os.Stdout, "out")`, "out\n", ""},
			{`fmt.Fprintln(os.Stderr, "err")`, "", "err\n"},
			{`os.Stdout.WriteString("out\n")`, "out\n", ""},
			{`println("err")`, "", "err\n"},
			{`log.SetFlags(0); log.Print("err")`, "", "err\n"},
			{`syscall.Write(1, []byte("out\n"))`, "out\n", ""},
			{`syscall.Write(2, []byte("err\n"))`, "", "err\n"},
		} {
			o := p.run(test.code)
			if o.status != "ok" || o.stdout != test.stdout || o.stderr != test.stderr {
				t.Errorf("after %s, %s: %s", code, test.code, o)
			}
		}
		m := p.Send(p.Shell, "execute_request", cell("s, _ := bufio.NewReader(os.Stdin).ReadString('\\n'); s"))
		ask := p.Await(p.Stdin, "input_request", zmqtest.Answers(m))
		answer, _ := p.Author.New("input_reply", ask.RawHeader, map[string]any{"value": "Ada"})
		p.SendMessage(p.Stdin, answer)
		if o := outcomeOf(p.Collect(p.Shell, m)); o.result != `Ada`+"\n" {
			t.Errorf("input after %s: %s", code, o)
		}
	}
}

// TestLimits: each limit ends the cell under its own name, and the next one runs.
func TestLimits(t *testing.T) {
	p := start(t, "NETSPLIT_CELL_TIME=30", "NETSPLIT_OUTPUT=1MiB", "NETSPLIT_GOROUTINES=100", "NETSPLIT_MEMORY=512MiB")
	p.ok(`import ("fmt"; "strings"; "time")` + "\nkept := 5")
	for _, c := range []struct{ code, ename, says string }{
		{"for { fmt.Println(strings.Repeat(\"x\", 1000)) }", "LimitExceeded", "NETSPLIT_OUTPUT"},
		{"for { display.Show(strings.Repeat(\"x\", 1000)) }", "LimitExceeded", "NETSPLIT_OUTPUT"},
		{"for range 200 { go func() { select {} }() }\nselect {}", "LimitExceeded", "goroutines"},
		{"len(make([]byte, 1<<30))", "OutOfMemory", "512 MiB"},
		{"all := []string{}\nfor i := 0; ; i++ { all = append(all, strings.Repeat(\"x\", 1<<20)) }", "OutOfMemory", "512 MiB"},
	} {
		before := p.worker()
		o := p.run(c.code)
		t.Logf("%-60s %s: %s (worker kept: %v)", firstLine(c.code), o.ename, firstLine(o.evalue), p.worker() == before)
		if o.ename != c.ename || !strings.Contains(o.evalue+o.traceback, c.says) {
			t.Errorf("%s: want %s\n%s", c.code, c.ename, o)
		}
		if p.worker() != before {
			p.ok("kept := 5")
		}
		if got := p.ok("kept"); got != "5" {
			t.Errorf("afterwards: %s", got)
		}
	}
}

func TestTheLimitOfTime(t *testing.T) {
	p := start(t, "NETSPLIT_CELL_TIME=1")
	p.ok("kept := 5")
	for _, code := range []string{"for {}", "import \"time\"\ntime.Sleep(time.Hour)"} {
		if o := p.run(code); o.ename != "Timeout" || !strings.Contains(o.evalue, "NETSPLIT_CELL_TIME") {
			t.Errorf("%s: %s", code, o)
		}
	}
	if got := p.ok("kept"); got != "5" {
		t.Errorf("afterwards: %s", got)
	}
}

// Limits are flags, too, which win over the environment.
func TestLimitsAsFlags(t *testing.T) {
	p := startWith(t, options{env: []string{"NETSPLIT_OUTPUT=2MiB", "NETSPLIT_GOROUTINES=5"}, start: func(file string) *exec.Cmd {
		return exec.Command(binaries.kernel, "kernel", "-f", file, "--memory", "512MiB", "--goroutines=99", "--cell-time", "77")
	}})
	list := p.ok("%limits")
	t.Logf("%%limits\n%s", list)
	for _, want := range []string{`memory +512 MiB +NETSPLIT_MEMORY +in use: \d+`, `output of a cell +2 MiB`, `goroutines +99`, `time of a cell +1m17s`} {
		if !regexp.MustCompile(want).MatchString(list) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, wrong := range []string{"--memory=lots", "--output=-1", "--goroutines=x", "--cell-time=soon"} {
		said, err := exec.Command(binaries.worker, "kernel", "-f", "nowhere.json", wrong).CombinedOutput()
		if name, _, _ := strings.Cut(wrong, "="); err == nil || strings.Count(string(said), "\n") != 1 || !strings.Contains(string(said), strings.TrimPrefix(name, "-")) {
			t.Errorf("%s: %v, %q", wrong, err, said)
		}
	}
}

// TestGoroutinesAreAccountedFor: what outlives its cell is listed with cell and line,
// speaks and fails in its name, and can be stopped.
func TestGoroutinesAreAccountedFor(t *testing.T) {
	p := start(t)
	p.ok(`import ("fmt"; "time")`)
	started := p.Send(p.Shell, "execute_request", cell("go func() {\n\tfor i := 0; ; i++ {\n\t\tfmt.Println(\"tick\")\n\t\ttime.Sleep(20 * time.Millisecond)\n\t}\n}()\ntrigger := make(chan int)\ngo func() {\n\t<-trigger\n\tpanic(\"late\")\n}()"))
	p.Collect(p.Shell, started)
	p.Await(p.IOPub, "a tick after the end", zmqtest.Answers(started))
	list := p.ok("%goroutines")
	t.Logf("%%goroutines\n%s", list)
	for _, want := range []string{`\[2\] +1 +sleep`, `\[2\] +9 +chan receive`} {
		if !regexp.MustCompile(want).MatchString(list) {
			t.Errorf("%s is missing in the list\n%s", want, list)
		}
	}
	p.ok("trigger <- 1")
	p.Await(p.IOPub, "the failure of the goroutine", func(m *message) bool { return m.Header.Type == "error" && zmqtest.Answers(started)(m) })
	// It ticks while another cell runs, and stops when told so.
	other := p.Send(p.Shell, "execute_request", cell("time.Sleep(200 * time.Millisecond)"))
	p.Await(p.IOPub, "a tick while another cell runs", func(m *message) bool { return m.Header.Type == "stream" && zmqtest.Answers(started)(m) })
	if o := outcomeOf(p.Collect(p.Shell, other)); o.stdout != "" || o.status != "ok" {
		t.Errorf("the other cell: %s", o)
	}
	p.ok("%stop 2")
	if list := p.ok("%goroutines"); !strings.Contains(list, "no goroutines") {
		t.Errorf("after %%stop:\n%s", list)
	}
}
