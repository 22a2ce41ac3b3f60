// The line is not made durable before the answer: a crash loses what was acknowledged.
func Broker(node *sim.Node) {
	node.Handle("produce", func(r *sim.Request) {
		producer, next := r.Text("producer"), 0
		for _, line := range node.Disk.Log("log") {
			if strings.HasPrefix(line.(string), producer+" ") {
				next++
			}
		}
		if r.Int("sequence") > next {
			r.Reply("gap")
			return
		}
		if r.Int("sequence") == next {
			node.Disk.Append("log", fmt.Sprint(producer, " ", next, " ", r.Text("record")))
		}
		r.Reply("ok")
	})
}
