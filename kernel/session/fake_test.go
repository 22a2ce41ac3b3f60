package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"netsplit/kernel/supervisor"
	"netsplit/kernel/wire"
)

// puppet is an evaluator whose cells are lists of orders, one on each line:
//
//	print TEXT           to stdout, with a newline
//	warn TEXT            to stderr, with a newline
//	raw QUOTED           to stdout as it stands, a Go string
//	flood N              N lines to stdout
//	seesaw N             N lines, to stdout and stderr in turn
//	show TEXT            a display
//	show-as ID TEXT      a display with an id
//	update ID TEXT       an update of it
//	clear                clear_output
//	result TEXT          the cell's result
//	ask PROMPT           a question on stdin; prints the answer
//	comm-open ID TARGET  a comm of the kernel's
//	comm-msg ID TEXT     a message on it
//	fail NAME TEXT       the cell's error
//	panic TEXT           a panic of the evaluator itself
//	nan                  a result that JSON cannot hold
//	block                until interrupted
//	wait NAME            until something else signals it
//	signal NAME
//	late TEXT            printed by a goroutine when the cell is over
//	late-fail NAME TEXT  the failure of a goroutine when the cell is over
type puppet struct {
	mu      sync.Mutex
	stop    chan struct{} // closed by Interrupt
	signals map[string]chan struct{}
	sinks   map[string]supervisor.Sink // of comms, by id
	ran     []string
	counts  []int
	late    sync.WaitGroup
	release chan struct{} // closed when late output may come
}

func newPuppet() *puppet {
	return &puppet{
		stop: make(chan struct{}), signals: map[string]chan struct{}{},
		sinks: map[string]supervisor.Sink{}, release: make(chan struct{}),
	}
}

func (p *puppet) signal(name string) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.signals[name] == nil {
		p.signals[name] = make(chan struct{})
	}
	return p.signals[name]
}

func failure(name, text string) *supervisor.Error {
	return &supervisor.Error{Name: name, Value: text, Traceback: []string{"\x1b[31m" + name + "\x1b[0m: " + text}}
}

func plain(text string) map[string]any { return map[string]any{"text/plain": text} }

func (p *puppet) Execute(ctx context.Context, q supervisor.Request, sink supervisor.Sink) (out supervisor.Outcome) {
	p.mu.Lock()
	p.ran = append(p.ran, q.Code)
	p.counts = append(p.counts, q.Count)
	stop := p.stop
	p.mu.Unlock()
	for line := range strings.Lines(q.Code) {
		order, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		first, second, _ := strings.Cut(rest, " ")
		n, _ := strconv.Atoi(first)
		switch order {
		case "print":
			sink.Stream("stdout", rest+"\n")
		case "warn":
			sink.Stream("stderr", rest+"\n")
		case "raw":
			text, err := strconv.Unquote(rest)
			if err != nil {
				panic(err)
			}
			sink.Stream("stdout", text)
		case "flood":
			for i := range n {
				sink.Stream("stdout", fmt.Sprintf("line %d\n", i))
			}
		case "seesaw":
			for i := range n {
				sink.Stream([]string{"stdout", "stderr"}[i%2], fmt.Sprintf("line %d\n", i))
			}
		case "show":
			sink.Display(plain(rest), nil, "", false)
		case "show-as":
			sink.Display(plain(second), map[string]any{"isolated": true}, first, false)
		case "update":
			sink.Display(plain(second), nil, first, true)
		case "clear":
			sink.Clear(true)
		case "result":
			sink.Result(plain(rest), nil)
		case "nan":
			sink.Result(map[string]any{"application/json": map[string]any{"x": nan}}, nil)
		case "ask":
			text, err := sink.Input(ctx, rest, false)
			if errors.Is(err, context.Canceled) {
				return supervisor.Outcome{Error: failure("Interrupted", "interrupted")}
			}
			sink.Stream("stdout", fmt.Sprintf("answer %q %v\n", text, err))
		case "comm-open":
			sink.Comm(supervisor.Comm{Kind: "open", ID: first, Target: second})
		case "comm-msg":
			sink.Comm(supervisor.Comm{Kind: "msg", ID: first, Data: map[string]any{"text": second}, Buffers: [][]byte{[]byte(second)}})
		case "fail":
			return supervisor.Outcome{Error: failure(first, second)}
		case "panic":
			panic(rest)
		case "block":
			select {
			case <-stop:
			case <-ctx.Done():
			}
			return supervisor.Outcome{Error: failure("Interrupted", "interrupted")}
		case "wait":
			select {
			case <-p.signal(first):
			case <-ctx.Done():
				return supervisor.Outcome{Error: failure("Interrupted", "interrupted")}
			}
		case "signal":
			close(p.signal(first))
		case "late", "late-fail":
			p.late.Add(1)
			go func() {
				defer p.late.Done()
				<-p.release
				if order == "late" {
					sink.Stream("stdout", rest+"\n")
				} else {
					sink.Error(failure(first, second))
				}
			}()
		}
	}
	out.Expressions = map[string]supervisor.Expression{}
	for name, text := range q.Expressions {
		if text == "bad" {
			out.Expressions[name] = supervisor.Expression{Error: failure("CompileError", "undefined: bad")}
		} else {
			out.Expressions[name] = supervisor.Expression{Data: plain(text)}
		}
	}
	return out
}

