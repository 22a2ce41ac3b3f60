package session

import "netsplit/kernel/wire"

// debugReply is a response of the Debug Adapter Protocol.
type debugReply struct {
	Type       string    `json:"type"` // response
	Seq        int       `json:"seq"`
	RequestSeq int       `json:"request_seq"`
	Success    bool      `json:"success"`
	Command    string    `json:"command"`
	Message    string    `json:"message"`
	Body       wire.Dict `json:"body"`
}

// debug says that there is no debugger. kernel_info says so too, so that JupyterLab
// does not ask; a front end that asks all the same gets an answer that it can show.
func (s *Session) debug(r *request) (any, error) {
	var asked wire.DebugRequest
	err := r.Decode(&asked)
	reply := debugReply{
		Type:       "response",
		Seq:        asked.Seq,
		RequestSeq: asked.Seq,
		Command:    asked.Command,
		Message:    "this kernel has no debugger",
	}
	if err != nil {
		reply.Message = err.Error()
	}
	return reply, nil
}
