package notebook

import (
	"encoding/base64"
	"encoding/json"
)

// widgetState is the media type under which a notebook's metadata holds its widgets.
const widgetState = "application/vnd.jupyter.widget-state+json"

// widgets collects the state of widgets from comm messages, so that a notebook that
// was executed without a front end shows them.
type widgets struct {
	state   map[string]object            // by comm id
	buffers map[string]map[string]object // by comm id and path
	paths   map[string][]string          // the paths of a comm in the order in which they came
}

// take learns from a comm message. Those without a state are the widget's own affair.
func (w *widgets) take(content object, buffers [][]byte) {
	id, _ := content["comm_id"].(string)
	data, _ := content["data"].(object)
	state, ok := data["state"].(object)
	if id == "" || !ok {
		return
	}
	if w.state == nil {
		w.state = map[string]object{}
		w.buffers = map[string]map[string]object{}
		w.paths = map[string][]string{}
	}
	if w.state[id] == nil {
		w.state[id] = object{}
	}
	for name, value := range state {
		w.state[id][name] = value
	}
	paths, _ := data["buffer_paths"].([]any)
	for i, path := range paths {
		if i >= len(buffers) {
			break
		}
		if w.buffers[id] == nil {
			w.buffers[id] = map[string]object{}
		}
		key, _ := json.Marshal(path)
		if w.buffers[id][string(key)] == nil {
			w.paths[id] = append(w.paths[id], string(key))
		}
		w.buffers[id][string(key)] = object{
			"data": base64.StdEncoding.EncodeToString(buffers[i]), "encoding": "base64", "path": path,
		}
	}
}

// note puts the state into a notebook's metadata, in the schema of jupyter-widgets.
func (w *widgets) note(metadata map[string]any) {
	if len(w.state) == 0 {
		return
	}
	models := object{}
	for id, state := range w.state {
		if _, isModel := state["_model_name"]; !isModel {
			continue
		}
		model := object{
			"model_name":           state["_model_name"],
			"model_module":         state["_model_module"],
			"model_module_version": state["_model_module_version"],
			"state":                state,
		}
		if len(w.paths[id]) > 0 {
			list := []any{}
			for _, path := range w.paths[id] {
				list = append(list, w.buffers[id][path])
			}
			model["buffers"] = list
		}
		models[id] = model
	}
	metadata["widgets"] = object{widgetState: object{
		"state": models, "version_major": json.Number("2"), "version_minor": json.Number("0"),
	}}
}
