// Compares the lengths of the logs alone: a long log of old terms beats a short new one.
func grant(node *sim.Node, candidate string, term, last, lastTerm int) bool {
	if term > node.Disk.Int("term") {
		node.Disk.Set("term", term)
		node.Disk.Set("vote", "")
	}
	vote := node.Disk.Text("vote")
	behind := last < node.Disk.Int("last")
	if term < node.Disk.Int("term") || behind || vote != "" && vote != candidate {
		return false
	}
	node.Disk.Set("vote", candidate)
	return true
}
