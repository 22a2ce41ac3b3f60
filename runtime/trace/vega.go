package trace

import "math"

// most of a diagram that is visible at once; a slider moves the rest.
const viewport = 900.0

type object = map[string]any
type array = []any

// vega is the diagram as a Vega 5 specification. All coordinates are pixels. Dragging
// moves what does not fit, the wheel with the shift key zooms, long diagrams have a
// slider as well.
func (s *scene) vega() map[string]any {
	const header = 34.0
	above := 0.0
	if s.title != "" {
		above = 24
	}
	shown := math.Min(s.height, viewport)
	// part is how much of what does not fit has been scrolled away.
	part := object{"name": "part", "value": 0, "on": array{
		object{"events": "[mousedown, window:mouseup] > window:mousemove!", "update": "clamp(held + (down - y()) / max(1, height0 * zoom - shown), 0, 1)"}}}
	if s.height > viewport {
		part["bind"] = object{"input": "range", "min": 0, "max": 1, "step": 0.002, "name": "later "}
	}
	signals := array{
		object{"name": "height0", "value": s.height}, object{"name": "shown", "value": shown},
		object{"name": "zoom", "value": 1, "on": array{object{"events": object{"source": "view", "type": "wheel", "filter": "event.shiftKey", "consume": true},
			"update": "clamp(zoom * pow(1.0015, -(event.deltaY + event.deltaX)), 0.3, 8)"}}},
		object{"name": "down", "value": 0, "on": array{object{"events": "mousedown", "update": "y()"}}},
		object{"name": "held", "value": 0, "on": array{object{"events": "mousedown", "update": "part"}}},
		part,
		object{"name": "scroll", "update": "part * max(0, height0 * zoom - shown)"},
	}
	y := func(field string) object { return object{"signal": "datum." + field + " * zoom - scroll"} }
	slope := object{"signal": "datum.angle ? atan(tan(datum.angle * PI / 180) * zoom) * 180 / PI : 0"}
	f := func(field string) object { return object{"field": field} }
	v := func(value any) object { return object{"value": value} }
	tip := object{"signal": "datum.tip"}
	text := func(data string, size float64, halo bool) array {
		enter := object{"text": f("text"), "x": f("x"), "align": f("align"), "fill": f("color"), "fontSize": v(size),
			"font": v("sans-serif"), "fontWeight": object{"signal": "datum.bold ? 'bold' : 'normal'"}}
		mark := object{"type": "text", "from": object{"data": data}, "interactive": false,
			"encode": object{"enter": enter, "update": object{"y": y("y"), "angle": slope}}}
		if !halo {
			return array{mark}
		}
		behind := object{"stroke": v(paper), "strokeWidth": v(3), "strokeJoin": v("round")}
		for k, x := range enter {
			behind[k] = x
		}
		return array{object{"type": "text", "from": object{"data": data}, "interactive": false,
			"encode": object{"enter": behind, "update": object{"y": y("y"), "angle": slope}}}, mark}
	}
	marks := array{
		object{"type": "rect", "from": object{"data": "bands"}, "encode": object{
			"enter":  object{"x": f("x"), "x2": f("x2"), "fill": f("fill"), "tooltip": tip},
			"update": object{"y": y("y"), "y2": y("y2")}}},
		object{"type": "rule", "from": object{"data": "lines"}, "interactive": false, "encode": object{
			"enter":  object{"x": f("x"), "x2": f("x2"), "stroke": f("color"), "strokeWidth": f("width"), "strokeDash": f("dash")},
			"update": object{"y": y("y"), "y2": y("y2")}}},
		object{"type": "symbol", "from": object{"data": "heads"}, "interactive": false, "encode": object{
			"enter":  object{"x": f("x"), "shape": f("shape"), "fill": f("color"), "size": v(74)},
			"update": object{"y": y("y"), "angle": object{"signal": "datum.shape == 'triangle' ? 90 + atan2(sin((datum.angle - 90) * PI / 180) * zoom, cos((datum.angle - 90) * PI / 180)) * 180 / PI : datum.angle"}}}},
		object{"type": "symbol", "from": object{"data": "dots"}, "encode": object{
			"enter":  object{"x": f("x"), "shape": f("shape"), "fill": f("color"), "size": object{"signal": "datum.shape == 'cross' ? 110 : 46"}, "angle": v(45), "tooltip": tip},
			"update": object{"y": y("y")}}},
	}
	marks = append(marks, text("labels", 11, true)...)
	marks = append(marks, object{"type": "rule", "from": object{"data": "messages"}, "encode": object{ // what the mouse finds
		"enter":  object{"x": f("x"), "x2": f("x2"), "stroke": f("color"), "strokeWidth": v(11), "strokeCap": v("round"), "tooltip": tip},
		"update": object{"y": y("y"), "y2": y("y2"), "strokeOpacity": v(0)},
		"hover":  object{"strokeOpacity": v(0.25)}}})
	marks = append(marks, text("ticks", 10.5, false)...)
	marks = append(marks, object{"type": "text", "from": object{"data": "breaks"}, "interactive": false, "encode": object{
		"enter":  object{"text": v("⋮"), "x": v(left - 20), "align": v("center"), "baseline": v("middle"), "fill": v(faint), "fontSize": v(14)},
		"update": object{"y": y("data")}}})
	heads := object{"type": "text", "from": object{"data": "lanes"}, "encode": object{"enter": object{
		"text": f("name"), "x": f("x"), "y": v(header - 14), "align": v("center"), "fontWeight": v("bold"), "fontSize": v(13), "font": v("sans-serif"), "fill": v(ink)}}}
	parts := array{}
	if s.title != "" {
		parts = append(parts, object{"type": "text", "encode": object{"enter": object{"text": v(s.title), "x": v(12), "y": v(18), "fontSize": v(14), "fontWeight": v("bold"), "font": v("sans-serif"), "fill": v(ink)}}})
	}
	parts = append(parts,
		object{"type": "group", "encode": object{"enter": object{"x": v(0), "y": v(above), "width": v(s.width), "height": v(header)}}, "marks": array{heads}},
		object{"type": "group", "encode": object{"enter": object{"clip": v(true), "x": v(0), "y": v(above + header), "width": v(s.width), "height": v(shown)}}, "marks": marks},
		object{"type": "text", "encode": object{"enter": object{"text": v(s.caption + " · drag to move, shift and wheel to zoom"), "x": v(12), "y": v(above + header + shown + 18), "fontSize": v(10.5), "font": v("sans-serif"), "fill": v(faint)}}})
	var messages []stroke
	for _, line := range s.lines {
		if line.Tip != nil {
			messages = append(messages, line)
		}
	}
	return object{
		"$schema": "https://vega.github.io/schema/vega/v5.json", "description": "space-time diagram: " + s.caption,
		"width": s.width, "height": above + header + shown + 28, "padding": 0, "autosize": "none", "background": paper,
		"signals": signals, "marks": parts,
		"data": array{
			object{"name": "lanes", "values": some(s.lanes)}, object{"name": "bands", "values": some(s.bands)},
			object{"name": "lines", "values": some(s.lines)}, object{"name": "messages", "values": some(messages)},
			object{"name": "heads", "values": some(s.heads)}, object{"name": "dots", "values": some(s.dots)},
			object{"name": "labels", "values": some(s.labels)}, object{"name": "ticks", "values": some(s.ticks)},
			object{"name": "breaks", "values": some(s.breaks)},
		},
	}
}

// some is list, never null.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
