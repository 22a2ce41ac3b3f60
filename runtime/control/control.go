// Package control puts sliders, choices, buttons and a player into a notebook, which
// run an experiment again when they are moved:
//
//	length := control.Slider("partition", 0, 500*ms, 50*ms)
//	policy := control.Choice("policy", "no retry", "retry", "budget")
//	control.Panel(func() any {
//		results := experiment(length.Duration(), policy.Text())
//		return []any{results.Table(), results.Chart("goodput")}
//	}, length, policy)
//
// Panel shows the controls, calls the function, and shows what it returns. Whenever a
// control is moved it calls the function again and replaces what is shown, in place.
// A cell need not run for that; while one runs, it works as well where the front end
// uses subshells, as JupyterLab does. The function then runs beside the cell: it must
// not change variables that the cell uses.
//
// Controls speak the protocol of Jupyter's widgets (ipywidgets 8): they are drawn by
// the extension jupyterlab_widgets and are stored in the notebook as any widget.
// Where there is none, on a terminal or in a notebook that is only looked at, the
// outputs of the first call stand there, and a line that says how the controls stood.
// A front end replaces only outputs that it has seen arrive: after the page was loaded
// anew, run the cell again.
package control

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"netsplit/runtime/display"
	"netsplit/runtime/host"
)

// Control is one thing that can be moved.
type Control struct {
	label string
	kind  kind
	unit  time.Duration // of a slider of durations
	words []string      // of a choice

	mu       sync.Mutex
	number   float64 // a slider's value, in units; a choice's index; a button's clicks
	least    float64
	most     float64
	step     float64
	on       bool
	onChange []func()

	opened bool
	model  *model // what a front end draws
	box    *model // of several models that make up one control
	every  time.Duration
	whole  bool
}

type kind uint8

const (
	slider kind = iota
	choice
	toggle
	button
	play
)

// Slider is a slider over ints, floats or durations, from one number to another in
// steps. It begins at the first; Start puts it elsewhere.
func Slider(label string, from, to, step any) *Control {
	c := &Control{label: label, kind: slider}
	numbers := []any{from, to, step}
	spans, floats := 0, 0
	var values [3]float64
	for i, v := range numbers {
		x, span, real, ok := number(v)
		if !ok {
			host.Mistakef("control.Slider(%q): from, to and step are numbers or durations, not %s", label, host.Describe(v).Type)
		}
		values[i] = x
		if span || v == 0 {
			spans++
		}
		if real {
			floats++
		}
	}
	_, anySpan, _, _ := number(to)
	if anySpan && spans == 3 {
		c.unit = time.Millisecond
		if whole := func(unit float64) bool {
			return values[0] == math.Trunc(values[0]/unit)*unit && values[2] == math.Trunc(values[2]/unit)*unit
		}; whole(1e9) {
			c.unit = time.Second
		} else if !whole(1e6) {
			c.unit = time.Microsecond
		}
		for i := range values {
			values[i] /= float64(c.unit)
		}
	} else if anySpan {
		host.Mistakef("control.Slider(%q): from, to and step are durations all three, or none", label)
	}
	c.least, c.most, c.step, c.number = values[0], values[1], values[2], values[0]
	c.whole = floats == 0
	if !(c.most > c.least) || !(c.step > 0) {
		host.Mistakef("control.Slider(%q): the slider goes from %v to %v in steps of %v", label, from, to, step)
	}
	return c
}

// number is a number or duration (in nanoseconds).
func number(v any) (x float64, span, real, ok bool) {
	if d, is := v.(time.Duration); is {
		return float64(d), true, false, true
	}
	if n, is := v.(json.Number); is { // as it comes from a front end
		x, err := n.Float64()
		return x, false, false, err == nil
	}
	d := host.Describe(v)
	switch n := d.Value.(type) {
	case int:
		x = float64(n)
	case int64:
		x = float64(n)
	case uint64:
		x = float64(n)
	case float64:
		return n, false, true, true
	default:
		return 0, false, false, false
	}
	return x, d.Type == "time.Duration", false, true
}

// Choice is a list of words of which one is chosen, at first the first.
func Choice(label string, words ...string) *Control {
	if len(words) == 0 {
		host.Mistakef("control.Choice(%q): name what there is to choose from", label)
	}
	return &Control{label: label, kind: choice, words: slices.Clone(words)}
}

// Toggle is a box that is ticked or not, at first not.
func Toggle(label string) *Control { return &Control{label: label, kind: toggle} }

// Button is a button; Clicks counts how often it was pressed.
func Button(label string) *Control { return &Control{label: label, kind: button} }

// Play is a player with a slider: it goes from one number to another by itself, five
// times a second.
func Play(label string, from, to int) *Control {
	c := Slider(label, from, to, 1)
	c.kind, c.every = play, 200*time.Millisecond
	return c
}

// Every is how long a player stays at each number.
func (c *Control) Every(d time.Duration) *Control {
	c.every = max(d, 10*time.Millisecond)
	return c
}

// Start puts the control to a value before it is shown.
func (c *Control) Start(value any) *Control {
	switch c.kind {
	case choice:
		i := slices.Index(c.words, fmt.Sprint(value))
		if i < 0 {
			host.Mistakef("Start: %v is not among %s", value, strings.Join(c.words, ", "))
		}
		c.number = float64(i)
	case toggle:
		c.on, _ = host.Describe(value).Value.(bool)
	default:
		x, span, _, ok := number(value)
		if !ok {
			host.Mistakef("Start: %s is no value of the slider %q", host.Describe(value).Text, c.label)
		}
		if span && c.unit > 0 {
			x /= float64(c.unit)
		}
		c.number = min(max(x, c.least), c.most)
	}
	return c
}

// Int is where a slider or player stands, which choice it is, or a button's clicks.
func (c *Control) Int() int { return int(math.Round(c.Float())) }

// Float is where a slider stands; of durations, in seconds.
func (c *Control) Float() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unit > 0 {
		return c.number * c.unit.Seconds()
	}
	return c.number
}

// Duration is where a slider of durations stands.
func (c *Control) Duration() time.Duration {
	if c.unit == 0 {
		host.Mistakef("Duration: the control %q is not a slider of durations", c.label)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Duration(math.Round(c.number * float64(c.unit)))
}

// Text is the word that is chosen; of other controls, their value as text.
func (c *Control) Text() string {
	if c.kind == choice {
		return c.words[c.Int()]
	}
	return c.value()
}

// Bool tells whether a box is ticked.
func (c *Control) Bool() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.on
}

// Clicks is how often a button was pressed.
func (c *Control) Clicks() int { return c.Int() }

// OnChange calls do whenever the control was moved, beside what a Panel does.
func (c *Control) OnChange(do func()) *Control {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onChange = append(c.onChange, do)
	return c
}

// value is the control's value as text.
func (c *Control) value() string {
	switch {
	case c.kind == choice:
		return c.words[c.Int()]
	case c.kind == toggle && c.Bool():
		return "yes"
	case c.kind == toggle:
		return "no"
	case c.kind == button:
		return fmt.Sprintf("pressed %d times", c.Int())
	case c.unit > 0:
		return c.Duration().String()
	}
	return fmt.Sprint(c.Float())
}

// String is a line that says how the control stands.
func (c *Control) String() string { return c.label + ": " + c.value() }

// MimeBundle shows the control by itself.
func (c *Control) MimeBundle() display.Bundle {
	m := c.open()
	return m.bundle(c.String())
}
