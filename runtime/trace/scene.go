package trace

import (
	"math"
	"slices"
	"strings"
	"time"
)

// scene is a diagram as shapes with pixel coordinates. Both forms in which it is
// shown, Vega and PNG, only paint what stands here.
type scene struct {
	title, caption string
	width          float64
	height         float64 // of the scrolled part
	lanes          []laneHead
	bands          []band
	lines          []stroke
	heads          []head
	dots           []dot
	labels         []label
	ticks          []label
	breaks         []float64
}

type laneHead struct {
	Name string  `json:"name"`
	X    float64 `json:"x"`
}

// band is a rectangle over a span of time.
type band struct {
	X    float64        `json:"x"`
	X2   float64        `json:"x2"`
	Y    float64        `json:"y"`
	Y2   float64        `json:"y2"`
	Fill string         `json:"fill"`
	Tip  map[string]any `json:"tip"`
}

// stroke is a line: of a node, or of a message.
type stroke struct {
	X     float64        `json:"x"`
	X2    float64        `json:"x2"`
	Y     float64        `json:"y"`
	Y2    float64        `json:"y2"`
	Color string         `json:"color"`
	Width float64        `json:"width"`
	Dash  []float64      `json:"dash,omitempty"`
	Tip   map[string]any `json:"tip,omitempty"`
}

// head is the end of a message: an arrow, or a cross where it was lost.
type head struct {
	X     float64 `json:"x"`
	Y     float64 `json:"y"`
	Angle float64 `json:"angle"` // degrees, clockwise from upwards
	Shape string  `json:"shape"`
	Color string  `json:"color"`
}

type dot struct {
	X     float64        `json:"x"`
	Y     float64        `json:"y"`
	Color string         `json:"color"`
	Shape string         `json:"shape"`
	Tip   map[string]any `json:"tip"`
}

type label struct {
	X     float64 `json:"x"`
	Y     float64 `json:"y"`
	Text  string  `json:"text"`
	Color string  `json:"color"`
	Align string  `json:"align"`
	Bold  bool    `json:"bold"`
	Angle float64 `json:"angle"` // degrees, clockwise
}

// The look: dark ink on a white card, which reads in both themes; hues that can be
// told apart with any kind of colour vision (Okabe and Ito).
const (
	ink      = "#24292f"
	faint    = "#6e7781"
	laneInk  = "#b6bec7"
	alarm    = "#c62828"
	alarmed  = "#f6d5d5"
	cutFill  = "#fdf3d7"
	cutInk   = "#8a6d00"
	pauseInk = "#c9ced4"
	paper    = "#ffffff"
)

var hues = []string{"#0072b2", "#d55e00", "#009e73", "#aa4499", "#b07d00", "#3b8fc4", "#6a4ca0", "#7f4f24"}

const (
	left     = 74.0 // of the first lane's label column
	rowLeast = 20.0
	rowMost  = 72.0
	lineStep = 13.0
	top      = 10.0
	// mostEvents is how many events one diagram holds.
	mostEvents = 600
)

// scene lays the diagram out; nil when there is nothing to draw.
func (t *Timeline) scene() *scene {
	tr := t.transcript
	l := tr.log
	var chosen []int
	all := 0
	for i := tr.from; i < tr.to && i < l.Len(); i++ {
		if !tr.filter.wants(l, l.At(i)) {
			continue
		}
		all++
		if len(chosen) < mostEvents {
			chosen = append(chosen, i)
		}
	}
	if len(chosen) == 0 {
		return nil
	}
	d := &drawing{log: l, scene: &scene{title: t.title, caption: t.caption(len(chosen), all)}, colors: map[string]string{}}
	d.columns(chosen, tr.filter)
	d.rows(chosen)
	d.states(t.by)
	d.faults(tr.filter)
	for _, i := range chosen {
		d.event(i)
	}
	d.asides()
	d.width = math.Max(d.width, math.Max(24+7.8*float64(len([]rune(t.title))), 24+5.4*float64(len([]rune(d.caption)))))
	d.finish()
	return d.scene
}

// drawing is a scene in the making.
type drawing struct {
	*scene
	log    *Log
	x      map[int32]float64
	times  []int64
	y      []float64
	gap    float64
	first  int32 // the outer lanes
	last   int32
	notes  []aside
	colors map[string]string
	sent   map[int]bool // sends that are drawn with their end
}

