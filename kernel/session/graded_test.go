package session

import (
	"testing"
	"time"
)

// While submissions are graded the cells behind a failed one run, whatever was asked
// for: to nbgrader a cell that was aborted has all its points.
func TestNoCellIsAbortedWhileGraded(t *testing.T) {
	c := connect(t, func(config *Config) { config.Graded, config.GatherPause = true, 500*time.Millisecond })
	failing := c.send("shell", "execute_request", map[string]any{"code": "fail Panic at once", "stop_on_error": true})
	var behind []string
	for range 3 {
		behind = append(behind, c.send("shell", "execute_request", map[string]any{"code": "print behind", "stop_on_error": true}))
	}
	if got := status(c.done(failing)); got != "error" {
		t.Errorf("the failing cell: %s", got)
	}
	for i, id := range behind {
		if got := status(c.done(id)); got != "ok" {
			t.Errorf("cell %d behind the failing one: %s, want ok", i+1, got)
		}
	}
}

// Cells that the end of the kernel meets in the queue have an error, too.
func TestCellsBehindTheEndAreErrorsWhileGraded(t *testing.T) {
	c := connect(t, func(config *Config) { config.Graded = true })
	c.send("shell", "execute_request", map[string]any{"code": "wait never"})
	last := c.send("shell", "execute_request", map[string]any{"code": "print behind"})
	c.send("control", "shutdown_request", map[string]any{"restart": false})
	<-c.finished
	replied, shown := "", 0
	for _, m := range c.traffic() {
		if m.parent == last && m.kind == "error" {
			shown++
		}
		if m.parent == last && m.kind == "execute_reply" {
			replied, _ = m.content["status"].(string)
		}
	}
	if replied != "error" || shown != 1 {
		t.Errorf("the cell behind the end: replied %q, with %d errors shown", replied, shown)
	}
}

// What is printed on stderr stands on stdout.
func TestStderrIsStdoutWhileGraded(t *testing.T) {
	for _, graded := range []bool{false, true} {
		c := connect(t, func(config *Config) { config.Graded = graded })
		id := c.send("shell", "execute_request", map[string]any{"code": "warn text"})
		names := map[string]string{}
		for _, m := range c.done(id) {
			if m.parent == id && m.kind == "stream" {
				name, _ := m.content["name"].(string)
				text, _ := m.content["text"].(string)
				names[name] += text
			}
		}
		want := "stderr"
		if graded {
			want = "stdout"
		}
		if len(names) != 1 || names[want] == "" {
			t.Errorf("graded %v: streams %q, want all on %s", graded, names, want)
		}
	}
}
