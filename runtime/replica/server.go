package replica

import (
	"strings"
	"time"

	"netsplit/runtime/sim"
)

// server is one server while it runs. Its data are on disk in the sense that the log
// survives; what it has is read from there when it starts again.
type server struct {
	*Group
	node   *sim.Node
	view   view
	log    []Write
	values map[string]string
	has    map[string]bool // ids in the log
	upTo   map[string]int  // how much of the log each other server has
	sent   map[string]int
	fenced int  // the view that was prepared
	ready  bool // it has what those before it had when the view began
	told   int  // writes of the log that are acknowledged
	cpu    queue
}

func newServer(g *Group, node *sim.Node) *server {
	s := &server{Group: g, node: node, values: map[string]string{}, has: map[string]bool{}, cpu: queue{node: node}}
	g.servers[node.Name] = s
	for _, line := range node.Disk.Log("log") {
		s.remember(parse(line.(string)))
	}
	switch {
	case !node.Disk.Has("view"):
		s.newView(view{1, g.members})
		s.ready = true
	case g.fixed:
		s.goOn()
	default:
		s.newView(view{node.Disk.Int("view"), nil}) // a restart: it waits for the master
	}
	node.Handle("write", s.onWrite)
	node.Handle("read", s.onRead)
	node.Handle("copy", s.onCopy)
	node.Handle("copied", s.onCopied)
	node.Handle("missing", s.onMissing)
	node.Handle("prepare", s.onPrepare)
	node.Handle("view", s.onView)
	node.Handle("alive?", func(r *sim.Request) {
		r.Reply("alive", "have", len(s.log), "view", s.view.number, "lost", s.view.members == nil && s.fenced <= s.view.number)
	})
	if g.batch > 0 {
		node.Every(g.batch, s.shipAll)
	}
	return s
}

// goOn is a restart where nobody announces views: the server takes its old place. What
// it had not answered stays without an answer, and who misses something asks for it.
func (s *server) goOn() {
	s.newView(view{1, s.members})
	s.ready, s.told = true, len(s.log)
	for _, next := range s.next() {
		s.sent[next] = len(s.log)
	}
	s.node.Note("has", len(s.log))
}

// leads tells whether the server takes writes, as far as it knows.
func (s *server) leads() bool { return s.view.place(s.node.Name) == 0 }

func (s *server) newView(v view) {
	s.view = v
	s.upTo, s.sent = map[string]int{}, map[string]int{}
	s.node.Disk.Set("view", v.number)
}

// onPrepare leaves the view: whoever led it is not listened to any more.
func (s *server) onPrepare(r *sim.Request) {
	if number := r.Int("number"); number > s.view.number && !s.wrong.noFencing {
		s.newView(view{number - 1, nil})
		s.fenced = number
	}
	r.Reply("prepared", "have", len(s.log))
}

// onView takes part in a new view. Who is first in it, or before somebody in a chain,
// sends what the other lacks.
func (s *server) onView(r *sim.Request) {
	if r.Int("number") <= s.view.number {
		return
	}
	s.ready = !r.Bool("new")
	s.newView(view{r.Int("number"), r.Texts("members")})
	s.node.Note("view", s.view.number, "place", s.view.place(s.node.Name))
	for _, next := range s.next() {
		s.send(next, len(s.log), true)
	}
	s.acknowledge()
}

// next are the servers that this one sends writes to.
func (s *server) next() []string {
	place := s.view.place(s.node.Name)
	switch {
	case place < 0:
		return nil
	case s.mode == chain:
		return s.view.members[place+1 : min(place+2, len(s.view.members))]
	case place == 0:
		return s.view.members[1:]
	}
	return nil
}

func (s *server) onWrite(r *sim.Request) {
	id := r.Text("id")
	if !s.leads() {
		r.Reply("not-leader")
		return
	}
	s.cpu.do(s.costs.first, func() {
		if s.has[id] {
			s.acknowledge()
			return
		}
		s.add(Write{ID: id, Key: r.Text("key"), Value: r.Text("value")})
		s.acknowledge()
		s.ship()
	})
}

// add appends a write to the log.
func (s *server) add(w Write) {
	s.node.Disk.Append("log", w.line())
	s.node.Disk.Sync()
	s.remember(w)
	s.node.Note("has", len(s.log))
}

// remember is what add does in memory; a server that starts reads it all from its disk.
func (s *server) remember(w Write) {
	s.log = append(s.log, w)
	s.values[w.Key] = w.Value
	s.has[w.ID] = true
}

// ship sends new writes to the next servers, now or later.
func (s *server) ship() {
	switch upTo := len(s.log); {
	case s.batch > 0: // shipAll does it
	case s.Group.ship != nil && s.leads():
		s.node.After(s.node.Rand.Draw(*s.Group.ship), func() { s.shipUpTo(upTo) })
	default:
		s.shipUpTo(upTo)
	}
}

func (s *server) shipAll() { s.shipUpTo(len(s.log)) }

func (s *server) shipUpTo(n int) {
	for _, next := range s.next() {
		s.send(next, min(n, len(s.log)), false)
	}
}

// send sends a server what was not yet sent to it; at the beginning of a view all, and
// be it nothing.
func (s *server) send(to string, upTo int, begin bool) {
	from := s.sent[to]
	if from >= upTo && !begin {
		return
	}
	var lines []string
	for _, w := range s.log[from:upTo] {
		lines = append(lines, w.line())
	}
	s.sent[to] = upTo
	s.node.Send(to, "copy", "writes", lines, "from", from, "view", s.view.number)
}