// columns gives each node that takes part a place.
func (d *drawing) columns(chosen []int, f filter) {
	used := map[int32]bool{}
	for _, i := range chosen {
		e := d.log.At(i)
		if e.Node != World {
			used[e.Node] = true
		}
		if e.Msg != nil && e.What != Note {
			used[e.Peer] = true
		}
	}
	var lanes []int32
	for _, name := range f.order {
		if lane, ok := d.log.lanes[name]; ok && !slices.Contains(lanes, lane) {
			lanes = append(lanes, lane)
		}
	}
	for lane := range d.log.names {
		if lane := int32(lane); !slices.Contains(lanes, lane) && (used[lane] || lane != 0 && f.nodes == nil && len(d.log.names) <= 12) {
			lanes = append(lanes, lane)
		}
	}
	d.gap = 190
	if n := len(lanes); n > 4 {
		d.gap = math.Max(84, 760/float64(n))
	}
	before, after := 46.0, 100.0 // room for what stands beside the outer lines
	for _, i := range chosen {
		e := d.log.At(i)
		if text := d.beside(e); text != "" {
			if e.Node == lanes[0] && len(lanes) > 1 {
				before = math.Max(before, 22+letter*float64(len([]rune(text))))
			}
			if e.Node == lanes[len(lanes)-1] {
				after = math.Max(after, 26+letter*float64(len([]rune(text))))
			}
		}
	}
	d.x = map[int32]float64{}
	for i, lane := range lanes {
		x := left + before + float64(i)*d.gap
		d.x[lane] = x
		d.lanes = append(d.lanes, laneHead{shorten(d.log.Name(lane), int(d.gap/7)), x})
	}
	d.first, d.last = lanes[0], lanes[len(lanes)-1]
	d.width = left + before + float64(len(lanes)-1)*d.gap + after
}

// letter is how wide a letter is, on average, and longest how many of them stand
// beside a line.
const (
	letter  = 6.0
	longest = 44
)

// beside is what is written beside the line of a node, for events that have a place
// there.
func (d *drawing) beside(e *Event) string {
	switch e.What {
	case Note:
		return shorten(e.Msg.String(), longest)
	case NoReply:
		return "no reply"
	case Crash, Restart, Pause, Resume:
		return strings.TrimPrefix(d.log.Text(e), d.log.Name(e.Node)+" ")
	}
	return ""
}

// rows gives each moment at which something happens a height: the stretches between
// them are as their times where that can be read, shortened or stretched where not.
func (d *drawing) rows(chosen []int) {
	lines := map[int64]map[int32]int{} // labels that stand below each other
	for _, i := range chosen {
		e := d.log.At(i)
		if len(d.times) == 0 || d.times[len(d.times)-1] != e.At {
			d.times = append(d.times, e.At)
		}
		switch e.What {
		case Send, Deliver, Late, Lost:
		default:
			if lines[e.At] == nil {
				lines[e.At] = map[int32]int{}
			}
			lines[e.At][e.Node]++
		}
	}
	var steps []float64
	for i := 1; i < len(d.times); i++ {
		steps = append(steps, float64(d.times[i]-d.times[i-1]))
	}
	usual := 1.0
	if len(steps) > 0 {
		sorted := slices.Sorted(slices.Values(steps))
		usual = sorted[len(sorted)/2]
	}
	y := top + 14
	for i, at := range d.times {
		if i > 0 {
			natural := 30 * steps[i-1] / usual
			least := rowLeast
			for _, n := range lines[d.times[i-1]] {
				least = math.Max(least, 8+lineStep*float64(n))
			}
			step := math.Min(math.Max(natural, least), math.Max(rowMost, least))
			if natural > 2.5*rowMost {
				d.breaks = append(d.breaks, y+step/2)
			}
			y += step
		}
		d.y = append(d.y, y)
		d.ticks = append(d.ticks, label{X: left - 12, Y: y, Text: stamp(time.Duration(at)), Color: faint, Align: "right"})
	}
	last := 0
	for _, n := range lines[d.times[len(d.times)-1]] {
		last = max(last, n)
	}
	d.height = y + 20 + lineStep*float64(last)
}

// place is the height of a moment, between rows as well.
func (d *drawing) place(at int64) float64 {
	i, found := slices.BinarySearch(d.times, at)
	switch {
	case found:
		return d.y[i]
	case i == 0:
		return top
	case i == len(d.times):
		return d.height
	}
	share := float64(at-d.times[i-1]) / float64(d.times[i]-d.times[i-1])
	return d.y[i-1] + share*(d.y[i]-d.y[i-1])
}

