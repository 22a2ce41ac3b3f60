package pipe

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// PendingSize is how much text a Pending holds.
const PendingSize = 64 << 10

// A Pending is text that a worker has collected and not sent yet. It lies in memory
// that is also a file of the kernel process (descriptor 6 of the worker), so that
// what a cell printed in the moment before its process died is not lost.
//
// The file is a header of four numbers (8 bytes each, little endian: length of the
// text, number of the Stream frame that it will be, cell, 1 for stderr) and the text.
type Pending struct {
	memory []byte
	length int
}

const pendingHeader = 32

// NewPendingFile makes a file without a name for the text of one worker.
func NewPendingFile() (*os.File, error) {
	var first error
	for _, dir := range []string{"/dev/shm", os.TempDir()} {
		f, err := os.CreateTemp(dir, "netsplit-")
		if err == nil {
			os.Remove(f.Name())
			if err = f.Truncate(pendingHeader + PendingSize); err == nil {
				return f, nil
			}
			f.Close()
		}
		if first == nil {
			first = err
		}
	}
	return nil, fmt.Errorf("make pending file: %w", first)
}

// NewPending is the worker's side of file. Without one, or when it cannot be used,
// the text is in ordinary memory.
func NewPending(file *os.File) *Pending {
	const size = pendingHeader + PendingSize
	if file != nil {
		if info, err := file.Stat(); err == nil && info.Size() == size {
			if m, err := syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED); err == nil {
				return &Pending{memory: m}
			}
		}
	}
	return &Pending{memory: make([]byte, size)}
}

// Begin empties it. What is appended from now on will be the Stream frame with this
// number, counted from 0 for each worker.
func (p *Pending) Begin(frame uint64, cell int, name string) {
	p.setLength(0)
	binary.LittleEndian.PutUint64(p.memory[8:], frame)
	binary.LittleEndian.PutUint64(p.memory[16:], uint64(int64(cell)))
	p.memory[24] = 0
	if name == "stderr" {
		p.memory[24] = 1
	}
}

// Append adds as much of the text as there is room for, and tells how much that was.
func (p *Pending) Append(text []byte) int {
	n := copy(p.memory[pendingHeader+p.length:], text)
	p.setLength(p.length + n)
	return n
}

// Text is what was appended.
func (p *Pending) Text() []byte { return p.memory[pendingHeader : pendingHeader+p.length] }

// setLength comes after the text, also for who looks on from another process.
func (p *Pending) setLength(n int) {
	p.length = n
	atomic.StoreUint64((*uint64)(unsafe.Pointer(&p.memory[0])), uint64(n))
}

// ReadPending is the kernel process's side: the text that a dead worker left in file,
// of which so many Stream frames arrived. It is nil when there is none. Nothing that
// the worker did to the file does any harm here.
func ReadPending(file *os.File, frames uint64) *Message {
	all := make([]byte, pendingHeader+PendingSize)
	n, _ := file.ReadAt(all, 0)
	if n < pendingHeader {
		return nil
	}
	length := binary.LittleEndian.Uint64(all)
	if frame := binary.LittleEndian.Uint64(all[8:]); frame < frames {
		return nil // it has arrived
	}
	if length == 0 || length > uint64(n-pendingHeader) {
		return nil
	}
	m := &Message{Kind: Stream, Cell: int(int64(binary.LittleEndian.Uint64(all[16:]))), Name: "stdout"}
	if all[24] == 1 {
		m.Name = "stderr"
	}
	m.Body = all[pendingHeader : pendingHeader+int(length)]
	return m
}
