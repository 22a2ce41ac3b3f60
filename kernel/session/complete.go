package session

import (
	"context"
	"time"

	"netsplit/kernel/wire"
)

// answerWithin bounds what an editor waits for an answer. One that comes later is of
// no use to somebody who types.
const answerWithin = 5 * time.Second

// complete tells what could follow at the cursor.
func (s *Session) complete(r *request) (any, error) {
	var asked wire.CompleteRequest
	if err := r.Decode(&asked); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(s.ctx, answerWithin)
	defer cancel()
	found := s.Evaluator.Complete(ctx, asked.Code, asked.Cursor)
	reply := wire.CompleteReply{Start: asked.Cursor, End: asked.Cursor}
	if len(found.Items) == 0 {
		return reply, nil
	}
	reply.Start, reply.End = max(0, found.Start), max(0, found.Start, found.End)
	typed := wire.List[wire.TypedMatch]{}
	for _, item := range found.Items {
		reply.Matches = append(reply.Matches, item.Text)
		typed = append(typed, wire.TypedMatch{
			Start: reply.Start, End: reply.End,
			Text: item.Text, Type: item.Type, Signature: item.Signature,
		})
	}
	reply.Metadata = wire.Dict{wire.TypedMatches: typed}
	return reply, nil
}