// faults draws the spans: bands behind everything, bars on the lines of nodes.
func (d *drawing) faults(f filter) {
	first, last := d.times[0], d.times[len(d.times)-1]
	for _, s := range d.log.Spans() {
		if s.From > last || s.To < first {
			continue
		}
		y1, y2 := d.place(max(s.From, first)), d.height
		until := "the end"
		if s.To != Open {
			until = stamp(time.Duration(s.To))
			if s.To <= last {
				y2 = d.place(s.To)
			}
		}
		tip := map[string]any{"fault": s.Text, "from": stamp(time.Duration(s.From)), "to": until}
		switch s.What {
		case "crash", "pause":
			for _, lane := range s.Lanes {
				x, ok := d.x[lane]
				if !ok {
					continue
				}
				fill := alarmed
				if s.What == "pause" {
					fill = pauseInk
				}
				d.bands = append(d.bands, band{x - 7, x + 7, y1, y2, fill, tip})
			}
		case "drop": // the messages that it takes show it
		case "slow", "drain", "sync", "disk", "failures":
			for _, lane := range s.Lanes {
				if x, ok := d.x[lane]; ok {
					d.bands = append(d.bands, band{x - 7, x + 7, y1, y2, cutFill, tip})
					l := label{X: x + 10, Y: y1 + 4, Text: shorten(s.Text, max(int(d.gap/6), 14)), Color: cutInk, Align: "left"}
					if l.room().x2 > d.width-8 { // there is no room behind the last line
						l.X, l.Align = x-10, "right"
					}
					for tries := 0; tries < 6 && slices.ContainsFunc(d.labels, func(other label) bool { return other.room().meets(l.room()) }); tries++ {
						l.Y += lineStep
					}
					d.labels = append(d.labels, l)
				}
			}
		default:
			d.bands = append([]band{{left, d.width - 8, y1, y2, cutFill, tip}}, d.bands...)
			d.labels = append(d.labels, label{X: d.width - 14, Y: y1 + lineStep, Text: shorten(s.Text, 60), Color: cutInk, Align: "right"})
		}
	}
	for _, lane := range d.lanes {
		d.lines = append(d.lines, stroke{X: lane.X, X2: lane.X, Y: top - 6, Y2: d.height, Color: laneInk, Width: 1.5})
	}
}

func (d *drawing) color(kind string) string {
	c, ok := d.colors[kind]
	if !ok {
		c = hues[len(d.colors)%len(hues)]
		d.colors[kind] = c
	}
	return c
}

// event draws one event; a message is drawn where it ends.
func (d *drawing) event(i int) {
	e := d.log.At(i)
	x, y := d.x[e.Node], d.place(e.At)
	switch e.What {
	case Send:
		d.color(e.Msg.Kind)
		if !d.ends(i) {
			d.onItsWay(i)
		}
	case Deliver, Late, Lost:
		d.message(i)
	case Note:
		d.dots = append(d.dots, dot{x, y, ink, "circle", map[string]any{"node": d.log.Name(e.Node), "notes": e.Msg.String(), "at": e.Time().String()}})
		d.notes = append(d.notes, aside{e, ink, false})
	case NoReply:
		d.dots = append(d.dots, dot{x, y, alarm, "circle", map[string]any{"node": d.log.Name(e.Node), "no reply from": d.log.Name(e.Peer), "to": e.Text, "at": e.Time().String()}})
		d.notes = append(d.notes, aside{e, alarm, false})
	case Crash, Restart, Pause, Resume:
		color, shape := alarm, "cross"
		if e.What != Crash {
			color, shape = faint, "circle"
		}
		d.dots = append(d.dots, dot{x, y, color, shape, map[string]any{"node": d.log.Name(e.Node), "event": d.beside(e), "at": e.Time().String()}})
		d.notes = append(d.notes, aside{e, color, e.What == Crash})
	case Broken, Deadlock, Stopped:
		d.lines = append(d.lines, stroke{X: left, X2: d.width - 8, Y: y, Y2: y, Color: alarm, Width: 1.5, Dash: []float64{6, 3}, Tip: map[string]any{"event": e.Text, "at": e.Time().String()}})
		d.labels = append(d.labels, label{X: left + 4, Y: y + lineStep, Text: shorten(e.Text, int(d.width/6.2)-16), Color: alarm, Align: "left", Bold: true})
	case Fault:
		if !d.lasts(e) { // what happens at one moment: a clock steps, a disk rots
			d.lines = append(d.lines, stroke{X: left, X2: d.width - 8, Y: y, Y2: y, Color: cutInk, Width: 1, Dash: []float64{2, 3}, Tip: map[string]any{"fault": e.Text, "at": e.Time().String()}})
			d.labels = append(d.labels, label{X: left + 4, Y: y - 4, Text: shorten(e.Text, 60), Color: cutInk, Align: "left"})
		}
	case Remark:
		d.labels = append(d.labels, label{X: left + 4, Y: y - 4, Text: shorten(e.Text, 60), Color: faint, Align: "left"})
	}
}

