package notebook

import (
	"context"
	"encoding/json"
	"io"
	"sync"

	"netsplit/kernel/session"
	"netsplit/kernel/wire"
)

// client is the front end and its wires to the session, in one process: it implements
// session.Conn by calling the recorder.
type client struct {
	signer *wire.Signer
	author *wire.Author
	shell  chan [][]byte
	none   chan [][]byte // control and stdin: nothing is asked there

	mu       sync.Mutex
	closed   bool
	waiting  string // msg_id of the cell that runs
	reply    *reply
	idle     bool
	ended    chan struct{} // closed when the cell that runs is answered and idle
	received func(kind string, content object, buffers [][]byte)
}

// reply is what an execute_reply says.
type reply struct {
	Status    string   `json:"status"`
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

var _ session.Conn = (*client)(nil)

// connect starts a session around an evaluator. stop ends both.
func connect(evaluator session.Evaluator, version string) (c *client, s *session.Session, stop func()) {
	signer, _ := wire.NewSigner("", "") // no key: the wires are our own
	c = &client{
		signer: signer, author: wire.NewAuthor("netsplit"),
		shell: make(chan [][]byte, 16), none: make(chan [][]byte),
	}
	s = session.New(session.Config{
		Evaluator: evaluator, Conn: c, Signer: signer, Author: wire.NewAuthor("netsplit"),
		Version: version, OutputLimit: -1,
	})
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() {
		s.Serve(ctx)
		close(served)
	}()
	return c, s, func() {
		cancel()
		<-served
	}
}

// execute runs a cell; its outputs go to received, in order, until it is over.
func (c *client) execute(code, cellID string, stopOnError bool, received func(kind string, content object, buffers [][]byte)) (*reply, error) {
	m, err := c.author.New("execute_request", nil, map[string]any{
		"code": code, "silent": false, "store_history": true, "allow_stdin": false, "stop_on_error": stopOnError,
	})
	if err == nil && cellID != "" {
		err = m.SetMetadata(wire.Dict{"cellId": cellID})
	}
	if err != nil {
		return nil, err
	}
	m.Identities = [][]byte{[]byte("netsplit run")}
	ended := make(chan struct{})
	c.mu.Lock()
	c.waiting, c.reply, c.idle, c.ended, c.received = m.Header.ID, nil, false, ended, received
	c.mu.Unlock()
	c.shell <- c.signer.Encode(m)
	<-ended
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = ""
	if c.reply == nil {
		return nil, io.ErrUnexpectedEOF
	}
	return c.reply, nil
}

// take looks at a message of the session.
func (c *client) take(frames [][]byte) error {
	m, err := c.signer.DecodeAnswer(frames)
	if err != nil {
		return err
	}
	var parent struct {
		ID string `json:"msg_id"`
	}
	json.Unmarshal(m.Parent, &parent)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return io.ErrClosedPipe
	}
	if parent.ID == "" || parent.ID != c.waiting {
		return nil
	}
	if m.Header.Type == "execute_reply" {
		c.reply = &reply{}
		err = json.Unmarshal(m.Content, c.reply)
	} else {
		var content object
		if content, err = decode(m.Content); err == nil {
			if m.Header.Type == "status" && content["execution_state"] == "idle" {
				c.idle = true
			}
			c.received(m.Header.Type, content, m.Buffers)
		}
	}
	c.wake()
	return err
}

// wake ends the wait for a cell that is answered and idle. c.mu is held.
func (c *client) wake() {
	if c.ended != nil && (c.closed || c.idle && c.reply != nil) {
		close(c.ended)
		c.ended = nil
	}
}

func (c *client) Shell() <-chan [][]byte          { return c.shell }
func (c *client) Control() <-chan [][]byte        { return c.none }
func (c *client) Stdin() <-chan [][]byte          { return c.none }
func (c *client) SendShell(frames [][]byte) error { return c.take(frames) }
func (c *client) SendControl([][]byte) error      { return nil }
func (c *client) SendStdin([][]byte) error        { return nil }
func (c *client) Publish(frames [][]byte) error   { return c.take(frames) }
func (c *client) Pace(context.Context) error      { return nil }
func (c *client) Close(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		close(c.shell)
		close(c.none)
		c.wake()
	}
	return nil
}
