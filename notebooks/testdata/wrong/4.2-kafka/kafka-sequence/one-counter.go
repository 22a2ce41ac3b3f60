// One counter for all producers: the second one finds gaps or duplicates that are none.
func Broker(node *sim.Node) {
	node.Handle("produce", func(r *sim.Request) {
		next := node.Disk.Len("log")
		if r.Int("sequence") > next {
			r.Reply("gap")
			return
		}
		if r.Int("sequence") == next {
			node.Disk.Append("log", fmt.Sprint(r.Text("producer"), " ", next, " ", r.Text("record")))
			node.Disk.Sync()
		}
		r.Reply("ok")
	})
}
