package lab_test

import (
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"netsplit/runtime/host"
	"netsplit/runtime/lab"
)

// front is a host that can cancel and remembers what was displayed.
type front struct {
	cancelled atomic.Bool
	graded    bool
	mu        sync.Mutex
	shown     []host.Shown
}

func (f *front) Owner() host.Owner { return host.Owner{} }
func (f *front) Become(host.Owner) {}
func (f *front) Graded() bool      { return f.graded }
func (f *front) Cancelled() bool   { return f.cancelled.Load() }
func (f *front) Stop()             { runtime.Goexit() }
func (f *front) Display(s host.Shown) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shown = append(f.shown, s)
}
func (f *front) Clear(bool)                         {}
func (f *front) Stdout() io.Writer                  { return os.Stdout }
func (f *front) Stderr() io.Writer                  { return io.Discard }
func (f *front) Input(string, bool) (string, error) { return "", io.EOF }
func (f *front) CommOpen(string, string, map[string]any, map[string]any, [][]byte, func(host.CommEvent)) error {
	return host.ErrNoFrontEnd
}
func (f *front) CommSend(string, map[string]any, map[string]any, [][]byte) error {
	return host.ErrNoFrontEnd
}
func (f *front) CommClose(string, map[string]any) error { return host.ErrNoFrontEnd }
func (f *front) Limits() host.Limits                    { return host.Limits{} }
func (f *front) Describe(v any) host.Description        { return host.Reflect(v) }

var theFront front

func TestMain(m *testing.M) {
	host.Install(&theFront)
	os.Exit(m.Run())
}

// texts are the plain texts of what was displayed since, updates in their place.
func (f *front) texts(since int) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var texts []string
	place := map[string]int{}
	for _, s := range f.shown[since:] {
		text, _ := s.Data["text/plain"].(string)
		if i, ok := place[s.ID]; s.Update && ok {
			texts[i] = text
			continue
		}
		place[s.ID] = len(texts)
		texts = append(texts, text)
	}
	return texts
}

func TestAnInterruptKeepsWhatWasMeasured(t *testing.T) {
	for _, together := range []bool{true, false} {
		since := len(theFront.shown)
		if !together {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		}
		var ran atomic.Int32
		results := lab.Sweep("n", []int{1, 2}, lab.Seeds(500), func(r *lab.Run) {
			r.Measure("x", float64(r.Int()))
			if ran.Add(1) == 41 {
				theFront.cancelled.Store(true)
			}
		})
		ended := make(chan bool)
		go func() {
			returned := false
			defer func() { ended <- returned }()
			results.Run()
			returned = true
		}()
		returned := <-ended
		theFront.cancelled.Store(false)
		if returned {
			t.Error("the cell went on after the interrupt")
		}
		texts := theFront.texts(since)
		if len(texts) != 2 || !strings.Contains(texts[0], "n: stopped after 4") || !strings.Contains(texts[1], "INTERRUPTED: the table holds 4") {
			t.Errorf("together %v: displayed are %q", together, texts)
		}
		if text := results.String(); !strings.Contains(text, "INTERRUPTED: the table holds 4") || !strings.Contains(text, "1.0") && !strings.Contains(text, "1   ") {
			t.Errorf("a later look shows\n%s", text)
		}
		if results.Passed() {
			t.Error("a part of the runs passed")
		}
	}
}

func TestAFinishedBarSaysNothingOfTheClock(t *testing.T) {
	since := len(theFront.shown)
	lab.Sweep("n", []int{1, 2}, lab.Seeds(5), func(r *lab.Run) { r.Measure("x", 1) }).Run()
	if texts := theFront.texts(since); len(texts) != 1 || texts[0] != "n: 10 runs" {
		t.Errorf("displayed are %q", texts)
	}
}
