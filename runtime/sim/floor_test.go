package sim

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// BenchmarkFloor compares the engine with the least that any simulator must do: a heap of
// events of the same size from which the earliest is taken and into which a new one
// goes, at a time drawn from the same distribution. The world is the one that
// notebooks use: exponential latency, a partition in force, hash on, trace off, two
// fields in each message. Every node has one message on its way.
//
//	go test ./runtime/sim -run '^$' -bench Floor
//
// prints ns of processor time per event of the engine, of the bare heap in the same
// run, and their ratio, x-floor. Handlers run in a world with sim.Reuse; keeping is the
// same without it: each message is 128 bytes of fresh memory then, and what that costs
// depends more on the machine's memory than on the engine. BenchmarkPrice has the other
// features one by one.
func BenchmarkFloor(b *testing.B) {
	for _, style := range []struct {
		name    string
		program func(*Node)
		options []Option
	}{
		{"handlers", handling, []Option{Reuse()}},
		{"keeping", handling, nil},
		{"blocking", receiving, nil},
	} {
		for _, nodes := range []int{10, 1_000, 100_000} {
			b.Run(fmt.Sprintf("%s/nodes=%d", style.name, nodes), func(b *testing.B) {
				benchmarkFloor(b, nodes, style.program, apart, style.options...)
			})
		}
	}
}

func handling(node *Node) {
	node.Handle("ball", func(r *Request) {
		node.Send(r.From, "ball", "bounce", r.Int("bounce")+1, "by", node.Name)
	})
}

func receiving(node *Node) {
	for {
		r := node.Receive("ball")
		node.Send(r.From, "ball", "bounce", r.Int("bounce")+1, "by", node.Name)
	}
}

const meanLatency = time.Millisecond

// apart cuts two nodes off from each other, of which neither sends to the other.
func apart(world *World) { world.Partition("n0", "n2") }

func benchmarkFloor(b *testing.B, nodes int, program func(*Node), setup func(*World), options ...Option) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the kernel's worker does
	world := New(append(options, Latency(Exponential(meanLatency)), Untraced(), MaxEvents(1<<40))...)
	defer world.Stop()
	for i := range nodes {
		world.Node(fmt.Sprintf("n%d", i), program)
	}
	world.Run(0)
	for i := 1; i <= nodes; i++ {
		from, to := world.nodes[i], world.nodes[(i-1)^1+1]
		r := from.compose("", "ball", []any{"bounce", 0, "by", from.Name}, &callOptions{})
		world.transmit(r, from, to.id)
	}
	setup(world)
	world.Run(10 * meanLatency)

	span := time.Duration(float64(b.N) / float64(nodes) * float64(meanLatency))
	events := world.Events()
	b.ReportAllocs()
	b.ResetTimer()
	start := processorTime()
	world.Run(span)
	engine := processorTime() - start
	b.StopTimer()
	events = world.Events() - events
	if events == 0 {
		return
	}
	floor := bareHeap(nodes, events)
	perEvent := float64(engine) / float64(events)
	b.ReportMetric(perEvent, "ns/event")
	b.ReportMetric(float64(floor)/float64(events), "ns/floor")
	b.ReportMetric(float64(engine)/float64(floor), "x-floor")
	b.ReportMetric(0, "ns/op")
}

// processorTime is what this process has used of the processors, the collector's work
// included: a busy machine does not make one of the two sides slower than the other.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bareHeap moves as many events of the same size through a heap, with the same
// random numbers, and nothing else.
func bareHeap(nodes, events int) time.Duration {
	w := New()
	law := Exponential(meanLatency)
	streams := make([]Rand, nodes)
	var heap []event
	seq := uint64(0)
	for i := range streams {
		streams[i] = *w.stream(fmt.Sprint("net/n", i))
		seq++
		heap = pushBare(heap, event{at: law.draw(&streams[i]), seq: seq, what: evDeliver, a: uint32(i)})
	}
	runtime.GC()
	start := processorTime()
	for range events {
		var e event
		heap, e = popBare(heap)
		seq++
		heap = pushBare(heap, event{at: e.at + law.draw(&streams[e.a]), seq: seq, what: evDeliver, a: e.a})
	}
	return processorTime() - start
}

// pushBare and popBare are a 4-ary heap as it stands in books.
func pushBare(h []event, e event) []event {
	h = append(h, e)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 4
		if !e.before(&h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = e
	return h
}

func popBare(h []event) ([]event, event) {
	top := h[0]
	n := len(h) - 1
	e := h[n]
	h = h[:n]
	if n == 0 {
		return h, top
	}
	i := 0
	for {
		c := 4*i + 1
		if c >= n {
			break
		}
		least := c
		for j := c + 1; j < min(c+4, n); j++ {
			if h[j].before(&h[least]) {
				least = j
			}
		}
		if !h[least].before(&e) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = e
	return h, top
}

// BenchmarkParked prints the memory of a process that waits: its stack, the runtime's
// and the engine's record of it, and the event that will wake it. The processes start a
// hundred at a time, so that no burst of starts is counted with them.
func BenchmarkParked(b *testing.B) {
	const processes = 20_000
	var sum float64
	for range b.N {
		before := memoryInUse()
		world := New()
		world.Node("n", func(node *Node) {
			for i := range processes / 100 {
				for range 100 {
					node.Go(func() { node.Sleep(time.Hour) })
				}
				node.Sleep(time.Millisecond)
				if i == 1 { // Go gives new stacks the average size of those that its last collection saw
					runtime.GC()
				}
			}
		})
		world.Run(time.Second)
		sum += float64(memoryInUse()-before) / processes
		world.Stop()
	}
	b.ReportMetric(sum/float64(b.N), "B/process")
}

// memoryInUse is what lives on the heap and on stacks after a collection.
func memoryInUse() int64 {
	runtime.GC()
	runtime.GC() // what the first one swept counts as free now
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// A message should fill no more than two cache lines.
func TestAMessageIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Request{}); size > 128 {
		t.Errorf("a request has %d bytes", size)
	}
}
