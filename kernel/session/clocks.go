package session

import (
	"sync"
	"time"
)

// clocks knows how far the clocks of clients are from ours. A client stamps every
// request with its own time; the smallest difference between arrival and stamp among
// its newest requests is the difference of the clocks plus the shortest way. With it
// a stamp tells when, by our clock, a request was sent.
type clocks struct {
	mu      sync.Mutex
	offsets map[string]*offsets // by session of the client
}

type offsets struct {
	ring [16]time.Duration
	n    int
}

const (
	// lateArrival is how long after a failure a cell may arrive and still be taken
	// for one that was sent before it.
	lateArrival = 250 * time.Millisecond
	// maxClients bounds the memory for clients; beyond it all are forgotten.
	maxClients = 1024
)

// note learns from the stamp of a request.
func (c *clocks) note(r *request) {
	stamp, err := time.Parse(time.RFC3339Nano, r.Header.Date)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.offsets == nil || len(c.offsets) >= maxClients {
		c.offsets = map[string]*offsets{}
	}
	o := c.offsets[r.Header.Session]
	if o == nil {
		o = &offsets{}
		c.offsets[r.Header.Session] = o
	}
	o.ring[o.n%len(o.ring)] = r.arrived.Sub(stamp)
	o.n++
}

// sentBefore tells whether a request was sent before a moment that has just gone by.
// A request without a stamp that can be read, and one that arrives much later, was not.
func (c *clocks) sentBefore(r *request, moment time.Time) bool {
	if moment.IsZero() || r.arrived.Sub(moment) > lateArrival {
		return false
	}
	stamp, err := time.Parse(time.RFC3339Nano, r.Header.Date)
	if err != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.offsets[r.Header.Session]
	if o == nil {
		return false
	}
	least := o.ring[0]
	for _, d := range o.ring[:min(o.n, len(o.ring))] {
		least = min(least, d)
	}
	// A stamp may be cut to milliseconds: it is then up to one too early.
	sent := stamp.Add(least + time.Millisecond)
	return sent.Before(moment)
}
