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

// inPlace is how many fields a message holds without a further allocation.
const inPlace = 3

// Message is a kind and named fields of basic kinds, on its way between two
// nodes. It never changes once it is sent, so a trace may keep it as it is. A note
// is a Message that travels nowhere.
//
// A world makes millions of them: its size is what an event costs. The fields stand
// in columns, names apart from values, because rows would be padded.
type Message struct {
	ID   uint64 // counts the messages of a run from 1; copies of one message have IDs of their own
	Kind string
	From string

	// Call is the same for a request that waits for a reply and for the reply; 0 for
	// messages nobody waits for. IsReply tells the two apart.
	Call    uint64
	IsReply bool

	n     uint8
	types [inPlace]Type
	event int32 // where its sending stands in the log, plus one
	cause int32 // the same of the message because of which it was sent; 0 for none
	names [inPlace]string
	texts [inPlace]unsafe.Pointer
	bits  [inPlace]uint64
	more  *[]Field
}

// Len is the number of fields.
func (m *Message) Len() int {
	if m.more != nil {
		return inPlace + len(*m.more)
	}
	return int(m.n)
}

// Name is the name of the i-th field, in the order in which the sender wrote them.
func (m *Message) Name(i int) string {
	if i < inPlace {
		return m.names[i]
	}
	return (*m.more)[i-inPlace].Name
}

// Value is the value of the i-th field.
func (m *Message) Value(i int) Value {
	if i < inPlace {
		return Value{p: m.texts[i], n: m.bits[i], t: m.types[i]}
	}
	return (*m.more)[i-inPlace].Value
}

func (m *Message) set(i int, v Value) {
	if i < inPlace {
		m.texts[i], m.bits[i], m.types[i] = v.p, v.n, v.t
		return
	}
	c := append([]Field(nil), *m.more...) // copies of the message share the rest
	c[i-inPlace].Value = v
	m.more = &c
}

// Add appends a field.
func (m *Message) Add(name string, v Value) {
	if i := m.n; i < inPlace {
		m.names[i] = name
		m.texts[i], m.bits[i], m.types[i] = v.p, v.n, v.t
		m.n++
		return
	}
	m.addMore(name, v)
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
			m.set(i, v)
			return
		}
	}
	if m.more != nil {
		c := append([]Field(nil), *m.more...)
		m.more = &c
	}
	m.Add(name, v)
}

func (m *Message) addMore(name string, v Value) {
	if m.more == nil {
		m.more = new([]Field)
	}
	*m.more = append(*m.more, Field{name, v})
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
	m.set(i, v)
}

// Find is the value of the field called name.
func (m *Message) Find(name string) (Value, bool) {
	for i := range int(m.n) {
		if m.names[i] == name {
			return m.Value(i), true
		}
	}
	for i := inPlace; i < m.Len(); i++ {
		if m.Name(i) == name {
			return m.Value(i), true
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
