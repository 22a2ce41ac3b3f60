// Wrong: takes busy for a refusal.
func Pay(node *sim.Node, id int, patience time.Duration) string {
	end := node.Now() + patience
	for range 3 {
		left := end - node.Now()
		if left <= 0 {
			break
		}
		reply, err := node.Call("card", "charge", "id", id, sim.Timeout(min(left, 50*ms)))
		switch {
		case err != nil:
			continue
		case reply.Kind == "receipt":
			return "paid"
		default:
			return reply.Kind
		}
	}
	return "unknown"
}
