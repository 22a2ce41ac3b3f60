package faults

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"netsplit/kernel/zmq/zmqtest"
)

// raw sends a request whose content is the text given, rightly signed.
func (p *process) raw(kind, content string) *message {
	p.t.Helper()
	m, err := p.Author.New(kind, nil, struct{}{})
	if err != nil {
		p.t.Fatal(err)
	}
	m.Content = json.RawMessage(content)
	p.SendMessage(p.Shell, m)
	return m
}

// TestUnreadableContents is fault test 5, and the second half of 4.
func TestUnreadableContents(t *testing.T) {
	p := start(t)
	comment := 16 << 20
	if binaries.race {
		comment = 4 << 20 // the kernel process is many times slower then
	}
	for _, c := range []struct{ name, content, status string }{
		{"empty", `{}`, "ok"}, // as an empty cell
		{"code is a number", `{"code": 5}`, "error"},
		{"code is null", `{"code": null}`, ""},
		{"not JSON", `{"code": `, "error"},
		{"a list", `[1, 2]`, "error"},
		{"null", `null`, "error"},
		{"NUL in the code", `{"code": "1\u0000"}`, "error"},
		{"U+2028", `{"code": "// \u2028\n1 + 1"}`, "ok"},
		{"invalid UTF-8", "{\"code\": \"// \xff\xfe\\n1\"}", ""},
		{"half a surrogate pair", `{"code": "\"\ud800\""}`, ""},
		{"wrong types elsewhere", `{"code": "1", "silent": "yes", "store_history": 7, "user_expressions": [], "allow_stdin": {}}`, "ok"},
		{"nested 100,000 deep", `{"code": "1", "user_expressions": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, ""},
		{"16 MB of comment", `{"code": "//` + strings.Repeat("x", comment) + `\n1 + 1"}`, "ok"},
	} {
		o := outcomeOf(p.Collect(p.Shell, p.raw("execute_request", c.content)))
		t.Logf("%-24s %s %s", c.name, o.status, o.ename)
		if o.status == "" || c.status != "" && o.status != c.status {
			t.Errorf("%s: want %s\n%s", c.name, c.status, tail(o.String(), 1000))
		}
	}
	if got := p.ok("1 + 1"); got != "2" {
		t.Errorf("afterwards 1 + 1 gives %s", got)
	}
	p.alive()
}

// TestUnknownRequests is fault test 6: busy and idle, and nobody dies.
func TestUnknownRequests(t *testing.T) {
	p := start(t)
	for _, kind := range []string{"what_request", "execute_reply", "kernel_info_reply", "status", "connect_request"} {
		p.Outputs(p.Send(p.Shell, kind, map[string]any{"code": "1"}))
		p.Outputs(p.Send(p.Control, kind, map[string]any{"code": "1"}))
	}
	for _, version := range []string{"4.0", "9.9", "nonsense"} {
		m, _ := p.Author.New("kernel_info_request", nil, map[string]any{"new_field": []int{1}})
		var header map[string]any
		json.Unmarshal(m.RawHeader, &header)
		header["version"], header["other"] = version, map[string]any{"a": 1}
		m.RawHeader, _ = json.Marshal(header)
		p.SendMessage(p.Shell, m)
		if status := zmqtest.Content(p.Collect(p.Shell, m).Reply)["status"]; status != "ok" {
			t.Errorf("version %s: %v", version, status)
		}
	}
	p.alive()
}

// TestCursors is fault test 7.
func TestCursors(t *testing.T) {
	p := start(t)
	for _, code := range []string{"", "fmt.Pri", "\U0001F600.", "x := \"\U0001F600\U0001F600\"", strings.Repeat("é", 100)} {
		for _, at := range []int{-5, 0, 1, 2, 7, 99_999} {
			for _, kind := range []string{"complete_request", "inspect_request"} {
				c := zmqtest.Content(p.Ask(kind, map[string]any{"code": code, "cursor_pos": at, "detail_level": 7}).Reply)
				if c["status"] != "ok" {
					t.Errorf("%s of %q at %d: %v", kind, code, at, c)
				}
				length := len([]rune(code))
				if end, ok := c["cursor_end"].(float64); kind == "complete_request" && (!ok || int(end) > length || end < 0) {
					t.Errorf("complete %q at %d: cursor_end %v", code, at, c["cursor_end"])
				}
			}
		}
	}
}

// TestManyRequests is fault test 8.
func TestManyRequests(t *testing.T) {
	p := start(t)
	var sent []*message
	for range 5000 {
		sent = append(sent, p.Send(p.Shell, "kernel_info_request", struct{}{}))
	}
	for i, m := range sent {
		if first := p.Await(p.Shell, "a reply", func(*message) bool { return true }); !zmqtest.Answers(m)(first) {
			t.Fatalf("reply %d is not that of request %d", i, i)
		}
	}
	for _, m := range sent {
		p.Outputs(m)
	}
	sent = nil
	for i := range 200 {
		sent = append(sent, p.Send(p.Shell, "execute_request", cell(fmt.Sprint(i))))
	}
	last := 0.0
	for i, m := range sent {
		a := p.Collect(p.Shell, m)
		count := zmqtest.Content(a.Reply)["execution_count"].(float64)
		if o := outcomeOf(a); o.result != fmt.Sprint(i) || i > 0 && count != last+1 {
			t.Fatalf("cell %d, count %v after %v: %s", i, count, last, o)
		}
		last = count
	}
	sent = nil
	for i := range 50 {
		code := "1"
		if i == 9 {
			code = `panic("the tenth")`
		}
		sent = append(sent, p.Send(p.Shell, "execute_request", map[string]any{"code": code, "stop_on_error": true}))
		if i == 30 {
			p.Send(p.Shell, "comm_info_request", struct{}{})
		}
	}
	aborted := 0
	for i, m := range sent {
		status := outcomeOf(p.Collect(p.Shell, m)).status
		switch {
		case i < 9 && status != "ok", i == 9 && status != "error", i > 9 && status != "aborted":
			t.Errorf("cell %d: %s", i, status)
		case status == "aborted":
			aborted++
		}
	}
	t.Logf("%d cells after the failed one were aborted", aborted)
	p.Await(p.Shell, "the reply to comm_info_request", func(m *message) bool { return m.Header.Type == "comm_info_reply" })
	if got := p.ok("1 + 1"); got != "2" {
		t.Errorf("afterwards: %s", got)
	}
}

// TestManyClients is the first part of fault test 9.
func TestManyClients(t *testing.T) {
	p := start(t)
	before := descriptors(p.cmd.Process.Pid)
	clients := make([]*zmqtest.Kernel, 20)
	sent := make([][]*message, len(clients))
	for i := range clients {
		clients[i] = p.connect()
	}
	for j := range 25 {
		for i, c := range clients {
			sent[i] = append(sent[i], c.Send(c.Shell, "execute_request", cell(fmt.Sprintf("%d*1000 + %d", i, j))))
		}
	}
	for i, c := range clients {
		for j, m := range sent[i] {
			if o := outcomeOf(c.Collect(c.Shell, m)); o.result != fmt.Sprint(i*1000+j) {
				t.Fatalf("client %d, cell %d: %s", i, j, o)
			}
		}
	}
	for _, c := range clients { // each hears of all cells
		for i := range clients {
			if c != clients[i] {
				c.Outputs(sent[i][24])
			}
		}
		c.Close()
	}
	for range 200 {
		p.connect().Close()
	}
	p.alive()
	t.Logf("descriptors: %d before, %d after", before, descriptors(p.cmd.Process.Pid))
}
