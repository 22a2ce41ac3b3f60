package consensus

import "netsplit/runtime/host"

// CommitRule gives a cluster another rule by which its leaders commit. The rule is
// asked whenever a follower has answered:
//
//   - match: for each server, the leader included, up to which index its log is known to be the
//     leader's;
//   - terms: the terms of the leader's entries; terms[0] is before the first;
//   - term: the leader's own;
//   - committed: up to which index the leader has committed.
//
// It gives up to which index is committed now. A leader of such a cluster begins its
// term without an entry of its own, so that the rule alone decides.
func CommitRule(rule func(match, terms []int, term, committed int) int) Option {
	return func(c *Cluster) { c.rule = rule }
}

// ask commits what the cluster's own rule says.
func (s *server) ask() {
	match, terms := make([]int, len(s.members)), make([]int, len(s.log))
	for i, name := range s.members {
		match[i] = s.matchIndex[name]
	}
	for i, e := range s.log {
		terms[i] = e.term
	}
	index := s.rule(match, terms, s.currentTerm, s.commitIndex)
	if index < 0 || index >= len(s.log) {
		host.Mistakef("the commit rule says that %d entries are committed; the leader's log has %d", index, len(s.log)-1)
	}
	if index > s.commitIndex {
		s.node.Note("committed", index)
		s.commit(index)
	}
}
