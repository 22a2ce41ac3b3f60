package faults

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"netsplit/kernel/wire"
	"netsplit/kernel/zmq/zmqtest"
)

// shapes are what a cell may be doing when it is interrupted. Each is preceded by the
// assignment kept = N, which must be readable afterwards. replaced marks the single
// compiled call that never returns: it costs the worker.
var shapes = []struct {
	name, setup, code string
	replaced          bool
	process           bool // it waits for another process, which is ended after a while
}{
	{name: "for {}", code: "for {}"},
	{name: "loop that counts", code: "n := 0\nfor { n++ }"},
	{name: "nested loops", code: "for { for i := 0; i < 10; i++ { _ = i } }"},
	{name: "goto", code: "again:\ngoto again"},
	{name: "recursion", code: "func down(n int) int { if n == 0 { return 1 }; return down(n-1) + down(n-1) }\ndown(200)"},
	{name: "mutual recursion of methods", code: "type A struct{}\ntype B struct{}\nfunc (a A) F(n int) { if n > 0 { B{}.G(n - 1); B{}.G(n - 1) } }\nfunc (b B) G(n int) { A{}.F(n) }\nA{}.F(300)"},
	{name: "closure", code: "f := func() { for {} }\nf()"},
	{name: "sleep", code: `import "time"` + "\ntime.Sleep(time.Hour)"},
	{name: "many sleeps", code: `import "time"` + "\nfor { time.Sleep(time.Millisecond) }"},
	{name: "receive", code: "c := make(chan int)\ngo func() { for {} }()\n<-c"},
	{name: "send", code: "c := make(chan int)\ngo func() { for {} }()\nc <- 1"},
	{name: "receive of a struct type", code: "type S struct{ a, b int }\nc := make(chan S)\ngo func() { for {} }()\n<-c"},
	{name: "range over a channel", code: "c := make(chan string)\ngo func() { for {} }()\nfor range c {}"},
	{name: "receive from time.After", code: `import "time"` + "\n<-time.After(time.Hour)"},
	{name: "range over a ticker", code: `import "time"` + "\nfor range time.Tick(time.Millisecond) {}"},
	{name: "context", code: `import ("context"; "time")` + "\nctx, cancel := context.WithTimeout(context.Background(), time.Hour)\ndefer cancel()\n<-ctx.Done()"},
	{name: "nil channel", code: "var c chan int\ngo func() { for {} }()\n<-c"},
	{name: "select {}", code: "go func() { for {} }()\nselect {}"},
	{name: "select", code: "a, b := make(chan int), make(chan int)\ngo func() { for {} }()\nselect { case <-a: case b <- 1: }"},
	{name: "select with default in a loop", code: "a := make(chan int)\nfor { select { case <-a: default: } }"},
	{name: "WaitGroup", code: `import ("sync"; "time")` + "\nvar wg sync.WaitGroup\nfor range 10 { wg.Go(func() { time.Sleep(time.Hour) }) }\nwg.Wait()"},
	{name: "Mutex", code: `import "sync"` + "\nvar mu sync.Mutex\ngo func() { for {} }()\nmu.Lock()\nmu.Lock()"},
	{name: "RWMutex", code: `import "sync"` + "\nvar rw sync.RWMutex\ngo func() { for {} }()\nrw.Lock()\nrw.RLock()"},
	{name: "Cond", code: `import "sync"` + "\ncond := sync.NewCond(&sync.Mutex{})\ngo func() { for {} }()\ncond.L.Lock()\ncond.Wait()"},
	{name: "Locker", code: `import "sync"` + "\nvar l sync.Locker = &sync.Mutex{}\ngo func() { for {} }()\nl.Lock()\nl.Lock()"},
	{name: "embedded Mutex", code: `import "sync"` + "\ntype M struct{ sync.Mutex; n int }\nvar m M\ngo func() { for {} }()\nm.Lock()\nm.Lock()"},
	{name: "input", code: `import "fmt"` + "\nvar s string\nfmt.Scanln(&s)"},
	{name: "bufio.Scanner on os.Stdin", code: `import ("bufio"; "os")` + "\nsc := bufio.NewScanner(os.Stdin)\nfor sc.Scan() {}"},
	{name: "sort with a spinning comparison", code: `import "sort"` + "\nsort.Slice([]int{3, 1, 2}, func(i, j int) bool { for {} })"},
	{name: "slices.SortFunc that spins", code: `import "slices"` + "\nslices.SortFunc([]int{3, 1, 2}, func(a, b int) int { for {} })"},
	{name: "strings.Map that spins", code: `import "strings"` + "\nstrings.Map(func(r rune) rune { for {} }, \"abc\")"},
	{name: "iterator that spins", code: "for range func(yield func(int) bool) { for {} } {}"},
	{name: "tight compiled calls", code: `import "strings"` + "\nfor { strings.Repeat(\"x\", 1000) }"},
	{name: "long compiled calls", code: `import ("slices"; "math/rand")` + "\nfor { slices.Sort(rand.Perm(100_000)) }"},
	{name: "printing", code: `import "fmt"` + "\nfor i := 0; ; i++ { fmt.Println(i) }"},
	{name: "displaying", code: `import "time"` + "\nfor i := 0; ; i++ { display.ShowAs(\"a\", i); time.Sleep(time.Millisecond) }"},
	{name: "appending", code: "var all []int\nfor { all = append(all, 1); if len(all) > 1000 { all = nil } }"},
	{name: "deferred call that recovers", code: "func try() { defer func() { recover(); for {} }(); panic(1) }\ntry()"},
	{name: "loop that recovers", code: "func try() { defer func() { recover() }(); for {} }\nfor { try() }"},
	{name: "goroutine left spinning", code: "go func() { for {} }()\ngo func() { for {} }()\nselect {}"},
	{name: "many goroutines", code: "c := make(chan int)\nfor range 2000 { go func() { for { c <- 1; <-c } }() }\nfor { <-c; c <- 1 }"},
	{name: "once", code: `import "sync"` + "\nvar once sync.Once\nonce.Do(func() { for {} })"},
	{name: "simulation of 10^8 events", code: `import "time"` + "\nworld := sim.New()\nworld.Node(\"a\", func(node *sim.Node) { node.Every(time.Microsecond, func() {}) })\nworld.Run(100 * time.Second)"},
	{name: "process of a simulation that spins", code: `import "time"` + "\nworld := sim.New()\nworld.Node(\"a\", func(node *sim.Node) { node.After(time.Millisecond, func() { for {} }) })\nworld.Run(time.Second)"},
	{
		name:  "world built in an earlier cell",
		setup: `import "time"` + "\nearlier := sim.New()\nearlier.Node(\"a\", func(node *sim.Node) { node.Every(time.Microsecond, func() {}) })",
		code:  `import "time"` + "\nearlier.Run(100 * time.Second)",
	},
	{name: "process that does not end", code: `import "os/exec"` + "\nexec.Command(\"sleep\", \"1000\").Run()", process: true},
	{name: "one compiled call that never returns", code: `import "net"` + "\nl, _ := net.Listen(\"tcp\", \"127.0.0.1:0\")\nl.Accept()", replaced: true},
}

