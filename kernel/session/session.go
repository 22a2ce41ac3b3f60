package session

import (
	"context"
	"encoding/json"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"netsplit/kernel/wire"
)

// Config is what a session is made of. Evaluator, Conn, Signer and Author are required.
type Config struct {
	Evaluator Evaluator
	Conn      Conn
	Signer    *wire.Signer
	Author    *wire.Author

	// Version is the kernel's own, for kernel_info.
	Version string

	// Log takes one line about something that a user cannot be told. Lines of one
	// kind may be many: the caller limits their rate. nil discards.
	Log func(kind, line string)

	// OutputLimit bounds what one cell may publish, in bytes of text and displays.
	// Beyond it output is cut, with one line that says so. 0 is DefaultOutputLimit,
	// negative is no limit: then a cell that prints for ever fills the notebook.
	OutputLimit int64

	// Graded says that a grader takes the outputs (nbgrader, which passes over a cell that
	// was aborted, with full points, and takes any text on stderr for a failure): no cell
	// is aborted, and what the session itself has to say stands on stdout.
	Graded bool

	// GatherPause is how long the reply to a failed cell waits for cells that were
	// sent together with it (see shell.gather). 0 is DefaultGatherPause.
	GatherPause time.Duration
}

// DefaultGatherPause is longer than the gaps between cells that a front end sends in
// one go, and too short to be noticed by somebody who reads an error.
const DefaultGatherPause = 50 * time.Millisecond

// DefaultOutputLimit is more than a front end can show and less than it takes to
// bring down the machine it runs on.
const DefaultOutputLimit = 256 << 20

// Session is one run of a kernel: it reads requests, has them handled, and answers.
type Session struct {
	Config
	ctx     context.Context // ends when the sockets are about to close
	cancel  context.CancelFunc
	ending  chan struct{} // closed by the first shutdown request
	endOnce sync.Once

	queries *lane
	shells  shells
	history history
	comms   comms
	stdin   stdin
	usage   usage
	tidy    tidy
}

