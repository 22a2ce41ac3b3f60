package session

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"netsplit/kernel/wire"
)

// checkOrder checks the rules of the package comment on recorded traffic: for each
// request one busy, the input before the outputs, at most one reply, idle behind
// everything but what is allowed to come late.
func checkOrder(t *testing.T, all []message, late map[string]bool) {
	t.Helper()
	type state struct{ busy, idle, replies, outputs, inputs int }
	states := map[string]*state{}
	session := ""
	ids := map[string]bool{}
	for _, m := range all {
		if id := m.raw.Header.ID; ids[id] {
			t.Errorf("msg_id %s was used twice", id)
		} else {
			ids[id] = true
		}
		if session == "" {
			session = m.raw.Header.Session
		}
		if m.raw.Header.Session != session {
			t.Errorf("%s has the session id %s, others have %s", m.kind, m.raw.Header.Session, session)
		}
		if text := string(m.raw.Content); strings.Contains(text, ":null") && m.kind != "history_reply" && m.kind != "comm_msg" {
			t.Errorf("%s holds a null: %s", m.kind, text)
		}
		if m.parent == "" {
			continue
		}
		s := states[m.parent]
		if s == nil {
			s = &state{}
			states[m.parent] = s
		}
		say := func(what string) {
			t.Errorf("request %s: %s %v: %s", m.parent, m.kind, m.content, what)
		}
		switch {
		case m.kind == "status" && m.content["execution_state"] == "busy":
			if s.busy++; s.busy > 1 {
				say("busy twice")
			}
		case m.kind == "status":
			if s.idle++; s.idle > 1 {
				say("idle twice")
			}
		default:
			if s.idle > 0 && !late[m.parent] {
				say("after idle")
			}
			switch {
			case strings.HasSuffix(m.kind, "_reply") && m.channel != "iopub":
				if s.replies++; s.replies > 1 {
					say("two replies")
				}
			case m.kind == "execute_input":
				if s.inputs++; s.outputs > 0 {
					say("input after output")
				}
			default:
				if s.outputs++; s.replies > 0 && !late[m.parent] && m.kind != "shutdown_reply" {
					say("after the reply")
				}
			}
		}
		if s.busy == 0 {
			say("before busy")
		}
	}
	for id, s := range states {
		if s.idle != 1 {
			t.Errorf("request %s: %d idles", id, s.idle)
		}
	}
}

// TestOrderHoldsUnderLoad sends many requests of all kinds at once, on both channels
// and in several subshells.
func TestOrderHoldsUnderLoad(t *testing.T) {
	c := connect(t, nil)
	random := rand.New(rand.NewPCG(1, 2))
	var shells []string
	for range 3 {
		reply := c.done(c.send("control", "create_subshell_request", struct{}{}))
		for _, m := range reply {
			if id, ok := m.content["subshell_id"].(string); ok {
				shells = append(shells, id)
			}
		}
	}
	codes := []string{
		"print 1", "result 2", "print 1\nwarn 2\nshow 3\nresult 4", "flood 300", "fail Panic x",
		"seesaw 100", "clear\nprint 3", "panic x", "update a 1\nupdate b 2\nupdate a 3",
	}
	var ids []string
	for range 600 {
		channel := []string{"shell", "control"}[random.IntN(2)]
		kind, content := "execute_request", any(map[string]any{
			"code": codes[random.IntN(len(codes))], "stop_on_error": random.IntN(4) == 0, "silent": random.IntN(8) == 0,
		})
		switch random.IntN(8) {
		case 0:
			kind, content = "kernel_info_request", struct{}{}
		case 1:
			kind, content = "complete_request", map[string]any{"code": "wor"}
		case 2:
			kind, content = "history_request", map[string]any{"hist_access_type": "tail", "n": 3}
		case 3:
			kind, content = "nonsense_request", []int{1}
		case 4:
			kind, content = "comm_open", map[string]any{"comm_id": fmt.Sprint(random.IntN(9)), "target_name": "echo"}
		}
		shell := random.IntN(len(shells) + 1)
		ids = append(ids, c.sendWith(channel, kind, content, func(m *wire.Message) {
			if shell < len(shells) {
				setHeader(m, "subshell_id", shells[shell])
			}
		}))
	}
	c.done(ids...)
	checkOrder(t, c.traffic(), nil)
}

// TestCountsGrowByOne sends a thousand cells before the first is answered.
func TestCountsGrowByOne(t *testing.T) {
	c := connect(t, nil)
	var ids []string
	for range 1000 {
		ids = append(ids, c.send("shell", "execute_request", map[string]any{"code": "result 1"}))
	}
	count, at := 0.0, 0
	for _, m := range c.done(ids...) {
		if m.kind != "execute_reply" {
			continue
		}
		if count++; m.content["execution_count"] != count || m.parent != ids[at] {
			t.Fatalf("reply %d has execution_count %v and answers request %s, want %s", at+1, m.content["execution_count"], m.parent, ids[at])
		}
		at++
	}
	if at != 1000 {
		t.Fatalf("%d replies, want 1000", at)
	}
	checkOrder(t, c.traffic(), nil)
}

// TestParentIsEchoedAsItCame holds the header to its bytes, unknown members included.
func TestParentIsEchoedAsItCame(t *testing.T) {
	c := connect(t, nil)
	var header json.RawMessage
	id := c.sendWith("shell", "kernel_info_request", struct{}{}, func(m *wire.Message) {
		setHeader(m, "future", map[string]any{"a": []int{1}})
		m.RawHeader = append([]byte("  "), m.RawHeader...)
		header = m.RawHeader
	})
	for _, m := range c.done(id) {
		if string(m.raw.Parent) != string(header) {
			t.Errorf("%s has the parent %s, want %s", m.kind, m.raw.Parent, header)
		}
	}
}

