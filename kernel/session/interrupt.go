package session

import "netsplit/kernel/wire"

// interruptRequest stops what runs; when nothing does, it is answered all the same.
func (s *Session) interruptRequest(*request) (any, error) {
	s.Interrupt()
	return wire.StatusReply{}, nil
}
