package faults

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"netsplit/kernel/wire"
	"netsplit/kernel/zmq"
	"netsplit/kernel/zmq/zmqtest"
)

const key = "a key of the fault tests"

var binaries = struct {
	kernel, worker string
	race           bool
	note           string
}{}

var ownBinary = flag.String("binary", "", "test this netsplit instead of building it")

var norace = flag.Bool("norace", false, "do not build the kernel process with the race detector: builds in less time")

// TestMain builds netsplit twice: with the race detector for the kernel process, and
// without for its workers, because yaegi and the detector do not agree.
func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "netsplit-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	build := func(name string, args ...string) (string, error) {
		path := filepath.Join(dir, name)
		cmd := exec.Command("go", append(append([]string{"build"}, args...), "-o", path, "netsplit/kernel/cmd/netsplit")...)
		if said, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, said)
		}
		return path, nil
	}
	code := 1
	if *ownBinary != "" {
		binaries.kernel, binaries.worker = *ownBinary, *ownBinary
		code = m.Run()
	} else if binaries.worker, err = build("netsplit"); err == nil {
		if *norace {
			binaries.kernel = binaries.worker
		} else if binaries.kernel, err = build("netsplit-race", "-race"); err == nil {
			binaries.race = true
		} else {
			// The detector needs a C compiler; without one the tests run all the same.
			binaries.kernel, binaries.note = binaries.worker, "the kernel process runs without the race detector: "+err.Error()
			fmt.Fprintln(os.Stderr, binaries.note)
			err = nil
		}
		code = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, err)
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

type message = wire.Message

// process is a kernel in a process of its own, and a client of it.
type process struct {
	*zmqtest.Kernel
	t    *testing.T
	cmd  *exec.Cmd
	spec zmq.Spec
	file string
	log  string
	gone chan struct{} // closed when the process has ended

	auditor *zmqtest.Peer
	audit   audit
}

type options struct {
	env   []string
	spec  *zmq.Spec
	start func(file string) *exec.Cmd
}

// start starts a kernel on free ports of the loopback device. When the test ends, the
// recorded traffic is looked through and the log searched for data races.
func start(t *testing.T, env ...string) *process {
	t.Helper()
	return startWith(t, options{env: env})
}

func startWith(t *testing.T, o options) *process {
	t.Helper()
	dir := t.TempDir()
	p := &process{t: t, gone: make(chan struct{}), log: filepath.Join(dir, "log")}
	p.spec = freePorts(t)
	if o.spec != nil {
		p.spec = *o.spec
	}
	p.file = writeConnection(t, dir, p.spec, nil)
	p.cmd = exec.Command(binaries.kernel, "kernel", "--verbose", "-f", p.file)
	if o.start != nil {
		p.cmd = o.start(p.file)
	}
	p.cmd.Env = append(append(os.Environ(), "NETSPLIT_WORKER="+binaries.worker, "GORACE=halt_on_error=0 atexit_sleep_ms=0"), o.env...)
	log, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.cmd.Wait()
		log.Close()
		close(p.gone)
	}()
	t.Cleanup(func() {
		p.cmd.Process.Signal(syscall.SIGCONT)
		p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.gone:
		case <-time.After(20 * time.Second):
			p.cmd.Process.Kill()
			<-p.gone
		}
		text, _ := os.ReadFile(p.log)
		if strings.Contains(string(text), "DATA RACE") || strings.Contains(string(text), "panic:") {
			t.Errorf("the kernel process has a fault of its own:\n%s", text)
		} else if t.Failed() {
			t.Logf("the kernel's log:\n%s", tail(string(text), 4000))
		}
		for _, fault := range p.audit.faults() {
			t.Error(fault)
		}
	})
	p.Kernel = p.connect()
	p.auditor = zmqtest.Dial(t, p.spec, p.spec.IOPub, "SUB", "")
	p.auditor.Subscribe("")
	if _, err := p.auditor.Recv(); err != nil { // the welcome: from here on it hears all
		t.Fatalf("the auditor is not welcome: %v", err)
	}
	go p.audit.record(p.auditor)
	return p
}

func tail(s string, n int) string {
	if len(s) > n {
		return "…" + s[len(s)-n:]
	}
	return s
}

