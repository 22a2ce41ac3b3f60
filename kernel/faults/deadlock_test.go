package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"netsplit/kernel/wire"
	"netsplit/kernel/zmq/zmqtest"
)

const stdImports = `import ("bufio"; "context"; "errors"; "fmt"; "io"; "net"; "net/http"; "os"; "os/signal"; "runtime"; "sort"; "strings"; "sync"; "syscall"; "time")` + "\n"

// TestDeadlocks: what nothing can wake ends, with every goroutine, what it waits for
// and where.
func TestDeadlocks(t *testing.T) {
	p := start(t)
	p.ok(stdImports + "kept := 0\nshared := make(chan int)")
	pid := p.worker()
	for _, c := range []struct {
		name, code string
		lists      []string // in the traceback
	}{
		{"send", "c := make(chan int)\nc <- 1", []string{"chan send", "line 3"}},
		{"receive", "c := make(chan string)\n<-c", []string{"chan receive", "line 3"}},
		{"receive of a cell's type", "type S struct{ n int }\nc := make(chan S, 3)\n<-c", []string{"chan receive", "line 4"}},
		{"full buffer", "c := make(chan int, 2)\nfor i := range 3 {\n\tc <- i\n}", []string{"chan send", "line 4"}},
		{"range over a channel", "c := make(chan int, 1)\nc <- 1\nfor range c {\n}", []string{"chan receive", "line 4"}},
		{"nil channel", "var c chan int\n<-c", []string{"nil chan", "line 3"}},
		{"select {}", "select {}", []string{"select (no cases)", "line 2"}},
		{"select", "a, b := make(chan int), make(chan bool)\nselect {\ncase <-a:\ncase b <- true:\n}", []string{"select", "line 3"}},
		{"Mutex", "var mu sync.Mutex\nmu.Lock()\nmu.Lock()", []string{"sync.Mutex.Lock", "line 4"}},
		{"Mutex cycle", "var a, b sync.Mutex\nvar wg sync.WaitGroup\nwg.Go(func() {\n\ta.Lock()\n\ttime.Sleep(20 * time.Millisecond)\n\tb.Lock()\n})\nwg.Go(func() {\n\tb.Lock()\n\ttime.Sleep(20 * time.Millisecond)\n\ta.Lock()\n})\nwg.Wait()",
			[]string{"sync.Mutex.Lock", "line 7", "line 12", "sync.WaitGroup.Wait", "line 14"}},
		{"RWMutex", "var rw sync.RWMutex\nrw.RLock()\nrw.Lock()", []string{"sync.RWMutex.Lock", "line 4"}},
		{"WaitGroup", "var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()", []string{"sync.WaitGroup.Wait", "line 4"}},
		{"Cond", "cond := sync.NewCond(&sync.Mutex{})\ncond.L.Lock()\ncond.Wait()", []string{"sync.Cond.Wait", "line 4"}},
		{"goroutines that wait for each other", "a, b := make(chan int), make(chan int)\ngo func() {\n\t<-a\n\tb <- 1\n}()\n<-b\na <- 1", []string{"line 4", "line 7"}},
		{"in a function of another cell", "wait()", []string{"cell [2]"}},
		{"in a sort", "c := make(chan bool)\nxs := []int{3, 1, 2}\nsort.Slice(xs, func(i, j int) bool {\n\treturn <-c\n})", []string{"chan receive", "line 5"}},
		{"cancelled context's child without a deadline", "ctx, cancel := context.WithCancel(context.Background())\n_ = cancel\n<-ctx.Done()", []string{"chan receive", "line 4"}},
	} {
		if c.name == "in a function of another cell" {
			p.ok("%reset all")
			p.ok(stdImports + "kept := 0\nfunc wait() {\n\tvar c chan int\n\tc <- 1\n}")
			pid = p.worker()
			c.lists = []string{"line 5"}
		}
		began := time.Now()
		o := p.run("kept++\n" + c.code)
		took := time.Since(began)
		t.Logf("%-45s %s after %v: %s", c.name, o.ename, took.Round(time.Millisecond), o.evalue)
		if o.ename != "Deadlock" {
			t.Errorf("%s: %s", c.name, o)
			continue
		}
		for _, want := range c.lists {
			if !strings.Contains(o.traceback, want) {
				t.Errorf("%s: %q is missing in\n%s", c.name, want, o.traceback)
			}
		}
	}
	if after := p.worker(); after != pid {
		t.Errorf("a deadlock cost the worker")
	}
	if left := p.ok("%goroutines"); !strings.Contains(left, "no goroutines") {
		t.Errorf("deadlocked cells left\n%s", left)
	}
	p.ok("kept")
}

