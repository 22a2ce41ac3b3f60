// Wrong: each attempt has an id of its own.
func Pay(node *sim.Node, id int, patience time.Duration) string {
	end := node.Now() + patience
	for i := range 3 {
		left := end - node.Now()
		if left <= 0 {
			break
		}
		reply, err := node.Call("card", "charge", "id", id+i, sim.Timeout(min(left, 50*ms)))
		switch {
		case err != nil || reply.Kind == "busy":
			continue
		case reply.Kind == "receipt":
			return "paid"
		default:
			return reply.Kind
		}
	}
	return "unknown"
}
