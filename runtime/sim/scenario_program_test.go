package sim_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"netsplit/runtime/sim"
)

// nodeOptions stand behind the names of a node.
var nodeOptions = map[string]command{
	"service":       {usage: "service LAW — of each request", node: func(w *script) sim.Option { return sim.Service(w.law()) }},
	"servers":       {usage: "servers 2", node: func(w *script) sim.Option { return sim.Servers(w.int()) }},
	"queue":         {usage: "queue 3 — requests that may wait", node: func(w *script) sim.Option { return sim.QueueBound(w.int()) }},
	"newestfirst":   {usage: "newestfirst", node: func(w *script) sim.Option { return sim.NewestFirst() }},
	"watchdog":      {usage: "watchdog LIMIT RESTART", node: func(w *script) sim.Option { return sim.Watchdog(w.duration(), w.duration()) }},
	"drift":         {usage: "drift 100 — millionths", node: func(w *script) sim.Option { return sim.ClockDrift(w.int()) }},
	"offset":        {usage: "offset 5ms", node: func(w *script) sim.Option { return sim.ClockOffset(w.duration()) }},
	"skew":          {usage: "skew 5ms — a random offset", node: func(w *script) sim.Option { return sim.ClockSkew(w.duration()) }},
	"intervalclock": {usage: "intervalclock LEAST EVERY PPM", node: func(w *script) sim.Option { return sim.IntervalClock(w.duration(), w.duration(), w.int()) }},
	"fsync":         {usage: "fsync LAW", node: func(w *script) sim.Option { return sim.Fsync(w.law()) }},
	"disklatency":   {usage: "disklatency LAW", node: func(w *script) sim.Option { return sim.DiskLatency(w.law()) }},
	"capacity":      {usage: "capacity 100 — bytes of the disk", node: func(w *script) sim.Option { return sim.DiskCapacity(w.int()) }},
	"torn":          {usage: "torn 0.5 — of writes that survive a crash unsynced", node: func(w *script) sim.Option { return sim.TornWrites(w.float()) }},
	"corruptwrites": {usage: "corruptwrites 0.5 — of writes that survive a crash unsynced", node: func(w *script) sim.Option { return sim.CorruptWrites(w.float()) }},
}

// wrappers make a node dishonest from the start.
var wrappers = map[string]func(func(*sim.Node)) func(*sim.Node){
	"lying": sim.Lying, "equivocating": sim.Equivocating, "replaying": sim.Replaying,
}

// player is a node that performs a program.
type player struct {
	node  *sim.Node
	block []string // the lines that follow
}

