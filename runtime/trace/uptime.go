package trace

import (
	"sort"
	"time"
)

// Uptime is the share of the time from the beginning of the run to now in which at
// least k of the nodes, named in one string, were up, and how often it ended: the
// availability of a k-of-n system, measured.
func (l *Log) Uptime(k int, names string) (share float64, outages int) {
	good, outages := l.uptime(k, names)
	if l.Now <= 0 {
		return 1, 0
	}
	return float64(good) / float64(l.Now), outages
}

func (l *Log) uptime(k int, names string) (good int64, outages int) {
	lanes := map[int32]bool{}
	for _, name := range fields(names) {
		if lane, ok := l.lanes[name]; ok {
			lanes[lane] = true
		}
	}
	type change struct {
		at int64
		by int
	}
	var changes []change
	for _, s := range l.spans {
		if s.What != "crash" || len(s.Lanes) != 1 || !lanes[s.Lanes[0]] {
			continue
		}
		changes = append(changes, change{s.From, -1})
		if s.To != Open {
			changes = append(changes, change{s.To, 1})
		}
	}
	sort.SliceStable(changes, func(i, j int) bool { return changes[i].at < changes[j].at })
	up, since := len(lanes), int64(0)
	for _, c := range changes {
		if up >= k {
			good += c.at - since
			if up+c.by < k {
				outages++
			}
		}
		up += c.by
		since = c.at
	}
	if up >= k {
		good += l.Now - since
	}
	return good, outages
}

// Downtime is how long a node was down altogether.
func (l *Log) Downtime(name string) time.Duration {
	good, _ := l.uptime(1, name)
	return time.Duration(l.Now - good)
}
