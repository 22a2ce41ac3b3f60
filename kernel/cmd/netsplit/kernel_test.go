package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"netsplit/kernel/wire"
	"netsplit/kernel/zmq"
	"netsplit/kernel/zmq/zmqtest"
)

// binary builds netsplit once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "netsplit-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "netsplit")
	said, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go build: %w\n%s", err, said)
	}
	return path, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// process is a kernel of its own process, and a client of it.
type process struct {
	*zmqtest.Kernel
	t    *testing.T
	cmd  *exec.Cmd
	spec zmq.Spec
	gone chan struct{} // closed when the process has ended
}

const key = "a key of the tests"

// start starts a kernel on free ports of the loopback device.
func start(t *testing.T) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	spec := freePorts(t)
	file := writeConnection(t, dir, spec)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(path, "kernel", "-f", file), spec: spec, gone: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.cmd.Wait()
		close(p.gone)
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.gone
		log.Close()
		if text, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("the kernel's log:\n%s", text)
		}
	})
	p.Kernel = p.connect()
	p.expect(`import ("fmt"; "os"; "time")`, "ok")
	return p
}

// connect makes a client, once the kernel listens.
func (p *process) connect() *zmqtest.Kernel {
	p.t.Helper()
	network, addr := zmqtest.Address(p.spec, p.spec.Heartbeat) // bound last
	for end := time.Now().Add(zmqtest.Patience); ; time.Sleep(time.Millisecond) {
		c, err := net.Dial(network, addr)
		if err == nil {
			c.Close()
			break
		}
		if time.Now().After(end) {
			p.t.Fatalf("the kernel does not listen: %v", err)
		}
	}
	k := zmqtest.Connect(p.t, p.spec, key)
	p.t.Cleanup(k.Close)
	// From the welcome on, nothing on iopub is missed.
	k.Await(k.IOPub, "iopub_welcome", func(m *wire.Message) bool { return m.Header.Type == "iopub_welcome" })
	return k
}

func freePorts(t *testing.T) zmq.Spec {
	t.Helper()
	spec := zmq.Spec{Transport: "tcp", IP: "127.0.0.1"}
	for _, port := range []*int{&spec.Shell, &spec.Control, &spec.Stdin, &spec.IOPub, &spec.Heartbeat} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return spec
}

