package wire

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const connectionFile = `{
  "shell_port": 57503, "iopub_port": 57504, "stdin_port": 57505, "control_port": 57506, "hb_port": 57507,
  "ip": "127.0.0.1", "key": "a0436f6c-1916-498b-8eb9-e81ab9368e84", "transport": "tcp",
  "signature_scheme": "hmac-sha256", "kernel_name": "netsplit"
}`

// with is the file with one field changed; a nil value removes it.
func with(t *testing.T, name string, value any) string {
	t.Helper()
	d := Dict{}
	if err := json.Unmarshal([]byte(connectionFile), &d); err != nil {
		t.Fatal(err)
	}
	if d[name] = value; value == nil {
		delete(d, name)
	}
	raw, _ := json.Marshal(d)
	return string(raw)
}

func TestReadConnection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kernel-1.json")
	os.WriteFile(path, []byte(connectionFile), 0o600)
	c, err := ReadConnection(path)
	if err != nil {
		t.Fatal(err)
	}
	want := Connection{Transport: "tcp", IP: "127.0.0.1", ShellPort: 57503, IOPubPort: 57504, StdinPort: 57505, ControlPort: 57506,
		HeartbeatPort: 57507, Key: "a0436f6c-1916-498b-8eb9-e81ab9368e84", Scheme: "hmac-sha256", KernelName: "netsplit"}
	if *c != want {
		t.Errorf("got %+v\nwant %+v", *c, want)
	}
}

func TestConnectionsThatWork(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		check func(*Connection) bool
	}{
		"no transport":    {with(t, "transport", nil), func(c *Connection) bool { return c.Transport == "tcp" }},
		"no ip":           {with(t, "ip", nil), func(c *Connection) bool { return c.IP == "127.0.0.1" }},
		"IPv6":            {with(t, "ip", "::1"), func(c *Connection) bool { return c.IP == "::1" }},
		"no key":          {with(t, "key", nil), func(c *Connection) bool { return c.Key == "" }},
		"empty key":       {with(t, "key", ""), func(c *Connection) bool { return c.Key == "" }},
		"no scheme":       {with(t, "signature_scheme", nil), func(c *Connection) bool { return c.Scheme == "hmac-sha256" }},
		"empty scheme":    {with(t, "signature_scheme", ""), func(c *Connection) bool { return c.Scheme == "hmac-sha256" }},
		"no kernel name":  {with(t, "kernel_name", nil), func(c *Connection) bool { return c.KernelName == "" }},
		"ipc":             {with(t, "transport", "ipc"), func(c *Connection) bool { return c.Transport == "ipc" }},
		"registration":    {with(t, "registration_port", 1.5), func(c *Connection) bool { return true }},
		"ports of an ipc": {with(t, "hb_port", 5), func(c *Connection) bool { return c.HeartbeatPort == 5 }},
	} {
		if got, err := ParseConnection([]byte(c.text)); err != nil || !c.check(got) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Fault test 30, as far as the file goes.
func TestConnectionErrorsAreOneClearLine(t *testing.T) {
	dir := t.TempDir()
	_, err := ReadConnection(filepath.Join(dir, "missing.json"))
	if err == nil || err.Error() != "connection file "+filepath.Join(dir, "missing.json")+": no such file or directory" {
		t.Errorf("missing: %v", err)
	}
	if _, err := ReadConnection(dir); err == nil || !strings.HasSuffix(err.Error(), "is a directory") {
		t.Errorf("a directory: %v", err)
	}
	for text, want := range map[string]string{
		"":                                       "is empty",
		" \n":                                    "is empty",
		"hello":                                  "is not JSON: invalid character 'h'",
		connectionFile[:50]:                      "is not JSON: unexpected end",
		connectionFile + "{}":                    "is not JSON: invalid character '{' after",
		"[1]":                                    "is not a JSON object: array",
		"null":                                   "is not a JSON object: null",
		"{}":                                     "has no shell_port",
		strings.Repeat("[", 5000):                "nested deeper than 1000",
		with(t, "hb_port", nil):                  "has no hb_port",
		with(t, "iopub_port", 0):                 "iopub_port is 0, want a whole number from 1 to 65535",
		with(t, "iopub_port", -1):                "iopub_port is -1",
		with(t, "iopub_port", 65536):             "iopub_port is 65536",
		with(t, "iopub_port", 1.5):               "iopub_port is 1.5",
		with(t, "iopub_port", "57504"):           `iopub_port is "57504"`,
		with(t, "iopub_port", []any{"a\nb"}):     "iopub_port is [",
		with(t, "iopub_port", 57503):             "shell_port and iopub_port are both 57503",
		with(t, "transport", "udp"):              `transport "udp" is not known; want tcp or ipc`,
		with(t, "transport", "t\ncp"):            `transport "t?cp" is not known`,
		with(t, "transport", 7):                  "transport is a number, want a string",
		with(t, "key", 7):                        "key is a number, want a string",
		with(t, "ip", ""):                        "ip is empty",
		with(t, "signature_scheme", "hmac-md17"): `signature scheme "hmac-md17" is not known; want hmac-sha256`,
		with(t, "ip", strings.Repeat("x", 2<<20)): "longer than 1048576 bytes",
	} {
		_, err := ParseConnection([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
}

func checkConnection(t testing.TB, text []byte) {
	c, err := ParseConnection(text)
	switch {
	case err != nil:
		if strings.ContainsAny(err.Error(), "\n\r") || len(err.Error()) > 300 {
			t.Fatalf("%q: error is not one short line: %q", text, err)
		}
	case c.ShellPort < 1 || c.HeartbeatPort > 65535 || c.IP == "" || c.Transport != "tcp" && c.Transport != "ipc":
		t.Fatalf("%q: accepted as %+v", text, c)
	}
}

// The same mutations in every run.
func TestMutatedConnectionFiles(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 4))
	for range 20000 {
		text := []byte(connectionFile)
		for range 1 + random.IntN(3) {
			text = mutate(random, text)
		}
		checkConnection(t, text)
	}
}

func FuzzConnection(f *testing.F) {
	f.Add([]byte(connectionFile))
	f.Fuzz(func(t *testing.T, text []byte) { checkConnection(t, text) })
}
