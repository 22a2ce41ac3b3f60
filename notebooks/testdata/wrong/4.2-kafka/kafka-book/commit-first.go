// The position is committed first: what it was booking when it crashed is lost.
func Bookkeeper(node *sim.Node, topic *queue.Topic) {
	topic.Consume(node, "book", func(r queue.Record) {
		line := r.ID + " " + r.Value
		if !slices.Contains(node.Disk.Log("book"), any(line)) {
			node.Disk.Append("book", line)
		}
		node.Disk.Sync()
	}, queue.CommitFirst())
}
