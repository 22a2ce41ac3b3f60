package trace

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"netsplit/runtime/display"
)

// Animation is a run, or a part of it, as a film: nodes in a circle with their states
// and latest notes, messages on their way between them, faults above. It steps from
// one moment at which something happens to the next, forwards and backwards, or plays.
//
// The film is a Vega specification that needs no server and runs in a notebook that
// is not trusted, too. Its picture shows some of the frames; its text is the
// transcript.
type Animation struct {
	timeline *Timeline
}

// Animation is the film of all events.
func (l *Log) Animation() *Animation { return l.Timeline().Animation() }

// Animation is the film of what the diagram shows.
func (t *Timeline) Animation() *Animation { return &Animation{t} }

// Title puts a line above the film.
func (a *Animation) Title(title string) *Animation { return &Animation{a.timeline.Title(title)} }

// Nodes keeps the events of these nodes, named in one string: "a b".
func (a *Animation) Nodes(names string) *Animation { return &Animation{a.timeline.Nodes(names)} }

// Kinds keeps the messages of these kinds; other events stay.
func (a *Animation) Kinds(kinds string) *Animation { return &Animation{a.timeline.Kinds(kinds)} }

// By colours the nodes by what they noted last under a name: By("role").
func (a *Animation) By(name string) *Animation { return &Animation{a.timeline.By(name)} }

// Between keeps what happened from one time to another.
func (a *Animation) Between(from, to time.Duration) *Animation {
	return &Animation{a.timeline.Between(from, to)}
}

// String is the transcript of what the film shows.
func (a *Animation) String() string { return a.timeline.String() }

// MimeBundle shows the film: to be played, as some of its frames, and as text.
func (a *Animation) MimeBundle() display.Bundle {
	b := a.timeline.transcript.MimeBundle()
	if f := a.film(); f != nil {
		b["application/vnd.vega.v5+json"] = f.vega()
		b["image/png"] = f.png()
	}
	return b
}

// film is what both forms draw. Its time counts moments: 2.5 is halfway between the
// third moment at which something happens and the fourth.
type film struct {
	title, caption string
	width, height  float64
	stage          float64 // how high the place of the nodes is
	clocks         []moment
	nodes          []place
	states         []state
	notes          []saying
	flights        []flight
	faults         []saying // places are lines above
	lines          []saying // what happens, below
}

type moment struct {
	At   int    `json:"at"`
	Text string `json:"text"`
}

type place struct {
	Name string  `json:"name"`
	X    float64 `json:"x"`
	Y    float64 `json:"y"`
}

// state is how a node looks from one moment to another.
type state struct {
	X    float64 `json:"x"`
	Y    float64 `json:"y"`
	From float64 `json:"from"`
	To   float64 `json:"to"`
	Fill string  `json:"fill"`
	Ring string  `json:"ring"`
	Tip  string  `json:"tip"`
}

// saying is a text that stands somewhere from one moment to another.
type saying struct {
	X     float64 `json:"x"`
	Y     float64 `json:"y"`
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Text  string  `json:"text"`
	Color string  `json:"color"`
}

// flight is a message on its way.
type flight struct {
	X     float64        `json:"x"`
	Y     float64        `json:"y"`
	X2    float64        `json:"x2"`
	Y2    float64        `json:"y2"`
	From  float64        `json:"from"`
	To    float64        `json:"to"`
	Share float64        `json:"share"` // of the way that it gets
	Color string         `json:"color"`
	Text  string         `json:"text"`
	Lost  bool           `json:"lost"`
	Tip   map[string]any `json:"tip"`
}

const (
	filmWidth  = 620.0
	stageTop   = 58.0
	nodeRadius = 21.0
	upFill     = "#d8ecdf"
	upRing     = "#2c8a57"
)

// groupRings are the colours of the sides of a partition.
var groupRings = []string{"#0072b2", "#d55e00", "#aa4499", "#b07d00", "#6a4ca0"}

// film lays the animation out; nil when there is nothing to show.
func (a *Animation) film() *film {
	tr := a.timeline.transcript
	l := tr.log
	var chosen []int
	all := 0
	for i := tr.from; i < tr.to && i < l.Len(); i++ {
		if !tr.filter.wants(l, l.At(i)) {
			continue
		}
		if all++; len(chosen) < mostEvents {
			chosen = append(chosen, i)
		}
	}
	if len(chosen) == 0 {
		return nil
	}
	// The diagram knows the columns, the colours, and which messages end.
	d := &drawing{log: l, scene: &scene{}, colors: map[string]string{}}
	d.columns(chosen, tr.filter)
	d.rows(chosen)
	f := &film{title: a.timeline.title, caption: a.timeline.caption(len(chosen), all), width: filmWidth}
	for i, at := range d.times {
		f.clocks = append(f.clocks, moment{i, stamp(time.Duration(at))})
	}
	m := &making{film: f, drawing: d, where: map[int32]place{}}
	m.places()
	for _, t := range l.told(a.timeline.by, d.times[len(d.times)-1]) {
		to := float64(len(d.times))
		if t.to != Open {
			to = m.moment(t.to)
		}
		m.changes[t.lane] = append(m.changes[t.lane], change{m.moment(t.from), "fill " + t.fill + t.value}, change{to, "plain"})
	}
	m.spans(tr.filter)
	for _, i := range chosen {
		m.event(i)
	}
	m.finish()
	return f
}

