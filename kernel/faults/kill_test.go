package faults

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"netsplit/kernel/zmq/zmqtest"
)

// TestKills is fault test 28.
func TestKills(t *testing.T) {
	p := start(t)
	p.ok("func f() int { return 5 }\nv := 1")
	for i := range 5 {
		before := p.worker()
		m := p.running("for {}")
		began := time.Now()
		syscall.Kill(before, syscall.SIGKILL)
		o := outcomeOf(p.Collect(p.Shell, m))
		t.Logf("worker killed in mid-cell: %s after %v", o.ename, time.Since(began).Round(time.Millisecond))
		if o.ename != "WorkerDied" || i == 0 && !strings.Contains(o.traceback, "v of cell") {
			t.Error(o)
		}
		if got := p.ok("f()"); got != "5" {
			t.Errorf("functions afterwards: %s", got)
		}
	}
	// While no cell runs.
	before := p.worker()
	p.ok("w := 1")
	syscall.Kill(before, syscall.SIGKILL)
	for p.worker() == before {
		time.Sleep(time.Millisecond)
	}
	if o := p.run("f() + 1"); o.result != "6" || !strings.Contains(o.stderr, "w of cell") {
		t.Errorf("after the worker died between cells: %s", o)
	}
	p.alive()

	// The kernel itself, and another one on the same ports.
	for range 5 {
		worker := p.worker()
		p.running("for {}")
		p.cmd.Process.Kill()
		took := p.ended()
		spec := p.spec
		for end := time.Now().Add(zmqtest.Patience); syscall.Kill(worker, 0) == nil; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the worker of a killed kernel lives on")
			}
		}
		p = startWith(t, options{spec: &spec})
		t.Logf("killed kernel gone after %v; another one on the same ports says %s", took.Round(time.Millisecond), p.ok("1 + 1"))
	}
}

// TestHeartbeat is fault test 26: all cores spin and a large heap is collected.
func TestHeartbeat(t *testing.T) {
	p := start(t, "GOMAXPROCS=1")
	p.running(`import "runtime"
keep := make([][]*int, 0)
for range 400 {
	s := make([]*int, 100_000)
	for i := 0; i < len(s); i += 16 { s[i] = new(int) }
	keep = append(keep, s)
}
go func() { for { runtime.GC() } }()
for range 4 { go func() { for {} }() }
for {}`)
	var times []time.Duration
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		began := time.Now()
		p.Heartbeat.Send([]byte{}, []byte("ping"))
		echo, err := p.Heartbeat.Recv()
		if err != nil || string(echo[len(echo)-1]) != "ping" {
			t.Fatalf("heartbeat: %q, %v", echo, err)
		}
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	t.Logf("%d heartbeats beside a spinning cell: median %v, p99 %v, worst %v", len(times), times[len(times)/2], times[len(times)*99/100], times[len(times)-1])
	p.AskOn(p.Control, "interrupt_request", struct{}{})
}
