// Wrong: lets one more in than there is room for.
func Polite(limit int) func(node *sim.Node) {
	return func(node *sim.Node) {
		inside := 0
		node.Handle("get", func(r *sim.Request) {
			if inside > limit {
				r.Reply("full")
				return
			}
			inside++
			node.Sleep(10 * ms)
			inside--
			r.Reply("ticket")
		})
	}
}
