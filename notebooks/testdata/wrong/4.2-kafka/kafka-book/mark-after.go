// It books the order, and marks it then: a crash in between books it twice.
func Bookkeeper(node *sim.Node, topic *queue.Topic) {
	topic.Consume(node, "book", func(r queue.Record) {
		if node.Disk.Bool(r.ID) {
			return
		}
		node.Disk.Append("book", r.ID+" "+r.Value)
		node.Disk.Sync()
		node.Disk.Set(r.ID, true)
	})
}
