package sim

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/trace"
)

// Disk keeps values by key, and logs, and survives crashes of its node.
//
// Set is durable when it returns. Write and Append are quicker and durable only
// after Sync: at a crash each of them, by itself, either survives or is gone, in any
// combination, as with a real disk that writes its cache in its own order. With
// sim.Fsync a Sync (and a Set) takes time, in which the node may crash.
type Disk struct {
	node    *Node
	seen    content // what a read sees
	durable content // what a crash can not take
	pending []write // since the last Sync, in order
	dice    *Rand

	fsync    Distribution
	slow     bool
	free     int64 // when the disk has done the syncs that it was asked for
	torn     float64
	rotten   float64
	access   Distribution // of each read and write
	timed    bool
	slower   float64
	capacity int
	forced   *content // what the next crash leaves
	lying    bool     // a Sync returns and nothing is durable
}

// content is keys and logs.
type content struct {
	values map[string]trace.Value
	logs   map[string][]trace.Value
}

// write is one change that is not durable yet.
type write struct {
	key    string
	value  trace.Value
	delete bool
	log    bool
	keep   int // of a log: cut to so many entries; -1 for an append
}

// Full is the error of a write for which the disk has no room.
type Full struct {
	Node     string
	Capacity int
}

// Error says whose disk is full.
func (e *Full) Error() string {
	return fmt.Sprintf("the disk of %s is full (%d bytes)", e.Node, e.Capacity)
}

// Fsync is how long a Sync, and a Set, takes; several queue for the disk. The
// default is no time.
func Fsync(d Distribution) Option {
	return Option{name: "sim.Fsync", node: func(n *Node) { n.Disk.fsync, n.Disk.slow = d, true }}
}

// TornWrites is the probability that a text which survives a crash without having
// been synced is cut in the middle. The default is 0.
func TornWrites(p float64) Option {
	checkProbability("sim.TornWrites", p)
	return Option{name: "sim.TornWrites", node: func(n *Node) { n.Disk.torn = p }}
}

// CorruptWrites is the probability that a write which survives a crash without having
// been synced is there with its value changed. The default is 0.
func CorruptWrites(p float64) Option {
	checkProbability("sim.CorruptWrites", p)
	return Option{name: "sim.CorruptWrites", node: func(n *Node) { n.Disk.rotten = p }}
}

// DiskLatency is how long each write (Write, Append, Delete, Truncate and the first
// half of Set) takes, before the Sync; writes queue for the disk. The default is no
// time: they go to a cache. Reads take no time.
func DiskLatency(d Distribution) Option {
	return Option{name: "sim.DiskLatency", node: func(n *Node) { n.Disk.access, n.Disk.timed = d, true }}
}

// DiskCapacity is how many bytes of keys and values a disk holds. The default is
// unlimited.
func DiskCapacity(bytes int) Option {
	return Option{name: "sim.DiskCapacity", node: func(n *Node) { n.Disk.capacity = bytes }}
}

// Set writes a value and syncs. The error says that the disk is full.
func (d *Disk) Set(key string, value any) error {
	if err := d.change("node.Disk.Set", write{key: key, value: d.copy("node.Disk.Set", key, value)}); err != nil {
		return err
	}
	d.Sync()
	return nil
}

// Write writes a value; it is durable after the next Sync.
func (d *Disk) Write(key string, value any) error {
	return d.change("node.Disk.Write", write{key: key, value: d.copy("node.Disk.Write", key, value)})
}

// Delete removes a key and syncs.
func (d *Disk) Delete(key string) {
	d.change("node.Disk.Delete", write{key: key, delete: true})
	d.Sync()
}

// Append adds an entry to a log; it is durable after the next Sync.
func (d *Disk) Append(log string, value any) error {
	return d.change("node.Disk.Append", write{key: log, value: d.copy("node.Disk.Append", log, value), log: true, keep: -1})
}

// Truncate cuts a log to its first n entries; durable after the next Sync.
func (d *Disk) Truncate(log string, n int) {
	d.change("node.Disk.Truncate", write{key: log, log: true, keep: n})
}

