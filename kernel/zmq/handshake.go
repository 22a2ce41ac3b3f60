package zmq

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/go-zeromq/zmq4"
)

// errQuiet marks connections that end without a line in the log: those that never
// said a word, as when somebody looks whether the port is open.
var errQuiet = errors.New("nothing said")

const greetingSize = 64

const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
)

// greetingBytes is the greeting of ZMTP 3.0, mechanism NULL. A peer of a later version
// then speaks 3.0, which sends subscriptions as messages.
func greetingBytes() []byte {
	g := make([]byte, greetingSize)
	g[0], g[9], g[10] = 0xFF, 0x7F, 3
	copy(g[12:32], "NULL")
	return g
}

// handshake speaks first: libzmq sends ten bytes and waits for ours.
func handshake(l *Listener, nc net.Conn) (*Conn, error) {
	nc.SetDeadline(time.Now().Add(l.lim.Handshake))
	if _, err := nc.Write(greetingBytes()); err != nil {
		return nil, errQuiet
	}
	c := newConn(l, nc)
	c.in = bufio.NewReaderSize(&patient{c: c}, 4096)
	if err := readGreeting(c.in); err != nil {
		return nil, err
	}
	ready := command("READY", appendProperty(appendProperty(nil, "Socket-Type", string(l.role)), "Identity", ""))
	if _, err := nc.Write(ready); err != nil {
		return nil, errQuiet
	}
	peer, err := readReady(c.in)
	if err != nil {
		return nil, err
	}
	if !compatible(l.role, peer.socketType) {
		return nil, fmt.Errorf("socket type %.40q does not fit %s", peer.socketType, l.role)
	}
	if len(peer.identity) > 255 {
		return nil, fmt.Errorf("identity of %d bytes", len(peer.identity))
	}
	c.identity = peer.identity
	if c.identity == "" {
		// Libraries never send an identity that begins with zero, so this one is free.
		var unique [17]byte
		rand.Read(unique[1:])
		c.identity = string(unique[:])
	}
	c.prelude(peer.socketType)
	return c, nc.SetDeadline(time.Time{})
}

func compatible(role zmq4.SocketType, peer string) bool {
	switch role {
	case zmq4.Router:
		return peer == "DEALER" || peer == "REQ" || peer == "ROUTER"
	case zmq4.Pub:
		return peer == "SUB" || peer == "XSUB"
	case zmq4.Rep:
		return peer == "REQ" || peer == "DEALER"
	}
	return false
}

// readGreeting looks at each part as soon as it is there: HTTP and TLS are refused on
// their first byte.
func readGreeting(in *bufio.Reader) error {
	var g [greetingSize]byte
	read := func(from, to int) error {
		_, err := io.ReadFull(in, g[from:to])
		if err != nil && from == 0 {
			return errQuiet
		}
		return err
	}
	if err := read(0, 1); err != nil {
		return err
	}
	if g[0] != 0xFF {
		return errors.New("not ZMTP")
	}
	if err := read(1, 11); err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	if g[9] != 0x7F {
		return errors.New("not ZMTP")
	}
	if g[10] < 3 {
		return fmt.Errorf("ZMTP version %d, want 3", g[10])
	}
	if err := read(11, greetingSize); err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	if mechanism := string(bytes.TrimRight(g[12:32], "\x00")); mechanism != "NULL" {
		return fmt.Errorf("security mechanism %q, want NULL", mechanism)
	}
	return nil
}

type ready struct{ socketType, identity string }

// readReady reads one command and its properties, every length checked.
func readReady(in *bufio.Reader) (ready, error) {
	var r ready
	flags, size, err := readHeader(in)
	if err != nil {
		return r, fmt.Errorf("READY: %w", err)
	}
	if flags&^flagLong != flagCommand {
		return r, errors.New("no READY after the greeting")
	}
	if size > maxReady {
		return r, fmt.Errorf("READY of %d bytes", size)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(in, body); err != nil {
		return r, fmt.Errorf("READY: %w", err)
	}
	name, rest, ok := cutCommand(body)
	if !ok || name != "READY" {
		return r, fmt.Errorf("command %.40q where READY belongs", name)
	}
	for len(rest) > 0 {
		var key, value string
		if key, value, rest, ok = cutProperty(rest); !ok {
			return r, errors.New("READY with a cut property")
		}
		switch strings.ToLower(key) {
		case "socket-type":
			r.socketType = value
		case "identity":
			r.identity = value
		}
	}
	return r, nil
}

// readHeader reads the flags and the length of a frame.
func readHeader(in *bufio.Reader) (flags byte, size uint64, err error) {
	flags, err = in.ReadByte()
	if err != nil {
		return 0, 0, err
	}
	size, err = readSize(in, flags)
	return flags, size, err
}

func readSize(in *bufio.Reader, flags byte) (uint64, error) {
	if flags&^(flagMore|flagLong|flagCommand) != 0 {
		return 0, fmt.Errorf("reserved flags %#x", flags)
	}
	if flags&flagCommand != 0 && flags&flagMore != 0 {
		return 0, fmt.Errorf("flags %#x: a command has no more frames", flags)
	}
	if flags&flagLong == 0 {
		n, err := in.ReadByte()
		return uint64(n), err
	}
	var n [8]byte
	if _, err := io.ReadFull(in, n[:]); err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(n[:]), nil
}

// cutCommand takes the name off a command.
func cutCommand(body []byte) (name string, rest []byte, ok bool) {
	if len(body) == 0 || int(body[0]) > len(body)-1 {
		return "", nil, false
	}
	n := 1 + int(body[0])
	return string(body[1:n]), body[n:], true
}

func cutProperty(b []byte) (key, value string, rest []byte, ok bool) {
	n := 1 + int(b[0])
	if len(b) < n+4 {
		return "", "", nil, false
	}
	key = string(b[1:n])
	size := binary.BigEndian.Uint32(b[n:])
	b = b[n+4:]
	if uint64(size) > uint64(len(b)) {
		return "", "", nil, false
	}
	return key, string(b[:size]), b[size:], true
}

func appendProperty(b []byte, key, value string) []byte {
	b = append(b, byte(len(key)))
	b = append(b, key...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(value)))
	return append(b, value...)
}

// command is a command as it goes over the wire.
func command(name string, body []byte) []byte {
	content := append(append([]byte{byte(len(name))}, name...), body...)
	return appendFrame(nil, flagCommand, content)
}

func appendFrame(b []byte, flags byte, body []byte) []byte {
	if len(body) > 255 {
		b = append(b, flags|flagLong)
		b = binary.BigEndian.AppendUint64(b, uint64(len(body)))
	} else {
		b = append(b, flags, byte(len(body)))
	}
	return append(b, body...)
}

// appendMessage writes the frames of a message.
func appendMessage(b []byte, frames [][]byte) []byte {
	for i, f := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags = flagMore
		}
		b = appendFrame(b, flags, f)
	}
	return b
}
