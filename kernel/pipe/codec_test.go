package pipe

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

func samples() []*Message {
	return []*Message{
		{Kind: Ready},
		{Kind: Define, Cell: 3, Seq: 1, Body: []byte("package main\nfunc cell_3() []any { return nil }")},
		{Kind: Stream, Cell: -2, Name: "stderr", Body: []byte{0, 255, '\n', 0xc3}},
		{Kind: Display, Cell: 1, Data: map[string]any{"text/plain": "a<b & \u2028", "application/json": map[string]any{"n": 1.5, "l": []any{"x", nil, true}}},
			Metadata: map[string]any{}, ID: "cell-1-0", Update: true},
		{Kind: CommOut, Cell: 1, Comm: &Comm{Kind: "open", ID: "i", Target: "t", Data: map[string]any{}, Metadata: map[string]any{}, Buffers: [][]byte{{1, 2}, {}}}},
		{Kind: Done, Cell: 4, Failure: &Failure{Name: "Exit", Text: "os.Exit(3)", Code: 3, Frames: []Frame{{Func: "f7", Pos: 12}}}, Memory: 1 << 40},
		{Kind: Goroutines, Seq: 9, List: []Goroutine{{ID: 1, Cell: 2, Pos: 3, State: "running"}}},
		{Kind: Stream, Name: "stdout", Body: bytes.Repeat([]byte("0123456789abcdef"), 20_000)},
	}
}

// Every kind of message comes back as it was written, however the stream cuts it.
func TestFramesSurviveTheStream(t *testing.T) {
	var stream bytes.Buffer
	w := NewWriter(&stream)
	for _, m := range samples() {
		if err := w.Write(m); err != nil {
			t.Fatalf("write %s: %v", m.Kind, err)
		}
	}
	whole := stream.Bytes()
	for name, in := range map[string]io.Reader{
		"whole":       bytes.NewReader(whole),
		"byte a time": iotest.OneByteReader(bytes.NewReader(whole)),
		"halves":      iotest.HalfReader(bytes.NewReader(whole)),
	} {
		r := NewReader(in)
		for i, want := range samples() {
			got, err := r.Read()
			if err != nil {
				t.Fatalf("%s: read %d: %v", name, i, err)
			}
			want := clone(t, want)
			want.Size = got.Size
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: frame %d\n got %+v\nwant %+v", name, i, got, want)
			}
		}
		if _, err := r.Read(); err != io.EOF {
			t.Errorf("%s: at the end: %v, want io.EOF", name, err)
		}
	}
}

