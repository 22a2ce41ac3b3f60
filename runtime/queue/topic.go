package queue

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
)

// Topic is a partitioned log on several brokers, as the observer of a world sees it.
// Each world has its own.
type Topic struct {
	// Broker is the program of the brokers, Controller that of the node called
	// "controller".
	Broker, Controller func(node *sim.Node)

	brokers    []string
	partitions int
	minInSync  int
	unclean    bool
	fetchEvery time.Duration
	lagMax     time.Duration
	detect     time.Duration

	placement []placement // as the controller announced it
	running   map[string]*broker
	acked     []string
	producers map[string]int // how many each node had
	wrong     wrong
}

// controllerName is the node that brokers, producers and consumers ask who leads.
const controllerName = "controller"

// placement says who leads a partition and who is in sync.
type placement struct {
	epoch  int
	leader string // "" when the partition is offline
	inSync []string
}

// Record is one record of a partition.
type Record struct {
	ID        string // producer and number
	Key       string
	Value     string
	Partition int
	Offset    int
}

// TopicOption is a property of a topic.
type TopicOption func(*Topic)

// Partitions is how many logs there are. The default is 1.
func Partitions(n int) TopicOption { return func(t *Topic) { t.partitions = n } }

// MinInSync is how many brokers must be in sync for AcksAll to be answered. The default
// is 1.
func MinInSync(n int) TopicOption { return func(t *Topic) { t.minInSync = n } }

// UncleanElection lets a broker lead that was not in sync when nobody else is left.
func UncleanElection() TopicOption { return func(t *Topic) { t.unclean = true } }

// FetchEvery is how long a broker waits before it asks the leader again: how far it
// lags. The default is 5 ms.
func FetchEvery(d time.Duration) TopicOption { return func(t *Topic) { t.fetchEvery = d } }

// LagMax is how long a broker may be behind before the leader counts it out of sync.
// The default is 200 ms.
func LagMax(d time.Duration) TopicOption { return func(t *Topic) { t.lagMax = d } }

// Detect is how long a broker is silent before the controller takes it for dead. The
// default is 100 ms.
func Detect(d time.Duration) TopicOption { return func(t *Topic) { t.detect = d } }

// NewTopic makes a topic. The brokers are names with spaces between them.
func NewTopic(brokers string, options ...TopicOption) *Topic {
	t := &Topic{brokers: strings.Fields(brokers), partitions: 1, minInSync: 1, fetchEvery: 5 * time.Millisecond, lagMax: 200 * time.Millisecond, detect: 100 * time.Millisecond, running: map[string]*broker{}, producers: map[string]int{}}
	for _, o := range options {
		o(t)
	}
	if len(t.brokers) == 0 || t.partitions < 1 {
		host.Mistakef("queue.NewTopic: a topic needs brokers, their names in one text, and at least one partition")
	}
	for p := range t.partitions {
		t.placement = append(t.placement, placement{1, t.brokers[p%len(t.brokers)], slices.Clone(t.brokers)})
	}
	t.Broker = func(node *sim.Node) { newBroker(t, node) }
	t.Controller = func(node *sim.Node) { newController(t, node) }
	return t
}

// Leader is the broker that leads a partition now; "" when none does.
func (t *Topic) Leader(partition int) string { return t.placement[partition].leader }

// InSync are the brokers that are in sync in a partition now.
func (t *Topic) InSync(partition int) []string { return slices.Clone(t.placement[partition].inSync) }

// Records are the records of a partition as its leader has them.
func (t *Topic) Records(partition int) []Record {
	if b := t.running[t.placement[partition].leader]; b != nil {
		return slices.Clone(b.logs[partition].records)
	}
	return nil
}

// Acknowledged is how many records producers believe to be safe. With Acks0 that is
// all that they sent.
func (t *Topic) Acknowledged() int { return len(t.acked) }

// Lost is how many of the acknowledged records the leader does not have; where nobody
// leads, those that nobody has who may lead.
func (t *Topic) Lost() int {
	have := map[string]bool{}
	for p := range t.partitions {
		for _, r := range t.Records(p) {
			have[r.ID] = true
		}
		if t.placement[p].leader == "" {
			for _, name := range t.placement[p].inSync {
				for _, r := range t.running[name].logs[p].records {
					have[r.ID] = true
				}
			}
		}
	}
	lost := 0
	for _, id := range t.acked {
		if !have[id] {
			lost++
		}
	}
	return lost
}

// Duplicates is how many records stand in a log more than once: the extra copies.
func (t *Topic) Duplicates() int {
	extra := 0
	for p := range t.partitions {
		seen := map[string]bool{}
		for _, r := range t.Records(p) {
			if seen[r.ID] {
				extra++
			}
			seen[r.ID] = true
		}
	}
	return extra
}

// SameLog tells whether all brokers agree about what is committed, record by record: a
// promise for world.Always. An unclean election breaks it.
func (t *Topic) SameLog() bool {
	for p := range t.partitions {
		var longest *plog
		for _, name := range t.brokers {
			b := t.running[name]
			if b == nil {
				continue
			}
			l := b.logs[p]
			if longest == nil || l.committed > longest.committed {
				longest, l = l, longest
			}
			for i := 0; l != nil && i < l.committed; i++ {
				if l.records[i].ID != longest.records[i].ID {
					return false
				}
			}
		}
	}
	return true
}

// partition is where records with a key go.
func (t *Topic) partition(key string) int {
	return int((xxhash.Sum64String(key) >> 32) * uint64(t.partitions) >> 32)
}

// line is a record as it is sent.
func (r Record) line() string { return r.ID + "|" + r.Key + "|" + r.Value }

func parse(line string, partition, offset int) Record {
	parts := strings.SplitN(line, "|", 3)
	return Record{parts[0], parts[1], parts[2], partition, offset}
}

// String is the record in a line.
func (r Record) String() string {
	return fmt.Sprintf("%d/%d %s=%s", r.Partition, r.Offset, r.Key, r.Value)
}
