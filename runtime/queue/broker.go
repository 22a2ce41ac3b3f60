package queue

import (
	"slices"
	"strconv"
	"time"

	"netsplit/runtime/sim"
)

// broker is one broker while it runs. What it appended is on disk at once: Kafka trusts
// its replicas and not fsync, and so does this one, but for what it says in logs.
type broker struct {
	*Topic
	node *sim.Node
	logs []*plog
}

// plog is a broker's copy of a partition.
type plog struct {
	placement
	number    int
	records   []Record
	committed int
	upTo      map[string]int           // of a leader: what each follower has
	caughtUp  map[string]time.Duration // when it last had everything there was
	asked     map[string]asked         // each follower's last fetch
	waiting   []waiting
	has       map[string]int // offset by id
}

// waiting is a producer that waits until a record is committed.
type waiting struct {
	offset int
	r      *sim.Request
}

// asked is when a follower fetched, and where the log ended then.
type asked struct {
	at  time.Duration
	end int
}

func newBroker(t *Topic, node *sim.Node) {
	b := &broker{Topic: t, node: node}
	t.running[node.Name] = b
	for p := range t.partitions {
		l := &plog{number: p, has: map[string]int{}}
		for _, line := range node.Disk.Log(l.name()) {
			l.put(parse(line.(string), p, len(l.records)), !t.wrong.forgetProducers)
		}
		b.logs = append(b.logs, l)
		if !node.Disk.Has("started") {
			b.place(l, t.placement[p])
		}
		node.Go(func() { b.follow(l) })
	}
	node.Disk.Set("started", true)
	node.Handle("produce", b.onProduce)
	node.Handle("fetch", b.onFetch)
	node.Handle("poll", b.onPoll)
	node.Handle("place", func(r *sim.Request) {
		l := b.logs[r.Int("partition")]
		if r.Int("epoch") > l.epoch {
			b.place(l, placement{r.Int("epoch"), r.Text("leader"), r.Texts("in sync")})
		}
	})
	node.Handle("alive?", func(r *sim.Request) {
		var epochs []int
		for _, l := range b.logs {
			epochs = append(epochs, l.epoch)
		}
		r.Reply("alive", "epochs", epochs)
	})
	node.Every(t.lagMax/4, b.watchFollowers)
}

func (l *plog) name() string { return "partition " + strconv.Itoa(l.number) }

// put appends a record in memory; the table of what it has follows from the log, so that
// it is there after a crash, and at the next leader.
func (l *plog) put(r Record, known bool) {
	l.records = append(l.records, r)
	if known {
		l.has[r.ID] = r.Offset
	}
}

func (b *broker) append(l *plog, r Record) {
	b.node.Disk.Append(l.name(), r.line())
	b.node.Disk.Sync()
	l.put(r, b.leads(l) || !b.wrong.forgetProducers)
	b.node.Note("appended", r.Offset)
}

// place takes over what the controller says about a partition.
func (b *broker) place(l *plog, p placement) {
	led := b.leads(l)
	l.placement = p
	if !b.leads(l) {
		for _, w := range l.waiting {
			w.r.Reply("not-leader")
		}
		l.waiting = nil
		return
	}
	if !led {
		l.upTo, l.caughtUp, l.asked = map[string]int{}, map[string]time.Duration{}, map[string]asked{}
		for _, name := range b.brokers {
			l.caughtUp[name] = b.node.Now()
		}
	}
	b.commit(l)
}

func (b *broker) leads(l *plog) bool { return l.leader == b.node.Name }

func (b *broker) onProduce(r *sim.Request) {
	l := b.logs[r.Int("partition")]
	if !b.leads(l) {
		r.Reply("not-leader")
		return
	}
	if r.Text("acks") == all && len(l.inSync) < b.minInSync {
		r.Reply("too-few-in-sync")
		return
	}
	record := parse(r.Text("record"), l.number, len(l.records))
	offset, known := l.has[record.ID]
	if !known || !r.Bool("once") {
		offset = record.Offset
		b.append(l, record)
		b.commit(l) // a leader that is alone in sync needs no fetch
	}
	if r.Text("acks") != all || offset < l.committed || b.wrong.ackEarly {
		r.Reply("ok")
		return
	}
	l.waiting = append(l.waiting, waiting{offset, r})
}

