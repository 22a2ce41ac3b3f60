package supervisor

import "context"

// Request is one cell to run.
type Request struct {
	Count       int    // execution count, the cell's number for the learner
	Code        string // as it stands in the notebook
	CellID      string // the notebook's cell id, when the front end tells it
	Silent      bool   // no outputs but errors in the outcome
	AllowStdin  bool
	Expressions map[string]string // user_expressions, evaluated after success
	Subshell    string
}

// Sink takes what a cell gives while it runs and, for its goroutines, afterwards.
// Calls may come from any goroutine; they arrive in program order.
type Sink interface {
	Stream(name, text string) // name is stdout or stderr
	Display(data, metadata map[string]any, id string, update bool)
	Clear(wait bool)
	Result(data, metadata map[string]any)
	Error(e *Error) // the cell's own failure (before Execute returns), or that of one of its goroutines
	Comm(c Comm)    // to the front end

	// Input asks the front end for a line. It returns io.EOF when it cannot.
	Input(ctx context.Context, prompt string, password bool) (string, error)
}

// Outcome is how a cell ended.
type Outcome struct {
	Error       *Error // nil when all went well
	Expressions map[string]Expression
	Payload     []map[string]any // pages: {"source":"page","data":{…},"start":0}
}

// Error is a cell's error, ready for the protocol.
type Error struct {
	Name      string   // stable ename: CompileError, Panic, Interrupted, Timeout, Deadlock, TestFailure, Exit, OutOfMemory, StackOverflow, LimitExceeded, WorkerDied
	Value     string   // evalue
	Traceback []string // with ANSI colours; holds the message too
}

// Expression is the value of one user expression.
type Expression struct {
	Data, Metadata map[string]any
	Error          *Error
}

// Comm is one comm message.
type Comm struct {
	Kind           string // open, msg, close
	ID, Target     string
	Data, Metadata map[string]any
	Buffers        [][]byte
}

// Completion is an answer to a completion request. Positions are code points.
type Completion struct {
	Start, End int
	Items      []CompletionItem
}

// CompletionItem is one match; Type is JupyterLab's kind: function, instance, class, module, keyword, property, method, field, constant.
type CompletionItem struct{ Text, Type, Signature string }

// Inspection is a MIME bundle about the name at a cursor.
type Inspection struct {
	Found          bool
	Data, Metadata map[string]any
}
