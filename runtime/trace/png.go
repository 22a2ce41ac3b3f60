package trace

import (
	"fmt"
	"math"

	"netsplit/runtime/picture"
)

// mostPixels is how high a picture gets; a longer run is cut with a line that says so.
const mostPixels = 1800.0

// png paints the diagram and returns it as base64 text.
func (s *scene) png() string {
	const header, footer = 34.0, 28.0
	above := 0.0
	if s.title != "" {
		above = 24
	}
	height := math.Min(s.height, mostPixels)
	c := picture.New(math.Ceil(s.width), math.Ceil(above+header+height+footer), paper)
	dy := above + header
	for _, b := range s.bands {
		c.Rect(b.X, dy+b.Y, b.X2-b.X, math.Min(b.Y2, height)-b.Y, b.Fill)
	}
	visible := func(y float64) bool { return y <= height }
	for _, l := range s.lines {
		if visible(l.Y) {
			c.Line(l.X, dy+l.Y, l.X2, dy+l.Y2, picture.Pen{Color: l.Color, Width: l.Width, Dash: l.Dash})
		}
	}
	for _, h := range s.heads {
		if visible(h.Y) {
			paintHead(c, h, dy)
		}
	}
	for _, d := range s.dots {
		switch {
		case !visible(d.Y):
		case d.Shape == "cross":
			paintHead(c, head{d.X, d.Y, 45, "cross", d.Color}, dy)
		default:
			c.Disc(d.X, dy+d.Y, 3.6, d.Color)
		}
	}
	for _, l := range append(append([]label{}, s.labels...), s.ticks...) {
		if !visible(l.Y) {
			continue
		}
		font := picture.Font{Size: 11, Color: l.Color, Bold: l.Bold, Align: map[string]float64{"left": 0, "center": 0.5, "right": 1}[l.Align], Angle: l.Angle}
		c.Text(l.X, dy+l.Y, l.Text, font)
	}
	for _, y := range s.breaks {
		for i := -1.0; i <= 1 && visible(y); i++ {
			c.Disc(left-20, dy+y+4*i, 1.1, faint)
		}
	}
	// What was painted outside the diagram goes.
	c.Rect(0, 0, s.width, dy, paper)
	c.Rect(0, dy+height, s.width, footer+2, paper)
	for _, l := range s.lanes {
		c.Text(l.X, above+header-14, l.Name, picture.Font{Size: 13, Color: ink, Bold: true, Align: 0.5})
	}
	if s.title != "" {
		c.Text(12, 18, s.title, picture.Font{Size: 14, Color: ink, Bold: true})
	}
	caption := s.caption
	if height < s.height {
		caption = fmt.Sprintf("%s · the picture shows the beginning", caption)
	}
	c.Text(12, dy+height+18, caption, picture.Font{Size: 10.5, Color: faint})
	return c.PNG()
}

func paintHead(c *picture.Canvas, h head, dy float64) {
	if h.Shape == "cross" {
		pen := picture.Pen{Color: h.Color, Width: 2.4}
		c.Line(h.X-4, dy+h.Y-4, h.X+4, dy+h.Y+4, pen)
		c.Line(h.X-4, dy+h.Y+4, h.X+4, dy+h.Y-4, pen)
		return
	}
	a := (h.Angle - 90) * math.Pi / 180
	point := func(r, turn float64) (float64, float64) {
		return h.X + r*math.Cos(a+turn), dy + h.Y + r*math.Sin(a+turn)
	}
	x1, y1 := point(5, 0)
	x2, y2 := point(5.5, 2.45)
	x3, y3 := point(5.5, -2.45)
	c.Polygon([]float64{x1, y1, x2, y2, x3, y3}, h.Color)
}
