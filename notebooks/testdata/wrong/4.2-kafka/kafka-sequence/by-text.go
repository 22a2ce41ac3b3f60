// Duplicates are recognised by their text: who orders the same thing twice gets it once.
func Broker(node *sim.Node) {
	node.Handle("produce", func(r *sim.Request) {
		producer, next := r.Text("producer"), 0
		for _, line := range node.Disk.Log("log") {
			if strings.HasPrefix(line.(string), producer+" ") {
				next++
				if strings.HasSuffix(line.(string), " "+r.Text("record")) {
					r.Reply("ok")
					return
				}
			}
		}
		if r.Int("sequence") > next {
			r.Reply("gap")
			return
		}
		node.Disk.Append("log", fmt.Sprint(producer, " ", next, " ", r.Text("record")))
		node.Disk.Sync()
		r.Reply("ok")
	})
}
