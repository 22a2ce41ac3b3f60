package worker

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"netsplit/kernel/rt"
)

// overrides are the functions of the standard library that speak to the process
// where a cell means itself, its output, its input, its end; and those that make
// what may wake a cell, because package rt has to know of it to tell a deadlock.
var overrides = map[string]map[string]any{
	"fmt": {
		"Print":   func(args ...any) (int, error) { return fmt.Fprint(rt.Stdout, args...) },
		"Printf":  func(format string, args ...any) (int, error) { return fmt.Fprintf(rt.Stdout, format, args...) },
		"Println": func(args ...any) (int, error) { return fmt.Fprintln(rt.Stdout, args...) },
		"Fprint":  func(w io.Writer, args ...any) (int, error) { return fmt.Fprint(ordered(w), args...) },
		"Fprintf": func(w io.Writer, format string, args ...any) (int, error) {
			return fmt.Fprintf(ordered(w), format, args...)
		},
		"Fprintln": func(w io.Writer, args ...any) (int, error) { return fmt.Fprintln(ordered(w), args...) },
		"Scan":     func(args ...any) (int, error) { return fmt.Fscan(stdin(), args...) },
		"Scanf":    func(format string, args ...any) (int, error) { return fmt.Fscanf(stdin(), format, args...) },
		"Scanln":   func(args ...any) (int, error) { return fmt.Fscanln(stdin(), args...) },
	},
	"log": {
		"Fatal":   func(args ...any) { rt.LogFatal(0, args...) },
		"Fatalf":  func(format string, args ...any) { rt.LogFatalf(0, format, args...) },
		"Fatalln": func(args ...any) { rt.LogFatalln(0, args...) },
	},
	"os": {"Exit": rt.Exit},
	"runtime": {
		"NumGoroutine": numGoroutine,
		"SetFinalizer": setFinalizer,
	},
	// What these set would end the worker, where package rt can end the cell.
	"runtime/debug": {"SetMaxStack": setter(1000000000), "SetMaxThreads": setter(10000)},
	"flag":          flags,
	"time": {
		"After":     func(d time.Duration) <-chan time.Time { rt.WakerUntil(time.Now().Add(d)); return time.After(d) },
		"AfterFunc": rt.AfterFunc,
		"NewTimer":  func(d time.Duration) *time.Timer { return rt.Waker(time.NewTimer(d)) },
		"NewTicker": func(d time.Duration) *time.Ticker { return rt.Waker(time.NewTicker(d)) },
		"Tick": func(d time.Duration) <-chan time.Time {
			if d <= 0 {
				return nil
			}
			return rt.Waker(time.NewTicker(d)).C
		},
	},
	"context": {
		"WithTimeout": func(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
			rt.WakerUntil(time.Now().Add(d))
			return context.WithTimeout(parent, d)
		},
		"WithTimeoutCause": func(parent context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc) {
			rt.WakerUntil(time.Now().Add(d))
			return context.WithTimeoutCause(parent, d, cause)
		},
		"WithDeadline": func(parent context.Context, t time.Time) (context.Context, context.CancelFunc) {
			rt.WakerUntil(t)
			return context.WithDeadline(parent, t)
		},
		"WithDeadlineCause": func(parent context.Context, t time.Time, cause error) (context.Context, context.CancelFunc) {
			rt.WakerUntil(t)
			return context.WithDeadlineCause(parent, t, cause)
		},
	},
	"os/signal": {
		"Notify": func(c chan<- os.Signal, sig ...os.Signal) { rt.WakerForever(); signal.Notify(c, sig...) },
		"NotifyContext": func(parent context.Context, sig ...os.Signal) (context.Context, context.CancelFunc) {
			rt.WakerForever()
			return signal.NotifyContext(parent, sig...)
		},
	},
	"net/http": {
		"Handle":     handle,
		"HandleFunc": func(pattern string, f func(http.ResponseWriter, *http.Request)) { handle(pattern, http.HandlerFunc(f)) },
	},
	"syscall": {"Exit": rt.Exit},
}

// setter is a setting of the process that cells may change and read, and that nothing
// follows from.
func setter(value int) func(int) int {
	var now atomic.Int64
	now.Store(int64(value))
	return func(n int) int { return int(now.Swap(int64(n))) }
}

// numGoroutine is runtime.NumGoroutine without the worker's own goroutines, so
// that a leak shows as in a program.
func numGoroutine() int { return max(1, runtime.NumGoroutine()-ownGoroutines-int(callers.Load())) }

var (
	atRest        sync.Once    // before the first cell runs
	ownGoroutines int          // at rest
	callers       atomic.Int64 // those that wait for a cell's main goroutine
)

// ordered is the stream of the cell for os.Stdout and os.Stderr: two files have no
// order between them.
func ordered(w io.Writer) io.Writer {
	switch w {
	case os.Stdout:
		return rt.Stdout
	case os.Stderr:
		return rt.Stderr
	}
	return w
}

// stdin is what fmt.Scan reads: the learner's answers, unless the cell put a file
// of its own in os.Stdin.
func stdin() io.Reader {
	if f := os.Stdin; f != processStdin {
		return f
	}
	return rt.Stdin
}

var processStdin = os.Stdin

// processFiles keeps the process's own files: a File that nobody holds is closed,
// and a dying process could not say why it dies.
var processFiles = []*os.File{os.Stdin, os.Stdout, os.Stderr}
