package trace

import "strings"

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
type Message struct {
	ID   uint64 // counts the messages of a run from 1; copies of one message have IDs of their own
	Kind string
	From string
	To   string
	// Answers is the ID of the request that the message replies to, or 0.
	Answers uint64

	event int32 // where its sending stands in the log, plus one
	n     int32
	small [inPlace]Field
	more  *[]Field
}

// Len is the number of fields.
func (m *Message) Len() int { return int(m.n) }

// Field is the i-th field, in the order in which the sender wrote them.
func (m *Message) Field(i int) *Field {
	if i < inPlace {
		return &m.small[i]
	}
	return &(*m.more)[i-inPlace]
}

// Add appends a field.
func (m *Message) Add(name string, v Value) {
	if m.n < inPlace {
		f := &m.small[m.n]
		f.Name, f.Value = name, v
	} else {
		if m.more == nil {
			m.more = new([]Field)
		}
		*m.more = append(*m.more, Field{name, v})
	}
	m.n++
}

// Rewrite changes the i-th field, as noise on the wire does: a bit of a number, a
// character of a text, the opposite of a bool.
func (m *Message) Rewrite(i int, noise uint64) {
	if m.more != nil {
		c := append([]Field(nil), *m.more...)
		m.more = &c
	}
	v := &m.Field(i).Value
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
			*v = TextValue(string(b))
		}
	}
}

// Find is the field called name, or nil.
func (m *Message) Find(name string) *Field {
	for i := range min(int(m.n), inPlace) {
		if m.small[i].Name == name {
			return &m.small[i]
		}
	}
	for i := inPlace; i < int(m.n); i++ {
		if f := m.Field(i); f.Name == name {
			return f
		}
	}
	return nil
}

// Names lists the names of the fields, for messages about a missing one.
func (m *Message) Names() string {
	if m.n == 0 {
		return "no fields"
	}
	var names []string
	for i := range int(m.n) {
		names = append(names, m.Field(i).Name)
	}
	return strings.Join(names, ", ")
}

// String writes the message as a transcript does: kind name=value name=value.
func (m *Message) String() string {
	var b strings.Builder
	b.WriteString(m.Kind)
	for i := range int(m.n) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		f := m.Field(i)
		b.WriteString(f.Name)
		b.WriteByte('=')
		b.WriteString(f.Value.String())
	}
	return b.String()
}