// TestNoFalseDeadlocks: what something may still wake is none.
func TestNoFalseDeadlocks(t *testing.T) {
	p := start(t)
	p.ok(stdImports)
	for _, c := range []struct{ name, code string }{
		{"sleep", "time.Sleep(300 * time.Millisecond)"},
		{"a goroutine that sleeps", "c := make(chan int)\ngo func() { time.Sleep(300 * time.Millisecond); c <- 1 }()\n<-c"},
		{"time.After", "<-time.After(300 * time.Millisecond)"},
		{"select with time.After", "c := make(chan int)\nselect { case <-c: case <-time.After(300 * time.Millisecond): }"},
		{"timer", "<-time.NewTimer(300 * time.Millisecond).C"},
		{"timer set again", "t := time.NewTimer(time.Millisecond)\n<-t.C\nt.Reset(300 * time.Millisecond)\n<-t.C"},
		{"AfterFunc", "c := make(chan int)\ntime.AfterFunc(300*time.Millisecond, func() { c <- 1 })\n<-c"},
		{"AfterFunc set again", "c := make(chan int)\nt := time.AfterFunc(time.Hour, func() { c <- 1 })\nt.Reset(300 * time.Millisecond)\n<-c"},
		{"AfterFunc and WaitGroup", "var wg sync.WaitGroup\nwg.Add(1)\ntime.AfterFunc(300*time.Millisecond, wg.Done)\nwg.Wait()"},
		{"ticker", "t := time.NewTicker(150 * time.Millisecond)\n<-t.C\n<-t.C\nt.Stop()"},
		{"context with a timeout", "ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)\ndefer cancel()\n<-ctx.Done()"},
		{"child of a context with a deadline", "parent, cancel := context.WithDeadline(context.Background(), time.Now().Add(300*time.Millisecond))\ndefer cancel()\nctx, stop := context.WithCancel(parent)\ndefer stop()\n<-ctx.Done()"},
		{"context.AfterFunc", "ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)\ndefer cancel()\nc := make(chan int)\ncontext.AfterFunc(ctx, func() { c <- 1 })\n<-c"},
		{"io.Pipe", "r, w := io.Pipe()\nc := make(chan int)\ngo func() { io.ReadAll(r); c <- 1 }()\ntime.AfterFunc(300*time.Millisecond, func() { w.Close() })\n<-c"},
		{"os.Pipe", "r, w, _ := os.Pipe()\nc := make(chan int)\ngo func() { io.ReadAll(r); c <- 1 }()\ntime.AfterFunc(300*time.Millisecond, func() { w.Close() })\n<-c"},
		{"network", "l, _ := net.Listen(\"tcp\", \"127.0.0.1:0\")\nc := make(chan int)\ngo func() { conn, _ := l.Accept(); conn.Close(); c <- 1 }()\ntime.AfterFunc(300*time.Millisecond, func() { net.Dial(\"tcp\", l.Addr().String()) })\n<-c"},
		{"http", "l, _ := net.Listen(\"tcp\", \"127.0.0.1:0\")\nserved := make(chan int, 1)\ngo http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { time.Sleep(300 * time.Millisecond); served <- 1 }))\ngo http.Get(\"http://\" + l.Addr().String())\n<-served"},
		{"signal", "c := make(chan os.Signal, 1)\nsignal.Notify(c, syscall.SIGUSR1)\ntime.AfterFunc(300*time.Millisecond, func() { syscall.Kill(os.Getpid(), syscall.SIGUSR1) })\n<-c\nsignal.Stop(c)"},
		{"goroutine left by an earlier cell", "early := make(chan int)\ngo func() { time.Sleep(300 * time.Millisecond); early <- 1 }()"},
		{"its receiver", "<-early"},
		{"busy goroutine", "c := make(chan int)\ngo func() { n := 0; for i := 0; i < 3_000_000; i++ { n += i }; c <- n }()\n<-c"},
		{"unbuffered ping-pong", "a, b := make(chan int), make(chan int)\ngo func() { for v := range a { b <- v + 1 }; close(b) }()\nv := 0\nfor range 20000 { a <- v; v = <-b }\nclose(a)"},
		{"Cond", "var mu sync.Mutex\ncond := sync.NewCond(&mu)\nready := false\ngo func() { time.Sleep(300 * time.Millisecond); mu.Lock(); ready = true; mu.Unlock(); cond.Broadcast() }()\nmu.Lock()\nfor !ready { cond.Wait() }\nmu.Unlock()"},
		{"finalizer", "c := make(chan int)\nfunc() { x := new([64]int); runtime.SetFinalizer(x, func(*[64]int) { c <- 1 }) }()\ngo func() { for range 20 { runtime.GC(); time.Sleep(20 * time.Millisecond) } }()\nselect { case <-c: case <-time.After(5 * time.Second): }"},
		{"simulation", "world := sim.New()\nworld.Node(\"a\", func(node *sim.Node) { node.Sleep(time.Second); node.Note(\"awake\") })\nworld.Run(2 * time.Second)"},
	} {
		o := p.run(c.code)
		if o.status != "ok" {
			t.Errorf("%s: %s", c.name, o)
		}
	}
	p.alive()
}