// Sync waits until everything written before is durable.
func (d *Disk) Sync() {
	n := d.node
	p := n.touch("node.Disk.Sync")
	upTo := len(d.pending)
	if d.slow && p != nil {
		d.busy(p, &d.fsync)
	}
	if d.lying {
		return
	}
	upTo = min(upTo, len(d.pending)) // another process may have synced meanwhile
	for _, c := range d.pending[:upTo] {
		d.durable.apply(c)
	}
	d.pending = append(d.pending[:0:0], d.pending[upTo:]...)
}

// busy lets the process wait until the disk has done what it was asked for earlier,
// and this.
func (d *Disk) busy(p *proc, law *Distribution) {
	w := d.node.world
	span := law.draw(d.stream())
	if d.slower > 0 {
		span = nanoseconds(float64(float64(span) * d.slower))
	}
	d.free = w.until(max(d.free, w.now), span)
	p.waits(forSleep, "", "")
	w.schedule(event{at: d.free, what: evWake, a: p.id, gen: p.gen})
	p.park()
}

func (d *Disk) copy(verb, key string, value any) trace.Value {
	v, why := copied(&value)
	if why != "" {
		host.Mistakef("%s(%q): the value %s; a disk keeps numbers, text, bools, durations, and lists and maps of these%s", verb, key, why, d.node.place())
	}
	return v
}

func (d *Disk) change(verb string, c write) error {
	if p := d.node.touch(verb); d.timed && p != nil {
		d.busy(p, &d.access)
	}
	if d.capacity > 0 && !c.delete && d.seen.size()+len(c.key)+len(c.value.String()) > d.capacity {
		return &Full{d.node.Name, d.capacity}
	}
	d.seen.apply(c)
	d.pending = append(d.pending, c)
	return nil
}

func (c *content) apply(w write) {
	if c.values == nil {
		c.values, c.logs = map[string]trace.Value{}, map[string][]trace.Value{}
	}
	switch {
	case w.log && w.keep < 0:
		c.logs[w.key] = append(c.logs[w.key], w.value)
	case w.log:
		c.logs[w.key] = c.logs[w.key][:min(w.keep, len(c.logs[w.key]))]
	case w.delete:
		delete(c.values, w.key)
	default:
		c.values[w.key] = w.value
	}
}

func (c *content) clone() content {
	d := content{map[string]trace.Value{}, map[string][]trace.Value{}}
	for k, v := range c.values {
		d.values[k] = v
	}
	for k, v := range c.logs {
		d.logs[k] = append([]trace.Value(nil), v...)
	}
	return d
}

func (c *content) size() int {
	n := 0
	for k, v := range c.values {
		n += len(k) + len(v.String())
	}
	for _, log := range c.logs {
		for _, v := range log {
			n += len(v.String())
		}
	}
	return n
}

// text is the content in one line, keys sorted.
func (c *content) text() string {
	var parts []string
	for _, k := range sortedKeys(c.values) {
		parts = append(parts, k+"="+c.values[k].String())
	}
	for _, k := range sortedKeys(c.logs) {
		var entries []string
		for _, v := range c.logs[k] {
			entries = append(entries, v.String())
		}
		if len(entries) > 0 {
			parts = append(parts, k+"=["+strings.Join(entries, " ")+"]")
		}
	}
	if len(parts) == 0 {
		return "empty"
	}
	return strings.Join(parts, " ")
}

func (d *Disk) stream() *Rand {
	if d.dice == nil {
		d.dice = d.node.world.stream("disk/" + d.node.Name)
	}
	return d.dice
}

// crash lets each write that was not synced survive or not.
func (d *Disk) crash() {
	if d.forced != nil {
		d.durable, d.forced, d.pending = *d.forced, nil, nil
	}
	if len(d.pending) > 0 {
		dice := d.stream()
		for _, c := range d.pending {
			if dice.Float() < 0.5 {
				continue
			}
			if d.torn > 0 && c.value.Type() == trace.Text && dice.Float() < d.torn {
				c.value = torn(c.value)
			}
			if d.rotten > 0 && !c.delete && dice.Float() < d.rotten {
				c.value = flipped(c.value, dice)
			}
			d.durable.apply(c)
		}
		d.pending = nil
	}
	d.seen = d.durable.clone()
	d.free = 0
}

// CrashStates lists every content that the disk could have after a crash now, each
// in one line: one for each subset of the writes that are not synced, where a write
// that can be torn (sim.TornWrites) may also be there in part. With more than 4,096
// combinations it is a mistake to ask. Corrupt writes are not listed: they can leave
// anything.
func (d *Disk) CrashStates() []string {
	found := map[string]bool{}
	d.eachState(func(c content) { found[c.text()] = true })
	return sortedKeys(found)
}

