// Wrong: works on all orders at the same time, each takes 100 ms.
func Honest(node *sim.Node) {
	const work, patience = 100 * ms, 1 * sec
	node.Handle("order", func(r *sim.Request) {
		ready := node.Now() + work
		if ready > node.Now()+patience {
			r.Reply("busy")
			return
		}
		node.After(ready-node.Now(), func() { r.Reply("receipt") })
	})
}
