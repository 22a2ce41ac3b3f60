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
//
// Each partition is a log with a leader. The other brokers fetch from it; those that
// keep up are in sync. A record is committed, and can be consumed, when all brokers in
// sync have it. When the leader dies the controller, a service that does not fail,
// makes another broker in sync the leader.
//
//	Acks0()     the producer does not wait
//	Acks1()     it waits for the leader: a crash loses what nobody had fetched,
//	            rate times lag
//	AcksAll()   it waits for all in sync: a crash loses nothing as long as MinInSync
//	            brokers must be in sync
//
// UncleanElection lets a broker lead that was not in sync when no other is left: the
// partition goes on, without what this broker did not have.
//
// A producer that gets no answer sends again (Retries), and the record may be there
// twice: with a loss of acknowledgements p, p/(1−p) extra copies for each. ProducerIDs
// numbers the records of a producer, and the leader drops what it has.
//
// The consumers of a group share the partitions: of c consumers on p partitions
// min(c, p) have something to do. Within a partition records are handled in order, and
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
// next who asks; after so many tries it goes to the dead letters.
package queue