func (p *puppet) Interrupt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.stop)
	p.stop = make(chan struct{})
}

// Complete offers two names wherever the text before the cursor ends with "wor".
func (p *puppet) Complete(_ context.Context, code string, cursor int) supervisor.Completion {
	before := []rune(code)[:cursor]
	if !strings.HasSuffix(string(before), "wor") {
		return supervisor.Completion{}
	}
	return supervisor.Completion{Start: cursor - 3, End: cursor, Items: []supervisor.CompletionItem{
		{Text: "world", Type: "instance", Signature: "*sim.World"}, {Text: "work", Type: "function", Signature: "func()"},
	}}
}

func (p *puppet) Inspect(_ context.Context, code string, cursor, detail int) supervisor.Inspection {
	if code == "panic" {
		panic("lost my mind")
	}
	if strings.HasPrefix(code, "unknown") {
		return supervisor.Inspection{}
	}
	return supervisor.Inspection{Found: true, Data: plain(fmt.Sprintf("%s at %d, detail %d", code, cursor, detail))}
}

func (p *puppet) IsComplete(code string) (string, string) {
	switch {
	case strings.HasSuffix(code, "{"):
		return "incomplete", "\t"
	case strings.HasSuffix(code, "}"):
		return "invalid", ""
	case code == "?":
		return "", ""
	}
	return "complete", ""
}

// Comm knows the target echo: every message comes back.
func (p *puppet) Comm(ctx context.Context, c supervisor.Comm, sink supervisor.Sink) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch c.Kind {
	case "open":
		if c.Target != "echo" {
			return false
		}
		p.sinks[c.ID] = sink
	case "msg":
		if p.sinks[c.ID] == nil {
			return false
		}
		sink.Comm(supervisor.Comm{Kind: "msg", ID: c.ID, Data: c.Data, Metadata: c.Metadata, Buffers: c.Buffers})
	case "close":
		delete(p.sinks, c.ID)
	}
	return true
}

func (p *puppet) Processes() []int { return nil }

func (p *puppet) Shutdown(context.Context) {}

// wires is a connection in memory. It records what the kernel sends, in one order.
type wires struct {
	shell, control, stdin chan [][]byte

	mu     sync.Mutex
	sent   []sent
	grown  chan struct{} // closed and renewed with every message
	closed bool
}

type sent struct {
	channel string
	frames  [][]byte
	at      time.Time
}

func newWires() *wires {
	return &wires{
		shell: make(chan [][]byte, 4096), control: make(chan [][]byte, 4096), stdin: make(chan [][]byte, 64),
		grown: make(chan struct{}),
	}
}

func (w *wires) Shell() <-chan [][]byte     { return w.shell }
func (w *wires) Control() <-chan [][]byte   { return w.control }
func (w *wires) Stdin() <-chan [][]byte     { return w.stdin }
func (w *wires) SendShell(f [][]byte) error { return w.send("shell", f) }
func (w *wires) SendControl(f [][]byte) error {
	return w.send("control", f)
}
func (w *wires) SendStdin(f [][]byte) error { return w.send("stdin", f) }
func (w *wires) Publish(f [][]byte) error   { return w.send("iopub", f) }
func (w *wires) Pace(context.Context) error { return nil }

func (w *wires) Close(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		close(w.shell)
		close(w.control)
		close(w.stdin)
	}
	return nil
}

func (w *wires) send(channel string, frames [][]byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return io.ErrClosedPipe
	}
	w.sent = append(w.sent, sent{channel, frames, time.Now()})
	close(w.grown)
	w.grown = make(chan struct{})
	return nil
}

// message is what a client sees of a message.
type message struct {
	channel, kind, parent string // parent is the msg_id
	content               map[string]any
	raw                   *wire.Message
	at                    time.Time
}

// client talks to a session over wires.
type client struct {
	t        *testing.T
	session  *Session
	wires    *wires
	puppet   *puppet
	signer   *wire.Signer // the client's: it has a replay memory of its own
	author   *wire.Author
	finished chan struct{}
	read     []message // decoded so far
}

const testKey = "a key"

