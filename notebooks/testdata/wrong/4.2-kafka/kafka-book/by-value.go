// It recognises orders by what is ordered: two equal orders become one.
func Bookkeeper(node *sim.Node, topic *queue.Topic) {
	topic.Consume(node, "book", func(r queue.Record) {
		for _, line := range node.Disk.Log("book") {
			if strings.HasSuffix(line.(string), " "+r.Value) {
				return
			}
		}
		node.Disk.Append("book", r.ID+" "+r.Value)
		node.Disk.Sync()
	})
}
