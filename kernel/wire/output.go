package wire

// Status is the kernel's state: starting, busy or idle.
type Status struct {
	State string `json:"execution_state"`
}

// ExecuteInput repeats the code of a cell to all front ends.
type ExecuteInput struct {
	Code  string `json:"code"`
	Count int    `json:"execution_count"`
}

// Stream is text on stdout or stderr.
type Stream struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// DisplayData is the content of display_data and of update_display_data.
type DisplayData struct {
	Data      Dict `json:"data"`
	Metadata  Dict `json:"metadata"`
	Transient Dict `json:"transient"` // display_id, or empty
}

// DisplayID is Transient with a display id; it is empty when id is.
func DisplayID(id string) Dict {
	if id == "" {
		return Dict{}
	}
	return Dict{"display_id": id}
}

// ExecuteResult is the value of a cell's last expression.
type ExecuteResult struct {
	Count     int  `json:"execution_count"`
	Data      Dict `json:"data"`
	Metadata  Dict `json:"metadata"`
	Transient Dict `json:"transient"`
}

// ClearOutput empties the outputs of a cell, at once or when the next one comes.
type ClearOutput struct {
	Wait bool `json:"wait"`
}

// ErrorOutput is the error that a cell shows. JupyterLab prints the traceback only,
// so the message has to be in it.
type ErrorOutput struct {
	Name      string       `json:"ename"`
	Value     string       `json:"evalue"`
	Traceback List[string] `json:"traceback"`
}

// CommOpen opens a comm, from either side.
type CommOpen struct {
	ID     string `json:"comm_id"`
	Target string `json:"target_name"`
	Data   Dict   `json:"data"`
}

// CommMsg is a message on a comm.
type CommMsg struct {
	ID   string `json:"comm_id"`
	Data Dict   `json:"data"`
}

// CommClose ends a comm.
type CommClose struct {
	ID   string `json:"comm_id"`
	Data Dict   `json:"data"`
}

// IOPubWelcome is the first message that a new subscriber of iopub gets.
type IOPubWelcome struct {
	Subscription string `json:"subscription"`
}

// DebugEvent is an event of the Debug Adapter Protocol.
type DebugEvent struct {
	Seq   int    `json:"seq"`
	Type  string `json:"type"` // event
	Event string `json:"event"`
	Body  Dict   `json:"body"`
}
