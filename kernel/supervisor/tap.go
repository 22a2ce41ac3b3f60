package supervisor

import (
	"os"
	"sync"
	"syscall"
	"time"
)

// A tap reads one of the worker's own streams: what compiled code writes to
// descriptor 1 or 2, past the frames. It can be emptied at a moment of our choice,
// so that what was written before a cell ended is shown before its end.
type tap struct {
	file *os.File
	mu   sync.Mutex // held while text is read and passed on, which keeps the order
	take func(text []byte)
	buf  []byte
	eof  chan struct{} // closed when nothing more will come
	over bool
}

func newTap(file *os.File, take func([]byte)) *tap {
	t := &tap{file: file, take: take, buf: make([]byte, 32<<10), eof: make(chan struct{})}
	go t.follow()
	return t
}

// follow passes text on as it comes, until the stream ends.
func (t *tap) follow() {
	defer close(t.eof)
	conn, err := t.file.SyscallConn()
	if err != nil {
		return
	}
	for !t.ended() {
		err := conn.Read(func(fd uintptr) bool { return t.once(int(fd)) || t.ended() })
		if err != nil {
			return // the deadline that end sets
		}
	}
}

func (t *tap) ended() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.over
}

// once reads what lies there, one piece, and tells whether there was any.
func (t *tap) once(fd int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return false
	}
	for {
		n, err := syscall.Read(fd, t.buf)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return false
		case err != nil || n <= 0:
			t.over = true
			return false
		}
		t.take(t.buf[:n])
		return true
	}
}

// drain passes on what was written up to now. What a spinning goroutine goes on
// writing meanwhile is not waited for: a pipe holds at most 1 MiB.
func (t *tap) drain() {
	conn, err := t.file.SyscallConn()
	if err != nil {
		return
	}
	conn.Control(func(fd uintptr) {
		for range (1 << 20) / len(t.buf) {
			if !t.once(int(fd)) {
				return
			}
		}
	})
}

// end waits for the end of the stream, at most so long: a process that the worker
// left behind may hold it open. Then it closes our side.
func (t *tap) end(patience time.Duration) (ended bool) {
	select {
	case <-t.eof:
		ended = true
	case <-time.After(patience):
		t.file.SetReadDeadline(time.Now())
		<-t.eof
	}
	t.file.Close()
	return ended
}
