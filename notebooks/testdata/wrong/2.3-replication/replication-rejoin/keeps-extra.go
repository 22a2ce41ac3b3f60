// Wrong: it appends what it lacks and keeps its own extra writes.
// Rejoin makes the log of a node that comes back equal to the
// leader's, and returns the writes that it had to undo.
func Rejoin(node *sim.Node, leader string) []string {
	reply, err := node.Call(leader, "log?")
	for err != nil {
		reply, err = node.Call(leader, "log?")
	}
	theirs := reply.Texts("writes")
	for _, write := range theirs[min(node.Disk.Len("log"), len(theirs)):] {
		node.Disk.Append("log", write)
	}
	node.Disk.Sync()
	return nil
}
