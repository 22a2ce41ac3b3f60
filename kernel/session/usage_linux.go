package session

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"netsplit/kernel/wire"
)

// clockTick is Linux's USER_HZ, the unit of times in /proc, which is 100 wherever Go runs.
const clockTick = time.Second / 100

// processUse is the processor time that a process used and the memory it holds.
func processUse(pid int) (cpu time.Duration, resident int64) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0
	}
	// The second field is the program's name in parentheses, which may hold anything.
	after := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(after) < 22 {
		return 0, 0
	}
	number := func(field int) int64 {
		n, _ := strconv.ParseInt(after[field-3], 10, 64)
		return n
	}
	return time.Duration(number(14)+number(15)) * clockTick, number(24) * int64(os.Getpagesize())
}

func hostUse() (h hostTime) {
	stat, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(stat), "\n")
	for i, field := range strings.Fields(line) {
		if i == 0 || i > 8 { // guest time is part of user time
			continue
		}
		n, _ := strconv.ParseFloat(field, 64)
		h.total += n
		if i != 4 && i != 5 { // idle, waiting for a disk
			h.busy += n
		}
	}
	return h
}

func hostMemory() (v wire.VirtualMemory) {
	info, _ := os.ReadFile("/proc/meminfo")
	for line := range strings.Lines(string(info)) {
		name, rest, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		switch name {
		case "MemTotal":
			v.Total = n << 10
		case "MemAvailable":
			v.Available = n << 10
		case "MemFree":
			v.Free = n << 10
		}
	}
	v.Used = v.Total - v.Available
	v.Percent = percent(float64(v.Used), float64(v.Total))
	return v
}
