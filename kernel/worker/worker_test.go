package worker

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"netsplit/kernel/pipe"
)

// The test binary is the worker, too: yaegi must not run in the process of the
// tests, which may have the race detector on and must not die.
func TestMain(m *testing.M) {
	if os.Getenv("NETSPLIT_TEST_WORKER") != "" {
		os.Exit(Main())
	}
	os.Exit(m.Run())
}

// process is a worker as the kernel process sees it.
type process struct {
	t      testing.TB
	cmd    *exec.Cmd
	w      *pipe.Writer
	to     *os.File
	frames chan *pipe.Message // closed at the end
	stderr bytes.Buffer
	early  bytes.Buffer // text that came while a definition was answered
	seq    int
	exit   error
}

func start(t testing.TB, env ...string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	inR, inW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(exe), w: pipe.NewWriter(inW), to: inW, frames: make(chan *pipe.Message, 10000)}
	p.cmd.Env = append(os.Environ(), append(env, "NETSPLIT_TEST_WORKER=1")...)
	p.cmd.ExtraFiles = []*os.File{inR, outW}
	p.cmd.Stderr = &p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	inR.Close()
	outW.Close()
	go func() {
		r := pipe.NewReader(outR)
		for {
			m, err := r.Read()
			if err != nil {
				if err != io.EOF {
					fmt.Fprintln(os.Stderr, "frames:", err)
				}
				break
			}
			if m.Kind == pipe.Alone {
				go p.w.Write(&pipe.Message{Kind: pipe.Others, Cell: m.Cell, Seq: m.Seq})
				continue
			}
			p.frames <- m
		}
		outR.Close()
		p.exit = p.cmd.Wait()
		close(p.frames)
	}()
	t.Cleanup(func() {
		inW.Close()
		for range p.frames {
		}
	})
	if m := p.next(); m.Kind != pipe.Ready {
		t.Fatalf("first frame: %+v", m)
	}
	return p
}

// patience is how long a test waits for something that must happen.
const patience = 3 * time.Minute

// next is the next frame; it fails the test when the worker ends.
func (p *process) next() *pipe.Message {
	p.t.Helper()
	select {
	case m, ok := <-p.frames:
		if !ok {
			p.t.Fatalf("the worker ended: %v\n%s", p.exit, p.stderr.String())
		}
		return m
	case <-time.After(patience):
		p.cmd.Process.Signal(syscall.SIGQUIT)
		time.Sleep(time.Second)
		p.t.Fatalf("no frame within %v\n%s", patience, p.stderr.String())
	}
	return nil
}

func (p *process) send(m *pipe.Message) {
	p.t.Helper()
	if err := p.w.Write(m); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) define(text string) {
	p.t.Helper()
	p.seq++
	p.send(&pipe.Message{Kind: pipe.Define, Seq: p.seq, Body: []byte(text)})
	m := p.next()
	for m.Kind == pipe.Ended || m.Kind == pipe.Stream { // of an earlier cell
		p.early.Write(m.Body)
		m = p.next()
	}
	if m.Kind != pipe.Defined || m.Seq != p.seq {
		p.t.Fatalf("answer to define: %+v", m)
	}
	if m.Error != "" {
		p.t.Fatalf("define: %s\n%s", m.Error, text)
	}
}

func (p *process) call(cell int, entry string) {
	p.t.Helper()
	p.seq++
	p.send(&pipe.Message{Kind: pipe.Call, Cell: cell, Seq: p.seq, Entry: entry, AllowStdin: true})
}

// outcome is all that a cell gave until a frame of a kind.
type outcome struct {
	log  string // streams and other frames in order, neighbours of one stream joined
	last *pipe.Message
}

func (p *process) until(kind pipe.Kind) outcome {
	p.t.Helper()
	var log strings.Builder
	stream := ""
	for {
		m := p.next()
		if m.Kind == kind {
			return outcome{log.String(), m}
		}
		if m.Kind == pipe.Stream {
			if id := fmt.Sprint(m.Cell, m.Name); id != stream {
				fmt.Fprintf(&log, "[%d %s]", m.Cell, m.Name)
				stream = id
			}
			log.Write(m.Body)
			continue
		}
		if m.Kind == pipe.Ended {
			continue // of an earlier cell, at some time
		}
		stream = ""
		fmt.Fprintf(&log, "<%s %d", m.Kind, m.Cell)
		for _, s := range []string{m.ID, m.Text, fmt.Sprint(m.Data["text/plain"])} {
			if s != "" && s != "<nil>" {
				log.WriteString(" " + s)
			}
		}
		if m.Failure != nil {
			log.WriteString(" " + m.Failure.Name + ": " + m.Failure.Text)
		}
		log.WriteString(">")
	}
}

// run defines a cell, calls its entry and gives what it showed, in the form
// "log => result" or "log !! failure".
func (p *process) run(cell int, text string) string {
	p.t.Helper()
	p.define(text)
	p.call(cell, fmt.Sprintf("cell_%d", cell))
	return form(p.until(pipe.Done))
}

func form(o outcome) string {
	s := o.log
	switch {
	case o.last.Failure != nil:
		s += " !! " + o.last.Failure.Name + ": " + o.last.Failure.Text
	case o.last.Data != nil:
		s += fmt.Sprint(" => ", o.last.Data["text/plain"])
	}
	return strings.TrimSpace(s)
}
