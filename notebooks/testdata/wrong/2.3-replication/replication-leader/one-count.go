// Wrong: one count for all writes: confirmations of one count for another.
// WaitingLeader answers a write when so many of its followers have it.
func WaitingLeader(followers []string, wait int) func(node *sim.Node) {
	return func(node *sim.Node) {
		asked, have := map[string]*sim.Request{}, map[string]map[string]bool{"all": {}}
		node.Handle("write", func(r *sim.Request) {
			value := r.Text("value")
			keep(node, value)
			asked[value], have[value] = r, map[string]bool{}
			for _, follower := range followers {
				node.Send(follower, "copy", "value", value)
			}
			if wait == 0 {
				r.Reply("written")
			}
		})
		node.Handle("copied", func(r *sim.Request) {
			value := r.Text("value")
			have["all"][value+r.From] = true
			if len(have["all"]) >= wait && !asked[value].Replied() {
				asked[value].Reply("written")
			}
		})
	}
}
