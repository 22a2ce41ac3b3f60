package session

import "context"

// Conn is the sockets of a kernel; package zmq has the real one. Frames are whole
// signed messages. What comes from a ROUTER socket begins with the identity of the
// client, what is sent to one does, too; what is published begins with its topic.
// Frames are not changed after they were handed over, in either direction.
type Conn interface {
	// The channels are closed when the connection is. They are read without pause.
	Shell() <-chan [][]byte
	Control() <-chan [][]byte
	Stdin() <-chan [][]byte

	// Sending never waits for a client and keeps the order of its calls.
	SendShell(frames [][]byte) error
	SendControl(frames [][]byte) error
	SendStdin(frames [][]byte) error
	Publish(frames [][]byte) error

	// Pace waits until subscribers have taken most of what was published; one that
	// does not read at all is not waited for. Only output is paced, never a status.
	Pace(ctx context.Context) error

	// Close sends all that was given to it and closes.
	Close(ctx context.Context) error
}

// channel is where a request came from, and where its reply goes.
type channel int

const (
	shellChannel channel = iota
	controlChannel
)

func (c channel) String() string {
	if c == controlChannel {
		return "control"
	}
	return "shell"
}
