package trace

import "time"

// stateFills are the colours of what nodes note: light, so that ink stands on them, and
// apart with any kind of colour vision.
var stateFills = []string{"#d3dae1", "#b5d7ee", "#f7c07f", "#bfe3cd", "#e3c6df", "#ece19c", "#d2cbe8", "#d9c3ae"}

// told is what a node said of itself from one time to another.
type told struct {
	lane     int32
	value    string
	from, to int64
	fill     string
}

// told lists what nodes noted under a name, up to a time, in the order in which it
// ended. Each value has a colour, in the order in which they were first noted.
func (l *Log) told(name string, last int64) []told {
	if name == "" {
		return nil
	}
	var list []told
	fills := map[string]string{}
	now := map[int32]told{}
	end := func(lane int32, at int64) {
		if t, ok := now[lane]; ok {
			t.to = at
			list = append(list, t)
			delete(now, lane)
		}
	}
	for i := range l.Len() {
		e := l.At(i)
		if e.At > last {
			break
		}
		switch e.What {
		case Crash:
			end(e.Node, e.At)
		case Note:
			v, ok := e.Msg.Find(name)
			if !ok || now[e.Node].value == v.String() && now[e.Node].fill != "" {
				continue
			}
			end(e.Node, e.At)
			value := v.String()
			if fills[value] == "" {
				fills[value] = stateFills[len(fills)%len(stateFills)]
			}
			now[e.Node] = told{lane: e.Node, value: value, from: e.At, fill: fills[value]}
		}
	}
	for lane := range int32(len(l.names)) {
		end(lane, Open)
	}
	return list
}

// states draws what the nodes noted under a name as colours of their lines.
func (d *drawing) states(name string) {
	first, last := d.times[0], d.times[len(d.times)-1]
	for _, t := range d.log.told(name, last) {
		x, ok := d.x[t.lane]
		if !ok || t.to < first {
			continue
		}
		y1, y2, until := d.place(max(t.from, first)), d.height, "the end"
		if t.to != Open {
			y2, until = d.place(min(t.to, last)), stamp(time.Duration(t.to))
		}
		d.bands = append(d.bands, band{x - 7, x + 7, y1, y2, t.fill,
			map[string]any{"node": d.log.Name(t.lane), name: t.value, "from": stamp(time.Duration(t.from)), "to": until}})
	}
}
