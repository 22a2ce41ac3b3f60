package sim_test

import (
	"io"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
)

// kernel is a host that can cancel. Every goroutine belongs to no cell.
type kernel struct {
	cancelled atomic.Bool
	stops     atomic.Int32
}

func (k *kernel) Owner() host.Owner { return host.Owner{} }
func (k *kernel) Become(host.Owner) {}
func (k *kernel) Cancelled() bool   { return k.cancelled.Load() }
func (k *kernel) Stop()             { k.stops.Add(1); runtime.Goexit() }
func (k *kernel) Display(host.Shown) {
}
func (k *kernel) Clear(bool)                         {}
func (k *kernel) Stdout() io.Writer                  { return os.Stdout }
func (k *kernel) Stderr() io.Writer                  { return io.Discard }
func (k *kernel) Input(string, bool) (string, error) { return "", io.EOF }
func (k *kernel) CommOpen(string, string, map[string]any, map[string]any, [][]byte, func(host.CommEvent)) error {
	return host.ErrNoFrontEnd
}
func (k *kernel) CommSend(string, map[string]any, map[string]any, [][]byte) error {
	return host.ErrNoFrontEnd
}
func (k *kernel) CommClose(string, map[string]any) error { return host.ErrNoFrontEnd }
func (k *kernel) Limits() host.Limits                    { return host.Limits{} }
func (k *kernel) Describe(v any) host.Description        { return host.Reflect(v) }

var theKernel kernel

func TestMain(m *testing.M) {
	host.Install(&theKernel)
	os.Exit(m.Run())
}

// cancelRun runs do as a cell would and cancels it when it says so.
func cancelRun(t *testing.T, do func(cancel func())) {
	t.Helper()
	theKernel.cancelled.Store(false)
	stops := theKernel.stops.Load()
	done := make(chan bool)
	go func() {
		returned := false
		defer func() { done <- returned }()
		do(func() { theKernel.cancelled.Store(true) })
		returned = true
	}()
	returned := <-done
	theKernel.cancelled.Store(false)
	if returned || theKernel.stops.Load() == stops {
		t.Errorf("the cell went on after it was cancelled")
	}
}

func TestACancelledWorldIsDiscarded(t *testing.T) {
	var world *sim.World
	ended := 0
	before := runtime.NumGoroutine()
	cancelRun(t, func(cancel func()) {
		world = sim.New(sim.MaxEvents(1 << 40))
		world.Nodes("a b c", func(node *sim.Node) {
			defer func() { ended++ }()
			for { // compiled code alone: nobody else would stop it
				node.Sleep(1 * ms)
				if node.Now() == 5*sec {
					cancel()
				}
			}
		})
		world.Always("time is young", func() bool { return world.Now() < time.Hour })
		world.Run(1000 * time.Hour)
	})
	if ended != 3 {
		t.Errorf("%d of 3 processes ended", ended)
	}
	if text := world.Verdict(); !strings.HasPrefix(text, "no verdict: it was interrupted at 5") {
		t.Errorf("the verdict is %q", text)
	}
	if text := world.Transcript().All().String(); !strings.Contains(text, "stopped: it was interrupted at 5") {
		t.Errorf("the transcript looks finished:\n%s", text)
	}
	if got := mistake(t, func() { world.Run(1 * sec) }); !strings.HasPrefix(got, "this world is over: it was interrupted at 5") {
		t.Errorf("a discarded world ran again: %s", got)
	}
	for range 100 { // the goroutine of the cell itself may still be ending
		if runtime.NumGoroutine() <= before {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines are left, %d were there before", n, before)
	}
}

// A guard of a cell ends the goroutine in the middle of node code.
func TestAProcessThatIsStoppedFromOutsideEndsItsWorld(t *testing.T) {
	for _, style := range []string{"handler", "process"} {
		var world *sim.World
		cancelRun(t, func(cancel func()) {
			world = sim.New()
			world.Nodes("a b c", func(node *sim.Node) {
				node.Handle("stop", func(*sim.Request) {
					if style == "process" {
						node.Sleep(1 * ms)
					}
					cancel()
					host.Stop()
				})
				node.Receive("never")
			})
			world.Send("a", "stop")
			world.Run(1 * sec)
		})
		if !strings.Contains(world.Verdict(), "it was interrupted at") {
			t.Errorf("%s: the verdict is %q", style, world.Verdict())
		}
	}
}

func TestAPanicOfNodeCodeReachesTheCell(t *testing.T) {
	var world *sim.World
	func() {
		defer func() {
			if r := recover(); r == nil || !strings.Contains(r.(error).Error(), "index out of range") {
				t.Errorf("recovered %v", r)
			}
		}()
		world = sim.New()
		world.Node("a", func(node *sim.Node) {
			node.Sleep(20 * ms)
			var none []int
			_ = none[node.Rand.Intn(3)]
		})
		world.Run(1 * sec)
	}()
	if text := world.Verdict(); !strings.HasPrefix(text, "no verdict: node a panicked at 20ms: runtime error: index out of range") {
		t.Errorf("the verdict is %q", text)
	}
}
