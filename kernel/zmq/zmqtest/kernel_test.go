package zmqtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"netsplit/kernel/wire"
	"netsplit/kernel/zmq"
	"netsplit/kernel/zmq/zmqtest"
)

const key = "a0436f6c-1916-498b-8eb9-e81ab9368e84"

// puppet is the smallest kernel that speaks the protocol: it counts the cells that it
// is asked to run.
type puppet struct {
	*zmq.Sockets
	mu      sync.Mutex
	count   int
	dropped map[wire.Kind]int
	lines   []string
}

func start(t *testing.T) *puppet {
	t.Helper()
	signer, err := wire.NewSigner(key, "hmac-sha256")
	if err != nil {
		t.Fatal(err)
	}
	author := wire.NewAuthor("kernel")
	k := &puppet{dropped: map[wire.Kind]int{}}
	log := zmq.NewLog(func(line string) {
		k.mu.Lock()
		k.lines = append(k.lines, line)
		k.mu.Unlock()
	}, time.Second)
	k.Sockets, err = zmq.Open(zmq.Spec{Transport: "tcp", IP: "127.0.0.1"}, zmq.Options{
		Welcome: func(topic string) [][]byte {
			m, _ := author.Publish("iopub_welcome", nil, wire.IOPubWelcome{Subscription: topic})
			m.Identities = [][]byte{[]byte(topic)}
			return signer.Encode(m)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	status := func(parent json.RawMessage, state string) {
		m, _ := author.Publish("status", parent, wire.Status{State: state})
		k.Publish(signer.Encode(m))
	}
	var running sync.WaitGroup
	serve := func(from <-chan [][]byte, send func([][]byte) error) {
		running.Go(func() {
			for frames := range from {
				request, err := signer.Decode(frames)
				if err != nil {
					k.mu.Lock()
					k.dropped[wire.KindOf(err)]++
					k.mu.Unlock()
					log.Print(string(wire.KindOf(err)), err.Error())
					continue
				}
				status(request.RawHeader, "busy")
				var execute wire.ExecuteRequest
				var content any
				if err := request.Decode(&execute); err != nil {
					content = wire.ErrorReply{Name: "BadRequest", Value: err.Error()}
				} else {
					k.mu.Lock()
					k.count++
					content = wire.ExecuteReply{Count: k.count}
					k.mu.Unlock()
				}
				reply, _ := author.Reply(request, strings.Replace(request.Header.Type, "_request", "_reply", 1), content)
				send(signer.Encode(reply))
				status(request.RawHeader, "idle")
			}
		})
	}
	serve(k.Shell(), k.SendShell)
	serve(k.Control(), k.SendControl)
	t.Cleanup(func() {
		k.Close(context.Background())
		running.Wait()
	})
	return k
}

func (k *puppet) state() (count int, dropped map[wire.Kind]int, lines int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	copied := map[wire.Kind]int{}
	for kind, n := range k.dropped {
		copied[kind] = n
	}
	return k.count, copied, len(k.lines)
}

func connect(t *testing.T, k *puppet) *zmqtest.Kernel {
	t.Helper()
	c := zmqtest.Connect(t, k.Spec(), key)
	m := c.Await(c.IOPub, "iopub_welcome", func(*wire.Message) bool { return true })
	if m.Header.Type != "iopub_welcome" || string(m.Parent) != "{}" || zmqtest.Content(m)["subscription"] != "" {
		t.Fatalf("first message on iopub: %+v", m)
	}
	return c
}

// run runs a cell and gives its count.
func run(t *testing.T, c *zmqtest.Kernel) int {
	t.Helper()
	answer := c.Ask("execute_request", wire.Dict{"code": "1"})
	if len(answer.Outputs) != 2 {
		t.Fatalf("outputs %v", answer.Outputs)
	}
	count, _ := zmqtest.Content(answer.Reply)["execution_count"].(float64)
	return int(count)
}

// frames are a signed execute_request.
func frames(c *zmqtest.Kernel) [][]byte {
	m, _ := c.Author.New("execute_request", nil, wire.Dict{"code": "1"})
	return c.Signer.Encode(m)
}

// Fault test 1 on the wire: no reply, no status, no count.
func TestWrongSignatures(t *testing.T) {
	k := start(t)
	c := connect(t, k)
	for range 200 {
		f := frames(c)
		for _, signature := range [][]byte{{}, []byte("ab"), bytes.Repeat([]byte("z"), 64), bytes.ToUpper(f[1])} {
			f[1] = signature
			c.Shell.Send(f...)
		}
	}
	if n := run(t, c); n != 1 {
		t.Errorf("the first good request has count %d", n)
	}
	_, dropped, lines := k.state()
	if dropped[wire.BadSignature] != 800 {
		t.Errorf("dropped %v", dropped)
	}
	if lines > 60 { // one a second
		t.Errorf("%d lines in the log", lines)
	}
}

// Fault test 2 on the wire.
func TestReplays(t *testing.T) {
	k := start(t)
	c, other := connect(t, k), connect(t, k)
	f := frames(c)
	for range 3 {
		c.Shell.Send(f...)
		other.Shell.Send(f...)
		other.Control.Send(f...)
	}
	// Nine times on three connections, of which nobody knows which is first.
	for n := 0; ; {
		count, dropped, _ := k.state()
		if n = count + dropped[wire.Replayed]; n == 9 {
			if count != 1 {
				t.Errorf("executed %d times", count)
			}
			break
		}
		time.Sleep(time.Millisecond)
	}
	if n := run(t, c); n != 2 {
		t.Errorf("count %d after one execution", n)
	}
}

// Fault test 3 on the wire.
func TestMalformedMessages(t *testing.T) {
	k := start(t)
	c := connect(t, k)
	f := frames(c)
	c.Shell.Send([]byte("no delimiter"))
	c.Shell.Send([]byte(wire.Delimiter))
	c.Shell.Send(nil)
	c.Shell.Send(f[:4]...)
	c.Shell.Send(append(make([][]byte, 10000), f...)...)
	c.Shell.Send(append(f[:6:6], make([][]byte, 1000)...)...) // buffers: accepted
	if n := run(t, c); n != 2 {
		t.Errorf("count %d", n)
	}
	_, dropped, _ := k.state()
	want := map[wire.Kind]int{wire.NoDelimiter: 2, wire.TooFewFrames: 2, wire.TooManyIdentities: 1}
	if fmt.Sprint(dropped) != fmt.Sprint(want) {
		t.Errorf("dropped %v, want %v", dropped, want)
	}
}

// Fault test 4 on the wire: a bad header is dropped, bad content is answered.
func TestUnreadableMessages(t *testing.T) {
	k := start(t)
	c := connect(t, k)
	for i, header := range []string{"{", "[1,2]", "null", "{}", `{"msg_type":"execute_request"}`,
		`{"msg_type":"execute_request","msg_id":"` + strings.Repeat("x", 1<<20) + `"}`} {
		m, _ := c.Author.New("execute_request", nil, wire.Dict{"n": i})
		m.RawHeader = json.RawMessage(header)
		c.SendMessage(c.Shell, m)
	}
	for _, content := range []string{"{", "[1]", "null", "\xff", `{"code":7}`, strings.Repeat("[", 100000) + strings.Repeat("]", 100000)} {
		m, _ := c.Author.New("execute_request", nil, nil)
		m.Content = json.RawMessage(content)
		c.SendMessage(c.Shell, m)
		answer := c.Collect(c.Shell, m)
		reply := zmqtest.Content(answer.Reply)
		if reply["status"] != "error" || len(answer.Outputs) != 2 {
			t.Errorf("content %.20q: %s, outputs %v", content, answer.Reply.Content, answer.Outputs)
		}
	}
	if n := run(t, c); n != 1 {
		t.Errorf("count %d", n)
	}
	_, dropped, _ := k.state()
	if dropped[wire.BadHeader] != 5 || dropped[wire.TooLarge] != 1 {
		t.Errorf("dropped %v", dropped)
	}
}

func TestTwentyClientsGetTheirOwnReplies(t *testing.T) {
	k := start(t)
	clients := make([]*zmqtest.Kernel, 20)
	for i := range clients {
		clients[i] = connect(t, k)
	}
	requests := make([][]*wire.Message, len(clients))
	for n := range 25 {
		for i, c := range clients {
			requests[i] = append(requests[i], c.Send(c.Shell, "execute_request", wire.Dict{"code": fmt.Sprint(n)}))
		}
	}
	for i, c := range clients {
		for _, r := range requests[i] {
			c.Collect(c.Shell, r)
		}
		for _, others := range requests { // every idle reaches every subscriber
			for _, r := range others {
				if &others[0] != &requests[i][0] {
					c.Outputs(r)
				}
			}
		}
	}
}
