package trace

import (
	"math"

	"netsplit/runtime/picture"
)

// vega is the film as a Vega 5 specification: one number says where it stands, and a
// slider, four buttons and a clock move it.
func (f *film) vega() map[string]any {
	v := func(value any) object { return object{"value": value} }
	field := func(name string) object { return object{"field": name} }
	sig := func(expression string) object { return object{"signal": expression} }
	last := float64(len(f.clocks)) - 0.01
	end := len(f.clocks) - 1
	above := 0.0
	if f.title != "" {
		above = 26
	}
	// What is there at the present moment.
	now := func(name string, values any) object {
		return object{"name": name, "values": values, "transform": array{object{"type": "filter", "expr": "datum.from <= at + 0.001 && at + 0.001 < datum.to"}}}
	}
	text := func(data string, size float64, align string, bold bool) object {
		weight := "normal"
		if bold {
			weight = "bold"
		}
		return object{"type": "text", "from": object{"data": data}, "interactive": false, "encode": object{"update": object{
			"x": field("x"), "y": field("y"), "text": field("text"), "fill": field("color"), "align": v(align), "fontSize": v(size), "font": v("sans-serif"), "fontWeight": v(weight)}}}
	}
	// A message that leaves stands clear of its sender.
	fly := object{"x": sig("datum.x + (datum.x2 - datum.x) * datum.way"), "y": sig("datum.y + (datum.y2 - datum.y) * datum.way")}
	with := func(base object, more object) object {
		out := object{}
		for k, x := range base {
			out[k] = x
		}
		for k, x := range more {
			out[k] = x
		}
		return out
	}
	marks := array{
		object{"type": "rule", "from": object{"data": "flying"}, "interactive": false, "encode": object{"update": object{
			"x": field("x"), "y": field("y"), "x2": field("x2"), "y2": field("y2"), "stroke": field("color"), "strokeOpacity": v(0.28), "strokeWidth": v(2), "strokeDash": sig("datum.lost ? [4,4] : [1,0]")}}},
		object{"type": "symbol", "from": object{"data": "states"}, "encode": object{"update": object{
			"x": field("x"), "y": field("y"), "size": v(nodeRadius * nodeRadius * 4), "shape": v("circle"), "fill": field("fill"), "stroke": field("ring"), "strokeWidth": v(2.5), "tooltip": field("tip")}}},
		object{"type": "text", "from": object{"data": "nodes"}, "interactive": false, "encode": object{"update": object{
			"x": field("x"), "y": field("y"), "text": field("name"), "align": v("center"), "baseline": v("middle"), "fontSize": sig("length(datum.name) > 6 ? 10 : 13"), "font": v("sans-serif"), "fontWeight": v("bold"), "fill": v(ink), "limit": v(76)}}},
		object{"type": "symbol", "from": object{"data": "flying"}, "encode": object{"update": with(fly, object{
			"size": sig("datum.lost && datum.way > 0.8 * datum.share ? 150 : 90"), "shape": sig("datum.lost && datum.way > 0.8 * datum.share ? 'cross' : 'circle'"), "angle": v(45), "fill": field("color"), "stroke": v(paper), "strokeWidth": v(1), "tooltip": field("tip")})}},
	}
	label := with(fly, object{"dy": v(-10), "text": field("text"), "align": v("center"), "fontSize": v(11), "font": v("sans-serif"), "fill": field("color")})
	marks = append(marks,
		object{"type": "text", "from": object{"data": "flying"}, "interactive": false, "encode": object{"update": with(label, object{"stroke": v(paper), "strokeWidth": v(3), "strokeJoin": v("round")})}},
		object{"type": "text", "from": object{"data": "flying"}, "interactive": false, "encode": object{"update": label}},
		text("notes", 11, "center", false), text("faults", 12, "right", true), text("lines", 12, "left", false))
	marks = append(marks, f.buttons()...)
	marks = append(marks, object{"type": "text", "interactive": false, "encode": object{"update": object{
		"x": v(172), "y": v(27), "text": sig("data('clocks')[floor(at + 0.001)].text"), "fontSize": v(17), "fontWeight": v("bold"), "font": v("sans-serif"), "fill": v(ink)}}})
	parts := array{}
	if f.title != "" {
		parts = append(parts, object{"type": "text", "encode": object{"enter": object{"text": v(f.title), "x": v(12), "y": v(18), "fontSize": v(14), "fontWeight": v("bold"), "font": v("sans-serif"), "fill": v(ink)}}})
	}
	parts = append(parts,
		object{"type": "group", "encode": object{"enter": object{"x": v(0), "y": v(above), "width": v(f.width), "height": v(f.height)}}, "marks": marks},
		object{"type": "text", "encode": object{"enter": object{"text": v(f.caption), "x": v(12), "y": v(above + f.height + 14), "fontSize": v(10.5), "font": v("sans-serif"), "fill": v(faint)}}})
	flying := now("flying", some(f.flights))
	flying["transform"] = append(flying["transform"].(array),
		object{"type": "formula", "as": "way", "expr": "(0.17 + 0.83 * min(1, (at - datum.from) / (datum.to - datum.from))) * datum.share"})
	return object{
		"$schema": "https://vega.github.io/schema/vega/v5.json", "description": "animation: " + f.caption,
		"width": f.width, "height": above + f.height + 24, "padding": 0, "autosize": "none", "background": paper,
		"signals": array{
			object{"name": "last", "value": last}, object{"name": "end", "value": end},
			object{"name": "playing", "value": false, "on": array{
				object{"events": "@play:click", "update": "!playing"},
				object{"events": "@first:click, @back:click, @next:click, @final:click", "update": "false"},
				object{"events": object{"signal": "at"}, "update": "playing && at < last"}}},
			object{"name": "at", "value": 0, "bind": object{"input": "range", "min": 0, "max": last, "step": 0.05, "name": "moment "}, "on": array{
				object{"events": object{"type": "timer", "throttle": 40}, "update": "playing ? min(last, at + 0.04 * speed) : at"},
				object{"events": "@play:click", "update": "at >= last - 0.05 ? 0 : at"},
				object{"events": "@first:click", "update": "0"},
				object{"events": "@back:click", "update": "max(0, ceil(at - 0.001) - 1)"},
				object{"events": "@next:click", "update": "min(end, floor(at + 0.001) + 1)"},
				object{"events": "@final:click", "update": "end"}}},
			object{"name": "speed", "value": 1, "bind": object{"input": "select", "options": array{0.25, 0.5, 1, 2, 4, 8}, "name": "moments per second "}},
		},
		"marks": parts,
		"data": array{
			object{"name": "clocks", "values": some(f.clocks)}, object{"name": "nodes", "values": some(f.nodes)},
			now("states", some(f.states)), now("notes", some(f.notes)), flying,
			now("faults", some(f.faults)), now("lines", some(f.lines)),
		},
	}
}

