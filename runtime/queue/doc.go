// Package queue has the two kinds of queue between services: a log that is kept and
// read by position, as Kafka's, and a queue of work from which jobs are taken.
//
// # A topic
//
//	topic := queue.NewTopic("k1 k2 k3", queue.Partitions(2), queue.MinInSync(2))
//	world.Nodes("k1 k2 k3", topic.Broker)
//	world.Node("controller", topic.Controller)
//	world.Node("shop", func(node *sim.Node) {
//		producer := topic.Producer(node, queue.AcksAll(), queue.Retries(5), queue.ProducerIDs())
//		producer.Send("customer 7", "order 1")
//	})
//	world.Node("mailer", func(node *sim.Node) {
//		topic.Consume(node, "mail", func(r queue.Record) { node.Sleep(10 * ms) })
//	})
//	world.Always("brokers agree on what is committed", topic.SameLog)
//	world.Run(10 * sec)
//	topic.Lost()       // acknowledged records that the leader does not have
//	topic.Duplicates() // extra copies in the log
//
// Each partition is a log with a leader. The other brokers fetch from it; those that
// keep up are in sync. A record is committed, and can be consumed, when all brokers in
// sync have it. When the leader dies the controller, a service that does not fail,
// makes another broker in sync the leader.
//
//	Acks0()     the producer does not wait
//	Acks1()     it waits for the leader: a crash loses what nobody had fetched,
//	            rate times lag
//	AcksAll()   it waits for all in sync: a crash loses nothing as long as a broker in
//	            sync leads next; with MinInSync(2) no record is acknowledged that
//	            stands on one broker only
//
// UncleanElection lets a broker lead that was not in sync when no other is left: the
// partition goes on, without what this broker did not have.
//
// A producer that gets no answer sends again (Retries), and the record may be there
// twice: with a loss of acknowledgements p, p/(1−p) extra copies for each. ProducerIDs
// numbers the records of a producer, and the leader drops what it has. It knows that from
// its log, so the next leader knows it, too. A node that starts again has a new producer:
// what it sends once more is another record.
//
// Records with a key go to the partition of the key, so they keep their order; those with
// an empty key go to all partitions in turn.
//
// The consumers of a group share the partitions: of c consumers on p partitions
// min(c, p) have something to do. A consumer handles one record at a time: n records
// that take s each take ⌈p/c⌉·s·n/p. Within a partition records are handled in order, and
// a slow one holds up those behind it. What was handled is committed as a position; a
// consumer that dies before is replaced by one that handles records again
// (CommitFirst turns that round: what it was handling is lost).
//
// # A queue of work
//
//	jobs := queue.NewWork(queue.Visibility(30*sec), queue.MostTries(3))
//	world.Node("jobs", jobs.Server)
//	… jobs.Put(node, "jobs", "resize 17") … job, err := jobs.Take(node, "jobs") … job.Done()
//
// A job that was taken and is not done within the visibility time-out is given to the
// next who asks; after so many tries it goes to the dead letters. So a job is done at least
// once; one that takes longer than the time-out is done twice.
//
// # Wrong on purpose
//
// Options of a topic: AckEarly (the leader answers AcksAll alone), ShrinkAlone (a leader
// decides by itself who is in sync), KeepTail (a broker that comes back keeps what was
// never committed), ForgetProducers (the next leader does not know what producers sent),
// ServeUncommitted (consumers get what is not committed), NoHandover (two consumers have
// one partition). Of a consumer: CommitFirst. Of a queue of work: TakeRemoves.
//
// # What it does not do
//
// There are no transactions over several partitions, no compaction and no retention; the
// controller is one service that does not fail, where Kafka's are several and agree by
// Raft. Followers pause between two fetches (FetchEvery), so that one can see how far they
// lag; Kafka's ask again at once and are kept waiting until there is something.
package queue
