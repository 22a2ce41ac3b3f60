// The vote is on its way to the disk when it is sent; a crash takes it away.
func grant(node *sim.Node, candidate string, term, last, lastTerm int) bool {
	if term > node.Disk.Int("term") {
		node.Disk.Set("term", term)
		node.Disk.Set("vote", "")
	}
	vote, own := node.Disk.Text("vote"), node.Disk.Int("lastTerm")
	behind := lastTerm < own || lastTerm == own && last < node.Disk.Int("last")
	granted := term == node.Disk.Int("term") && !behind && (vote == "" || vote == candidate)
	if granted {
		node.Disk.Set("vote", candidate)
	}
	return granted
}
