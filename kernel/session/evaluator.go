package session

import (
	"context"

	"netsplit/kernel/supervisor"
)

// Evaluator is what stands behind the protocol: it runs cells and answers what an
// editor asks. All methods may be called from several goroutines at once; nothing
// that an editor asks for may wait for a running cell.
type Evaluator interface {
	// Execute runs one cell. It returns when the cell is over and everything that
	// the cell gave was handed to the sink; goroutines that the cell leaves behind go
	// on using the sink afterwards. Cells of one subshell never overlap, cells of
	// different subshells may. Request.Count is unique in the session: positive and
	// growing for cells that count, negative for silent ones and those that are not
	// stored. When ctx ends (an interrupt that met the cell, or the end of the kernel)
	// the cell ends as interrupted. The failure of the cell itself is in the outcome
	// alone and is not given to Sink.Error, which is for goroutines that outlived
	// their cell.
	Execute(ctx context.Context, request supervisor.Request, sink supervisor.Sink) supervisor.Outcome

	// Interrupt is called when an interrupt comes while no cell runs: it may stop what
	// earlier cells have left running, and returns at once. Running cells are
	// interrupted through their contexts.
	Interrupt()

	// Complete answers for the text up to a cursor, counted in code points.
	Complete(ctx context.Context, code string, cursor int) supervisor.Completion

	// Inspect tells about the name at a cursor. Detail 1 asks for more (the
	// declaration's text, the whole documentation).
	Inspect(ctx context.Context, code string, cursor, detail int) supervisor.Inspection

	// IsComplete tells whether Enter should run the text: status is complete,
	// incomplete (indent is what the next line begins with), invalid or unknown.
	IsComplete(code string) (status, indent string)

	// Comm hands over a comm message of the front end and returns when it was dealt
	// with; what its handler gives goes to the sink. For an open of a target or a
	// message to a comm that nobody has, it returns false.
	Comm(ctx context.Context, comm supervisor.Comm, sink supervisor.Sink) bool

	// Processes lists the process ids beside the kernel's own whose use of the
	// machine counts as the kernel's.
	Processes() []int

	// Shutdown ends what runs and the worker, within ctx.
	Shutdown(ctx context.Context)
}
