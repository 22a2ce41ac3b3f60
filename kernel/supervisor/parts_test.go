package supervisor

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"netsplit/kernel/cell"
)

func TestLimitsFromEnvironment(t *testing.T) {
	usual := DefaultLimits()
	if usual.Memory <= 0 || usual.Memory > 4<<30 || usual.CellTime != 0 {
		t.Errorf("defaults %+v", usual)
	}
	set := func(values ...string) {
		for i, name := range []string{"NETSPLIT_MEMORY", "NETSPLIT_OUTPUT", "NETSPLIT_GOROUTINES", "NETSPLIT_CELL_TIME"} {
			t.Setenv(name, values[i])
		}
	}
	cases := []struct {
		values []string
		want   Limits // filled
		wrong  string
	}{
		{[]string{"", "", "", ""}, usual, ""},
		{[]string{"512MiB", "100 MB", "10", "1m30s"}, Limits{512 << 20, 100_000_000, 10, 90 * time.Second}, ""},
		{[]string{"1g", "5000", "10", "2.5"}, Limits{1 << 30, 5000, 10, 2500 * time.Millisecond}, ""},
		{[]string{"none", "0", "none", "0"}, Limits{}, ""},
		{[]string{"much", "-1", "many", "soon"}, usual, `NETSPLIT_MEMORY="much"`},
		{[]string{"1MiB", "", "", ""}, usual, "at least 256 MiB"},
	}
	for _, c := range cases {
		set(c.values...)
		got, err := LimitsFromEnvironment()
		if got.filled() != c.want {
			t.Errorf("%q: %+v, want %+v", c.values, got.filled(), c.want)
		}
		if (err != nil) != (c.wrong != "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%q: error %v, want one with %q", c.values, err, c.wrong)
		}
	}
}

func TestLostVariablesAreNamed(t *testing.T) {
	var v variables
	if got := v.lose(0); got != "" {
		t.Errorf("nothing lost: %q", got)
	}
	const rest = ". Functions, types, constants and imports are still there."
	v.give(2, Request{Code: "a"}, []string{"x"})
	v.give(5, Request{Code: "b"}, []string{"y", "x"})
	v.give(6, Request{Code: "c"}, []string{"z"})
	want := "The variables x and y of cells [2] and [5] are gone: run these cells again to have them back" + rest
	if got := v.lose(6); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	v.give(7, Request{Code: "a", CellID: "i"}, []string{"x"})
	v.give(8, Request{Code: "a2", CellID: "i"}, []string{"x"}) // the same cell, edited
	v.give(9, Request{Code: "a3", CellID: "i"}, nil)           // and now without variables
	v.give(10, Request{Code: "b"}, []string{"y"})
	v.give(11, Request{Code: "b"}, []string{"y"})
	want = "The variable y of cell [11] is gone: run that cell again to have it back" + rest
	if got := v.lose(0); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for i := range 40 {
		v.give(i+1, Request{Code: fmt.Sprint(i)}, []string{fmt.Sprintf("v%02d", i)})
	}
	got := v.lose(0)
	mustHold(t, "long list", got, "v00, v01", "v11 and 28 more of cells [1], [2]", "[20] and 20 more are gone")
	v.give(-3, Request{Code: "s"}, []string{"q"})
	if got, want := v.lose(0), "The variable q is gone"+rest; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLongStacksAreCutInTheMiddle(t *testing.T) {
	f := failure{name: "Panic", text: "deep", cell: 1}
	for i := range 1000 {
		f.stack = append(f.stack, cell.Location{Cell: 1, Line: i + 1, Col: 1, Func: "f"})
	}
	lines := f.report().Traceback
	if len(lines) > 40 {
		t.Errorf("%d lines", len(lines))
	}
	mustHold(t, "traceback", text(f.report()), "line 13,", "… 975 more …", "line 1000,")
}

func TestCaretStandsBelowItsColumn(t *testing.T) {
	cases := []struct {
		source string
		col    int // bytes
		want   string
	}{
		{"\tx := é + y", 12, "\t         ^"},
		{"世界 := bad", 11, "        ^"},
		{"x", 9, " ^"},
		{strings.Repeat("a", 1000) + "b", 1001, ""},
	}
	for _, c := range cases {
		lines := excerpt(cell.Location{Line: 1, Col: c.col, Source: c.source})
		got := ansi.ReplaceAllString(lines[1], "")
		if c.want != "" && got != "     | "+c.want {
			t.Errorf("%q column %d:\n%s\n%s", c.source, c.col, ansi.ReplaceAllString(lines[0], ""), got)
		}
		if len(lines[0]) > 300 {
			t.Errorf("a line of %d bytes is shown", len(lines[0]))
		}
	}
}

func TestPlaceInAnotherCell(t *testing.T) {
	f := failure{name: "Panic", text: "boom", cell: 5, stack: []cell.Location{{Cell: 2, Line: 3, Col: 4, Func: "f", Source: "x"}, {Cell: 5, Line: 1, Col: 1, Source: "f()"}}}
	if got, want := f.report().Value, "1:1: boom (cell [2], 3:4)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	f.stack = f.stack[:1]
	if got, want := f.report().Value, "3:4: boom (cell [2])"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestOutboxMakesItsSourceWaitUntilNobodyDoes(t *testing.T) {
	o := newOutbox()
	open := make(chan struct{})
	var told atomic.Int64
	take := func() { <-open; told.Add(1) }
	for range 17 {
		o.put(1<<20, take)
	}
	waiting := make(chan struct{})
	go func() {
		o.put(1<<20, take)
		close(waiting)
	}()
	select {
	case <-waiting:
		t.Error("there was room for more than 16 MiB")
	case <-time.After(50 * time.Millisecond):
	}
	o.stopWaiting()
	<-waiting
	if n := o.dropped(); n != 1<<20 {
		t.Errorf("%d bytes were dropped, want 1 MiB", n)
	}
	close(open)
	o.flush()
	if told.Load() != 17 {
		t.Errorf("%d of 17 were told", told.Load())
	}
}