// making is a film in the making.
type making struct {
	*film
	drawing *drawing
	where   map[int32]place
	changes map[int32][]change
	noted   map[int32]int // the latest note of a node, by number in notes; -1 none
	said    map[int]int   // lines at a moment
}

// change is when the look of a node changes.
type change struct {
	at   float64
	what string
}

// moment is a time on the film's scale.
func (m *making) moment(at int64) float64 {
	times := m.drawing.times
	i, found := slices.BinarySearch(times, at)
	switch {
	case found:
		return float64(i)
	case i == 0:
		return 0
	case i == len(times):
		return float64(len(times))
	}
	return float64(i-1) + float64(at-times[i-1])/float64(times[i]-times[i-1])
}

// places puts the nodes into a circle, the first one at the top.
func (m *making) places() {
	n := len(m.drawing.lanes)
	lanes := make([]int32, n)
	for lane, x := range m.drawing.x {
		for i, head := range m.drawing.lanes {
			if math.Abs(head.X-x) < 0.01 {
				lanes[i] = lane
			}
		}
	}
	rx, ry := 215.0, 116.0
	m.stage = 330
	if n <= 2 {
		rx, ry = 170, 0
		m.stage = 120
	}
	m.changes, m.noted, m.said = map[int32][]change{}, map[int32]int{}, map[int]int{}
	for i, lane := range lanes {
		angle := 2*math.Pi*float64(i)/float64(n) - math.Pi/2
		if n == 2 {
			angle = math.Pi * float64(1-i)
		}
		p := place{m.drawing.log.Name(lane), math.Round(filmWidth/2 + rx*math.Cos(angle)), math.Round(stageTop + m.stage/2 + ry*math.Sin(angle))}
		if n == 1 {
			p.X, p.Y = filmWidth/2, stageTop+m.stage/2
		}
		m.nodes = append(m.nodes, p)
		m.where[lane] = p
		m.noted[lane] = -1
	}
	m.height = stageTop + m.stage + 110
}

// spans are the faults: those of nodes change their look, others stand above.
func (m *making) spans(f filter) {
	last := float64(len(m.drawing.times))
	for _, s := range m.drawing.log.Spans() {
		from, to := m.moment(s.From), last
		if s.To != Open {
			to = m.moment(s.To)
		}
		if from >= last || to < 0 || to <= from && s.What != "crash" {
			continue
		}
		switch s.What {
		case "crash", "pause":
			for _, lane := range s.Lanes {
				m.changes[lane] = append(m.changes[lane], change{from, s.What})
				if to < last {
					m.changes[lane] = append(m.changes[lane], change{to, "up"})
				}
			}
			continue
		case "drop":
			continue
		case "partition":
			for i, lane := range s.Lanes {
				if i < len(s.Groups) {
					m.changes[lane] = append(m.changes[lane], change{from, fmt.Sprintf("group %d", s.Groups[i])})
					if to < last {
						m.changes[lane] = append(m.changes[lane], change{to, "whole"})
					}
				}
			}
		}
		line := 0
		for _, other := range m.faults {
			if other.From < to && from < other.To {
				line++
			}
		}
		m.faults = append(m.faults, saying{filmWidth - 14, 22 + 15*float64(line), from, to, shorten(s.Text, 60), cutInk})
	}
}

