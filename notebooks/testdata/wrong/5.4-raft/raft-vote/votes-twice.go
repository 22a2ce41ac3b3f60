// Votes for whoever asks in its term, as long as the log is good enough.
func grant(node *sim.Node, candidate string, term, last, lastTerm int) bool {
	if term < node.Disk.Int("term") {
		return false
	}
	own := node.Disk.Int("lastTerm")
	behind := lastTerm < own || lastTerm == own && last < node.Disk.Int("last")
	if !behind {
		node.Disk.Set("term", term)
		node.Disk.Set("vote", candidate)
	}
	node.Disk.Sync()
	return !behind
}