// lasts tells whether a fault begins or ends a span, which is drawn.
func (d *drawing) lasts(e *Event) bool {
	for _, s := range d.log.Spans() {
		if s.From == e.At || s.To == e.At {
			return true
		}
	}
	return false
}

// aside is what will stand beside a node's line.
type aside struct {
	e     *Event
	color string
	bold  bool
}

// box is the room that a text takes.
type box struct{ x1, y1, x2, y2 float64 }

func (b box) meets(c box) bool { return b.x1 < c.x2 && c.x1 < b.x2 && b.y1 < c.y2 && c.y1 < b.y2 }

// room is where a label stands; a slanted one takes the room of its slope as well.
func (l label) room() box {
	w := letter * float64(len([]rune(l.Text)))
	sin, cos := math.Sincos(l.Angle * math.Pi / 180)
	x1, x2 := l.X, l.X+w
	switch l.Align {
	case "center":
		x1, x2 = l.X-w*cos/2, l.X+w*cos/2
		lift := math.Abs(w * sin / 2)
		return box{x1 - 2, l.Y - 9 - lift, x2 + 2, l.Y + 3 + lift}
	case "right":
		x1, x2 = l.X-w, l.X
	}
	return box{x1 - 2, l.Y - 9, x2 + 2, l.Y + 3}
}

// asides writes what stands beside the lines, each where nothing else is written:
// outside of the outer lines, right or left of the others, lower where there is no
// room.
func (d *drawing) asides() {
	var taken []box
	for _, l := range d.labels {
		taken = append(taken, l.room())
	}
	for _, n := range d.notes {
		x, y := d.x[n.e.Node], d.place(n.e.At)
		text := d.beside(n.e)
		right := label{X: x + 10, Y: y + 4, Text: text, Color: n.color, Align: "left", Bold: n.bold}
		leftward := right
		leftward.X, leftward.Align = x-10, "right"
		sides := []label{right, leftward}
		switch {
		case n.e.Node == d.last:
			sides = sides[:1]
		case n.e.Node == d.first:
			sides = sides[1:]
		default:
			for i := range sides {
				sides[i].Text = shorten(text, max(int((d.gap-14)/letter), 10))
			}
		}
		best := sides[0]
	search:
		for _, lower := range []float64{0, lineStep, -lineStep, 2 * lineStep, 3 * lineStep} {
			for _, l := range sides {
				l.Y += lower
				free := l.Y > 8 && l.Y < d.height
				for _, b := range taken {
					free = free && !b.meets(l.room())
				}
				if free {
					best = l
					break search
				}
			}
		}
		taken = append(taken, best.room())
		d.labels = append(d.labels, best)
	}
}

// ends tells whether the end of the message sent at event i is among the events
// drawn; it is looked for once.
func (d *drawing) ends(i int) bool {
	if d.sent == nil {
		d.sent = map[int]bool{}
		last := d.times[len(d.times)-1]
		for j := range d.log.Len() {
			if e := d.log.At(j); e.At > last {
				break
			}
			if cause := d.log.Cause(j); cause >= 0 {
				d.sent[cause] = true
			}
		}
	}
	return d.sent[i]
}

func (d *drawing) tip(e *Event, sent int64, end string) map[string]any {
	from, to := e.Peer, e.Node
	if e.What == Lost || e.What == Send {
		from, to = e.Node, e.Peer
	}
	tip := map[string]any{"message": e.Msg.Kind, "from": d.log.Name(from), "to": d.log.Name(to), "sent": time.Duration(sent).String()}
	for i := range e.Msg.Len() {
		tip["· "+e.Msg.Name(i)] = e.Msg.Value(i).String()
	}
	if end != "" {
		tip[end] = e.Time().String()
		tip["took"] = time.Duration(e.At - sent).String()
	}
	return tip
}

