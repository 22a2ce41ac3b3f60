// Wrong: three attempts, not four.
func Polite(below string) func(*sim.Node) {
	return func(node *sim.Node) {
			node.Handle("read", func(r *sim.Request) {
			for range 3 {
				reply, err := node.Call(below, "read", sim.Timeout(10*sec))
				if err != nil || reply.Kind == "unavailable" {
					continue
				}
				if reply.Kind == "value" {
					r.Reply("value", "is", reply.Int("is"))
				} else {
					r.Reply(reply.Kind)
				}
				return
			}
			r.Reply("exhausted")
		})
		}
}
