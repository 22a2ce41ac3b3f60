package session

import (
	"runtime/debug"
	"sync"
	"time"
)

const (
	tidyAfter = 8 << 20         // bytes of messages
	tidyPause = 1 * time.Second // without a large message
)

// tidy gives memory back to the system when much has gone through the session. Go
// would keep it for minutes, and the cells want it: the worker is another process.
type tidy struct {
	mu    sync.Mutex
	moved int
	timer *time.Timer
}

// note counts a message that was received or published.
func (t *tidy) note(bytes int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.moved += bytes; t.moved < tidyAfter {
		return
	}
	t.moved = 0
	if t.timer == nil {
		t.timer = time.AfterFunc(tidyPause, debug.FreeOSMemory)
	} else {
		t.timer.Reset(tidyPause)
	}
}
