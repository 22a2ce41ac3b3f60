package faults

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"netsplit/kernel/wire"
	"netsplit/kernel/zmq/zmqtest"
)

// TestHostilePeers has all kinds of hostile peers at work on all ports at once, while
// a client goes on with its cells. Each kind alone is tested in package zmq.
func TestHostilePeers(t *testing.T) {
	p := start(t)
	p.Own.Store(true)
	p.ok("sum := 0")
	pid := p.cmd.Process.Pid
	files, memory := descriptors(pid), resident(pid)
	ports := map[int]string{p.spec.Shell: "DEALER", p.spec.Control: "DEALER", p.spec.Stdin: "DEALER", p.spec.IOPub: "SUB", p.spec.Heartbeat: "REQ"}

	stop := make(chan struct{})
	over := func() bool {
		select {
		case <-stop:
			return true
		default:
			return false
		}
	}
	var attacks sync.WaitGroup
	var connections atomic.Int64
	dial := func(port int, hello ...byte) net.Conn {
		network, addr := zmqtest.Address(p.spec, port)
		c, err := net.Dial(network, addr)
		if err != nil {
			return nil
		}
		connections.Add(1)
		c.SetDeadline(time.Now().Add(20 * time.Second))
		c.Write(hello)
		return c
	}
	// attack calls one again and again, for each port, until the client is done.
	attack := func(pause time.Duration, one func(port int, kind string, random *rand.Rand) net.Conn) {
		for port, kind := range ports {
			attacks.Go(func() {
				random := rand.New(rand.NewPCG(uint64(len(kind)), 7))
				var held []net.Conn
				for !over() {
					if c := one(port, kind, random); c != nil {
						held = append(held, c)
					}
					if len(held) > 20 {
						held[0].Close()
						held = held[1:]
					}
					time.Sleep(pause)
				}
				for _, c := range held {
					c.Close()
				}
			})
		}
	}
	hello := func(kind string, identity string) []byte {
		return append(zmqtest.Greeting(3, 0, "NULL"), zmqtest.Ready("Socket-Type", kind, "Identity", identity)...)
	}
	long := func(flags byte, size uint64) []byte { return binary.BigEndian.AppendUint64([]byte{flags | 2}, size) }

	attack(20*time.Millisecond, func(port int, kind string, random *rand.Rand) net.Conn { return dial(port) }) // says nothing
	attack(50*time.Millisecond, func(port int, kind string, random *rand.Rand) net.Conn {                      // a byte now and then
		c := dial(port, 0xFF)
		for i, b := range hello(kind, "")[1:] {
			if c == nil || over() || i > 10 {
				break
			}
			c.Write([]byte{b})
			time.Sleep(30 * time.Millisecond)
		}
		return c
	})
	attack(20*time.Millisecond, func(port int, kind string, random *rand.Rand) net.Conn { // not ZMTP, or not ours
		return dial(port, [][]byte{
			[]byte("GET / HTTP/1.1\r\n\r\n"),
			append([]byte{0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3}, make([]byte, 500)...),
			zmqtest.Greeting(3, 1, "CURVE"), zmqtest.Greeting(3, 0, "PLAIN"), zmqtest.Greeting(2, 0, "NULL"), {1, 0},
			append(zmqtest.Greeting(3, 0, "NULL"), zmqtest.Ready("Socket-Type", "TEAPOT")...),
			append(zmqtest.Greeting(3, 0, "NULL"), zmqtest.Ready("Socket-Type", kind, "Identity", strings.Repeat("i", 300))...),
		}[random.IntN(8)]...)
	})
	attack(20*time.Millisecond, func(port int, kind string, random *rand.Rand) net.Conn { // absurd frames
		return dial(port, append(hello(kind, ""), [][]byte{
			long(1, 4<<30), long(0, 1<<62), long(0, 1<<63), {0x80, 5}, slices.Repeat([]byte{1, 0}, 100_000), append(long(0, 60<<20), make([]byte, 100)...),
		}[random.IntN(6)]...)...)
	})
	attack(10*time.Millisecond, func(port int, kind string, random *rand.Rand) net.Conn { // comes, begins and resets
		if c := dial(port, append(hello(kind, ""), 0, 200, 'x')...); c != nil {
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
		}
		return nil
	})
	attack(100*time.Millisecond, func(port int, kind string, random *rand.Rand) net.Conn { // subscribes without end
		c := dial(port, hello("SUB", "")...)
		for i := range 20_000 {
			if c == nil || over() {
				break
			}
			if _, err := c.Write(zmqtest.Message(fmt.Appendf([]byte{1}, "topic %d", i))); err != nil {
				break
			}
		}
		return c
	})
	attack(2*time.Second, func(port int, kind string, random *rand.Rand) net.Conn { // has the key, asks much and never reads
		if kind != "DEALER" {
			return nil
		}
		c := dial(port, hello("DEALER", "deaf")...)
		signer, _ := wire.NewSigner(key, "")
		author := wire.NewAuthor("deaf")
		for range 300 {
			if c == nil || over() {
				break
			}
			m, _ := author.New("kernel_info_request", nil, struct{}{})
			if _, err := c.Write(zmqtest.Message(signer.Encode(m)...)); err != nil {
				break
			}
		}
		return c
	})
	attack(50*time.Millisecond, func(port int, kind string, random *rand.Rand) net.Conn { // forged messages
		m := [][]byte{[]byte("<IDS|MSG>"), []byte(strings.Repeat("0", 64)), []byte(`{"msg_type":"shutdown_request"}`), []byte("{}"), []byte("{}"), []byte("{}")}
		return dial(port, append(hello("DEALER", "forger"), zmqtest.Message(m...)...)...)
	})

	var cells, controls []time.Duration
	want := 0
	for i, end := 0, time.Now().Add(5*time.Second); time.Now().Before(end); i++ {
		began := time.Now()
		want += i
		if got := p.ok(fmt.Sprintf("sum += %d; sum", i)); got != fmt.Sprint(want) {
			t.Fatalf("cell %d gives %s, want %d", i, got, want)
		}
		cells = append(cells, time.Since(began))
		began = time.Now()
		p.AskOn(p.Control, "kernel_info_request", struct{}{})
		controls = append(controls, time.Since(began))
	}
	close(stop)
	attacks.Wait()
	slices.Sort(cells)
	slices.Sort(controls)
	t.Logf("beside %d hostile connections %d cells: median %v, worst %v; control: median %v, worst %v",
		connections.Load(), len(cells), cells[len(cells)/2], cells[len(cells)-1], controls[len(controls)/2], controls[len(controls)-1])
	p.alive()
	p.level(files)
	t.Logf("afterwards: %d descriptors, before %d; %d MiB, before %d", descriptors(pid), files, resident(pid), memory)
}

