package zmq_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"netsplit/kernel/zmq"
	"netsplit/kernel/zmq/zmqtest"
)

// Fault test 10: silent and dripping connections.
func TestSilentConnectionsHoldNobodyUp(t *testing.T) {
	k := open(t, local(), zmq.Options{Limits: zmq.Limits{Handshake: 500 * time.Millisecond}})
	var silent []net.Conn
	everyPort(k.Spec(), func(_ string, port int) {
		for range 60 {
			silent = append(silent, zmqtest.DialRaw(t, k.Spec(), port))
		}
		half := zmqtest.DialRaw(t, k.Spec(), port)
		half.Write(zmqtest.Greeting(3, 0, "NULL")[:33])
		drip := zmqtest.DialRaw(t, k.Spec(), port)
		go func() {
			for _, b := range zmqtest.Greeting(3, 0, "NULL") {
				if _, err := drip.Write([]byte{b}); err != nil {
					return
				}
				time.Sleep(100 * time.Millisecond)
			}
		}()
		silent = append(silent, half, drip)
	})
	k.alive()
	for _, nc := range silent {
		if err := zmqtest.Closed(nc); err != nil {
			t.Fatalf("after the handshake deadline: %v", err)
		}
	}
	k.alive()
}

func TestACrowdOfHandshakesEndsTheOldest(t *testing.T) {
	k := open(t, local(), zmq.Options{Limits: zmq.Limits{Handshake: time.Hour, Handshakes: 10}})
	oldest := zmqtest.DialRaw(t, k.Spec(), k.Spec().Shell)
	for range 30 {
		zmqtest.DialRaw(t, k.Spec(), k.Spec().Shell)
	}
	answered(t, k.dealer(""), "served")
	if err := zmqtest.Closed(oldest); err != nil {
		t.Fatal(err)
	}
}

func TestOneConnectionTooManyIsRefused(t *testing.T) {
	k := open(t, local(), zmq.Options{Limits: zmq.Limits{Peers: 3}})
	first := k.dealer("")
	answered(t, first, "1")
	answered(t, k.dealer(""), "2")
	answered(t, k.dealer(""), "3")
	if err := k.dealer("").Closed(); err != nil {
		t.Fatal(err)
	}
	first.Close()
	await(t, "a place for the next client", func() bool {
		p := k.dealer("")
		defer p.Close()
		p.Send([]byte("4"))
		_, err := p.Recv()
		return err == nil
	})
}

// A crowd of peers that shake hands and say nothing shuts nobody out.
func TestACrowdThatSaysNothingMakesRoom(t *testing.T) {
	k := open(t, local(), zmq.Options{Limits: zmq.Limits{Peers: 10}})
	served := k.dealer("")
	answered(t, served, "first")
	for range 30 {
		k.dealer("")
	}
	answered(t, k.dealer(""), "a client that comes late")
	answered(t, served, "the first one still")
}

// A crowd of subscribers with all the topics that they may have leaves some for others.
func TestACrowdOfTopicsShutsNobodyOut(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	for i := range 15 {
		p := k.subscriber()
		for j := range 1000 {
			p.Subscribe(fmt.Sprintf("%d-%d", i, j))
		}
		p.Subscribe(fmt.Sprint("last ", i))
	}
	k.alive()
	p := k.subscriber()
	p.Subscribe("")
	k.heard(p, "anything")
}

// malformed are beginnings that no ZMTP peer sends.
func malformed(socketType string) map[string][]byte {
	greeting := zmqtest.Greeting(3, 0, "NULL")
	after := func(b []byte) []byte { return append(append([]byte(nil), greeting...), b...) }
	noise := make([]byte, 64<<10)
	random := rand.New(rand.NewPCG(1, 1))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	noise[0] = 0
	late := append([]byte(nil), noise...)
	copy(late, greeting)
	badFooter := append([]byte(nil), greeting...)
	badFooter[9] = 0
	return map[string][]byte{
		"HTTP":                     []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
		"TLS":                      append([]byte{0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3}, noise[:500]...),
		"noise":                    noise,
		"noise after the greeting": late,
		"signature without end":    badFooter,
		"ZMTP 1":                   {1, 0},
		"ZMTP 2":                   {0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, 5, 0, 0},
		"PLAIN":                    zmqtest.Greeting(3, 0, "PLAIN"),
		"CURVE":                    zmqtest.Greeting(3, 1, "CURVE"),
		"no mechanism":             zmqtest.Greeting(3, 0, ""),
		"wrong socket type":        after(zmqtest.Ready("Socket-Type", "PUSH", "Identity", "")),
		"own socket type":          after(zmqtest.Ready("Socket-Type", map[string]string{"SUB": "PUB", "DEALER": "REP"}[socketType])),
		"unknown socket type":      after(zmqtest.Ready("Socket-Type", "TEAPOT")),
		"empty socket type":        after(zmqtest.Ready("Socket-Type", "")),
		"no socket type":           after(zmqtest.Ready("Identity", "me")),
		"no properties":            after(zmqtest.Ready()),
		"identity of 256 bytes":    after(zmqtest.Ready("Socket-Type", socketType, "Identity", strings.Repeat("i", 256))),
		"READY of 2 KiB":           after(zmqtest.Ready("Socket-Type", socketType, "X-Long", strings.Repeat("i", 2048))),
		"READY of 4 GiB":           after([]byte{6, 0, 0, 0, 1, 0, 0, 0, 0}),
		"cut property name":        after(zmqtest.Frame(4, []byte("\x05READY\x0bSocket"))),
		"cut property length":      after(zmqtest.Frame(4, []byte("\x05READY\x0bSocket-Type\x00\x00"))),
		"cut property value":       after(zmqtest.Frame(4, []byte("\x05READY\x0bSocket-Type\x00\x00\x00\xffDEALER"))),
		"property of 4 GiB":        after(zmqtest.Frame(4, []byte("\x05READY\x0bSocket-Type\xff\xff\xff\xffDEALER"))),
		"empty READY frame":        after([]byte{4, 0}),
		"name longer than command": after(zmqtest.Frame(4, []byte("\xffREADY"))),
		"another command":          after(zmqtest.Frame(4, []byte("\x05HELLO"))),
		"a message, no READY":      after(zmqtest.Message([]byte("READY"))),
		"reserved flags":           after([]byte{0x84, 6, 5, 'R', 'E', 'A', 'D', 'Y'}),
		"command with more":        after([]byte{5, 6, 5, 'R', 'E', 'A', 'D', 'Y'}),
	}
}

