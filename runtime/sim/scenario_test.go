package sim_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"netsplit/runtime/sim"
)

// Scenarios are text archives in testdata: a sentence, "-- scenario --" with a
// world in commands, "-- trace --" with the transcript. UPDATE_GOLDEN=1 rewrites
// the transcripts; read the difference.
//
//	seed 7 · timeout 80ms · loss 0.1 · duplicates 0.1 · latency LAW        of the world
//	bandwidth 1000 · backlog 500 · maxsize 100 · corrupts 0.1 · reliable 20ms · bursts 0.1 0.5 1
//	group eu a b
//	node a b [service LAW] [servers 2] [queue 3] [drift 100] [offset 5ms]   nodes and, indented, their program:
//	  handle KIND [sleep 5ms] [reply KIND]      answer messages of a kind
//	  count KIND [note]                         answer with how many came: in memory, on disk
//	  call TO KIND [name=value …] [within 50ms] a blocking call; prints its error as a note
//	  retry TO KIND [name=value …]              call until it succeeds
//	  send TO KIND [name=value …]
//	  receive KIND [within 50ms] · sleep 10ms · note TEXT · clock
//	  repeat N                                  do what follows N times
//	link a b LAW [loss 0.5] [inorder]
//	crash|pause b · partition a | b c · cut a -> b · drop a -> b [first 1] [skip 1] [kind K] · lossy 0.5 [a] [b] · delay 5ms [a] [b]
//	isolate a · bridge a b | c | d e · ring a b c d e · clog a -> b
//	  … followed by "at 20ms", "from 20ms to 100ms", "onnote b TEXT", "onsend b KIND", "onarrival b KIND", "for 20ms" or nothing
//	heal at 50ms · restart b at 50ms · resume b at 50ms
//	send TO KIND [name=value …] · run 1s · waiting
//	LAW: constant 5ms, uniform 1ms 9ms, exponential 5ms, steps 1ms 5ms 1ms, pareto 1ms 2, normal 5ms 1ms
func TestScenarios(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) == 0 {
		t.Fatal("no scenarios in testdata")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(archive.Files) == 1 {
				archive.Files = append(archive.Files, txtar.File{Name: "trace"})
			}
			text, world := play(t, string(archive.Files[0].Data))
			again, second := play(t, string(archive.Files[0].Data))
			if world.Hash() != second.Hash() || text != again {
				t.Errorf("two runs differ: %s and %s; look for map iteration, the wall clock, select, goroutines or package-level state", world.Hash(), second.Hash())
			}
			if os.Getenv("UPDATE_GOLDEN") != "" {
				archive.Files[1].Data = []byte(text)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want := string(archive.Files[1].Data); text != want {
				t.Errorf("the trace is now\n%s\nit was\n%s\nUPDATE_GOLDEN=1 go test ./runtime/sim -run Scenarios rewrites it", text, want)
			}
		})
	}
}

// play builds the world of a scenario, runs it and returns what it shows.
func play(t *testing.T, script string) (string, *sim.World) {
	t.Helper()
	var world *sim.World
	var options []sim.Option
	var out strings.Builder
	make := func() *sim.World {
		if world == nil {
			world = sim.New(options...)
		}
		return world
	}
	lines := strings.Split(script, "\n")
	for i := 0; i < len(lines); i++ {
		w := words(strings.TrimSpace(lines[i]))
		if len(w.list) == 0 || strings.HasPrefix(w.list[0], "#") {
			continue
		}
		switch verb := w.next(); verb {
		case "seed":
			options = append(options, sim.Seed(uint64(w.int())))
		case "timeout":
			options = append(options, sim.Timeout(w.duration()))
		case "loss":
			options = append(options, sim.Loss(w.float()))
		case "duplicates":
			options = append(options, sim.Duplicates(w.float()))
		case "latency":
			options = append(options, sim.Latency(w.law()))
		case "node":
			var names []string
			for w.more() && !nodeOptions[w.peek()] {
				names = append(names, w.next())
			}
			var program []string
			for i+1 < len(lines) && strings.HasPrefix(lines[i+1], "  ") {
				i++
				program = append(program, strings.TrimSpace(lines[i]))
			}
			make().Nodes(strings.Join(names, " "), func(node *sim.Node) { perform(node, program) }, w.nodeOptions()...)
		case "bandwidth":
			options = append(options, sim.Bandwidth(w.int()))
		case "backlog":
			options = append(options, sim.Backlog(w.int()))
		case "maxsize":
			options = append(options, sim.MaxSize(w.int()))
		case "corrupts":
			options = append(options, sim.Corrupts(w.float()))
		case "reliable":
			options = append(options, sim.Reliable(w.duration()))
		case "bursts":
			options = append(options, sim.Bursts(w.float(), w.float(), w.float()))
		case "group":
			make().Group(w.next(), w.names())
		case "isolate":
			schedule(make().Isolate(w.names()), w)
		case "bridge":
			sides := strings.Split(w.names(), "|")
			schedule(make().Bridge(sides[0], sides[1], sides[2]), w)
		case "ring":
			schedule(make().MajorityRing(w.names()), w)
		case "clog":
			from := w.next()
			w.next()
			schedule(make().Clog(from, w.next()), w)
		case "link":
			a, b := w.next(), w.next()
			link := []sim.Option{sim.Latency(w.law())}
			for w.more() {
				switch w.next() {
				case "loss":
					link = append(link, sim.Loss(w.float()))
				case "inorder":
					link = append(link, sim.InOrder())
				}
			}
			make().Link(a, b, link...)
		case "crash":
			schedule(make().Crash(w.names()), w)
		case "pause":
			schedule(make().Pause(w.names()), w)
		case "restart":
			schedule(make().Restart(w.names()), w)
		case "resume":
			schedule(make().Resume(w.names()), w)
		case "heal":
			schedule(make().Heal(), w)
		case "partition":
			schedule(make().Partition(strings.Split(w.names(), "|")...), w)
		case "cut":
			from, to := w.next(), ""
			w.next()
			to = w.next()
			schedule(make().Cut(from, to), w)
		case "drop":
			from := w.next()
			w.next()
			to := w.next()
			var which []sim.Option
			for w.more() && !scheduleWords[w.peek()] {
				switch w.next() {
				case "first":
					which = append(which, sim.First(w.int()))
				case "skip":
					which = append(which, sim.Skip(w.int()))
				case "kind":
					which = append(which, sim.Kind(w.next()))
				}
			}
			schedule(make().Drop(from, to, which...), w)
		case "lossy":
			schedule(make().Lossy(w.float(), w.groups()...), w)
		case "delay":
			schedule(make().Delay(w.duration(), w.groups()...), w)
		case "send":
			to, kind := w.next(), w.next()
			make().Send(to, kind, w.pairs()...)
		case "run":
			out.WriteString(make().Run(w.duration()).All().String())
		case "waiting":
			for _, line := range make().Waiting() {
				out.WriteString("waiting: " + line + "\n")
			}
		default:
			t.Fatalf("unknown command %q in the scenario", verb)
		}
	}
	make().Stop()
	return out.String(), world
}

