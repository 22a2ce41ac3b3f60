package rt

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Owner is a cell as long as goroutines of it live.
type Owner struct {
	Cell int
	done chan struct{} // closed when the cell is to stop

	mu         sync.Mutex
	reason     *Failure // why it is to stop; nil as long as it is not
	stopped    atomic.Bool
	exiting    atomic.Bool // os.Exit: deferred functions are not run
	goroutines map[*G]bool
	main       *G            // the latest main goroutine
	idle       chan struct{} // closed and replaced whenever a goroutine ends
	hinting    *time.Timer   // calls hint
}

// NewOwner is the owner for one run of a cell.
func NewOwner(cell int) *Owner {
	return &Owner{Cell: cell, done: make(chan struct{}), goroutines: map[*G]bool{}, idle: make(chan struct{})}
}

// Done is closed when the owner is to stop.
func (o *Owner) Done() <-chan struct{} {
	if o == nil {
		return nil
	}
	return o.done
}

// Stopped tells whether the owner is to stop.
func (o *Owner) Stopped() bool { return o != nil && o.stopped.Load() }

// G is the record of a goroutine. It begins as the runtime's own representation
// of a label set does, because it lies where the runtime keeps a goroutine's
// pprof labels, and profilers read it as such.
type G struct {
	labels []label

	Owner *Owner
	ID    int
	start int            // position of the go statement
	self  unsafe.Pointer // the goroutine that it was made for; others may carry it as their label

	mu     sync.Mutex
	state  string // "running", or what it waits for
	pos    int    // where it waits
	frames []Frame
	cut    any // the panic that was cut short
	defers *D  // innermost function with deferred calls that runs
	deep   atomic.Bool

	given     int64        // size of the large stack that it got
	used      int64        // of its stack, when it was last seen to be deep
	grows     time.Time    // since when it has only grown
	positions map[*int]int // while it is found out which functions recurse: what was in their position variables
	calls     int          // their calls since
}

type label struct{ key, value string }

// labelKey is compared by the address of its bytes: a label set of somebody else
// (pprof.Do in a cell) must not be taken for a G.
var labelKey = string([]byte("netsplit"))

//go:linkname getLabel runtime/pprof.runtime_getProfLabel
func getLabel() unsafe.Pointer

//go:linkname setLabel runtime/pprof.runtime_setProfLabel
func setLabel(unsafe.Pointer)

// Current is the record of the calling goroutine, or nil when it belongs to no cell.
func Current() *G {
	p := getLabel()
	if p == nil {
		return nil
	}
	labels := *(*[]label)(p)
	if len(labels) != 1 || unsafe.StringData(labels[0].key) != unsafe.StringData(labelKey) {
		return nil
	}
	return (*G)(p)
}

// CurrentOwner is the owner of the calling goroutine, or nil.
func CurrentOwner() *Owner {
	if g := Current(); g != nil {
		return g.Owner
	}
	return nil
}

// CurrentCell is the number of the calling goroutine's cell, or 0.
func CurrentCell() int {
	if o := CurrentOwner(); o != nil {
		return o.Cell
	}
	return 0
}

// Become makes the calling goroutine belong to o from now on; with nil to no cell.
func Become(o *Owner) {
	if o == nil {
		setLabel(nil)
		return
	}
	if g := Current(); g != nil && g.Owner == o {
		return
	}
	setLabel(unsafe.Pointer(newG(o)))
}

var lastG atomic.Int64

func newG(o *Owner) *G {
	return &G{labels: []label{{labelKey, strconv.Itoa(o.Cell)}}, Owner: o, ID: int(lastG.Add(1)), state: "running"}
}

func (o *Owner) enter(g *G) {
	o.mu.Lock()
	o.goroutines[g] = true
	o.mu.Unlock()
	g.self = goroutine()
	setLabel(unsafe.Pointer(g))
}

func (o *Owner) leave(g *G) {
	o.mu.Lock()
	delete(o.goroutines, g)
	close(o.idle)
	o.idle = make(chan struct{})
	o.mu.Unlock()
}

// Live is the number of goroutines of the owner that Run and Go started and that
// have not ended.
func (o *Owner) Live() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.goroutines)
}
