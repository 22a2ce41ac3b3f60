//go:build !linux

package session

import (
	"time"

	"netsplit/kernel/wire"
)

// Without /proc only the kernel's own share would be known, which says little while
// the worker holds the values. The meters stay at 0.

func processUse(pid int) (cpu time.Duration, resident int64) { return 0, 0 }

func hostUse() hostTime { return hostTime{} }

func hostMemory() wire.VirtualMemory { return wire.VirtualMemory{} }
