package trace

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Stamp is the logical time of an event: Lamport's counter, and a vector with one
// counter for each node.
type Stamp struct {
	Lamport int
	Vector  []int // by lane
}

// Before tells whether an event happened before another one, in Lamport's sense: it
// may have influenced it.
func (s Stamp) Before(t Stamp) bool {
	before := false
	for i := range s.Vector {
		if s.Vector[i] > t.Vector[i] {
			return false
		}
		before = before || s.Vector[i] < t.Vector[i]
	}
	return before
}

// Stamps gives every event its logical time. Events of no node, and messages lost on
// their way, are stamped as their node's latest.
func (l *Log) Stamps() []Stamp {
	lanes := len(l.names)
	stamps := make([]Stamp, l.n)
	lamport := make([]int, lanes)
	vectors := make([][]int, lanes)
	for i := range vectors {
		vectors[i] = make([]int, lanes)
	}
	for i := range l.n {
		e := l.At(i)
		if e.Node == World {
			stamps[i] = Stamp{0, make([]int, lanes)}
			continue
		}
		if e.What == Lost {
			stamps[i] = Stamp{lamport[e.Node], append([]int(nil), vectors[e.Node]...)}
			continue
		}
		v := vectors[e.Node]
		if e.What == Deliver || e.What == Late {
			if cause := l.Cause(i); cause >= 0 {
				lamport[e.Node] = max(lamport[e.Node], stamps[cause].Lamport)
				for j, n := range stamps[cause].Vector {
					v[j] = max(v[j], n)
				}
			}
		}
		lamport[e.Node]++
		v[e.Node]++
		stamps[i] = Stamp{lamport[e.Node], append([]int(nil), v...)}
	}
	return stamps
}

// ShiViz is the run in the form that ShiViz reads (bestchai.bitbucket.io/shiviz):
// for each event its node and vector clock, then its text. The parser's regular
// expression is (?<host>\S*) (?<clock>{.*})\n(?<event>.*).
func (l *Log) ShiViz() string {
	var b strings.Builder
	stamps := l.Stamps()
	for i := range l.n {
		e := l.At(i)
		if e.Node == World || e.What == Lost {
			continue
		}
		clock := map[string]int{}
		for lane, n := range stamps[i].Vector {
			if n > 0 {
				clock[l.names[lane]] = n
			}
		}
		text, _ := json.Marshal(clock)
		fmt.Fprintf(&b, "%s %s\n%s %s\n", l.names[e.Node], text, stamp(e.Time()), l.Text(e))
	}
	return b.String()
}

// OpenTelemetry is the run as spans in OTLP's JSON form, one resource for each node: a
// client span from the sending of a request to the arrival of its reply, and inside
// it a server span from its arrival to the sending of the reply; calls that are made
// while a request is handled are spans inside its server span, and so is the work that
// programs name (node.Span). A call without a reply
// has status error. Virtual time 0 is the Unix epoch; identifiers follow from the seed.
func (l *Log) OpenTelemetry() string {
	type span map[string]any
	spans := map[string][]span{}
	id := func(event int) string { return fmt.Sprintf("%016x", uint64(event)+1) }
	nanos := func(at time.Duration) string { return fmt.Sprint(int64(at)) }
	calls := l.Calls()
	for _, c := range calls {
		root := c
		for root.Parent >= 0 {
			root = calls[root.Parent]
		}
		trace := fmt.Sprintf("%016x%016x", l.Seed, uint64(root.Events[0])+1)
		fields := []any{}
		m := l.At(c.Events[0]).Msg
		for j := range m.Len() {
			fields = append(fields, map[string]any{"key": m.Name(j), "value": map[string]any{"stringValue": m.Value(j).String()}})
		}
		client := span{"traceId": trace, "spanId": id(c.Events[0]), "name": c.Kind, "kind": 3, "startTimeUnixNano": nanos(c.Sent), "attributes": fields}
		if c.Parent >= 0 { // the server's span, if it has one: who never answered has none
			parent := &calls[c.Parent]
			client["parentSpanId"] = id(parent.Events[0])
			if _, answered := parent.Stay(); answered {
				client["parentSpanId"] = id(parent.Events[1])
			}
		}
		switch {
		case c.Returned != Never:
			client["endTimeUnixNano"] = nanos(c.Returned)
		case c.GaveUp != Never:
			client["endTimeUnixNano"] = nanos(c.GaveUp)
			client["status"] = map[string]any{"code": 2, "message": "no reply"}
		default:
			continue // it is still open: a span ends
		}
		spans[c.From] = append(spans[c.From], client)
		if _, ok := c.Stay(); ok {
			spans[c.To] = append(spans[c.To], span{"traceId": trace, "spanId": id(c.Events[1]), "parentSpanId": id(c.Events[0]), "name": c.Kind, "kind": 2,
				"startTimeUnixNano": nanos(c.Arrived), "endTimeUnixNano": nanos(c.Answered)})
		}
	}
	served := map[int32]int{} // by where a request was sent
	for i, c := range calls {
		served[int32(c.Events[0])+1] = i
	}
	for i, w := range l.work {
		if w.To == Never {
			continue
		}
		s := span{"traceId": fmt.Sprintf("%016x%016x", l.Seed, uint64(1)<<63|uint64(i)), "spanId": fmt.Sprintf("%016x", uint64(1)<<63|uint64(i)),
			"name": w.Name, "kind": 1, "startTimeUnixNano": nanos(w.From), "endTimeUnixNano": nanos(w.To)}
		top := w
		for top.Parent >= 0 {
			top = l.work[top.Parent]
		}
		if at, ok := served[top.Sent]; ok { // inside the call that was handled
			c := calls[at]
			for s["parentSpanId"] = id(c.Events[0]); c.Parent >= 0; c = calls[c.Parent] {
			}
			s["traceId"] = fmt.Sprintf("%016x%016x", l.Seed, uint64(c.Events[0])+1)
			if _, answered := calls[at].Stay(); answered {
				s["parentSpanId"] = id(calls[at].Events[1])
			}
		}
		if w.Parent >= 0 && l.work[w.Parent].To != Never {
			s["parentSpanId"] = fmt.Sprintf("%016x", uint64(1)<<63|uint64(w.Parent))
		}
		spans[w.Node] = append(spans[w.Node], s)
	}
	resources := []any{}
	for _, name := range l.names {
		if len(spans[name]) == 0 {
			continue
		}
		resources = append(resources, map[string]any{
			"resource":   map[string]any{"attributes": []any{map[string]any{"key": "service.name", "value": map[string]any{"stringValue": name}}}},
			"scopeSpans": []any{map[string]any{"scope": map[string]any{"name": "netsplit"}, "spans": spans[name]}},
		})
	}
	text, err := json.MarshalIndent(map[string]any{"resourceSpans": resources}, "", " ")
	if err != nil {
		panic(err) // strings and numbers only
	}
	return string(text)
}
