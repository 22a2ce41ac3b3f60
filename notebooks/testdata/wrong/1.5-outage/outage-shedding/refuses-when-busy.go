// Wrong: refuses whenever it is busy, although nine customers could wait.
func Honest(node *sim.Node) {
	const work, patience = 100 * ms, 1 * sec
	done := node.Now()
	node.Handle("order", func(r *sim.Request) {
		ready := max(done, node.Now()) + work
		if done > node.Now() {
			r.Reply("busy")
			return
		}
		done = ready
		node.After(ready-node.Now(), func() { r.Reply("receipt") })
	})
}
