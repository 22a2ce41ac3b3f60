package trace_test

import (
	"fmt"
	"strings"
	"time"

	"netsplit/runtime/sim"
	"netsplit/runtime/trace"
)

// shop is a run with calls inside calls, a lost message and a crash.
func shop() *trace.Log {
	world := sim.New(sim.Seed(7), sim.Latency(sim.Constant(2*time.Millisecond)))
	world.Node("stock", func(node *sim.Node) {
		node.Handle("reserve", func(r *sim.Request) {
			span := node.Span("look up", "item", r.Text("item"))
			r.Reply("reserved", "item", r.Text("item"))
			span.End()
		})
	})
	world.Node("shop", func(node *sim.Node) {
		node.Handle("order", func(r *sim.Request) {
			if _, err := node.Call("stock", "reserve", "item", r.Text("item")); err == nil {
				r.Reply("ordered")
			}
		})
	})
	world.Node("user", func(node *sim.Node) {
		node.Call("shop", "order", "item", "tea")
		node.Call("shop", "order", "item", "coffee", sim.Bytes(1000))
	})
	world.Crash("stock").Between(9*time.Millisecond, 30*time.Millisecond)
	world.Run(100 * time.Millisecond)
	return world.Trace()
}

// Every request for which somebody waited, and what became of it.
func ExampleCall() {
	log := shop()
	for _, c := range log.Calls() {
		stay, answered := c.Stay()
		fmt.Println(&c, "· parent", c.Parent, "· at the other node", stay, answered)
	}
	fmt.Println(log.Latencies("order"))
	// Output:
	// 0s  user -> shop: order item=tea, ordered after 8ms · parent -1 · at the other node 4ms true
	// 2ms  shop -> stock: reserve item=tea, reserved item=tea after 4ms · parent 0 · at the other node 0s true
	// 8ms  user -> shop: order item=coffee, no reply after 50ms · parent -1 · at the other node 0s false
	// 10ms  shop -> stock: reserve item=coffee, no reply after 50ms · parent 2 · at the other node 0s false
	// 1 observations: mean 8ms, p50 8ms, p99 8ms, p99.9 8ms, max 8ms
}

// Messages and bytes, by kind and by link.
func ExampleTraffic() {
	log := shop()
	for _, t := range append(log.Traffic(), log.Links()[0]) {
		fmt.Println(t)
	}
	fmt.Println(log.Throughput("order", 50*time.Millisecond).Values())
	// Output:
	// order: 2 sent, 2 delivered, 0 late, 0 lost, 1052 bytes
	// ordered: 1 sent, 1 delivered, 0 late, 0 lost, 47 bytes
	// reserve: 2 sent, 1 delivered, 0 late, 1 lost, 111 bytes
	// reserved: 1 sent, 1 delivered, 0 late, 0 lost, 55 bytes
	// shop -> stock: 2 sent, 1 delivered, 0 late, 1 lost, 111 bytes
	// [40]
}

// What one order costs the network, with all that it causes.
func ExampleOperation() {
	for _, o := range shop().Operations("order") {
		fmt.Println(o)
	}
	// Output:
	// 0s  user: order item=tea: 4 messages, 208 bytes in 8ms
	// 8ms  user: order item=coffee: 2 messages, 1057 bytes in 4ms
}

// The record itself: lanes, events, spans, causes.
func ExampleLog() {
	log := shop()
	fmt.Println(log.Lanes(), log.Len(), "events")
	for i := range 4 {
		fmt.Println(i, log.Text(log.At(i)), "caused by", log.Cause(i))
	}
	share, outages := log.Uptime(1, "stock")
	fmt.Println("stock was up", share, outages, log.Downtime("stock"))
	fmt.Println(strings.Count(log.ShiViz(), "\n"), strings.Count(log.OpenTelemetry(), "traceId"))
	// Output:
	// [you stock shop user] 16 events
	// 0 user -> shop: order item=tea caused by -1
	// 1 shop <- user: order item=tea caused by 0
	// 2 shop -> stock: reserve item=tea caused by -1
	// 3 stock <- shop: reserve item=tea caused by 2
	// stock was up 0.79 1 21ms
	// 30 7
}

// An event says when, what, where and with whom.
func ExampleEvent() {
	log := shop()
	e := log.At(1)
	fmt.Println(e.Time(), e.What, log.Name(e.Node), log.Name(e.Peer), e.Msg.Kind)
	// Output:
	// 2ms deliver shop user order
}