// onCopy takes writes over from the server before this one, in the order in which they
// were sent. At the beginning of a view most of them are here already, and cost nothing.
func (s *server) onCopy(r *sim.Request) {
	if !s.listens(r) {
		return
	}
	from, lines, fresh := r.Int("from"), r.Texts("writes"), 0
	for i, line := range lines {
		if at := from + i; at >= len(s.log) || s.log[at].ID != parse(line).ID {
			fresh++
		}
	}
	s.cpu.do(time.Duration(fresh)*s.costs.other, func() {
		if !s.listens(r) {
			return // a newer view began, and everything is sent again
		}
		if from > len(s.log) { // this message overtook another, or that got lost
			s.node.Send(r.From, "missing", "view", s.view.number, "have", len(s.log))
			return
		}
		for i, line := range lines {
			w, at := parse(line), from+i
			if at < len(s.log) && (s.log[at].ID == w.ID || s.wrong.keepExtra) {
				continue
			}
			s.cut(at) // what was here instead was never acknowledged, or is lost
			s.add(w)
			s.noteLag(w)
		}
		s.ready = true
		s.node.Send(r.From, "copied", "have", from+len(lines), "view", r.Int("view"))
		s.acknowledge()
		s.ship()
	})
}

// listens tells whether a message is of the server's view.
func (s *server) listens(r *sim.Request) bool {
	return s.wrong.noFencing || r.Int("view") == s.view.number && s.fenced <= s.view.number
}

// onMissing sends again what another did not get.
func (s *server) onMissing(r *sim.Request) {
	if upTo := s.sent[r.From]; s.listens(r) && r.Int("have") < upTo {
		s.sent[r.From] = r.Int("have")
		s.send(r.From, upTo, false)
	}
}

// cut throws away the end of the log.
func (s *server) cut(n int) {
	if n >= len(s.log) {
		return
	}
	s.log = s.log[:n]
	s.node.Disk.Truncate("log", n)
	s.node.Disk.Sync()
	s.values, s.has = map[string]string{}, map[string]bool{}
	for _, w := range s.log {
		s.values[w.Key], s.has[w.ID] = w.Value, true
	}
	s.told = min(s.told, n)
	for name, sent := range s.sent {
		s.sent[name] = min(sent, n)
	}
}

func (s *server) onCopied(r *sim.Request) {
	if !s.listens(r) {
		return
	}
	s.upTo[r.From] = max(s.upTo[r.From], r.Int("have"))
	s.acknowledge()
}

// safe is how many writes of the log may be acknowledged, by the mode.
func (s *server) safe() int {
	place := s.view.place(s.node.Name)
	switch {
	case place < 0:
		return 0
	case s.mode == chain:
		if place == len(s.view.members)-1 && s.ready {
			return len(s.log)
		}
		return 0
	case place != 0:
		return 0
	case s.mode == asynchronous || s.wrong.acknowledgeEarly || len(s.view.members) == 1:
		return len(s.log)
	}
	least, most := len(s.log), 0
	for _, other := range s.view.members[1:] {
		least, most = min(least, s.upTo[other]), max(most, s.upTo[other])
	}
	if s.mode == semiSynchronous {
		return min(most, len(s.log))
	}
	return least
}

// acknowledge tells clients of writes that are safe.
func (s *server) acknowledge() {
	for ; s.told < s.safe(); s.told++ {
		w := s.log[s.told]
		s.note(w) // first: a crash may come right after the answer
		s.node.Send(w.client(), "written", "id", w.ID)
	}
}

// onRead answers a read: the leader, or the tail of a chain.
func (s *server) onRead(r *sim.Request) {
	place := s.view.place(s.node.Name)
	reader := place == 0
	if s.mode == chain {
		reader = place >= 0 && (place == len(s.view.members)-1 || s.wrong.readAnywhere)
	}
	if !reader || !s.ready {
		r.Reply("not-leader")
		return
	}
	s.cpu.do(s.costs.read, func() { r.Reply("value", "is", s.values[r.Text("key")]) })
}

// line is a write as it is sent and kept on disk.
func (w Write) line() string { return w.ID + "|" + w.Key + "|" + w.Value }

func parse(line string) Write {
	parts := strings.SplitN(line, "|", 3)
	return Write{ID: parts[0], Key: parts[1], Value: parts[2]}
}

// client is the node that sent the write: its name begins the id.
func (w Write) client() string { return w.ID[:strings.LastIndexByte(w.ID, '-')] }

// queue is a processor that does one thing after the other.
type queue struct {
	node  *sim.Node
	works bool
	jobs  []job
}

type job struct {
	takes time.Duration
	then  func()
}

// do does something when the processor has worked on it.
func (q *queue) do(takes time.Duration, then func()) {
	if takes == 0 && !q.works {
		then()
		return
	}
	q.jobs = append(q.jobs, job{takes, then})
	if !q.works {
		q.run()
	}
}

func (q *queue) run() {
	if q.works = len(q.jobs) > 0; !q.works {
		return
	}
	next := q.jobs[0]
	q.jobs = q.jobs[1:]
	q.node.After(next.takes, func() {
		next.then()
		q.run()
	})
}
