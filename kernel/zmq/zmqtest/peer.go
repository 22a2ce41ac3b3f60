// Package zmqtest is the other side of a kernel's sockets, for tests: a ZMTP peer over
// a plain network connection, well-behaved or not, and on top of it a Jupyter client
// on all five sockets. It shares no code with package zmq, so that a mistake there
// shows here, and runs under the race detector.
//
//	k := zmqtest.Connect(t, sockets.Spec(), key)
//	answer := k.Ask("execute_request", wire.Dict{"code": "1+1"})
//	answer.Reply, answer.Outputs // up to and with idle
//
// Whatever waits here waits long (Patience): a slow machine is not a failed test.
package zmqtest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"netsplit/kernel/zmq"
)

// Patience is how long a test waits for something that must come.
const Patience = 60 * time.Second

// Peer is a ZMTP 3.0 connection.
type Peer struct {
	Conn net.Conn // for tests that misbehave

	in *bufio.Reader
	mu sync.Mutex // of writes
}

// Address is where a port of a kernel's spec is reached.
func Address(spec zmq.Spec, port int) (network, addr string) {
	if spec.Transport == "ipc" {
		return "unix", spec.IP + "-" + strconv.Itoa(port)
	}
	ip := spec.IP
	if ip == "*" || ip == "0.0.0.0" {
		ip = "127.0.0.1"
	}
	return "tcp", net.JoinHostPort(ip, strconv.Itoa(port))
}

// DialRaw connects without a word.
func DialRaw(t testing.TB, spec zmq.Spec, port int) net.Conn {
	t.Helper()
	network, addr := Address(spec, port)
	nc, err := net.DialTimeout(network, addr, Patience)
	if err != nil {
		t.Fatalf("dial kernel: %v", err)
	}
	t.Cleanup(func() { nc.Close() })
	return nc
}

// Dial connects and shakes hands. socketType is DEALER, REQ, SUB, …; an empty
// identity lets the kernel choose.
func Dial(t testing.TB, spec zmq.Spec, port int, socketType, identity string) *Peer {
	t.Helper()
	p := &Peer{Conn: DialRaw(t, spec, port)}
	p.in = bufio.NewReader(p.Conn)
	if err := p.greet(socketType, identity); err != nil {
		t.Fatalf("greet kernel as %s: %v", socketType, err)
	}
	return p
}

// Greeting is a ZMTP greeting of 64 bytes.
func Greeting(major, minor byte, mechanism string) []byte {
	g := make([]byte, 64)
	g[0], g[9], g[10], g[11] = 0xFF, 0x7F, major, minor
	copy(g[12:32], mechanism)
	return g
}

// Ready is the READY command with the given properties, names and values in turn.
func Ready(properties ...string) []byte {
	body := []byte("\x05READY")
	for i := 0; i+1 < len(properties); i += 2 {
		body = append(body, byte(len(properties[i])))
		body = append(body, properties[i]...)
		body = binary.BigEndian.AppendUint32(body, uint32(len(properties[i+1])))
		body = append(body, properties[i+1]...)
	}
	return Frame(4, body)
}

// Frame is one frame; flags are 1 (more) and 4 (command), the length's form is added.
func Frame(flags byte, body []byte) []byte {
	var b []byte
	if len(body) > 255 {
		b = binary.BigEndian.AppendUint64([]byte{flags | 2}, uint64(len(body)))
	} else {
		b = []byte{flags, byte(len(body))}
	}
	return append(b, body...)
}

// Message is a whole message as it goes over the wire.
func Message(frames ...[]byte) []byte {
	var b []byte
	for i, f := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags = 1
		}
		b = append(b, Frame(flags, f)...)
	}
	return b
}

func (p *Peer) greet(socketType, identity string) error {
	p.Conn.SetDeadline(time.Now().Add(Patience))
	defer p.Conn.SetDeadline(time.Time{})
	hello := append(Greeting(3, 0, "NULL"), Ready("Socket-Type", socketType, "Identity", identity)...)
	if _, err := p.Conn.Write(hello); err != nil {
		return err
	}
	theirs := make([]byte, 64)
	if _, err := io.ReadFull(p.in, theirs); err != nil {
		return err
	}
	flags, body, err := p.frame()
	if err != nil {
		return err
	}
	if flags&4 == 0 || len(body) < 6 || string(body[1:6]) != "READY" {
		return fmt.Errorf("got %q where READY belongs", body)
	}
	return nil
}

func (p *Peer) frame() (flags byte, body []byte, err error) {
	flags, err = p.in.ReadByte()
	if err != nil {
		return 0, nil, err
	}
	var n uint64
	if flags&2 != 0 {
		var long [8]byte
		if _, err := io.ReadFull(p.in, long[:]); err != nil {
			return 0, nil, err
		}
		n = binary.BigEndian.Uint64(long[:])
	} else {
		short, err := p.in.ReadByte()
		if err != nil {
			return 0, nil, err
		}
		n = uint64(short)
	}
	body = make([]byte, n)
	_, err = io.ReadFull(p.in, body)
	return flags, body, err
}

// Send sends a message.
func (p *Peer) Send(frames ...[]byte) error { return p.SendRaw(Message(frames...)) }

// SendRaw sends bytes as they are.
func (p *Peer) SendRaw(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.Conn.Write(b)
	return err
}

// Subscribe and Unsubscribe are for a SUB peer.
func (p *Peer) Subscribe(topic string) error   { return p.Send(append([]byte{1}, topic...)) }
func (p *Peer) Unsubscribe(topic string) error { return p.Send(append([]byte{0}, topic...)) }

// Recv waits for the next message. Commands are passed over.
func (p *Peer) Recv() ([][]byte, error) {
	p.Conn.SetReadDeadline(time.Now().Add(Patience))
	var frames [][]byte
	for {
		flags, body, err := p.frame()
		if err != nil {
			return nil, err
		}
		if flags&4 != 0 {
			continue
		}
		frames = append(frames, body)
		if flags&1 == 0 {
			return frames, nil
		}
	}
}

// RecvCommand waits for the next frame, which has to be a command, and gives its body.
func (p *Peer) RecvCommand() ([]byte, error) {
	p.Conn.SetReadDeadline(time.Now().Add(Patience))
	flags, body, err := p.frame()
	if err == nil && flags&4 == 0 {
		err = fmt.Errorf("got a message, %q, where a command belongs", body)
	}
	return body, err
}

// Closed waits until the kernel has closed the connection, whatever comes before.
func (p *Peer) Closed() error { return Closed(p.Conn) }

// Closed waits until the other side has closed a connection.
func Closed(nc net.Conn) error {
	nc.SetReadDeadline(time.Now().Add(Patience))
	_, err := io.Copy(io.Discard, nc)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		return fmt.Errorf("connection still open after %s", Patience)
	}
	return nil
}

// Close ends the connection in good order, Reset without.
func (p *Peer) Close() error { return p.Conn.Close() }

func (p *Peer) Reset() error {
	if tcp, ok := p.Conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	return p.Conn.Close()
}
