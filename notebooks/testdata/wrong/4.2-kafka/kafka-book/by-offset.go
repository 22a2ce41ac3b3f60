// It recognises orders by their offset: a copy has another one.
func Bookkeeper(node *sim.Node, topic *queue.Topic) {
	topic.Consume(node, "book", func(r queue.Record) {
		if node.Disk.Len("offsets") > r.Offset {
			return
		}
		node.Disk.Append("book", r.ID+" "+r.Value)
		node.Disk.Append("offsets", r.Offset)
		node.Disk.Sync()
	})
}
