// It does not look whether the order is there: what is given again is booked again.
func Bookkeeper(node *sim.Node, topic *queue.Topic) {
	topic.Consume(node, "book", func(r queue.Record) {
		node.Disk.Append("book", r.ID+" "+r.Value)
		node.Disk.Sync()
	})
}