// connect starts a session around a puppet.
func connect(t *testing.T, change func(*Config)) *client {
	t.Helper()
	signer, err := wire.NewSigner(testKey, "hmac-sha256")
	if err != nil {
		t.Fatal(err)
	}
	w, p := newWires(), newPuppet()
	config := Config{Evaluator: p, Conn: w, Signer: signer, Author: wire.NewAuthor("kernel"), Version: "0.0.0"}
	if change != nil {
		change(&config)
	}
	mine, _ := wire.NewSigner(testKey, "hmac-sha256")
	c := &client{t: t, session: New(config), wires: w, puppet: p, signer: mine, author: wire.NewAuthor("learner"), finished: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		c.session.Serve(ctx)
		close(c.finished)
	}()
	t.Cleanup(func() {
		cancel()
		<-c.finished
	})
	return c
}

// send sends a request and gives its msg_id.
func (c *client) send(channel, kind string, content any) string {
	c.t.Helper()
	return c.sendWith(channel, kind, content, nil)
}

func (c *client) sendWith(channel, kind string, content any, change func(*wire.Message)) string {
	c.t.Helper()
	m, err := c.author.New(kind, nil, content)
	if err != nil {
		c.t.Fatal(err)
	}
	m.Identities = [][]byte{[]byte("client-1")}
	if change != nil {
		change(m)
	}
	frames := c.signer.Encode(m)
	switch channel {
	case "shell":
		c.wires.shell <- frames
	case "control":
		c.wires.control <- frames
	case "stdin":
		c.wires.stdin <- frames
	default:
		c.t.Fatalf("no channel %q", channel)
	}
	return m.Header.ID
}

// setHeader adds a member to a message's header.
func setHeader(m *wire.Message, key string, value any) {
	var h map[string]any
	json.Unmarshal(m.RawHeader, &h)
	h[key] = value
	m.RawHeader, _ = json.Marshal(h)
}

// traffic is everything that the kernel has sent, in order. It is called from the
// test's goroutine only.
func (c *client) traffic() []message {
	c.t.Helper()
	c.wires.mu.Lock()
	all := c.wires.sent
	c.wires.mu.Unlock()
	for _, f := range all[len(c.read):] {
		m := decode(c.t, f.frames)
		read := message{channel: f.channel, kind: m.Header.Type, raw: m, at: f.at}
		var parent struct {
			ID string `json:"msg_id"`
		}
		json.Unmarshal(m.Parent, &parent)
		read.parent = parent.ID
		json.Unmarshal(m.Content, &read.content)
		c.read = append(c.read, read)
	}
	return c.read
}

func decode(t *testing.T, frames [][]byte) *wire.Message {
	t.Helper()
	signer, _ := wire.NewSigner(testKey, "hmac-sha256")
	m, err := signer.DecodeAnswer(frames)
	if err != nil {
		t.Fatalf("the kernel sent what a client refuses: %v", err)
	}
	return m
}

// until waits until the traffic holds something, and gives the traffic.
func (c *client) until(what string, has func([]message) bool) []message {
	c.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		c.wires.mu.Lock()
		grown := c.wires.grown
		c.wires.mu.Unlock()
		if all := c.traffic(); len(all) > 0 && has(all) {
			return all
		}
		select {
		case <-grown:
		case <-deadline:
			c.t.Fatalf("no %s in this traffic:\n%s", what, render(c.traffic(), nil))
		}
	}
}

// done waits until requests are idle, and gives everything with one of them as parent.
func (c *client) done(ids ...string) []message {
	c.t.Helper()
	all := c.until("idle of every request", func(all []message) bool {
		idle := map[string]bool{}
		for _, m := range all {
			if m.kind == "status" && m.content["execution_state"] == "idle" {
				idle[m.parent] = true
			}
		}
		for _, id := range ids {
			if !idle[id] {
				return false
			}
		}
		return true
	})
	var mine []message
	for _, m := range all {
		for _, id := range ids {
			if m.parent == id {
				mine = append(mine, m)
			}
		}
	}
	return mine
}

// render writes traffic as transcripts do: channel, kind, the request it belongs to, content.
func render(all []message, names map[string]string) string {
	var b strings.Builder
	for _, m := range all {
		fmt.Fprintf(&b, "%-7s %s", m.channel, m.kind)
		if m.parent != "" {
			name := names[m.parent]
			if name == "" {
				name = m.parent
			}
			fmt.Fprintf(&b, " (%s)", name)
		}
		switch raw, _ := wire.Dict(m.content).MarshalJSON(); {
		case m.kind == "status":
			fmt.Fprintf(&b, " %v", m.content["execution_state"])
		default:
			fmt.Fprintf(&b, " %s", raw)
		}
		if meta := m.raw.MetadataMap(); len(meta) > 0 {
			raw, _ := meta.MarshalJSON()
			fmt.Fprintf(&b, " metadata %s", raw)
		}
		for _, buffer := range m.raw.Buffers {
			fmt.Fprintf(&b, " buffer %q", buffer)
		}
		b.WriteString("\n")
	}
	return b.String()
}
