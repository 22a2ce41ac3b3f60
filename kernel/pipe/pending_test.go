package pipe

import (
	"os"
	"strings"
	"testing"
)

func TestPendingTextIsReadFromOutside(t *testing.T) {
	file, err := NewPendingFile()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	p := NewPending(file)
	if m := ReadPending(file, 0); m != nil {
		t.Errorf("nothing was written, and there is %+v", m)
	}
	p.Begin(7, -3, "stderr")
	p.Append([]byte("last "))
	p.Append([]byte("words"))
	m := ReadPending(file, 7)
	if m == nil || string(m.Body) != "last words" || m.Cell != -3 || m.Name != "stderr" || m.Kind != Stream {
		t.Errorf("read %+v", m)
	}
	if m := ReadPending(file, 8); m != nil {
		t.Errorf("frame 7 has arrived, and is read again: %+v", m)
	}
	p.Begin(8, 1, "stdout")
	if m := ReadPending(file, 8); m != nil {
		t.Errorf("after Begin there is still %+v", m)
	}
	long := []byte(strings.Repeat("x", PendingSize+5))
	if n := p.Append(long); n != PendingSize || len(p.Text()) != PendingSize {
		t.Errorf("appended %d bytes of %d, room is for %d", n, len(long), PendingSize)
	}
	if m := ReadPending(file, 8); m == nil || len(m.Body) != PendingSize {
		t.Error("a full one is not read")
	}
}

// A worker may do what it likes to its file.
func TestPendingFileThatWasSpoiled(t *testing.T) {
	for _, spoil := range []func(f *os.File){
		func(f *os.File) { f.Truncate(0) },
		func(f *os.File) { f.Truncate(10) },
		func(f *os.File) { f.WriteAt([]byte(strings.Repeat("\xff", 64)), 0) },
		func(f *os.File) { f.Truncate(1 << 40) },
		func(f *os.File) { f.Close() },
	} {
		file, err := NewPendingFile()
		if err != nil {
			t.Fatal(err)
		}
		p := NewPending(file)
		p.Begin(0, 1, "stdout")
		p.Append([]byte("x"))
		spoil(file)
		if m := ReadPending(file, 0); m != nil && len(m.Body) > PendingSize {
			t.Errorf("%d bytes", len(m.Body))
		}
		file.Close()
	}
}

func TestPendingWithoutAFile(t *testing.T) {
	p := NewPending(nil)
	p.Begin(0, 1, "stdout")
	p.Append([]byte("kept"))
	if string(p.Text()) != "kept" {
		t.Errorf("text %q", p.Text())
	}
}
