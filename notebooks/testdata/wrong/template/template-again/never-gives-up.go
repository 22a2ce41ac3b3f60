// Wrong: asks until there is an answer.
func Visit(node *sim.Node, patience time.Duration) error {
	_, err := node.Call("counter", "get", sim.Timeout(patience))
	for err != nil {
		_, err = node.Call("counter", "get", sim.Timeout(patience))
	}
	return err
}
