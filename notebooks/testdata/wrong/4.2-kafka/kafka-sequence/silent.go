// A duplicate is dropped without an answer: the producer repeats it for ever.
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
		}
		if r.Int("sequence") != next {
			return
		}
		node.Disk.Append("log", fmt.Sprint(producer, " ", next, " ", r.Text("record")))
		node.Disk.Sync()
		r.Reply("ok")
	})
}
