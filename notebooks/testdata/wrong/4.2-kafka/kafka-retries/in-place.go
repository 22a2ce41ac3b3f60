// It tries each mail until it is sent: everything behind a bad one waits for ever.
func Mailer(node *sim.Node, topic *queue.Topic, retries *queue.Work) {
	sent := func(text string) bool {
		r, err := node.Call("smtp", "mail", "text", text)
		return err == nil && r.Kind == "ok"
	}
	topic.Consume(node, "mail", func(r queue.Record) {
		for !sent(r.Value) {
			node.Sleep(10 * ms)
		}
	})
}
