package notebook

import (
	"bytes"
	"encoding/json"
)

// recorder keeps outputs as nbclient does.
type recorder struct {
	cell  *Cell
	clear bool // when the next output comes

	// displayed are the outputs that stand under a display id, in all cells.
	displayed map[string][]place

	widgets widgets

	// show gets every output of text as it comes; it may be nil.
	show func(stream, text string)
}

// place is an output in a cell.
type place struct {
	cell *Cell
	out  object
}

// begin empties a cell and records what follows for it.
func (r *recorder) begin(c *Cell) {
	c.outs = nil
	c.fields["execution_count"] = nil
	r.cell, r.clear = c, false
}

// take records one message.
func (r *recorder) take(kind string, content object, buffers [][]byte) {
	transient, _ := content["transient"].(object)
	id, _ := transient["display_id"].(string)
	if id != "" && (kind == "execute_result" || kind == "display_data" || kind == "update_display_data") {
		r.update(id, content)
	}
	if count, ok := content["execution_count"]; ok {
		r.cell.fields["execution_count"] = count
	}
	switch kind {
	case "clear_output":
		if wait, _ := content["wait"].(bool); wait {
			r.clear = true
		} else {
			r.empty()
		}
	case "comm_open", "comm_msg", "comm_close":
		r.widgets.take(content, buffers)
	case "stream":
		r.add(pick(content, "name", "text"), kind, id)
	case "display_data":
		r.add(pick(content, "data", "metadata"), kind, id)
	case "execute_result":
		r.add(pick(content, "data", "metadata", "execution_count"), kind, id)
	case "error":
		r.add(pick(content, "ename", "evalue", "traceback"), kind, id)
	}
}

func pick(content object, names ...string) object {
	o := object{}
	for _, name := range names {
		o[name] = content[name]
	}
	return o
}

// add puts an output at the end of the cell. Text of the stream that stands there
// already is put behind it.
func (r *recorder) add(out object, kind, id string) {
	if r.clear {
		r.clear = false
		r.empty()
	}
	out["output_type"] = kind
	if r.show != nil {
		r.tell(out)
	}
	if n := len(r.cell.outs); kind == "stream" && n > 0 {
		if last := r.cell.outs[n-1].(object); last["output_type"] == "stream" && last["name"] == out["name"] {
			before, _ := last["text"].(string)
			more, _ := out["text"].(string)
			last["text"] = before + more
			return
		}
	}
	if id != "" {
		if r.displayed == nil {
			r.displayed = map[string][]place{}
		}
		r.displayed[id] = append(r.displayed[id], place{r.cell, out})
	}
	r.cell.outs = append(r.cell.outs, out)
}

// tell shows the text of an output.
func (r *recorder) tell(out object) {
	switch out["output_type"] {
	case "stream":
		name, _ := out["name"].(string)
		text, _ := out["text"].(string)
		r.show(name, text)
	case "display_data", "execute_result":
		data, _ := out["data"].(object)
		if text, _ := data["text/plain"].(string); text != "" {
			r.show("stdout", text+"\n")
		}
	}
}

// update replaces what stands under a display id.
func (r *recorder) update(id string, content object) {
	for _, p := range r.displayed[id] {
		p.out["data"], p.out["metadata"] = copied(content["data"]), copied(content["metadata"])
	}
}

// empty removes the outputs of the cell.
func (r *recorder) empty() {
	r.cell.outs = nil
	for id, places := range r.displayed {
		var others []place
		for _, p := range places {
			if p.cell != r.cell {
				others = append(others, p)
			}
		}
		r.displayed[id] = others
	}
}

// copied is a value that shares nothing with v.
func copied(v any) any {
	switch v := v.(type) {
	case object:
		o := object{}
		for name, value := range v {
			o[name] = copied(value)
		}
		return o
	case []any:
		list := make([]any, len(v))
		for i, value := range v {
			list[i] = copied(value)
		}
		return list
	}
	return v
}

// decode reads a JSON object with its numbers as they stand.
func decode(raw []byte) (object, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var o object
	err := decoder.Decode(&o)
	return o, err
}