// New makes a session. Serve runs it.
func New(c Config) *Session {
	if c.Log == nil {
		c.Log = func(string, string) {}
	}
	if c.OutputLimit == 0 {
		c.OutputLimit = DefaultOutputLimit
	}
	if c.GatherPause == 0 {
		c.GatherPause = DefaultGatherPause
	}
	s := &Session{Config: c, ending: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.queries = newLane()
	s.shells.open(s, "")
	return s
}

// Serve answers requests until one of them asks to shut down, ctx ends, or the
// connection is closed by somebody else. When it returns, everything is answered and
// flushed, the evaluator is shut down and the connection closed.
func (s *Session) Serve(ctx context.Context) {
	s.publish("status", nil, wire.Status{State: "starting"})
	closed := make(chan struct{})
	go s.readStdin()
	go s.receive(controlChannel, s.Conn.Control())
	go func() {
		s.receive(shellChannel, s.Conn.Shell())
		close(closed)
	}()
	select {
	case <-s.ending:
	case <-ctx.Done():
	case <-closed:
	}
	s.end()
}

// Interrupt stops what runs, in all shells. It is what interrupt_request and SIGINT
// do. Cells are stopped through their own contexts, one by one: a word to the
// evaluator that is meant for a cell which ends just now could meet the next one. Only
// when no cell runs is the evaluator told, for what earlier cells have left running.
func (s *Session) Interrupt() {
	if !s.shells.interrupt() {
		s.Evaluator.Interrupt()
	}
	s.stdin.interrupt()
}

// request is a message from a client on its way through the session.
type request struct {
	*wire.Message
	channel channel

	// Of cells and comm messages only.
	shell   *shell
	ctx     context.Context // ends when it is interrupted
	after   <-chan struct{} // of a cell: closed when the comm messages before it are done
	aborted atomic.Bool     // of a cell: not to be run
}

// receive reads one channel and gives every request to its lane.
func (s *Session) receive(from channel, frames <-chan [][]byte) {
	for f := range frames {
		message, err := s.Signer.Decode(f)
		if err != nil {
			s.Log(string(wire.KindOf(err)), from.String()+": "+err.Error())
			continue
		}
		s.tidy.note(len(message.Content))
		s.dispatch(&request{Message: message, channel: from})
	}
}

// kind is what the session knows about a kind of request: where it is handled, and
// by what. A handler returns the content of the reply, or nil when there is none.
type kind struct {
	where  func(*Session, *request, func())
	handle func(*Session, *request) (any, error)
}

// kinds is the list of all requests. It is the manual of the protocol, too: what is
// not here is unknown.
var kinds map[string]kind

func init() {
	kinds = map[string]kind{
		"kernel_info_request":     {now, (*Session).kernelInfo},
		"interrupt_request":       {now, (*Session).interruptRequest},
		"shutdown_request":        {last, (*Session).shutdown},
		"usage_request":           {now, (*Session).usageRequest},
		"debug_request":           {now, (*Session).debug},
		"create_subshell_request": {now, (*Session).createSubshell},
		"delete_subshell_request": {now, (*Session).deleteSubshell},
		"list_subshell_request":   {now, (*Session).listSubshell},
		"complete_request":        {inQueries, (*Session).complete},
		"inspect_request":         {inQueries, (*Session).inspect},
		"is_complete_request":     {inQueries, (*Session).isComplete},
		"history_request":         {inQueries, (*Session).historyRequest},
		"comm_info_request":       {inQueries, (*Session).commInfo},
		"comm_open":               {inComms, (*Session).commOpen},
		"comm_msg":                {inComms, (*Session).commMsg},
		"comm_close":              {inComms, (*Session).commClose},
		"execute_request":         {inCells, (*Session).execute},
	}
}

func now(_ *Session, _ *request, work func()) { work() }

// last is now for the request after which the session ends.
func last(s *Session, _ *request, work func()) {
	work()
	s.endOnce.Do(func() { close(s.ending) })
}

func inQueries(s *Session, r *request, work func()) {
	if !s.queries.add(len(r.Content), work) {
		s.refuse(r, errFull)
	}
}

// dispatch hands a request to its lane.
func (s *Session) dispatch(r *request) {
	k, known := kinds[r.Header.Type]
	if !known {
		s.Log("unknown request", r.channel.String()+": no such request: "+clip(r.Header.Type))
		k = kind{now, func(*Session, *request) (any, error) { return nil, nil }}
	}
	k.where(s, r, func() { s.serve(r, k.handle) })
}

// serve handles one request: busy, what the handler publishes, the reply, idle.
func (s *Session) serve(r *request, handle func(*Session, *request) (any, error)) {
	s.status(r, "busy")
	defer s.status(r, "idle")
	content, err := s.guarded(r, handle)
	if err != nil {
		content = errorReply(err)
	}
	if content != nil {
		s.reply(r, content)
	}
}

// refuse answers a request that cannot be taken in.
func (s *Session) refuse(r *request, err error) {
	s.serve(r, func(*Session, *request) (any, error) { return nil, err })
}

// guarded runs a handler. A panic of the kernel's own code is an error of this one
// request; the kernel goes on.
func (s *Session) guarded(r *request, handle func(*Session, *request) (any, error)) (content any, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.Log("panic", clip(r.Header.Type)+": "+sprint(p)+"\n"+string(debug.Stack()))
			content, err = nil, &kernelError{sprint(p)}
		}
	}()
	return handle(s, r)
}

// status publishes busy or idle for a request.
func (s *Session) status(r *request, state string) {
	s.publish("status", r.RawHeader, wire.Status{State: state})
}

// reply answers a request on the channel that it came on.
func (s *Session) reply(r *request, content any) {
	name := replyName(r.Header.Type)
	m, err := s.Author.Reply(r.Message, name, content)
	if err != nil {
		s.Log("reply", name+": "+err.Error())
		if m, err = s.Author.Reply(r.Message, name, errorReply(err)); err != nil {
			return
		}
	}
	send := s.Conn.SendShell
	if r.channel == controlChannel {
		send = s.Conn.SendControl
	}
	if err := send(s.Signer.Encode(m)); err != nil {
		s.Log("send", name+": "+err.Error())
	}
}

// publish sends a message to all subscribers. The error says that content is no JSON.
func (s *Session) publish(name string, parent json.RawMessage, content any) error {
	_, err := s.publishWith(name, parent, content, nil, nil)
	return err
}

// publishWith is publish with what only some messages have, and tells the size of the content.
func (s *Session) publishWith(name string, parent json.RawMessage, content any, metadata wire.Dict, buffers [][]byte) (int, error) {
	m, err := s.Author.Publish(name, parent, content)
	if err == nil && len(metadata) > 0 {
		err = m.SetMetadata(metadata)
	}
	if err != nil {
		s.Log("publish", name+": "+err.Error())
		return 0, err
	}
	m.Buffers = buffers
	s.tidy.note(len(m.Content))
	if err := s.Conn.Publish(s.Signer.Encode(m)); err != nil {
		s.Log("send", name+": "+err.Error())
	}
	return len(m.Content), nil
}