// buttons are drawn in the film itself: they need nothing outside of it.
func (f *film) buttons() array {
	var out array
	for i, b := range []struct{ name, shape, tip string }{
		{"first", "M-5,-6 L-3,-6 L-3,6 L-5,6 Z M6,-6 L6,6 L-2,0 Z", "to the beginning"},
		{"back", "M5,-6 L5,6 L-5,0 Z", "one moment back"},
		{"play", "", "play or pause"},
		{"next", "M-5,-6 L-5,6 L5,0 Z", "one moment on"},
		{"final", "M5,-6 L3,-6 L3,6 L5,6 Z M-6,-6 L-6,6 L2,0 Z", "to the end"},
	} {
		x := 26 + 28*float64(i)
		shape := object{"value": b.shape}
		if b.name == "play" {
			shape = object{"signal": "playing ? 'M-5,-6 L-1.5,-6 L-1.5,6 L-5,6 Z M1.5,-6 L5,-6 L5,6 L1.5,6 Z' : 'M-4,-7 L-4,7 L7,0 Z'"}
		}
		out = append(out,
			object{"type": "rect", "name": b.name, "encode": object{
				"enter":  object{"x": object{"value": x - 12}, "y": object{"value": 9}, "width": object{"value": 24}, "height": object{"value": 24}, "cornerRadius": object{"value": 4}, "cursor": object{"value": "pointer"}, "tooltip": object{"value": b.tip}},
				"update": object{"fill": object{"value": "#eef1f4"}, "stroke": object{"value": laneInk}}, "hover": object{"fill": object{"value": "#dbe7f3"}}}},
			object{"type": "path", "interactive": false, "encode": object{"update": object{"x": object{"value": x}, "y": object{"value": 21}, "path": shape, "fill": object{"value": ink}}}})
	}
	return out
}

