package trace_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"strings"
	"testing"
	"time"

	"netsplit/runtime/trace"
)

const ms = int64(time.Millisecond)

// greeting is a log written by hand: a message, its answer, a loss, a crash.
func greeting() *trace.Log {
	l := &trace.Log{Seed: 7}
	a, b := l.Lane("a"), l.Lane("b")
	message := func(from, _, kind string, fields ...string) *trace.Message {
		m := &trace.Message{Kind: kind, From: from}
		for i := 0; i < len(fields); i += 2 {
			m.Add(fields[i], trace.TextValue(fields[i+1]))
		}
		return m
	}
	hello, welcome, lost := message("a", "b", "hello"), message("b", "a", "welcome", "name", "b", "note", "two words"), message("a", "b", "bye")
	l.Add(trace.Event{At: 0, What: trace.Send, Node: a, Peer: b, Msg: hello})
	l.Add(trace.Event{At: 2 * ms, What: trace.Deliver, Node: b, Peer: a, Msg: hello})
	l.Add(trace.Event{At: 2 * ms, What: trace.Send, Node: b, Peer: a, Msg: welcome})
	l.Add(trace.Event{At: 5 * ms, What: trace.Deliver, Node: a, Peer: b, Msg: welcome})
	span := l.Begin(trace.Span{What: "crash", Text: "b is down", Lanes: []int32{b}, From: 6 * ms})
	l.Add(trace.Event{At: 6 * ms, What: trace.Crash, Node: b})
	l.Add(trace.Event{At: 7 * ms, What: trace.Send, Node: a, Peer: b, Msg: lost})
	l.Add(trace.Event{At: 9 * ms, What: trace.Lost, Node: a, Peer: b, Msg: lost, Text: "down"})
	l.Add(trace.Event{At: 12 * ms, What: trace.Restart, Node: b})
	l.End(span, 12*ms)
	return l
}

// One event is one line: time, who, what.
func ExampleTranscript() {
	l := greeting()
	fmt.Print("all of it\n", l.Transcript(0, l.Len()))
	fmt.Print("from 6ms on\n", l.Transcript(0, l.Len()).Between(6*time.Millisecond, time.Second))
	// Output:
	// all of it
	//     0s  a -> b: hello
	//    2ms  b <- a: hello
	//    2ms  b -> a: welcome name=b note="two words"
	//    5ms  a <- b: welcome name=b note="two words"
	//    6ms  b crashes
	//    7ms  a -> b: bye
	//    9ms  a -x b: bye (down)
	//   12ms  b restarts
	// from 6ms on
	//    6ms  b crashes
	//    7ms  a -> b: bye
	//    9ms  a -x b: bye (down)
	//   12ms  b restarts
}

// A value is of a basic kind and in three words.
func ExampleValue() {
	list, _ := trace.Copy([]int{1, 2, 3})
	v, _ := trace.Basic(50 * time.Millisecond)
	fmt.Println(list, v, trace.TextValue("two words"), v.Type())
	_, why := trace.Copy(struct{ X int }{1})
	fmt.Println(why)
	// Output:
	// [1 2 3] 50ms "two words" a duration
	// is of type struct { X int }
}

// Fields keep the order in which they were added.
func ExampleMessage() {
	m := &trace.Message{Kind: "add"}
	m.Add("by", trace.IntValue(3))
	_, found := m.Find("to")
	fmt.Println(m, m.Names(), found)
	// Output:
	// add by=3 by false
}

// What happened before what: vector clocks from the log alone.
func ExampleStamp() {
	l := greeting()
	stamps := l.Stamps()
	for _, i := range []int{0, 1, 2, 3} {
		fmt.Println(l.Text(l.At(i)), stamps[i])
	}
	fmt.Println(stamps[0].Before(stamps[3]), stamps[3].Before(stamps[4]), stamps[4].Before(stamps[3]))
	// Output:
	// a -> b: hello {1 [1 0]}
	// b <- a: hello {2 [1 1]}
	// b -> a: welcome name=b note="two words" {3 [1 2]}
	// a <- b: welcome name=b note="two words" {4 [2 2]}
	// true false false
}

func TestExportsHoldTheRun(t *testing.T) {
	l := greeting()
	if text := l.ShiViz(); !strings.HasPrefix(text, "a {\"a\":1}\n0s a -> b: hello\nb {\"a\":1,\"b\":1}\n2ms b <- a: hello\n") {
		t.Errorf("ShiViz:\n%s", text)
	}
	var otlp map[string]any
	if err := json.Unmarshal([]byte(l.OpenTelemetry()), &otlp); err != nil {
		t.Error(err)
	}
	if svg := l.Timeline().SVG(); !strings.Contains(svg, ">hello</text>") || !strings.HasSuffix(svg, "</svg>\n") {
		t.Errorf("SVG:\n%s", svg)
	}
}

func TestATimelineShowsItselfInThreeForms(t *testing.T) {
	b := greeting().Timeline().Title("a greeting").MimeBundle()
	if text := b["text/plain"].(string); !strings.Contains(text, "a -x b: bye (down)") {
		t.Errorf("the text is no transcript:\n%s", text)
	}
	spec, err := json.Marshal(b["application/vnd.vega.v5+json"])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`vega/v5.json`, `"fault":"b is down"`, `"took":"2ms"`, `"a greeting"`, `"shape":"cross"`} {
		if !strings.Contains(string(spec), want) {
			t.Errorf("no %s in the specification", want)
		}
	}
	if strings.Contains(string(spec), "null") {
		t.Error("null in the specification")
	}
	raw, err := base64.StdEncoding.DecodeString(b["image/png"].(string))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size.X < 300 || size.Y < 200 {
		t.Errorf("the picture is %v", size)
	}
	again, _ := json.Marshal(greeting().Timeline().Title("a greeting").MimeBundle())
	if first, _ := json.Marshal(b); !bytes.Equal(first, again) {
		t.Error("the same diagram twice is not the same bytes")
	}
}

func TestAFullLogSaysSo(t *testing.T) {
	l := &trace.Log{Limit: 2}
	a := l.Lane("a")
	for range 5 {
		l.Add(trace.Event{What: trace.Pause, Node: a})
	}
	if text := l.Transcript(0, l.Len()).String(); !strings.Contains(text, "the trace was full: 3 later events are not in it") {
		t.Errorf("got\n%s", text)
	}
}

func TestALongTranscriptFoldsInTheMiddle(t *testing.T) {
	l := &trace.Log{}
	a := l.Lane("a")
	for i := range 500 {
		l.Add(trace.Event{At: int64(i) * ms, What: trace.Pause, Node: a})
	}
	tr := l.Transcript(0, l.Len())
	if n := strings.Count(tr.String(), "\n"); n != 81 {
		t.Errorf("%d lines, want 81", n)
	}
	if n := strings.Count(tr.All().String(), "\n"); n != 500 {
		t.Errorf("%d lines of All, want 500", n)
	}
}
