package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
)

// Notebook is a notebook of nbformat 4. Texts that the file splits into lines are
// whole here.
type Notebook struct {
	root  object
	cells []*Cell
}

// object is a JSON object. Numbers in it are json.Number.
type object = map[string]any

// Cell is a code, markdown or raw cell.
type Cell struct {
	fields object
	outs   []any
}

// Read reads a notebook file.
func Read(path string) (*Notebook, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// Parse reads the text of a notebook file.
func Parse(data []byte) (*Notebook, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var root object
	if err := decoder.Decode(&root); err != nil {
		return nil, fmt.Errorf("not a notebook: %w", err)
	}
	if major := fmt.Sprint(root["nbformat"]); major != "4" {
		return nil, fmt.Errorf("not a notebook of nbformat 4 (nbformat is %s): open it in JupyterLab and save it", major)
	}
	list, ok := root["cells"].([]any)
	if !ok {
		return nil, errors.New("not a notebook: it has no cells")
	}
	n := &Notebook{root: root}
	for i, c := range list {
		fields, ok := c.(object)
		if !ok {
			return nil, fmt.Errorf("not a notebook: cell %d is no object", i+1)
		}
		n.cells = append(n.cells, readCell(fields))
	}
	dict(root, "metadata")
	n.giveIDs()
	return n, nil
}

func readCell(fields object) *Cell {
	c := &Cell{fields: fields}
	fields["source"] = join(fields["source"])
	dict(fields, "metadata")
	attachments, _ := fields["attachments"].(object)
	for _, bundle := range attachments {
		if b, ok := bundle.(object); ok {
			joinBundle(b)
		}
	}
	outputs, _ := fields["outputs"].([]any)
	for _, o := range outputs {
		out, ok := o.(object)
		if !ok {
			continue
		}
		if data, ok := out["data"].(object); ok {
			joinBundle(data)
		} else if text, ok := out["text"]; ok {
			out["text"] = join(text)
		}
		c.outs = append(c.outs, out)
	}
	return c
}

// dict is a member that is an object; it is made where there is none.
func dict(o object, name string) object {
	d, ok := o[name].(object)
	if !ok {
		d = object{}
		o[name] = d
	}
	return d
}

// giveIDs gives ids to the cells that have none, where the format wants them. They
// follow from place and text, so that the same file gets the same ids.
func (n *Notebook) giveIDs() {
	minor, _ := n.root["nbformat_minor"].(json.Number)
	if m, err := minor.Int64(); err != nil || m < 5 {
		return
	}
	for i, c := range n.cells {
		if id, _ := c.fields["id"].(string); id == "" {
			h := fnv.New32a()
			fmt.Fprintf(h, "%d\n%s", i, c.Source())
			c.fields["id"] = fmt.Sprintf("%08x", h.Sum32())
		}
	}
}

// Cells are all cells in order.
func (n *Notebook) Cells() []*Cell { return n.cells }

// Metadata is the metadata of the notebook, for reading and writing.
func (n *Notebook) Metadata() map[string]any { return dict(n.root, "metadata") }

// Bytes is the file as nbformat writes it.
func (n *Notebook) Bytes() []byte {
	root := object{}
	for name, value := range n.root {
		root[name] = value
	}
	root["metadata"] = without(n.Metadata(), "orig_nbformat", "orig_nbformat_minor", "signature")
	cells := make([]any, len(n.cells))
	for i, c := range n.cells {
		cells[i] = c.file()
	}
	root["cells"] = cells
	return append(marshal(root), '\n')
}

// Write writes the file. It is complete or not changed at all: the text goes to a file
// beside it first.
func (n *Notebook) Write(path string) error {
	mode := os.FileMode(0o644)
	if old, err := os.Stat(path); err == nil {
		mode = old.Mode().Perm()
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".netsplit-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(n.Bytes())
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// file is the cell as it stands in the file.
func (c *Cell) file() object {
	o := object{}
	for name, value := range c.fields {
		o[name] = value
	}
	o["metadata"] = without(dict(c.fields, "metadata"), "trusted")
	o["source"] = split(c.Source())
	if attachments, ok := o["attachments"].(object); ok {
		all := object{}
		for name, bundle := range attachments {
			if b, ok := bundle.(object); ok {
				bundle = splitBundle(b)
			}
			all[name] = bundle
		}
		o["attachments"] = all
	}
	if !c.IsCode() {
		return o
	}
	outputs := []any{}
	for _, out := range c.outs {
		copied := object{}
		for name, value := range out.(object) {
			copied[name] = value
		}
		if data, ok := copied["data"].(object); ok {
			copied["data"] = splitBundle(data)
		} else if text, ok := copied["text"].(string); ok {
			copied["text"] = split(text)
		}
		outputs = append(outputs, copied)
	}
	o["outputs"] = outputs
	return o
}

func without(o object, names ...string) object {
	copied := object{}
	for name, value := range o {
		copied[name] = value
	}
	for _, name := range names {
		delete(copied, name)
	}
	return copied
}

// IsCode tells whether the cell holds code.
func (c *Cell) IsCode() bool { return c.fields["cell_type"] == "code" }

// Source is the text of the cell.
func (c *Cell) Source() string { text, _ := c.fields["source"].(string); return text }

// ID is the cell's id, empty in older notebooks.
func (c *Cell) ID() string { id, _ := c.fields["id"].(string); return id }

// HasTag tells whether the cell's metadata has a tag.
func (c *Cell) HasTag(tag string) bool {
	tags, _ := dict(c.fields, "metadata")["tags"].([]any)
	for _, t := range tags {
		if t == tag {
			return true
		}
	}
	return false
}

// Outputs are the outputs of a code cell: objects as in the file, texts whole.
func (c *Cell) Outputs() []any { return c.outs }

// join makes one text of a list of lines.
func join(v any) any {
	lines, ok := v.([]any)
	if !ok {
		if v == nil {
			return ""
		}
		return v
	}
	var b strings.Builder
	for _, line := range lines {
		text, ok := line.(string)
		if !ok {
			return v
		}
		b.WriteString(text)
	}
	return b.String()
}

func joinBundle(data object) {
	for kind, value := range data {
		if _, isList := value.([]any); isList && !isJSON(kind) {
			data[kind] = join(value)
		}
	}
}

func splitBundle(data object) object {
	copied := object{}
	for kind, value := range data {
		text, isText := value.(string)
		if isText && (strings.HasPrefix(kind, "text/") || kind == "application/javascript" || kind == "image/svg+xml") {
			copied[kind] = split(text)
		} else {
			copied[kind] = value
		}
	}
	return copied
}

func isJSON(kind string) bool {
	return kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")
}
