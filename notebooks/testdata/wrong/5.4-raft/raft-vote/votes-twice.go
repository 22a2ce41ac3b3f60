// Votes for whoever asks in its term, if only the log is good enough.
func grant(node *sim.Node, candidate string, term, last, lastTerm int) bool {
	own := node.Disk.Int("lastTerm")
	behind := lastTerm < own || lastTerm == own && last < node.Disk.Int("last")
	if term < node.Disk.Int("term") || behind {
		return false
	}
	node.Disk.Set("term", term)
	node.Disk.Set("vote", candidate)
	return true
}
