package picture_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image/png"

	"netsplit/runtime/picture"
)

// A picture is drawn on a canvas whose unit is the pixel.
func ExampleCanvas() {
	c := picture.New(120, 60, "#ffffff")
	c.Rect(10, 10, 100, 40, "#ddf4ff")
	c.Disc(60, 30, 8, "#cf222e")
	c.Polygon([]float64{90, 20, 100, 30, 90, 40}, "#24292f")
	raw, _ := base64.StdEncoding.DecodeString(c.PNG())
	m, err := png.Decode(bytes.NewReader(raw))
	fmt.Println(m.Bounds().Size(), err)
	r, g, b, _ := m.At(60, 30).RGBA()
	fmt.Println("the disc is red:", r > 2*g && r > 2*b)
	// Output:
	// (120,60) <nil>
	// the disc is red: true
}

// A pen has a colour, a width and dashes.
func ExamplePen() {
	c := picture.New(40, 10, "#ffffff")
	c.Line(0, 5, 40, 5, picture.Pen{Color: "#000000", Width: 2, Dash: []float64{10, 10}})
	c.Path([]float64{0, 9, 20, 9, 40, 9}, picture.Pen{Color: "#00000080", Width: 1})
	raw, _ := base64.StdEncoding.DecodeString(c.PNG())
	m, _ := png.Decode(bytes.NewReader(raw))
	dark := func(x int) bool { r, _, _, _ := m.At(x, 5).RGBA(); return r < 0x8000 }
	fmt.Println(dark(5), dark(15), dark(25))
	// Output:
	// true false true
}

// A font knows how wide a text will be.
func ExampleFont() {
	small, large := picture.Font{Size: 10}, picture.Font{Size: 20}
	fmt.Printf("%.1f times as wide\n", large.Width("a message")/small.Width("a message"))
	c := picture.New(100, 30, "#ffffff")
	c.Text(50, 20, "a message", picture.Font{Size: 11, Color: "#24292f", Align: 0.5, Halo: "#ffffff"})
	// Output:
	// 2.0 times as wide
}