// The kinds of events have names, for filters and exports.
func ExampleWhat() {
	fmt.Println(trace.Send, trace.Deliver, trace.Lost, trace.Crash, trace.Fault)
	// Output:
	// send deliver lost crash fault
}

// Faults and states that last are spans.
func ExampleSpan() {
	for _, s := range shop().Spans() {
		fmt.Println(s.What, s.Text, time.Duration(s.From), time.Duration(s.To))
	}
	// Output:
	// crash stock is down 9ms 30ms
}

// Where two runs first differ.
func ExampleDifference() {
	a, b := greeting(), greeting()
	b.Add(trace.Event{At: 13 * ms, What: trace.Pause, Node: 0})
	fmt.Println(trace.Diff(a, greeting()))
	fmt.Println(trace.Diff(a, b))
	// Output:
	// no difference
	// first difference at event 9:
	//   (the run has ended)
	//   13ms  a pauses
}

// A field of a message is a name and a value.
func ExampleField() {
	f := trace.Field{Name: "term", Value: trace.IntValue(3)}
	m := &trace.Message{Kind: "vote"}
	m.Add(f.Name, f.Value)
	m.Put("term", trace.IntValue(4))
	fmt.Println(m, m.Size(), "bytes")
	// Output:
	// vote term=4 56 bytes
}

// A value says of which kind it is.
func ExampleType() {
	number, _ := trace.Basic(3)
	truth, _ := trace.Basic(true)
	fmt.Println(number.Type(), truth.Type(), trace.FloatValue(0.5).Type() == trace.Float)
	// Output:
	// an int a bool true
}

// A diagram can be narrowed, titled, and written into a file as SVG.
func ExampleTimeline() {
	picture := shop().Timeline().Nodes("shop stock").Kinds("reserve reserved").Between(0, 20*time.Millisecond).Title("reserving")
	fmt.Print("what it shows\n", picture)
	svg := picture.SVG()
	fmt.Println(strings.HasPrefix(svg, "<svg"), strings.Contains(svg, "reserving"))
	// Output:
	// what it shows
	//    2ms  shop -> stock: reserve item=tea
	//    4ms  stock <- shop: reserve item=tea
	//    4ms  stock -> shop: reserved item=tea
	//    6ms  shop <- stock: reserved item=tea
	//    9ms  stock crashes
	//   10ms  shop -> stock: reserve item=coffee
	//   12ms  shop -x stock: reserve item=coffee (down)
	// true true
}

// Work that programs name lies inside the calls that they handle.
func ExampleWork() {
	for _, w := range shop().Works() {
		fmt.Println(w)
	}
	// Output:
	// 4ms  stock: look up item=tea, 0s
}

// A run as a film: the same filters as those of a diagram, the transcript as its text.
func ExampleAnimation() {
	film := shop().Animation().Nodes("user shop").Kinds("order ordered").Between(0, 10*time.Millisecond).Title("an order")
	fmt.Print("an order\n", film)
	// Output:
	// an order
	//     0s  user -> shop: order item=tea
	//    2ms  shop <- user: order item=tea
	//    6ms  shop -> user: ordered
	//    8ms  user <- shop: ordered
	//    8ms  user -> shop: order item=coffee
	//   10ms  shop <- user: order item=coffee
}

// A transcript can be read again: what was said about a run is enough to draw it.
func ExampleParse() {
	log, err := trace.Parse(`
	    0s  a -> b: vote? term=1
	   2ms  b <- a: vote? term=1
	   3ms  partition a | b
	   4ms  b -> a: vote granted=true
	   4ms  b -x a: vote granted=true (partition)
	   9ms  heal a | b
	  10ms  a: no reply from b to vote? after 10ms`)
	fmt.Println(err, log.Lanes(), log.Cause(1), log.Traffic())
	fmt.Println(log.Spans()[0].Text, time.Duration(log.Spans()[0].To), len(log.Timeline().SVG()) > 1000)
	_, err = trace.Parse("a says hello")
	fmt.Println(err)
	// Output:
	// <nil> [a b] 0 [vote: 1 sent, 0 delivered, 0 late, 1 lost, 55 bytes vote?: 1 sent, 1 delivered, 0 late, 0 lost, 50 bytes]
	// partition a | b 9ms true
	// parse transcript: line 1, "a says hello": want a time, two blanks and an event, times in ascending order
}
