// Wrong: forgets that people leave again.
func Polite(limit int) func(node *sim.Node) {
	return func(node *sim.Node) {
		inside := 0
		node.Handle("get", func(r *sim.Request) {
			if inside == limit {
				r.Reply("full")
				return
			}
			inside++
			node.Sleep(10 * ms)
			r.Reply("ticket")
		})
	}
}
