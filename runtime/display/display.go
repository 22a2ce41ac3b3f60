// Package display is how a value shows itself.
//
// A value that has something better to show than its text implements Shower. The
// kernel asks for it when the value is a cell's result; Show asks for it at once:
//
//	func (t Table) MimeBundle() display.Bundle {
//		return display.Bundle{"text/plain": t.Text(), "text/html": t.HTML()}
//	}
//
// A bundle always holds text/plain, so that the same output reads in a terminal,
// in a log and in a screen reader. What is drawn is a Vega or Vega-Lite
// specification (application/vnd.vega.v5+json, application/vnd.vegalite.v5+json)
// plus image/png: JupyterLab shows the first also in notebooks that are not
// trusted, nbconvert and GitHub show the second.
//
// # What there is
//
// HTML, Markdown, LaTeX and Text are strings that show themselves as such; JSON, PNG,
// JPEG, Image and ImageFile make bundles, Vega and VegaLite for one's own drawings.
// All can be the value of a cell or be given to Show. NewLive shows something that
// changes in its place, NewBar and Count show progress, Clear removes what is there.
package display

import (
	"fmt"
	"reflect"

	"netsplit/runtime/host"
)

// Bundle is a MIME bundle: media type to content. Text is a string, JSON a value
// that encoding/json writes as an object, binary content base64 text.
type Bundle map[string]any

// Shower is the one interface by which a value shows itself.
type Shower interface {
	MimeBundle() Bundle
}

// Of is what is shown for v: its own bundle, or its text as %+v prints it.
func Of(v any) Bundle {
	if s, ok := v.(Shower); ok {
		if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && p.IsNil() {
			return Bundle{"text/plain": "<nil>"}
		}
		return s.MimeBundle()
	}
	if b, ok := host.Bundle(v); ok {
		return Bundle(b)
	}
	return Bundle{"text/plain": fmt.Sprintf("%+v", v)}
}

// Show displays each value below the cell, in order.
func Show(values ...any) {
	for _, v := range values {
		host.Display(host.Shown{Data: host.MIME(Of(v)), Metadata: host.MIME{}})
	}
}

// ShowAs displays v under an id, so that Update can replace it later.
func ShowAs(id string, v any) {
	host.Display(host.Shown{Data: host.MIME(Of(v)), Metadata: host.MIME{}, ID: id})
}

// Update replaces what is displayed under id.
func Update(id string, v any) {
	host.Display(host.Shown{Data: host.MIME(Of(v)), Metadata: host.MIME{}, ID: id, Update: true})
}

// Clear removes the cell's outputs; with wait they go when the next one comes.
func Clear(wait bool) { host.Clear(wait) }

// HTML is shown as HTML, with the text as it stands as its plain form.
type HTML string

// MimeBundle shows the HTML.
func (h HTML) MimeBundle() Bundle {
	return Bundle{"text/plain": string(h), "text/html": string(h)}
}

// Markdown is shown as formatted Markdown.
type Markdown string

// MimeBundle shows the Markdown.
func (m Markdown) MimeBundle() Bundle {
	return Bundle{"text/plain": string(m), "text/markdown": string(m)}
}

// LaTeX is shown as mathematics; write it with its delimiters ($$ … $$).
type LaTeX string

// MimeBundle shows the formula.
func (l LaTeX) MimeBundle() Bundle {
	return Bundle{"text/plain": string(l), "text/latex": string(l)}
}
