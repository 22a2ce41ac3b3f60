package queue

import (
	"fmt"
	"time"

	"netsplit/runtime/sim"
)

// Producer appends records to a topic for a node.
type Producer struct {
	topic   *Topic
	node    *sim.Node
	acks    string
	retries int
	once    bool
	timeout time.Duration
	name    string // of the node, and which of its producers it is
	made    int
	turn    int // where the next record without a key goes
	leaders map[int]string
}

const (
	none = "0"
	one  = "1"
	all  = "all"
)

// ProducerOption is a property of a producer.
type ProducerOption func(*Producer)

// Acks0 does not wait for anybody.
func Acks0() ProducerOption { return func(p *Producer) { p.acks = none } }

// Acks1 waits for the leader.
func Acks1() ProducerOption { return func(p *Producer) { p.acks = one } }

// AcksAll waits for all brokers in sync. It is the default.
func AcksAll() ProducerOption { return func(p *Producer) { p.acks = all } }

// Retries is how often a record without an answer is sent again. The default is 0.
func Retries(n int) ProducerOption { return func(p *Producer) { p.retries = n } }

// ProducerIDs lets the leader recognise what it has. The default is that it does not.
func ProducerIDs() ProducerOption { return func(p *Producer) { p.once = true } }

// Timeout is how long a producer waits for an answer. The default is 100 ms.
func Timeout(d time.Duration) ProducerOption { return func(p *Producer) { p.timeout = d } }

// Producer makes a producer for a node. Each has an id of its own: a node that crashes and
// starts again has another producer, whose records nobody takes for those of the first.
func (t *Topic) Producer(node *sim.Node, options ...ProducerOption) *Producer {
	p := &Producer{topic: t, node: node, acks: all, timeout: 100 * time.Millisecond, leaders: map[int]string{}}
	for _, o := range options {
		o(p)
	}
	p.name = node.Name
	if t.producers[node.Name]++; t.producers[node.Name] > 1 {
		p.name += fmt.Sprintf(".%d", t.producers[node.Name])
	}
	return p
}

// NotSent is the error of Send: nobody acknowledged the record. It may be there or not.
type NotSent struct {
	ID       string
	Attempts int
	Last     string // what the last answer was, if there was one
}

// Error says what became of the attempts.
func (e *NotSent) Error() string {
	why := "no answer"
	if e.Last != "" {
		why = e.Last
	}
	return fmt.Sprintf("record %s was not acknowledged in %d attempts: %s", e.ID, e.Attempts, why)
}

// Send appends a record to the partition of its key and waits as the acks say. Records
// whose key is empty go to all partitions in turn.
func (p *Producer) Send(key, value string) error {
	p.made++
	record := Record{ID: fmt.Sprintf("%s-%d", p.name, p.made), Key: key, Value: value}
	partition := p.topic.partition(key)
	if key == "" {
		partition = p.turn % p.topic.partitions
		p.turn++
	}
	fields := []any{"record", record.line(), "partition", partition, "acks", p.acks, "once", p.once}
	if p.acks == none {
		p.node.Send(p.leader(partition), "produce", fields...)
		p.topic.acked = append(p.topic.acked, record.ID)
		return nil
	}
	failure := &NotSent{ID: record.ID}
	for failure.Attempts <= p.retries {
		failure.Attempts++
		r, err := p.node.Call(p.leader(partition), "produce", append(fields, sim.Timeout(p.timeout))...)
		if err == nil && r.Kind == "ok" {
			p.topic.acked = append(p.topic.acked, record.ID)
			return nil
		}
		if failure.Last = ""; err == nil {
			failure.Last = r.Kind
			p.node.Sleep(p.timeout / 5)
		}
		p.ask(partition)
	}
	return failure
}

// leader is who leads a partition, as far as the producer knows.
func (p *Producer) leader(partition int) string {
	if p.leaders[partition] == "" {
		p.leaders[partition] = p.topic.brokers[partition%len(p.topic.brokers)]
	}
	return p.leaders[partition]
}

// ask asks the controller who leads, unless there is one broker only.
func (p *Producer) ask(partition int) {
	if len(p.topic.brokers) == 1 {
		return
	}
	if r, err := p.node.Call(controllerName, "leader?", "partition", partition); err == nil && r.Text("is") != "" {
		p.leaders[partition] = r.Text("is")
	}
}
