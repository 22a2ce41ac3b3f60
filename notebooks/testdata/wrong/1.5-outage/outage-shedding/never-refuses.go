// Wrong: everything is taken on, also what nobody will wait for.
func Honest(node *sim.Node) {
	const work, patience = 100 * ms, 1 * sec
	done := node.Now()
	node.Handle("order", func(r *sim.Request) {
		ready := max(done, node.Now()) + work
		done = ready
		node.After(ready-node.Now(), func() { r.Reply("receipt") })
	})
}