// mostStates is how many combinations of fates are tried.
const mostStates = 4096

func (d *Disk) eachState(do func(content)) {
	fates := make([]int, len(d.pending)) // of each write: gone, there, or torn
	all := 1
	for i, w := range d.pending {
		fates[i] = 2
		if d.torn > 0 && w.value.Type() == trace.Text {
			fates[i] = 3
		}
		if all *= fates[i]; all > mostStates {
			host.Mistakef("node.Disk.CrashStates: %d writes are not synced, what a crash can leave of them is too much to list; sync more often", len(d.pending))
		}
	}
	for state := range all {
		c := d.durable.clone()
		rest := state
		for i, w := range d.pending {
			switch rest % fates[i] {
			case 1:
				c.apply(w)
			case 2:
				w.value = torn(w.value)
				c.apply(w)
			}
			rest /= fates[i]
		}
		do(c)
	}
}

// torn is the first half of a text.
func torn(v trace.Value) trace.Value { return trace.TextValue(v.Text()[:len(v.Text())/2]) }

// CrashInto crashes a node and leaves on its disk one of the states that CrashStates
// listed, given by its line, so that recovery can be tried from each of them:
//
//	for _, state := range Prepared().Find("db").Disk.CrashStates() {
//		world := Prepared()
//		world.CrashInto("db", state).For(10 * ms)
//		world.Run(100 * ms)
//	}
func (w *World) CrashInto(name, state string) *Fault {
	n := w.node("world.CrashInto", name)
	f := w.each("crash", name, func(n *Node) {
		found := false
		n.Disk.eachState(func(c content) {
			if !found && c.text() == state {
				found = true
				n.Disk.forced = &c
			}
		})
		if !found {
			host.Mistakef("world.CrashInto(%q, %q): no crash can leave this on the disk now; the possible states are %s", n.Name, state, strings.Join(n.Disk.CrashStates(), ", "))
		}
		w.crash(n)
	}, w.restart)
	f.text = "crash " + n.Name + " leaving " + state
	return f
}

// String is what is on disk, in one line.
func (d *Disk) String() string { return d.seen.text() }

// Has tells whether there is a value under key.
func (d *Disk) Has(key string) bool { _, ok := d.seen.values[key]; return ok }

// Keys are all keys, sorted.
func (d *Disk) Keys() []string {
	keys := make([]string, 0, len(d.seen.values))
	for k := range d.seen.values {
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

// Duration is the value under key; 0 where there is none.
func (d *Disk) Duration(key string) time.Duration {
	return time.Duration(d.read(key, trace.Duration, trace.Duration, "a duration").Bits())
}

// Get is the value under key as whatever it is; nil where there is none.
func (d *Disk) Get(key string) any { return d.seen.values[key].Any() }

// Log is the entries of a log, a copy.
func (d *Disk) Log(log string) []any {
	entries := make([]any, len(d.seen.logs[log]))
	for i, v := range d.seen.logs[log] {
		entries[i] = v.Any()
	}
	return entries
}

// Len is the number of entries of a log.
func (d *Disk) Len(log string) int { return len(d.seen.logs[log]) }

func (d *Disk) read(key string, t, or trace.Type, want string) trace.Value {
	v := d.seen.values[key]
	if v.Type() != trace.None && v.Type() != t && v.Type() != or {
		host.Mistakef("node.Disk: %q is %s (%s), not %s%s", key, v.Type(), v, want, d.node.place())
	}
	return v
}

// wipe puts an empty disk in.
func (d *Disk) wipe() { d.seen, d.durable, d.pending = content{}, content{}, nil }

// rot changes one value on disk.
func (d *Disk) rot() {
	keys := sortedKeys(d.durable.values)
	if len(keys) == 0 {
		return
	}
	dice := d.stream()
	key := keys[dice.Intn(len(keys))]
	v := flipped(d.durable.values[key], dice)
	d.durable.values[key], d.seen.values[key] = v, v
}

// flipped is a value with a bit or a character changed.
func flipped(v trace.Value, dice *Rand) trace.Value {
	m := &trace.Message{}
	m.Add("value", v)
	m.Rewrite(0, dice.Uint64())
	return m.Value(0)
}
