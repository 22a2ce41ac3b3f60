// Does not forget its vote when a newer term begins.
func grant(node *sim.Node, candidate string, term, last, lastTerm int) bool {
	vote, own := node.Disk.Text("vote"), node.Disk.Int("lastTerm")
	behind := lastTerm < own || lastTerm == own && last < node.Disk.Int("last")
	if term < node.Disk.Int("term") || behind || vote != "" && vote != candidate {
		return false
	}
	node.Disk.Set("term", term)
	node.Disk.Set("vote", candidate)
	return true
}