// Fault test 11: what is not ZMTP 3 with NULL security and a fitting socket.
func TestMalformedHandshakesAreClosed(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	everyPort(k.Spec(), func(port string, number int) {
		kind := map[string]string{"iopub": "SUB", "heartbeat": "REQ"}[port]
		if kind == "" {
			kind = "DEALER"
		}
		for name, bytes := range malformed(kind) {
			nc := zmqtest.DialRaw(t, k.Spec(), number)
			nc.Write(bytes)
			if err := zmqtest.Closed(nc); err != nil {
				t.Errorf("%s: %s: %v", port, name, err)
			}
		}
	})
	k.alive()
	if !k.logged("refused") {
		t.Errorf("nothing in the log: %q", k.lines())
	}
	if n := len(k.lines()); n > 20 {
		t.Errorf("%d lines in the log, more than one per second and kind", n)
	}
}

func TestAConnectionThatSaysNothingIsNotLogged(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	zmqtest.DialRaw(t, k.Spec(), k.Spec().Shell).Close()
	k.alive()
	if len(k.lines()) > 0 {
		t.Errorf("log: %q", k.lines())
	}
}

func TestPropertyNamesHaveNoCase(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	nc := zmqtest.DialRaw(t, k.Spec(), k.Spec().Shell)
	nc.Write(append(zmqtest.Greeting(3, 1, "NULL"), zmqtest.Ready("SOCKET-type", "REQ", "iDENTITY", "me", "X-New", "1")...))
	nc.Write(zmqtest.Message(nil, []byte("hello")))
	got := make([]byte, 0, 200)
	buffer := make([]byte, 200)
	for !strings.HasSuffix(string(got), "\x01\x00\x00\x05hello") {
		nc.SetReadDeadline(time.Now().Add(zmqtest.Patience))
		n, err := nc.Read(buffer)
		if err != nil {
			t.Fatalf("got %q, then %v", got, err)
		}
		got = append(got, buffer[:n]...)
	}
}

// The handshake under mutated bytes: nothing may panic or hang, and after each round
// an honest client is served. The same rounds in every run.
func TestMutatedHandshakes(t *testing.T) {
	k := open(t, local(), zmq.Options{Limits: zmq.Limits{Handshake: 200 * time.Millisecond, Stall: 200 * time.Millisecond}})
	random := rand.New(rand.NewPCG(1, 11))
	seeds := [][]byte{}
	for _, kind := range []string{"DEALER", "SUB", "REQ"} {
		hello := append(zmqtest.Greeting(3, 0, "NULL"), zmqtest.Ready("Socket-Type", kind, "Identity", "me")...)
		seeds = append(seeds, append(hello, zmqtest.Message(nil, []byte("\x01topic"), []byte("body"))...))
	}
	for range 400 {
		b := mutate(random, seeds[random.IntN(len(seeds))])
		ports := []int{k.Spec().Shell, k.Spec().Control, k.Spec().Stdin, k.Spec().IOPub, k.Spec().Heartbeat}
		nc := zmqtest.DialRaw(t, k.Spec(), ports[random.IntN(5)])
		nc.Write(b)
		nc.Close()
	}
	k.alive()
}

func mutate(random *rand.Rand, b []byte) []byte {
	b = append([]byte(nil), b...)
	for range 1 + random.IntN(4) {
		at := random.IntN(len(b))
		switch random.IntN(4) {
		case 0:
			b[at] ^= 1 << random.IntN(8)
		case 1:
			b[at] = []byte{0, 1, 2, 4, 6, 7, 0x7F, 0xFF}[random.IntN(8)]
		case 2:
			b = b[:max(1, at)]
		case 3:
			b = append(b[:at], append([]byte{byte(random.Uint32())}, b[at:]...)...)
		}
	}
	return b
}
