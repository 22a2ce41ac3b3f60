// Wrong: every attempt is charged.
func Bank(node *sim.Node) {
	node.Handle("charge", func(r *sim.Request) {
		customer := r.Text("customer")
		node.Disk.Set(customer, node.Disk.Int(customer)+r.Int("amount"))
		r.Reply("receipt")
	})
	node.Handle("owes", func(r *sim.Request) {
		r.Reply("sum", "amount", node.Disk.Int(r.Text("customer")))
	})
}
