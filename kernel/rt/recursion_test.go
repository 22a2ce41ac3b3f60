//go:build !race

package rt

import (
	"testing"
	"time"
)

// Guard words are written while they are read, which is what they are for.

// recurse is what a lowered function does, with frames of its size.
func recurse(word *bool, n int) int {
	var frame [600]byte
	if *word {
		Hit()
	}
	if n == 0 {
		return 0
	}
	r := recurse(word, n-1)
	frame[n%len(frame)] = byte(r)
	return r + 1 + int(frame[0])*0
}

func TestRecursionWithoutEndIsEndedAndDeepOnesAreNot(t *testing.T) {
	WatchStack(0)
	Forget()
	defer Forget()
	word, pos := false, 0
	Fn("recurse", &word, &pos)
	if _, fail := Run(1, func() []any { recurse(&word, -1); return nil }); fail == nil || fail.Name != "StackOverflow" {
		t.Errorf("endless recursion: %+v", fail)
	}
	depth := 0
	if _, fail := Run(2, func() []any { depth = recurse(&word, 100_000); return nil }); fail != nil || depth != 100_000 {
		t.Errorf("a recursion 100,000 deep: %+v, %d", fail, depth)
	}
	for deadline := time.Now().Add(time.Minute); stacks.alarm.Load(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the alarm goes on although nobody is deep")
		}
	}
}
