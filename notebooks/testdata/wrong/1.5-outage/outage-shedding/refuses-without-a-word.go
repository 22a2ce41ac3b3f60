// Wrong: refuses by not answering: the customer waits a second for nothing.
func Honest(node *sim.Node) {
	const work, patience = 100 * ms, 1 * sec
	done := node.Now()
	node.Handle("order", func(r *sim.Request) {
		ready := max(done, node.Now()) + work
		if ready > node.Now()+patience {
			return
		}
		done = ready
		node.After(ready-node.Now(), func() { r.Reply("receipt") })
	})
}