// clone gives empty maps and slices the form they have after JSON.
func clone(t *testing.T, m *Message) *Message {
	t.Helper()
	head, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	out := &Message{Body: m.Body}
	if err := json.Unmarshal(head, out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestExactKeepsLargeNumbers(t *testing.T) {
	var stream bytes.Buffer
	const big = "9007199254740993"
	if err := NewWriter(&stream).Write(&Message{Kind: Display, Data: map[string]any{"n": json.Number(big)}}); err != nil {
		t.Fatal(err)
	}
	r := NewReader(&stream)
	r.Exact = true
	m, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(m.Data["n"]); got != big {
		t.Errorf("got %s, want %s", got, big)
	}
}

// A message that cannot be written leaves the stream as it was.
func TestUnwritableMessageFailsAlone(t *testing.T) {
	var stream bytes.Buffer
	w := NewWriter(&stream)
	if err := w.Write(&Message{Kind: Display, Data: map[string]any{"x": math.NaN()}}); err == nil {
		t.Error("NaN was written")
	}
	if err := w.Write(&Message{Kind: Stream, Body: make([]byte, MaxFrame)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a body of %d bytes: %v, want ErrTooLarge", MaxFrame, err)
	}
	if stream.Len() != 0 {
		t.Fatalf("%d bytes were written", stream.Len())
	}
	if err := w.Write(&Message{Kind: Ready}); err != nil {
		t.Fatal(err)
	}
	if m, err := NewReader(&stream).Read(); err != nil || m.Kind != Ready {
		t.Errorf("got %v, %v", m, err)
	}
}

// A stream that breaks in the middle of a frame stays broken.
func TestBrokenStreamStaysBroken(t *testing.T) {
	w := NewWriter(&shortWriter{room: 10})
	first := w.Write(&Message{Kind: Ready})
	second := w.Write(&Message{Kind: Ready})
	if first == nil || !errors.Is(second, io.ErrShortWrite) {
		t.Errorf("first %v, second %v: want the error of the stream twice", first, second)
	}
}

type shortWriter struct{ room int }

func (w *shortWriter) Write(p []byte) (int, error) {
	if len(p) > w.room {
		n := w.room
		w.room = 1 << 20
		return n, io.ErrShortWrite
	}
	return len(p), nil
}

func TestManyWritersOneStream(t *testing.T) {
	in, out := io.Pipe()
	w := NewWriter(out)
	const writers, each = 20, 200
	var all sync.WaitGroup
	for g := range writers {
		all.Go(func() {
			for i := range each {
				body := strings.Repeat(fmt.Sprintf("%d.%d ", g, i), i)
				if err := w.Write(&Message{Kind: Stream, Cell: g + 1, Seq: i, Body: []byte(body)}); err != nil {
					t.Errorf("write: %v", err)
				}
			}
		})
	}
	go func() { all.Wait(); out.Close() }()
	next := make(map[int]int)
	r := NewReader(in)
	for {
		m, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.Repeat(fmt.Sprintf("%d.%d ", m.Cell-1, m.Seq), m.Seq); string(m.Body) != want {
			t.Fatalf("frame %d of writer %d is damaged", m.Seq, m.Cell-1)
		}
		if m.Seq != next[m.Cell] {
			t.Fatalf("writer %d: frame %d came where %d was due", m.Cell-1, m.Seq, next[m.Cell])
		}
		next[m.Cell]++
	}
	if len(next) != writers || next[1] != each {
		t.Errorf("%d writers, %d frames of the first; want %d, %d", len(next), next[1], writers, each)
	}
}

func frame(head, body string) []byte {
	b := make([]byte, 8)
	binary.BigEndian.PutUint32(b, uint32(4+len(head)+len(body)))
	binary.BigEndian.PutUint32(b[4:], uint32(len(head)))
	return append(append(b, head...), body...)
}

func TestMalformedFramesAreErrors(t *testing.T) {
	cases := map[string][]byte{
		"cut length":             {0, 0},
		"length below 4":         {0, 0, 0, 3, 0, 0, 0, 0},
		"4 GiB announced":        {255, 255, 255, 255, 0, 0, 0, 2},
		"head beyond frame":      {0, 0, 0, 6, 0, 0, 0, 3, '{', '}'},
		"empty head":             {0, 0, 0, 4, 0, 0, 0, 0},
		"cut in the head length": {0, 0, 0, 9, 0},
		"cut in the head":        frame(`{"kind":"ready"}`, "")[:12],
		"not JSON":               frame(`hello`, ""),
		"null":                   frame(`null`, ""),
		"array":                  frame(`[1,2]`, ""),
		"no kind":                frame(`{"cell":1}`, "x"),
		"kind of a wrong type":   frame(`{"kind":1}`, ""),
		"nested too deep":        frame(`{"kind":"display","data":{"x":`+strings.Repeat("[", 100_000), ""),
	}
	for name, raw := range cases {
		if m, err := NewReader(bytes.NewReader(raw)).Read(); err == nil || err == io.EOF {
			t.Errorf("%s: got %+v, %v; want an error", name, m, err)
		}
	}
}

// An announced length costs nothing until its bytes arrive.
func TestAnnouncedLengthIsNotAllocated(t *testing.T) {
	raw := binary.BigEndian.AppendUint32(nil, MaxFrame)
	raw = binary.BigEndian.AppendUint32(raw, 2)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := NewReader(bytes.NewReader(append(raw, "{}"...))).Read(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("got %v, want io.ErrUnexpectedEOF", err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
		t.Errorf("%d bytes were allocated for 2 that came", grown)
	}
}

// FuzzReader: whatever bytes come, Read ends with frames that can be written
// again, or an error.
func FuzzReader(f *testing.F) {
	for _, m := range samples() {
		if len(m.Body) > 1000 {
			continue
		}
		raw, err := encode(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add(append(raw, raw[:len(raw)/2]...))
	}
	f.Add(frame(`{"kind":"comm_in","comm":null,"list":null,"data":{"a":1e400}}`, ""))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := NewReader(bytes.NewReader(raw))
		for {
			m, err := r.Read()
			if err != nil {
				return
			}
			again, err := encode(m)
			if err != nil {
				t.Fatalf("a frame that was read cannot be written: %v", err)
			}
			m2, err := NewReader(bytes.NewReader(again)).Read()
			if err != nil {
				t.Fatalf("a frame that was written cannot be read: %v\n%q", err, again)
			}
			if m2.Kind != m.Kind || !bytes.Equal(m2.Body, m.Body) {
				t.Fatalf("frame changed: %+v, %+v", m, m2)
			}
		}
	})
}

func BenchmarkFrame(b *testing.B) {
	var stream bytes.Buffer
	w, r := NewWriter(&stream), NewReader(&stream)
	m := &Message{Kind: Stream, Cell: 7, Name: "stdout", Body: []byte("hello, world\n")}
	b.ReportAllocs()
	for b.Loop() {
		stream.Reset()
		if err := w.Write(m); err != nil {
			b.Fatal(err)
		}
		if _, err := r.Read(); err != nil {
			b.Fatal(err)
		}
	}
}
