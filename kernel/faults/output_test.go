package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"netsplit/kernel/zmq/zmqtest"
)

// TestManyPrints is fault test 19.
func TestManyPrints(t *testing.T) {
	p := start(t)
	p.ok(`import ("fmt"; "os"; "sync")`)
	for _, n := range []int{10_000, 1_000_000} {
		began := time.Now()
		o := p.run(fmt.Sprintf("for i := range %d { fmt.Println(i) }", n))
		lines := strings.Split(strings.TrimSuffix(o.stdout, "\n"), "\n")
		t.Logf("%d prints: %v, %d messages", n, time.Since(began).Round(time.Millisecond), o.messages)
		if len(lines) != n {
			t.Fatalf("%d lines of %d: %s", len(lines), n, o)
		}
		for i, line := range lines {
			if line != fmt.Sprint(i) {
				t.Fatalf("line %d is %q", i, line)
			}
		}
		if limit := map[int]int{10_000: 20, 1_000_000: 500}[n]; o.messages > limit {
			t.Errorf("%d messages", o.messages)
		}
	}
	o := p.run(`for i := range 5000 { fmt.Println(i); fmt.Fprintln(os.Stderr, i) }`)
	var want strings.Builder
	for i := range 5000 {
		fmt.Fprintln(&want, i)
	}
	if o.stdout != want.String() || o.stderr != want.String() {
		t.Errorf("alternating streams: %d and %d bytes of %d", len(o.stdout), len(o.stderr), want.Len())
	}
	t.Logf("5000 lines on each stream in turn: %d messages", o.messages)
	o = p.run("var wg sync.WaitGroup\nfor g := range 50 { wg.Go(func() { for i := range 200 { fmt.Println(g, i) } }) }\nwg.Wait()")
	next := map[string]int{}
	for line := range strings.Lines(o.stdout) {
		g, i, _ := strings.Cut(strings.TrimSpace(line), " ")
		if i != fmt.Sprint(next[g]) {
			t.Fatalf("goroutine %s: line %s, want %d", g, i, next[g])
		}
		next[g]++
	}
	if len(next) != 50 {
		t.Errorf("lines of %d goroutines", len(next))
	}
}

// TestShapesOfOutput is fault test 20.
func TestShapesOfOutput(t *testing.T) {
	p := start(t, "NETSPLIT_OUTPUT=300MiB")
	p.ok(`import ("fmt"; "os"; "strings"; "time")`)
	o := p.run(`fmt.Print(strings.Repeat("x", 1<<20))`)
	if len(o.stdout) != 1<<20 {
		t.Errorf("1 MB without a newline: %d bytes", len(o.stdout))
	}
	o = p.run(`for range 100 { fmt.Print(strings.Repeat("\U0001F600", 1001)) }`)
	if o.stdout != strings.Repeat("\U0001F600", 100_100) {
		t.Errorf("4-byte runes: %d bytes, valid %v", len(o.stdout), utf8.ValidString(o.stdout))
	}
	for _, m := range o.answer.Outputs {
		if text, _ := zmqtest.Content(m)["text"].(string); len(text) > 256<<10 || strings.ContainsRune(text, utf8.RuneError) {
			t.Errorf("a piece of %d bytes, or with a rune that was split", len(text))
		}
	}
	o = p.run(`os.Stdout.Write([]byte("a\xff\xfeb\n"))` + "\nfmt.Print(\"\\x1b[31mred\\x1b[0m\\n\")")
	if !utf8.ValidString(o.stdout) || !strings.Contains(o.stdout, "\x1b[31mred\x1b[0m") || !strings.HasPrefix(o.stdout, "a\ufffd") {
		t.Errorf("invalid bytes and escape codes: %q", o.stdout)
	}
	began := time.Now()
	o = p.run("for i := range 1000 { fmt.Printf(\"\\r%d %%\", i/10); time.Sleep(time.Millisecond) }")
	took := time.Since(began)
	t.Logf("a progress bar of 1000 steps in %v: %d messages", took.Round(time.Millisecond), o.messages)
	if float64(o.messages) > 60*took.Seconds()+10 || !strings.HasSuffix(o.stdout, "99 %") {
		t.Errorf("progress bar: %d messages in %v, end %q", o.messages, took, tail(o.stdout, 10))
	}
	lines := 1_000_000
	if binaries.race {
		lines = 200_000 // the kernel process is many times slower then
	}
	began = time.Now()
	o = p.run(fmt.Sprintf("line := strings.Repeat(\"x\", 99)\nfor range %d { fmt.Println(line) }", lines))
	t.Logf("%d MB: %v, %d messages", lines/10_000, time.Since(began).Round(time.Millisecond), o.messages)
	if len(o.stdout) != 100*lines || o.status != "ok" {
		t.Errorf("%d MB: %d bytes, %s", lines/10_000, len(o.stdout), o.status)
	}
	p.alive()
}

// Output beyond the limit is one honest line, and the cell ends.
func TestOutputIsCut(t *testing.T) {
	p := start(t, "NETSPLIT_OUTPUT=1MiB")
	o := p.run(`import "fmt"` + "\nfor i := 0; ; i++ { fmt.Println(i) }")
	if o.ename != "LimitExceeded" || strings.Count(o.stderr, "output cut") != 1 || len(o.stdout) > 1<<20 {
		t.Errorf("%s", o)
	}
}
