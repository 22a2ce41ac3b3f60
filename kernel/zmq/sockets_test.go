package zmq_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"netsplit/kernel/zmq"
	"netsplit/kernel/zmq/zmqtest"
)

// kernel is a set of sockets with the smallest kernel behind them: it sends back what
// it gets, on the socket that it came on.
type kernel struct {
	*zmq.Sockets
	t    *testing.T
	mu   sync.Mutex
	logs []string
	took int // requests that reached the kernel
	busy sync.WaitGroup
}

func open(t *testing.T, spec zmq.Spec, options zmq.Options) *kernel {
	t.Helper()
	before := goroutines()
	files := descriptors()
	k := &kernel{t: t}
	options.Log = func(line string) {
		k.mu.Lock()
		k.logs = append(k.logs, line)
		k.mu.Unlock()
	}
	sockets, err := zmq.Open(spec, options)
	if err != nil {
		t.Fatalf("open sockets: %v", err)
	}
	k.Sockets = sockets
	echo := func(from <-chan [][]byte, send func([][]byte) error) {
		k.busy.Go(func() {
			for frames := range from {
				k.mu.Lock()
				k.took++
				k.mu.Unlock()
				send(frames)
			}
		})
	}
	echo(k.Shell(), k.SendShell)
	echo(k.Control(), k.SendControl)
	echo(k.Stdin(), k.SendStdin)
	t.Cleanup(func() {
		k.Close(context.Background())
		k.busy.Wait()
		await(t, "goroutines and descriptors to be back where they were", func() bool {
			return goroutines() <= before+5 && descriptors() <= files+2
		})
	})
	return k
}

func local() zmq.Spec { return zmq.Spec{Transport: "tcp", IP: "127.0.0.1"} }

// goroutines counts those that live, but for the one that zmq4 leaves behind for every
// PUB socket that was closed.
func goroutines() int {
	stacks := make([]byte, 8<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return bytes.Count(stacks, []byte("\ngoroutine ")) + 1 - bytes.Count(stacks, []byte("zmq4.(*pubMWriter).run("))
}

func descriptors() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}

// await waits for a condition that must come true.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(zmqtest.Patience); ; time.Sleep(2 * time.Millisecond) {
		if holds() {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("waited %s for %s; goroutines %d, descriptors %d", zmqtest.Patience, what, goroutines(), descriptors())
		}
	}
}

func (k *kernel) lines() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]string(nil), k.logs...)
}

func (k *kernel) logged(words string) bool {
	return strings.Contains(strings.Join(k.lines(), "\n"), words)
}

func (k *kernel) dealer(identity string) *zmqtest.Peer {
	k.t.Helper()
	return zmqtest.Dial(k.t, k.Spec(), k.Spec().Shell, "DEALER", identity)
}

func (k *kernel) subscriber(topics ...string) *zmqtest.Peer {
	k.t.Helper()
	p := zmqtest.Dial(k.t, k.Spec(), k.Spec().IOPub, "SUB", "")
	for _, topic := range topics {
		p.Subscribe(topic)
	}
	return p
}

// answered is a round trip: the peer is served.
func answered(t *testing.T, p *zmqtest.Peer, text string) {
	t.Helper()
	if err := p.Send([]byte(text)); err != nil {
		t.Fatalf("send %q: %v", text, err)
	}
	frames, err := p.Recv()
	if err != nil || len(frames) != 1 || string(frames[0]) != text {
		t.Fatalf("sent %q, got %q, %v", text, frames, err)
	}
}

// everyPort calls f for each of the five.
func everyPort(spec zmq.Spec, f func(name string, port int)) {
	f("shell", spec.Shell)
	f("control", spec.Control)
	f("stdin", spec.Stdin)
	f("iopub", spec.IOPub)
	f("heartbeat", spec.Heartbeat)
}

