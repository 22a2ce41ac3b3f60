package display_test

import (
	"encoding/json"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"testing"

	"netsplit/runtime/display"
)

type server struct {
	Name  string `json:"name"`
	Peers []string
	inner int
}

// Values become trees, as encoding/json has them.
func ExampleJSON() {
	fmt.Println(display.JSON([]server{{"a", []string{"b"}, 1}})["text/plain"])
	// Output:
	// [
	//   {
	//     "name": "a",
	//     "Peers": [
	//       "b"
	//     ]
	//   }
	// ]
}

func TestBundlesHoldTextAndTheirOwnForm(t *testing.T) {
	for mime, b := range map[string]display.Bundle{
		"image/png":                        display.Image(image.NewGray(image.Rect(0, 0, 3, 2))),
		"application/json":                 display.JSON(map[string]int{"a": 1}),
		"text/html":                        display.HTML("<b>x</b>").MimeBundle(),
		"text/latex":                       display.LaTeX("$$x$$").MimeBundle(),
		"text/markdown":                    display.Markdown("*x*").MimeBundle(),
		"application/vnd.vegalite.v5+json": display.VegaLite(map[string]any{"mark": "point"}, "a point", nil),
	} {
		if b["text/plain"] == "" || b[mime] == nil {
			t.Errorf("%s: the bundle is %v", mime, b)
		}
		if _, err := json.Marshal(b); err != nil {
			t.Errorf("%s: %v", mime, err)
		}
	}
	if text := display.Image(image.NewGray(image.Rect(0, 0, 3, 2)))["text/plain"]; text != "an image, 3 by 2 pixels (png)" {
		t.Errorf("the text of an image is %q", text)
	}
	if b := display.JSON(3); b["application/json"] != nil || b["text/plain"] != "3" {
		t.Errorf("a number became %v", b)
	}
}

func TestOnlyImagesAreShownFromFiles(t *testing.T) {
	svg := filepath.Join(t.TempDir(), "a.svg")
	os.WriteFile(svg, []byte("<svg/>"), 0o644)
	if _, err := display.ImageFile(svg); err == nil {
		t.Error("an SVG file was shown")
	}
	if _, err := display.ImageFile(svg + "x"); err == nil {
		t.Error("a missing file was shown")
	}
}
