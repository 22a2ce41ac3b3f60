package display

import (
	"fmt"
	"html"
	"iter"
	"math"
	"strings"
	"time"

	"netsplit/runtime/host"
)

// Bar is a progress bar below the cell, for work that takes a while:
//
//	bar := display.NewBar("seeds", 30)
//	for seed := range 30 {
//		…
//		bar.Add(1)
//	}
//	bar.Done()
//
// While it runs it shows the time that remains. What is left of it at the end says
// how much was done and nothing of the clock, so that a notebook that is run again
// looks the same. Outside a kernel nothing is shown.
type Bar struct {
	id, label   string
	done, total int
	began, last time.Time
	over        bool
}

// between is how often a bar is drawn again.
const between = 100 * time.Millisecond

// NewBar shows a bar for so many steps.
func NewBar(label string, total int) *Bar {
	b := &Bar{label: label, total: max(total, 0), began: time.Now()}
	if host.InKernel() {
		b.id = host.NewID()
		b.last = b.began
		ShowAs(b.id, b.bundle(0))
	}
	return b
}

// Count shows a bar for a loop of n rounds:
//
//	for seed := range display.Count("seeds", 30) { … }
func Count(label string, n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		b := NewBar(label, n)
		defer b.Done()
		for i := range n {
			if !yield(i) {
				return
			}
			b.Add(1)
		}
	}
}

// Add says that n more steps are done.
func (b *Bar) Add(n int) { b.Set(b.done + n) }

// Set says that n steps are done.
func (b *Bar) Set(n int) {
	b.done = min(max(n, 0), b.total)
	now := time.Now()
	if b.over || b.id == "" || now.Sub(b.last) < between {
		return
	}
	b.last = now
	Update(b.id, b.bundle(now.Sub(b.began)))
}

// Done ends the bar. One that did not reach its end says so.
func (b *Bar) Done() { b.DoneWith("") }

// DoneWith ends the bar with a text in place of its own: one line.
func (b *Bar) DoneWith(text string) {
	if b.over {
		return
	}
	b.over = true
	if b.id == "" {
		return
	}
	if text == "" {
		text = fmt.Sprintf("%s: %d of %d", b.label, b.done, b.total)
		if b.done < b.total {
			text = fmt.Sprintf("%s: stopped at %d of %d", b.label, b.done, b.total)
		}
	}
	Update(b.id, Bundle{"text/plain": text,
		"text/html": fmt.Sprintf(`<div style="font-size:85%%;color:#7d8790;color:var(--jp-ui-font-color2,#7d8790);">%s</div>`, html.EscapeString(text))})
}

// MimeBundle shows a bundle as it is, so that one can be given to Show and Update.
func (b Bundle) MimeBundle() Bundle { return b }

func (b *Bar) bundle(since time.Duration) Bundle {
	share := 1.0
	if b.total > 0 {
		share = float64(b.done) / float64(b.total)
	}
	left := ""
	if b.done > 0 && b.done < b.total && since >= time.Second/2 {
		left = " · " + remaining(time.Duration(float64(since)*(1-share)/share)) + " left"
	}
	const cells = 24
	full := int(math.Round(share * cells))
	text := fmt.Sprintf("%d of %d%s", b.done, b.total, left)
	label := html.EscapeString(b.label)
	return Bundle{
		"text/plain": fmt.Sprintf("%s %s%s %s", b.label, strings.Repeat("█", full), strings.Repeat("░", cells-full), text),
		"text/html": fmt.Sprintf(`<div style="margin:0.3em 0;"><span style="font-weight:bold;">%s</span>`+
			`<div style="display:inline-block;width:18em;height:0.7em;margin:0 0.8em;border-radius:0.35em;background-color:rgba(128,140,150,0.25);vertical-align:middle;overflow:hidden;">`+
			`<div style="width:%.1f%%;height:0.7em;border-radius:0.35em;background-color:#2f81f7;"></div></div>`+
			`<span style="color:#7d8790;">%s</span></div>`, label, 100*share, text),
	}
}

// remaining is a time as somebody who waits wants it: 4 s, 2 min.
func remaining(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(1, int(math.Ceil(d.Seconds()))))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(math.Ceil(d.Minutes())))
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}
