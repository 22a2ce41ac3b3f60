// Wrong: exhausted is retried, too: attempts multiply.
func Polite(below string) func(*sim.Node) {
	return func(node *sim.Node) {
			node.Handle("read", func(r *sim.Request) {
			for range 4 {
				reply, err := node.Call(below, "read", sim.Timeout(10*sec))
				if err != nil || reply.Kind == "unavailable" || reply.Kind == "exhausted" {
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
