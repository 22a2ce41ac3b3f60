// Wrong: lets everybody in.
func Polite(limit int) func(node *sim.Node) {
	return func(node *sim.Node) {
		node.Handle("get", func(r *sim.Request) {
			node.Sleep(10 * ms)
			r.Reply("ticket")
		})
	}
}
