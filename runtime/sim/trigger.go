package sim

import (
	"fmt"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// trigger lets a fault begin at an event instead of at a time.
type trigger struct {
	on    string // note, send, arrival, when
	node  *Node
	what  string
	skip  int
	fault *Fault
	when  func() bool
}

// OnNote lets the fault begin at the moment a node notes this: a text, a name, or
// name=value. What the node would do next it does not do any more:
//
//	world.Crash("leader").OnNote("leader", "appended")
//
// With sim.Skip(k) the first k such moments pass.
func (f *Fault) OnNote(node, what string, options ...Option) *Fault {
	return f.on("note", node, what, options)
}

// OnSend lets the fault begin when a node has sent a message of this kind.
func (f *Fault) OnSend(node, kind string, options ...Option) *Fault {
	return f.on("send", node, kind, options)
}

// OnArrival lets the fault begin when a message of this kind has reached a node and
// was not yet handled.
func (f *Fault) OnArrival(node, kind string, options ...Option) *Fault {
	return f.on("arrival", node, kind, options)
}

// When lets the fault begin as soon as a condition holds, looked at after every
// event.
func (f *Fault) When(condition func() bool) *Fault {
	w := f.world
	f.waits()
	w.cells = w.cells || interpreted(condition)
	w.conditions = append(w.conditions, &trigger{on: "when", fault: f, when: condition})
	return f
}

func (f *Fault) waits() {
	f.world.enter(f.what)
	if f.scheduled {
		host.Mistakef("%s: it has its time already", f.text)
	}
	f.scheduled = true
}

func (f *Fault) on(event, node, what string, options []Option) *Fault {
	w := f.world
	f.waits()
	t := &trigger{on: event, node: w.node(f.text, node), what: what, fault: f}
	for _, o := range options {
		probe := &Fault{}
		if o.drop == nil || o.name != "sim.Skip" {
			host.Mistakef("%s: %s is no option here; sim.Skip(k) lets the first k moments pass", f.text, o.name)
		}
		o.drop(probe)
		t.skip = probe.skip
	}
	w.triggers = append(w.triggers, t)
	return f
}

// fire lets the faults begin that wait for this event. A process whose node crashed
// by it ends here.
func (w *World) fire(event string, n *Node, kind string, note *trace.Message) {
	for i := 0; i < len(w.triggers); i++ {
		t := w.triggers[i]
		if t.on != event || t.node != n || !t.matches(kind, note) {
			continue
		}
		if t.skip > 0 {
			t.skip--
			continue
		}
		w.triggers = append(w.triggers[:i:i], w.triggers[i+1:]...)
		i--
		w.begin(t.fault)
	}
	if p := w.cur; p != nil && p.doomed {
		p.unwind()
	}
}

func (t *trigger) matches(kind string, note *trace.Message) bool {
	if note == nil {
		return t.what == kind
	}
	if t.what == note.Kind {
		return true
	}
	for i := range note.Len() {
		if name := note.Name(i); name == t.what || name+"="+note.Value(i).String() == t.what {
			return true
		}
	}
	return false
}

// lookWhen judges the conditions of When.
func (w *World) lookWhen() {
	for i := 0; i < len(w.conditions); i++ {
		t := w.conditions[i]
		w.judging = true
		holds := t.when()
		w.judging = false
		if holds {
			w.conditions = append(w.conditions[:i:i], w.conditions[i+1:]...)
			i--
			w.begin(t.fault)
		}
	}
}

// Settle ends every fault that concerns a core of nodes, for good: those in force end,
// those to come never begin, nodes of the core that are down or paused go on. Others
// stay as they are: what a majority owes, it owes without the rest. Then the world
// runs on, and a condition has to hold within a span of time: liveness, once the
// trouble is over.
//
//	world.Settle("a b c", 500*ms, "all agree", func() bool { … })
func (w *World) Settle(core string, within time.Duration, sentence string, holds func() bool) *trace.Transcript {
	w.enter("world.Settle")
	if w.busy.Load() {
		host.Mistakef("world.Settle is for the notebook: it runs the world")
	}
	inCore := map[int32]bool{}
	for _, n := range w.group("world.Settle", core) {
		inCore[int32(n.id)] = true
	}
	for _, f := range w.faults {
		concerned := len(f.lanes) == 0
		for _, lane := range f.lanes {
			concerned = concerned || inCore[lane]
		}
		if concerned {
			f.over = true
			w.end(f)
		}
	}
	for _, n := range w.nodes {
		if inCore[int32(n.id)] {
			w.restart(n)
			w.resume(n)
		}
	}
	w.Note(fmt.Sprintf("all is well again at %s", join(core)))
	w.Eventually(sentence, within, holds)
	return w.Run(within)
}
