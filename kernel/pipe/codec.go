package pipe

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// MaxFrame is the largest frame, head and body together, that is written or read.
// A display larger than this is refused on the side that makes it (ErrTooLarge).
const MaxFrame = 128 << 20

// MaxHead is the largest head. Heads hold displays, and those hold pictures.
const MaxHead = 64 << 20

// ErrTooLarge says that a message does not fit in a frame. The Writer that
// returns it has written nothing and goes on working.
var ErrTooLarge = errors.New("frame too large")

// ErrBroken says that the stream failed: no frame can be written any more.
var ErrBroken = errors.New("stream is broken")

// A Writer writes frames. It may be used by many goroutines; each frame reaches
// the stream whole, in one call of the stream's Write.
type Writer struct {
	mu     sync.Mutex
	stream io.Writer
	broken error // a frame was cut short: nothing after it could be read
}

// NewWriter returns a Writer of frames on stream.
func NewWriter(stream io.Writer) *Writer { return &Writer{stream: stream} }

// Write writes one frame. An error of the stream is final. A message that cannot
// be written (its data is not JSON, or it is too large) only fails itself.
func (w *Writer) Write(m *Message) error {
	frame, err := encode(m)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken != nil {
		return w.broken
	}
	if _, err := w.stream.Write(frame); err != nil {
		w.broken = fmt.Errorf("write frame %s: %w: %w", m.Kind, ErrBroken, err)
		return w.broken
	}
	return nil
}

func encode(m *Message) ([]byte, error) {
	var frame bytes.Buffer
	frame.Grow(8 + 128 + len(m.Body))
	frame.Write(make([]byte, 8))
	head := json.NewEncoder(&frame)
	head.SetEscapeHTML(false)
	if err := head.Encode(m); err != nil {
		return nil, fmt.Errorf("encode frame %s: %w", m.Kind, err)
	}
	frame.Truncate(frame.Len() - 1) // Encode's newline
	headLen := frame.Len() - 8
	if headLen > MaxHead || headLen+len(m.Body) > MaxFrame {
		return nil, fmt.Errorf("encode frame %s of %d bytes: %w", m.Kind, headLen+len(m.Body), ErrTooLarge)
	}
	frame.Write(m.Body)
	out := frame.Bytes()
	binary.BigEndian.PutUint32(out[0:], uint32(len(out)-4))
	binary.BigEndian.PutUint32(out[4:], uint32(headLen))
	return out, nil
}

// A Reader reads frames. What the other side announces is not believed: memory
// grows with the bytes that arrive. A frame that is not well formed is an error
// after which the stream is useless, because the next frame cannot be found.
type Reader struct {
	stream io.Reader

	// Exact keeps the numbers of Data, Metadata and comms as they were written
	// (json.Number), for whoever passes them on. Otherwise they are float64.
	Exact bool
}

// NewReader returns a Reader of frames from stream. It reads no byte beyond the
// frames it returns.
func NewReader(stream io.Reader) *Reader { return &Reader{stream: stream} }

// Read returns the next frame. At the end of the stream it returns io.EOF, in the
// middle of a frame io.ErrUnexpectedEOF.
func (r *Reader) Read() (*Message, error) {
	var lengths [8]byte
	if _, err := io.ReadFull(r.stream, lengths[:4]); err != nil {
		if err == io.EOF {
			return nil, io.EOF
		}
		return nil, fmt.Errorf("read frame length: %w", err)
	}
	length := int64(binary.BigEndian.Uint32(lengths[:4]))
	if length < 4 || length > MaxFrame+4 {
		return nil, fmt.Errorf("read frame: length %d is outside 4..%d", length, MaxFrame+4)
	}
	if _, err := io.ReadFull(r.stream, lengths[4:]); err != nil {
		return nil, fmt.Errorf("read head length: %w", cut(err))
	}
	headLen := int64(binary.BigEndian.Uint32(lengths[4:]))
	if headLen > MaxHead || headLen > length-4 {
		return nil, fmt.Errorf("read frame: head of %d bytes in a frame of %d", headLen, length)
	}
	rest, err := readN(r.stream, length-4)
	if err != nil {
		return nil, fmt.Errorf("read frame of %d bytes: %w", length, err)
	}
	m := new(Message)
	head := json.NewDecoder(bytes.NewReader(rest[:headLen]))
	if r.Exact {
		head.UseNumber()
	}
	if err := head.Decode(m); err != nil {
		return nil, fmt.Errorf("read frame head: %w", cut(err))
	}
	if m.Kind == "" {
		return nil, errors.New("read frame head: no kind")
	}
	m.Size = len(rest)
	if body := rest[headLen:]; len(body) > 0 {
		m.Body = body
	}
	return m, nil
}

// readN reads n bytes; small frames in one piece, large ones as they come.
func readN(stream io.Reader, n int64) ([]byte, error) {
	const believed = 64 << 10
	if n <= believed {
		b := make([]byte, n)
		_, err := io.ReadFull(stream, b)
		return b, cut(err)
	}
	var b bytes.Buffer
	b.Grow(believed)
	_, err := io.CopyN(&b, stream, n)
	return b.Bytes(), cut(err)
}

// cut turns an end inside a frame into io.ErrUnexpectedEOF.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
