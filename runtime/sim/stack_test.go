package sim_test

import (
	"fmt"
	"runtime"
	"testing"

	"netsplit/runtime/sim"
)

// TestTextsOfTheCallersStackAreKept writes texts that the compiler may build on the
// stack of the process, to a disk, a note, a message and a list, and looks at them when
// that stack has been used for something else.
func TestTextsOfTheCallersStackAreKept(t *testing.T) {
	world := sim.New(sim.Seed(1))
	node := world.Node("a", func(node *sim.Node) {
		for i := range 200 {
			writeTexts(node, string(rune('a'+i%26)))
			churn(20)
			node.Sleep(ms)
		}
	})
	world.Run(300 * ms)
	runtime.GC()
	for i := range 200 {
		letter := string(rune('a' + i%26))
		if got, want := fmt.Sprint(node.Disk.Log("log")[2*i:2*i+2]), fmt.Sprintf("[%s-%s [%s+%s]]", letter, letter, letter, letter); got != want {
			t.Fatalf("entry %d on disk is %q, want %q: a text of the caller's stack was kept", i, got, want)
		}
	}
	if got := node.Noted("note"); got != "r/r" {
		t.Errorf("noted %q", got)
	}
}

func writeTexts(node *sim.Node, letter string) {
	node.Disk.Append("log", letter+"-"+letter)
	node.Disk.Append("log", []string{letter + "+" + letter})
	node.Note("note", letter+"/"+letter)
	node.Send("a", "text", "is", letter+"*"+letter)
}

//go:noinline
func churn(n int) int {
	var room [64]byte
	for i := range room {
		room[i] = byte(n)
	}
	if n == 0 {
		return int(room[0])
	}
	return churn(n-1) + int(room[n])
}
