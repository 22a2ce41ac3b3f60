package zmq_test

import (
	"net"
	"testing"
)

// stale leaves a socket behind that nobody listens on, as a killed process does.
func stale(t *testing.T, path string) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
}
