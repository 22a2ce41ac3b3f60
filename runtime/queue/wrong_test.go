package queue_test

import (
	"fmt"
	"slices"
	"testing"

	"netsplit/runtime/grade"
	"netsplit/runtime/queue"
	"netsplit/runtime/sim"
)

// A variant is a mistake of the manual, and a fault that it does not survive: judge says
// what was wrong, or nothing.
type variant struct {
	name  string
	judge func(seed uint64, wrong bool) string
}

// topics judges a topic of three brokers with a wrong variant, or without.
func topics(option func() queue.TopicOption, judge func(seed uint64, topic *queue.Topic) string, others ...queue.TopicOption) func(uint64, bool) string {
	return func(seed uint64, wrong bool) string {
		options := slices.Clone(others)
		if wrong {
			options = append(options, option())
		}
		return judge(seed, queue.NewTopic("k1 k2 k3", options...))
	}
}

// started is a world with a topic and a shop that sends n records, one after the other.
func started(seed uint64, topic *queue.Topic, n int, options ...queue.ProducerOption) *sim.World {
	world := sim.New(sim.Seed(seed), sim.Untraced())
	world.Nodes("k1 k2 k3", topic.Broker)
	world.Node("controller", topic.Controller)
	world.Node("shop", func(node *sim.Node) {
		producer := topic.Producer(node, options...)
		for i := range n {
			producer.Send("a", fmt.Sprint(i))
		}
	})
	return world
}

var variants = []variant{
	{"AckEarly", topics(queue.AckEarly, func(seed uint64, topic *queue.Topic) string {
		world := started(seed, topic, 1)
		defer world.Stop()
		world.Cut("k1", "k2 k3").At(0)
		world.Crash("k1").OnSend("k1", "ok")
		world.Crash("k1").At(150 * ms)
		world.Run(1 * sec)
		if topic.Lost() > 0 {
			return fmt.Sprint(topic.Lost(), " acknowledged records are lost")
		}
		return ""
	})},
	{"ShrinkAlone", topics(queue.ShrinkAlone, func(seed uint64, topic *queue.Topic) string {
		world := started(seed, topic, 15)
		defer world.Stop()
		world.Partition("k1 shop", "k2 k3 controller").Between(60*ms, 1*sec)
		world.Run(3 * sec)
		if topic.Lost() > 0 {
			return fmt.Sprint(topic.Lost(), " acknowledged records are lost")
		}
		return ""
	})},
	{"KeepTail", topics(queue.KeepTail, func(seed uint64, topic *queue.Topic) string {
		world := started(seed, topic, 40)
		defer world.Stop()
		world.Always("brokers agree on what is committed", topic.SameLog)
		world.Cut("k1", "k2 k3").OnNote("k1", "appended=9").For(300 * ms)
		world.Crash("k1").OnNote("k1", "appended=9").For(400 * ms)
		world.Run(3 * sec)
		for _, promise := range world.Safety() {
			if promise.Outcome == "broken" {
				return promise.Sentence
			}
		}
		return ""
	})},
	{"ForgetProducers", topics(queue.ForgetProducers, func(seed uint64, topic *queue.Topic) string {
		world := started(seed, topic, 20, queue.Retries(20), queue.ProducerIDs())
		defer world.Stop()
		world.Crash("k1").OnSend("k1", "ok", sim.Skip(9))
		world.Drop("k1", "shop", sim.Kind("ok"), sim.Skip(9))
		world.Run(5 * sec)
		if topic.Duplicates() > 0 {
			return fmt.Sprint(topic.Duplicates(), " extra copies")
		}
		return ""
	})},
	{"ServeUncommitted", topics(queue.ServeUncommitted, func(seed uint64, topic *queue.Topic) string {
		world := started(seed, topic, 1)
		defer world.Stop()
		handled := map[string]bool{}
		world.Node("reader", func(node *sim.Node) {
			topic.Consume(node, "readers", func(r queue.Record) { handled[r.ID] = true })
		})
		world.Cut("k1", "k2 k3").At(0)
		world.Crash("k1").At(120 * ms)
		world.Run(1 * sec)
		for _, r := range topic.Records(0) {
			delete(handled, r.ID)
		}
		if len(handled) > 0 {
			return fmt.Sprint(len(handled), " records were handled that are not in the log")
		}
		return ""
	})},
	{"NoHandover", topics(queue.NoHandover, func(seed uint64, topic *queue.Topic) string {
		world := started(seed, topic, 10)
		defer world.Stop()
		times := map[string]int{}
		handle := func(node *sim.Node) {
			topic.Consume(node, "group", func(r queue.Record) { times[r.ID]++; node.Sleep(150 * ms) })
		}
		world.Node("c2", handle)
		world.Node("c1", func(node *sim.Node) { node.Sleep(220 * ms); handle(node) }) // c2 is handling one
		world.Run(3 * sec)
		for id, n := range times {
			if n > 1 {
				return fmt.Sprint(id, " was handled ", n, " times though nobody crashed")
			}
		}
		return ""
	})},
	{"CommitFirst", func(seed uint64, wrong bool) string {
		topic := queue.NewTopic("k1 k2 k3")
		world := started(seed, topic, 20)
		defer world.Stop()
		var options []queue.ConsumerOption
		if wrong {
			options = append(options, queue.CommitFirst())
		}
		done := map[string]bool{}
		world.Node("reader", func(node *sim.Node) {
			topic.Consume(node, "readers", func(r queue.Record) { node.Note("begins"); done[r.ID] = true }, options...)
		})
		world.Crash("reader").OnNote("reader", "begins", sim.Skip(9)).For(100 * ms)
		world.Run(3 * sec)
		if len(done) != 20 {
			return fmt.Sprint(20-len(done), " records were never handled")
		}
		return ""
	}},
	{"TakeRemoves", func(seed uint64, wrong bool) string {
		options := []queue.WorkOption{queue.Visibility(100 * ms)}
		if wrong {
			options = append(options, queue.TakeRemoves())
		}
		work := queue.NewWork(options...)
		world := sim.New(sim.Seed(seed), sim.Untraced())
		defer world.Stop()
		world.Node("jobs", work.Server)
		world.Node("boss", func(node *sim.Node) {
			for i := range 10 {
				work.Put(node, "jobs", fmt.Sprint(i))
			}
		})
		done := map[string]bool{}
		world.Node("worker", func(node *sim.Node) {
			for {
				job, err := work.Take(node, "jobs")
				if err != nil {
					node.Sleep(10 * ms)
					continue
				}
				node.Note("begins")
				done[job.Text] = true
				job.Done()
			}
		})
		world.Crash("worker").OnNote("worker", "begins", sim.Skip(4)).For(50 * ms)
		world.Run(2 * sec)
		if len(done) != 10 {
			return fmt.Sprint(10-len(done), " jobs were never done")
		}
		return ""
	}},
}

// TestWrongVariantsAreRejected wants each wrong variant rejected, and the right one
// accepted, at every one of 100 seeds kept for grading.
func TestWrongVariantsAreRejected(t *testing.T) {
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			rejected, accepted := 0, 0
			for _, seed := range grade.Seeds(100) {
				if v.judge(seed, true) != "" {
					rejected++
				} else {
					t.Errorf("seed %d: %s survives; its fault has to force the failure", seed, v.name)
				}
				if why := v.judge(seed, false); why == "" {
					accepted++
				} else {
					t.Errorf("seed %d: without %s: %s", seed, v.name, why)
				}
			}
			t.Logf("rejected %d of 100, the right one accepted %d of 100; for instance: %s", rejected, accepted, v.judge(1001, true))
		})
	}
}
