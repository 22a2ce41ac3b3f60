package sim

import (
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// Message is a kind and named fields, as it arrived: r.Kind and r.From say what it
// is and who sent it; Int, Text, … read its fields. What is
// asked for and not there is a mistake and stops the run with a sentence, so a
// misspelt name is never a silent zero; Has asks first.
type Message struct {
	trace.Message
	node    *Node  // where it is read
	from    uint32 // number of the sender
	replied bool   // of a request
	kept    bool   // see sim.Reuse
	back    bool
	tries   uint8 // of a reliable link
}

// Request is a message that can be answered.
type Request struct {
	Message
}

// String is the message as a transcript writes it: kind name=value.
func (m *Message) String() string {
	if m == nil {
		return "nothing"
	}
	return m.Message.String()
}

// String is the request as a transcript writes it: kind name=value.
func (r *Request) String() string {
	if r == nil {
		return "nothing"
	}
	return r.Message.String()
}

// Has tells whether the message has a field of that name.
func (m *Message) Has(name string) bool {
	if m == nil {
		return false
	}
	_, found := m.Find(name)
	return found
}

// Int is the field as an int.
func (m *Message) Int(name string) int {
	v := m.value(name)
	if t := v.Type(); t != trace.Int && t != trace.Uint {
		m.wrong(name, v, "an int", "Int")
	}
	return int(v.Bits())
}

// Float is the field as a float64; an int is converted.
func (m *Message) Float(name string) float64 {
	v := m.value(name)
	switch v.Type() {
	case trace.Float:
		return v.Float()
	case trace.Int:
		return float64(int64(v.Bits()))
	case trace.Uint:
		return float64(v.Bits())
	}
	m.wrong(name, v, "a float", "Float")
	return 0
}

// Text is the field as a string.
func (m *Message) Text(name string) string {
	v := m.value(name)
	if v.Type() != trace.Text {
		m.wrong(name, v, "text", "Text")
	}
	return v.Text()
}

// Bool is the field as a bool.
func (m *Message) Bool(name string) bool {
	v := m.value(name)
	if v.Type() != trace.Bool {
		m.wrong(name, v, "a bool", "Bool")
	}
	return v.Bits() != 0
}

// Duration is the field as a duration.
func (m *Message) Duration(name string) time.Duration {
	v := m.value(name)
	if v.Type() != trace.Duration {
		m.wrong(name, v, "a duration", "Duration")
	}
	return time.Duration(v.Bits())
}

// Ints is the field as a list of ints, a copy.
func (m *Message) Ints(name string) []int {
	v := m.value(name)
	if v.Type() == trace.List {
		switch list := v.Any().(type) {
		case []int:
			return append([]int{}, list...)
		case []any:
			if len(list) == 0 {
				return []int{}
			}
		}
	}
	m.wrong(name, v, "a list of ints", "Ints")
	return nil
}

// Texts is the field as a list of strings, a copy.
func (m *Message) Texts(name string) []string {
	v := m.value(name)
	if v.Type() == trace.List {
		switch list := v.Any().(type) {
		case []string:
			return append([]string{}, list...)
		case []any:
			if len(list) == 0 {
				return []string{}
			}
		}
	}
	m.wrong(name, v, "a list of texts", "Texts")
	return nil
}

// Get is the field as whatever it is.
func (m *Message) Get(name string) any { return m.value(name).Any() }

func (m *Message) value(name string) trace.Value {
	if m == nil {
		host.Mistakef("there is no message to read %q from: the call had no reply; look at err before reading", name)
	}
	if m.back {
		m.wasReturned()
	}
	if v, found := m.Find(name); found {
		return v
	}
	host.Mistakef("message %q from %s has no field %q (it has: %s)%s", m.Kind, m.From, name, m.Names(), m.place())
	panic("unreachable")
}

func (m *Message) wrong(name string, v trace.Value, want, method string) {
	fits := map[trace.Type]string{trace.Int: "Int", trace.Uint: "Int", trace.Float: "Float", trace.Text: "Text",
		trace.Bool: "Bool", trace.Duration: "Duration"}[v.Type()]
	if fits == "" {
		fits = "Get"
	}
	host.Mistakef("field %q of message %q from %s is %s (%s), not %s: read it with %s%s",
		name, m.Kind, m.From, v.Type(), v, want, fits, m.place())
}

func (m *Message) place() string {
	if m.node == nil {
		return ""
	}
	return m.node.place()
}

// Reply answers the request with a message of its own kind and fields. A request
// is answered at most once; the answer takes the network's way back.
func (r *Request) Reply(kind string, fields ...any) {
	if r == nil {
		host.Mistakef("there is no request to reply to")
	}
	if r.back {
		r.wasReturned()
	}
	n := r.node
	n.enter("Reply")
	if r.replied {
		host.Mistakef("request %q from %s was answered already: a request has one reply, use node.Send for more%s", r.Kind, r.From, n.place())
	}
	r.replied = true
	w := n.world
	answer := n.compose("Reply", kind, fields, &callOptions{})
	answer.Call, answer.IsReply = r.Call, true
	answer.CausedBy(r.Sent())
	w.transmit(answer, n, r.from)
}

// Keep lets the request outlive its handler in a world with sim.Reuse; in others it
// does so anyway.
func (r *Request) Keep() *Request {
	if r.back {
		r.wasReturned()
	}
	r.kept = true
	return r
}

func (m *Message) wasReturned() {
	host.Mistakef("a message was used after the handler that got it had returned: with sim.Reuse the world has taken it back; the handler keeps it with r.Keep()%s", m.place())
}

// Replied tells whether the request was answered.
func (r *Request) Replied() bool { return r.replied }
