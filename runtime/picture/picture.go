// Package picture draws PNG images for what is shown beside an interactive figure:
// nbconvert, GitHub and a notebook without scripts show them. It is the only
// importer of gonum's drawing library, behind a canvas whose unit is the pixel and
// whose origin is the upper left corner, as in a browser.
//
//	c := picture.New(200, 80, "#ffffff")
//	c.Line(10, 40, 190, 40, picture.Pen{Color: "#24292f", Width: 1.5})
//	c.Text(10, 30, "a message", picture.Font{Size: 11, Color: "#24292f"})
//	c.PNG()
//
// Images are reduced to 256 colours: a diagram needs no more, and notebooks stay
// small.
package picture

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"math"
	"sort"
	"strconv"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// fonts is filled once and only read.
var fonts = font.NewCache(liberation.Collection())

// Canvas is an image that is being drawn.
type Canvas struct {
	c    *vgimg.Canvas
	w, h float64
}

// Pen is how a line is drawn: dashes and gaps in turn, none for a solid line.
type Pen struct {
	Color string // #rrggbb or #rrggbbaa
	Width float64
	Dash  []float64
}

// Font is how a text is written. Align moves it left by that share of its width: 0
// begins at x, 0.5 is centred, 1 ends at x. Halo, a colour, is painted behind it.
type Font struct {
	Size   float64
	Color  string
	Bold   bool
	Italic bool
	Align  float64
	Halo   string
	Angle  float64 // degrees, clockwise, around the point given
}

// New is an empty canvas of w by h pixels.
func New(w, h float64, background string) *Canvas {
	c := vgimg.NewWith(vgimg.UseWH(vg.Length(w), vg.Length(h)), vgimg.UseDPI(72), vgimg.UseBackgroundColor(parse(background)))
	return &Canvas{c, w, h}
}

func (c *Canvas) at(x, y float64) vg.Point { return vg.Point{X: vg.Length(x), Y: vg.Length(c.h - y)} }

// Line draws a straight line.
func (c *Canvas) Line(x1, y1, x2, y2 float64, pen Pen) {
	c.Path([]float64{x1, y1, x2, y2}, pen)
}

// Path draws a line through points x, y, x, y, …
func (c *Canvas) Path(xy []float64, pen Pen) {
	var p vg.Path
	p.Move(c.at(xy[0], xy[1]))
	for i := 2; i+1 < len(xy); i += 2 {
		p.Line(c.at(xy[i], xy[i+1]))
	}
	c.c.SetColor(parse(pen.Color))
	c.c.SetLineWidth(vg.Length(pen.Width))
	var dash []vg.Length
	for _, d := range pen.Dash {
		dash = append(dash, vg.Length(d))
	}
	c.c.SetLineDash(dash, 0)
	c.c.Stroke(p)
}

// Polygon fills the area between points x, y, x, y, …
func (c *Canvas) Polygon(xy []float64, fill string) {
	var p vg.Path
	p.Move(c.at(xy[0], xy[1]))
	for i := 2; i+1 < len(xy); i += 2 {
		p.Line(c.at(xy[i], xy[i+1]))
	}
	p.Close()
	c.c.SetColor(parse(fill))
	c.c.Fill(p)
}

// Rect fills a rectangle.
func (c *Canvas) Rect(x, y, w, h float64, fill string) {
	c.Polygon([]float64{x, y, x + w, y, x + w, y + h, x, y + h}, fill)
}

// Disc fills a circle.
func (c *Canvas) Disc(x, y, r float64, fill string) {
	var p vg.Path
	p.Move(c.at(x+r, y))
	p.Arc(c.at(x, y), vg.Length(r), 0, 2*math.Pi)
	p.Close()
	c.c.SetColor(parse(fill))
	c.c.Fill(p)
}

