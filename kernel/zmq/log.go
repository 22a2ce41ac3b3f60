package zmq

import (
	"fmt"
	"sync"
	"time"
)

// Log passes at most one line per kind and interval on, and counts the rest: a peer
// that misbehaves a thousand times a second must not fill a disk.
type Log struct {
	write func(line string)
	every time.Duration

	mu    sync.Mutex
	kinds map[string]*quota
}

type quota struct {
	last    time.Time
	skipped int
}

// NewLog makes a log over write, which may be nil. Kinds are constants of the caller,
// a handful, never text from outside.
func NewLog(write func(line string), every time.Duration) *Log {
	return &Log{write: write, every: every, kinds: map[string]*quota{}}
}

// Print writes a line, or counts it.
func (l *Log) Print(kind, line string) {
	if l == nil || l.write == nil {
		return
	}
	l.mu.Lock()
	q := l.kinds[kind]
	if q == nil {
		q = &quota{}
		l.kinds[kind] = q
	}
	now := time.Now()
	if !q.last.IsZero() && now.Sub(q.last) < l.every {
		q.skipped++
		l.mu.Unlock()
		return
	}
	skipped := q.skipped
	q.last, q.skipped = now, 0
	l.mu.Unlock()
	if skipped > 0 {
		line += fmt.Sprintf(" (and %d more like it before)", skipped)
	}
	l.write(line)
}
