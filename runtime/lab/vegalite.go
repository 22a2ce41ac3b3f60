package lab

import (
	"encoding/json"
	"math"
	"strings"
)

type object = map[string]any
type array = []any

// vegaLite is the chart as a Vega-Lite 5 specification. It sets no colours of ground
// and ink: they are the theme's.
func (p *plan) vegaLite() map[string]any {
	c := p.Chart
	spec := object{
		"$schema":  "https://vega.github.io/schema/vega-lite/v5.json",
		"width":    chartWidth,
		"height":   c.height,
		"autosize": object{"type": "fit", "contains": "padding"},
		"config": object{"axis": object{"labelFontSize": 12, "titleFontSize": 13, "titleFontWeight": "normal", "grid": true, "gridOpacity": 0.35},
			"legend": object{"labelFontSize": 12}, "title": object{"fontSize": 15, "anchor": "start", "subtitleFontSize": 11}, "view": object{"stroke": nil}},
	}
	if c.title != "" || len(c.notes) > 0 {
		title := object{"text": c.title, "anchor": "start"}
		if len(c.notes) > 0 {
			title["subtitle"] = c.notes
			title["subtitlePadding"] = 4
		}
		spec["title"] = title
	}
	if len(p.series) == 1 && p.series[0].mark == heat {
		p.heatLayers(spec)
		return spec
	}
	var names, colors []string
	for i, s := range p.series {
		names, colors = append(names, s.name), append(colors, palette[i%len(palette)])
	}
	color := func(name string) object {
		var legend any = object{"orient": "top", "title": nil, "symbolType": "circle", "symbolOpacity": 1}
		if len(names) < 2 {
			legend = nil
		}
		return object{"datum": name, "type": "nominal", "scale": object{"domain": names, "range": colors}, "legend": legend}
	}
	layers := array{}
	for _, s := range p.shades {
		layers = append(layers,
			object{"data": object{"values": array{object{"x": round6(s.from), "x2": round6(s.to), "what": s.text}}},
				"mark":     object{"type": "rect", "color": s.color, "opacity": 0.16, "clip": true},
				"encoding": object{"x": p.xEncoding(), "x2": object{"field": "x2"}, "tooltip": array{object{"field": "what", "type": "nominal", "title": "fault"}, tip("x", "from"), tip("x2", "to")}}},
			object{"data": object{"values": array{object{"x": round6(s.from), "what": s.text}}},
				"mark":     object{"type": "text", "align": "left", "baseline": "top", "dx": 4, "dy": 4, "fontSize": 11, "color": s.color, "clip": true},
				"encoding": object{"x": p.xEncoding(), "y": object{"value": 0}, "text": object{"field": "what"}}})
	}
	grouped := array{}
	for _, s := range p.series {
		switch s.mark {
		case bars:
			for i := range s.x {
				row := object{"x": p.xValue(s.x[i]), "y": round6(s.y[i]), "s": s.name}
				if s.low != nil {
					row["low"], row["high"] = round6(s.low[i]), round6(s.high[i])
				}
				grouped = append(grouped, row)
			}
		default:
			layers = append(layers, p.layersOf(s, color(s.name))...)
		}
	}
	if len(grouped) > 0 {
		layers = append(layers, p.barLayers(grouped, names, colors)...)
	}
	if len(layers) == 0 {
		layers = append(layers, object{"data": object{"values": array{}}, "mark": "point", "encoding": object{"x": p.xEncoding(), "y": p.yEncoding()}})
	}
	if c.x.categories == nil {
		// Dragging moves, the wheel zooms.
		layers[len(layers)-1].(object)["params"] = array{object{"name": "view", "select": "interval", "bind": "scales"}}
	}
	spec["layer"] = layers
	return spec
}

func tip(field, title string) object {
	return object{"field": field, "type": "quantitative", "title": title, "format": ",.4~g"}
}

func (p *plan) xValue(x float64) any {
	if p.Chart.x.categories != nil {
		return p.Chart.x.categories[int(x)]
	}
	return round6(x)
}

func (p *plan) xEncoding() object {
	c := p.Chart
	if c.x.categories != nil {
		longest := 0
		for _, t := range c.x.categories {
			longest = max(longest, width(t))
		}
		axis := object{"labelAngle": 0, "labelLimit": 200}
		if longest*len(c.x.categories) > 85 {
			axis["labelAngle"] = -30
		}
		return object{"field": "x", "type": "nominal", "sort": nil, "title": label(c.x.name, p.xUnit), "axis": axis,
			"scale": object{"domain": c.x.categories, "paddingInner": 0.2, "paddingOuter": 0.15}}
	}
	return object{"field": "x", "type": "quantitative", "title": label(c.x.name, p.xUnit), "scale": scaleOf(p.x1, p.x2, c.x.log), "axis": axisFormat(p.x1, p.x2, c.x.log)}
}