// mutate changes some bytes of a text: flips, cuts, repeats, inserts what parsers fear.
func mutate(random *rand.Rand, text []byte) []byte {
	text = slices.Clone(text)
	for range 1 + random.IntN(3) {
		at := random.IntN(len(text) + 1)
		to := min(len(text), at+random.IntN(20))
		switch random.IntN(6) {
		case 0:
			text = slices.Delete(text, at, to)
		case 1:
			text = slices.Insert(text, at, text[at:to]...)
		case 2:
			if at < len(text) {
				text[at] ^= 1 << random.IntN(8)
			}
		case 3:
			fears := []string{"null", "[]", "{}", "-1", "1e999", "\x00", "\xff", "\"", "\\u0000", "\\ud800", "9223372036854775808", "[[[[[[[[", `{"":{"":`, "true", strings.Repeat("a", 5000)}
			text = slices.Insert(text, at, []byte(fears[random.IntN(len(fears))])...)
		case 4:
			text = text[:at]
		default:
			if i, j := random.IntN(len(text)+1), random.IntN(len(text)+1); i < j {
				text = slices.Insert(text, at, slices.Clone(text[i:j])...)
			}
		}
		if len(text) == 0 {
			break
		}
	}
	return text
}

// TestMutatedMessages sends a kernel thousands of messages that were changed here and
// there, most of them rightly signed. It must live, and answer what is right between.
func TestMutatedMessages(t *testing.T) {
	p := start(t)
	const seed, count = 5, 3000
	random := rand.New(rand.NewPCG(seed, 1))
	requests := []struct{ kind, content string }{
		{"execute_request", `{"code": "1 + 1", "silent": false, "store_history": true, "user_expressions": {"a": "2"}, "allow_stdin": false, "stop_on_error": false}`},
		{"complete_request", `{"code": "import \"fmt\"\nfmt.Pri", "cursor_pos": 20}`},
		{"inspect_request", `{"code": "len", "cursor_pos": 2, "detail_level": 1}`},
		{"is_complete_request", `{"code": "for {"}`},
		{"history_request", `{"output": true, "raw": true, "hist_access_type": "search", "pattern": "*", "n": 5, "unique": true, "session": 0, "start": 1, "stop": 4}`},
		{"comm_open", `{"comm_id": "c", "target_name": "x", "data": {"state": {}, "buffer_paths": []}}`},
		{"comm_msg", `{"comm_id": "c", "data": {"method": "update"}}`},
		{"comm_close", `{"comm_id": "c", "data": {}}`},
		{"comm_info_request", `{"target_name": "x"}`},
		{"kernel_info_request", `{}`},
		{"debug_request", `{"type": "request", "seq": 1, "command": "debugInfo", "arguments": {}}`},
		{"create_subshell_request", `{}`}, {"delete_subshell_request", `{"subshell_id": "x"}`}, {"list_subshell_request", `{}`},
		{"input_reply", `{"value": "x", "status": "ok"}`},
		{"usage_request", `{}`}, {"interrupt_request", `{}`},
	}
	sockets := []*zmqtest.Peer{p.Shell, p.Control, p.Stdin}
	for i := range count {
		r := requests[random.IntN(len(requests))]
		m, err := p.Author.New(r.kind, nil, struct{}{})
		if err != nil {
			t.Fatal(err)
		}
		m.Content = json.RawMessage(r.content)
		switch random.IntN(10) {
		case 0:
			m.RawHeader = mutate(random, m.RawHeader)
		case 1:
			m.Parent = mutate(random, []byte(`{"msg_id": "x", "msg_type": "y"}`))
		case 2:
			m.Metadata = mutate(random, []byte(`{"cellId": "x", "deletedCells": []}`))
		default:
			m.Content = mutate(random, m.Content)
		}
		frames := p.Signer.Encode(m)
		switch random.IntN(20) {
		case 0: // frames missing, doubled, or in another order
			random.Shuffle(len(frames), func(i, j int) { frames[i], frames[j] = frames[j], frames[i] })
		case 1:
			frames = frames[:random.IntN(len(frames))]
		case 2:
			frames = append(frames, frames...)
		case 3:
			if i := random.IntN(len(frames)); len(frames[i]) > 0 {
				frames[i] = mutate(random, frames[i])
			}
		}
		if len(frames) > 0 {
			if err := sockets[random.IntN(len(sockets))].Send(frames...); err != nil {
				t.Fatalf("seed %d, message %d: %v", seed, i, err)
			}
		}
		if i%300 == 299 {
			o := p.run("40 + 2")
			for o.status == "aborted" || o.ename == "Interrupted" { // a cell before it failed, or an interrupt came late
				o = p.run("40 + 2")
			}
			if o.result != "42" {
				t.Fatalf("seed %d, after message %d: 40 + 2 gives %s", seed, i, o)
			}
			p.AskOn(p.Control, "kernel_info_request", struct{}{})
		}
	}
	p.alive()
}

// TestMutatedConnectionFiles starts kernels with connection files that were changed
// here and there: each refuses with one line, or serves.
func TestMutatedConnectionFiles(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	refused, served := 0, 0
	dir := t.TempDir()
	good, err := os.ReadFile(writeConnection(t, dir, freePorts(t), nil))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		text := mutate(random, good)
		file := filepath.Join(dir, fmt.Sprintf("connection-%d.json", i))
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		cmd := exec.Command(binaries.worker, "kernel", "-f", file)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			refused++
			if err == nil || strings.Count(said.String(), "\n") != 1 {
				t.Errorf("%s\n%v: %q", text, err, said.String())
			}
		case <-time.After(300 * time.Millisecond):
			served++
			cmd.Process.Signal(syscall.SIGTERM)
			if err := <-ended; err != nil || strings.Contains(said.String(), "panic") {
				t.Errorf("%s\n%v: %q", text, err, said.String())
			}
		}
	}
	t.Logf("%d were refused, %d served", refused, served)
}
