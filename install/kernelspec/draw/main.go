// Command draw makes the logos of the kernelspec from one list of shapes: two
// groups of nodes, and the cut between them.
//
//	go run ./install/kernelspec/draw install/kernelspec
//
// JupyterLab's launcher takes logo-svg.svg, other front ends take the PNG files.
package main

import (
	"bytes"
	"fmt"
	"image/color"
	"log"
	"math"
	"os"
	"path/filepath"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: draw FOLDER")
	}
	for name, data := range Files() {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// Files are the logos by name.
func Files() map[string][]byte {
	return map[string][]byte{
		"logo-svg.svg":   svg(64),
		"logo-32x32.png": png(32),
		"logo-64x64.png": png(64),
	}
}

var (
	ground = color.RGBA{0x10, 0x24, 0x3e, 0xff} // night blue
	left   = color.RGBA{0x2f, 0xc7, 0xee, 0xff} // the blue of Go, lighter on the dark ground
	right  = color.RGBA{0xff, 0xb4, 0x54, 0xff} // amber
	lost   = color.RGBA{0x5d, 0x76, 0x96, 0xff} // links that no longer carry anything
	cut    = color.RGBA{0xff, 0x5c, 0x5c, 0xff}
)

// A link is a line with round ends; a node is a disc. Both lie on a square of
// 64 units, y downwards.
type (
	link struct {
		x1, y1, x2, y2, width float64
		color                 color.RGBA
	}
	node struct {
		x, y, r float64
		color   color.RGBA
	}
)

const corner = 13 // radius of the ground's corners

var (
	links = []link{
		{15, 19, 19, 41, 3.4, left},
		{51, 20, 40, 35, 3.4, right},
		{51, 20, 48, 49, 3.4, right},
		{40, 35, 48, 49, 3.4, right},
		// Between the groups: what is left of two links on either side of the cut.
		{15, 19, 26, 19.4, 3.4, lost},
		{42, 19.8, 51, 20, 3.4, lost},
		{19, 41, 23.5, 39.8, 3.4, lost},
		// The cut, in three dashes.
		{37, 7, 34.4, 17, 3.6, cut},
		{32.8, 23.5, 30.2, 33.5, 3.6, cut},
		{28.6, 40, 26, 50, 3.6, cut},
		{25, 54, 24.3, 57, 3.6, cut},
	}
	nodes = []node{
		{15, 19, 6.6, left}, {19, 41, 6.6, left},
		{51, 20, 6.6, right}, {40, 35, 6.6, right}, {48, 49, 6.6, right},
	}
)

func svg(size int) []byte {
	var b bytes.Buffer
	hex := func(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 64 64\">\n", size, size)
	fmt.Fprintf(&b, "  <rect width=\"64\" height=\"64\" rx=\"%d\" fill=\"%s\"/>\n", corner, hex(ground))
	for _, l := range links {
		fmt.Fprintf(&b, "  <line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"%s\" stroke-width=\"%g\" stroke-linecap=\"round\"/>\n",
			l.x1, l.y1, l.x2, l.y2, hex(l.color), l.width)
	}
	for _, n := range nodes {
		fmt.Fprintf(&b, "  <circle cx=\"%g\" cy=\"%g\" r=\"%g\" fill=\"%s\"/>\n", n.x, n.y, n.r, hex(n.color))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func png(pixels int) []byte {
	side := vg.Length(64)
	c := vgimg.NewWith(vgimg.UseWH(side, side), vgimg.UseDPI(pixels*72/64), vgimg.UseBackgroundColor(color.Transparent))
	at := func(x, y float64) vg.Point { return vg.Point{X: vg.Length(x), Y: side - vg.Length(y)} }
	disc := func(x, y, r float64, col color.Color) {
		var p vg.Path
		p.Move(at(x+r, y))
		p.Arc(at(x, y), vg.Length(r), 0, 2*math.Pi)
		p.Close()
		c.SetColor(col)
		c.Fill(p)
	}
	box := func(x, y, w, h float64) {
		var p vg.Path
		p.Move(at(x, y))
		p.Line(at(x+w, y))
		p.Line(at(x+w, y+h))
		p.Line(at(x, y+h))
		p.Close()
		c.SetColor(ground)
		c.Fill(p)
	}
	box(corner, 0, 64-2*corner, 64)
	box(0, corner, 64, 64-2*corner)
	for _, x := range []float64{corner, 64 - corner} {
		for _, y := range []float64{corner, 64 - corner} {
			disc(x, y, corner, ground)
		}
	}
	for _, l := range links {
		var p vg.Path
		p.Move(at(l.x1, l.y1))
		p.Line(at(l.x2, l.y2))
		c.SetColor(l.color)
		c.SetLineWidth(vg.Length(l.width))
		c.Stroke(p)
		disc(l.x1, l.y1, l.width/2, l.color)
		disc(l.x2, l.y2, l.width/2, l.color)
	}
	for _, n := range nodes {
		disc(n.x, n.y, n.r, n.color)
	}
	var b bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: c}).WriteTo(&b); err != nil {
		log.Fatal(err)
	}
	return b.Bytes()
}
