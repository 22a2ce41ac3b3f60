package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Connection is what a connection file says: where the kernel has to listen and with
// which key messages are signed.
type Connection struct {
	Transport string // tcp or ipc
	IP        string // address of tcp, also IPv6, or * for all; path prefix of ipc

	// Ports of tcp; with ipc the numbers that end the names of the sockets (IP-1).
	ShellPort, ControlPort, StdinPort, IOPubPort, HeartbeatPort int

	Key        string // empty: nothing is signed
	Scheme     string // hmac-sha256
	KernelName string // may be empty
}

// maxConnection bounds a connection file. A real one has 400 bytes.
const maxConnection = 1 << 20

// ReadConnection reads a connection file. Its errors are one line each, fit to be the
// last words of a process.
func ReadConnection(path string) (*Connection, error) {
	c, err := readConnection(path)
	if err != nil {
		return nil, fmt.Errorf("connection file %s: %w", path, err)
	}
	return c, nil
}

func readConnection(path string) (*Connection, error) {
	file, err := os.Open(path)
	if err != nil {
		if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
			err = pathError.Err // the path is named already
		}
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, errors.New("is a directory")
	}
	data, err := io.ReadAll(io.LimitReader(file, maxConnection+1))
	if err != nil {
		return nil, err
	}
	return ParseConnection(data)
}

// ParseConnection reads the text of a connection file.
func ParseConnection(data []byte) (*Connection, error) {
	switch {
	case len(data) > maxConnection:
		return nil, fmt.Errorf("longer than %d bytes", maxConnection)
	case len(bytes.TrimSpace(data)) == 0:
		return nil, errors.New("is empty")
	}
	f, err := object(data)
	if err != nil {
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			return nil, fmt.Errorf("is not JSON: %w", err)
		}
		return nil, fmt.Errorf("is not a JSON object: %w", err)
	}
	c := &Connection{Transport: "tcp", IP: "127.0.0.1", Scheme: "hmac-sha256"}
	texts := []struct {
		name string
		to   *string
	}{
		{"transport", &c.Transport}, {"ip", &c.IP}, {"key", &c.Key},
		{"signature_scheme", &c.Scheme}, {"kernel_name", &c.KernelName},
	}
	for _, t := range texts {
		if err := f.text(t.name, t.to); err != nil {
			return nil, err
		}
	}
	switch c.Transport {
	case "tcp", "ipc":
	default:
		return nil, fmt.Errorf("transport %q is not known; want tcp or ipc", clip(c.Transport))
	}
	if c.IP == "" {
		return nil, errors.New("ip is empty")
	}
	if c.Scheme == "" {
		c.Scheme = "hmac-sha256"
	}
	if _, err := hashOf(c.Scheme); err != nil {
		return nil, err
	}
	ports := []struct {
		name string
		to   *int
	}{
		{"shell_port", &c.ShellPort}, {"iopub_port", &c.IOPubPort}, {"stdin_port", &c.StdinPort},
		{"control_port", &c.ControlPort}, {"hb_port", &c.HeartbeatPort},
	}
	taken := map[int]string{}
	for _, p := range ports {
		if err := f.port(p.name, p.to); err != nil {
			return nil, err
		}
		if other, twice := taken[*p.to]; twice {
			return nil, fmt.Errorf("%s and %s are both %d", other, p.name, *p.to)
		}
		taken[*p.to] = p.name
	}
	return c, nil
}

func (f fields) port(name string, to *int) error {
	raw, ok := f[name]
	if !ok || string(raw) == "null" {
		return fmt.Errorf("has no %s", name)
	}
	if err := json.Unmarshal(raw, to); err != nil || *to < 1 || *to > 65535 {
		return fmt.Errorf("%s is %s, want a whole number from 1 to 65535", name, clip(string(raw)))
	}
	return nil
}
