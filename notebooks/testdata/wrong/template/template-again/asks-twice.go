// Wrong: asks again also when the first attempt was answered.
func Visit(node *sim.Node, patience time.Duration) error {
	node.Call("counter", "get", sim.Timeout(patience))
	_, err := node.Call("counter", "get", sim.Timeout(patience))
	return err
}
