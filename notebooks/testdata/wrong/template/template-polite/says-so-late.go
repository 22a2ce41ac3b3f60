// Wrong: lets those wait who find no room, before it says so.
func Polite(limit int) func(node *sim.Node) {
	return func(node *sim.Node) {
		inside := 0
		node.Handle("get", func(r *sim.Request) {
			inside++
			room := inside <= limit
			node.Sleep(10 * ms)
			inside--
			if room {
				r.Reply("ticket")
			} else {
				r.Reply("full")
			}
		})
	}
}
