// Wrong: the charge is on the disk before the id is; a crash between the two, and it is charged twice.
func Bank(node *sim.Node) {
	node.Handle("charge", func(r *sim.Request) {
		customer := r.Text("customer")
		entry := fmt.Sprint(customer, " ", r.Int("id"))
		if !node.Disk.Has(entry) {
			node.Disk.Set(customer, node.Disk.Int(customer)+r.Int("amount"))
			node.Disk.Set(entry, true)
		}
		r.Reply("receipt")
	})
	node.Handle("owes", func(r *sim.Request) {
		r.Reply("sum", "amount", node.Disk.Int(r.Text("customer")))
	})
}
