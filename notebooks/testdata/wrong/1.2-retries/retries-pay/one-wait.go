// Wrong: waits for one attempt until patience is over.
func Pay(node *sim.Node, id int, patience time.Duration) string {
	end := node.Now() + patience
	for range 3 {
		left := end - node.Now()
		if left <= 0 {
			break
		}
		reply, err := node.Call("card", "charge", "id", id, sim.Timeout(left))
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
