// Wrong: gives up after one attempt.
func Visit(node *sim.Node, patience time.Duration) error {
	_, err := node.Call("counter", "get", sim.Timeout(patience))
	return err
}
