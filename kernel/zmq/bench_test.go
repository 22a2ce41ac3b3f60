package zmq_test

import (
	"context"
	"testing"

	"netsplit/kernel/zmq"
	"netsplit/kernel/zmq/zmqtest"
)

// BenchmarkRoundTrip is a request of seven frames there and back.
func BenchmarkRoundTrip(b *testing.B) {
	s, err := zmq.Open(local(), zmq.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close(context.Background())
	go func() {
		for frames := range s.Shell() {
			s.SendShell(frames)
		}
	}()
	p := zmqtest.Dial(b, s.Spec(), s.Spec().Shell, "DEALER", "")
	frame := make([]byte, 150)
	message := [][]byte{[]byte("<IDS|MSG>"), frame, frame, frame, frame, frame}
	for b.Loop() {
		p.Send(message...)
		if _, err := p.Recv(); err != nil {
			b.Fatal(err)
		}
	}
}
