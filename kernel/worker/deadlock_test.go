package worker

import (
	"strings"
	"testing"
	"time"

	"netsplit/kernel/pipe"
)

const waitingCells = rtImport + `
import p_time "time"
import p_sync "sync"
import p_context "context"
import p_io "io"
import p_http "net/http"
import p_test "net/http/httptest"
var ch = new(chan int)
func init_ch() int { *ch = make(chan int); return 0 }
var _ = init_ch()
func k_send() func() { return func() { rt.SendInt(*ch, 1, 71) } }
func k_wait(wg *p_sync.WaitGroup) func() { return func() { rt.Wait(wg, 72) } }
func k_pipe(r *p_io.PipeReader) func() { return func() { p_io.ReadAll(r); rt.SendInt(*ch, 5, 77) } }
func k_later() func() { return func() { rt.SendInt(*ch, 3, 73) } }

func cell_recv() []any { return []any{rt.RecvInt(*ch, 7)} }
func cell_mutex() []any { mu := new(p_sync.Mutex); rt.Lock(mu, 8); rt.Lock(mu, 9); return nil }
func cell_both() []any {
	wg := new(p_sync.WaitGroup)
	wg.Add(1)
	rt.Go(10, k_wait(wg))
	rt.Wait(wg, 11)
	return nil
}
func cell_select() []any { rt.Select(12, ""); return nil }
func cell_leak() []any { rt.Go(13, k_send()); return nil }
func cell_take() []any { return []any{rt.RecvInt(*ch, 14)} }
func cell_after() []any { rt.RecvAny(p_time.After(300*p_time.Millisecond), 15); return []any{"fired"} }
func cell_timer() []any { rt.RecvAny(p_time.NewTimer(300*p_time.Millisecond).C, 16); return []any{"fired"} }
func cell_context() []any {
	ctx, cancel := p_context.WithTimeout(p_context.Background(), 300*p_time.Millisecond)
	rt.RecvAny(ctx.Done(), 17)
	cancel()
	return []any{ctx.Err()}
}
func cell_afterfunc() []any { rt.AfterFunc(300*p_time.Millisecond, k_later()); return []any{rt.RecvInt(*ch, 18)} }
var server = new(*p_test.Server)
func cell_server() []any { *server = p_test.NewServer(p_http.NotFoundHandler()); return nil }
func cell_close() []any { (*server).Close(); return nil }
func cell_pipe() []any {
	r, w := p_io.Pipe()
	rt.Go(19, k_pipe(r))
	rt.Sleep(100*p_time.Millisecond)
	w.Close()
	return []any{rt.RecvInt(*ch, 20)}
}
`

func TestDeadlock(t *testing.T) {
	p := start(t)
	p.define(waitingCells)
	for i, c := range []struct {
		entry, state string
		pos          int
	}{
		{"cell_recv", "chan receive", 7},
		{"cell_mutex", "sync.Mutex.Lock", 9},
		{"cell_both", "sync.WaitGroup.Wait", 11},
		{"cell_select", "select (no cases)", 12},
		{"cell_recv", "chan receive", 7},
	} {
		p.call(i+1, c.entry)
		f := p.until(pipe.Done).last.Failure
		if f == nil || f.Name != "Deadlock" || f.Text != "all goroutines are asleep - deadlock! The cell waits in "+c.state+"." {
			t.Fatalf("%s: %+v", c.entry, f)
		}
		if len(f.Frames) != 1 || f.Frames[0].Pos != c.pos {
			t.Errorf("%s: frames %+v", c.entry, f.Frames)
		}
		found := false
		for _, g := range f.Waiting {
			found = found || g.State == c.state && g.Pos == c.pos && g.Cell == i+1
		}
		if !found {
			t.Errorf("%s is not listed: %+v", c.entry, f.Waiting)
		}
	}
}

// Whatever can still be woken is no deadlock.
func TestNoDeadlock(t *testing.T) {
	p := start(t)
	p.define(waitingCells)
	for i, c := range []struct{ entry, want string }{
		{"cell_leak", ""},     // a goroutine is left that waits,
		{"cell_take", "=> 1"}, // for this cell
		{"cell_after", "=> fired"},
		{"cell_timer", "=> fired"},
		{"cell_context", "=> context deadline exceeded"},
		{"cell_afterfunc", "=> 3"},
		{"cell_pipe", "=> 5"},
	} {
		p.call(i+1, c.entry)
		if got := form(p.until(pipe.Done)); got != c.want {
			t.Errorf("%s: %s, want %s", c.entry, got, c.want)
		}
	}
	// A server is left: it might do something. The learner gets a hint.
	p.call(15, "cell_server")
	p.until(pipe.Done)
	p.call(16, "cell_recv")
	hint := p.until(pipe.Hint).last
	if hint.Cell != 16 || !strings.Contains(hint.Text, "every goroutine of this cell waits") {
		t.Errorf("%+v", hint)
	}
	p.send(&pipe.Message{Kind: pipe.Interrupt, Cell: 16})
	p.until(pipe.Done)
	p.call(17, "cell_close")
	p.until(pipe.Done)
	// Two cells at a time: either may be woken by a third.
	p.call(20, "cell_recv")
	p.call(21, "cell_recv")
	select {
	case m := <-p.frames:
		if m.Kind != pipe.Ended {
			t.Errorf("with two cells running: %+v", m)
		}
	case <-time.After(200 * time.Millisecond):
	}
	p.send(&pipe.Message{Kind: pipe.Interrupt, Cell: 20})
	if o := p.until(pipe.Done); o.last.Failure == nil || o.last.Failure.Name != "Interrupted" {
		t.Errorf("%+v", o.last)
	}
	if o := p.until(pipe.Done); o.last.Failure == nil || !strings.HasPrefix(o.last.Failure.Text, "all goroutines are asleep") {
		t.Errorf("the other one, alone: %+v", o.last)
	}
}
