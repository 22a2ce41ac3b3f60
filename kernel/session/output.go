package session

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"netsplit/kernel/supervisor"
	"netsplit/kernel/wire"
)

// How text is joined; see "Output" in the package comment.
const (
	window     = 20 * time.Millisecond  // how long text waits for more
	windowLong = 100 * time.Millisecond // the same where there has been more for a while
	pause      = 500 * time.Millisecond // of silence, after which text waits for the short time again
	joined     = 64 << 10               // bytes after which it does not wait
	joinedLong = 256 << 10              // the same where there has been more for a while
	chunk      = 256 << 10              // bytes of text in one message, at most
	maxItems   = 8192                   // pieces in one window

	// Changes between stdout and stderr that are kept as they came: so many at once,
	// and so many more in each second.
	orderedAtOnce    = 16
	orderedPerSecond = 10
)

// output is the sink of one cell: it puts in order, joins and publishes what the cell
// and its goroutines give, with the cell's request as parent.
type output struct {
	s       *Session
	r       *request
	ctx     context.Context // of the cell while it runs
	count   int             // execution_count of a result
	silent  bool
	noStdin bool

	mu      sync.Mutex
	items   []item // not yet published
	bytes   int    // of text in items
	timer   *time.Timer
	tails   map[string]string // the start of a rune whose rest has not come, by stream
	flushed time.Time         // when items were last published
	streak  int               // windows in a row with something in them
	ordered float64           // changes between streams that may still be kept
	sent    int64             // bytes published
	cut     bool              // the limit was reached
	result  *string
	failed  *supervisor.Error // the error published last
	over    bool
}

// item is text of one stream, or the update of a display.
type item struct {
	name   string // stdout, stderr; empty for an update
	text   []byte
	update *wire.DisplayData
	id     string
}

var _ supervisor.Sink = (*output)(nil)

func newOutput(s *Session, ctx context.Context, r *request, asked wire.ExecuteRequest, count int) *output {
	return &output{
		s: s, r: r, ctx: ctx, count: count,
		silent: asked.Silent, noStdin: !asked.AllowStdin,
		tails: map[string]string{}, ordered: orderedAtOnce,
	}
}

// Stream takes text of stdout or stderr. It waits where subscribers are far behind.
func (o *output) Stream(name, text string) {
	if o.silent || text == "" {
		return
	}
	if o.s.Graded {
		name = "stdout"
	}
	if name != "stderr" {
		name = "stdout"
	}
	o.mu.Lock()
	full := false
	if !o.cut {
		o.add(name, o.whole(name, text))
		if full = o.bytes >= o.enough() || len(o.items) >= maxItems; full {
			o.flush()
		} else {
			o.arm()
		}
	}
	o.mu.Unlock()
	if full {
		o.pace()
	}
}

// Display shows a bundle. Updates are joined like text, so that a progress bar may
// be updated as often as its cell likes.
func (o *output) Display(data, metadata map[string]any, id string, update bool) {
	if o.silent {
		return
	}
	content := &wire.DisplayData{Data: showable(data), Metadata: metadata, Transient: wire.DisplayID(id)}
	o.mu.Lock()
	switch {
	case o.cut:
	case update && id != "":
		for i, it := range o.items {
			if it.update != nil && it.id == id {
				o.items = append(o.items[:i], o.items[i+1:]...)
				break
			}
		}
		o.items = append(o.items, item{update: content, id: id})
		o.arm()
	default:
		o.flush()
		o.show("display_data", content)
	}
	o.mu.Unlock()
	o.pace()
}

// Clear empties the cell's output area.
func (o *output) Clear(wait bool) {
	if o.silent {
		return
	}
	o.mu.Lock()
	o.flush()
	o.publish("clear_output", wire.ClearOutput{Wait: wait})
	o.mu.Unlock()
	o.pace()
}

// Result shows the value of the cell's last expression.
func (o *output) Result(data, metadata map[string]any) {
	if o.silent {
		return
	}
	content := wire.ExecuteResult{Count: o.count, Data: showable(data), Metadata: metadata}
	o.mu.Lock()
	defer o.mu.Unlock()
	if text, ok := content.Data["text/plain"].(string); ok {
		o.result = &text
	}
	o.flush()
	o.show("execute_result", content)
}

// Error shows a failure.
func (o *output) Error(e *supervisor.Error) { o.failure(e) }

// failure publishes an error once, however often it is reported.
func (o *output) failure(e *supervisor.Error) {
	if o.silent || e == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed == e || o.failed != nil && !o.over && o.failed.Name == e.Name && o.failed.Value == e.Value {
		return
	}
	o.failed = e
	o.flushAll()
	o.publish("error", wire.ErrorOutput{Name: errorName(e), Value: e.Value, Traceback: traceback(e)})
}

// Comm sends a comm message to the front ends. A silent cell may do that too: it is
// no output.
func (o *output) Comm(c supervisor.Comm) {
	o.mu.Lock()
	o.flush()
	o.s.publishComm(o.r, c)
	o.mu.Unlock()
	o.pace()
}

// Input asks the learner for a line.
func (o *output) Input(ctx context.Context, prompt string, password bool) (string, error) {
	if o.noStdin {
		return "", io.EOF
	}
	o.mu.Lock()
	o.flush() // what leads to the question stands above it
	o.mu.Unlock()
	return o.s.ask(ctx, o.r, prompt, password)
}

// finish publishes what is left when the cell is over, and gives the text of its
// result. Goroutines of the cell may use the output afterwards.
func (o *output) finish() *string {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushAll()
	o.over = true
	return o.result
}

