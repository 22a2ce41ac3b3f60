// Each record is handled in the background, so its position is committed before it is: a crash loses mails.
func Mailer(node *sim.Node, topic *queue.Topic, retries *queue.Work) {
	sent := func(text string) bool {
		r, err := node.Call("smtp", "mail", "text", text)
		return err == nil && r.Kind == "ok"
	}
	topic.Consume(node, "mail", func(r queue.Record) {
		node.Go(func() {
			if sent(r.Value) {
				return
			}
			for retries.Put(node, "retries", r.Value) != nil {
				node.Sleep(10 * ms)
			}
		})
	})
	node.Go(func() {
		for {
			job, err := retries.Take(node, "retries")
			if err != nil {
				node.Sleep(10 * ms)
			} else if sent(job.Text) {
				job.Done()
			}
		}
	})
}