// Text writes a line of text whose baseline is at y.
func (c *Canvas) Text(x, y float64, text string, f Font) {
	face := f.face()
	w := float64(face.Width(text))
	if f.Angle != 0 {
		c.c.Push()
		defer c.c.Pop()
		c.c.Translate(c.at(x, y))
		c.c.Rotate(-f.Angle * math.Pi / 180)
		c.c.SetColor(parse(f.Color))
		c.c.FillString(face, vg.Point{X: vg.Length(-w * f.Align)}, text)
		return
	}
	x -= w * f.Align
	if f.Halo != "" {
		c.Rect(x-1.5, y-f.Size*0.82, w+3, f.Size*1.06, f.Halo)
	}
	c.c.SetColor(parse(f.Color))
	c.c.FillString(face, c.at(x, y), text)
}

// Width is how wide a text is, in pixels.
func (f Font) Width(text string) float64 {
	face := f.face()
	return float64(face.Width(text))
}

func (f Font) face() font.Face {
	spec := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if f.Bold {
		spec.Weight = 3 // font.WeightBold of the x/image scale
	}
	if f.Italic {
		spec.Style = 1
	}
	return fonts.Lookup(spec, vg.Length(f.Size))
}

// PNG is the image as base64 text, as a MIME bundle holds it.
func (c *Canvas) PNG() string {
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, reduce(c.c.Image())); err != nil {
		panic(err) // writing to memory does not fail
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// reduce maps an image to the 256 colours that occur most, others to the nearest.
// Neighbours mostly have the same colour, and few colours occur: each is looked at once.
func reduce(m image.Image) image.Image {
	bounds := m.Bounds()
	seen := map[color.RGBA]int{}
	each(m, func(x, y, n int, c color.RGBA) { seen[c] += n })
	counts := map[color.NRGBA]int{}
	for c, n := range seen {
		counts[coarse(c)] += n
	}
	colours := make([]color.NRGBA, 0, len(counts))
	for c := range counts {
		colours = append(colours, c)
	}
	sort.Slice(colours, func(i, j int) bool {
		a, b := colours[i], colours[j]
		if counts[a] != counts[b] {
			return counts[a] > counts[b]
		}
		return number(a) < number(b)
	})
	palette := make(color.Palette, 0, 256)
	for _, c := range colours[:min(len(colours), 256)] {
		palette = append(palette, c)
	}
	index := map[color.RGBA]uint8{}
	for c := range seen {
		index[c] = uint8(palette.Index(coarse(c)))
	}
	out := image.NewPaletted(bounds, palette)
	each(m, func(x, y, n int, c color.RGBA) {
		i := index[c]
		for k := range n {
			out.SetColorIndex(x+k, y, i)
		}
	})
	return out
}

// each calls do for every run of n pixels of one colour within a row.
func each(m image.Image, do func(x, y, n int, c color.RGBA)) {
	bounds := m.Bounds()
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(m.At(x, y)).(color.RGBA) }
	if rgba, ok := m.(*image.RGBA); ok {
		at = rgba.RGBAAt
	}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		start, c := bounds.Min.X, at(bounds.Min.X, y)
		for x := bounds.Min.X + 1; x < bounds.Max.X; x++ {
			if d := at(x, y); d != c {
				do(start, y, x-start, c)
				start, c = x, d
			}
		}
		do(start, y, bounds.Max.X-start, c)
	}
}

// coarse rounds a colour to five bits a channel; the rounding also hides the last
// bit in which machines may differ.
func coarse(c color.Color) color.NRGBA {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	round := func(v uint8) uint8 { return uint8((int(v) + 4) / 8 * 8 * 255 / 256) }
	if n == (color.NRGBA{255, 255, 255, 255}) {
		return n
	}
	return color.NRGBA{round(n.R), round(n.G), round(n.B), 255}
}

func number(c color.NRGBA) int { return int(c.R)<<16 | int(c.G)<<8 | int(c.B) }

// parse reads #rrggbb or #rrggbbaa.
func parse(s string) color.Color {
	if len(s) != 7 && len(s) != 9 || s[0] != '#' {
		return color.Black
	}
	v, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return color.Black
	}
	if len(s) == 7 {
		v = v<<8 | 0xff
	}
	return color.NRGBA{uint8(v >> 24), uint8(v >> 16), uint8(v >> 8), uint8(v)}
}