// TestCellsSentWithAFailingCellAreAborted plays "run all" against a cell that fails at
// once: the cells behind it arrive, one by one, when it has failed already.
func TestCellsSentWithAFailingCellAreAborted(t *testing.T) {
	c := connect(t, func(config *Config) { config.GatherPause = 500 * time.Millisecond })
	failing := c.send("shell", "execute_request", map[string]any{"code": "fail Panic at once"})
	c.until("the failure", func(all []message) bool { return all[len(all)-1].kind == "error" })
	var behind []string
	for range 5 {
		behind = append(behind, c.send("shell", "execute_request", map[string]any{"code": "print behind"}))
		time.Sleep(time.Millisecond)
	}
	c.done(failing)
	next := c.send("shell", "execute_request", map[string]any{"code": "print next"}) // an answer to the reply
	for i, id := range behind {
		if got := status(c.done(id)); got != "aborted" {
			t.Errorf("cell %d behind the failing one: %s, want aborted", i+1, got)
		}
	}
	if got := status(c.done(next)); got != "ok" {
		t.Errorf("the cell that was sent when the failure was known: %s, want ok", got)
	}
}

func status(all []message) string {
	for _, m := range all {
		if m.kind == "execute_reply" {
			return fmt.Sprint(m.content["status"])
		}
	}
	return "no reply"
}

// TestShutdownLetsOutputOut asks for the end right behind a cell.
func TestShutdownLetsOutputOut(t *testing.T) {
	for range 20 {
		c := connect(t, nil)
		cell := c.send("shell", "execute_request", map[string]any{"code": "flood 1000\nresult 1"})
		end := c.send("control", "shutdown_request", map[string]any{"restart": false})
		<-c.finished
		all := c.traffic()
		checkOrder(t, all, nil)
		text, ended := "", map[string]bool{}
		for _, m := range all {
			if m.parent == cell && m.kind == "stream" {
				text += m.content["text"].(string)
			}
			if m.kind == "status" && m.content["execution_state"] == "idle" {
				ended[m.parent] = true
			}
		}
		if strings.Count(text, "\n") != 1000 || !ended[cell] || !ended[end] {
			t.Fatalf("%d lines of 1000, idle of the cell %v, of the shutdown %v", strings.Count(text, "\n"), ended[cell], ended[end])
		}
	}
}

// TestShutdownEndsWhatRuns asks for the end while cells run and wait.
func TestShutdownEndsWhatRuns(t *testing.T) {
	c := connect(t, nil)
	runs := c.send("shell", "execute_request", map[string]any{"code": "block"})
	waits := c.send("shell", "execute_request", map[string]any{"code": "print never"})
	c.until("the cell's start", func(all []message) bool { return all[len(all)-1].kind == "execute_input" })
	c.send("control", "shutdown_request", struct{}{})
	<-c.finished
	var mine, behind []message
	for _, m := range c.traffic() {
		switch m.parent {
		case runs:
			mine = append(mine, m)
		case waits:
			behind = append(behind, m)
		}
	}
	if status(mine) != "error" || status(behind) != "aborted" {
		t.Errorf("the running cell: %s, want error; the one behind it: %s, want aborted", status(mine), status(behind))
	}
	checkOrder(t, c.traffic(), nil)
}

// TestStaleAnswersAreDropped answers a question twice; the second answer must not
// reach the next question.
func TestStaleAnswersAreDropped(t *testing.T) {
	c := connect(t, nil)
	c.sendWith("stdin", "input_reply", map[string]any{"value": "too early"}, nil)
	for len(c.wires.stdin) > 0 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond) // between the channel and the list of questions
	for i, want := range []string{`answer "one"`, `answer "two"`} {
		id := c.send("shell", "execute_request", map[string]any{"code": "ask ?", "allow_stdin": true})
		value := []string{`"one"`, `"two"`}[i]
		c.until("question", func(all []message) bool {
			return all[len(all)-1].kind == "input_request" && all[len(all)-1].parent == id
		})
		c.answer(value)
		text := ""
		for _, m := range c.done(id) {
			if m.kind == "stream" {
				text += m.content["text"].(string)
			}
		}
		if !strings.HasPrefix(text, want) {
			t.Errorf("got %q, want %s", text, want)
		}
		// Once more, with the header of a question that is answered.
		all := c.traffic()
		for _, m := range all {
			if m.kind == "input_request" {
				c.sendWith("stdin", "input_reply", map[string]any{"value": "stale"}, func(r *wire.Message) { r.Parent = m.raw.RawHeader })
			}
		}
	}
}

// TestInterruptsMeetTheCellThatIsBusy interrupts as soon as a cell is busy; the cell
// behind it must not be met.
func TestInterruptsMeetTheCellThatIsBusy(t *testing.T) {
	c := connect(t, nil)
	for range 100 {
		id := c.send("shell", "execute_request", map[string]any{"code": "block", "stop_on_error": false})
		behind := c.send("shell", "execute_request", map[string]any{"code": "flood 50\nresult 1"})
		c.until("busy", func(all []message) bool {
			for _, m := range all {
				if m.parent == id && m.kind == "status" {
					return true
				}
			}
			return false
		})
		c.send("control", "interrupt_request", struct{}{})
		if got := status(c.done(id)); got != "error" {
			t.Fatalf("the interrupted cell: %s", got)
		}
		if got := status(c.done(behind)); got != "ok" {
			t.Fatalf("the cell behind it: %s", got)
		}
	}
}
