// Wrong: the books of ann contain those of anna.
func Bank(node *sim.Node) {
	node.Handle("charge", func(r *sim.Request) {
		entry := fmt.Sprint(r.Text("customer"), " ", r.Int("id"))
		node.Disk.Set(entry, r.Int("amount")) // a second time changes nothing
		r.Reply("receipt")
	})
	node.Handle("owes", func(r *sim.Request) {
		sum := 0
		for _, entry := range node.Disk.Keys() {
			if strings.HasPrefix(entry, r.Text("customer")) {
				sum += node.Disk.Int(entry)
			}
		}
		r.Reply("sum", "amount", sum)
	})
}
