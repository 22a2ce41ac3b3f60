package trace

import (
	"strings"
	"unsafe"
)

// Field is one named value of a message or a note.
type Field struct {
	Name  string
	Value Value
}

// inPlace is how many values a message holds without a further allocation.
const inPlace = 2

// Shape is what messages of one sort have in common: the names of their fields, in
// the order in which the sender wrote them. Messages share it, and it never changes.
// Of is for whoever made it.
type Shape struct {
	Names []string
	Of    any
}

// Message is a kind and named fields of basic kinds, on its way between two
// nodes. It never changes once it is sent, so a trace may keep it as it is. A note
// is a Message that travels nowhere.
//
// A world makes millions of them: its size is what an event costs. The names are in
// its shape, and the values stand in columns, because rows would be padded.
type Message struct {
	ID   uint64 // counts the messages of a run from 1; copies of one message have IDs of their own
	Kind string
	From string

	// Call is the same for a request that waits for a reply and for the reply; 0 for
	// messages nobody waits for. IsReply tells the two apart.
	Call uint64

	shape   *Shape
	more    *Value // the values that are not in place: an array
	texts   [inPlace]unsafe.Pointer
	bits    [inPlace]uint64
	event   int32 // where its sending stands in the log, plus one
	cause   int32 // the same of the message that its sender was handling
	Bytes   int32 // its size on the network where the sender gave one, or 0
	types   [inPlace]Type
	IsReply bool
}

// Form gives the message fields of these names, still without values. Values that do
// not fit in place go to more, which must have room for all but the first two and
// belongs to the message from now on; when it is too short, new room is made.
func (m *Message) Form(s *Shape, more []Value) {
	m.shape = s
	if n := len(s.Names) - inPlace; n > 0 {
		if len(more) < n {
			more = make([]Value, n)
		}
		m.more = &more[0]
	}
}

// Shape is what Form was given, or nil for a message without fields.
func (m *Message) Shape() *Shape { return m.shape }

// Beyond is how many values of n fields do not fit in place.
func Beyond(n int) int { return max(0, n-inPlace) }

// Len is the number of fields.
func (m *Message) Len() int {
	if m.shape == nil {
		return 0
	}
	return len(m.shape.Names)
}

// Name is the name of the i-th field, in the order in which the sender wrote them.
func (m *Message) Name(i int) string { return m.shape.Names[i] }

// Value is the value of the i-th field.
func (m *Message) Value(i int) Value {
	if i < inPlace {
		return Value{p: m.texts[i], n: m.bits[i], t: m.types[i]}
	}
	return m.others()[i-inPlace]
}

// Set gives the i-th field its value, before the message is sent.
func (m *Message) Set(i int, v Value) {
	if i < inPlace {
		m.texts[i], m.bits[i], m.types[i] = v.p, v.n, v.t
		return
	}
	m.others()[i-inPlace] = v
}

// SetNumber is Set for a value that is neither text nor list, in a message that is new.
func (m *Message) SetNumber(i int, t Type, bits uint64) {
	if i < inPlace {
		m.bits[i], m.types[i] = bits, t
		return
	}
	m.others()[i-inPlace] = Value{n: bits, t: t}
}

func (m *Message) others() []Value {
	return unsafe.Slice(m.more, len(m.shape.Names)-inPlace)
}

// Sent is where the sending of the message stands in the log, plus one; 0 when it
// stands in none. CausedBy takes it.
func (m *Message) Sent() int32 { return m.event }

// CausedBy says because of which message this one is sent, before it is recorded: the
// one that its sender handles.
func (m *Message) CausedBy(sent int32) { m.cause = sent }

// Put changes the field called name, or appends it.
func (m *Message) Put(name string, v Value) {
	for i := range m.Len() {
		if m.Name(i) == name {
			m.change(i, v)
			return
		}
	}
	m.Add(name, v)
}

// Add appends a field, for messages that no world made and for forged ones.
func (m *Message) Add(name string, v Value) {
	s := &Shape{}
	var values []Value
	for i := range m.Len() {
		s.Names, values = append(s.Names, m.Name(i)), append(values, m.Value(i))
	}
	s.Names, values = append(s.Names, name), append(values, v)
	m.Form(s, nil)
	for i, v := range values {
		m.Set(i, v)
	}
}

// Rewrite changes the i-th field, as noise on the wire does: a bit of a number, a
// character of a text, the opposite of a bool.
func (m *Message) Rewrite(i int, noise uint64) {
	v := m.Value(i)
	switch v.t {
	case Bool:
		v.n ^= 1
	case Int, Uint, Duration:
		v.n ^= 1 << (noise % 16)
	case Float:
		v.n ^= 1 << 63
	case Text:
		if b := []byte(v.Text()); len(b) > 0 {
			b[noise%uint64(len(b))] = '?'
			v = TextValue(string(b))
		}
	}
	m.change(i, v)
}

// change is Set in a message that may be a copy: copies share what is not in place.
func (m *Message) change(i int, v Value) {
	if i >= inPlace {
		c := append([]Value(nil), m.others()...)
		m.more = &c[0]
	}
	m.Set(i, v)
}

// Find is the value of the field called name.
func (m *Message) Find(name string) (Value, bool) {
	if m.shape != nil {
		for i, have := range m.shape.Names {
			if len(have) == len(name) && (unsafe.StringData(have) == unsafe.StringData(name) || have == name) {
				return m.Value(i), true
			}
		}
	}
	return Value{}, false
}

// Names lists the names of the fields, for messages about a missing one.
func (m *Message) Names() string {
	if m.Len() == 0 {
		return "no fields"
	}
	var names []string
	for i := range m.Len() {
		names = append(names, m.Name(i))
	}
	return strings.Join(names, ", ")
}

// String writes the message as a transcript does: kind name=value name=value.
func (m *Message) String() string {
	var b strings.Builder
	b.WriteString(m.Kind)
	for i := range m.Len() {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(m.Name(i))
		b.WriteByte('=')
		b.WriteString(m.Value(i).String())
	}
	return b.String()
}
