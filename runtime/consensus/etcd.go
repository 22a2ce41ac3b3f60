package consensus

import (
	"fmt"
	"io"
	"log"
	"slices"
	"strconv"
	"strings"

	etcd "go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
)

// Etcd is a cluster of go.etcd.io/raft, the library inside etcd, Kubernetes and
// CockroachDB. It decides; this file gives it a network, a disk and time. When a
// follower becomes a candidate is decided here too, because the library's own
// time-outs come from the operating system's random numbers.
func Etcd(members string, options ...Option) *Cluster {
	c := newCluster(members, options)
	if c.wrong != (wrong{}) {
		host.Mistakef("consensus.Etcd: the wrong variants are those of consensus.Raft")
	}
	c.Server = func(node *sim.Node) { c.etcd(node) }
	return c
}

// etcdServer runs the library for one node.
type etcdServer struct {
	server // timer, machine and answers are those of the other implementation

	raft    *etcd.RawNode
	storage *etcd.MemoryStorage
	busy    bool // process is under way, perhaps waiting for the disk
	kept    int  // entries on disk
	asking  map[string][]*sim.Request
}

// start is the index that every log begins behind: the members stand in a snapshot
// there.
const start = 1

func (c *Cluster) etcd(node *sim.Node) {
	s := &etcdServer{
		server:  server{Cluster: c, node: node, role: follower, apply: c.machine(), answers: map[string]string{}},
		storage: etcd.NewMemoryStorage(), asking: map[string][]*sim.Request{},
	}
	s.restore()
	raft, err := etcd.NewRawNode(&etcd.Config{
		ID: s.number(node.Name), ElectionTick: 1 << 30, HeartbeatTick: 1, Storage: s.storage,
		MaxSizePerMsg: 1 << 20, MaxInflightMsgs: 256,
		Logger: &etcd.DefaultLogger{Logger: log.New(io.Discard, "", 0)},
	})
	if err != nil {
		panic(fmt.Sprintf("consensus.Etcd: server %s: %v", node.Name, err))
	}
	s.raft = raft
	node.Handle("submit", s.onSubmit)
	node.Handle("*", s.onMessage)
	s.restartTimer()
	s.watch()
	s.beat()
}

func (s *etcdServer) number(name string) uint64 { return uint64(slices.Index(s.members, name)) + 1 }

// watch begins an election when the time has come.
func (s *etcdServer) watch() {
	s.node.After(s.expires-s.node.Now(), func() {
		if s.role != leader && s.node.Now() >= s.expires {
			s.restartTimer()
			s.raft.Campaign()
			s.process()
		} else if s.role == leader {
			s.restartTimer()
		}
		s.watch()
	})
}

// beat lets a leader send heartbeats.
func (s *etcdServer) beat() {
	s.node.Every(s.heartbeat, func() {
		if s.role == leader {
			s.raft.Tick()
			s.process()
		}
	})
}

func (s *etcdServer) onMessage(r *sim.Request) {
	m := s.message(r)
	if m == nil {
		return
	}
	if (m.GetType() == pb.MsgApp || m.GetType() == pb.MsgHeartbeat) && int(m.GetTerm()) >= s.currentTerm {
		s.restartTimer()
	}
	s.raft.Step(m) // an error says that the message is out of date
	s.process()
}

func (s *etcdServer) onSubmit(r *sim.Request) {
	id := r.Text("id")
	if s.role != leader {
		r.Reply("not-leader", "leader", s.leads)
		return
	}
	if answer, known := s.answers[id]; known {
		r.Reply("committed", "result", answer)
		return
	}
	s.asking[id] = append(s.asking[id], r)
	s.raft.Propose([]byte(id + "|" + r.Text("command")))
	s.process()
}

// process does what the library wants done: write, then send, then apply. One at a
// time: whoever comes while the disk is busy leaves it to the one who waits there.
func (s *etcdServer) process() {
	if s.busy {
		return
	}
	s.busy = true
	for s.raft.HasReady() {
		ready := s.raft.Ready()
		s.observe()
		s.write(ready)
		for _, m := range ready.Messages {
			if m.GetType() == pb.MsgVoteResp && !m.GetReject() {
				s.restartTimer()
			}
			s.send(m)
		}
		for _, e := range ready.CommittedEntries {
			s.applyEntry(e)
		}
		s.raft.Advance(ready)
	}
	s.busy = false
}

// observe notes role and term as the library has them.
func (s *etcdServer) observe() {
	status := s.raft.BasicStatus()
	now := map[etcd.StateType]role{etcd.StateFollower: follower, etcd.StateCandidate: candidate, etcd.StateLeader: leader}[status.RaftState]
	term := int(status.HardState.GetTerm())
	if s.leads = ""; status.Lead != 0 {
		s.leads = s.members[status.Lead-1]
	}
	if now == s.role && (term == s.currentTerm || now == follower) {
		s.currentTerm = term
		return
	}
	if now == candidate || now == leader && term != s.currentTerm {
		s.election(s.node, term) // alone, it is elected at once
	}
	s.role, s.currentTerm = now, term
	s.node.Note("role", string(now), "term", term)
	if now == leader {
		s.won(s.node, term)
	}
}

