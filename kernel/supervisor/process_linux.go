package supervisor

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// ownExecutable is this program, even when its file is gone or another.
const ownExecutable = "/proc/self/exe"

// attributes: a process group of its own, so that the worker and what it started
// can be ended together, and an end with the kernel process. It is a signal that
// the worker takes as that, to end its whole group, and of which it dies otherwise.
// Linux sends it when the thread that started the worker ends, hence starter.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGHUP}
}

// capMemory bounds the worker's writable memory from outside, where nothing that
// runs in it can lift the bound again. An allocation beyond it fails in Go's
// runtime as "out of memory".
func capMemory(pid int, bytes int64) {
	limit := syscall.Rlimit{Cur: uint64(bytes), Max: uint64(bytes)}
	syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), syscall.RLIMIT_DATA, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
}

// isStopped tells whether a signal has stopped a process, as SIGSTOP does.
func isStopped(pid int) bool {
	stat := processStat("/proc/" + strconv.Itoa(pid) + "/stat")
	return len(stat) > 0 && stat[0] == "T"
}

// startedBy are the processes of a worker's group, without the worker itself.
func startedBy(worker int) (pids []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat := processStat(path)
		if len(stat) < 3 || stat[2] != strconv.Itoa(worker) {
			continue
		}
		if pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path))); pid != worker && pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// processStat are the fields of a stat file from the third on: state, parent, group.
func processStat(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // the name before may hold anything
}

// machineMemory is the memory of the machine, or of the container that we run in
// when that is less. 0 when it cannot be told.
func machineMemory() int64 {
	var total int64
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "MemTotal:" {
				kib, _ := strconv.ParseInt(fields[1], 10, 64)
				total = kib << 10
			}
		}
	}
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if text, err := os.ReadFile(path); err == nil {
			if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 && (total == 0 || n < total) {
				total = n
			}
		}
	}
	return total
}

// residentMemory is what a process holds in memory, in bytes.
func residentMemory(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize())
}

// peakMemory is the most that a process held in memory while it lived, in bytes.
func peakMemory(state *os.ProcessState) int64 {
	if use, ok := state.SysUsage().(*syscall.Rusage); ok {
		return int64(use.Maxrss) << 10
	}
	return 0
}
