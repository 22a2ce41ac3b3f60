package session

import (
	"context"
	"fmt"
	"strings"

	"netsplit/kernel/supervisor"
	"netsplit/kernel/wire"
)

// execute runs a cell. It is called in the order in which cells came, on the
// goroutine of their shell.
func (s *Session) execute(r *request) (any, error) {
	r.shell.leave(r)
	if r.aborted.Load() || s.shells.aborting.Load() {
		if s.Graded {
			e := &supervisor.Error{Name: "Interrupted", Value: "the kernel ends before this cell"}
			s.publish("error", r.RawHeader, wire.ErrorOutput{Name: e.Name, Value: e.Value, Traceback: traceback(e)})
			return executeError(e, r.shell.next(false)), nil
		}
		return wire.Aborted{}, nil
	}
	var asked wire.ExecuteRequest
	if err := r.Decode(&asked); err != nil {
		e := errorReply(err)
		return wire.ExecuteError{Count: r.shell.next(false), Name: e.Name, Value: e.Value, Traceback: e.Traceback}, nil
	}
	stored := asked.StoreHistory && strings.TrimSpace(asked.Code) != ""
	shown := r.shell.next(stored)
	if !asked.Silent {
		s.publish("execute_input", r.RawHeader, wire.ExecuteInput{Code: asked.Code, Count: shown})
	}
	number := shown
	if !stored || r.shell.id != "" {
		number = s.shells.number()
	}
	line := 0
	if stored && r.shell.id == "" {
		line = shown
		s.history.add(line, asked.Code)
	}

	if r.after != nil {
		select {
		case <-r.after:
		case <-r.ctx.Done():
		}
	}
	out := newOutput(s, r.ctx, r, asked, shown)
	outcome := s.run(r.ctx, supervisor.Request{
		Count:       number,
		Code:        asked.Code,
		CellID:      cellID(r),
		Silent:      asked.Silent,
		AllowStdin:  asked.AllowStdin,
		Expressions: asked.UserExpressions,
		Subshell:    r.shell.id,
	}, out)
	if outcome.Error != nil {
		out.failure(outcome.Error)
	}
	result := out.finish()
	if outcome.Error != nil {
		if asked.StopOnError && !s.Graded {
			r.shell.gather(s.ctx, s.GatherPause)
			r.shell.abort()
		}
		return executeError(outcome.Error, shown), nil
	}
	if line != 0 {
		s.history.result(line, result)
	}
	return wire.ExecuteReply{
		Count:           shown,
		Payload:         payload(outcome.Payload),
		UserExpressions: expressions(outcome.Expressions),
	}, nil
}

// run has the evaluator run a cell. A panic of the evaluator is the error of this cell.
func (s *Session) run(ctx context.Context, q supervisor.Request, out *output) (outcome supervisor.Outcome) {
	defer func() {
		if p := recover(); p != nil {
			err := errorReply(&kernelError{sprint(p)})
			s.Log("panic", "execute_request: "+sprint(p))
			outcome = supervisor.Outcome{Error: &supervisor.Error{Name: err.Name, Value: err.Value, Traceback: err.Traceback}}
		}
	}()
	if name, detail, asked := question(q.Code); asked {
		return s.page(ctx, name, detail, out)
	}
	return s.Evaluator.Execute(ctx, q, out)
}

// next is the count to show for the next cell.
func (sh *shell) next(stored bool) int {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if stored {
		sh.count++
		return sh.count
	}
	return sh.count + 1
}

// cellID is the id of the notebook's cell, where the front end tells it.
func cellID(r *request) string {
	id, _ := r.MetadataMap()["cellId"].(string)
	return id
}

func executeError(e *supervisor.Error, count int) wire.ExecuteError {
	return wire.ExecuteError{Count: count, Name: errorName(e), Value: e.Value, Traceback: traceback(e)}
}

func errorName(e *supervisor.Error) string {
	if e.Name == "" {
		return "Error"
	}
	return e.Name
}

// traceback is what the learner sees of an error; it is never empty.
func traceback(e *supervisor.Error) []string {
	if len(e.Traceback) == 0 {
		return []string{errorName(e) + ": " + e.Value}
	}
	return e.Traceback
}

func payload(pages []map[string]any) wire.List[wire.Dict] {
	list := wire.List[wire.Dict]{}
	for _, p := range pages {
		list = append(list, p)
	}
	return list
}

func expressions(values map[string]supervisor.Expression) wire.Dict {
	d := wire.Dict{}
	for name, v := range values {
		if v.Error != nil {
			d[name] = wire.ErrorReply{Name: errorName(v.Error), Value: v.Error.Value, Traceback: traceback(v.Error)}
		} else {
			d[name] = wire.ExpressionValue{Data: v.Data, Metadata: v.Metadata}
		}
	}
	return d
}

// errInterrupted is what a cell gets that waits for the learner's input when it is interrupted.
var errInterrupted = fmt.Errorf("interrupted: %w", context.Canceled)
