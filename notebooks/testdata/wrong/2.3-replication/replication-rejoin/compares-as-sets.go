// Wrong: it compares texts, not positions: a text that the leader has anywhere counts as the same write.
// Rejoin makes the log of a node that comes back equal to the
// leader's, and returns the writes that it had to undo.
func Rejoin(node *sim.Node, leader string) []string {
	reply, err := node.Call(leader, "log?")
	for err != nil {
		reply, err = node.Call(leader, "log?")
	}
	theirs, known, undone := reply.Texts("writes"), map[string]bool{}, []string{}
	for _, write := range theirs {
		known[write] = true
	}
	for _, entry := range node.Disk.Log("log") {
		if !known[entry.(string)] {
			undone = append(undone, entry.(string))
		}
	}
	node.Disk.Truncate("log", 0)
	for _, write := range theirs {
		node.Disk.Append("log", write)
	}
	node.Disk.Sync()
	return undone
}
