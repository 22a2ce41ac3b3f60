// Wrong: it asks once; when the answer is lost it goes on with nothing.
// Rejoin makes the log of a node that comes back equal to the
// leader's, and returns the writes that it had to undo.
func Rejoin(node *sim.Node, leader string) []string {
	reply, err := node.Call(leader, "log?")
	if err != nil {
		return nil
	}
	theirs, same, undone := reply.Texts("writes"), 0, []string{}
	for i, entry := range node.Disk.Log("log") {
		if same == i && i < len(theirs) && theirs[i] == entry.(string) {
			same++
		} else {
			undone = append(undone, entry.(string))
		}
	}
	node.Disk.Truncate("log", same)
	for _, write := range theirs[same:] {
		node.Disk.Append("log", write)
	}
	node.Disk.Sync()
	return undone
}
