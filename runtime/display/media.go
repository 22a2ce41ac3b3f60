package display

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"netsplit/runtime/host"
)

// Text is shown as it stands, in a fixed-width font.
type Text string

// MimeBundle shows the text.
func (t Text) MimeBundle() Bundle { return Bundle{"text/plain": string(t)} }

// JSON shows any value as a tree that folds, as encoding/json writes it.
func JSON(v any) Bundle {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		host.Mistakef("display.JSON: %v", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		host.Mistakef("display.JSON: %v", err)
	}
	b := Bundle{"text/plain": string(text)}
	switch tree.(type) {
	case map[string]any, []any:
		b["application/json"] = tree
	}
	return b
}

// PNG shows the bytes of a PNG image.
func PNG(data []byte) Bundle { return picture("image/png", data) }

// JPEG shows the bytes of a JPEG image.
func JPEG(data []byte) Bundle { return picture("image/jpeg", data) }

func picture(mime string, data []byte) Bundle {
	text := fmt.Sprintf("an image of %d bytes", len(data))
	if c, kind, err := image.DecodeConfig(bytes.NewReader(data)); err == nil {
		text = fmt.Sprintf("an image, %d by %d pixels (%s)", c.Width, c.Height, kind)
	}
	return Bundle{"text/plain": text, mime: base64.StdEncoding.EncodeToString(data)}
}

// Image shows an image that was drawn with package image.
func Image(m image.Image) Bundle {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		host.Mistakef("display.Image: %v", err)
	}
	return PNG(b.Bytes())
}

// ImageFile shows a PNG, JPEG or GIF file. SVG files are for other programs: notebooks
// that are not trusted do not show them.
func ImageFile(path string) (Bundle, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png":
		return PNG(data), nil
	case ".jpg", ".jpeg":
		return JPEG(data), nil
	case ".gif":
		return picture("image/gif", data), nil
	}
	return nil, fmt.Errorf("display %s: it is no PNG, JPEG or GIF file", path)
}

// VegaLite shows a specification of Vega-Lite 5, and a PNG of the same figure where
// JupyterLab does not draw it; text is what it shows in words.
func VegaLite(spec map[string]any, text string, image []byte) Bundle {
	return drawnBundle("application/vnd.vegalite.v5+json", spec, text, image)
}

// Vega shows a specification of Vega 5, as VegaLite does.
func Vega(spec map[string]any, text string, image []byte) Bundle {
	return drawnBundle("application/vnd.vega.v5+json", spec, text, image)
}

func drawnBundle(mime string, spec map[string]any, text string, image []byte) Bundle {
	b := Bundle{"text/plain": text, mime: spec}
	if len(image) > 0 {
		b["image/png"] = base64.StdEncoding.EncodeToString(image)
	}
	return b
}

// Live is an output that changes in its place.
type Live struct{ id string }

// NewLive shows a value that Update replaces:
//
//	live := display.NewLive("waiting")
//	…
//	live.Update(table)
func NewLive(v any) *Live {
	l := &Live{host.NewID()}
	ShowAs(l.id, v)
	return l
}

// Update replaces what is shown.
func (l *Live) Update(v any) { Update(l.id, v) }

// ID is the display id, for Update from another place.
func (l *Live) ID() string { return l.id }
