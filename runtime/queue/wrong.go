package queue

// wrong is which mistakes a topic makes on purpose, so that lessons and checks can show
// what each of them costs.
type wrong struct {
	ackEarly, shrinkAlone, keepTail, forgetProducers, serveUncommitted, noHandover bool
}

// AckEarly is wrong: the leader answers AcksAll when it has the record itself. A crash
// loses what nobody had fetched.
func AckEarly() TopicOption { return func(t *Topic) { t.wrong.ackEarly = true } }

// ShrinkAlone is wrong: a leader decides by itself who is in sync, and does not wait until
// the controller has said so. Cut off from both it goes on acknowledging, while the
// controller lets another lead.
func ShrinkAlone() TopicOption { return func(t *Topic) { t.wrong.shrinkAlone = true } }

// KeepTail is wrong: a broker that led and comes back keeps the end of its log, which was
// never committed, and appends behind it. The brokers' logs differ from then on.
func KeepTail() TopicOption { return func(t *Topic) { t.wrong.keepTail = true } }

// ForgetProducers is wrong: what a leader knows of producers' records is what it took from
// them itself. A retry that meets the next leader is appended again, ids or not.
func ForgetProducers() TopicOption { return func(t *Topic) { t.wrong.forgetProducers = true } }

// ServeUncommitted is wrong: consumers get records that are not committed. After a crash
// they have handled what never was in the log.
func ServeUncommitted() TopicOption { return func(t *Topic) { t.wrong.serveUncommitted = true } }

// NoHandover is wrong: a partition is given to another consumer while the one who had it
// still handles a record. Both handle it.
func NoHandover() TopicOption { return func(t *Topic) { t.wrong.noHandover = true } }

// TakeRemoves is wrong: a job is out of the queue as soon as somebody took it. A worker
// that crashes takes it along.
func TakeRemoves() WorkOption { return func(w *Work) { w.forget = true } }
