// Wrong: what was refused is counted as work taken on, so that it refuses far too long.
func Honest(node *sim.Node) {
	const work, patience = 100 * ms, 1 * sec
	done := node.Now()
	node.Handle("order", func(r *sim.Request) {
		ready := max(done, node.Now()) + work
		done = ready
		if ready > node.Now()+patience {
			r.Reply("busy")
			return
		}
		node.After(ready-node.Now(), func() { r.Reply("receipt") })
	})
}
