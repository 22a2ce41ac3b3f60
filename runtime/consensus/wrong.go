package consensus

// wrong is what servers do wrong, on purpose.
type wrong struct{ forgetVote, commitOldTerm, ignoreLog, replyBeforeSync, smallQuorum bool }

// ForgetVote is wrong: a server that restarts has forgotten for whom it voted, and may
// vote twice in one term.
func ForgetVote() Option { return func(c *Cluster) { c.wrong.forgetVote = true } }

// CommitOldTerm is wrong: a leader adds no entry when it begins, and counts those of
// older terms instead. One that a majority has counts as committed, and another leader
// may still overwrite it.
func CommitOldTerm() Option { return func(c *Cluster) { c.wrong.commitOldTerm = true } }

// IgnoreLog is wrong: servers vote for candidates whose log lacks committed entries.
func IgnoreLog() Option { return func(c *Cluster) { c.wrong.ignoreLog = true } }

// ReplyBeforeSync is wrong: servers acknowledge entries that a crash may take away.
func ReplyBeforeSync() Option { return func(c *Cluster) { c.wrong.replyBeforeSync = true } }

// SmallQuorum is wrong: half of the servers decide, and so may the other half.
func SmallQuorum() Option { return func(c *Cluster) { c.wrong.smallQuorum = true } }