// TestInterrupts is fault test 23.
func TestInterrupts(t *testing.T) {
	p := start(t)
	p.ok("kept := 0")
	interrupts := []string{"message", "SIGINT"}
	slow := 0
	t.Logf("%-40s %-8s %10s %18s %s", "shape", "by", "answered", "worker", "kept")
	for i, s := range shapes {
		how := interrupts[i%2]
		if s.setup != "" {
			p.ok(s.setup)
		}
		before := p.worker()
		m := p.running(fmt.Sprintf("kept = %d\n%s", i+1, s.code))
		if strings.Contains(s.code, "Scan") {
			p.Await(p.Stdin, "input_request", zmqtest.Answers(m))
		}
		time.Sleep(30 * time.Millisecond)
		began := time.Now()
		if how == "message" {
			p.Send(p.Control, "interrupt_request", struct{}{})
		} else {
			p.cmd.Process.Signal(os.Interrupt)
		}
		o := outcomeOf(p.Collect(p.Shell, m))
		took := time.Since(began)
		after := p.worker()
		kept := "gone"
		if after == before {
			kept = p.ok("kept")
		}
		t.Logf("%-40s %-8s %7.1f ms %8d %8d  %s", s.name, how, float64(took.Microseconds())/1000, before, after, kept)
		if took > 200*time.Millisecond && !s.replaced && !s.process {
			slow++
		}
		switch {
		case o.status != "error" || o.ename != "Interrupted":
			t.Errorf("%s: %s", s.name, o)
		case s.replaced && !strings.Contains(o.traceback, "worker process was replaced"):
			t.Errorf("%s: the learner is not told that the worker was replaced\n%s", s.name, o)
		case !s.replaced && after != before:
			t.Errorf("%s: the worker was replaced\n%s", s.name, o)
		case !s.replaced && kept != fmt.Sprint(i+1):
			t.Errorf("%s: the variable assigned before the stop is %s", s.name, kept)
		}
		if after != before {
			p.ok("kept := 0")
		}
	}
	t.Logf("%d of %d shapes took longer than 200 ms", slow, len(shapes)-2)
	if left := p.ok("%goroutines"); !strings.Contains(left, "no goroutines") {
		t.Errorf("interrupted cells left goroutines\n%s", left)
	}
	pid := p.worker()
	used := cpu(pid)
	time.Sleep(time.Second)
	t.Logf("the worker used %v of the next second", cpu(pid)-used)
	if spent := cpu(pid) - used; spent > 500*time.Millisecond {
		t.Errorf("the worker still works: %v of a second", spent)
	}
	p.alive()
}

