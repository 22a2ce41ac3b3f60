package session

import (
	"os"
	"runtime"
	"sync"
	"time"

	"netsplit/kernel/wire"
)

// usage remembers the last reading, since a share of the processor is a difference.
type usage struct {
	mu   sync.Mutex
	at   time.Time
	cpu  time.Duration // of the kernel's processes
	host hostTime
}

// hostTime is what the host's processors did since they were started.
type hostTime struct{ busy, total float64 }

// usageRequest feeds the memory and processor meters of JupyterLab. The kernel is its
// own process and what the evaluator says belongs to it. Shares are those since the
// last request; the first one says 0. What the system does not tell is 0 as well.
func (s *Session) usageRequest(*request) (any, error) {
	name, _ := os.Hostname()
	reply := wire.UsageReply{Hostname: name, PID: os.Getpid(), CPUCount: runtime.NumCPU()}
	var cpu time.Duration
	for _, pid := range append([]int{os.Getpid()}, s.Evaluator.Processes()...) {
		used, resident := processUse(pid)
		cpu += used
		reply.Memory += resident
	}
	host := hostUse()
	reply.Virtual = hostMemory()

	u := &s.usage
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	if elapsed := now.Sub(u.at); !u.at.IsZero() && elapsed > 0 {
		reply.CPU = percent(max(0, cpu-u.cpu).Seconds(), elapsed.Seconds())
		reply.HostCPU = percent(host.busy-u.host.busy, host.total-u.host.total)
	}
	u.at, u.cpu, u.host = now, cpu, host
	return reply, nil
}

// percent with one digit behind the point; 0 of nothing.
func percent(part, whole float64) float64 {
	if whole <= 0 || part < 0 {
		return 0
	}
	return float64(int(part/whole*1000+0.5)) / 10
}
