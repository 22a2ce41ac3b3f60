package rt

import (
	"io"
	"sync"
)

// Stdin is os.Stdin of cells: each read that finds nothing left asks the learner
// for a line. What a cell does not read of a line, a later read gets.
var Stdin io.Reader = &input{}

type input struct {
	mu   sync.Mutex
	rest []byte
}

func (in *input) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if n := in.take(p); n > 0 {
		return n, nil
	}
	o := CurrentOwner()
	line, err := installed().Ask(CurrentCell(), "", false, o.Done())
	if o.Stopped() {
		Check()
	}
	if err != nil {
		return 0, err
	}
	in.mu.Lock()
	in.rest = append(append(in.rest, line...), '\n')
	in.mu.Unlock()
	return in.take(p), nil
}

func (in *input) take(p []byte) int {
	in.mu.Lock()
	defer in.mu.Unlock()
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n
}