func (m *making) event(i int) {
	l := m.drawing.log
	e := l.At(i)
	at := m.moment(e.At)
	if n := m.said[int(at)]; n < 5 {
		m.said[int(at)]++
		text := l.Text(e)
		if n == 4 {
			text = "…"
		}
		color := ink
		switch e.What {
		case Lost, NoReply, Crash, Broken, Deadlock, Stopped:
			color = alarm
		case Send, Deliver, Late:
			color = m.drawing.color(e.Msg.Kind)
		}
		m.lines = append(m.lines, saying{16, stageTop + m.stage + 40 + 15*float64(n), at, at + 1, shorten(text, 92), color})
	}
	switch e.What {
	case Send:
		if !m.drawing.ends(i) {
			m.fly(e, e.Node, e.Peer, at, float64(len(m.drawing.times)), 0.5, "", m.drawing.tip(e, e.At, ""))
		}
	case Deliver, Late, Lost:
		from, to := e.Peer, e.Node
		if e.What == Lost {
			from, to = e.Node, e.Peer
		}
		sent := e.At
		if cause := l.Cause(i); cause >= 0 {
			sent = l.At(cause).At
		}
		start := m.moment(max(sent, m.drawing.times[0]))
		switch {
		case e.What == Lost:
			share := 0.9
			if at <= start {
				at, share = start+0.7, 0.45
			}
			m.fly(e, from, to, start, at, share, "lost", m.drawing.tip(e, sent, "lost"))
		default:
			m.fly(e, from, to, start, math.Max(at, start+0.5), 1, "", m.drawing.tip(e, sent, "arrived"))
		}
	case Note:
		if p, ok := m.where[e.Node]; ok {
			m.hush(e.Node, at)
			m.noted[e.Node] = len(m.notes)
			m.notes = append(m.notes, saying{p.X, p.Y + nodeRadius + 15, at, float64(len(m.drawing.times)), shorten(e.Msg.String(), 30), ink})
		}
	case Crash:
		m.hush(e.Node, at)
	}
}

// hush ends a node's latest note.
func (m *making) hush(lane int32, at float64) {
	if i := m.noted[lane]; i >= 0 && i < len(m.notes) {
		m.notes[i].To = at
	}
	m.noted[lane] = -1
}

func (m *making) fly(e *Event, from, to int32, start, end, share float64, lost string, tip map[string]any) {
	a, ok1 := m.where[from]
	b, ok2 := m.where[to]
	if !ok1 || !ok2 || from == to {
		return
	}
	// From rim to rim, a little to the right, so that there and back lie apart.
	dx, dy := b.X-a.X, b.Y-a.Y
	length := math.Hypot(dx, dy)
	ux, uy := dx/length, dy/length
	const aside = 5
	gap := nodeRadius + 3
	fl := flight{X: a.X + ux*gap - uy*aside, Y: a.Y + uy*gap + ux*aside, X2: b.X - ux*gap - uy*aside, Y2: b.Y - uy*gap + ux*aside,
		From: start, To: end, Share: share, Color: m.drawing.color(e.Msg.Kind), Text: shorten(e.Msg.String(), 26), Lost: lost != "", Tip: tip}
	if fl.Lost {
		fl.Color = alarm
	}
	m.flights = append(m.flights, fl)
}

// finish turns changes into states and rounds what is written.
func (m *making) finish() {
	last := float64(len(m.drawing.times))
	lanes := make([]int32, 0, len(m.where))
	for lane := range m.where {
		lanes = append(lanes, lane)
	}
	slices.Sort(lanes)
	for _, lane := range lanes {
		p := m.where[lane]
		list := m.changes[lane]
		slices.SortStableFunc(list, func(a, b change) int {
			switch {
			case a.at < b.at:
				return -1
			case a.at > b.at:
				return 1
			}
			return 0
		})
		now := state{X: p.X, Y: p.Y, Fill: upFill, Ring: upRing, Tip: "up"}
		ring, fill, tip := upRing, upFill, "up"
		for _, c := range list {
			if c.at > now.From {
				now.To = c.at
				m.states = append(m.states, now)
				now.From = c.at
			}
			switch {
			case c.what == "crash":
				now.Fill, now.Ring, now.Tip = alarmed, alarm, "down"
			case c.what == "pause":
				now.Fill, now.Ring, now.Tip = pauseInk, faint, "paused"
			case c.what == "up":
				now.Fill, now.Ring, now.Tip = fill, ring, tip
			case c.what == "plain" || strings.HasPrefix(c.what, "fill "):
				was := tip
				fill, tip = upFill, "up"
				if c.what != "plain" {
					fill, tip = c.what[5:12], c.what[12:]
				}
				if now.Tip == was {
					now.Fill, now.Tip = fill, tip
				}
			case c.what == "whole":
				ring = upRing
				if now.Tip == tip {
					now.Ring = ring
				}
			case strings.HasPrefix(c.what, "group "):
				group := 0
				fmt.Sscanf(c.what, "group %d", &group)
				ring = groupRings[((group%len(groupRings))+len(groupRings))%len(groupRings)]
				if now.Tip == tip {
					now.Ring = ring
				}
			}
		}
		now.To = last + 1
		m.states = append(m.states, now)
	}
	round := func(values ...*float64) {
		for _, v := range values {
			*v = math.Round(*v*100) / 100
		}
	}
	for i := range m.flights {
		f := &m.flights[i]
		round(&f.X, &f.Y, &f.X2, &f.Y2, &f.From, &f.To)
	}
	for _, list := range [][]saying{m.notes, m.faults, m.lines} {
		for i := range list {
			round(&list[i].From, &list[i].To)
		}
	}
	for i := range m.states {
		round(&m.states[i].From, &m.states[i].To)
	}
}