// programCommands are what a node can do.
var programCommands = map[string]command{
	"handle": {usage: "handle KIND [sleep 5ms] [reply KIND]", do: func(p *player, w *script) {
		kind, pause, reply := w.next(), time.Duration(0), ""
		for w.more() {
			switch w.next() {
			case "sleep":
				pause = w.duration()
			case "reply":
				reply = w.next()
			}
		}
		p.node.Handle(kind, func(r *sim.Request) {
			if pause > 0 {
				p.node.Sleep(pause)
			}
			if reply != "" {
				r.Reply(reply)
			}
		})
	}},
	"count": {usage: "count KIND [TEXT] — answer with how many came, in memory and on disk; note the text", do: func(p *player, w *script) {
		inMemory, kind, written := 0, w.next(), w.rest()
		p.node.Handle(kind, func(r *sim.Request) {
			inMemory++
			p.node.Disk.Set("count", p.node.Disk.Int("count")+1)
			if written != "" {
				p.node.Note(written)
			}
			r.Reply("counted", "memory", inMemory, "disk", p.node.Disk.Int("count"))
		})
	}},
	"keep": {usage: "keep KIND — write the fields of such messages to the disk", do: func(p *player, w *script) {
		p.node.Handle(w.next(), func(r *sim.Request) {
			for i := range r.Len() {
				p.node.Disk.Set(r.Name(i), r.Get(r.Name(i)))
			}
		})
	}},
	"flood": {usage: "flood KIND — pass the first such message on to all neighbours", do: func(p *player, w *script) {
		kind, heard := w.next(), false
		p.node.Handle(kind, func(r *sim.Request) {
			if !heard {
				heard = true
				for _, name := range p.node.Neighbours() {
					p.node.Send(name, kind)
				}
			}
		})
	}},
	"spread": {usage: "spread EVERY KIND KEY — broadcast a value of the disk again and again", do: func(p *player, w *script) {
		every, kind, key := w.duration(), w.next(), w.next()
		p.node.Every(every, func() {
			if p.node.Disk.Has(key) {
				p.node.Broadcast(kind, key, p.node.Disk.Int(key))
			}
		})
	}},
	"call": {usage: "call TO KIND [name=value …] [within 50ms]", do: func(p *player, w *script) {
		to, kind := w.next(), w.next()
		if _, err := p.node.Call(to, kind, w.pairs()...); err != nil {
			p.node.Note("gives up")
		}
	}},
	"retry": {usage: "retry TO KIND [name=value …] — call until it succeeds", do: func(p *player, w *script) {
		to, kind := w.next(), w.next()
		pairs := w.pairs()
		for _, err := p.node.Call(to, kind, pairs...); err != nil; {
			_, err = p.node.Call(to, kind, pairs...)
		}
	}},
	"send": {usage: "send TO KIND [name=value …]", do: func(p *player, w *script) {
		to, kind := w.next(), w.next()
		p.node.Send(to, kind, w.pairs()...)
	}},
	"broadcast": {usage: "broadcast KIND [name=value …]", do: func(p *player, w *script) {
		kind := w.next()
		p.node.Broadcast(kind, w.pairs()...)
	}},
	"receive": {usage: "receive KIND [within 50ms]", do: func(p *player, w *script) {
		kind := w.next()
		if w.more() && w.next() == "within" {
			if _, err := p.node.ReceiveWithin(w.duration(), kind); err != nil {
				p.node.Note("nothing came")
			}
			return
		}
		p.node.Receive(kind)
	}},
	"sleep": {usage: "sleep 10ms", do: func(p *player, w *script) { p.node.Sleep(w.duration()) }},
	"note":  {usage: "note TEXT", do: func(p *player, w *script) { p.node.Note(w.rest()) }},
	"clock": {usage: "clock — note what it reads", do: func(p *player, w *script) { p.node.Note("reads", "clock", p.node.Now()) }},
	"interval": {usage: "interval — note between which times it is", do: func(p *player, w *script) {
		a, b := p.node.Interval()
		p.node.Note("between", "earliest", a, "latest", b)
	}},
	"timeserver": {usage: "timeserver — answer questions for the time", do: func(p *player, w *script) { sim.TimeServer(p.node) }},
	"asktime": {usage: "asktime SERVER — once, note the reading, adjust the clock", do: func(p *player, w *script) {
		reading, err := p.node.AskTime(w.next())
		if err != nil {
			p.node.Note("nobody knows the time")
			return
		}
		p.node.Note("the server", "ahead", reading.Offset, "bound", reading.Bound())
		p.node.AdjustClock(reading.Offset)
	}},
	"set": {usage: "set KEY=VALUE — on disk, durable when done", do: func(p *player, w *script) {
		pair := w.pairs()
		if err := p.node.Disk.Set(pair[0].(string), pair[1]); err != nil {
			p.node.Note("disk full")
		}
	}},
	"write":  {usage: "write KEY=VALUE — durable after sync", do: func(p *player, w *script) { pair := w.pairs(); p.node.Disk.Write(pair[0].(string), pair[1]) }},
	"append": {usage: "append LOG=VALUE — durable after sync", do: func(p *player, w *script) { pair := w.pairs(); p.node.Disk.Append(pair[0].(string), pair[1]) }},
	"sync":   {usage: "sync", do: func(p *player, w *script) { p.node.Disk.Sync(); p.node.Note("synced") }},
	"disk":   {usage: "disk — note what is on it", do: func(p *player, w *script) { p.node.Note("disk " + p.node.Disk.String()) }},
	"unless": {usage: "unless KEY — do what follows only when the disk has no such value", do: func(p *player, w *script) {
		if p.node.Disk.Has(w.next()) {
			p.block = nil
		}
	}},
}

func init() { // apart, because it performs programs itself
	programCommands["repeat"] = command{usage: "repeat N — do what follows N times", do: func(p *player, w *script) {
		block := p.block
		p.block = nil
		for range w.int() {
			perform(nil, p.node, block)
		}
	}}
}

