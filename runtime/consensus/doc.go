// Package consensus has servers that agree on one sequence of commands.
//
//	cluster := consensus.Raft("a b c d e")
//	world := sim.New(sim.Seed(1))
//	world.Nodes("a b c d e", cluster.Server)
//	world.Node("ann", func(node *sim.Node) {
//		client := cluster.Client(node)
//		client.Submit("set x 1")
//	})
//	world.Always("at most one leader in a term", cluster.OneLeader)
//	world.Always("all apply the same commands", cluster.SameLog)
//	world.Run(2 * sec)
//
// # Two implementations
//
// Raft is the course's own, written to be read: raft.go follows Figure 2 of Ongaro
// and Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014). Etcd
// runs go.etcd.io/raft, which runs in production, with the same messages around it,
// the same clients, and under the same promises.
//
// # What a server does
//
// It keeps term, vote and log on disk, everything else in memory. It notes
//
//	role=follower|candidate|leader term=N    when it changes
//	appended=INDEX                           a leader: a command is on its disk and not yet sent
//	committed=INDEX                          a leader: a majority has it
//
// so that faults can happen at these moments:
//
//	world.Crash("a").OnNote("a", "appended")
//
// Messages are vote? and vote, append and appended, and submit of clients, which is
// answered by committed, or by not-leader with the leader's name.
//
// # Commands
//
// A command is a text. Each server applies committed commands, in order, to a machine
// of its own: by default a store of "set KEY VALUE", "add KEY N", "get KEY" (Store);
// Machine gives another. A command with an id that was applied before is not applied
// again, so a client may retry.
//
// # Elections by the thousand
//
// Elect holds many elections in one world, each among servers that have just started,
// and tells how many terms each took and how long. It is the election code of raft.go,
// so it measures what chapter 9 of Ongaro's dissertation (2014) simulates. With
// sim.Untraced and sim.Reuse an election of five servers, one of them down, costs some
// 20 microseconds. What takes a million of them is a benchmark:
//
//	go test ./runtime/consensus -run - -bench SplitVotes -benchtime 1000000x
//
// # A rule of one's own
//
// CommitRule gives leaders another rule by which they commit, to try one in a whole
// cluster.
//
// # Wrong on purpose
//
// Options of Raft, each of which breaks a promise in a story of wrong_test.go with every
// seed, while Raft without them, and Etcd, keep theirs:
//
//	ForgetVote        the vote is not on disk: a server that restarts votes again
//	CommitOldTerm     an entry of an older term counts as committed when a majority
//	                  has it (Figure 8 of the paper)
//	IgnoreLog         servers vote for candidates whose log is behind
//	ReplyBeforeSync   servers acknowledge what is not on disk
//	SmallQuorum       half of the servers decide, and so may the other half
package consensus
