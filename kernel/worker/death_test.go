package worker

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"netsplit/kernel/pipe"
)

func TestRecursionEndsTheCellOnly(t *testing.T) {
	p := start(t)
	got := p.run(1, rtImport+`
var w_f = false
var _ = rt.Fn("f", &w_f, nil)
func f(n int) int { if w_f { rt.Hit() }; return f(n + 1) + 1 }
func cell_1() []any { return []any{f(0)} }
`)
	if !strings.HasPrefix(got, "!! StackOverflow: ") {
		t.Error(got)
	}
	if got := p.run(2, `func cell_2() []any { return []any{"alive"} }`); got != "=> alive" {
		t.Error(got)
	}
}

func TestMemoryEndsTheCellOnly(t *testing.T) {
	p := start(t, "NETSPLIT_MEMORY=300000000")
	got := p.run(1, rtImport+`
var w_f = false
var _ = rt.Fn("f", &w_f, nil)
var kept = new([][]byte)
func f() { for { if w_f { rt.Hit() }; *kept = append(*kept, make([]byte, 100000)) } }
func cell_1() []any { f(); return nil }
`)
	if got != "!! OutOfMemory: out of memory: the limit is 286 MiB" {
		t.Error(got)
	}
	if got := p.run(2, `func cell_2() []any { *kept = nil; return []any{"alive"} }`); got != "=> alive" {
		t.Error(got)
	}
}

func TestTheLearnerIsToldThatTheWorkerHasGrown(t *testing.T) {
	p := start(t, "NETSPLIT_MEMORY=2000000000")
	grow := `import p_runtime "runtime"
var keptN = new([]byte)
func cell_N() []any { *keptN = make([]byte, 300000000); p_runtime.GC(); return nil }
`
	const offer = "%reset takes a fresh one"
	for i, want := range []bool{true, false, true} { // at 286 MiB, and at twice that
		n := fmt.Sprint(i + 1)
		p.define(strings.ReplaceAll(grow, "N", n))
		p.call(i+1, "cell_"+n)
		told := strings.Contains(p.until(pipe.Done).log, offer)
		if told != want {
			t.Errorf("cell %d: told %v, want %v", i+1, told, want)
		}
	}
}

func TestAMakeThatDoesNotFitEndsTheCellOnly(t *testing.T) {
	p := start(t, "NETSPLIT_MEMORY=1000000000")
	got := p.run(1, rtImport+`func cell_1() []any { rt.MakeSlice(5, 16<<30, 16<<30, []byte(nil)); return []any{make([]byte, 16<<30)} }`)
	if got != "!! OutOfMemory: out of memory: make needs 16 GiB; the limit is 954 MiB" {
		t.Error(got)
	}
	if got := p.run(2, rtImport+`func cell_2() []any { rt.MakeSlice(5, 1<<20, 1<<20, []byte(nil)); return []any{"alive"} }`); got != "=> alive" {
		t.Error(got)
	}
}

func TestGoroutineLimitEndsTheCellOnly(t *testing.T) {
	p := start(t, "NETSPLIT_GOROUTINES=1000")
	got := p.run(1, rtImport+`
var w_f = false
var _ = rt.Fn("f", &w_f, nil)
func k() func() { return func() { f() } }
func f() { for { if w_f { rt.Hit() }; rt.Go(1, k()) } }
func cell_1() []any { f(); return nil }
`)
	if got != "!! LimitExceeded: too many goroutines: the limit is 1000" {
		t.Error(got)
	}
	if got := p.run(2, `func cell_2() []any { return []any{"alive"} }`); got != "=> alive" {
		t.Error(got)
	}
}

// What Go cannot recover from ends the process, and its stderr says why.
func TestDeath(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"concurrent map writes", `import p_sync "sync"
func k(m map[int]int, wg *p_sync.WaitGroup) func() { return func() { for i := 0; i < 10000000; i++ { m[i] = i } } }
func cell_1() []any {
	m := map[int]int{}
	wg := new(p_sync.WaitGroup)
	for i := 0; i < 4; i++ { wg.Go(k(m, wg)) }
	wg.Wait()
	return nil
}`, "concurrent map"},
		{"a panic in a goroutine of compiled code", `import p_sync "sync"
func k() func() { return func() { var p *int; *p = 1 } }
func cell_1() []any { wg := new(p_sync.WaitGroup); wg.Go(k()); wg.Wait(); return nil }`, "panic"},
		{"recursion within compiled code", `import p_fmt "fmt"
func cell_1() []any { a := make([]any, 1); a[0] = a; p_fmt.Println(a); return nil }`, "stack overflow"},
		{"a kill from inside", `import p_syscall "syscall"
func cell_1() []any { p_syscall.Kill(p_syscall.Getpid(), p_syscall.Signal(9)); return nil }`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := start(t)
			p.define(c.text)
			p.call(1, "cell_1")
			deadline := time.After(patience)
			for {
				select {
				case m, ok := <-p.frames:
					if ok {
						if m.Kind == pipe.Done {
							t.Fatalf("the cell ended: %+v", m)
						}
						continue
					}
					if p.exit == nil || !strings.Contains(p.stderr.String(), c.want) {
						t.Errorf("exit %v, stderr does not name %q:\n%s", p.exit, c.want, p.stderr.String())
					}
					return
				case <-deadline:
					t.Fatal("the worker lives on")
				}
			}
		})
	}
}

func TestEndOfThePipeEndsTheProcessGroup(t *testing.T) {
	p := start(t)
	p.define(`import p_exec "os/exec"
func cell_1() []any {
	cmd := p_exec.Command("sleep", "1000")
	err := cmd.Start()
	return []any{err}
}`)
	p.call(1, "cell_1")
	if got := form(p.until(pipe.Done)); got != "=> <nil>" {
		t.Fatal(got)
	}
	p.to.Close()
	for range p.frames {
	}
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if syscall.Kill(-p.cmd.Process.Pid, 0) != nil {
			return // nobody is left in the group
		}
		if time.Now().After(end) {
			t.Fatal("a process of a cell outlives the kernel")
		}
	}
}

func TestQuit(t *testing.T) {
	p := start(t)
	p.send(&pipe.Message{Kind: pipe.Quit})
	for range p.frames {
	}
	if p.exit != nil {
		t.Errorf("exit: %v", p.exit)
	}
}
