// It does not look whether the queue confirmed the job: one that got lost on the way is gone.
func Mailer(node *sim.Node, topic *queue.Topic, retries *queue.Work) {
	sent := func(text string) bool {
		r, err := node.Call("smtp", "mail", "text", text)
		return err == nil && r.Kind == "ok"
	}
	topic.Consume(node, "mail", func(r queue.Record) {
		if !sent(r.Value) {
			retries.Put(node, "retries", r.Value)
		}
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
