package control

import (
	"maps"
	"strings"
	"sync"
	"time"

	"netsplit/runtime/display"
	"netsplit/runtime/host"
)

const (
	target          = "jupyter.widget"
	protocolVersion = "2.1.0" // of the widget messaging protocol
	moduleVersion   = "2.0.0" // of the models that ipywidgets 8 has
	baseModule      = "@jupyter-widgets/base"
	controlsModule  = "@jupyter-widgets/controls"
)

// model is a widget's state, which a front end shares over a comm.
type model struct {
	id    string
	mu    sync.Mutex
	state map[string]any

	changed func(state map[string]any) // by the front end
	clicked func()
}

// newModel opens a model. Where there is no front end it stays by itself.
func newModel(module, name, view string, state map[string]any) *model {
	m := &model{id: host.NewID(), state: map[string]any{
		"_model_module": module, "_model_module_version": moduleVersion, "_model_name": name,
		"_view_module": module, "_view_module_version": moduleVersion, "_view_name": view,
	}}
	if view == "" {
		m.state["_view_name"], m.state["_view_module"], m.state["_view_module_version"] = nil, nil, ""
		if name == "LayoutModel" {
			m.state["_view_name"], m.state["_view_module"], m.state["_view_module_version"] = "LayoutView", baseModule, moduleVersion
		}
		if strings.HasSuffix(name, "StyleModel") {
			m.state["_view_name"], m.state["_view_module"], m.state["_view_module_version"] = "StyleView", baseModule, moduleVersion
		}
	}
	maps.Copy(m.state, state)
	return m
}

// open tells the front end of the model. The handler may be called as soon as that.
func (m *model) open() *model {
	host.CommOpen(m.id, target, map[string]any{"state": m.state, "buffer_paths": []any{}},
		map[string]any{"version": protocolVersion}, nil, m.hear)
	return m
}

// ref is how one model's state names another.
func (m *model) ref() string { return "IPY_MODEL_" + m.id }

// hear handles a message of the front end.
func (m *model) hear(e host.CommEvent) {
	if e.Kind != "msg" {
		return
	}
	switch e.Data["method"] {
	case "request_state":
		m.mu.Lock()
		state := maps.Clone(m.state)
		m.mu.Unlock()
		m.send("update", state)
	case "update":
		state, _ := e.Data["state"].(map[string]any)
		m.mu.Lock()
		maps.Copy(m.state, state)
		m.mu.Unlock()
		m.send("echo_update", state) // other views of the model follow
		if m.changed != nil {
			m.changed(state)
		}
	case "custom":
		content, _ := e.Data["content"].(map[string]any)
		if content["event"] == "click" && m.clicked != nil {
			m.clicked()
		}
	}
}

func (m *model) send(method string, state map[string]any) {
	if state == nil {
		state = map[string]any{}
	}
	host.CommSend(m.id, map[string]any{"method": method, "state": state, "buffer_paths": []any{}}, nil, nil)
}

// bundle is the model's view, and a text for where there is none.
func (m *model) bundle(text string) display.Bundle {
	return display.Bundle{"text/plain": text,
		"application/vnd.jupyter.widget-view+json": map[string]any{"version_major": 2, "version_minor": 0, "model_id": m.id}}
}

func layout(state map[string]any) *model {
	return newModel(baseModule, "LayoutModel", "", state).open()
}

func boxOf(name string, children ...*model) *model {
	refs := []any{}
	for _, c := range children {
		refs = append(refs, c.ref())
	}
	return newModel(controlsModule, name+"Model", name+"View", map[string]any{"children": refs, "layout": layout(nil).ref()}).open()
}

