package session

import (
	"sync"

	"netsplit/kernel/supervisor"
	"netsplit/kernel/wire"
)

// comms are the open comms of a session, whoever opened them.
type comms struct {
	mu     sync.Mutex
	target map[string]string // by comm id
}

func (c *comms) note(m supervisor.Comm) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch m.Kind {
	case "open":
		if c.target == nil {
			c.target = map[string]string{}
		}
		c.target[m.ID] = m.Target
	case "close":
		delete(c.target, m.ID)
	}
}

// commInfo lists the open comms, all or those of one target.
func (s *Session) commInfo(r *request) (any, error) {
	var asked wire.CommInfoRequest
	if err := r.Decode(&asked); err != nil {
		return nil, err
	}
	reply := wire.CommInfoReply{Comms: map[string]wire.CommTarget{}}
	s.comms.mu.Lock()
	defer s.comms.mu.Unlock()
	for id, target := range s.comms.target {
		if asked.Target == "" || asked.Target == target {
			reply.Comms[id] = wire.CommTarget{Target: target}
		}
	}
	return reply, nil
}

func (s *Session) commOpen(r *request) (any, error) {
	var m wire.CommOpen
	if err := r.Decode(&m); err != nil {
		s.Log("comm", err.Error())
		return nil, nil
	}
	s.comm(r, supervisor.Comm{Kind: "open", ID: m.ID, Target: m.Target, Data: m.Data})
	return nil, nil
}

func (s *Session) commMsg(r *request) (any, error) {
	var m wire.CommMsg
	if err := r.Decode(&m); err != nil {
		s.Log("comm", err.Error())
		return nil, nil
	}
	s.comm(r, supervisor.Comm{Kind: "msg", ID: m.ID, Data: m.Data})
	return nil, nil
}

func (s *Session) commClose(r *request) (any, error) {
	var m wire.CommClose
	if err := r.Decode(&m); err != nil {
		s.Log("comm", err.Error())
		return nil, nil
	}
	s.comm(r, supervisor.Comm{Kind: "close", ID: m.ID, Data: m.Data})
	return nil, nil
}

// comm hands a message to the evaluator. Comm messages have no reply; one that nobody
// takes is answered by closing the comm, at once, or its front end would wait for ever.
func (s *Session) comm(r *request, m supervisor.Comm) {
	m.Metadata = r.MetadataMap()
	m.Buffers = r.Buffers
	s.comms.note(m)
	out := newOutput(s, r.ctx, r, wire.ExecuteRequest{}, 0)
	taken := s.Evaluator.Comm(r.ctx, m, out)
	out.finish()
	if !taken && m.Kind != "close" {
		s.comms.note(supervisor.Comm{Kind: "close", ID: m.ID})
		s.publish("comm_close", r.RawHeader, wire.CommClose{ID: m.ID})
	}
}

// publishComm sends a comm message of a cell to the front ends.
func (s *Session) publishComm(r *request, m supervisor.Comm) {
	s.comms.note(m)
	var content any
	switch m.Kind {
	case "open":
		content = wire.CommOpen{ID: m.ID, Target: m.Target, Data: m.Data}
	case "msg":
		content = wire.CommMsg{ID: m.ID, Data: m.Data}
	case "close":
		content = wire.CommClose{ID: m.ID, Data: m.Data}
	default:
		s.Log("comm", "no such kind of comm message: "+clip(m.Kind))
		return
	}
	s.publishWith("comm_"+m.Kind, r.RawHeader, content, m.Metadata, m.Buffers)
}