// A kernel that was started with SIGINT ignored, as by a shell in the background,
// hears it all the same.
func TestInterruptInheritedAsIgnored(t *testing.T) {
	p := startWith(t, options{start: func(file string) *exec.Cmd {
		return exec.Command("sh", "-c", `trap '' INT; exec "$0" kernel -f "$1"`, binaries.kernel, file)
	}})
	m := p.running("for {}")
	p.cmd.Process.Signal(syscall.SIGINT)
	if o := outcomeOf(p.Collect(p.Shell, m)); o.ename != "Interrupted" {
		t.Error(o)
	}
}

// TestInterruptsThatMeetNothing is fault test 24.
func TestInterruptsThatMeetNothing(t *testing.T) {
	p := start(t)
	pid := p.worker()
	p.ok("n := 0")
	for range 50 {
		p.Send(p.Control, "interrupt_request", struct{}{})
		p.cmd.Process.Signal(os.Interrupt)
	}
	p.AskOn(p.Control, "kernel_info_request", struct{}{}) // all are through
	if got := p.ok("n++; n"); got != "1" {
		t.Errorf("after a hundred interrupts at idle: %s", got)
	}
	stopped := 0
	for i := range 100 {
		m := p.Send(p.Shell, "execute_request", cell("n++"))
		p.Await(p.IOPub, "the cell's start", zmqtest.Answers(m))
		time.Sleep(time.Duration(i*20) * time.Microsecond)
		q := p.Send(p.Control, "interrupt_request", struct{}{})
		if o := outcomeOf(p.Collect(p.Shell, m)); o.status == "error" {
			if o.ename != "Interrupted" {
				t.Errorf("in the moment the cell ends: %s", o)
			}
			stopped++
		}
		p.Collect(p.Control, q)
		if o := p.run("n"); o.status != "ok" {
			t.Errorf("the next cell was hit: %s", o)
		}
	}
	t.Logf("%d of 100 cells were stopped, the others were faster", stopped)
	m := p.running(`import "fmt"` + "\nline := fmt.Sprintf(\"%099d\", 0)\nfor range 1_000_000 { fmt.Println(line) }")
	p.AskOn(p.Control, "interrupt_request", struct{}{})
	if o := outcomeOf(p.Collect(p.Shell, m)); o.ename != "Interrupted" && o.status != "ok" {
		t.Errorf("during a print of 100 MB: %s", o)
	}
	if after := p.worker(); after != pid {
		t.Errorf("worker %d, before %d", after, pid)
	}
	p.alive()
}

// A hundred cells in a row are interrupted, by message and by signal, with the same
// worker and its values.
func TestAHundredInterrupts(t *testing.T) {
	p := start(t)
	p.ok("stopped := 0")
	pid := p.worker()
	var worst time.Duration
	for i := range 100 {
		m := p.running("stopped++\n" + shapes[i%4].code)
		began := time.Now()
		if i%2 == 0 {
			p.Send(p.Control, "interrupt_request", struct{}{})
		} else {
			p.cmd.Process.Signal(os.Interrupt)
		}
		if o := outcomeOf(p.Collect(p.Shell, m)); o.ename != "Interrupted" {
			t.Fatalf("interrupt %d: %s", i, o)
		}
		worst = max(worst, time.Since(began))
	}
	t.Logf("100 cells interrupted, each within %v", worst.Round(time.Millisecond/10))
	if got := p.ok("stopped"); got != "100" || p.worker() != pid {
		t.Errorf("afterwards stopped is %s, the worker %d (before %d)", got, p.worker(), pid)
	}
}

// TestControlWhileBusy is fault test 25.
func TestControlWhileBusy(t *testing.T) {
	p := start(t)
	p.running("for { }")
	var worst time.Duration
	for range 20 {
		began := time.Now()
		p.AskOn(p.Control, "kernel_info_request", struct{}{})
		worst = max(worst, time.Since(began))
	}
	t.Logf("kernel_info on control during an endless loop: at most %v", worst.Round(time.Millisecond/10))
	worker := p.worker()
	began := time.Now()
	var reply *wire.Message = p.AskOn(p.Control, "shutdown_request", map[string]any{"restart": false}).Reply
	if zmqtest.Content(reply)["status"] != "ok" {
		t.Errorf("reply %s", reply.Content)
	}
	p.ended()
	t.Logf("gone %v after shutdown_request", time.Since(began).Round(time.Millisecond))
	if err := syscall.Kill(worker, 0); err == nil {
		t.Error("the worker lives on")
	}
}
