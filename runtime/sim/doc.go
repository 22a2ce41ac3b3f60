// Package sim is a simulated distributed system: nodes that run ordinary Go
// functions, a network between them, disks, clocks, and faults, in virtual time.
// The same program and seed give the same run, on every machine.
//
// # A first world
//
//	func Greeter(node *sim.Node) {
//		node.Handle("hello", func(r *sim.Request) {
//			r.Reply("welcome", "from", node.Name)
//		})
//	}
//
//	world := sim.New(sim.Seed(7))
//	world.Nodes("alice bob", Greeter)
//	world.Send("alice", "hello")
//	world.Run(50 * ms)
//
// # Words
//
// One word for each concept, here and in every message:
//
//	world    a simulated system with one virtual clock and one seed
//	node     a machine of it, by name
//	program  the function of a node; its local variables are the node's memory
//	process  code of a node that may wait: the program, a handler that blocks, what node.Go starts
//	task     a process that can be waited for and cancelled (node.Start)
//	message  a kind and named fields of basic kinds, copied when it is sent
//	request  a message that can be answered with a reply
//	call     to send a request and wait for the reply: one attempt
//	link     the way of messages from one node to another
//	group    several nodes under one name: a zone, a shard, a side
//	topology which nodes have a link, where not all have; then they are neighbours
//	fault    what goes wrong, as a value with a beginning, an end and an opposite
//	nemesis  faults at random, from the seed
//	note     what a node writes into the trace
//	span     a stretch of a node's work that its program names (node.Span)
//	promise  a sentence about the world, judged after every event
//	verdict  what became of the promises
//	gauge    a number that is read at regular times (world.Sample); a series is what was read
//	flow     those who come and leave, of which Little's law is checked
//	trace    what happened; a transcript is its text, a timeline its picture
//	seed     the number from which everything random follows
//
// # Two styles
//
// Handlers (node.Handle) say what to do when a message comes. Blocking code
// (node.Receive, node.Call, node.Sleep) does one thing after another. Four sentences
// bind them:
//
//  1. A program is a function of a node; its local variables are the node's memory.
//  2. A node does one thing at a time. It gives way only where it waits, and when a
//     handler returns; after each of these, what it knew may have changed.
//  3. A program may register handlers and return, block for ever, or both. While a
//     handler blocks, the next message may enter it again.
//  4. A crash ends whatever was running or waiting. Disk stays; memory is made anew by
//     calling the function again.
//
// A message goes to the handler of its kind; else to a process that waits for it in
// Receive; else to the handler of "*"; else it waits in the node's mailbox. A node
// with handlers and no process refuses what nobody will ever take: that is a
// misspelt kind.
//
// # Time
//
// Time goes on only when nothing more happens at an instant. Code costs no time,
// unless the node has a service time (sim.Service), a disk (sim.Fsync), or sleeps.
// Events are ordered by time, and at one time by the order in which they were
// caused. world.Now is true time; node.Now is the node's own clock.
//
// # Errors and mistakes
//
// An error is what a correct program can meet: no reply (NoReply), a full disk
// (Full), a deadline that has passed (DeadlineExceeded). Everything else is a mistake and stops the run with a sentence: a field
// that a message does not have, a node that does not exist, a call from a goroutine
// that is no process of the node.
//
// # Faults
//
// A fault is made by a verb of the world, and begins at once, or At a time, or
// Between two, or when an event happens (OnNote, OnSend, OnArrival, When). Chance lets
// it come with a probability, Every again and again. What has an end has an opposite,
// which takes place at the end or by a verb of its own:
//
//	Crash/Restart, Pause/Resume      a node; Replace starts it with a new disk
//	Failures                         crashes and restarts for ever; CrashInto a chosen state of the disk
//	Slow, Drain                      a node that works, badly; sim.Watchdog kills it when that lasts
//	Partition/Heal                   also Isolate, Halves, Bridge, MajorityRing, Cut
//	Drop, Lossy, LossBursts, Clog    messages that do not arrive, or later; Heal ends them
//	Delay, Reorder                   messages that take longer
//	Duplicate, Corrupt               messages that arrive twice, or changed
//	SlowDisk, LoseSyncs, Rot         disks
//	StepClock, LeapSecond            clocks
//	Lie, Equivocate, Replay, Forge   nodes that are not honest; Lying(program) is one from the start
//
// Nemesis schedules faults at random. Settle ends those that concern a core of nodes and
// demands that a condition comes true.
//
// # Networks
//
// Options of a world hold for every link, world.Link and OneWay for some: Latency by a
// Distribution, Loss, Bursts, Duplicates, Corrupts, Bandwidth with Backlog and MaxSize,
// InOrder, Reliable. RoundTrips takes a table of zones, Topology a shape.
//
// # Numbers
//
// Sample reads a number over time. Sent, Delivered and Lost count messages; the trace
// counts bytes, calls and operations. A node with a service time, a queue of processes
// and every load know how many are in them and for how long; at the end of each run
// the engine holds Little's law against all of them, as exact numbers.
//
// # Determinism
//
// Random numbers come from streams of the seed with names of their own: the latency
// of what a node sends, losses, its node.Rand, its disk. One more draw in one place
// changes no other. The hash over all events (world.Hash) is the run's fingerprint;
// Repeatable compares two runs and names the first event that differs.
//
// # What it does not do
//
// It does not run real network or disk code, does not preempt node code that loops
// without waiting (interrupt the cell), and does not keep two nodes from sharing a
// Go variable: nodes that do are not distributed.
//
// # Speed
//
// The floor of any such engine is a heap of its events and the random numbers of their
// times. BenchmarkFloor measures the engine as a multiple of it, in the world that
// notebooks use: exponential latency, a partition in force, the hash over all events,
// no trace, two fields in each message. A message between compiled handlers costs
// 1.5 times the floor at 10 nodes, 1.2 at 1,000 (the engine's queue is quicker than a
// heap when many events wait) and 1.5 to 2.1 at 100,000; it allocates nothing. A blocking
// process costs two switches of a coroutine more: 4 to 5 times at 10 nodes. A process
// that waits holds 3 KB.
//
// That is with sim.Reuse. Without it a request lives as long as anybody holds it, and
// every message takes 128 bytes of fresh memory. What features cost, in nanoseconds of
// one event at 10 nodes where the floor is 77 (BenchmarkPrice, BenchmarkTracing; two
// shared cores of a busy machine):
//
//	nodes, links, hash; no fields      +14
//	two fields                         +20
//	three fields more                  +75 (of which two need memory)
//	a partition of other nodes          +9
//	a delay that concerns all          +22
//	a limit of size, InOrder      +10 to 13
//	links of their own                   0
//	a promise                       0 to 5
//	requests that may be kept          +72
//	blocking instead of handling      +130
//	the trace                    about as much as an event without it
//
// Five nodes that answer 200 operations a second, each copied to a majority, are
// simulated 1,500 times faster than real time, traced 1,000 times (BenchmarkRealTime).
// Handlers of cells are interpreted, 2 times the call of an empty function of a cell
// when they are empty, too (BenchmarkHandlers in kernel/worker).
package sim
