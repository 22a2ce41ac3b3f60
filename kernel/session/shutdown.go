package session

import (
	"context"
	"time"

	"netsplit/kernel/wire"
)

// How long the end may take. Together it stays under the second after which a front
// end, or a person, loses patience. What the steps before it leave of endTotal is for
// the sockets.
const (
	endTotal     = 850 * time.Millisecond
	endGrace     = 100 * time.Millisecond // cells may come to their own end
	endInterrupt = 150 * time.Millisecond // interrupted cells may come to theirs
	endWorker    = 150 * time.Millisecond // the worker may
	endCells     = 100 * time.Millisecond // cells that lost their worker are answered
	endQuiet     = 20 * time.Millisecond  // nothing more seems to be on its way
)

// shutdown answers and tells every front end; then Serve goes on to the end. Restart
// makes no difference here: the new kernel is another process.
func (s *Session) shutdown(r *request) (any, error) {
	var asked wire.ShutdownRequest
	r.Decode(&asked)
	reply := wire.ShutdownReply{Restart: asked.Restart}
	s.reply(r, reply)
	s.publish("shutdown_reply", r.RawHeader, reply)
	return nil, nil
}

// end brings everything to its end, in order: cells, worker, sockets.
func (s *Session) end() {
	limit := time.Now().Add(endTotal)
	if !s.quiet(endGrace, endQuiet) {
		s.shells.aborting.Store(true)
		s.Interrupt()
		s.quiet(endInterrupt, 0)
	}
	s.shells.aborting.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), endWorker)
	s.Evaluator.Shutdown(ctx)
	cancel()
	s.quiet(endCells, 0)
	s.cancel()
	ctx, cancel = context.WithDeadline(context.Background(), limit)
	if err := s.Conn.Close(ctx); err != nil {
		s.Log("close", "close connection: "+err.Error())
	}
	cancel()
	s.shells.close()
	s.queries.close()
}

// quiet waits until nothing has been running or waiting for a while, at most for
// limit. It tells whether it came to that.
func (s *Session) quiet(limit, while time.Duration) bool {
	end := time.Now().Add(limit)
	since := time.Now()
	for {
		if !s.queries.idle() || !s.shells.idle() {
			since = time.Now()
		} else if time.Since(since) >= while {
			return true
		}
		if time.Now().After(end) {
			return false
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (x *shells) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, sh := range x.byID {
		sh.cells.close()
		sh.comms.close()
	}
}
