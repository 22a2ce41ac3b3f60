// Wrong: passes on the kind of a message without what it carries.
func Polite(below string) func(*sim.Node) {
	return func(node *sim.Node) {
			node.Handle("read", func(r *sim.Request) {
			for range 4 {
				reply, err := node.Call(below, "read", sim.Timeout(10*sec))
				if err != nil || reply.Kind == "unavailable" {
					continue
				}
				if reply.Kind == "value" {
					r.Reply("value")
				} else {
					r.Reply(reply.Kind)
				}
				return
			}
			r.Reply("exhausted")
		})
		}
}
