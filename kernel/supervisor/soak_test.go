package supervisor

import (
	"context"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Cells of all kinds in three subshells at once, with interrupts and kills in
// between: every cell comes to an end, and nothing is left over. NETSPLIT_SOAK is
// for how many seconds (5 without it).
func TestRealSoak(t *testing.T) {
	seconds := 5.0
	if n, err := strconv.ParseFloat(os.Getenv("NETSPLIT_SOAK"), 64); err == nil {
		seconds = n
	}
	cells := []string{
		"6 * 7",
		"import \"fmt\"\nfor i := range 100 { fmt.Println(i) }",
		"func f(n int) int { if n < 2 { return n }; return f(n-1) + f(n-2) }\nf(12)",
		"type P struct{ X, Y int }\np := P{1, 2}\np",
		"for {}",
		"import \"time\"\ntime.Sleep(time.Hour)",
		"go func() { println(\"late\") }()",
		"panic(\"boom\")",
		"go func() { panic(\"late\") }()",
		"undefinedName",
		"for { println(\"again and again\") }",
		"import \"os\"\nos.Exit(3)",
		"import \"syscall\"\nsyscall.Kill(syscall.Getpid(), syscall.SIGKILL)\nfor {}",
		"%goroutines", "%stop", "%reset", "%lowered\n1 + 1",
		"display.Show(display.Markdown(\"**x**\"))",
		"var word string\nimport \"fmt\"\nfmt.Scanln(&word)",
	}
	allowed := "CompileError Panic Interrupted Exit WorkerDied Deadlock Timeout"
	k := goKernel(t, nil)
	k.ok("1")
	goroutines := runtime.NumGoroutine()
	end := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	var all sync.WaitGroup
	var numbers sync.Mutex
	ran := 0
	for shell := range 3 {
		random := rand.New(rand.NewPCG(uint64(shell), 7))
		all.Go(func() {
			for time.Now().Before(end) {
				numbers.Lock()
				k.count++
				ran++
				number := k.count
				numbers.Unlock()
				code := cells[random.IntN(len(cells))]
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(random.IntN(100))*time.Millisecond)
				ended := make(chan Outcome, 1)
				s := newSink()
				s.input = func(ctx context.Context, prompt string) (string, error) { <-ctx.Done(); return "", ctx.Err() }
				go func() {
					ended <- k.Execute(ctx, Request{Count: number, Code: code, AllowStdin: true, Subshell: strconv.Itoa(shell)}, s)
				}()
				select {
				case o := <-ended:
					if o.Error != nil && !strings.Contains(allowed, o.Error.Name) {
						t.Errorf("cell %q: %s\n%s", code, o.Error.Name, text(o.Error))
					}
				case <-time.After(60 * time.Second):
					stacks := make([]byte, 1<<20)
					t.Errorf("cell %q did not end within 60 s\n%s", code, stacks[:runtime.Stack(stacks, true)])
				}
				cancel()
				if t.Failed() {
					return
				}
			}
		})
	}
	all.Go(func() {
		random := rand.New(rand.NewPCG(9, 9))
		for time.Now().Before(end) {
			time.Sleep(time.Duration(random.IntN(40)) * time.Millisecond)
			switch pids := k.Processes(); {
			case random.IntN(4) > 0:
				k.Interrupt()
			case len(pids) > 0:
				syscall.Kill(pids[0], syscall.SIGKILL)
			}
		}
	})
	all.Wait()
	k.ok("%stop")
	if got := k.ok("6 * 7"); !strings.Contains(got, "result 42") {
		t.Errorf("afterwards: %s", got)
	}
	left := 0
	for range 500 {
		if left = runtime.NumGoroutine(); left <= goroutines+5 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if left > goroutines+5 {
		stacks := make([]byte, 1<<20)
		t.Errorf("%d goroutines became %d\n%s", goroutines, left, stacks[:runtime.Stack(stacks, true)])
	}
	t.Logf("%d cells in %v s", ran, seconds)
}