// commit finds what all brokers in sync have, and answers those who wait for it.
func (b *broker) commit(l *plog) {
	upTo := len(l.records)
	for _, name := range l.inSync {
		if name != b.node.Name {
			upTo = min(upTo, l.upTo[name])
		}
	}
	l.committed = max(l.committed, upTo)
	l.waiting = slices.DeleteFunc(l.waiting, func(w waiting) bool {
		if w.offset >= l.committed {
			return false
		}
		if len(l.inSync) < b.minInSync { // too few were left while it waited
			w.r.Reply("too-few-in-sync")
		} else {
			w.r.Reply("ok")
		}
		return true
	})
}

// follow fetches a partition from its leader, for ever.
func (b *broker) follow(l *plog) {
	for pause := b.fetchEvery; ; pause = b.fetchEvery {
		b.node.Sleep(pause)
		if b.leads(l) || l.leader == "" {
			continue
		}
		epoch, from, last := l.epoch, len(l.records), ""
		if from > 0 {
			last = l.records[from-1].ID
		}
		r, err := b.node.Call(l.leader, "fetch", "from", from, "last", last, "partition", l.number, "epoch", epoch)
		if err != nil || l.epoch != epoch || len(l.records) != from {
			continue
		}
		switch r.Kind {
		case "back": // the logs differ before: this broker's end was never committed
			pause = 0
			upTo := min(r.Int("to"), from)
			l.records, l.committed = l.records[:upTo], min(l.committed, upTo)
			b.node.Disk.Truncate(l.name(), upTo)
			b.node.Disk.Sync()
			l.has = map[string]int{}
			for _, record := range l.records {
				l.has[record.ID] = record.Offset
			}
		case "records":
			for _, line := range r.Texts("lines") {
				b.append(l, parse(line, l.number, len(l.records)))
			}
			l.committed = min(r.Int("committed"), len(l.records))
		}
	}
}

// onFetch answers a follower, and learns from what it asks for how much it has.
func (b *broker) onFetch(r *sim.Request) {
	l, from := b.logs[r.Int("partition")], r.Int("from")
	if !b.leads(l) || r.Int("epoch") != l.epoch {
		r.Reply("not-leader")
		return
	}
	if b.wrong.keepTail {
		from = min(from, len(l.records))
	} else if from > len(l.records) || from > 0 && l.records[from-1].ID != r.Text("last") {
		r.Reply("back", "to", min(from-1, len(l.records)))
		return
	}
	l.upTo[r.From] = from
	if before, known := l.asked[r.From]; known && from >= before.end {
		l.caughtUp[r.From] = before.at // it has all that there was when it asked before
		if !slices.Contains(l.inSync, r.From) {
			b.report(l, append(slices.Clone(l.inSync), r.From))
		}
	}
	l.asked[r.From] = asked{b.node.Now(), len(l.records)}
	b.commit(l)
	var lines []string
	for _, record := range l.records[from:] {
		lines = append(lines, record.line())
	}
	r.Reply("records", "lines", lines, "committed", l.committed)
}

// watchFollowers counts those out of sync that are behind for too long.
func (b *broker) watchFollowers() {
	for _, l := range b.logs {
		if !b.leads(l) {
			continue
		}
		in := slices.DeleteFunc(slices.Clone(l.inSync), func(name string) bool {
			return name != b.node.Name && b.node.Now()-l.caughtUp[name] > b.lagMax
		})
		if len(in) < len(l.inSync) {
			b.report(l, in)
		}
	}
}

// report tells the controller who is in sync; it holds when the controller has said so.
func (b *broker) report(l *plog, in []string) {
	if b.wrong.shrinkAlone {
		l.inSync = in
		b.commit(l)
	}
	b.node.Send(controllerName, "in sync", "partition", l.number, "epoch", l.epoch, "brokers", in)
}

// onPoll gives a consumer the committed records from an offset on.
func (b *broker) onPoll(r *sim.Request) {
	l, from := b.logs[r.Int("partition")], r.Int("from")
	if !b.leads(l) {
		r.Reply("not-leader")
		return
	}
	var lines []string
	end := l.committed
	if b.wrong.serveUncommitted {
		end = len(l.records)
	}
	for i := from; i < end && len(lines) < r.Int("most"); i++ {
		lines = append(lines, l.records[i].line())
	}
	r.Reply("records", "lines", lines)
}
