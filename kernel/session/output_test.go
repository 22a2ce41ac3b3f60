package session

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"netsplit/kernel/wire"
)

// sink makes an output whose messages are recorded.
func sink(t *testing.T, change func(*Config)) (*output, *client) {
	c := connect(t, change)
	m, err := c.author.New("execute_request", nil, struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	return newOutput(c.session, context.Background(), &request{Message: m}, wire.ExecuteRequest{}, 1), c
}

func streams(all []message) (list []message) {
	for _, m := range all {
		if m.kind == "stream" {
			list = append(list, m)
		}
	}
	return list
}

func texts(all []message) map[string]string {
	text := map[string]string{}
	for _, m := range streams(all) {
		text[m.content["name"].(string)] += m.content["text"].(string)
	}
	return text
}

// fewMessages is how many messages a flood of text may become: 20, and more only
// where the machine took so long that more windows went by.
func fewMessages(start time.Time) int {
	return max(20, 12+2*int(time.Since(start)/windowLong))
}

func TestTenThousandPrintsAreAFewMessages(t *testing.T) {
	o, c := sink(t, nil)
	start := time.Now()
	var want strings.Builder
	for i := range 10_000 {
		line := fmt.Sprintf("line %d\n", i)
		want.WriteString(line)
		o.Stream("stdout", line)
	}
	o.finish()
	all := c.traffic()
	if n, most := len(streams(all)), fewMessages(start); n > most {
		t.Errorf("%d messages, want at most %d", n, most)
	}
	if got := texts(all)["stdout"]; got != want.String() {
		t.Errorf("the text is not what was printed: %d bytes, want %d", len(got), want.Len())
	}
}

func TestAlternatingStreamsAreAFewMessages(t *testing.T) {
	o, c := sink(t, nil)
	start := time.Now()
	want := map[string]string{}
	for i := range 10_000 {
		name := []string{"stdout", "stderr"}[i%2]
		line := fmt.Sprintf("line %d\n", i)
		o.Stream(name, line)
		want[name] += line
	}
	o.finish()
	all := c.traffic()
	if n, most := len(streams(all)), fewMessages(start); n > most {
		t.Errorf("%d messages, want at most %d", n, most)
	}
	for name, got := range texts(all) {
		if got != want[name] {
			t.Errorf("%s is not what was printed: %d bytes, want %d", name, len(got), len(want[name]))
		}
	}
}

func TestFewChangesBetweenStreamsKeepTheirOrder(t *testing.T) {
	o, c := sink(t, nil)
	for i := range 6 {
		o.Stream([]string{"stdout", "stderr"}[i%2], fmt.Sprint(i))
	}
	o.finish()
	got := ""
	for _, m := range streams(c.traffic()) {
		got += m.content["text"].(string)
	}
	if got != "012345" {
		t.Errorf("order is %s, want 012345", got)
	}
}

// TestProgressBarsAreSlowedDown counts messages against the time that really passed.
func TestProgressBarsAreSlowedDown(t *testing.T) {
	o, c := sink(t, nil)
	start := time.Now()
	for i := range 300 {
		o.Stream("stdout", fmt.Sprintf("\r%d", i))
		time.Sleep(time.Millisecond)
	}
	o.finish()
	passed := time.Since(start)
	if n, most := len(streams(c.traffic())), int(passed/window)+2; n > most {
		t.Errorf("%d messages in %v, want at most %d", n, passed, most)
	}
}

func TestTextIsPublishedWhileTheCellRuns(t *testing.T) {
	o, c := sink(t, nil)
	o.Stream("stdout", "so far")
	c.until("text of a cell that goes on", func(all []message) bool { return texts(all)["stdout"] == "so far" })
	o.finish()
}

func TestLongTextIsCutAtRunes(t *testing.T) {
	o, c := sink(t, nil)
	text := strings.Repeat("𐍈", 300_000) // 1.2 MB without a newline
	o.Stream("stdout", "x"+text)
	o.finish()
	for _, m := range streams(c.traffic()) {
		piece := m.content["text"].(string)
		if len(piece) > chunk || strings.ContainsRune(piece, utf8.RuneError) {
			t.Fatalf("a piece of %d bytes, want at most %d and no broken rune", len(piece), chunk)
		}
	}
	if got := texts(c.traffic())["stdout"]; got != "x"+text {
		t.Errorf("%d bytes came, want %d", len(got), len(text)+1)
	}
}

func TestRunesSurviveAnySplit(t *testing.T) {
	text := "aé世𐍈\xff\xf0\x9f!é"
	want := strings.ToValidUTF8(text, "\uFFFD")
	_, c := sink(t, nil)
	seen := 0
	for split := range len(text) {
		for second := split; second < len(text); second++ {
			o := newOutput(c.session, context.Background(), &request{Message: &wire.Message{}}, wire.ExecuteRequest{}, 1)
			o.Stream("stdout", text[:split])
			o.Stream("stdout", text[split:second])
			o.Stream("stdout", text[second:])
			o.finish()
			// How many bytes one replacement stands for depends on the split.
			squeeze := func(s string) string {
				for strings.Contains(s, "\uFFFD\uFFFD") {
					s = strings.ReplaceAll(s, "\uFFFD\uFFFD", "\uFFFD")
				}
				return s
			}
			all := c.traffic()
			if got := texts(all[seen:])["stdout"]; squeeze(got) != squeeze(want) {
				t.Errorf("split at %d and %d: %q, want %q", split, second, got, want)
			}
			seen = len(all)
		}
	}
}

func TestDisplaysCountForTheLimit(t *testing.T) {
	o, c := sink(t, func(config *Config) { config.OutputLimit = 10_000 })
	big := plain(strings.Repeat("x", 4000))
	for range 10 {
		o.Display(big, nil, "", false)
	}
	o.Stream("stdout", "not shown")
	o.finish()
	shown := 0
	for _, m := range c.traffic() {
		if m.kind == "display_data" {
			shown++
		}
	}
	if text := texts(c.traffic()); shown != 3 || text["stdout"] != "" || strings.Count(text["stderr"], "output cut") != 1 {
		t.Errorf("%d displays, want 3; text is %q, want one line that says that output was cut", shown, text)
	}
}

func TestBundlesAreMadeShowable(t *testing.T) {
	got, _ := json.Marshal(showable(map[string]any{
		"text/plain":                    7,
		"text/html":                     "<b>",
		"application/json":              map[string]any{"a": 1},
		"application/vnd.vega.v5+json":  map[string]any{"marks": []any{}},
		"no media type":                 "x",
		"image/png":                     "aGk=",
		"text/markdown":                 nil,
		"application/x-number-not-json": 3,
	}))
	want := `{"application/json":{"a":1},"application/vnd.vega.v5+json":{"marks":[]},"application/x-number-not-json":"3","image/png":"aGk=","text/html":"\u003cb\u003e","text/plain":"7"}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