// write puts what must survive a crash on disk.
func (s *etcdServer) write(ready etcd.Ready) {
	if len(ready.Entries) > 0 {
		first := int(ready.Entries[0].GetIndex()) - start // its place in the log on disk, from 1
		if first <= s.kept {
			s.node.Disk.Truncate("log", first-1)
			s.node.Disk.Sync() // before there are others behind: see merge
		}
		for _, e := range ready.Entries {
			s.node.Disk.Append("log", fmt.Sprintf("%d|%s", e.GetIndex(), entryText(e)))
		}
		s.kept = first - 1 + len(ready.Entries)
		s.node.Disk.Sync()
		s.storage.Append(ready.Entries)
		if last := ready.Entries[len(ready.Entries)-1]; s.role == leader && len(last.GetData()) > 0 {
			s.node.Note("appended", int(last.GetIndex())-start)
		}
	}
	if !etcd.IsEmptyHardState(ready.HardState) {
		state := ready.HardState
		s.node.Disk.Set("state", fmt.Sprintf("%d %d %d", state.GetTerm(), state.GetVote(), state.GetCommit()))
		s.storage.SetHardState(state)
	}
}

// restore reads what survived a crash.
func (s *etcdServer) restore() {
	ids := make([]uint64, len(s.members))
	for i := range ids {
		ids[i] = uint64(i) + 1
	}
	s.storage.ApplySnapshot(&pb.Snapshot{Metadata: &pb.SnapshotMetadata{
		ConfState: &pb.ConfState{Voters: ids}, Index: proto.Uint64(start), Term: proto.Uint64(1),
	}})
	var entries []*pb.Entry
	for _, line := range s.node.Disk.Log("log") {
		index, text, _ := strings.Cut(fmt.Sprint(line), "|")
		if index != strconv.Itoa(start+1+len(entries)) {
			s.node.Disk.Truncate("log", len(entries))
			break
		}
		entries = append(entries, parseEntry(uint64(start+1+len(entries)), text))
	}
	s.kept = len(entries)
	s.storage.Append(entries)
	var term, vote, commit uint64 = 1, 0, start
	fmt.Sscan(s.node.Disk.Text("state"), &term, &vote, &commit)
	s.storage.SetHardState(&pb.HardState{Term: &term, Vote: &vote, Commit: proto.Uint64(min(commit, uint64(start+len(entries))))})
	s.currentTerm = int(term)
}

func (s *etcdServer) applyEntry(e *pb.Entry) {
	id, command, _ := strings.Cut(string(e.GetData()), "|")
	s.Cluster.apply(s.node.Name, int(e.GetIndex())-start, command)
	if command == "" {
		return
	}
	if s.role == leader {
		s.node.Note("committed", int(e.GetIndex())-start)
	}
	answer, known := s.answers[id]
	if !known {
		answer = s.apply(command)
		s.answers[id] = answer
	}
	for _, r := range s.asking[id] {
		r.Reply("committed", "result", answer)
	}
	delete(s.asking, id)
}

// --- messages: the library's, as a kind and fields that can be read in a trace

func (s *etcdServer) send(m *pb.Message) {
	var texts []string
	for _, e := range m.GetEntries() {
		texts = append(texts, entryText(e))
	}
	s.node.Send(s.members[m.GetTo()-1], m.GetType().String(), "term", int(m.GetTerm()), "logTerm", int(m.GetLogTerm()), "index", int(m.GetIndex()),
		"commit", int(m.GetCommit()), "reject", m.GetReject(), "hint", int(m.GetRejectHint()), "entries", texts)
}

func (s *etcdServer) message(r *sim.Request) *pb.Message {
	kind, known := pb.MessageType_value[r.Kind]
	if !known || s.number(r.From) == 0 {
		return nil
	}
	number := func(name string) *uint64 { return proto.Uint64(uint64(r.Int(name))) }
	m := &pb.Message{
		Type: pb.MessageType(kind).Enum(), From: proto.Uint64(s.number(r.From)), To: proto.Uint64(s.number(s.node.Name)),
		Term: number("term"), LogTerm: number("logTerm"), Index: number("index"), Commit: number("commit"),
		Reject: proto.Bool(r.Bool("reject")), RejectHint: number("hint"),
	}
	for i, text := range r.Texts("entries") {
		m.Entries = append(m.Entries, parseEntry(m.GetIndex()+1+uint64(i), text))
	}
	return m
}

// entryText is an entry as it is sent: term, id, command.
func entryText(e *pb.Entry) string {
	return fmt.Sprintf("%d|%s", e.GetTerm(), e.GetData())
}

func parseEntry(index uint64, text string) *pb.Entry {
	term, data, _ := strings.Cut(text, "|")
	number, _ := strconv.ParseUint(term, 10, 64)
	e := &pb.Entry{Term: &number, Index: &index, Type: pb.EntryNormal.Enum()}
	if data != "" {
		e.Data = []byte(data)
	}
	return e
}
