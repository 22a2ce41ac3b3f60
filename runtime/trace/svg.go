package trace

import (
	"fmt"
	"html"
	"strings"
)

// SVG is the diagram as a scalable picture, for a file: notebooks do not show SVG
// everywhere.
func (t *Timeline) SVG() string {
	s := t.scene()
	if s == nil {
		return `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>`
	}
	const header, footer = 34.0, 28.0
	above := 0.0
	if s.title != "" {
		above = 24
	}
	dy := above + header
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%v" height="%v" font-family="sans-serif">`+"\n", s.width, dy+s.height+footer)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="%s"/>`+"\n", paper)
	write := func(x, y float64, text, color, anchor string, size, angle float64, bold bool) {
		weight := ""
		if bold {
			weight = ` font-weight="bold"`
		}
		turn := ""
		if angle != 0 {
			turn = fmt.Sprintf(` transform="rotate(%v %v %v)"`, angle, x, y)
		}
		fmt.Fprintf(&b, `<text x="%v" y="%v" fill="%s" font-size="%v" text-anchor="%s"%s%s>%s</text>`+"\n", x, y, color, size, anchor, weight, turn, html.EscapeString(text))
	}
	for _, r := range s.bands {
		fmt.Fprintf(&b, `<rect x="%v" y="%v" width="%v" height="%v" fill="%s"/>`+"\n", r.X, dy+r.Y, r.X2-r.X, r.Y2-r.Y, r.Fill)
	}
	for _, l := range s.lines {
		dash := ""
		if len(l.Dash) > 0 {
			dash = fmt.Sprintf(` stroke-dasharray="%s"`, strings.Trim(fmt.Sprint(l.Dash), "[]"))
		}
		fmt.Fprintf(&b, `<line x1="%v" y1="%v" x2="%v" y2="%v" stroke="%s" stroke-width="%v"%s/>`+"\n", l.X, dy+l.Y, l.X2, dy+l.Y2, l.Color, l.Width, dash)
	}
	cross := func(x, y float64, color string) {
		fmt.Fprintf(&b, `<path d="M%v %vl8 8m0 -8l-8 8" stroke="%s" stroke-width="2.4"/>`+"\n", x-4, y-4, color)
	}
	for _, h := range s.heads {
		if h.Shape == "cross" {
			cross(h.X, dy+h.Y, h.Color)
		} else {
			fmt.Fprintf(&b, `<path d="M0 -5L4 4L-4 4Z" fill="%s" transform="translate(%v %v) rotate(%v)"/>`+"\n", h.Color, h.X, dy+h.Y, h.Angle)
		}
	}
	for _, d := range s.dots {
		if d.Shape == "cross" {
			cross(d.X, dy+d.Y, d.Color)
		} else {
			fmt.Fprintf(&b, `<circle cx="%v" cy="%v" r="3.6" fill="%s"/>`+"\n", d.X, dy+d.Y, d.Color)
		}
	}
	anchors := map[string]string{"left": "start", "center": "middle", "right": "end"}
	for _, l := range append(append([]label{}, s.labels...), s.ticks...) {
		write(l.X, dy+l.Y, l.Text, l.Color, anchors[l.Align], 11, l.Angle, l.Bold)
	}
	for _, y := range s.breaks {
		write(left-20, dy+y+4, "⋮", faint, "middle", 14, 0, false)
	}
	for _, l := range s.lanes {
		write(l.X, above+header-14, l.Name, ink, "middle", 13, 0, true)
	}
	if s.title != "" {
		write(12, 18, s.title, ink, "start", 14, 0, true)
	}
	write(12, dy+s.height+18, s.caption, faint, "start", 10.5, 0, false)
	b.WriteString("</svg>\n")
	return b.String()
}
