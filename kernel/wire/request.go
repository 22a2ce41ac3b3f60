package wire

import "fmt"

// Request is the content of a message that a client sends. Message.Decode fills it.
type Request interface{ read(fields) error }

// Decode reads the content of a message. The request holds its defaults wherever the
// content has nothing to say, also when Decode returns an error; the error is one for
// the client: content that is no object, or a field whose wrong type would change
// what is asked for.
func (m *Message) Decode(r Request) error {
	f, err := object(m.Content)
	if err != nil {
		err = fmt.Errorf("%s: unreadable content: %w", clip(m.Header.Type), err)
		r.read(fields{})
		return err
	}
	if err := r.read(f); err != nil {
		return fmt.Errorf("%s: %w", clip(m.Header.Type), err)
	}
	return nil
}

// EmptyRequest is the content of requests that say nothing: kernel_info_request,
// interrupt_request, create_subshell_request, list_subshell_request, usage_request.
type EmptyRequest struct{}

func (*EmptyRequest) read(fields) error { return nil }

// ExecuteRequest asks to run a cell. Defaults: Silent false, StoryHistory the
// opposite of Silent, AllowStdin false, StopOnError true.
type ExecuteRequest struct {
	Code            string
	Silent          bool
	StoreHistory    bool
	UserExpressions map[string]string // those that are strings
	AllowStdin      bool
	StopOnError     bool
}

func (r *ExecuteRequest) read(f fields) error {
	*r = ExecuteRequest{StopOnError: true, UserExpressions: map[string]string{}}
	f.bool("silent", &r.Silent)
	r.StoreHistory = !r.Silent
	f.bool("store_history", &r.StoreHistory)
	r.StoreHistory = r.StoreHistory && !r.Silent
	f.bool("allow_stdin", &r.AllowStdin)
	f.bool("stop_on_error", &r.StopOnError)
	var expressions Dict
	f.dict("user_expressions", &expressions)
	for name, e := range expressions {
		if text, ok := e.(string); ok {
			r.UserExpressions[name] = text
		}
	}
	return f.text("code", &r.Code)
}

// CompleteRequest asks what could follow at a cursor. Cursor counts code points; it
// is clamped to the code, and is its end by default.
type CompleteRequest struct {
	Code   string
	Cursor int
}

func (r *CompleteRequest) read(f fields) error {
	*r = CompleteRequest{}
	err := f.text("code", &r.Code)
	r.Cursor = f.cursor(r.Code)
	return err
}

// InspectRequest asks about the name at a cursor. Detail is 0 or 1.
type InspectRequest struct {
	Code   string
	Cursor int
	Detail int
}

func (r *InspectRequest) read(f fields) error {
	*r = InspectRequest{}
	err := f.text("code", &r.Code)
	r.Cursor = f.cursor(r.Code)
	f.int("detail_level", &r.Detail)
	r.Detail = max(0, min(r.Detail, 1))
	return err
}

func (f fields) cursor(code string) int {
	end := CodePoints(code, len(code))
	at := end
	f.int("cursor_pos", &at)
	return max(0, min(at, end))
}

// IsCompleteRequest asks whether the code is ready to run.
type IsCompleteRequest struct{ Code string }

func (r *IsCompleteRequest) read(f fields) error {
	*r = IsCompleteRequest{}
	return f.text("code", &r.Code)
}

// HistoryRequest asks for earlier inputs. Access is range, tail (the default) or
// search. N is at least 0 and 0 by default, which means as many as there are; Stop 0
// means to the end.
type HistoryRequest struct {
	Access      string
	Output, Raw bool
	Session     int // 0 is the current one, negative counts back
	Start, Stop int
	N           int
	Pattern     string // of search, a glob; * by default
	Unique      bool
}

func (r *HistoryRequest) read(f fields) error {
	*r = HistoryRequest{Access: "tail", Raw: true, Pattern: "*"}
	f.bool("output", &r.Output)
	f.bool("raw", &r.Raw)
	f.int("session", &r.Session)
	f.int("start", &r.Start)
	f.int("stop", &r.Stop)
	f.int("n", &r.N)
	r.N = max(0, r.N)
	f.text("pattern", &r.Pattern)
	f.bool("unique", &r.Unique)
	return f.text("hist_access_type", &r.Access)
}

// CommInfoRequest asks for the open comms, of one target when Target is not empty.
type CommInfoRequest struct{ Target string }

func (r *CommInfoRequest) read(f fields) error {
	*r = CommInfoRequest{}
	f.text("target_name", &r.Target)
	return nil
}

func (c *CommOpen) read(f fields) error {
	*c = CommOpen{Data: Dict{}}
	f.text("target_name", &c.Target)
	f.dict("data", &c.Data)
	return f.text("comm_id", &c.ID)
}

func (c *CommMsg) read(f fields) error {
	*c = CommMsg{Data: Dict{}}
	f.dict("data", &c.Data)
	return f.text("comm_id", &c.ID)
}

func (c *CommClose) read(f fields) error {
	*c = CommClose{Data: Dict{}}
	f.dict("data", &c.Data)
	return f.text("comm_id", &c.ID)
}

// ShutdownRequest asks the kernel to end; Restart says that another will follow.
type ShutdownRequest struct{ Restart bool }

func (r *ShutdownRequest) read(f fields) error {
	*r = ShutdownRequest{}
	f.bool("restart", &r.Restart)
	return nil
}

// SubshellRequest is the content of delete_subshell_request.
type SubshellRequest struct{ ID string }

func (r *SubshellRequest) read(f fields) error {
	*r = SubshellRequest{}
	return f.text("subshell_id", &r.ID)
}

// DebugRequest is one request of the Debug Adapter Protocol.
type DebugRequest struct {
	Seq       int
	Command   string
	Arguments Dict
}

func (r *DebugRequest) read(f fields) error {
	*r = DebugRequest{Arguments: Dict{}}
	f.int("seq", &r.Seq)
	f.dict("arguments", &r.Arguments)
	return f.text("command", &r.Command)
}

// InputReply is what the learner typed. The value \x04 is the end of input.
type InputReply struct{ Value string }

func (r *InputReply) read(f fields) error {
	*r = InputReply{}
	return f.text("value", &r.Value)
}
