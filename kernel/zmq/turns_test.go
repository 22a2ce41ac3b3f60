package zmq

import (
	"fmt"
	"testing"
)

func TestPeersTakeTurns(t *testing.T) {
	q := newTurns()
	put := func(identity string, n int) { q.put([][]byte{[]byte(identity), fmt.Append(nil, n)}) }
	for i := range 1000 {
		put("flood", i)
	}
	put("one", 0)
	put("two", 0)
	put("one", 1)
	var got []string
	for range 7 {
		frames, ok := q.get()
		if !ok {
			t.Fatal("closed")
		}
		got = append(got, string(frames[0])+string(frames[1]))
	}
	if want := "[flood0 one0 two0 flood1 one1 flood2 flood3]"; fmt.Sprint(got) != want {
		t.Errorf("order %v, want %s", got, want)
	}
	q.close()
	if _, ok := q.get(); ok {
		t.Error("a closed queue still gives")
	}
	put("late", 0) // into the void
}
