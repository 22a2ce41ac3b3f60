// Wrong: the ids of all customers are taken for one series.
func Bank(node *sim.Node) {
	node.Handle("charge", func(r *sim.Request) {
		entry := fmt.Sprint("order ", r.Int("id"))
		if !node.Disk.Has(entry) {
			node.Disk.Set(entry, r.Text("customer"))
			node.Disk.Set("of "+r.Text("customer"), node.Disk.Int("of "+r.Text("customer"))+r.Int("amount"))
		}
		r.Reply("receipt")
	})
	node.Handle("owes", func(r *sim.Request) {
		r.Reply("sum", "amount", node.Disk.Int("of "+r.Text("customer")))
	})
}