var (
	scheduleWords = map[string]bool{"at": true, "from": true, "onnote": true, "onsend": true, "onarrival": true, "for": true}
	nodeOptions   = map[string]bool{"service": true, "servers": true, "queue": true}
)

// perform is a program in the words of a scenario.
func perform(node *sim.Node, program []string) {
	for i, line := range program {
		w := words(line)
		switch w.next() {
		case "repeat":
			n := w.int()
			for range n {
				perform(node, program[i+1:])
			}
			return
		case "handle":
			kind, pause, reply := w.next(), time.Duration(0), ""
			for w.more() {
				switch w.next() {
				case "sleep":
					pause = w.duration()
				case "reply":
					reply = w.next()
				}
			}
			node.Handle(kind, func(r *sim.Request) {
				if pause > 0 {
					node.Sleep(pause)
				}
				if reply != "" {
					r.Reply(reply)
				}
			})
		case "count":
			inMemory, kind, written := 0, w.next(), w.rest()
			node.Handle(kind, func(r *sim.Request) {
				inMemory++
				node.Disk.Set("count", node.Disk.Int("count")+1)
				if written != "" {
					node.Note(written)
				}
				r.Reply("counted", "memory", inMemory, "disk", node.Disk.Int("count"))
			})
		case "call":
			to, kind := w.next(), w.next()
			if _, err := node.Call(to, kind, w.pairs()...); err != nil {
				node.Note("gives up")
			}
		case "retry":
			to, kind := w.next(), w.next()
			pairs := w.pairs()
			for _, err := node.Call(to, kind, pairs...); err != nil; {
				_, err = node.Call(to, kind, pairs...)
			}
		case "send":
			to, kind := w.next(), w.next()
			node.Send(to, kind, w.pairs()...)
		case "receive":
			kind := w.next()
			if w.more() && w.next() == "within" {
				if _, err := node.ReceiveWithin(w.duration(), kind); err != nil {
					node.Note("nothing came")
				}
			} else {
				node.Receive(kind)
			}
		case "sleep":
			node.Sleep(w.duration())
		case "note":
			node.Note(w.rest())
		case "clock":
			node.Note("reads", "clock", node.Now())
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
	default:
		panic(fmt.Sprintf("no law is called %q", law))
	}
}

func (s *script) nodeOptions() []sim.Option {
	var options []sim.Option
	for s.more() {
		switch s.next() {
		case "service":
			options = append(options, sim.Service(s.law()))
		case "servers":
			options = append(options, sim.Servers(s.int()))
		case "queue":
			options = append(options, sim.QueueBound(s.int()))
		}
	}
	return options
}

// pairs reads name=value words; numbers become ints, the rest is text.
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
		} else {
			pairs = append(pairs, name, value)
		}
	}
	return pairs
}

func schedule(f *sim.Fault, s *script) {
	for s.more() {
		switch s.next() {
		case "at":
			f.At(s.duration())
		case "for":
			f.For(s.duration())
		case "onnote":
			f.OnNote(s.next(), s.next())
		case "onsend":
			f.OnSend(s.next(), s.next())
		case "onarrival":
			f.OnArrival(s.next(), s.next())
		case "from":
			from := s.duration()
			s.next()
			f.Between(from, s.duration())
		}
	}
}
