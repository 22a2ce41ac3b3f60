package session

import (
	"context"

	"netsplit/kernel/wire"
)

// inspect tells about the name at the cursor: tooltips and Contextual Help.
func (s *Session) inspect(r *request) (any, error) {
	var asked wire.InspectRequest
	if err := r.Decode(&asked); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(s.ctx, answerWithin)
	defer cancel()
	about := s.Evaluator.Inspect(ctx, asked.Code, asked.Cursor, asked.Detail)
	if !about.Found {
		return wire.InspectReply{}, nil
	}
	return wire.InspectReply{Found: true, Data: showable(about.Data), Metadata: about.Metadata}, nil
}
