package lab

import (
	"math"

	"netsplit/runtime/picture"
)

// The look of pictures: they have a white ground everywhere.
const (
	chartInk   = "#24292f"
	chartFaint = "#6e7781"
	chartGrid  = "#e4e8ec"
	chartPaper = "#ffffff"
)

// drawing is a chart's picture in the making.
type drawing struct {
	*plan
	c                        *picture.Canvas
	left, right, top, bottom float64 // of the plot area
}

// png is the chart as a picture.
func (p *plan) png() string {
	c := p.Chart
	d := &drawing{plan: p, left: 70, right: chartWidth - 18, top: 14}
	if c.title != "" {
		d.top += 22
	}
	d.top += 15 * float64(len(c.notes))
	legend := len(p.series) > 1
	if legend {
		d.top += 24
	}
	if len(p.series) == 1 && p.series[0].mark == heat {
		d.right -= 62
		longest := 0.0
		for _, t := range c.y.categories {
			longest = math.Max(longest, small.Width(t))
		}
		d.left = math.Max(70, longest+40)
	}
	d.bottom = c.height - 48
	d.c = picture.New(chartWidth, c.height, chartPaper)
	if len(p.series) == 1 && p.series[0].mark == heat {
		d.heat(p.series[0])
	} else {
		d.axes()
		d.shade()
		d.data()
	}
	d.frame()
	if legend {
		d.legend()
	}
	return d.c.PNG()
}

var small = picture.Font{Size: 12, Color: chartFaint}

func (d *drawing) atX(x float64) float64 {
	return d.left + (d.right-d.left)*along(x, d.x1, d.x2, d.Chart.x.log)
}

func (d *drawing) atY(y float64) float64 {
	return d.bottom - (d.bottom-d.top)*along(y, d.y1, d.y2, d.Chart.y.log)
}

func along(x, low, high float64, log bool) float64 {
	if log {
		return math.Log(x/low) / math.Log(high/low)
	}
	return (x - low) / (high - low)
}

// axes draws the grid and the numbers beside it.
func (d *drawing) axes() {
	for _, y := range ticks(d.y1, d.y2, d.Chart.y.log, 6) {
		at := d.atY(y)
		d.c.Line(d.left, at, d.right, at, picture.Pen{Color: chartGrid, Width: 1})
		font := small
		font.Align = 1
		d.c.Text(d.left-7, at+4, tickText(y), font)
	}
	font := small
	font.Align = 0.5
	if d.Chart.x.categories != nil {
		d.categories()
		return
	}
	for _, x := range ticks(d.x1, d.x2, d.Chart.x.log, 7) {
		at := d.atX(x)
		d.c.Line(at, d.top, at, d.bottom, picture.Pen{Color: chartGrid, Width: 1})
		d.c.Text(at, d.bottom+17, tickText(x), font)
	}
}

func (d *drawing) categories() {
	font := small
	font.Align = 0.5
	room := (d.right - d.left) / float64(len(d.Chart.x.categories))
	for i, text := range d.Chart.x.categories {
		for font.Width(text) > room-4 && len([]rune(text)) > 3 {
			r := []rune(text)
			text = string(r[:len(r)-2]) + "…"
		}
		d.c.Text(d.atX(float64(i)), d.bottom+17, text, font)
	}
}

func (d *drawing) shade() {
	for _, s := range d.shades {
		x1, x2 := math.Max(d.atX(s.from), d.left), math.Min(d.atX(s.to), d.right)
		if x2 <= x1 {
			continue
		}
		d.c.Rect(x1, d.top, x2-x1, d.bottom-d.top, s.color+"29")
		d.c.Text(x1+4, d.top+13, s.text, picture.Font{Size: 11, Color: s.color})
	}
}

// data draws the series; what leaves the plot area is covered by the frame.
func (d *drawing) data() {
	groups := 0
	for _, s := range d.series {
		if s.mark == bars {
			groups++
		}
	}
	group := 0
	for i, s := range d.series {
		color := palette[i%len(palette)]
		if s.low != nil && (s.mark == line || s.mark == step || s.mark == band) {
			d.band(s, color)
		}
		switch s.mark {
		case line, curve, step:
			d.line(s, color)
		case scatter:
			for j := range s.x {
				if !d.visible(s.x[j], s.y[j]) {
					continue
				}
				x, y := d.atX(s.x[j]), d.atY(s.y[j])
				if s.low != nil {
					d.whisker(x, s.low[j], s.high[j], color)
				}
				d.c.Disc(x, y, 4, color)
				if s.hollow {
					d.c.Disc(x, y, 2.4, chartPaper)
				}
			}
		case bars:
			d.bars(s, color, group, groups)
			group++
		case bins:
			base := d.atY(math.Max(d.y1, 0))
			for j := range s.x {
				if s.y[j] > 0 {
					x1, x2, y := d.atX(s.x[j]), d.atX(s.x2[j]), d.atY(s.y[j])
					d.c.Rect(x1+0.5, y, math.Max(x2-x1-1, 1), base-y, color+"bf")
				}
			}
		}
	}
}

// visible tells whether a point can be drawn.
func (d *drawing) visible(x, y float64) bool {
	for _, v := range []float64{x, y} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return !(d.Chart.x.log && x <= 0) && !(d.Chart.y.log && y <= 0)
}

