// Whatever is not there is appended: records of a producer stand in the wrong order.
func Broker(node *sim.Node) {
	node.Handle("produce", func(r *sim.Request) {
		line := fmt.Sprint(r.Text("producer"), " ", r.Int("sequence"), " ", r.Text("record"))
		if !slices.Contains(node.Disk.Log("log"), any(line)) {
			node.Disk.Append("log", line)
			node.Disk.Sync()
		}
		r.Reply("ok")
	})
}