// perform is a program in the words of a scenario.
func perform(s *stage, node *sim.Node, program []string) {
	p := &player{node: node}
	for i := 0; i < len(program); i++ {
		p.block = program[i+1:]
		w := words(program[i])
		verb := w.next()
		if s != nil {
			s.used[verb] = true
		}
		c, ok := programCommands[verb]
		if !ok {
			panic(fmt.Sprintf("no program does %q; testdata/README.md lists what there is", verb))
		}
		c.do(p, w)
		if p.block == nil && i+1 < len(program) {
			return
		}
	}
}

// script is a line taken apart word by word.
type script struct{ list []string }

func words(line string) *script { return &script{strings.Fields(line)} }

func (s *script) more() bool   { return len(s.list) > 0 }
func (s *script) peek() string { return s.list[0] }
func (s *script) next() string {
	if len(s.list) == 0 {
		panic("a scenario command lacks a word")
	}
	word := s.list[0]
	s.list = s.list[1:]
	return word
}

func (s *script) rest() string {
	text := strings.Join(s.list, " ")
	s.list = nil
	return text
}

// quoted is what stands between two quotes.
func (s *script) quoted() string {
	_, text, _ := strings.Cut(s.rest(), `"`)
	text, rest, _ := strings.Cut(text, `"`)
	s.list = strings.Fields(rest)
	return text
}

func (s *script) int() int {
	n, err := strconv.Atoi(s.next())
	if err != nil {
		panic(err)
	}
	return n
}

func (s *script) float() float64 {
	f, err := strconv.ParseFloat(s.next(), 64)
	if err != nil {
		panic(err)
	}
	return f
}

func (s *script) duration() time.Duration {
	d, err := time.ParseDuration(s.next())
	if err != nil {
		panic(err)
	}
	return d
}

func (s *script) names() string {
	var names []string
	for s.more() && !scheduleWords[s.peek()] {
		names = append(names, s.next())
	}
	return strings.Join(names, " ")
}

func (s *script) groups() []string { return strings.Fields(s.names()) }

// arrow reads "a -> b".
func (s *script) arrow() (from, to string) {
	from = s.next()
	s.next()
	return from, s.next()
}

func (s *script) shape() sim.Shape {
	switch shape := s.next(); shape {
	case "line":
		return sim.Line()
	case "ring":
		return sim.Ring()
	case "star":
		return sim.Star()
	case "mesh":
		return sim.Mesh()
	case "grid":
		return sim.Grid(s.int())
	case "tree":
		return sim.Tree(s.int())
	default:
		panic(fmt.Sprintf("no shape is called %q", shape))
	}
}

const lawUsage = "`constant 5ms`, `uniform 1ms 9ms`, `exponential 5ms`, `steps 1ms 5ms 1ms`, `pareto 1ms 2`, `normal 5ms 1ms`, `empirical 3 1ms 2ms 9ms`, `mix LAW 0.1 LAW`"

func (s *script) law() sim.Distribution {
	switch law := s.next(); law {
	case "constant":
		return sim.Constant(s.duration())
	case "uniform":
		return sim.Uniform(s.duration(), s.duration())
	case "steps":
		return sim.Steps(s.duration(), s.duration(), s.duration())
	case "exponential":
		return sim.Exponential(s.duration())
	case "pareto":
		return sim.Pareto(s.duration(), s.float())
	case "normal":
		return sim.Normal(s.duration(), s.duration())
	case "empirical":
		var measured []time.Duration
		for range s.int() {
			measured = append(measured, s.duration())
		}
		return sim.Empirical(measured...)
	case "mix":
		often := s.law()
		return sim.Mix(often, s.float(), s.law())
	default:
		panic(fmt.Sprintf("no law is called %q", law))
	}
}

// link reads a law and the options of a link.
func (s *script) link() []sim.Option {
	link := []sim.Option{sim.Latency(s.law())}
	for s.more() {
		switch s.next() {
		case "loss":
			link = append(link, sim.Loss(s.float()))
		case "inorder":
			link = append(link, sim.InOrder())
		}
	}
	return link
}

// pairs reads name=value words; numbers become ints, true and false bools, the rest is
// text.
func (s *script) pairs() []any {
	var pairs []any
	for s.more() {
		word := s.next()
		if word == "within" {
			pairs = append(pairs, sim.Timeout(s.duration()))
			continue
		}
		name, value, _ := strings.Cut(word, "=")
		if n, err := strconv.Atoi(value); err == nil {
			pairs = append(pairs, name, n)
		} else if value == "true" || value == "false" {
			pairs = append(pairs, name, value == "true")
		} else {
			pairs = append(pairs, name, value)
		}
	}
	return pairs
}