// Another cell may wake the first one: a hint, and no error.
func TestAWaitThatASubshellMayEndIsNoDeadlock(t *testing.T) {
	p := start(t)
	p.ok(stdImports + "c := make(chan int)\nd := make(chan int)")
	id := p.subshell()
	first := p.Send(p.Shell, "execute_request", cell("go func() { time.Sleep(time.Hour) }()\n<-c"))
	second := p.inSubshell(id, "<-d")
	time.Sleep(1500 * time.Millisecond)
	third := p.inSubshell(p.subshell(), "c <- 1\nd <- 2")
	for _, m := range []*wire.Message{third, first, second} {
		if o := outcomeOf(p.Collect(p.Shell, m)); o.status != "ok" {
			t.Errorf("a cell that another one wakes: %s", o)
		}
	}
}

// A cell that waits for what nobody knows of is told so, and goes on.
func TestAHintForWhatNobodyKnows(t *testing.T) {
	p := start(t)
	p.ok(stdImports)
	for _, c := range []struct{ name, code string }{
		{"a server that another goroutine runs", "l, _ := net.Listen(\"tcp\", \"127.0.0.1:0\")\nc := make(chan int)\ngo http.Serve(l, nil)\n<-c"},
		{"a server", "http.ListenAndServe(\"127.0.0.1:0\", nil)"},
		{"io.Pipe", "r, _ := io.Pipe()\nio.ReadAll(r)"},
		{"os.Pipe", "r, w, _ := os.Pipe()\nr.Read(make([]byte, 1))\nw.Close()"},
		{"a connection", "l, _ := net.Listen(\"tcp\", \"127.0.0.1:0\")\nconn, _ := net.Dial(\"tcp\", l.Addr().String())\nconn.Read(make([]byte, 1))"},
		{"a lock inside compiled code", "var once sync.Once\nonce.Do(func() { once.Do(func() {}) })"},
		{"a signal", "c := make(chan os.Signal, 1)\nsignal.Notify(c, syscall.SIGUSR1)\n<-c"},
		{"a channel, while another cell's signal may come", "c := make(chan int)\n<-c"},
	} {
		m := p.Send(p.Shell, "execute_request", cell(c.code))
		hint := p.Await(p.IOPub, "a hint for "+c.name, func(o *wire.Message) bool {
			return o.Header.Type == "stream" && zmqtest.Content(o)["name"] == "stderr" && zmqtest.Answers(m)(o)
		})
		if text, _ := zmqtest.Content(hint)["text"].(string); !strings.Contains(text, "every goroutine of this cell waits") {
			t.Errorf("%s: %q", c.name, text)
		}
		p.Send(p.Control, "interrupt_request", struct{}{})
		if o := outcomeOf(p.Collect(p.Shell, m)); o.ename != "Interrupted" {
			t.Errorf("%s: %s", c.name, o)
		}
	}
}

// What another goroutine logs, without end or to a writer that never returns, keeps no
// cell from running.
func TestLoggingHoldsUpNobody(t *testing.T) {
	p := start(t)
	p.ok(`import "log"` + "\n" + stdImports)
	p.ok(`go func() { for { log.Print("again") } }()`)
	for i := range 20 {
		if o := p.run(fmt.Sprintf("for range 3 {\n}\nfmt.Println(%d)", i)); o.status != "ok" {
			t.Fatalf("beside a goroutine that logs: %s", o)
		}
	}
	p = start(t)
	p.ok(`import "log"` + "\n" + stdImports)
	p.ok("type Stuck struct{}\nfunc (Stuck) Write([]byte) (int, error) { time.Sleep(time.Hour); return 0, nil }\nlog.SetOutput(Stuck{})")
	p.ok(`go log.Print("never"); time.Sleep(50 * time.Millisecond)`)
	p.ok("fmt.Sprint(1 + 1)")
	p.alive()
}