// png shows some frames of the film, in rows of three.
func (f *film) png() string {
	const columns, most, scale = 3, 6, 0.52
	n := len(f.clocks)
	var frames []float64
	for i := range min(n, most) {
		// Of each stretch the moment with the most messages on their way.
		from, to := i*n/min(n, most), (i+1)*n/min(n, most)
		best, at := -1, 0.0
		for j := from; j < to; j++ {
			flying := 0
			for _, s := range f.flights {
				if s.From <= float64(j)+0.5 && float64(j)+0.5 < s.To {
					flying++
				}
			}
			if flying > best {
				best, at = flying, float64(j)+0.5
			}
		}
		frames = append(frames, min(at, float64(n)-0.01))
	}
	rows := (len(frames) + columns - 1) / columns
	w, h := f.width*scale, (stageTop+f.stage+14)*scale
	above := 8.0
	if f.title != "" {
		above = 30
	}
	across := float64(min(columns, len(frames)))
	c := picture.New(math.Ceil(w*across+8), math.Ceil(above+h*float64(rows)+24), paper)
	if f.title != "" {
		c.Text(12, 19, f.title, picture.Font{Size: 14, Color: ink, Bold: true})
	}
	for i, at := range frames {
		x, y := 4+w*float64(i%columns), above+h*float64(i/columns)
		c.Rect(x+2, y+2, w-4, h-4, "#f7f9fa")
		f.frame(c, at, func(px, py float64) (float64, float64) { return x + px*scale, y + py*scale })
	}
	c.Text(12, above+h*float64(rows)+15, f.caption, picture.Font{Size: 10.5, Color: faint})
	return c.PNG()
}

// frame draws one moment, without its text.
func (f *film) frame(c *picture.Canvas, at float64, to func(x, y float64) (float64, float64)) {
	there := func(from, until float64) bool { return from <= at+0.001 && at+0.001 < until }
	x, y := to(14, 30)
	c.Text(x, y, f.clocks[int(at+0.001)].Text, picture.Font{Size: 12, Color: ink, Bold: true})
	for _, s := range f.faults {
		if there(s.From, s.To) {
			x, y := to(s.X, s.Y+8)
			c.Text(x, y, s.Text, picture.Font{Size: 9.5, Color: s.Color, Align: 1})
		}
	}
	for _, s := range f.flights {
		if there(s.From, s.To) {
			x1, y1 := to(s.X, s.Y)
			x2, y2 := to(s.X2, s.Y2)
			c.Line(x1, y1, x2, y2, picture.Pen{Color: s.Color + "55", Width: 1.4})
		}
	}
	for _, s := range f.states {
		if there(s.From, s.To) {
			x, y := to(s.X, s.Y)
			c.Disc(x, y, 12.4, s.Ring)
			c.Disc(x, y, 10.8, s.Fill)
		}
	}
	for _, p := range f.nodes {
		x, y := to(p.X, p.Y)
		size := 8.5
		if len(p.Name) > 6 {
			size = 6
		}
		c.Text(x, y+3, shorten(p.Name, 8), picture.Font{Size: size, Color: ink, Bold: true, Align: 0.5})
	}
	for _, s := range f.notes {
		if there(s.From, s.To) {
			x, y := to(s.X, s.Y+4)
			c.Text(x, y, s.Text, picture.Font{Size: 8.5, Color: ink, Align: 0.5})
		}
	}
	for _, s := range f.flights {
		if !there(s.From, s.To) {
			continue
		}
		way := (0.17 + 0.83*math.Min(1, (at-s.From)/(s.To-s.From))) * s.Share
		x, y := to(s.X+(s.X2-s.X)*way, s.Y+(s.Y2-s.Y)*way)
		if s.Lost {
			paintHead(c, head{x, y, 45, "cross", s.Color}, 0)
		} else {
			c.Disc(x, y, 3.6, s.Color)
		}
		c.Text(x, y-6, shorten(s.Text, 20), picture.Font{Size: 8.5, Color: s.Color, Align: 0.5, Halo: "#f7f9fa"})
	}
}
