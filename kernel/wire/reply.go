package wire

// OK is the status of every reply that went well.
type OK struct{}

func (OK) MarshalJSON() ([]byte, error) { return []byte(`"ok"`), nil }

// Failed is the status of every reply that did not.
type Failed struct{}

func (Failed) MarshalJSON() ([]byte, error) { return []byte(`"error"`), nil }

// StatusReply is a reply that says no more than ok: interrupt_reply,
// delete_subshell_reply.
type StatusReply struct {
	Status OK `json:"status"`
}

// ErrorReply answers any request that failed.
type ErrorReply struct {
	Status    Failed       `json:"status"`
	Name      string       `json:"ename"`
	Value     string       `json:"evalue"`
	Traceback List[string] `json:"traceback"`
}

// KernelInfoReply says who the kernel is.
type KernelInfoReply struct {
	Status                OK             `json:"status"`
	ProtocolVersion       string         `json:"protocol_version"`
	Implementation        string         `json:"implementation"`
	ImplementationVersion string         `json:"implementation_version"`
	LanguageInfo          LanguageInfo   `json:"language_info"`
	Banner                string         `json:"banner"`
	HelpLinks             List[HelpLink] `json:"help_links"`
	Debugger              bool           `json:"debugger"`
	SupportedFeatures     List[string]   `json:"supported_features"` // only what is true
}

// LanguageInfo is what front ends need for an editor.
type LanguageInfo struct {
	Name              string `json:"name"`
	Version           string `json:"version"`
	MimeType          string `json:"mimetype"`
	FileExtension     string `json:"file_extension"`
	PygmentsLexer     string `json:"pygments_lexer"`
	CodemirrorMode    any    `json:"codemirror_mode"` // a string or an object
	NbconvertExporter string `json:"nbconvert_exporter,omitempty"`
}

// HelpLink is an entry of the front end's Help menu.
type HelpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// ExecuteReply answers a cell that ran to its end. UserExpressions holds an
// ExpressionValue or an ErrorReply for each name.
type ExecuteReply struct {
	Status          OK         `json:"status"`
	Count           int        `json:"execution_count"`
	Payload         List[Dict] `json:"payload"`
	UserExpressions Dict       `json:"user_expressions"`
}

// ExpressionValue is the value of one user expression.
type ExpressionValue struct {
	Status   OK   `json:"status"`
	Data     Dict `json:"data"`
	Metadata Dict `json:"metadata"`
}

// ExecuteError answers a cell that ended with an error.
type ExecuteError struct {
	Status          Failed       `json:"status"`
	Count           int          `json:"execution_count"`
	Name            string       `json:"ename"`
	Value           string       `json:"evalue"`
	Traceback       List[string] `json:"traceback"`
	Payload         List[Dict]   `json:"payload"`
	UserExpressions Dict         `json:"user_expressions"`
}

// Aborted answers a queued cell that was not run because an earlier one failed.
type Aborted struct{}

func (Aborted) MarshalJSON() ([]byte, error) { return []byte(`{"status":"aborted"}`), nil }

// CompleteReply answers a completion. Start and End count code points.
type CompleteReply struct {
	Status   OK           `json:"status"`
	Matches  List[string] `json:"matches"`
	Start    int          `json:"cursor_start"`
	End      int          `json:"cursor_end"`
	Metadata Dict         `json:"metadata"` // may hold TypedMatches: a List[TypedMatch]
}

// TypedMatches is the key under which CompleteReply.Metadata may hold the matches
// with their kinds, for icons and signatures in JupyterLab.
const TypedMatches = "_jupyter_types_experimental"

// TypedMatch is a completion with its kind.
type TypedMatch struct {
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Text      string `json:"text"`
	Type      string `json:"type"`
	Signature string `json:"signature"`
}

// InspectReply answers an inspection.
type InspectReply struct {
	Status   OK   `json:"status"`
	Found    bool `json:"found"`
	Data     Dict `json:"data"`
	Metadata Dict `json:"metadata"`
}

// IsCompleteReply says complete, incomplete (with the next line's Indent), invalid or
// unknown.
type IsCompleteReply struct {
	Status string `json:"status"`
	Indent string `json:"indent"`
}

// HistoryReply is a list of rows.
type HistoryReply struct {
	Status  OK               `json:"status"`
	History List[HistoryRow] `json:"history"`
}

// HistoryRow is one input, an array of three on the wire: session, line, and input
// or, WithOutput, the pair of input and output.
type HistoryRow struct {
	Session, Line int
	Input         string
	WithOutput    bool
	Output        *string // nil when the cell had no result
}

func (r HistoryRow) MarshalJSON() ([]byte, error) {
	if r.WithOutput {
		return marshal([]any{r.Session, r.Line, []any{r.Input, r.Output}})
	}
	return marshal([]any{r.Session, r.Line, r.Input})
}

// CommInfoReply lists the open comms by id.
type CommInfoReply struct {
	Status OK                    `json:"status"`
	Comms  map[string]CommTarget `json:"-"`
}

// CommTarget is what comm_info tells about a comm.
type CommTarget struct {
	Target string `json:"target_name"`
}

func (r CommInfoReply) MarshalJSON() ([]byte, error) {
	comms := r.Comms
	if comms == nil {
		comms = map[string]CommTarget{}
	}
	return marshal(map[string]any{"status": OK{}, "comms": comms})
}

// ShutdownReply is sent on the request's channel and on iopub.
type ShutdownReply struct {
	Status  OK   `json:"status"`
	Restart bool `json:"restart"`
}

// SubshellReply answers create_subshell_request.
type SubshellReply struct {
	Status OK     `json:"status"`
	ID     string `json:"subshell_id"`
}

// SubshellListReply answers list_subshell_request; the key is singular.
type SubshellListReply struct {
	Status OK           `json:"status"`
	IDs    List[string] `json:"subshell_id"`
}

// UsageReply answers usage_request, ipykernel's extension that feeds the memory and
// CPU meters of JupyterLab.
type UsageReply struct {
	Hostname string        `json:"hostname"`
	PID      int           `json:"pid"`
	CPU      float64       `json:"kernel_cpu"`    // percent of one CPU
	Memory   int64         `json:"kernel_memory"` // bytes
	CPUCount int           `json:"cpu_count"`
	HostCPU  float64       `json:"host_cpu_percent"`
	Virtual  VirtualMemory `json:"host_virtual_memory"`
}

// VirtualMemory is the host's memory, in bytes.
type VirtualMemory struct {
	Total     int64   `json:"total"`
	Available int64   `json:"available"`
	Percent   float64 `json:"percent"`
	Used      int64   `json:"used"`
	Free      int64   `json:"free"`
}

// InputRequest asks the learner for a line, on stdin.
type InputRequest struct {
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"`
}
