package faults

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"netsplit/kernel/zmq"
)

// TestSignals is fault test 29. That the kernel ends with its parent is tested in
// kernel/cmd/netsplit.
func TestSignals(t *testing.T) {
	p := start(t)
	p.ok("v := 1")
	for _, harmless := range []syscall.Signal{syscall.SIGPIPE, syscall.SIGINT} {
		p.cmd.Process.Signal(harmless)
	}
	time.Sleep(200 * time.Millisecond) // so that it has come when the cell is sent; nothing tells
	p.cmd.Process.Signal(syscall.SIGSTOP)
	m := p.Send(p.Shell, "execute_request", cell("v + 1"))
	time.Sleep(1500 * time.Millisecond)
	p.cmd.Process.Signal(syscall.SIGCONT)
	if o := outcomeOf(p.Collect(p.Shell, m)); o.result != "2" {
		t.Errorf("after SIGSTOP and SIGCONT: %s", o)
	}
	for _, last := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		p := start(t)
		worker := p.worker()
		m := p.running(`import "fmt"` + "\nfmt.Println(\"last words\")\nfor {}")
		p.cmd.Process.Signal(last)
		p.Collect(p.Shell, m)
		t.Logf("%v: gone after %v", last, p.ended().Round(time.Millisecond))
		if syscall.Kill(worker, 0) == nil {
			t.Errorf("%v: the worker lives on", last)
		}
		if code := p.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("%v: exit code %d", last, code)
		}
	}
}

// A kernel that is interrupted before it serves comes up all the same.
func TestEarlyInterrupt(t *testing.T) {
	p := startWith(t, options{start: func(file string) *exec.Cmd {
		return exec.Command("sh", "-c", `"$0" kernel -f "$1" & sleep 0.01; kill -INT $!; wait $!`, binaries.kernel, file)
	}})
	// On a busy machine the signal may come so late that it meets the cell.
	o := p.run("1 + 1")
	if o.ename == "Interrupted" {
		o = p.run("1 + 1")
	}
	if o.result != "2" {
		t.Errorf("1 + 1 gives %s", o)
	}
	p.AskOn(p.Control, "shutdown_request", struct{}{})
}

// TestEnvironment is fault test 30: one line and an exit code, or a kernel that works.
func TestEnvironment(t *testing.T) {
	refused := func(name, file string) {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			said, err := exec.Command(binaries.worker, "kernel", "-f", file).CombinedOutput()
			t.Logf("after %v: %s", time.Since(began).Round(time.Millisecond), said)
			if err == nil || strings.Count(string(said), "\n") != 1 {
				t.Errorf("%v: %q", err, said)
			}
		})
	}
	write := func(text string) string {
		file := filepath.Join(t.TempDir(), "connection.json")
		os.WriteFile(file, []byte(text), 0o600)
		return file
	}
	refused("missing", filepath.Join(t.TempDir(), "nowhere.json"))
	refused("empty", write(""))
	refused("not JSON", write("<html>"))
	refused("without a port", writeConnection(t, t.TempDir(), freePorts(t), func(f map[string]any) { delete(f, "stdin_port") }))
	refused("unknown scheme", writeConnection(t, t.TempDir(), freePorts(t), func(f map[string]any) { f["signature_scheme"] = "hmac-rot13" }))
	refused("unknown transport", writeConnection(t, t.TempDir(), freePorts(t), func(f map[string]any) { f["transport"] = "pgm" }))
	taken := freePorts(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken.Control = l.Addr().(*net.TCPAddr).Port
	refused("port taken", writeConnection(t, t.TempDir(), taken, nil))

	t.Run("ipc", func(t *testing.T) {
		dir, err := os.MkdirTemp("", "n")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		p := startWith(t, options{spec: &zmq.Spec{Transport: "ipc", IP: filepath.Join(dir, "k"), Shell: 1, Control: 2, Stdin: 3, IOPub: 4, Heartbeat: 5}})
		if got := p.ok("1 + 1"); got != "2" {
			t.Errorf("1 + 1 gives %s", got)
		}
	})
	t.Run("IPv6", func(t *testing.T) {
		l, err := net.Listen("tcp6", "[::1]:0")
		if err != nil {
			t.Logf("this machine has no IPv6: %v", err)
			return
		}
		l.Close()
		spec := freePorts(t)
		spec.IP = "::1"
		p := startWith(t, options{spec: &spec})
		if got := p.ok("1 + 1"); got != "2" {
			t.Errorf("1 + 1 gives %s", got)
		}
	})
	for name, env := range map[string]string{
		"missing temporary directory": "TMPDIR=/nowhere/at/all", "missing home": "HOME=/nowhere", "full temporary directory": "TMPDIR=/dev/full",
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, env)
			if got := p.ok("func f() int { return 2 }\nf()"); got != "2" {
				t.Errorf("f() gives %s", got)
			}
		})
	}
	t.Run("clock of the client an hour off", func(t *testing.T) {
		p := start(t)
		m, _ := p.Author.New("execute_request", nil, cell("1 + 1"))
		var header map[string]any
		json.Unmarshal(m.RawHeader, &header)
		header["date"] = time.Now().Add(-time.Hour).UTC().Format(time.RFC3339Nano)
		m.RawHeader, _ = json.Marshal(header)
		p.SendMessage(p.Shell, m)
		if o := outcomeOf(p.Collect(p.Shell, m)); o.result != "2" {
			t.Error(o)
		}
	})
}
