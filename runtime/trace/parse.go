package trace

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

// The forms of a line, in the order in which they are tried. What has none of them is a
// fault, in its own words.
var forms = []struct {
	line *regexp.Regexp
	what What
}{
	{regexp.MustCompile(`^note: (.+)$`), Remark},
	{regexp.MustCompile(`^(broken at \S+: .+ \(seed \d+\))$`), Broken},
	{regexp.MustCompile(`^(deadlock: .+)$`), Deadlock},
	{regexp.MustCompile(`^(stopped: .+)$`), Stopped},
	{regexp.MustCompile(`^(\S+) -> (\S+): (.+)$`), Send},
	{regexp.MustCompile(`^(\S+) <- (\S+): (.+) \(late\)$`), Late},
	{regexp.MustCompile(`^(\S+) <- (\S+): (.+)$`), Deliver},
	{regexp.MustCompile(`^(\S+) -x (\S+): (.+) \(([^()]+)\)$`), Lost},
	{regexp.MustCompile(`^(\S+): no reply from (\S+) to (.+)$`), NoReply},
	{regexp.MustCompile(`^(\S+) crashes(?: \((.+)\))?$`), Crash},
	{regexp.MustCompile(`^(\S+) restarts(?: \((.+)\))?$`), Restart},
	{regexp.MustCompile(`^(\S+) pauses(?: \((.+)\))?$`), Pause},
	{regexp.MustCompile(`^(\S+) resumes(?: \((.+)\))?$`), Resume},
	{regexp.MustCompile(`^(\S+): (.+)$`), Note},
}

// Parse reads a transcript, so that a run that stands in a text, a golden file or a
// lesson can be drawn, filtered and compared like one that was made. Times are as exact
// as the text; numbers and other values are texts. A transcript that is written again
// is the same text.
//
//	log, err := trace.Parse(`
//	    0s  a -> b: hello
//	   2ms  b <- a: hello`)
//	log.Timeline()
func Parse(text string) (*Log, error) {
	p := parser{log: &Log{}, flying: map[string][]*Message{}, open: map[string]int{}}
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		when, what, ok := strings.Cut(strings.TrimSpace(line), "  ")
		at, err := time.ParseDuration(when)
		if !ok || err != nil || int64(at) < p.log.Now {
			return nil, fmt.Errorf("parse transcript: line %d, %q: want a time, two blanks and an event, times in ascending order", i+1, line)
		}
		p.log.Now = int64(at)
		p.line(strings.TrimSpace(what))
	}
	p.log.Steps = uint64(p.log.n)
	return p.log, nil
}

type parser struct {
	log    *Log
	flying map[string][]*Message // by link and text: what was sent and has not arrived
	open   map[string]int        // spans that have not ended
}

func (p *parser) line(text string) {
	l := p.log
	for _, form := range forms {
		m := form.line.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		e := Event{At: l.Now, What: form.what, Node: World}
		switch form.what {
		case Remark, Broken, Deadlock, Stopped:
			e.Text = m[1]
		case Crash, Restart, Pause, Resume:
			e.Node, e.Text = l.Lane(m[1]), m[2]
			p.state(form.what, m[1], e.Node)
		case NoReply:
			e.Node, e.Peer, e.Text = l.Lane(m[1]), l.Lane(m[2]), m[3]
		case Note:
			e.Node, e.Msg = l.Lane(m[1]), messageOf(m[1], m[2])
		default:
			e.Node, e.Peer = l.Lane(m[1]), l.Lane(m[2])
			if form.what == Lost {
				e.Text = m[4]
			}
			e.Msg = p.message(form.what, m[1], m[2], m[3])
		}
		l.Add(e)
		return
	}
	p.fault(text)
	l.Add(Event{At: l.Now, What: Fault, Node: World, Text: text})
}

// message is the one that was sent on this link with this text, if it was.
func (p *parser) message(what What, node, peer, text string) *Message {
	from, to := node, peer
	if what == Deliver || what == Late {
		from, to = peer, node
	}
	key := from + " " + to + " " + text
	if what == Send {
		m := messageOf(from, text)
		p.flying[key] = append(p.flying[key], m)
		return m
	}
	if sent := p.flying[key]; len(sent) > 0 {
		if len(sent) > 1 { // the last one stays: it may arrive twice
			p.flying[key] = sent[1:]
		}
		return sent[0]
	}
	return messageOf(from, text) // it was changed on its way
}

// state begins and ends the spans of a node.
func (p *parser) state(what What, name string, lane int32) {
	switch what {
	case Crash:
		p.open["crash "+name] = p.log.Begin(Span{What: "crash", Text: name + " is down", Lanes: []int32{lane}, From: p.log.Now})
	case Pause:
		p.open["pause "+name] = p.log.Begin(Span{What: "pause", Text: name + " is paused", Lanes: []int32{lane}, From: p.log.Now})
	case Restart:
		p.end("crash " + name)
	case Resume:
		p.end("pause " + name)
	}
}

func (p *parser) end(key string) bool {
	span, ok := p.open[key]
	if ok {
		p.log.End(span, p.log.Now)
		delete(p.open, key)
	}
	return ok
}

// fault begins a span, or ends that of the same words.
func (p *parser) fault(text string) {
	for _, end := range []struct{ word, begin string }{{"end of ", ""}, {"heal ", "partition "}, {"unclog ", "clog "}} {
		if rest, ok := strings.CutPrefix(text, end.word); ok && p.end(end.begin+rest) {
			return
		}
	}
	p.open[text] = p.log.Begin(Span{What: "fault", Text: text, From: p.log.Now})
}

// messageOf reads a kind, which for a note may be several words or none, and fields.
func messageOf(from, text string) *Message {
	m := &Message{From: from}
	var kind []string
	for rest := text; rest != ""; {
		name, value, after, ok := field(rest)
		if !ok {
			word, more, _ := strings.Cut(rest, " ")
			kind = append(kind, word)
			rest = more
			continue
		}
		m.Add(name, value)
		rest = strings.TrimPrefix(after, " ")
	}
	m.Kind = strings.Join(kind, " ")
	return m
}

// field reads name=value at the beginning of a text; the value is a word, a quoted text,
// or a list or map in brackets.
func field(text string) (name string, value Value, rest string, ok bool) {
	name, after, ok := strings.Cut(text, "=")
	if !ok || name == "" || strings.ContainsAny(name, " \"[]{}") {
		return "", Value{}, "", false
	}
	switch {
	case strings.HasPrefix(after, `"`):
		quoted, err := strconv.QuotedPrefix(after)
		if err != nil {
			return "", Value{}, "", false
		}
		plain, _ := strconv.Unquote(quoted)
		return name, TextValue(plain), after[len(quoted):], true
	case strings.HasPrefix(after, "["), strings.HasPrefix(after, "{"):
		depth := 0
		for i, c := range after {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				if depth--; depth == 0 {
					return name, asWritten(after[:i+1]), after[i+1:], true
				}
			}
		}
	}
	word, rest, _ := strings.Cut(after, " ")
	return name, asWritten(word), rest, true
}

// written is a list or a map as it stood in the text.
type written string

func asWritten(text string) Value {
	if !strings.ContainsAny(text, " \t\n\"=") && text != "" {
		return TextValue(text)
	}
	var v any = written(text)
	return Value{p: unsafe.Pointer(&v), t: List}
}
