package session

import "netsplit/kernel/wire"

// isComplete tells a console whether Enter runs the text or begins a new line.
func (s *Session) isComplete(r *request) (any, error) {
	var asked wire.IsCompleteRequest
	if err := r.Decode(&asked); err != nil {
		return nil, err
	}
	status, indent := s.Evaluator.IsComplete(asked.Code)
	switch status {
	case "complete", "incomplete", "invalid":
	default:
		status = "unknown"
	}
	return wire.IsCompleteReply{Status: status, Indent: indent}, nil
}
