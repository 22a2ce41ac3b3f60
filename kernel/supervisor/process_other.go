//go:build !linux

package supervisor

import (
	"os"
	"syscall"
)

// ownExecutable: there is no name for it but its path.
const ownExecutable = ""

// attributes: a process group of its own. The worker ends by itself when its pipe
// from the kernel process does.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// capMemory does nothing where the limit of another process cannot be set; the
// worker's own watch on its heap remains.
func capMemory(pid int, bytes int64) {}

// isStopped cannot be told here, and to continue what was not stopped does no harm.
func isStopped(pid int) bool { return true }

// startedBy is not known here.
func startedBy(worker int) []int { return nil }

// machineMemory is not known here.
func machineMemory() int64 { return 0 }

// residentMemory is not known here; the worker reports its heap after each cell.
func residentMemory(pid int) int64 { return 0 }

// peakMemory is not known here.
func peakMemory(state *os.ProcessState) int64 { return 0 }
