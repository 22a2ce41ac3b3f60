// What was sent stands in memory: after a crash the broker appends again, or finds a gap.
func Broker(node *sim.Node) {
	next := map[string]int{}
	node.Handle("produce", func(r *sim.Request) {
		producer := r.Text("producer")
		if r.Int("sequence") > next[producer] {
			r.Reply("gap")
			return
		}
		if r.Int("sequence") == next[producer] {
			node.Disk.Append("log", fmt.Sprint(producer, " ", next[producer], " ", r.Text("record")))
			node.Disk.Sync()
			next[producer]++
		}
		r.Reply("ok")
	})
}
