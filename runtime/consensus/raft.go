package consensus

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"netsplit/runtime/sim"
)

// Raft is a cluster of the course's own implementation. The members are names with
// spaces between them.
func Raft(members string, options ...Option) *Cluster {
	c := newCluster(members, options)
	c.Server = func(node *sim.Node) { c.raft(node) }
	return c
}

// entry is a place in the log. Index 0 is before the first.
type entry struct {
	term    int
	id      string // of the client's command; "" of none
	command string // "" of the entry with which a leader begins its term
}

type role string

const (
	follower  role = "follower"
	candidate role = "candidate"
	leader    role = "leader"
)

// server is the state of one server, with the names of the paper's Figure 2.
type server struct {
	*Cluster
	node   *sim.Node
	others []string // the other members

	// On disk.
	currentTerm int
	votedFor    string
	log         []entry // log[0] is before the first

	// In memory.
	role        role
	leads       string // who leads the term, as far as known
	commitIndex int
	lastApplied int
	votes       map[string]bool // of a candidate
	nextIndex   map[string]int  // of a leader
	matchIndex  map[string]int
	waiting     map[int]*sim.Request // clients, by index of their command
	apply       func(command string) string
	answers     map[string]string // by id of the command

	expires time.Duration // when an election begins, by the node's clock
}

func (c *Cluster) raft(node *sim.Node) {
	s := &server{Cluster: c, node: node, others: c.others(node.Name), role: follower, apply: c.machine(), answers: map[string]string{}, log: make([]entry, 1, 4)}
	s.load()
	node.Handle("vote?", s.onVoteRequest)
	node.Handle("vote", s.onVote)
	node.Handle("append", s.onAppend)
	node.Handle("appended", s.onAppended)
	node.Handle("submit", s.onSubmit)
	s.restartTimer()
	s.watch()
}

// --- elections

// restartTimer chooses anew when an election begins.
func (s *server) restartTimer() {
	s.expires = s.node.Now() + s.node.Rand.Between(s.low, s.high)
}

// watch begins an election when the time has come, and looks again.
func (s *server) watch() {
	s.node.After(s.expires-s.node.Now(), func() {
		if s.role != leader && s.node.Now() >= s.expires {
			s.campaign()
		} else if s.role == leader {
			s.restartTimer()
		}
		s.watch()
	})
}

// campaign asks for votes in a new term.
func (s *server) campaign() {
	s.restartTimer()
	s.become(candidate, s.currentTerm+1)
	s.votedFor = s.node.Name
	s.election(s.node, s.currentTerm)
	term := s.currentTerm
	if s.save(); s.currentTerm != term || s.role != candidate {
		return // the disk took its time
	}
	s.votes = map[string]bool{s.node.Name: true}
	last := len(s.log) - 1
	for _, other := range s.others {
		s.node.Send(other, "vote?", "term", term, "last", last, "lastTerm", s.log[last].term)
	}
	s.count()
}

func (s *server) onVoteRequest(r *sim.Request) {
	changed := s.stepDown(r.Int("term"))
	last := len(s.log) - 1
	upToDate := r.Int("lastTerm") > s.log[last].term || r.Int("lastTerm") == s.log[last].term && r.Int("last") >= last
	granted := r.Int("term") == s.currentTerm && (s.votedFor == "" || s.votedFor == r.From) && (upToDate || s.wrong.ignoreLog)
	if granted {
		s.restartTimer()
		changed = changed || s.votedFor != r.From
		s.votedFor = r.From
	}
	if changed {
		s.save() // term and vote, before anybody hears of them
	}
	s.node.Send(r.From, "vote", "term", r.Int("term"), "granted", granted)
}

func (s *server) onVote(r *sim.Request) {
	if r.Int("term") == s.currentTerm && s.role == candidate && r.Bool("granted") {
		s.votes[r.From] = true
		s.count()
	}
}

