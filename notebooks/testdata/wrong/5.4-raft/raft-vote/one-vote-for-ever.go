// Does not forget its vote when a newer term begins.
func grant(node *sim.Node, candidate string, term, last, lastTerm int) bool {
	if term < node.Disk.Int("term") {
		return false
	}
	vote, own := node.Disk.Text("vote"), node.Disk.Int("lastTerm")
	behind := lastTerm < own || lastTerm == own && last < node.Disk.Int("last")
	granted := !behind && (vote == "" || vote == candidate)
	if granted {
		node.Disk.Set("term", term)
		node.Disk.Set("vote", candidate)
	}
	node.Disk.Sync()
	return granted
}
