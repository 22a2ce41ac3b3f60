// Package replica keeps copies of data on several servers.
//
//	group := replica.New("a b c", replica.SemiSynchronous())
//	world.Nodes("a b c", group.Server)
//	world.Node("master", group.Master)
//	world.Node("ann", func(node *sim.Node) {
//		client := group.Client(node)
//		client.Write("x", "1")
//		value, err := client.Read("x")
//	})
//	world.Crash("a").At(1 * sec)
//	world.Run(5 * sec)
//	group.Lost()       // acknowledged writes that the new leader does not have
//
// # When a write is acknowledged
//
//	Asynchronous()      when the leader has it
//	SemiSynchronous()   when one follower has it, too
//	Synchronous()       when all servers of the view have it
//	Chain()             when it has gone through all servers, one after the other
//
// In a chain (van Renesse and Schneider, "Chain Replication for Supporting High
// Throughput and Availability", OSDI 2004) the head takes writes, each server passes
// them on, the tail answers them and all reads. Elsewhere the leader does both.
//
// A crash of the leader loses, of n writes a second that were acknowledged, those of
// the time that it takes until the survivor has them: n·lag with Asynchronous, none
// with the others. ShipAfter and ShipEvery make the lag.
//
// Messages may overtake each other; who misses one asks for it when the next comes. One
// that the network loses is missed until then: links that lose messages want
// sim.Reliable, as TCP.
//
// # Views
//
// The master is a service that does not fail. It asks every server whether it lives;
// when one has not answered for the time of Detect it announces a new view, without
// it: a number and the servers in order, of which the first leads. The first is the
// server that has the most writes. A server that was down comes back at the end of the
// order, after it got everything. Servers ignore what comes from an older view.
//
// # What it costs
//
// Costs says how long a server's one processor works on a read, on a write as the
// first server, and on a write as another. Messages are served in the order in which
// they come; acknowledgements cost nothing.
//
// # Failover
//
// Who has most of those that answer leads. That is right as long as servers fail one at
// a time: a semi-synchronous write is on two of them, and when both are silent at once
// nobody else has it. Heir gives the choice to a function, which may wait for who is
// missing. Fencing keeps the old leader from harm: a server that has heard of a newer
// view refuses the older ones. An asynchronous leader needs nobody, so no fencing keeps
// it from acknowledging alone; what it acknowledged is cut off when it comes back.
//
// Fixed does without a master: nobody is removed, and a write waits for whom it needs.
//
// # Wrong on purpose
//
// Each is an option, and there is a world in which it breaks its promise with every seed
// (wrong_test.go), while the right group keeps it:
//
//	PromoteFirst()       the next in the order leads, whatever it has: acknowledged writes are lost
//	AcknowledgeEarly()   the answer goes out with the copies: a crash right then loses the write
//	NoFencing()          the others listen to a leader that was replaced: it overwrites the new one's writes
//	KeepExtra()          who comes back keeps its own writes: the replicas differ (Diverged)
//	ReadAnywhere()       in a chain any server answers reads, also of what is not acknowledged
package replica
