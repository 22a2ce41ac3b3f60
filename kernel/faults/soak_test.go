package faults

import (
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"netsplit/kernel/zmq/zmqtest"
)

// TestSoak runs cells of mixed kinds, interrupts some and kills the worker under
// others, for NETSPLIT_SOAK (a duration, 20 s by default) and at least
// NETSPLIT_SOAK_CELLS cells. Every cell must get its reply and its idle, values that
// were not lost must be right, and memory and descriptors must stay flat.
// NETSPLIT_SOAK_SEED makes it another run.
func TestSoak(t *testing.T) {
	length := 20 * time.Second
	if text := os.Getenv("NETSPLIT_SOAK"); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	cells, _ := strconv.Atoi(os.Getenv("NETSPLIT_SOAK_CELLS"))
	p := start(t)
	seed, _ := strconv.ParseInt(os.Getenv("NETSPLIT_SOAK_SEED"), 10, 64)
	random := rand.New(rand.NewSource(seed + 1))
	const setup = `import ("fmt"; "strings"; "sync"; "time"; "errors")
type T struct{ N int }
func (t T) Twice() int { return 2 * t.N }
func fail(n int) error { if n > 0 { return fmt.Errorf("level %d: %w", n, fail(n-1)) }; return errors.New("bottom") }`
	p.ok(setup)
	p.ok("sum := 0")
	sum, n, kills, interrupts := 0, 0, 0, 0
	var files, memory []int
	pid := p.cmd.Process.Pid
	expect := func(code, want string) {
		t.Helper()
		if got := p.ok(code); got != want {
			t.Fatalf("cell %d: %s gives %s, want %s", n, code, got, want)
		}
	}
	began := time.Now()
	for time.Since(began) < length || n < cells {
		n++
		switch k := random.Intn(100); {
		case k < 40:
			sum += n
			expect(fmt.Sprintf("sum += %d; sum", n), fmt.Sprint(sum))
		case k < 50:
			expect(fmt.Sprintf("T{%d}.Twice()", n), fmt.Sprint(2*n))
		case k < 60:
			expect("for i := range 50 { fmt.Println(i, strings.Repeat(\"x\", i)) }; fmt.Println(\"end\"); len(fail(3).Error())", "33")
		case k < 68:
			if o := p.run("undeclared + 1"); o.ename != "CompileError" {
				t.Fatalf("cell %d: %s", n, o)
			}
		case k < 76:
			if o := p.run(`panic(fail(2))`); o.ename != "Panic" {
				t.Fatalf("cell %d: %s", n, o)
			}
		case k < 82:
			expect("{ var wg sync.WaitGroup; c := make(chan int, 8); for i := range 8 { wg.Go(func() { c <- i }) }; wg.Wait(); close(c); s := 0; for v := range c { s += v }; fmt.Print(s) }", "28")
		case k < 85:
			if o := p.run("c := make(chan int); <-c"); o.ename != "Deadlock" {
				t.Fatalf("cell %d: %s", n, o)
			}
		case k < 88:
			expect(fmt.Sprintf("func g%d(n int) int { return n * %d }\ng%d(2)", n%20, n, n%20), fmt.Sprint(2*n))
		case k < 89:
			expect("go func() { for { time.Sleep(time.Millisecond) } }(); 1", "1")
			p.ok("%stop")
		case k < 90:
			if got := p.ok("fmt.Print(strings.Repeat(\"x\", 300_000))"); len(got) != 300_000 {
				t.Fatalf("cell %d: %d bytes of 300,000", n, len(got))
			}
		case k < 91:
			other := p.connect() // somebody looks in
			p.ok("display.Show(display.HTML(\"<b>x</b>\"))")
			other.Close()
		case k < 92:
			id := p.subshell()
			long := p.Send(p.Shell, "execute_request", cell("time.Sleep(20 * time.Millisecond)"))
			if o := outcomeOf(p.Collect(p.Shell, p.inSubshell(id, "6 * 7"))); o.result != "42" {
				t.Fatalf("cell %d in a subshell: %s", n, o)
			}
			p.Collect(p.Shell, long)
			p.AskOn(p.Control, "delete_subshell_request", map[string]any{"subshell_id": id})
		case k < 93:
			expect("world := sim.New(); world.Node(\"a\", func(node *sim.Node) { node.Every(time.Millisecond, func() {}) }); world.Run(time.Second); 3", "3")
		case k < 94:
			p.Ask("complete_request", map[string]any{"code": "strings.Has", "cursor_pos": 11})
			p.AskOn(p.Control, "kernel_info_request", struct{}{})
		case k < 98:
			interrupts++
			code := []string{"for {}", "time.Sleep(time.Hour)", "select {}", "for { fmt.Println(1) }"}[random.Intn(4)]
			m := p.Send(p.Shell, "execute_request", cell(code))
			p.Await(p.IOPub, "busy", zmqtest.Answers(m)) // an interrupt that comes before meets nothing
			time.Sleep(time.Duration(random.Intn(20)) * time.Millisecond)
			q := p.Send(p.Control, "interrupt_request", struct{}{})
			o := outcomeOf(p.Collect(p.Shell, m))
			p.Collect(p.Control, q)
			if o.ename != "Interrupted" && o.ename != "Deadlock" {
				t.Fatalf("cell %d: %s", n, o)
			}
		default:
			kills++
			before := p.worker()
			m := p.Send(p.Shell, "execute_request", cell("println(\"doomed\"); for {}"))
			p.Await(p.IOPub, "output", func(o *message) bool { return o.Header.Type == "stream" })
			syscall.Kill(before, syscall.SIGKILL)
			if o := outcomeOf(p.Collect(p.Shell, m)); o.ename != "WorkerDied" || !strings.Contains(o.traceback, "sum") {
				t.Fatalf("cell %d: %s", n, o)
			}
			p.ok("sum := 0")
			sum = 0
		}
		if n%50 == 0 {
			files = append(files, descriptors(pid))
			memory = append(memory, resident(pid))
		}
	}
	t.Logf("%d cells in %v, %d interrupts, %d workers killed", n, time.Since(began).Round(time.Second), interrupts, kills)
	answered, open := p.audit.cells()
	for end := time.Now().Add(zmqtest.Patience); len(open) > 0 && time.Now().Before(end); answered, open = p.audit.cells() {
		time.Sleep(10 * time.Millisecond) // the other subscriber has not read all yet
	}
	t.Logf("iopub: %d cells had their busy and their idle", answered)
	for _, id := range open {
		t.Errorf("execute_request %s had no busy or no idle", id)
	}
	if len(files) > 4 {
		early := len(files) / 4
		t.Logf("kernel process: descriptors %d, at last %d; memory %d MiB, at last %d MiB", files[early], files[len(files)-1], memory[early], memory[len(memory)-1])
		if files[len(files)-1] > files[early]+8 {
			t.Errorf("descriptors grow: %v", files)
		}
		if memory[len(memory)-1] > memory[early]+48 {
			t.Errorf("memory grows, MiB: %v", memory)
		}
	}
	p.alive()
}