// connect makes a client, once the kernel listens.
func (p *process) connect() *zmqtest.Kernel {
	p.t.Helper()
	network, addr := zmqtest.Address(p.spec, p.spec.Heartbeat) // bound last
	for end := time.Now().Add(zmqtest.Patience); ; time.Sleep(5 * time.Millisecond) {
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
	// What was published before the kernel knew of the subscription never comes.
	k.Await(k.IOPub, "welcome", func(m *wire.Message) bool { return m.Header.Type == "iopub_welcome" })
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

// writeConnection writes a connection file; change may alter its fields first.
func writeConnection(t *testing.T, dir string, spec zmq.Spec, change func(map[string]any)) string {
	t.Helper()
	fields := map[string]any{
		"transport": spec.Transport, "ip": spec.IP, "key": key, "signature_scheme": "hmac-sha256", "kernel_name": "netsplit",
		"shell_port": spec.Shell, "control_port": spec.Control, "stdin_port": spec.Stdin, "iopub_port": spec.IOPub, "hb_port": spec.Heartbeat,
	}
	if change != nil {
		change(fields)
	}
	file := filepath.Join(dir, "connection.json")
	raw, _ := json.Marshal(fields)
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// cell is the content of an execute_request.
func cell(code string) map[string]any { return map[string]any{"code": code, "allow_stdin": true} }

// outcome is what became of a cell.
type outcome struct {
	status        string
	ename, evalue string
	traceback     string // without colours
	stdout        string
	stderr        string
	result        string
	messages      int // on iopub
	answer        zmqtest.Answer
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

func outcomeOf(a zmqtest.Answer) outcome {
	o := outcome{answer: a, messages: len(a.Outputs)}
	c := zmqtest.Content(a.Reply)
	o.status, _ = c["status"].(string)
	o.ename, _ = c["ename"].(string)
	o.evalue, _ = c["evalue"].(string)
	if lines, ok := c["traceback"].([]any); ok {
		for _, l := range lines {
			o.traceback += colours.ReplaceAllString(fmt.Sprint(l), "") + "\n"
		}
	}
	var stdout, stderr strings.Builder
	for _, m := range a.Outputs {
		c := zmqtest.Content(m)
		switch m.Header.Type {
		case "stream":
			text, _ := c["text"].(string)
			if c["name"] == "stderr" {
				stderr.WriteString(text)
			} else {
				stdout.WriteString(text)
			}
		case "execute_result":
			data, _ := c["data"].(map[string]any)
			o.result, _ = data["text/plain"].(string)
		}
	}
	o.stdout, o.stderr = stdout.String(), stderr.String()
	return o
}

func (o outcome) String() string {
	return fmt.Sprintf("status %s %s %s result %q stdout %q stderr %q\n%s", o.status, o.ename, o.evalue, o.result, tail(o.stdout, 200), tail(o.stderr, 400), o.traceback)
}

// run runs a cell to its end.
func (p *process) run(code string) outcome {
	p.t.Helper()
	return outcomeOf(p.Ask("execute_request", cell(code)))
}

// ok runs a cell that must not fail and gives its result, or else its text.
func (p *process) ok(code string) string {
	p.t.Helper()
	o := p.run(code)
	if o.status != "ok" {
		p.t.Fatalf("%s\n%s", code, o)
	}
	if o.result != "" {
		return o.result
	}
	return o.stdout
}

// running sends a cell that goes on until it is stopped, and waits until it says that
// it has begun.
func (p *process) running(code string) *wire.Message {
	p.t.Helper()
	m := p.Send(p.Shell, "execute_request", cell("println(\"begun\")\n"+code))
	first := p.Await(p.IOPub, "output of the running cell", func(o *wire.Message) bool {
		return (o.Header.Type == "stream" || o.Header.Type == "error") && zmqtest.Answers(m)(o)
	})
	if first.Header.Type == "error" {
		p.t.Fatalf("%s\nended with %s", code, first.Content)
	}
	return m
}

// alive is what holds after every fault: the process lives and a new client is
// answered.
func (p *process) alive() {
	p.t.Helper()
	select {
	case <-p.gone:
		p.t.Fatal("the kernel process has ended")
	default:
	}
	began := time.Now()
	k := p.connect()
	k.Ask("kernel_info_request", struct{}{})
	k.Close()
	p.t.Logf("afterwards: a new client is answered after %v", time.Since(began).Round(time.Millisecond))
}

// ended waits for the end of the process.
func (p *process) ended() time.Duration {
	p.t.Helper()
	began := time.Now()
	select {
	case <-p.gone:
	case <-time.After(zmqtest.Patience):
		p.t.Fatal("the kernel does not end")
	}
	return time.Since(began)
}

// workers are the processes that the kernel has started.
func (p *process) workers() []int { return children(p.cmd.Process.Pid) }

// worker is the process id of the worker, once there is exactly one.
func (p *process) worker() int {
	p.t.Helper()
	for range 2000 {
		if pids := p.workers(); len(pids) == 1 {
			return pids[0]
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.t.Fatalf("workers: %v", p.workers())
	return 0
}

func children(parent int) []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var pids []int
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// pid (name) state ppid …, where the name may hold anything.
		rest := string(text[strings.LastIndexByte(string(text), ')')+1:])
		fields := strings.Fields(rest)
		if len(fields) > 1 && fields[1] == strconv.Itoa(parent) && fields[0] != "Z" {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			pids = append(pids, pid)
		}
	}
	sort.Ints(pids)
	return pids
}

// descriptors is how many files a process has open.
func descriptors(pid int) int {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return len(entries)
}

// level waits until the kernel process has as many descriptors as before.
func (p *process) level(files int) {
	p.t.Helper()
	pid := p.cmd.Process.Pid
	for end := time.Now().Add(zmqtest.Patience); descriptors(pid) > files+2; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("the kernel process has %d descriptors, before it had %d", descriptors(pid), files)
		}
	}
}

// resident is a process's memory in MiB.
func resident(pid int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.Atoi(fields[1])
	return pages * os.Getpagesize() >> 20
}

// cpu is the processor time that a process has used.
func cpu(pid int) time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// audit is fault test 22: it records what every kernel of these tests publishes, and
// says afterwards what was out of order.
type audit struct {
	mu      sync.Mutex
	parents map[string]*trace
	found   []string
}

type trace struct {
	kind             string
	busy, idle, rest int
	late             []string
	input            bool
}

func (a *audit) record(p *zmqtest.Peer) {
	for {
		p.Conn.SetReadDeadline(time.Time{})
		frames, err := p.Recv()
		if err != nil {
			return
		}
		i := 0
		for i < len(frames) && string(frames[i]) != "<IDS|MSG>" {
			i++
		}
		if len(frames) < i+6 {
			continue
		}
		var header, parent struct {
			ID   string `json:"msg_id"`
			Type string `json:"msg_type"`
		}
		var content struct {
			State string `json:"execution_state"`
		}
		json.Unmarshal(frames[i+2], &header)
		json.Unmarshal(frames[i+3], &parent)
		json.Unmarshal(frames[i+5], &content)
		a.message(header.Type, parent.ID, parent.Type, content.State)
	}
}

func (a *audit) message(kind, parent, parentKind, state string) {
	if parent == "" {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.parents == nil {
		a.parents = map[string]*trace{}
	}
	t := a.parents[parent]
	if t == nil {
		t = &trace{kind: parentKind}
		a.parents[parent] = t
		// An auditor that came late has missed the beginning.
		if kind != "status" && len(a.parents) > 1 {
			a.found = append(a.found, fmt.Sprintf("the first message of a %s is %s, not busy", parentKind, kind))
		}
	}
	switch {
	case state == "busy":
		t.busy++
	case state == "idle":
		t.idle++
	case t.idle > 0:
		t.late = append(t.late, kind)
	case kind == "execute_input":
		if t.input || t.rest > 0 {
			a.found = append(a.found, "execute_input does not come first, or twice")
		}
		t.input = true
	default:
		t.rest++
	}
}

// cells are how many cells began and ended, and the ids of those that did not.
func (a *audit) cells() (answered int, open []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, t := range a.parents {
		switch {
		case t.kind != "execute_request":
		case t.busy == 1 && t.idle == 1:
			answered++
		default:
			open = append(open, id)
		}
	}
	return answered, open
}

// faults says what was out of order. Output after idle is that of goroutines.
func (a *audit) faults() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := a.found
	for _, t := range a.parents {
		if t.busy > 1 || t.idle > 1 {
			all = append(all, fmt.Sprintf("a %s has %d busy and %d idle", t.kind, t.busy, t.idle))
		}
		for _, kind := range t.late {
			if kind != "stream" && kind != "display_data" && kind != "update_display_data" && kind != "error" && kind != "clear_output" && !strings.HasPrefix(kind, "comm_") {
				all = append(all, fmt.Sprintf("%s of a %s after its idle", kind, t.kind))
			}
		}
	}
	return all
}

// subshell makes one.
func (p *process) subshell() string {
	p.t.Helper()
	id, _ := zmqtest.Content(p.AskOn(p.Control, "create_subshell_request", struct{}{}).Reply)["subshell_id"].(string)
	if id == "" {
		p.t.Fatal("no subshell")
	}
	return id
}

// inSubshell sends a cell to a subshell.
func (p *process) inSubshell(id, code string) *wire.Message {
	p.t.Helper()
	m, err := p.Author.New("execute_request", nil, cell(code))
	if err != nil {
		p.t.Fatal(err)
	}
	var header map[string]any
	json.Unmarshal(m.RawHeader, &header)
	header["subshell_id"] = id
	m.RawHeader, _ = json.Marshal(header)
	p.SendMessage(p.Shell, m)
	return m
}
