// Wrong: it waits for all followers, whatever was asked for.
// WaitingLeader answers a write when so many of its followers have it.
func WaitingLeader(followers []string, wait int) func(node *sim.Node) {
	return func(node *sim.Node) {
		asked, have := map[string]*sim.Request{}, map[string]map[string]bool{}
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
			have[value][r.From] = true
			if len(have[value]) >= len(followers) && !asked[value].Replied() {
				asked[value].Reply("written")
			}
		})
	}
}
