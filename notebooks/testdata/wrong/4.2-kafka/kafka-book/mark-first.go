// It marks the order as booked, and books it then: a crash in between loses it.
func Bookkeeper(node *sim.Node, topic *queue.Topic) {
	topic.Consume(node, "book", func(r queue.Record) {
		if node.Disk.Bool(r.ID) {
			return
		}
		node.Disk.Set(r.ID, true)
		node.Disk.Append("book", r.ID+" "+r.Value)
		node.Disk.Sync()
	})
}