func (d *drawing) line(s *series, color string) {
	pen := picture.Pen{Color: color, Width: 2}
	if s.dashed {
		pen.Dash = []float64{6, 4}
	}
	var xy []float64
	flush := func() {
		if len(xy) >= 4 {
			d.c.Path(xy, pen)
		}
		xy = nil
	}
	for j := range s.x {
		if !d.visible(s.x[j], s.y[j]) {
			flush()
			continue
		}
		x, y := d.atX(s.x[j]), d.atY(s.y[j])
		if s.mark == step && len(xy) > 0 {
			xy = append(xy, x, xy[len(xy)-1])
		}
		xy = append(xy, x, y)
		if s.mark == line && len(s.x) <= 40 {
			d.c.Disc(x, y, 3, color)
		}
	}
	flush()
}

func (d *drawing) band(s *series, color string) {
	var upper, lower []float64
	for j := range s.x {
		low := s.low[j]
		if d.Chart.y.log {
			low = math.Max(low, d.y1)
		}
		if !d.visible(s.x[j], low) || !d.visible(s.x[j], s.high[j]) {
			continue
		}
		x := d.atX(s.x[j])
		upper = append(upper, x, d.atY(s.high[j]))
		lower = append([]float64{x, d.atY(low)}, lower...)
	}
	if len(upper) >= 4 {
		d.c.Polygon(append(upper, lower...), color+"33")
	}
}

func (d *drawing) whisker(x, low, high float64, color string) {
	if d.Chart.y.log {
		low = math.Max(low, d.y1)
	}
	d.c.Line(x, d.atY(low), x, d.atY(high), picture.Pen{Color: color, Width: 1.6})
}

func (d *drawing) bars(s *series, color string, group, groups int) {
	room := (d.right - d.left) / float64(len(d.Chart.x.categories))
	width := room * 0.72 / float64(groups)
	base := d.atY(math.Max(d.y1, 0))
	for j := range s.x {
		if !d.visible(s.x[j], s.y[j]) {
			continue
		}
		x := d.atX(s.x[j]) - room*0.36 + width*float64(group)
		y := d.atY(s.y[j])
		d.c.Rect(x, math.Min(y, base), width-1.5, math.Abs(base-y), color+"d9")
		if s.low != nil {
			d.whisker(x+width/2, s.low[j], s.high[j], whisker)
		}
	}
}

func (d *drawing) heat(s *series) {
	cols, rows := len(d.Chart.x.categories), len(d.Chart.y.categories)
	w, h := (d.right-d.left)/float64(cols), (d.bottom-d.top)/float64(rows)
	low, high := extent(s.low)
	n := decimals(s.low)
	for i, v := range s.low {
		x, y := d.left+w*s.x[i], d.top+h*s.y[i]
		if math.IsNaN(v) {
			continue
		}
		f := share(v, low, high)
		d.c.Rect(x, y, w, h, heatColor(f))
		if text := grouped(v, n); small.Width(text) < w-4 {
			d.c.Text(x+w/2, y+h/2+4, text, picture.Font{Size: 12, Color: inkOn(f), Align: 0.5})
		}
	}
	d.categories()
	font := small
	font.Align = 1
	for i, text := range d.Chart.y.categories {
		d.c.Text(d.left-7, d.top+h*(float64(i)+0.5)+4, text, font)
	}
	// The scale of colours, from bottom to top.
	const steps = 48
	for i := range steps {
		f := float64(i) / (steps - 1)
		d.c.Rect(d.right+14, d.bottom-(d.bottom-d.top)*float64(i+1)/steps, 12, (d.bottom-d.top)/steps+1, heatColor(f))
	}
	d.c.Text(d.right+30, d.bottom, tickText(round6(low)), small)
	d.c.Text(d.right+30, d.top+9, tickText(round6(high)), small)
}

// frame covers what was drawn outside of the plot area and writes the labels.
func (d *drawing) frame() {
	c := d.Chart
	if !(len(d.series) == 1 && d.series[0].mark == heat) {
		d.c.Rect(0, 0, chartWidth, d.top-5, chartPaper)
		d.c.Rect(d.right+5, 0, chartWidth-d.right, d.bottom, chartPaper)
	}
	axis := picture.Font{Size: 13, Color: chartInk, Align: 0.5}
	d.c.Text((d.left+d.right)/2, c.height-10, label(c.x.name, d.xUnit), axis)
	axis.Angle = -90
	d.c.Text(17, (d.top+d.bottom)/2, label(c.y.name, d.yUnit), axis)
	y := 20.0
	if c.title != "" {
		d.c.Text(12, y, c.title, picture.Font{Size: 15, Color: chartInk, Bold: true})
		y += 18
	}
	for _, n := range c.notes {
		d.c.Text(12, y, n, picture.Font{Size: 11, Color: chartFaint})
		y += 15
	}
}

func (d *drawing) legend() {
	x, y := d.left, d.top-12
	font := picture.Font{Size: 12, Color: chartInk}
	for i, s := range d.series {
		color := palette[i%len(palette)]
		switch s.mark {
		case line, step, curve:
			pen := picture.Pen{Color: color, Width: 2}
			if s.dashed {
				pen.Dash = []float64{5, 3}
			}
			d.c.Line(x, y-4, x+18, y-4, pen)
		case bars, bins, band:
			d.c.Rect(x+4, y-9, 11, 11, color)
		default:
			d.c.Disc(x+9, y-4, 4, color)
			if s.hollow {
				d.c.Disc(x+9, y-4, 2.4, chartPaper)
			}
		}
		d.c.Text(x+24, y, s.name, font)
		x += 24 + font.Width(s.name) + 18
	}
}
