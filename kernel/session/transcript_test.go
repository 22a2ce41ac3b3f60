package session

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"netsplit/kernel/wire"
)

var nan = math.NaN()

// TestTranscripts replays the conversations in testdata. A file has sections:
//
//	# a sentence about what is shown
//	send NAME CHANNEL KIND CONTENT [subshell SHELL] [metadata JSON] [buffer TEXT]
//	start NAME …       the same, without waiting for idle
//	signal NAME        what a cell waits for
//	answer VALUE       the learner answers the newest input_request
//	interrupt          what SIGINT does
//	release            goroutines left by cells may print now
//	await TEXT         until the traffic holds the text
//	----
//	everything that the kernel sends, request by request, for each in order
//
// After each section all requests must be idle, unless the line "open"
// says that one goes on. Each file is one session. UPDATE_GOLDEN=1 writes the
// expected parts anew.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, string(want))
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(want) {
				t.Errorf("%s differs at %s\nUPDATE_GOLDEN=1 go test ./kernel/session -run TestTranscripts writes it anew; then read the difference", file, firstDifference(got, string(want)))
			}
		})
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		line := func(s []string) string {
			if i < len(s) {
				return s[i]
			}
			return "(end)"
		}
		if line(g) != line(w) {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, line(g), line(w))
		}
	}
	return "no line"
}

// replay runs the orders of a transcript and gives the transcript with what happened.
func replay(t *testing.T, text string) string {
	c := connect(t, func(config *Config) { config.OutputLimit = 4096 })
	c.until("starting", func(all []message) bool { return len(all) > 0 })
	var b strings.Builder
	seen := 0
	names := map[string]string{} // of requests, by msg_id
	order := map[string]int{}    // in which requests were sent, by msg_id
	subshells := map[string]string{}
	for i, section := range strings.Split(strings.TrimRight(text, "\n"), "\n\n") {
		if i > 0 {
			b.WriteString("\n")
		}
		orders, _, _ := strings.Cut(section, "\n----")
		open := false
		for line := range strings.Lines(orders) {
			b.WriteString(strings.TrimRight(line, "\n") + "\n")
			word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch word {
			case "", "#":
			case "open":
				open = true
			case "interrupt":
				c.session.Interrupt()
			case "release":
				close(c.puppet.release)
				c.puppet.late.Wait()
			case "await":
				c.until(rest, func(all []message) bool { return strings.Contains(render(all, names), rest) })
			case "answer":
				c.answer(rest)
			case "send", "start":
				name, id := c.order(rest, subshells)
				names[id] = name
				order[id] = len(order) + 1
				if word == "send" {
					c.done(id)
				}
			case "signal":
				close(c.puppet.signal(rest))
			default:
				t.Fatalf("no such order: %s", line)
			}
		}
		if !open {
			var wait []string
			for id := range names {
				wait = append(wait, id)
			}
			c.done(wait...)
		}
		all := c.traffic()
		for _, m := range all[seen:] {
			if id, ok := m.content["subshell_id"].(string); ok && subshells[id] == "" {
				subshells[id] = fmt.Sprintf("subshell-%d", len(subshells)/2+1)
				subshells[subshells[id]] = id
			}
		}
		// Requests in different lanes are answered side by side.
		mine := slices.Clone(all[seen:])
		slices.SortStableFunc(mine, func(a, b message) int { return order[a.parent] - order[b.parent] })
		b.WriteString("----\n")
		b.WriteString(normal(render(mine, names), subshells))
		seen = len(all)
	}
	return b.String()
}

// normal replaces what differs from run to run.
func normal(text string, subshells map[string]string) string {
	for id, name := range subshells {
		if strings.HasPrefix(name, "subshell-") {
			text = strings.ReplaceAll(text, id, name)
		}
	}
	text = regexp.MustCompile(`"version":"1\.\d+[^"]*"`).ReplaceAllString(text, `"version":"GO"`)
	text = regexp.MustCompile(`Go 1\.\d+\S*`).ReplaceAllString(text, "Go GO")
	return regexp.MustCompile(`"(hostname|pid|kernel_memory|cpu_count|kernel_cpu|host_cpu_percent|total|available|percent|used|free)":("[^"]*"|[0-9.e+]+)`).ReplaceAllString(text, `"$1":…`)
}

var sendOrder = regexp.MustCompile(`^(\S+) (\S+) (\S+) (.*?)( subshell (\S+))?( metadata (\{.*\}))?( buffer (\S+))?$`)

func (c *client) order(line string, subshells map[string]string) (name, id string) {
	c.t.Helper()
	m := sendOrder.FindStringSubmatch(line)
	if m == nil {
		c.t.Fatalf("not an order to send: %s", line)
	}
	content := m[4]
	for id, name := range subshells {
		if strings.HasPrefix(name, "subshell-") {
			content = strings.ReplaceAll(content, name, id)
		}
	}
	id = c.sendWith(m[2], m[3], json.RawMessage("{}"), func(w *wire.Message) {
		w.Content = json.RawMessage(content)
		if m[6] != "" {
			shell := subshells[m[6]]
			if shell == "" {
				shell = m[6]
			}
			setHeader(w, "subshell_id", shell)
		}
		if m[8] != "" {
			w.Metadata = json.RawMessage(m[8])
		}
		if m[10] != "" {
			w.Buffers = [][]byte{[]byte(m[10])}
		}
	})
	return m[1], id
}

// answer sends an input_reply for the newest input_request, with its header as parent.
func (c *client) answer(value string) {
	c.t.Helper()
	all := c.until("input_request", func(all []message) bool {
		return all[len(all)-1].kind == "input_request"
	})
	ask := all[len(all)-1].raw
	var content struct {
		Value string `json:"value"`
	}
	content.Value = value
	if err := json.Unmarshal([]byte(value), &content.Value); err != nil {
		c.t.Fatalf("answer %s: want a JSON string", value)
	}
	c.sendWith("stdin", "input_reply", content, func(m *wire.Message) { m.Parent = ask.RawHeader })
	time.Sleep(time.Millisecond)
}
