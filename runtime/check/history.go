package check

import (
	"fmt"
	"math"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/sim"
	"netsplit/runtime/trace"
)

// History is what clients did, in the order in which they began it.
type History struct {
	operations []*Operation
	moments    int64 // calls and returns so far
}

// NewHistory makes a history without operations.
func NewHistory() *History { return new(History) }

// Operation is one request of a client and its answer.
type Operation struct {
	Client string
	Kind   string // "write", "read", "cas" or "add"
	Key    string
	Value  any // that was written; the new one of cas; the summand of add
	Old    any // of cas
	Result any // that was read; of cas whether it took place, of add the new sum

	Call, Return time.Duration // true time of the world
	Unknown      bool          // it ended with an error or not at all: it may have taken effect

	begun, ended int64 // among all calls and returns: orders those of one instant
}

// String is the operation as a line: ann writes x=2 from 10ms to 14ms.
func (o *Operation) String() string {
	what := ""
	switch o.Kind {
	case "write":
		what = fmt.Sprintf("writes %s=%v", o.Key, o.Value)
	case "read":
		what = fmt.Sprintf("reads %s=%v", o.Key, orNothing(o.Result))
	case "cas":
		what = fmt.Sprintf("changes %s from %v to %v: %v", o.Key, orNothing(o.Old), o.Value, o.Result)
	case "add":
		what = fmt.Sprintf("adds %v to %s and has %v", o.Value, o.Key, o.Result)
	}
	if o.Unknown {
		return fmt.Sprintf("%s %s from %s, without an answer", o.Client, what, trace.Clock(o.Call))
	}
	return fmt.Sprintf("%s %s from %s to %s", o.Client, what, trace.Clock(o.Call), trace.Clock(o.Return))
}

func orNothing(v any) any {
	if v == nil {
		return "nothing"
	}
	return v
}

// Len is the number of operations.
func (h *History) Len() int { return len(h.operations) }

// Operations are all operations, in the order in which they began.
func (h *History) Operations() []*Operation { return append([]*Operation(nil), h.operations...) }

// Write records what do does as a write of a value to a key.
func (h *History) Write(node *sim.Node, key string, value any, do func() error) error {
	o := h.begin(node, &Operation{Kind: "write", Key: key, Value: value})
	err := do()
	h.end(o, node, err)
	return err
}

// Read records what do does as a read of a key.
func (h *History) Read(node *sim.Node, key string, do func() (any, error)) (any, error) {
	o := h.begin(node, &Operation{Kind: "read", Key: key})
	value, err := do()
	o.Result = value
	h.end(o, node, err)
	return value, err
}

// CompareAndSet records what do does as a change of a key from one value to another;
// do says whether it took place.
func (h *History) CompareAndSet(node *sim.Node, key string, old, value any, do func() (bool, error)) (bool, error) {
	o := h.begin(node, &Operation{Kind: "cas", Key: key, Old: old, Value: value})
	done, err := do()
	o.Result = done
	h.end(o, node, err)
	return done, err
}

// Add records what do does as an addition to a key; do gives the new sum.
func (h *History) Add(node *sim.Node, key string, summand int, do func() (int, error)) (int, error) {
	o := h.begin(node, &Operation{Kind: "add", Key: key, Value: summand})
	sum, err := do()
	o.Result = sum
	h.end(o, node, err)
	return sum, err
}

// never is when an operation without an answer returns.
const never = time.Duration(math.MaxInt64)

func (h *History) begin(node *sim.Node, o *Operation) *Operation {
	if node == nil {
		host.Mistakef("check.History: an operation needs the node that does it")
	}
	o.Client, o.Call, o.Return, o.Unknown = node.Name, node.World().Now(), never, true
	h.moments++
	o.begun, o.ended = h.moments, int64(never)
	h.operations = append(h.operations, o)
	return o
}

func (h *History) end(o *Operation, node *sim.Node, err error) {
	h.moments++
	if err == nil {
		o.Return, o.Unknown, o.ended = node.World().Now(), false, h.moments
	}
}