// count makes a candidate with enough votes the leader.
func (s *server) count() {
	if len(s.votes) < s.majority() {
		return
	}
	s.become(leader, s.currentTerm)
	s.won(s.node, s.currentTerm)
	s.leads = s.node.Name
	s.nextIndex, s.matchIndex, s.waiting = map[string]int{}, map[string]int{}, map[int]*sim.Request{}
	for _, other := range s.others {
		s.nextIndex[other] = len(s.log)
	}
	s.matchIndex[s.node.Name] = len(s.log) - 1
	term := s.currentTerm
	if !s.wrong.commitOldTerm && s.rule == nil {
		s.add(entry{term: term}) // with it everything before is committed, too
	}
	s.beat(term)
}

// beat tells the others that the leader of a term lives, as long as it leads it.
func (s *server) beat(term int) {
	if s.role != leader || s.currentTerm != term {
		return
	}
	s.replicate()
	s.node.After(s.heartbeat, func() { s.beat(term) })
}

// --- the log

func (s *server) onSubmit(r *sim.Request) {
	if s.role != leader {
		r.Reply("not-leader", "leader", s.leads)
		return
	}
	e := entry{term: s.currentTerm, id: r.Text("id"), command: r.Text("command")}
	if answer, known := s.answers[e.id]; known {
		r.Reply("committed", "result", answer)
		return
	}
	s.waiting[len(s.log)] = r
	index := len(s.log)
	if s.add(e) {
		s.node.Note("appended", index)
		s.replicate()
	}
}

// add appends an entry to the leader's own log and tells whether it still leads after
// the disk is done.
func (s *server) add(e entry) bool {
	index := len(s.log)
	s.keep(e)
	s.sync()
	if s.role != leader || s.currentTerm != e.term {
		return false
	}
	s.matchIndex[s.node.Name] = max(s.matchIndex[s.node.Name], index)
	s.advance()
	return true
}

// replicate sends each follower what it lacks.
func (s *server) replicate() {
	for _, other := range s.others {
		from := s.nextIndex[other]
		s.node.Send(other, "append", "term", s.currentTerm, "after", from-1, "afterTerm", s.log[from-1].term,
			"entries", texts(s.log[from:]), "commit", s.commitIndex)
	}
}

func (s *server) onAppend(r *sim.Request) {
	term := r.Int("term")
	if s.notice(term); term < s.currentTerm {
		s.node.Send(r.From, "appended", "term", s.currentTerm, "ok", false, "upto", 0)
		return
	}
	if s.role != follower {
		s.become(follower, term)
	}
	s.leads = r.From
	s.restartTimer()
	after := r.Int("after")
	if after >= len(s.log) || s.log[after].term != r.Int("afterTerm") {
		// The log ends before, or differs there: the leader goes back.
		s.node.Send(r.From, "appended", "term", term, "ok", false, "upto", min(after-1, len(s.log)-1))
		return
	}
	entries := parseAll(r.Text("entries"))
	upto := after + len(entries)
	if s.merge(after, entries); s.currentTerm != term {
		return // while the disk was busy, a newer term began
	}
	s.commit(min(r.Int("commit"), upto))
	s.node.Send(r.From, "appended", "term", term, "ok", true, "upto", upto)
}

// merge puts a leader's entries into the log and waits until they are on disk.
// Entries that contradict the leader's go first: with new ones behind them on disk a
// crash could leave a mixture of both.
func (s *server) merge(after int, entries []entry) {
	term, wrote := s.currentTerm, false
	for i, e := range entries {
		if index := after + 1 + i; index < len(s.log) && s.log[index].term != e.term {
			s.log = s.log[:index]
			s.node.Disk.Truncate("log", index-1)
			s.sync()
			break
		}
	}
	if s.currentTerm != term {
		return
	}
	for i, e := range entries {
		if index := after + 1 + i; index == len(s.log) {
			s.keep(e)
			wrote = true
		}
	}
	if wrote {
		s.sync()
	}
}

// keep appends an entry, in memory and on disk.
func (s *server) keep(e entry) {
	s.node.Disk.Append("log", strconv.Itoa(len(s.log))+"|"+e.text())
	s.log = append(s.log, e)
}

func (s *server) sync() {
	if !s.wrong.replyBeforeSync {
		s.node.Disk.Sync()
	}
}

