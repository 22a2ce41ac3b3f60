package battery

import (
	"context"
	"flag"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"netsplit/kernel/supervisor"
	"netsplit/kernel/worker"
)

var (
	only = flag.String("only", ".", "run the cases or programs whose names match")
	all  = flag.Bool("all", false, "run all programs, not a sample")
)

// flagInt defines a flag for whole numbers.
func flagInt(name string, value int, usage string) *int { return flag.Int(name, value, usage) }

// TestMain is the worker too: kernels start this binary again.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		os.Exit(worker.Main())
	}
	flag.Parse()
	os.Exit(m.Run())
}

// a kernel under test, and what its cells have given so far.
type kernelUnderTest struct {
	*supervisor.Kernel
	mu     sync.Mutex
	out    strings.Builder
	result string
	count  int
}

func start(t *testing.T) *kernelUnderTest {
	t.Helper()
	k := &kernelUnderTest{Kernel: supervisor.New(supervisor.Options{Command: []string{os.Args[0], "worker"}, Dir: t.TempDir()})}
	t.Cleanup(func() { k.Shutdown(context.Background()) })
	return k
}

// run evaluates a cell. Interrupt is the time after which it is interrupted, 0 for
// never; a cell that takes longer than limit is a hang.
func (k *kernelUnderTest) run(code string, interrupt, limit time.Duration) (e *supervisor.Error, hang bool) {
	k.mu.Lock()
	k.result = ""
	k.count++
	count := k.count
	k.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan supervisor.Outcome, 1)
	go func() { done <- k.Execute(ctx, supervisor.Request{Count: count, Code: code}, k) }()
	if interrupt > 0 {
		time.AfterFunc(interrupt, cancel)
		limit += interrupt
	}
	select {
	case o := <-done:
		return o.Error, false
	case <-time.After(limit):
		return nil, true
	}
}

func (k *kernelUnderTest) output() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.out.String()
}

// Stream and the methods below are the Sink.
func (k *kernelUnderTest) Stream(name, text string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.out.WriteString(text)
}

func (k *kernelUnderTest) Display(data, metadata map[string]any, id string, update bool) {
	k.Result(data, metadata)
}

func (k *kernelUnderTest) Result(data, metadata map[string]any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.result, _ = data["text/plain"].(string)
}

func (k *kernelUnderTest) Clear(wait bool)           {}
func (k *kernelUnderTest) Error(e *supervisor.Error) {}
func (k *kernelUnderTest) Comm(c supervisor.Comm)    {}
func (k *kernelUnderTest) Input(context.Context, string, bool) (string, error) {
	return "", io.EOF
}

var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// describe is an error as the cases see it.
func describe(e *supervisor.Error) string {
	return e.Name + ": " + e.Value + "\n" + colours.ReplaceAllString(strings.Join(e.Traceback, "\n"), "")
}
