package supervisor

import (
	"testing"
	"time"
)

// Reports as Go 1.26 writes them, shortened.
func TestDumpsAreRead(t *testing.T) {
	cases := []struct {
		dump string
		want death
	}{
		{"panic: oh no\n\ngoroutine 34 [running labels:{\"netsplit\": \"4\"}]:\nmain.main.func1()\n\t/x.go:3 +0x1\n", death{Name: "Panic", Text: "oh no", Cell: 4}},
		{"panic: first [recovered]\n\tpanic: second\n\ngoroutine 1 [running]:\nmain.main()\n", death{Name: "Panic", Text: "second"}},
		{"panic: raised again [recovered, repanicked]\n\ngoroutine 1 [running]:\n", death{Name: "Panic", Text: "raised again"}},
		{"panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]\n\ngoroutine 1 [running]:\n",
			death{Name: "Panic", Text: "runtime error: invalid memory address or nil pointer dereference"}},
		{"fatal error: concurrent map read and map write\n\ngoroutine 7 [running labels:{\"netsplit\": \"-3\"}]:\n", death{Name: "WorkerDied", Text: "fatal error: concurrent map read and map write", Cell: -3}},
		{"runtime: goroutine stack exceeds 536870912-byte limit\nruntime: sp=0xc02 stack=[0xc0, 0xe0]\nfatal error: stack overflow\n\nruntime stack:\nruntime.throw({0x1, 0xe})\n\ngoroutine 1 [running]:\nmain.f(...)\n",
			death{Name: "StackOverflow", Text: "stack overflow: a function calls itself too deeply (the stack of a goroutine grew beyond 512 MiB)"}},
		{"runtime: out of memory: cannot allocate 17179869184-byte block (4161536 in use)\nfatal error: out of memory\n\ngoroutine 1 [running]:\n",
			death{Name: "OutOfMemory", Text: "out of memory: no room for another 16 GiB"}},
		{"fatal error: out of memory\n\nruntime stack:\nruntime.throw({0x1, 0xd})\nruntime.stackalloc(0x20000000)\nruntime.copystack(0xc0000061c0, 0x20000000)\n\t/s.go:1\nruntime.newstack()\n\ngoroutine 7 [copystack labels:{\"netsplit\": \"3\"}]:\n",
			death{Name: "StackOverflow", Text: "stack overflow: a function calls itself too deeply (there is no memory for a larger stack)", Cell: 3}},
		{"fatal error: out of memory\n\nruntime stack:\nruntime.copystack(0xc0000061c0?, 0x2000)\n", death{Name: "OutOfMemory", Text: "out of memory"}},
		{"fatal error: runtime: cannot allocate memory\n\nruntime stack:\n", death{Name: "OutOfMemory", Text: "out of memory"}},
		{"fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\n", death{Name: "Deadlock", Text: "all goroutines are asleep - deadlock!"}},
		{"unexpected fault address 0x7f\nfatal error: fault\n[signal SIGBUS: bus error code=0x2 addr=0x7f pc=0x4]\n\ngoroutine 1 [running]:\n", death{Name: "WorkerDied", Text: "fatal error: fault"}},
		{"SIGQUIT: quit\nPC=0x47 m=0 sigcode=0\n\ngoroutine 0 gp=0x1 m=0 mp=0x2 [idle]:\n", death{Name: "WorkerDied", Text: "the worker process was ended by signal SIGQUIT: quit"}},
	}
	for _, c := range cases {
		if got, ok := readDump(c.dump); !ok || got != c.want {
			t.Errorf("dump\n%s\ngot  %+v\nwant %+v", c.dump, got, c.want)
		}
	}
	for _, text := range []string{"", "panicking is not the same", "runtime: hello", "goroutine leak"} {
		if got, ok := readDump(text); ok {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}

// On descriptor 5 the heading is missing.
func TestStacksAreRead(t *testing.T) {
	cases := []struct {
		stacks string
		want   death
	}{
		{"\n\nruntime stack:\nruntime.throw({0x4c, 0xc0})\n\t/p.go:1\nruntime.newstack()\n\t/s.go:1\n\ngoroutine 1 gp=0xc0 m=0 mp=0x5 [running labels:{\"netsplit\": \"9\"}]:\n", death{Name: "StackOverflow", Text: overflowText, Cell: 9}},
		{"\n\ngoroutine 1 gp=0xc0 [running]:\nruntime.throw({0x4c, 0xc0})\nruntime.(*mcache).allocLarge(0x1, 0x2)\n", death{Name: "OutOfMemory", Text: "out of memory"}},
		{"\n\ngoroutine 8 [running]:\ninternal/runtime/maps.fatal({0x1, 0x2})\n", death{Name: "WorkerDied", Text: "fatal error: concurrent use of a map, one of them writing"}},
	}
	for _, c := range cases {
		if got, ok := readStacks(c.stacks); !ok || got != c.want {
			t.Errorf("stacks\n%s\ngot  %+v\nwant %+v", c.stacks, got, c.want)
		}
	}
	if got, ok := readStacks(""); ok {
		t.Errorf("nothing was read as %+v", got)
	}
}

// What is held back is decided by the beginnings of lines, however the text is cut.
func TestDumpFilterHoldsFromTheLineOn(t *testing.T) {
	whole := "some text\na panic: in a line\npanic: real\n\ngoroutine 1 [running]:\n"
	for cut := 1; cut < len(whole); cut++ {
		var passed string
		f := newDumpFilter(func(text string) { passed += text })
		f.patience = time.Hour
		for rest := whole; rest != ""; {
			n := min(cut, len(rest))
			f.write([]byte(rest[:n]))
			rest = rest[n:]
			if f.holding && !mayStartDump(f.held.String()) {
				t.Fatalf("cut at %d: holds %q", cut, f.held.String())
			}
		}
		report := f.report()
		if passed+report != whole {
			t.Errorf("cut at %d: %q and %q", cut, passed, report)
		}
		if cut > 9 && passed != "some text\na panic: in a line\n" {
			t.Errorf("cut at %d: passed %q", cut, passed)
		}
	}
}