// open makes the control's models, once.
func (c *Control) open() *model {
	if c.opened {
		return c.box
	}
	c.opened = true
	wide := layout(map[string]any{"width": "32em"})
	label := c.label
	if c.unit > 0 {
		label += " (" + unitName(c.unit) + ")"
	}
	style := func(name string) string {
		state := map[string]any{"description_width": "12em"}
		if name == "ButtonStyleModel" || name == "LabelStyleModel" {
			state = nil
		}
		return newModel(controlsModule, name, "", state).open().ref()
	}
	switch c.kind {
	case slider, play:
		name := "FloatSlider"
		var number, least, most, step any = c.number, c.least, c.most, c.step
		format := ".4~g"
		if c.whole && c.step == float64(int(c.step)) {
			name, format = "IntSlider", "d"
			number, least, most, step = int(c.number), int(c.least), int(c.most), int(c.step)
		}
		c.model = newModel(controlsModule, name+"Model", name+"View", map[string]any{
			"value": number, "min": least, "max": most, "step": step, "description": label, "continuous_update": true,
			"readout": true, "readout_format": format, "layout": wide.ref(), "style": style("SliderStyleModel"), "tooltip": nil})
	case choice:
		name := "Dropdown"
		if len(c.words) <= 4 {
			name = "ToggleButtons"
		}
		state := map[string]any{"_options_labels": c.words, "index": int(c.number), "description": label, "style": style("DescriptionStyleModel"), "tooltip": nil}
		if name == "ToggleButtons" {
			state["description"] = "" // it would stand above
			state["style"] = newModel(controlsModule, "ToggleButtonsStyleModel", "", map[string]any{"description_width": "12em", "button_width": ""}).open().ref()
			state["layout"] = layout(map[string]any{"width": "auto"}).ref()
			state["tooltips"], state["icons"], state["button_style"] = []any{}, []any{}, ""
		} else {
			state["layout"] = wide.ref()
		}
		c.model = newModel(controlsModule, name+"Model", name+"View", state)
	case toggle:
		c.model = newModel(controlsModule, "CheckboxModel", "CheckboxView", map[string]any{
			"value": c.on, "description": label, "indent": true, "layout": wide.ref(), "style": newModel(controlsModule, "CheckboxStyleModel", "", map[string]any{"description_width": "12em"}).open().ref(), "tooltip": nil})
	case button:
		c.model = newModel(controlsModule, "ButtonModel", "ButtonView", map[string]any{
			"description": label, "button_style": "", "icon": "", "layout": layout(map[string]any{"width": "16em", "margin": "2px 2px 2px 12.5em"}).ref(), "style": style("ButtonStyleModel"), "tooltip": nil})
		c.model.clicked = func() {
			c.mu.Lock()
			c.number++
			c.mu.Unlock()
			c.moved()
		}
	}
	c.model.changed = c.take
	c.model.open()
	c.box = c.model
	if c.kind == choice && len(c.words) <= 4 {
		name := newModel(controlsModule, "LabelModel", "LabelView", map[string]any{"value": label, "description": "",
			"layout": layout(map[string]any{"width": "12em", "display": "flex", "justify_content": "flex-end", "margin": "2px 8px 2px 2px"}).ref(), "style": style("LabelStyleModel")}).open()
		c.box = boxOf("HBox", name, c.model)
	}
	if c.kind == play {
		player := newModel(controlsModule, "PlayModel", "PlayView", map[string]any{
			"value": int(c.number), "min": int(c.least), "max": int(c.most), "step": 1, "interval": int(c.every / time.Millisecond), "playing": false, "repeat": false,
			"show_repeat": true, "description": "", "layout": layout(nil).ref(), "style": newModel(controlsModule, "DescriptionStyleModel", "", nil).open().ref(), "tooltip": nil}).open()
		newModel(controlsModule, "LinkModel", "", map[string]any{
			"source": []any{player.ref(), "value"}, "target": []any{c.model.ref(), "value"}}).open()
		c.box = boxOf("HBox", c.model, player)
	}
	return c.box
}

func unitName(unit time.Duration) string {
	switch unit {
	case time.Second:
		return "s"
	case time.Millisecond:
		return "ms"
	}
	return "µs"
}

// take reads what the front end changed.
func (c *Control) take(state map[string]any) {
	c.mu.Lock()
	changed := false
	if v, ok := state["value"]; ok {
		switch x := v.(type) {
		case bool:
			changed, c.on = c.on != x, x
		default:
			if n, _, _, ok := number(v); ok {
				n = min(max(n, c.least), c.most)
				changed, c.number = c.number != n, n
			}
		}
	}
	if v, ok := state["index"]; ok && c.kind == choice {
		if n, _, _, ok := number(v); ok && n >= 0 && int(n) < len(c.words) {
			changed, c.number = c.number != n, n
		}
	}
	c.mu.Unlock()
	if changed {
		c.moved()
	}
}

// moved calls whoever waits for it.
func (c *Control) moved() {
	c.mu.Lock()
	list := append([]func(){}, c.onChange...)
	c.mu.Unlock()
	for _, do := range list {
		do()
	}
}
