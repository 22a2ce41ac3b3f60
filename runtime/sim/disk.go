package sim

import (
	"sort"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// Disk keeps values by key and survives crashes of its node.
type Disk struct {
	node   *Node
	values map[string]trace.Value
}

// Set writes a value, durably: it is on disk when Set returns.
func (d *Disk) Set(key string, value any) {
	d.node.enter("node.Disk.Set")
	v, why := trace.Copy(onHeap(&value))
	if why != "" {
		host.Mistakef("node.Disk.Set(%q): the value %s; a disk keeps numbers, text, bools, durations, and lists and maps of these%s", key, why, d.node.place())
	}
	if d.values == nil {
		d.values = map[string]trace.Value{}
	}
	d.values[key] = v
}

// Delete removes a key.
func (d *Disk) Delete(key string) {
	d.node.enter("node.Disk.Delete")
	delete(d.values, key)
}

// Has tells whether there is a value under key.
func (d *Disk) Has(key string) bool { _, ok := d.values[key]; return ok }

// Keys are all keys, sorted.
func (d *Disk) Keys() []string {
	keys := make([]string, 0, len(d.values))
	for k := range d.values {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Int is the value under key; 0 where there is none.
func (d *Disk) Int(key string) int { return int(d.read(key, trace.Int, trace.Uint, "an int").Bits()) }

// Float is the value under key; 0 where there is none.
func (d *Disk) Float(key string) float64 {
	return d.read(key, trace.Float, trace.Float, "a float").Float()
}

// Text is the value under key; "" where there is none.
func (d *Disk) Text(key string) string { return d.read(key, trace.Text, trace.Text, "text").Text() }

// Bool is the value under key; false where there is none.
func (d *Disk) Bool(key string) bool {
	return d.read(key, trace.Bool, trace.Bool, "a bool").Bits() != 0
}

// Get is the value under key as whatever it is; nil where there is none.
func (d *Disk) Get(key string) any { return d.values[key].Any() }

func (d *Disk) read(key string, t, or trace.Type, want string) trace.Value {
	v := d.values[key]
	if v.Type() != trace.None && v.Type() != t && v.Type() != or {
		host.Mistakef("node.Disk: %q is %s (%s), not %s%s", key, v.Type(), v, want, d.node.place())
	}
	return v
}

func (d *Disk) crash() {}
