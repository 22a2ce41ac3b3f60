// Package pipe is the framed pipe between the kernel process and its worker: what
// is said on it, and how it is written.
//
// A frame is a length (4 bytes, big endian, of all that follows), the length of its
// head (4 bytes), the head (a Message as JSON) and a body of raw bytes. The worker
// reads frames on descriptor 3 and writes them on descriptor 4; its standard output
// and error are pipes of their own, for what compiled code writes there, and on
// descriptor 5 Go's runtime writes what the process dies of. Descriptor 6 is a file in
// memory with the text that the worker has not sent yet (Pending). When descriptor 3
// ends, the kernel process is gone and the worker ends itself.
//
// # Numbers of cells
//
// Every frame that belongs to a cell carries its number. Numbers are unique in a
// session and chosen by the kernel process: the execution count of a cell, a
// negative number for a cell without one, and very small negative numbers for what
// is run on the side (a user expression, the handler of a comm message).
//
// # A cell's way
//
// Define (as often as needed), then Call for each function of the cell in order,
// each answered by Done. After the last Done, goroutines of the cell may go on
// sending Stream, Display, Failed and the like under its number; Done says how many
// there are (Live), and Ended tells when the last one is over.
//
// # Stopping
//
// Interrupt names a cell and in Name the reason (Interrupted, Timeout, LimitExceeded,
// OutOfMemory), which is the Name of the Failure that the cell then ends with. It is
// without effect on a cell that is not there. Its Asks are not answered any more.
package pipe

// Kind says what a frame means. The comment names who sends it.
type Kind string

const (
	// Kernel to worker.
	Define    Kind = "define"    // Body: lowered Go text. Answered by Defined.
	Call      Kind = "call"      // Entry names the function of the cell. Answered by Done, after all outputs.
	Interrupt Kind = "interrupt" // stop the goroutines of Cell; Name is the reason
	Input     Kind = "input"     // the learner's answer to an Ask (Text; Error "EOF" at the end of input)
	CommIn    Kind = "comm_in"   // Comm, from the front end; its handler runs as Cell. Answered by Done, after the handler.
	List      Kind = "list"      // which goroutines live; answered by Goroutines
	Others    Kind = "others"    // answer to Alone: how many cells other than Cell run or are about to (Live)
	Quit      Kind = "quit"      // end in good order

	// Worker to kernel.
	Ready      Kind = "ready"      // once, first; Text says which walls stand around it, Error why it must not run cells
	Defined    Kind = "defined"    // Error is empty or why yaegi refused the text
	Done       Kind = "done"       // Data and Metadata of the result (or none), or Failure; the cell's main goroutine is over
	Ended      Kind = "ended"      // after a Done with Live > 0: the last goroutine of Cell is over
	Stream     Kind = "stream"     // Name stdout or stderr, Body the text
	Display    Kind = "display"    // Data, Metadata, ID, Update
	Clear      Kind = "clear"      // Wait
	Ask        Kind = "ask"        // Text is the prompt, Password
	CommOut    Kind = "comm_out"   // Comm, to the front end
	Failed     Kind = "failed"     // Failure of a goroutine other than the cell's main one
	Hint       Kind = "hint"       // Text for the learner on stderr (a cell that seems stuck)
	Goroutines Kind = "goroutines" // answer to List
	Alone      Kind = "alone"      // is Cell the only one? Answered by Others
)

// Message is one frame. Only the fields that its Kind names are set.
type Message struct {
	Kind Kind `json:"kind"`
	Cell int  `json:"cell,omitempty"` // the cell that the message belongs to, always set where there is one
	Seq  int  `json:"seq,omitempty"`  // pairs questions and answers

	Entry      string         `json:"entry,omitempty"`
	AllowStdin bool           `json:"allow_stdin,omitempty"`
	Name       string         `json:"name,omitempty"`
	Text       string         `json:"text,omitempty"`
	Error      string         `json:"error,omitempty"`
	Password   bool           `json:"password,omitempty"`
	Wait       bool           `json:"wait,omitempty"`
	Data       map[string]any `json:"data,omitempty"`
	Metadata   map[string]any `json:"metadata,omitempty"`
	ID         string         `json:"id,omitempty"`
	Update     bool           `json:"update,omitempty"`
	Comm       *Comm          `json:"comm,omitempty"`
	Failure    *Failure       `json:"failure,omitempty"`
	List       []Goroutine    `json:"list,omitempty"`
	Memory     int64          `json:"memory,omitempty"` // Done: bytes the worker holds
	Live       int            `json:"live,omitempty"`   // Done: goroutines of the cell that are not over
	Owes       string         `json:"owes,omitempty"`   // Done: what is amiss if the cell ends here (grading runs)

	Body []byte `json:"-"`
	Size int    `json:"-"` // bytes that the frame took; set by Reader
}

// Comm is one comm message in either direction.
type Comm struct {
	Kind     string         `json:"kind"` // open, msg, close
	ID       string         `json:"id"`
	Target   string         `json:"target,omitempty"`
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata"`
	Buffers  [][]byte       `json:"buffers,omitempty"`
}

// Failure is how a goroutine of a cell ended, in positions that only package cell
// can turn into lines.
type Failure struct {
	Name   string  `json:"name"` // the stable ename: Panic, Interrupted, Deadlock, Exit, StackOverflow, …
	Text   string  `json:"text"` // the evalue without a position
	Frames []Frame `json:"frames"`
	Code   int     `json:"code,omitempty"` // Exit: the exit code

	Waiting []Goroutine `json:"waiting,omitempty"` // Deadlock: all goroutines, and what each waits for
}

// Frame is one learner's function on the stack, innermost first.
type Frame struct {
	Func string `json:"func"` // emitted name
	Pos  int    `json:"pos"`  // position number given out by package lower; 0 unknown
}

// Goroutine describes a live goroutine.
type Goroutine struct {
	ID    int    `json:"id"`
	Cell  int    `json:"cell"`
	Pos   int    `json:"pos"`
	State string `json:"state"` // running, or what it waits for
}
