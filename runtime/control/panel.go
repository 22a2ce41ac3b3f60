package control

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"netsplit/runtime/display"
	"netsplit/runtime/host"
)

// panel is controls and the outputs that depend on them.
type panel struct {
	show   func() any
	ids    []string
	moves  atomic.Int64
	mu     sync.Mutex // held while show runs
	served int64
}

// Panel shows controls and below them what the function returns: a value, or a slice
// of several ([]any{table, chart}). It calls the function at once, and again whenever
// a control is moved; then it replaces what is shown.
//
// When controls move faster than the function runs, moves in between are left out:
// the last one counts.
func Panel(show func() any, controls ...*Control) {
	if show == nil {
		host.Mistakef("control.Panel: the function is nil; it is a func() any that returns what to show")
	}
	p := &panel{show: show}
	var models []*model
	var lines []string
	for _, c := range controls {
		if c == nil {
			host.Mistakef("control.Panel: a control is nil")
		}
		c.OnChange(p.moved)
		models = append(models, c.open())
		lines = append(lines, c.String())
	}
	if len(models) > 0 {
		display.Show(boxOf("VBox", models...).bundle(strings.Join(lines, "\n")))
	}
	for _, v := range values(show()) {
		id := host.NewID()
		p.ids = append(p.ids, id)
		display.ShowAs(id, v)
	}
}

// moved runs the function again, unless that has been done since.
func (p *panel) moved() {
	mine := p.moves.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.served >= mine {
		return
	}
	p.served = p.moves.Load()
	defer func() {
		// A panic is shown where the outputs are, and is the kernel's besides.
		if v := recover(); v != nil {
			if len(p.ids) > 0 {
				display.Update(p.ids[0], display.Text(fmt.Sprintf("this could not be computed: %v", v)))
			}
			panic(v)
		}
	}()
	list := values(p.show())
	for i, id := range p.ids {
		if i < len(list) {
			display.Update(id, list[i])
		} else {
			display.Update(id, display.Text(""))
		}
	}
}

// values are what a function of a panel returned.
func values(v any) []any {
	switch x := v.(type) {
	case nil:
		return nil
	case []any:
		return x
	}
	return []any{v}
}