// pace lets a cell not run ahead of those who read what it prints. An interrupt ends
// the wait.
func (o *output) pace() {
	o.mu.Lock()
	ctx := o.ctx
	if o.over {
		ctx = o.s.ctx
	}
	o.mu.Unlock()
	o.s.Conn.Pace(ctx)
}

// The methods below want o.mu held.

// whole puts the start of a rune that the last text ended with before text, and keeps
// back the one that text ends with.
func (o *output) whole(name, text string) string {
	text = o.tails[name] + text
	o.tails[name] = ""
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		at := len(text) - back
		if !utf8.RuneStart(text[at]) {
			continue
		}
		if !utf8.FullRuneInString(text[at:]) {
			o.tails[name] = text[at:]
			text = text[:at]
		}
		break
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// add puts text behind what waits, up to the limit.
func (o *output) add(name, text string) {
	if text == "" {
		return
	}
	if room := o.room(); int64(len(text)) > room {
		o.cut = true
		text = text[:runeBorder(text, int(max(0, room)))]
		defer o.put(o.own(), o.cutLine())
	}
	o.put(name, text)
}

// own is where the session itself speaks.
func (o *output) own() string {
	if o.s.Graded {
		return "stdout"
	}
	return "stderr"
}

func (o *output) put(name, text string) {
	if n := len(o.items); n > 0 && o.items[n-1].name == name {
		o.items[n-1].text = append(o.items[n-1].text, text...)
	} else {
		o.items = append(o.items, item{name: name, text: []byte(text)})
	}
	o.bytes += len(text)
}

// room is how much the cell may still publish.
func (o *output) room() int64 {
	if o.s.OutputLimit < 0 {
		return 1 << 62
	}
	return o.s.OutputLimit - o.sent - int64(o.bytes)
}

func (o *output) cutLine() string {
	limit := fmt.Sprintf("%d bytes", o.s.OutputLimit)
	if o.s.OutputLimit >= 1<<20 {
		limit = fmt.Sprintf("%d MiB", o.s.OutputLimit>>20)
	}
	return "\n[output cut: this cell has printed more than " + limit + "; what it prints from here on is not shown]\n"
}

// show publishes a display or a result.
func (o *output) show(name string, content any) {
	if o.room() <= 0 {
		if !o.cut {
			o.cut = true
			o.publish("stream", wire.Stream{Name: o.own(), Text: o.cutLine()})
		}
		return
	}
	if err := o.publish(name, content); err != nil {
		o.publish("stream", wire.Stream{Name: o.own(), Text: "this cannot be shown: " + err.Error() + "\n"})
	}
}

func (o *output) publish(name string, content any) error {
	n, err := o.s.publishWith(name, o.r.RawHeader, content, nil, nil)
	o.sent += int64(n)
	return err
}

func (o *output) enough() int {
	if o.streak > 16 {
		return joinedLong
	}
	return joined
}

// arm has items published when the window is over.
func (o *output) arm() {
	if o.timer != nil || len(o.items) == 0 {
		return
	}
	wait := window
	switch {
	case o.streak > 30:
		wait = windowLong
	case o.streak > 10:
		wait = 2 * window
	}
	if time.Since(o.flushed) > pause {
		o.streak = 0
		wait = window
	}
	o.timer = time.AfterFunc(wait, func() {
		o.mu.Lock()
		o.flush()
		o.mu.Unlock()
	})
}

// flush publishes what waits.
func (o *output) flush() {
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	if len(o.items) == 0 {
		return
	}
	now := time.Now()
	o.ordered = min(orderedAtOnce, o.ordered+now.Sub(o.flushed).Seconds()*orderedPerSecond)
	o.flushed = now
	o.streak++
	items := o.items
	o.items, o.bytes = nil, 0
	if changes := float64(changes(items)); changes > o.ordered {
		items = perStream(items)
		o.streak += 10
	} else {
		o.ordered -= changes
	}
	for _, it := range items {
		if it.update != nil {
			o.show("update_display_data", it.update)
			continue
		}
		for text := string(it.text); text != ""; {
			n := runeBorder(text, chunk)
			o.publish("stream", wire.Stream{Name: it.name, Text: text[:n]})
			text = text[n:]
		}
	}
}

// flushAll publishes what waits, and the starts of runes that will never be whole.
func (o *output) flushAll() {
	for _, name := range []string{"stdout", "stderr"} {
		if o.tails[name] != "" {
			o.tails[name] = ""
			if !o.cut {
				o.add(name, "\uFFFD")
			}
		}
	}
	o.flush()
}

// changes counts how often one stream follows the other.
func changes(items []item) (n int) {
	for i := 1; i < len(items); i++ {
		if items[i].update == nil && items[i-1].update == nil {
			n++
		}
	}
	return n
}

// perStream joins the text of each stream between two updates.
func perStream(items []item) (merged []item) {
	from := 0 // where in merged the text since the last update begins
next:
	for _, it := range items {
		if it.update != nil {
			merged = append(merged, it)
			from = len(merged)
			continue
		}
		for i := from; i < len(merged); i++ {
			if merged[i].name == it.name {
				merged[i].text = append(merged[i].text, it.text...)
				continue next
			}
		}
		merged = append(merged, it)
	}
	return merged
}

// runeBorder is the largest length up to most at which text can be parted. The text is
// valid UTF-8.
func runeBorder(text string, most int) int {
	if len(text) <= most {
		return len(text)
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return most
}
