// What fails is forgotten: nobody waits, and some never get their mail.
func Mailer(node *sim.Node, topic *queue.Topic, retries *queue.Work) {
	sent := func(text string) bool {
		r, err := node.Call("smtp", "mail", "text", text)
		return err == nil && r.Kind == "ok"
	}
	topic.Consume(node, "mail", func(r queue.Record) {
		sent(r.Value)
	})
}
