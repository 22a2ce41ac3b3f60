// Remembers in memory for whom it voted: a note is gone after a crash.
func grant(node *sim.Node, candidate string, term, last, lastTerm int) bool {
	if term > node.Disk.Int("term") {
		node.Disk.Set("term", term)
		node.Note("vote", "")
	}
	vote, _ := node.Noted("vote").(string)
	own := node.Disk.Int("lastTerm")
	behind := lastTerm < own || lastTerm == own && last < node.Disk.Int("last")
	if term < node.Disk.Int("term") || behind || vote != "" && vote != candidate {
		return false
	}
	node.Note("vote", candidate)
	return true
}