func (p *plan) yEncoding() object {
	c := p.Chart
	return object{"field": "y", "type": "quantitative", "title": label(c.y.name, p.yUnit), "scale": scaleOf(p.y1, p.y2, c.y.log), "axis": axisFormat(p.y1, p.y2, c.y.log)}
}

func scaleOf(low, high float64, log bool) object {
	s := object{"domain": array{round6(low), round6(high)}, "nice": false, "zero": false}
	if log {
		s["type"] = "log"
	}
	return s
}

func axisFormat(low, high float64, log bool) any {
	if log {
		return object{"format": "~g", "tickCount": 6}
	}
	return object{"tickCount": 6}
}

// layersOf are the layers of one series that is not of bars.
func (p *plan) layersOf(s *series, color object) array {
	values := array{}
	finite := func(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
	for i := range s.x {
		if !finite(s.y[i]) || p.Chart.y.log && s.y[i] <= 0 || p.Chart.x.log && s.x[i] <= 0 {
			continue
		}
		row := object{"x": p.xValue(s.x[i]), "y": round6(s.y[i])}
		if s.x2 != nil {
			row["x2"] = round6(s.x2[i])
		}
		if s.low != nil {
			low := s.low[i]
			if p.Chart.y.log {
				low = math.Max(low, p.y1)
			}
			row["low"], row["high"] = round6(low), round6(s.high[i])
		}
		if s.mark == bins {
			row["base"] = round6(math.Max(p.y1, 0))
		}
		values = append(values, row)
	}
	data := object{"values": values}
	x, y := p.xEncoding(), p.yEncoding()
	tooltip := array{object{"field": "x", "type": x["type"], "title": x["title"]}, tip("y", y["title"].(string))}
	if x["type"] == "quantitative" {
		tooltip[0] = tip("x", x["title"].(string))
	}
	if s.low != nil && s.mark != band {
		tooltip = append(tooltip, tip("low", "95 % from"), tip("high", "to"))
	}
	if s.name != "" {
		tooltip = append(array{object{"field": "series", "type": "nominal"}}, tooltip...)
	}
	name, _ := json.Marshal(s.name) // a text of JSON is one of Vega's expressions
	encoding := func(extra object) object {
		e := object{"x": x, "y": y, "color": color, "tooltip": tooltip}
		for k, v := range extra {
			e[k] = v
		}
		return e
	}
	low := object{}
	for k, v := range y {
		low[k] = v
	}
	low["field"] = "low"
	layer := func(mark object, e object) object {
		mark["clip"] = true
		return object{"data": data, "transform": array{object{"calculate": string(name), "as": "series"}}, "mark": mark, "encoding": e}
	}
	switch s.mark {
	case band:
		return array{layer(object{"type": "area", "opacity": 0.22}, encoding(object{"y": low, "y2": object{"field": "high"}}))}
	case curve:
		return array{layer(object{"type": "line", "strokeWidth": 2, "strokeDash": array{6, 4}}, encoding(nil))}
	case bins:
		return array{layer(object{"type": "bar", "opacity": 0.75, "binSpacing": 1}, encoding(object{"x2": object{"field": "x2"}, "y2": object{"field": "base"}}))}
	case scatter:
		out := array{}
		if s.low != nil {
			out = append(out, layer(object{"type": "rule", "strokeWidth": 1.6}, encoding(object{"y": low, "y2": object{"field": "high"}})))
		}
		return append(out, layer(object{"type": "point", "filled": !s.hollow, "size": 60, "opacity": 1}, encoding(nil)))
	}
	mark := object{"type": "line", "strokeWidth": 2}
	if s.mark == step {
		mark["interpolate"] = "step-after"
	} else if len(values) <= 40 {
		mark["point"] = object{"size": 36}
	}
	if s.dashed {
		mark["strokeDash"] = array{6, 4}
	}
	out := array{}
	if s.low != nil {
		out = append(out, layer(object{"type": "area", "opacity": 0.2}, encoding(object{"y": low, "y2": object{"field": "high"}})))
	}
	return append(out, layer(mark, encoding(nil)))
}

func (p *plan) barLayers(rows array, names, colors []string) array {
	y := p.yEncoding()
	legend := any(object{"orient": "top", "title": nil})
	if len(names) < 2 {
		legend = nil
	}
	base := object{"x": p.xEncoding(), "y": y,
		"color":   object{"field": "s", "type": "nominal", "scale": object{"domain": names, "range": colors}, "legend": legend},
		"tooltip": array{object{"field": "s", "type": "nominal", "title": "series"}, object{"field": "x", "type": "nominal", "title": p.xEncoding()["title"]}, tip("y", y["title"].(string))}}
	if len(names) > 1 {
		base["xOffset"] = object{"field": "s", "type": "nominal", "sort": nil}
	}
	layers := array{object{"data": object{"values": rows}, "mark": object{"type": "bar", "opacity": 0.85, "clip": true}, "encoding": base}}
	if _, ok := rows[0].(object)["low"]; ok {
		whiskers := object{}
		for k, v := range base {
			whiskers[k] = v
		}
		low := object{}
		for k, v := range y {
			low[k] = v
		}
		low["field"] = "low"
		whiskers["y"], whiskers["y2"] = low, object{"field": "high"}
		whiskers["color"] = object{"value": whisker}
		layers = append(layers, object{"data": object{"values": rows}, "mark": object{"type": "rule", "strokeWidth": 2.5}, "encoding": whiskers})
	}
	return layers
}

// heatLayers are the cells of a heat map and the numbers in them.
func (p *plan) heatLayers(spec object) {
	c, s := p.Chart, p.series[0]
	rows := array{}
	low, high := extent(s.low)
	n := decimals(s.low)
	for i := range s.x {
		if math.IsNaN(s.low[i]) {
			continue
		}
		rows = append(rows, object{"x": c.x.categories[int(s.x[i])], "y": c.y.categories[int(s.y[i])], "v": round6(s.low[i]), "t": grouped(s.low[i], n),
			"ink": inkOn(share(s.low[i], low, high))})
	}
	value := splitHeader(s.name)
	title := label(value.name, value.unit)
	x := object{"field": "x", "type": "nominal", "sort": nil, "title": label(c.x.name, c.x.unit), "axis": object{"labelAngle": 0, "grid": false}, "scale": object{"domain": c.x.categories}}
	y := object{"field": "y", "type": "nominal", "sort": nil, "title": label(c.y.name, c.y.unit), "axis": object{"grid": false}, "scale": object{"domain": c.y.categories}}
	spec["data"] = object{"values": rows}
	spec["resolve"] = object{"scale": object{"color": "independent"}}
	spec["layer"] = array{
		object{"mark": object{"type": "rect"}, "encoding": object{"x": x, "y": y,
			"color":   object{"field": "v", "type": "quantitative", "title": title, "scale": object{"range": heatColors, "domain": heatDomain(low, high), "interpolate": "rgb"}},
			"tooltip": array{object{"field": "x", "type": "nominal", "title": x["title"]}, object{"field": "y", "type": "nominal", "title": y["title"]}, tip("v", title)}}},
		object{"mark": object{"type": "text", "fontSize": 11.5}, "encoding": object{"x": x, "y": y, "text": object{"field": "t"}, "color": object{"field": "ink", "type": "nominal", "scale": nil}}},
	}
}

// whisker is the colour of intervals on bars.
const whisker = "#98a2ac"

// heatColors run from dark to light, evenly for the eye (after viridis).
var heatColors = []string{"#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"}

func heatDomain(low, high float64) array {
	if low == high {
		high = low + 1
	}
	out := array{}
	for i := range heatColors {
		out = append(out, round6(low+(high-low)*float64(i)/float64(len(heatColors)-1)))
	}
	return out
}

func share(v, low, high float64) float64 {
	if high <= low {
		return 0
	}
	return (v - low) / (high - low)
}

func inkOn(share float64) string {
	if share < 0.6 {
		return "#ffffff"
	}
	return "#1b1f24"
}

// heatColor is the colour of a share of the way, as Vega's rgb interpolation has it.
func heatColor(share float64) string {
	at := share * float64(len(heatColors)-1)
	i := min(int(at), len(heatColors)-2)
	f := at - float64(i)
	var b strings.Builder
	b.WriteByte('#')
	for k := 1; k < 7; k += 2 {
		from, to := hex(heatColors[i][k:k+2]), hex(heatColors[i+1][k:k+2])
		v := int(math.Round(from + f*(to-from)))
		const digits = "0123456789abcdef"
		b.WriteByte(digits[v>>4])
		b.WriteByte(digits[v&15])
	}
	return b.String()
}

func hex(s string) float64 {
	const digits = "0123456789abcdef"
	return float64(strings.IndexByte(digits, s[0])*16 + strings.IndexByte(digits, s[1]))
}
