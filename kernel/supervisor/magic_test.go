package supervisor

import (
	"context"
	"strings"
	"testing"
)

func TestMagicsAreLines(t *testing.T) {
	code := "%help\nx := `\n%raw\n` /*\n%comment\n*/ \"`\" '\"' // `\n  %stop 3 4\ny % 2\n"
	text, found, bad := cutMagics(code)
	if bad != nil {
		t.Fatal(bad)
	}
	if len(found) != 2 || found[0].name != "help" || found[1].name != "stop" || len(found[1].arguments) != 2 || found[1].line != 7 {
		t.Errorf("found %+v", found)
	}
	want := "\nx := `\n%raw\n` /*\n%comment\n*/ \"`\" '\"' // `\n\ny % 2\n"
	if text != want {
		t.Errorf("text\n%q\nwant\n%q", text, want)
	}
	if blank := blankMagics(code); len([]rune(blank)) != len([]rune(code)) || strings.Contains(blank, "%help") {
		t.Errorf("blanked %q", blank)
	}
}

func TestUnknownMagicListsThem(t *testing.T) {
	k := startKernel(t, nil)
	e, _ := k.fails("out a\n%matplotlib inline", "CompileError")
	if e.Value != "2:1: there is no magic %matplotlib" {
		t.Errorf("evalue %q", e.Value)
	}
	mustHold(t, "traceback", text(e), "%goroutines", "%stop", "%reset", "%lowered", "%help", "%limits")
}

func TestHelpIsAPage(t *testing.T) {
	k := startKernel(t, nil)
	_, o := k.run("%help")
	if o.Error != nil || len(o.Payload) != 1 || o.Payload[0]["source"] != "page" {
		t.Fatalf("outcome %+v", o)
	}
	mustHold(t, "page", o.Payload[0]["data"].(map[string]any)["text/plain"].(string), "%goroutines")
	_, o = k.run("%help known")
	if o.Payload[0]["data"].(map[string]any)["text/plain"] != "known" {
		t.Errorf("%+v", o.Payload)
	}
}

func TestGoroutinesAreListedAndStopped(t *testing.T) {
	k := startKernel(t, nil)
	if got := k.ok("%goroutines"); !strings.Contains(got, "no goroutines") {
		t.Errorf("at first: %s", got)
	}
	k.ok("go sleep; go sleep")
	k.ok("go sleep")
	got := k.ok("%goroutines")
	mustHold(t, "list", got, "goroutine  cell  line  state  source", "[2]   7     sleep  f(x)", "[3]")
	mustHold(t, "stop", k.ok("%stop 2"), "stopped 2 goroutines")
	got = k.ok("%goroutines")
	if strings.Contains(got, "[2]") || !strings.Contains(got, "[3]") {
		t.Errorf("after %%stop 2:\n%s", got)
	}
	mustHold(t, "stop", k.ok("%stop\nout go on"), "stopped 1 goroutine", "go on")
	mustHold(t, "stop", k.ok("%stop"), "no goroutines to stop")
}

func TestLoweredShowsAndDoesNotRun(t *testing.T) {
	k := startKernel(t, nil)
	k.ok("out secret")
	got := k.ok("%lowered\nset q; out shown")
	if !strings.Contains(got, "out shown") || strings.Contains(got, `stdout "shown`) {
		t.Errorf("got %s", got)
	}
	mustHold(t, "earlier cell", k.ok("%lowered 1"), "out secret", "// run:")
	mustHold(t, "last cell", k.ok("%lowered"), "out secret")
	k.fails("%lowered 99", "CompileError")
}

func TestReset(t *testing.T) {
	k := startKernel(t, nil)
	k.ok("let f")
	k.ok("set x")
	before := k.pid()
	mustHold(t, "reset", k.ok("%reset"), "fresh worker", "The variable x of cell [2] is gone")
	if k.pid() == before {
		t.Error("the worker is the same")
	}
	mustHold(t, "declaration", k.ok("defined? f"), "true")
	mustHold(t, "reset", k.ok("%reset"), "No variables were lost")
	old := k.front
	k.front = &fakeFront{}
	mustHold(t, "reset all", k.ok("%reset all\nout same cell"), "Everything is gone", "same cell")
	mustHold(t, "declaration", k.ok("defined? f"), "false")
	if old == k.frontEnd() {
		t.Error("the front end is the same")
	}
	k.fails("%reset everything", "CompileError")
}

func TestEditorsSeeNoMagics(t *testing.T) {
	k := startKernel(t, nil)
	c := k.Complete(context.Background(), "é\n%go", 5)
	if c.Start != 2 || c.End != 5 || len(c.Items) != 1 || c.Items[0].Text != "%goroutines" {
		t.Errorf("completion %+v", c)
	}
	c = k.Complete(context.Background(), "%help\nfm", 8)
	if c.Items[0].Text != "     \nfm" {
		t.Errorf("the front end saw %q", c.Items[0].Text)
	}
	if status, _ := k.IsComplete("%help"); status != "complete" {
		t.Errorf("%%help is %s", status)
	}
	if status, _ := k.IsComplete("%help\nfor {"); status != "incomplete" {
		t.Errorf("%s", status)
	}
	if c := k.Complete(context.Background(), "ab", -5); c.Start != 0 && c.Start != -5 {
		t.Errorf("%+v", c)
	}
}