func writeConnection(t *testing.T, dir string, spec zmq.Spec) string {
	t.Helper()
	file := filepath.Join(dir, "connection.json")
	raw, _ := json.Marshal(map[string]any{
		"transport": spec.Transport, "ip": spec.IP, "key": key, "signature_scheme": "hmac-sha256", "kernel_name": "netsplit",
		"shell_port": spec.Shell, "control_port": spec.Control, "stdin_port": spec.Stdin, "iopub_port": spec.IOPub, "hb_port": spec.Heartbeat,
	})
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// cell is the content of an execute_request.
func cell(code string) map[string]any { return map[string]any{"code": code, "allow_stdin": true} }

// outline says in a line what became of a cell: its texts, results, displays and errors.
func outline(a zmqtest.Answer) string {
	var parts []string
	for _, m := range a.Outputs {
		c := zmqtest.Content(m)
		switch m.Header.Type {
		case "stream":
			parts = append(parts, fmt.Sprintf("%v %q", c["name"], c["text"]))
		case "execute_result", "display_data", "update_display_data":
			data, _ := c["data"].(map[string]any)
			parts = append(parts, fmt.Sprintf("%s %q", m.Header.Type, data["text/plain"]))
		case "error":
			parts = append(parts, fmt.Sprintf("error %v", c["ename"]))
		}
	}
	return strings.Join(append(parts, fmt.Sprint(zmqtest.Content(a.Reply)["status"])), ", ")
}

// expect runs a cell and compares its outline.
func (p *process) expect(code, want string) {
	p.t.Helper()
	if got := outline(p.Ask("execute_request", cell(code))); got != want {
		p.t.Errorf("%s\n got %s\nwant %s", code, got, want)
	}
}

// ended waits for the end of the process.
func (p *process) ended() {
	p.t.Helper()
	select {
	case <-p.gone:
	case <-time.After(zmqtest.Patience):
		p.t.Fatal("the kernel does not end")
	}
}

// running sends a cell that goes on until it is stopped, and waits until it prints.
func (p *process) running(code string) *wire.Message {
	p.t.Helper()
	m := p.Send(p.Shell, "execute_request", cell(code))
	first := p.Await(p.IOPub, "output of the running cell", func(o *wire.Message) bool {
		return (o.Header.Type == "stream" || o.Header.Type == "error") && zmqtest.Answers(m)(o)
	})
	if first.Header.Type == "error" {
		p.t.Fatalf("%s\nended with %s", code, first.Content)
	}
	return m
}

func TestCellsRun(t *testing.T) {
	p := start(t)
	p.expect(`fmt.Println("hello")`, `stdout "hello\n", ok`)
	p.expect("x := 40\nx + 2", `execute_result "42", ok`)
	p.expect("x++; x", `execute_result "41", ok`)
	p.expect("y", `error CompileError, error`)
	p.expect(`fmt.Fprintln(os.Stderr, "to stderr")`, `stderr "to stderr\n", ok`)
	p.expect(`var s []int; s[x]`, `error Panic, error`)
	p.expect(`fmt.Println(1); display.Show(display.HTML("<b>2</b>")); fmt.Println(3)`, `stdout "1\n", display_data "<b>2</b>", stdout "3\n", ok`)
	p.expect(`display.ShowAs("a", 1); display.Update("a", 2)`, `display_data "1", update_display_data "2", ok`)
	p.expect("x", `execute_result "41", ok`)
}

func TestInterruptKeepsValues(t *testing.T) {
	p := start(t)
	p.expect("kept := 7", "ok")
	for _, how := range []string{"message", "signal"} {
		m := p.running("kept++\nfmt.Println(kept)\nfor {\n}")
		if how == "message" {
			p.AskOn(p.Control, "interrupt_request", struct{}{})
		} else {
			p.cmd.Process.Signal(os.Interrupt)
		}
		if got := outline(p.Collect(p.Shell, m)); !strings.HasSuffix(got, "error Interrupted, error") {
			t.Errorf("interrupt by %s: %s", how, got)
		}
	}
	p.expect("kept", `execute_result "9", ok`)
}

func TestWhatKillsTheWorkerIsAnErrorOfTheCell(t *testing.T) {
	p := start(t)
	for code, want := range map[string]string{
		"os.Exit(3)": "error Exit, error",
		`go panic("in a goroutine"); time.Sleep(50 * time.Millisecond)`: "error Panic, error",
		"func deep(n int) int { return deep(n+1) + 1 }\ndeep(0)":        "error StackOverflow, error",
	} {
		if got := outline(p.Ask("execute_request", cell(code))); !strings.HasSuffix(got, want) {
			t.Errorf("%s\n got %s\nwant %s", code, got, want)
		}
		p.expect("1 + 1", `execute_result "2", ok`)
	}
}

func TestASecondCellRunsInASubshell(t *testing.T) {
	p := start(t)
	created := p.AskOn(p.Control, "create_subshell_request", struct{}{})
	id, _ := zmqtest.Content(created.Reply)["subshell_id"].(string)
	p.expect("done := make(chan string)", "ok")
	// The timer keeps the wait from being a deadlock while nobody else runs.
	m := p.running("fmt.Println(\"waiting\")\nselect {\ncase s := <-done:\n\tfmt.Println(s)\ncase <-time.After(time.Minute):\n}")
	request, err := p.Author.New("execute_request", nil, cell(`done <- "from the subshell"`))
	if err != nil {
		t.Fatal(err)
	}
	var header map[string]any
	json.Unmarshal(request.RawHeader, &header)
	header["subshell_id"] = id
	request.RawHeader, _ = json.Marshal(header)
	p.SendMessage(p.Shell, request)
	if got := outline(p.Collect(p.Shell, request)); got != "ok" {
		t.Errorf("the cell in the subshell: %s", got)
	}
	if got := outline(p.Collect(p.Shell, m)); got != `stdout "from the subshell\n", ok` {
		t.Errorf("the cell in the parent shell: %s", got)
	}
}

func TestALineIsAskedFor(t *testing.T) {
	p := start(t)
	m := p.Send(p.Shell, "execute_request", cell("var name string\nfmt.Scanln(&name)\nname"))
	ask := p.Await(p.Stdin, "input_request", zmqtest.Answers(m))
	answer, err := p.Author.New("input_reply", ask.RawHeader, map[string]any{"value": "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	p.SendMessage(p.Stdin, answer)
	if got := outline(p.Collect(p.Shell, m)); got != `execute_result "Ada", ok` {
		t.Errorf("got %s", got)
	}
}

func TestOutputComesOutBeforeTheEnd(t *testing.T) {
	for _, how := range []string{"message", "signal"} {
		p := start(t)
		m := p.Send(p.Shell, "execute_request", cell("for i := range 1000 {\n\tfmt.Println(i)\n}"))
		if how == "message" {
			p.AskOn(p.Control, "shutdown_request", map[string]any{"restart": false})
		} else {
			p.Await(p.IOPub, "the cell's start", zmqtest.Answers(m))
			p.cmd.Process.Signal(syscall.SIGTERM)
		}
		a := p.Collect(p.Shell, m)
		text := ""
		for _, o := range a.Outputs {
			if o.Header.Type == "stream" {
				text += zmqtest.Content(o)["text"].(string)
			}
		}
		if strings.Count(text, "\n") != 1000 {
			t.Errorf("end by %s: %d lines of 1000; %v", how, strings.Count(text, "\n"), zmqtest.Content(a.Reply)["status"])
		}
		p.ended()
		if code := p.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("end by %s: exit code %d", how, code)
		}
	}
}

func TestAnEndlessCellDoesNotKeepTheKernel(t *testing.T) {
	p := start(t)
	m := p.running(`fmt.Println("on and on"); for {}`)
	p.AskOn(p.Control, "shutdown_request", struct{}{})
	if got := outline(p.Collect(p.Shell, m)); !strings.HasSuffix(got, "error") {
		t.Errorf("the cell: %s", got)
	}
	p.ended()
}

func TestATakenPortIsOneLine(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	spec := freePorts(t)
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", spec.Stdin))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	said, err := exec.Command(path, "kernel", "-f", writeConnection(t, t.TempDir(), spec)).CombinedOutput()
	if err == nil || strings.Count(string(said), "\n") != 1 || !strings.Contains(string(said), "stdin") {
		t.Errorf("%v: %s", err, said)
	}
}

func TestTheKernelEndsWithItsParent(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	spec := freePorts(t)
	file := writeConnection(t, t.TempDir(), spec)
	// The shell starts the kernel and stays until it is killed.
	parent := exec.Command("sh", "-c", `"$0" kernel -f "$1" & wait`, path, file)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, spec: spec}
	k := p.connect()
	k.Ask("kernel_info_request", struct{}{})
	parent.Process.Kill()
	parent.Wait()
	network, addr := zmqtest.Address(spec, spec.Heartbeat)
	for end := time.Now().Add(zmqtest.Patience); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial(network, addr)
		if err != nil {
			return
		}
		c.Close()
		if time.Now().After(end) {
			t.Fatal("the kernel listens although its parent is gone")
		}
	}
}
