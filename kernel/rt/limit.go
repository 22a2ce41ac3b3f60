package rt

import "sync/atomic"

var memoryLimit atomic.Int64

// LimitMemory tells how many bytes cells may use; 0 is no limit. A make that would
// not fit panics with a LimitError.
func LimitMemory(bytes int64) { memoryLimit.Store(bytes) }

// LimitError is the panic value of what would exceed a limit.
type LimitError string

func (e LimitError) Error() string { return string(e) }
func (LimitError) RuntimeError()   {}
