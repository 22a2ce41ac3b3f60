// Wrong: the ids are in memory, so a crash forgets them and the retry is charged again.
func Bank(node *sim.Node) {
	seen := map[string]bool{}
	node.Handle("charge", func(r *sim.Request) {
		customer := r.Text("customer")
		if entry := fmt.Sprint(customer, " ", r.Int("id")); !seen[entry] {
			seen[entry] = true
			node.Disk.Set(customer, node.Disk.Int(customer)+r.Int("amount"))
		}
		r.Reply("receipt")
	})
	node.Handle("owes", func(r *sim.Request) {
		r.Reply("sum", "amount", node.Disk.Int(r.Text("customer")))
	})
}
