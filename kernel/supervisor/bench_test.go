package supervisor

import (
	"context"
	"testing"
	"time"
)

// The way of a trivial cell without the sockets, and the time to a fresh worker:
//
//	go test -run - -bench . ./kernel/supervisor
func BenchmarkTrivialCell(b *testing.B) {
	k := benchmarkKernel(b)
	for b.Loop() {
		k.Execute(context.Background(), Request{Count: 1, Code: "1 + 2"}, newSink())
	}
}

func BenchmarkReplaceWorker(b *testing.B) {
	k := benchmarkKernel(b)
	for b.Loop() {
		k.Execute(context.Background(), Request{Count: 1, Code: "%reset\n1 + 2"}, newSink())
	}
}

// What walls, and a folder of its own, cost at the start of a worker:
//
//	go test -run - -bench FirstCell -count 5 ./kernel/supervisor
func BenchmarkFirstCell(b *testing.B) {
	for name, grading := range map[string]Grading{"ordinary": {}, "graded": {Mode: "autograde", Walls: "must"}} {
		b.Run(name, func(b *testing.B) {
			path, err := realBinary()
			if err != nil {
				b.Fatal(err)
			}
			dir := b.TempDir()
			for b.Loop() {
				k := New(Options{Command: []string{path, "worker"}, Grading: grading, Dir: dir})
				if o := k.Execute(context.Background(), Request{Count: 1, Code: "1 + 2"}, newSink()); o.Error != nil {
					b.Fatal(o.Error.Value)
				}
				b.StopTimer()
				ctx, cancel := context.WithTimeout(context.Background(), time.Second)
				k.Shutdown(ctx)
				cancel()
				b.StartTimer()
			}
		})
	}
}

func benchmarkKernel(b *testing.B) *Kernel {
	path, err := realBinary()
	if err != nil {
		b.Fatal(err)
	}
	k := New(Options{Command: []string{path, "worker"}})
	b.Cleanup(func() { k.Shutdown(context.Background()) })
	if o := k.Execute(context.Background(), Request{Count: 1, Code: "1 + 2"}, newSink()); o.Error != nil {
		b.Fatal(o.Error.Value)
	}
	return k
}
