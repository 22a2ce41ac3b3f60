// A job is done before its mail is sent: a crash, or a refusal, loses it.
func Mailer(node *sim.Node, topic *queue.Topic, retries *queue.Work) {
	sent := func(text string) bool {
		r, err := node.Call("smtp", "mail", "text", text)
		return err == nil && r.Kind == "ok"
	}
	topic.Consume(node, "mail", func(r queue.Record) {
		if sent(r.Value) {
			return
		}
		for retries.Put(node, "retries", r.Value) != nil {
			node.Sleep(10 * ms)
		}
	})
	node.Go(func() {
		for {
			job, err := retries.Take(node, "retries")
			if err != nil {
				node.Sleep(10 * ms)
				continue
			}
			job.Done()
			if !sent(job.Text) {
				retries.Put(node, "retries", job.Text)
			}
		}
	})
}