func (s *server) onAppended(r *sim.Request) {
	if s.notice(r.Int("term")); s.role != leader || r.Int("term") != s.currentTerm {
		return
	}
	if !r.Bool("ok") {
		s.nextIndex[r.From] = max(1, min(s.nextIndex[r.From]-1, r.Int("upto")+1))
		return
	}
	s.matchIndex[r.From] = max(s.matchIndex[r.From], r.Int("upto"))
	s.nextIndex[r.From] = s.matchIndex[r.From] + 1
	s.advance()
}

// advance commits what a majority has. Only entries of the leader's own term are
// counted; those before are committed with them (section 5.4.2 of the paper), which is why
// a leader begins with an entry without a command (section 8).
func (s *server) advance() {
	if s.rule != nil {
		s.ask()
		return
	}
	for index := len(s.log) - 1; index > s.commitIndex; index-- {
		if s.log[index].term != s.currentTerm && !s.wrong.commitOldTerm {
			return
		}
		have := 0
		for _, match := range s.matchIndex {
			if match >= index {
				have++
			}
		}
		if have >= s.majority() {
			if s.log[index].command != "" {
				s.node.Note("committed", index)
			}
			s.commit(index)
			return
		}
	}
}

// commit applies entries up to an index, and answers the clients that wait for them.
func (s *server) commit(upto int) {
	s.commitIndex = max(s.commitIndex, upto)
	for s.lastApplied < s.commitIndex {
		s.lastApplied++
		e := s.log[s.lastApplied]
		s.Cluster.apply(s.node.Name, s.lastApplied, e.command)
		answer, known := s.answers[e.id]
		if e.command != "" && (!known || e.id == "") {
			answer = s.apply(e.command)
			s.answers[e.id] = answer
		}
		if r := s.waiting[s.lastApplied]; r != nil && s.role == leader {
			delete(s.waiting, s.lastApplied)
			r.Reply("committed", "result", answer)
		}
	}
}

// --- terms and the disk

// notice steps down when somebody knows of a newer term, and keeps that on disk.
func (s *server) notice(term int) {
	if s.stepDown(term) {
		s.save()
	}
}

// stepDown makes the server a follower of a newer term, in which it has not voted yet.
func (s *server) stepDown(term int) bool {
	if term <= s.currentTerm {
		return false
	}
	s.become(follower, term)
	s.votedFor = ""
	return true
}

func (s *server) become(r role, term int) {
	if r == follower && s.role == leader {
		s.restartTimer()
	}
	if r != s.role || r == candidate {
		s.node.Note("role", string(r), "term", term)
	}
	if term != s.currentTerm {
		s.leads = ""
	}
	s.role, s.currentTerm = r, term
}

// save writes term and vote, in one value, so that a crash keeps both or none.
func (s *server) save() {
	vote := s.votedFor
	if s.wrong.forgetVote {
		vote = ""
	}
	s.node.Disk.Set("state", strconv.Itoa(s.currentTerm)+" "+vote)
}

// load reads what survived a crash.
func (s *server) load() {
	term, vote, _ := strings.Cut(s.node.Disk.Text("state"), " ")
	s.currentTerm, _ = strconv.Atoi(term)
	s.votedFor = vote
	for _, line := range s.node.Disk.Log("log") {
		index, text, _ := strings.Cut(fmt.Sprint(line), "|")
		if index != strconv.Itoa(len(s.log)) {
			// The entry before was not synced and is gone: so were the promises about this one.
			s.node.Disk.Truncate("log", len(s.log)-1)
			break
		}
		s.log = append(s.log, parse(text))
	}
}

// text is the entry as it is sent: term, id, command. On disk its index stands before.
func (e entry) text() string { return strconv.Itoa(e.term) + "|" + e.id + "|" + e.command }

// texts are entries as they are sent, one a line.
func texts(entries []entry) string {
	switch len(entries) {
	case 0:
		return ""
	case 1:
		return entries[0].text()
	}
	lines := make([]string, len(entries))
	for i, e := range entries {
		lines[i] = e.text()
	}
	return strings.Join(lines, "\n")
}

func parse(text string) entry {
	term, rest, _ := strings.Cut(text, "|")
	id, command, _ := strings.Cut(rest, "|")
	number, _ := strconv.Atoi(term)
	return entry{number, id, command}
}

func parseAll(text string) (entries []entry) {
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		entries = append(entries, parse(line))
	}
	return entries
}
