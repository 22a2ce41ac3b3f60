// Wrong: what it changed is not synced, and gone after a crash.
// Rejoin makes the log of a node that comes back equal to the
// leader's, and returns the writes that it had to undo.
func Rejoin(node *sim.Node, leader string) []string {
	reply, err := node.Call(leader, "log?")
	for err != nil {
		reply, err = node.Call(leader, "log?")
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
	return undone
}
