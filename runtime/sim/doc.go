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
//	message  a kind and named fields of basic kinds, copied when it is sent
//	request  a message that can be answered with a reply
//	call     to send a request and wait for the reply: one attempt
//	link     the way of messages from one node to another
//	fault    what goes wrong, as a value with a beginning, an end and an opposite
//	note     what a node writes into the trace
//	promise  a sentence about the world, judged after every event
//	verdict  what became of the promises
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
// (Full). Everything else is a mistake and stops the run with a sentence: a field
// that a message does not have, a node that does not exist, a call from a goroutine
// that is no process of the node.
//
// # Faults
//
// A fault is made by a verb of the world, and begins at once, or At a time, or
// Between two, or when an event happens (OnNote, OnSend, OnArrival, When). What has
// an end has an opposite, which takes place at the end or by a verb of its own:
//
//	Crash/Restart, Pause/Resume      a node; Replace starts it with a new disk
//	Partition/Heal                   also Isolate, Bridge, MajorityRing, Cut
//	Drop, Lossy, Delay, Clog         messages; Heal ends them
//	Slow, Drain                      a node that works, badly
//	LoseSyncs, Rot, StepClock        disks and clocks
//	Lie, Equivocate, Replay          nodes that are not honest
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
// A message between handlers costs a few hundred nanoseconds of compiled code and
// allocates nothing; a blocking process costs a switch of a coroutine more. See
// BenchmarkFloor.
package sim
