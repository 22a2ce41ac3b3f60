package worker

import (
	"log"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"netsplit/kernel/rt"
)

// tap is one of os.Stdout and os.Stderr: a real file, because cells and compiled
// packages use it as one, whose other end is read here.
//
// Text in a pipe has no owner and no order. Both are had as far as they can be:
// whoever sends a frame reads the pipes first, so that what the same goroutine
// wrote before comes before; and the text belongs to the cell that was called
// last. Lowered cells seldom come here: fmt.Print and its kin go to rt.Stdout.
type tap struct {
	name  string
	write *os.File
	read  *os.File
	raw   syscall.RawConn // of read
}

// tapSet are the taps of the process.
type tapSet struct {
	mu   sync.Mutex
	list []*tap
	std  standard
	own  [2]atomic.Pointer[os.File] // the write ends
	cell int                        // the cell called last
	buf  [64 << 10]byte
}

var taps tapSet

// open makes sure that both taps work and stand in package os: a cell may have
// closed them or put other files there.
func (s *tapSet) open(o *output) error {
	if err := s.openFiles(o); err != nil {
		return err
	}
	// Not under a lock: package log holds its own while it writes, and what it writes
	// comes here. It may even hold it for good, in a writer of the cells' that blocks.
	adopted := make(chan struct{})
	go func() {
		defer close(adopted)
		if f, ok := log.Writer().(*os.File); ok && (f == processFiles[2] || closed(f)) {
			log.SetOutput(rt.Stderr)
		}
	}()
	select {
	case <-adopted:
	case <-time.After(logPatience):
	}
	return nil
}

// logPatience is how long a cell waits for a log line of another goroutine to be written.
const logPatience = 100 * time.Millisecond

func (s *tapSet) openFiles(o *output) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.list == nil {
		s.std = keepStandard()
	}
	s.std.restore()
	for i, place := range []**os.File{&os.Stdout, &os.Stderr} {
		if len(s.list) <= i {
			s.list = append(s.list, nil)
		}
		if t := s.list[i]; t == nil || closed(t.write) {
			t, err := newTap([]string{"stdout", "stderr"}[i])
			if err != nil {
				return err
			}
			s.list[i] = t
			s.own[i].Store(t.write)
			go t.follow(o)
			*place = t.write
		} else if *place == nil || closed(*place) {
			*place = t.write
		}
		s.list[i].write.SetDeadline(time.Time{})
	}
	return nil
}

func closed(f *os.File) bool {
	raw, err := f.SyscallConn()
	if err != nil {
		return true
	}
	return raw.Control(func(uintptr) {}) != nil
}

func newTap(name string) (*tap, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	raw, err := r.SyscallConn()
	if err != nil {
		return nil, err
	}
	return &tap{name, w, r, raw}, nil
}

// replaced is the file that stands in os.Stdout or os.Stderr instead of the tap's,
// or nil.
func (s *tapSet) replaced(name string) *os.File {
	f, own := os.Stdout, s.own[0].Load()
	if name == "stderr" {
		f, own = os.Stderr, s.own[1].Load()
	}
	if f == own || f == nil || own == nil {
		return nil
	}
	return f
}

// called notes the cell that text in the pipes belongs to from now on.
func (s *tapSet) called(cell int) {
	s.mu.Lock()
	s.cell = cell
	s.mu.Unlock()
}

// drain reads what stands in the pipes, without waiting. The caller holds o.mu.
func (s *tapSet) drain(o *output) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.list {
		t.raw.Control(func(fd uintptr) { s.take(t, fd, o) })
	}
}

func (s *tapSet) take(t *tap, fd uintptr, o *output) (eof bool) {
	for {
		n, err := syscall.Read(int(fd), s.buf[:])
		if err == syscall.EINTR {
			continue
		}
		if n <= 0 {
			return n == 0 && err == nil
		}
		o.add(s.cell, t.name, s.buf[:n])
	}
}

// follow reads the pipe when nobody drains it. It ends with the pipe.
func (t *tap) follow(o *output) {
	t.raw.Read(func(fd uintptr) bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		taps.mu.Lock()
		defer taps.mu.Unlock()
		return taps.take(t, fd, o)
	})
	t.read.Close()
}