// message draws a message that ended at event i.
func (d *drawing) message(i int) {
	e := d.log.At(i)
	from, to := e.Peer, e.Node
	if e.What == Lost {
		from, to = e.Node, e.Peer
	}
	sent := e.At
	if cause := d.log.Cause(i); cause >= 0 {
		sent = d.log.At(cause).At
	}
	x1, ok1 := d.x[from]
	x2, ok2 := d.x[to]
	if !ok1 || !ok2 {
		return
	}
	y1, y2 := d.place(max(sent, d.times[0])), d.place(e.At)
	if x1 == x2 { // to itself: a dot
		d.dots = append(d.dots, dot{x1, y2, d.color(e.Msg.Kind), "circle", d.tip(e, sent, "arrived")})
		return
	}
	line := stroke{X: x1, X2: x2, Y: y1, Y2: y2, Color: d.color(e.Msg.Kind), Width: 1.6}
	text, end := e.Msg.String(), "arrived"
	switch e.What {
	case Late:
		line.Dash, end = []float64{5, 3}, "arrived late"
		text += " (" + e.Text + ")"
	case Lost:
		share := 0.62
		if e.At == sent {
			y2 = y1 + 10
		} else {
			share = 0.94
		}
		line.X2, line.Y2 = x1+share*(x2-x1), y1+share*(y2-y1)
		line.Color, line.Dash, end = alarm, []float64{5, 3}, "lost"
		text += " (" + e.Text + ")"
	}
	line.Tip = d.tip(e, sent, end)
	if e.What == Lost {
		line.Tip["why"] = e.Text
		d.heads = append(d.heads, head{line.X2, line.Y2, 45, "cross", alarm})
	} else {
		angle := math.Atan2(line.Y2-line.Y, line.X2-line.X)
		back := 5.0
		d.heads = append(d.heads, head{line.X2 - back*math.Cos(angle), line.Y2 - back*math.Sin(angle), 90 + angle*180/math.Pi, "triangle", line.Color})
	}
	d.lines = append(d.lines, line)
	d.nameLine(line, text, math.Abs(x2-x1), e.What == Lost)
}

// onItsWay draws a message whose end is not in the diagram.
func (d *drawing) onItsWay(i int) {
	e := d.log.At(i)
	x1, ok1 := d.x[e.Node]
	x2, ok2 := d.x[e.Peer]
	if !ok1 || !ok2 || x1 == x2 {
		return
	}
	y := d.place(e.At)
	line := stroke{X: x1, X2: x1 + 0.4*(x2-x1), Y: y, Y2: y + 10, Color: d.color(e.Msg.Kind), Width: 1.6, Dash: []float64{2, 3}, Tip: d.tip(e, e.At, "")}
	d.lines = append(d.lines, line)
	d.nameLine(line, e.Msg.String(), math.Abs(x2-x1), false)
}

// nameLine writes the message along its line, as far as there is room; below it where
// the line is short and another one comes in above.
func (d *drawing) nameLine(s stroke, text string, gap float64, below bool) {
	dx, dy := s.X2-s.X, s.Y2-s.Y
	if dx < 0 {
		dx, dy = -dx, -dy
	}
	angle := math.Atan2(dy, dx)
	room := int((gap - 16) / 5.6)
	if room < 4 {
		return
	}
	lift := 4.0
	if below {
		lift = -13
	}
	d.labels = append(d.labels, label{X: (s.X+s.X2)/2 + lift*math.Sin(angle), Y: (s.Y+s.Y2)/2 - lift*math.Cos(angle),
		Text: shorten(text, room), Color: s.Color, Align: "center", Angle: angle * 180 / math.Pi})
}

// finish rounds all coordinates, so that the same diagram is the same text.
func (d *drawing) finish() {
	round := func(values ...*float64) {
		for _, v := range values {
			*v = math.Round(*v*10) / 10
		}
	}
	round(&d.width, &d.height)
	for i := range d.lanes {
		round(&d.lanes[i].X)
	}
	for i := range d.bands {
		round(&d.bands[i].X, &d.bands[i].X2, &d.bands[i].Y, &d.bands[i].Y2)
	}
	for i := range d.lines {
		round(&d.lines[i].X, &d.lines[i].X2, &d.lines[i].Y, &d.lines[i].Y2)
	}
	for i := range d.heads {
		round(&d.heads[i].X, &d.heads[i].Y, &d.heads[i].Angle)
	}
	for i := range d.dots {
		round(&d.dots[i].X, &d.dots[i].Y)
	}
	for i := range d.labels {
		round(&d.labels[i].X, &d.labels[i].Y, &d.labels[i].Angle)
	}
	for i := range d.ticks {
		round(&d.ticks[i].X, &d.ticks[i].Y)
	}
	for i := range d.breaks {
		round(&d.breaks[i])
	}
}

func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n || n < 2 {
		return s
	}
	return string(r[:n-1]) + "…"
}
