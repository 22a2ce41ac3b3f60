// It remembers in memory what was booked: a crash forgets that.
func Bookkeeper(node *sim.Node, topic *queue.Topic) {
	seen := map[string]bool{}
	topic.Consume(node, "book", func(r queue.Record) {
		if seen[r.ID] {
			return
		}
		seen[r.ID] = true
		node.Disk.Append("book", r.ID+" "+r.Value)
		node.Disk.Sync()
	})
}
