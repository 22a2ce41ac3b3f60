package zmqtest

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"netsplit/kernel/wire"
	"netsplit/kernel/zmq"
)

// Kernel is a Jupyter client of a kernel. It reads all that comes without pause and
// keeps it until it is asked for. Its methods end the test when something that must
// come does not; they are to be called from the test's goroutine, the others from any.
type Kernel struct {
	Shell, Control, Stdin, IOPub, Heartbeat *Peer

	Signer *wire.Signer // signs what is sent
	Author *wire.Author

	// Own leaves aside what is published for the requests of other clients.
	Own atomic.Bool

	t      testing.TB
	check  *wire.Signer // checks what comes
	mu     sync.Mutex
	came   map[*Peer][]received
	change chan struct{}
	lost   map[*Peer]error
}

type received struct {
	*wire.Message
	parent string // its id
}

// Connect opens all five sockets with one identity and subscribes to everything. A
// kernel that sends iopub_welcome has been heard of then.
func Connect(t testing.TB, spec zmq.Spec, key string) *Kernel {
	t.Helper()
	signer, err := wire.NewSigner(key, "")
	if err != nil {
		t.Fatal(err)
	}
	check, _ := wire.NewSigner(key, "")
	k := &Kernel{
		Signer: signer,
		Author: wire.NewAuthor("test"),
		t:      t,
		check:  check,
		came:   map[*Peer][]received{},
		change: make(chan struct{}),
		lost:   map[*Peer]error{},
	}
	identity := k.Author.Session()
	k.Shell = Dial(t, spec, spec.Shell, "DEALER", identity)
	k.Control = Dial(t, spec, spec.Control, "DEALER", identity)
	k.Stdin = Dial(t, spec, spec.Stdin, "DEALER", identity)
	k.IOPub = Dial(t, spec, spec.IOPub, "SUB", "")
	k.Heartbeat = Dial(t, spec, spec.Heartbeat, "REQ", "")
	if err := k.IOPub.Subscribe(""); err != nil {
		t.Fatalf("subscribe: %v", err)
	}
	for _, p := range []*Peer{k.Shell, k.Control, k.Stdin, k.IOPub} {
		go k.read(p)
	}
	return k
}

// Close hangs up.
func (k *Kernel) Close() {
	for _, p := range []*Peer{k.Shell, k.Control, k.Stdin, k.IOPub, k.Heartbeat} {
		p.Close()
	}
}

func (k *Kernel) read(p *Peer) {
	for {
		p.Conn.SetReadDeadline(time.Time{})
		frames, err := p.recvForEver()
		var m *wire.Message
		if err == nil {
			m, err = k.check.DecodeAnswer(frames)
		}
		k.mu.Lock()
		if err != nil {
			k.lost[p] = err
		} else {
			if id, session := parentOf(m); session == k.Author.Session() || session == "" || !k.Own.Load() {
				k.came[p] = append(k.came[p], received{m, id})
			}
		}
		close(k.change)
		k.change = make(chan struct{})
		k.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (p *Peer) recvForEver() ([][]byte, error) {
	var frames [][]byte
	for {
		flags, body, err := p.frame()
		if err != nil {
			return nil, err
		}
		if flags&4 != 0 {
			continue
		}
		if frames = append(frames, body); flags&1 == 0 {
			return frames, nil
		}
	}
}

// Send sends a request and gives its header's id.
func (k *Kernel) Send(p *Peer, kind string, content any) *wire.Message {
	k.t.Helper()
	m, err := k.Author.New(kind, nil, content)
	if err != nil {
		k.t.Fatalf("write %s: %v", kind, err)
	}
	k.SendMessage(p, m)
	return m
}

// SendMessage sends a message that the test has made or changed.
func (k *Kernel) SendMessage(p *Peer, m *wire.Message) {
	k.t.Helper()
	if err := p.Send(k.Signer.Encode(m)...); err != nil {
		k.t.Fatalf("send %s: %v", m.Header.Type, err)
	}
}

// Await takes the first message that came on a socket and matches, and waits for it.
func (k *Kernel) Await(p *Peer, what string, match func(*wire.Message) bool) *wire.Message {
	k.t.Helper()
	return k.wait(p, what, func(m received) bool { return match(m.Message) })
}

func (k *Kernel) awaitAnswer(p *Peer, what string, request *wire.Message) *wire.Message {
	k.t.Helper()
	return k.wait(p, what+request.Header.Type, func(m received) bool { return m.parent == request.Header.ID })
}

func (k *Kernel) wait(p *Peer, what string, match func(received) bool) *wire.Message {
	k.t.Helper()
	m, err := k.await(p, match)
	if err != nil {
		k.t.Fatalf("wait for %s: %v", what, err)
	}
	return m
}

func (k *Kernel) await(p *Peer, match func(received) bool) (*wire.Message, error) {
	limit := time.After(Patience)
	for {
		k.mu.Lock()
		for i, m := range k.came[p] {
			if match(m) {
				copy(k.came[p][1:i+1], k.came[p][:i]) // it is mostly among the first
				k.came[p] = k.came[p][1:]
				k.mu.Unlock()
				return m.Message, nil
			}
		}
		lost, change := k.lost[p], k.change
		k.mu.Unlock()
		if lost != nil {
			return nil, lost
		}
		select {
		case <-change:
		case <-limit:
			return nil, fmt.Errorf("nothing like it within %s", Patience)
		}
	}
}

// Answer is all that a kernel sent for one request.
type Answer struct {
	Reply   *wire.Message
	Outputs []*wire.Message // on iopub, busy and idle included
}

// Ask sends a request on shell and waits for its reply and its idle.
func (k *Kernel) Ask(kind string, content any) Answer {
	k.t.Helper()
	return k.AskOn(k.Shell, kind, content)
}

// AskOn is Ask on a socket of choice.
func (k *Kernel) AskOn(p *Peer, kind string, content any) Answer {
	k.t.Helper()
	return k.Collect(p, k.Send(p, kind, content))
}

// Collect waits for the reply and the idle of a request that was sent.
func (k *Kernel) Collect(p *Peer, request *wire.Message) Answer {
	k.t.Helper()
	return Answer{
		Reply:   k.awaitAnswer(p, "reply to ", request),
		Outputs: k.Outputs(request),
	}
}

// Outputs waits for the idle of a request and takes all of its messages on iopub.
func (k *Kernel) Outputs(request *wire.Message) []*wire.Message {
	k.t.Helper()
	var all []*wire.Message
	for {
		m := k.awaitAnswer(k.IOPub, "idle of ", request)
		all = append(all, m)
		if m.Header.Type == "status" && Content(m)["execution_state"] == "idle" {
			return all
		}
	}
}

// Answers matches what has the request as its parent.
func Answers(request *wire.Message) func(*wire.Message) bool {
	return func(m *wire.Message) bool { return parentID(m) == request.Header.ID }
}

func parentID(m *wire.Message) string {
	id, _ := parentOf(m)
	return id
}

func parentOf(m *wire.Message) (id, session string) {
	var parent struct {
		ID      string `json:"msg_id"`
		Session string `json:"session"`
	}
	json.Unmarshal(m.Parent, &parent)
	return parent.ID, parent.Session
}

// Content is the content of a message as it came.
func Content(m *wire.Message) wire.Dict {
	var d wire.Dict
	json.Unmarshal(m.Content, &d)
	return d
}
