// Votes in terms that are over.
func grant(node *sim.Node, candidate string, term, last, lastTerm int) bool {
	if term != node.Disk.Int("term") {
		node.Disk.Set("term", term)
		node.Disk.Set("vote", "")
	}
	vote, own := node.Disk.Text("vote"), node.Disk.Int("lastTerm")
	behind := lastTerm < own || lastTerm == own && last < node.Disk.Int("last")
	if behind || vote != "" && vote != candidate {
		return false
	}
	node.Disk.Set("vote", candidate)
	return true
}