// alive checks that every socket serves a new peer.
func (k *kernel) alive() {
	k.t.Helper()
	everyPort(k.Spec(), func(name string, port int) {
		k.t.Helper()
		switch name {
		case "iopub":
			p := k.subscriber("alive")
			defer p.Close()
			k.heard(p, "alive")
		case "heartbeat":
			p := zmqtest.Dial(k.t, k.Spec(), port, "REQ", "")
			defer p.Close()
			beat(k.t, p, "ping")
		default:
			p := zmqtest.Dial(k.t, k.Spec(), port, "DEALER", "")
			defer p.Close()
			answered(k.t, p, "alive?")
		}
	})
}

// heard publishes on a topic until the peer has got one, as it does soon after it has
// subscribed.
func (k *kernel) heard(p *zmqtest.Peer, topic string) {
	k.t.Helper()
	got := make(chan error, 1)
	go func() {
		for {
			frames, err := p.Recv()
			if err != nil || string(frames[0]) == topic {
				got <- err
				return
			}
		}
	}()
	for {
		if err := k.Publish([][]byte{[]byte(topic), []byte("x")}); err != nil {
			k.t.Fatalf("publish: %v", err)
		}
		select {
		case err := <-got:
			if err != nil {
				k.t.Fatalf("subscriber: %v", err)
			}
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func beat(t *testing.T, p *zmqtest.Peer, text string) {
	t.Helper()
	p.Send(nil, []byte(text))
	frames, err := p.Recv()
	if err != nil || len(frames) != 2 || string(frames[1]) != text {
		t.Fatalf("heartbeat: got %q, %v", frames, err)
	}
}

func TestAllFiveSocketsServeOverTCPAndIPC(t *testing.T) {
	for _, spec := range []zmq.Spec{
		local(),
		{Transport: "tcp", IP: "::1"},
		{Transport: "tcp", IP: "*"},
		{Transport: "ipc", IP: t.TempDir() + "/k", Shell: 1, Control: 2, Stdin: 3, IOPub: 4, Heartbeat: 5},
	} {
		t.Run(spec.Transport+spec.IP[:1], func(t *testing.T) {
			if spec.IP == "::1" && !haveIPv6() {
				return
			}
			k := open(t, spec, zmq.Options{})
			k.alive()
			k.alive()
		})
	}
}

func haveIPv6() bool {
	s, err := zmq.Open(zmq.Spec{Transport: "tcp", IP: "::1"}, zmq.Options{})
	if err == nil {
		s.Close(context.Background())
	}
	return err == nil
}

func TestATakenPortIsOneLineAndLeavesNothingOpen(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	spec := local()
	spec.IOPub = k.Spec().Shell
	_, err := zmq.Open(spec, zmq.Options{})
	want := fmt.Sprintf("listen on iopub port 127.0.0.1:%d: address already in use", spec.IOPub)
	if err == nil || err.Error() != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	k.alive()
}

func TestIPCSocketsOfAKilledKernelAreTakenOver(t *testing.T) {
	dir := t.TempDir()
	spec := zmq.Spec{Transport: "ipc", IP: dir + "/k", Shell: 1, Control: 2, Stdin: 3, IOPub: 4, Heartbeat: 5}
	k := open(t, spec, zmq.Options{})
	if _, err := zmq.Open(spec, zmq.Options{}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Fatalf("a second kernel on the same paths: %v", err)
	}
	k.alive()
	k.Close(context.Background())
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%d files left after Close", len(left))
	}
	for i := 1; i <= 5; i++ {
		stale(t, fmt.Sprintf("%s/k-%d", dir, i))
	}
	open(t, spec, zmq.Options{}).alive()

	os.WriteFile(dir+"/plain-1", nil, 0o600)
	spec.IP = dir + "/plain"
	if _, err := zmq.Open(spec, zmq.Options{}); err == nil {
		t.Error("took the place of a file that is no socket")
	}
	spec.IP = dir + "/" + strings.Repeat("long", 50)
	if _, err := zmq.Open(spec, zmq.Options{}); err == nil || !strings.Contains(err.Error(), "too long for a socket") {
		t.Errorf("a path that is too long: %v", err)
	}
}

func TestOneLargeMessagePassesAnEmptyQueue(t *testing.T) {
	k := open(t, local(), zmq.Options{Limits: zmq.Limits{Queue: 1 << 20}})
	p := k.dealer("")
	large := bytes.Repeat([]byte("x"), 20<<20)
	p.Send([]byte("a"), large, nil)
	frames, err := p.Recv()
	if err != nil || len(frames) != 3 || !bytes.Equal(frames[1], large) || len(frames[2]) != 0 {
		t.Fatalf("20 MiB there and back: %d frames, %v", len(frames), err)
	}
}

func TestFiveThousandRequestsAtOnceAreAnsweredInOrder(t *testing.T) {
	k := open(t, local(), zmq.Options{Limits: zmq.Limits{Inbox: 50}})
	p := k.dealer("")
	const n = 5000
	go func() {
		for i := range n {
			p.Send(fmt.Append(nil, i), nil)
		}
	}()
	for i := range n {
		frames, err := p.Recv()
		if err != nil || len(frames) != 2 || string(frames[0]) != fmt.Sprint(i) {
			t.Fatalf("reply %d: %q, %v", i, frames, err)
		}
	}
}

func TestAThousandConnectionsComeAndGo(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	for i := range 1000 {
		p := zmqtest.Dial(t, k.Spec(), k.Spec().Shell, "DEALER", fmt.Sprint(i%3))
		if i%10 == 0 {
			answered(t, p, "hello")
		}
		if i%2 == 0 {
			p.Reset()
		} else {
			p.Close()
		}
	}
	k.alive()
}

func TestTwoHundredClientsAtOnce(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	var all sync.WaitGroup
	for i := range 200 {
		p := k.dealer(fmt.Sprint("client", i))
		all.Go(func() {
			defer p.Close()
			for n := range 25 {
				text := fmt.Sprint(i, "/", n)
				if p.Send([]byte(text)); t.Failed() {
					return
				}
				if frames, err := p.Recv(); err != nil || string(frames[0]) != text {
					t.Errorf("client %d: %q, %v", i, frames, err)
				}
			}
		})
	}
	all.Wait()
}

func TestPingGetsPongAndIsNoMessage(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	everyPort(k.Spec(), func(name string, port int) {
		kind := map[string]string{"iopub": "SUB", "heartbeat": "REQ"}[name]
		if kind == "" {
			kind = "DEALER"
		}
		p := zmqtest.Dial(t, k.Spec(), port, kind, "")
		p.SendRaw(zmqtest.Frame(4, []byte("\x04PING\x00\x64ctx")))
		body, err := p.RecvCommand()
		if err != nil || string(body) != "\x04PONGctx" {
			t.Errorf("%s: answer to PING is %q, %v", name, body, err)
		}
	})
	k.alive()
}

func TestHeartbeatsComeBackAsTheyAre(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	p := zmqtest.Dial(t, k.Spec(), k.Spec().Heartbeat, "REQ", "")
	beat(t, p, "ping")
	beat(t, p, "")
	beat(t, p, strings.Repeat("long", 10000))
	d := zmqtest.Dial(t, k.Spec(), k.Spec().Heartbeat, "DEALER", "")
	d.Send([]byte("no delimiter")) // dropped
	d.Send([]byte("route"), nil, []byte("a"), []byte("b"))
	frames, err := d.Recv()
	if err != nil || fmt.Sprintf("%q", frames) != `["route" "" "a" "b"]` {
		t.Fatalf("got %q, %v", frames, err)
	}
	beat(t, p, "still there")
}

func TestSendingAfterCloseIsAnError(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	k.Close(context.Background())
	for name, err := range map[string]error{
		"SendShell": k.SendShell([][]byte{[]byte("a"), []byte("b")}),
		"Publish":   k.Publish([][]byte{[]byte("a"), []byte("b")}),
	} {
		if err != zmq.ErrClosed {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
	if _, ok := <-k.Shell(); ok {
		t.Error("Shell gives messages after Close")
	}
	if err := k.Pace(context.Background()); err != nil {
		t.Errorf("Pace with nothing to wait for: %v", err)
	}
	if err := k.Close(context.Background()); err != nil {
		t.Errorf("Close again: %v", err)
	}
}
