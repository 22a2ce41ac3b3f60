package trace_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"netsplit/runtime/sim"
)

// TestShiVizReadsTheExport reads it as ShiViz does, by its regular expression, and
// checks that clocks only grow.
func TestShiVizReadsTheExport(t *testing.T) {
	log := shop()
	pattern := regexp.MustCompile(`(?m)^(\S*) (\{.*\})\n(.*)$`)
	found := pattern.FindAllStringSubmatch(log.ShiViz(), -1)
	latest := map[string]map[string]int{}
	for _, m := range found {
		clock := map[string]int{}
		if err := json.Unmarshal([]byte(m[2]), &clock); err != nil {
			t.Fatal(err)
		}
		host := m[1]
		if clock[host] != latest[host][host]+1 {
			t.Errorf("the clock of %s goes from %v to %v at %q", host, latest[host], clock, m[3])
		}
		for name, n := range latest[host] {
			if clock[name] < n {
				t.Errorf("what %s knows of %s goes back from %d to %d", host, name, n, clock[name])
			}
		}
		latest[host] = clock
	}
	if len(found) != strings.Count(log.ShiViz(), "\n")/2 || len(found) < 10 {
		t.Errorf("%d events were read of %d lines", len(found), strings.Count(log.ShiViz(), "\n"))
	}
}

// TestOpenTelemetrySpansHangTogether reads the export as OTLP's JSON: identifiers have
// their lengths and are unique, every parent is there and encloses its children.
func TestOpenTelemetrySpansHangTogether(t *testing.T) {
	type span struct {
		TraceID, SpanID, ParentSpanID, Name string
		Kind                                int
		StartTimeUnixNano, EndTimeUnixNano  int64 `json:",string"`
		Status                              struct{ Code int }
	}
	var export struct {
		ResourceSpans []struct {
			Resource struct {
				Attributes []struct {
					Key   string
					Value struct{ StringValue string }
				}
			}
			ScopeSpans []struct{ Spans []span }
		}
	}
	if err := json.Unmarshal([]byte(shop().OpenTelemetry()), &export); err != nil {
		t.Fatal(err)
	}
	spans := map[string]span{}
	failed := 0
	for _, r := range export.ResourceSpans {
		if a := r.Resource.Attributes; len(a) != 1 || a[0].Key != "service.name" || a[0].Value.StringValue == "" {
			t.Errorf("a resource has no service.name: %v", a)
		}
		for _, s := range r.ScopeSpans[0].Spans {
			if _, twice := spans[s.SpanID]; twice || len(s.SpanID) != 16 || len(s.TraceID) != 32 {
				t.Errorf("span %+v: its identifiers are not unique or of the wrong length", s)
			}
			spans[s.SpanID] = s
			if s.Status.Code == 2 {
				failed++
			}
		}
	}
	roots := 0
	for _, s := range spans {
		if s.ParentSpanID == "" {
			roots++
			continue
		}
		parent, ok := spans[s.ParentSpanID]
		if !ok {
			t.Errorf("span %s %s has a parent that is not there", s.Name, s.SpanID)
			continue
		}
		if parent.TraceID != s.TraceID || parent.StartTimeUnixNano > s.StartTimeUnixNano || s.Kind == 2 && parent.EndTimeUnixNano < s.EndTimeUnixNano {
			t.Errorf("%+v is not inside its parent %+v", s, parent)
		}
	}
	if roots != 2 || failed != 2 || len(spans) != 7 {
		t.Errorf("%d spans, %d roots, %d failed; want 7, 2 and 2: two orders, calls inside, and work that has a name", len(spans), roots, failed)
	}
}

// Of two calls between the same nodes each gives up for itself.
func TestCallsGiveUpForThemselves(t *testing.T) {
	world := sim.New(sim.Latency(sim.Constant(time.Millisecond)))
	world.Node("silent", func(node *sim.Node) { node.Handle("ask", func(*sim.Request) {}) })
	world.Node("client", func(node *sim.Node) {
		node.Go(func() { node.Call("silent", "ask", "n", 1, sim.Timeout(30*time.Millisecond)) })
		node.Go(func() { node.Call("silent", "ask", "n", 2, sim.Timeout(10*time.Millisecond)) })
	})
	world.Run(time.Second)
	var text []string
	for _, c := range world.Trace().Calls() {
		text = append(text, c.String())
	}
	if got, want := strings.Join(text, "; "), "0s  client -> silent: ask n=1, no reply after 30ms; 0s  client -> silent: ask n=2, no reply after 10ms"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
