package trace

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
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
// it a server span from its arrival to the sending of the reply. Virtual time 0 is the
// Unix epoch; identifiers follow from the seed.
func (l *Log) OpenTelemetry() string {
	type span map[string]any
	spans := map[int32][]span{}
	id := func(n int) string { return fmt.Sprintf("%016x", uint64(n)+1) }
	traceID := func(n int) string { return fmt.Sprintf("%016x%016x", l.Seed, uint64(n)+1) }
	nanos := func(at int64) string { return fmt.Sprint(at) }
	for i := range l.n {
		e := l.At(i)
		if e.What != Deliver && e.What != Late {
			continue
		}
		reply := l.Cause(i)
		if reply < 0 || !e.Msg.IsReply || e.Msg.Call == 0 {
			continue
		}
		request, arrival := l.find(e.Msg.Call)
		if request < 0 || arrival < 0 {
			continue
		}
		asked, came, answered := l.At(request), l.At(arrival), l.At(reply)
		var fields []any
		for j := range asked.Msg.Len() {
			fields = append(fields, map[string]any{"key": asked.Msg.Name(j), "value": map[string]any{"stringValue": asked.Msg.Value(j).String()}})
		}
		spans[asked.Node] = append(spans[asked.Node], span{"traceId": traceID(request), "spanId": id(request), "name": asked.Msg.Kind, "kind": 3,
			"startTimeUnixNano": nanos(asked.At), "endTimeUnixNano": nanos(e.At), "attributes": fields})
		spans[came.Node] = append(spans[came.Node], span{"traceId": traceID(request), "spanId": id(arrival), "parentSpanId": id(request), "name": asked.Msg.Kind, "kind": 2,
			"startTimeUnixNano": nanos(came.At), "endTimeUnixNano": nanos(answered.At)})
	}
	lanes := make([]int32, 0, len(spans))
	for lane := range spans {
		lanes = append(lanes, lane)
	}
	sort.Slice(lanes, func(i, j int) bool { return lanes[i] < lanes[j] })
	resources := []any{}
	for _, lane := range lanes {
		resources = append(resources, map[string]any{
			"resource":   map[string]any{"attributes": []any{map[string]any{"key": "service.name", "value": map[string]any{"stringValue": l.names[lane]}}}},
			"scopeSpans": []any{map[string]any{"scope": map[string]any{"name": "netsplit"}, "spans": spans[lane]}},
		})
	}
	text, err := json.MarshalIndent(map[string]any{"resourceSpans": resources}, "", " ")
	if err != nil {
		panic(err) // strings and numbers only
	}
	return string(text)
}

// find is where the request of that call was sent and where it first arrived, or -1.
func (l *Log) find(call uint64) (sent, arrived int) {
	if l.calls == nil {
		l.calls = map[uint64][2]int{}
	}
	for ; l.indexed < l.n; l.indexed++ {
		e := l.At(l.indexed)
		if e.Msg == nil || e.Msg.Call == 0 || e.Msg.IsReply {
			continue
		}
		at, seen := l.calls[e.Msg.Call]
		if !seen {
			at = [2]int{-1, -1}
		}
		switch {
		case e.What == Send && at[0] < 0:
			at[0] = l.indexed
		case e.What == Deliver && at[1] < 0:
			at[1] = l.indexed
		}
		l.calls[e.Msg.Call] = at
	}
	if at, ok := l.calls[call]; ok {
		return at[0], at[1]
	}
	return -1, -1
}
