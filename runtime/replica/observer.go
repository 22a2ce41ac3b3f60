package replica

// What the observer notes. It sees true time, and no server asks it.

// note notes an acknowledgement, the first of each write.
func (s *server) note(w Write) {
	g := s.Group
	if g.when == nil {
		g.when = map[string]int{}
	}
	if _, known := g.when[w.ID]; known {
		return
	}
	w.Acked = s.node.World().Now()
	g.when[w.ID] = len(g.acked)
	g.acked = append(g.acked, w)
}

// noteLag notes how long a write that is acknowledged was on one server alone.
func (s *server) noteLag(w Write) {
	if i, known := s.Group.when[w.ID]; known && !s.Group.second[w.ID] {
		if s.Group.second == nil {
			s.Group.second = map[string]bool{}
		}
		s.Group.second[w.ID] = true
		s.Group.lags = append(s.Group.lags, s.node.World().Now()-s.Group.acked[i].Acked)
	}
}

// follows tells whether what a server has is a beginning of what another has.
func (s *server) follows(other *server) bool {
	if len(s.log) > len(other.log) {
		return false
	}
	for i, w := range s.log {
		if w.ID != other.log[i].ID {
			return false
		}
	}
	return true
}
