package sim

import (
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// shape is what the world keeps about messages of one kind with the same fields, so
// that sending one neither copies nor hashes a name: the texts that a program writes
// in its source stand at the same address every time, and a shape is found by the
// addresses of the kind and of the first name.
type shape struct {
	trace.Shape
	kind      string
	kindWords []uint64 // the kind, as hashText takes it
	nameWords []uint64 // each name, as start gives it
	count     *kindCount
}

// shape is that of a message which a world made.
func (m *Message) shape() *shape { return m.Shape().Of.(*shape) }

const (
	shapeSlots = 64
	mostShapes = 4096 // who makes names out of numbers gets shapes that are not shared
)

// same tells whether two texts are equal, by their addresses if possible.
func same(a, b string) bool {
	return len(a) == len(b) && (unsafe.StringData(a) == unsafe.StringData(b) || a == b)
}

// shapeSlot is where the shape of such a message stands if it was sent lately.
func shapeSlot(kind string, pairs []any) uintptr {
	at := uintptr(unsafe.Pointer(unsafe.StringData(kind))) + uintptr(len(pairs))<<4
	if len(pairs) > 0 {
		if name, ok := pairs[0].(string); ok {
			at += uintptr(unsafe.Pointer(unsafe.StringData(name))) << 1
		}
	}
	return (at ^ at>>7) % shapeSlots
}

// compose makes a message of name, value pairs. Options among them go to opts.
func (n *Node) compose(verb, kind string, pairs []any, opts *callOptions) *Request {
	w := n.world
	r := w.newRequest()
	r.Kind = kind
	if s := w.shapes[shapeSlot(kind, pairs)]; s == nil || !same(kind, s.kind) || !w.fill(r, s, pairs, opts) {
		n.composeAnew(verb, r, pairs, opts)
	}
	r.Bytes = int32(opts.bytes)
	return r
}

// fill gives a message its values if its names are those of the shape.
func (w *World) fill(r *Request, s *shape, pairs []any, opts *callOptions) bool {
	names := s.Names
	if 2*len(names) > len(pairs) {
		return false
	}
	var room []trace.Value
	if n := trace.Beyond(len(names)); n > 0 {
		room = w.room(n)
	}
	r.Form(&s.Shape, room)
	next := 0
	for i := 0; i < len(pairs); i++ {
		name, ok := pairs[i].(string)
		if !ok {
			if !takes(pairs[i], opts) {
				return false
			}
			continue
		}
		i++
		if next >= len(names) || i >= len(pairs) || !same(name, names[next]) {
			return false
		}
		switch v := pairs[i].(type) {
		case int:
			r.SetNumber(next, trace.Int, uint64(v))
		case string:
			r.Set(next, trace.TextValue(v))
		default:
			basic, ok := trace.Basic(v)
			if !ok {
				return false
			}
			r.Set(next, basic)
		}
		next++
	}
	return next == len(names)
}

// takes tells whether v is an option that may stand among the fields, and obeys it.
func takes(v any, opts *callOptions) bool {
	o, ok := v.(Option)
	return ok && o.call(opts)
}

// composeAnew is compose for what was not sent lately, and for mistakes.
func (n *Node) composeAnew(verb string, r *Request, pairs []any, opts *callOptions) {
	kind, w := r.Kind, n.world
	if kind == "" {
		host.Mistakef("%s: a message needs a kind, such as \"add\"%s", verb, n.place())
	}
	var names []string
	var values []trace.Value
	for i := 0; i < len(pairs); i++ {
		switch name := pairs[i].(type) {
		case string:
			if i+1 == len(pairs) {
				host.Mistakef("%s %q: the field %q has no value; fields are written as name, value pairs: \"by\", 3%s", verb, kind, name, n.place())
			}
			i++
			v, why := copied(&pairs[i])
			if why != "" {
				host.Mistakef("%s %q: field %q %s; a message carries numbers, text, bools, durations, and lists and maps of these%s", verb, kind, name, why, n.place())
			}
			names, values = append(names, name), append(values, v)
		case Option:
			if !name.call(opts) {
				host.Mistakef("%s %q: %s is no option of %s%s", verb, kind, name.name, verb, n.place())
			}
		default:
			host.Mistakef("%s %q: value %d is %s where the name of a field should stand; fields are written as name, value pairs: \"by\", 3%s",
				verb, kind, i+1, fmt.Sprint(onHeap(&pairs[i])), n.place())
		}
	}
	s := w.shapeOf(kind, names)
	w.shapes[shapeSlot(kind, pairs)] = s
	r.Form(&s.Shape, nil)
	for i, v := range values {
		r.Set(i, v)
	}
}

// shapeOf is the shape of messages of this kind with fields of these names.
func (w *World) shapeOf(kind string, names []string) *shape {
	key := kind + "\x00" + strings.Join(names, "\x00")
	if s := w.shapeNamed[key]; s != nil {
		return s
	}
	s := &shape{Shape: trace.Shape{Names: slices.Clone(names)}, kind: kind, count: w.counter(kind)}
	s.Of = s
	textWords(kind, func(word uint64) { s.kindWords = append(s.kindWords, word) })
	for _, name := range names {
		s.nameWords = append(s.nameWords, start(name))
	}
	if len(w.shapeNamed) < mostShapes {
		w.shapeNamed[key] = s
	}
	return s
}

// newRequest takes a request from a chunk. Requests are not used again, because a
// program may keep one to answer it later, unless sim.Reuse says that it does not.
func (w *World) newRequest() *Request {
	if w.returned.n > resting {
		r := w.returned.take()
		*r = Request{}
		r.back = true
		return r
	}
	if len(w.fresh) == 0 {
		w.fresh = make([]Request, 63) // with its header a size of the allocator's
	}
	r := &w.fresh[0]
	w.fresh = w.fresh[1:]
	return r
}

// returned is requests that may be used again, in the order in which they came back.
// Some rest there, so that a handler which keeps one meets the mistake and not another
// message.
type returned struct {
	ring [64]*Request
	next uint32
	n    uint32
}

const resting = 16

func (t *returned) put(r *Request) {
	if int(t.n) < len(t.ring) {
		t.ring[(t.next+t.n)%uint32(len(t.ring))] = r
		t.n++
	}
}

func (t *returned) take() *Request {
	r := t.ring[t.next]
	t.next = (t.next + 1) % uint32(len(t.ring))
	t.n--
	return r
}

// takeBack takes a request back whose handler has returned.
func (w *World) takeBack(r *Request) {
	if !r.kept {
		r.back = true
		w.returned.put(r)
	}
}

// room is for n values, from a chunk.
func (w *World) room(n int) []trace.Value {
	if n > len(w.freshRoom) {
		w.freshRoom = make([]trace.Value, max(84, n))
	}
	room := w.freshRoom[:n:n]
	w.freshRoom = w.freshRoom[n:]
	return room
}

// kindCount counts the messages of one kind.
type kindCount struct {
	kind                        string
	sent, delivered, late, lost int
}

func (w *World) counter(kind string) *kindCount {
	if c := w.countOf[kind]; c != nil {
		return c
	}
	c := &kindCount{kind: kind}
	w.counts = append(w.counts, c)
	w.countOf[kind] = c
	return c
}
