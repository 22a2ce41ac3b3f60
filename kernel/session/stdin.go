package session

import (
	"context"
	"encoding/json"
	"io"
	"sync"

	"netsplit/kernel/wire"
)

// stdin matches what learners type with the cells that asked for it.
type stdin struct {
	mu    sync.Mutex
	asked []*inputWait // oldest first
}

// inputWait is an input_request that has no answer yet.
type inputWait struct {
	id     string // of the input_request
	answer chan string
}

// endOfInput is what a front end sends for Ctrl-D.
const endOfInput = "\x04"

// ask sends an input_request to the client that sent the cell, with the cell as
// parent, and waits for its answer.
func (s *Session) ask(ctx context.Context, r *request, prompt string, password bool) (string, error) {
	m, err := s.Author.Reply(r.Message, "input_request", wire.InputRequest{Prompt: prompt, Password: password})
	if err != nil {
		return "", err
	}
	q := &inputWait{id: m.Header.ID, answer: make(chan string, 1)}
	s.stdin.mu.Lock()
	s.stdin.asked = append(s.stdin.asked, q)
	s.stdin.mu.Unlock()
	defer s.stdin.forget(q)
	if err := s.Conn.SendStdin(s.Signer.Encode(m)); err != nil {
		return "", err
	}
	select {
	case text, ok := <-q.answer:
		switch {
		case !ok:
			return "", errInterrupted
		case text == endOfInput:
			return "", io.EOF
		}
		return text, nil
	case <-ctx.Done():
		return "", errInterrupted
	case <-s.ctx.Done():
		return "", io.EOF
	}
}

// readStdin takes the answers. One that nobody waits for is stale and is dropped, so
// that a later question does not get it.
func (s *Session) readStdin() {
	for f := range s.Conn.Stdin() {
		m, err := s.Signer.Decode(f)
		if err != nil {
			s.Log(string(wire.KindOf(err)), "stdin: "+err.Error())
			continue
		}
		var reply wire.InputReply
		if m.Header.Type != "input_reply" || m.Decode(&reply) != nil {
			s.Log("unknown request", "stdin: no answer: "+clip(m.Header.Type))
			continue
		}
		var parent struct {
			ID string `json:"msg_id"`
		}
		json.Unmarshal(m.Parent, &parent) // jupyter_client sends none
		s.stdin.take(parent.ID, reply.Value)
	}
}

// take gives an answer to the question that it names, or to the oldest one when it
// names none.
func (x *stdin) take(id, value string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, q := range x.asked {
		if id == "" || q.id == id {
			q.answer <- value
			x.asked = append(x.asked[:i], x.asked[i+1:]...)
			return
		}
	}
}

func (x *stdin) forget(q *inputWait) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, other := range x.asked {
		if other == q {
			x.asked = append(x.asked[:i], x.asked[i+1:]...)
			return
		}
	}
}

// interrupt frees everybody who waits.
func (x *stdin) interrupt() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, q := range x.asked {
		close(q.answer)
	}
	x.asked = nil
}
