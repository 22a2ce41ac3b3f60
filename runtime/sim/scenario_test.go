package sim_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"netsplit/runtime/sim"
	"netsplit/runtime/trace"
)

// Scenarios are text archives in testdata: a sentence, "-- scenario --" with a world in
// commands, "-- trace --" with the transcript. They are the tests of networks, nodes,
// disks and clocks, and short lessons about them. testdata/README.md lists the
// commands; it is made from the tables here and in scenario_program_test.go.
//
//	UPDATE_GOLDEN=1 go test ./runtime/sim -run Scenarios    rewrites transcripts and README; read the difference
func TestScenarios(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) == 0 {
		t.Fatal("no scenarios in testdata")
	}
	used := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(strings.Fields(string(archive.Comment))) < 5 {
				t.Errorf("%s begins with no sentence about what it shows", file)
			}
			if len(archive.Files) == 1 {
				archive.Files = append(archive.Files, txtar.File{Name: "trace"})
			}
			first := play(t, string(archive.Files[0].Data), used)
			second := play(t, string(archive.Files[0].Data), used)
			text := first.out.String()
			if first.world.Hash() != second.world.Hash() || text != second.out.String() {
				t.Errorf("two runs differ: %s and %s; look for map iteration, the wall clock, select, goroutines or package-level state", first.world.Hash(), second.world.Hash())
			}
			if whole := first.world.Transcript().All().String(); first.world.Trace().Len() > 0 {
				log, err := trace.Parse(whole)
				if err != nil {
					t.Fatal(err)
				}
				if again := log.Transcript(0, log.Len()).All().String(); again != whole {
					t.Errorf("the transcript, read and written again, is\n%s\nit was\n%s", again, whole)
				}
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
	for _, table := range []map[string]command{worldCommands, faultCommands, nodeOptions, programCommands} {
		for verb := range table {
			if !used[verb] {
				t.Errorf("no scenario uses %q; write one, or remove the command", verb)
			}
		}
	}
	checkReadme(t)
}

// command is a verb of a scenario with the line that documents it. Only one of the
// functions is set.
type command struct {
	usage string
	world func(*stage, *script)
	fault func(*stage, *script) *sim.Fault
	node  func(*script) sim.Option
	do    func(*player, *script)
}

// stage is a scenario while it is played.
type stage struct {
	t       *testing.T
	options []sim.Option
	world   *sim.World
	out     strings.Builder
	used    map[string]bool
	block   []string // the indented lines below the command
}

// set makes the world with the first command that needs one.
func (s *stage) set() *sim.World {
	if s.world == nil {
		s.world = sim.New(s.options...)
	}
	return s.world
}

func (s *stage) option(o sim.Option) { s.options = append(s.options, o) }

// play builds the world of a scenario and runs it.
func play(t *testing.T, text string, used map[string]bool) *stage {
	t.Helper()
	s := &stage{t: t, used: used}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		w := words(strings.TrimSpace(lines[i]))
		if !w.more() || strings.HasPrefix(w.peek(), "#") {
			continue
		}
		s.block = nil
		for i+1 < len(lines) && strings.HasPrefix(lines[i+1], "  ") {
			i++
			s.block = append(s.block, strings.TrimSpace(lines[i]))
		}
		verb := w.next()
		used[verb] = true
		if c, ok := faultCommands[verb]; ok {
			schedule(c.fault(s, w), w)
		} else if c, ok := worldCommands[verb]; ok {
			c.world(s, w)
		} else {
			t.Fatalf("unknown command %q in the scenario; testdata/README.md lists all", verb)
		}
	}
	s.set().Stop()
	return s
}

// worldCommands describe a world and let it run.
var worldCommands = map[string]command{
	"seed":       {usage: "seed 7", world: func(s *stage, w *script) { s.option(sim.Seed(uint64(w.int()))) }},
	"timeout":    {usage: "timeout 80ms — of every call", world: func(s *stage, w *script) { s.option(sim.Timeout(w.duration())) }},
	"latency":    {usage: "latency LAW — of every link", world: func(s *stage, w *script) { s.option(sim.Latency(w.law())) }},
	"loss":       {usage: "loss 0.1", world: func(s *stage, w *script) { s.option(sim.Loss(w.float())) }},
	"duplicates": {usage: "duplicates 0.1", world: func(s *stage, w *script) { s.option(sim.Duplicates(w.float())) }},
	"corrupts":   {usage: "corrupts 0.1", world: func(s *stage, w *script) { s.option(sim.Corrupts(w.float())) }},
	"bandwidth":  {usage: "bandwidth 1000 — bytes per second of each link", world: func(s *stage, w *script) { s.option(sim.Bandwidth(w.int())) }},
	"backlog":    {usage: "backlog 500 — bytes that may wait for the bandwidth", world: func(s *stage, w *script) { s.option(sim.Backlog(w.int())) }},
	"maxsize":    {usage: "maxsize 100 — bytes of a message", world: func(s *stage, w *script) { s.option(sim.MaxSize(w.int())) }},
	"reliable":   {usage: "reliable 20ms — lost messages are sent again after this time", world: func(s *stage, w *script) { s.option(sim.Reliable(w.duration())) }},
	"bursts":     {usage: "bursts 0.1 0.5 1 — turn bad, turn good, loss while bad", world: func(s *stage, w *script) { s.option(sim.Bursts(w.float(), w.float(), w.float())) }},
	"group":      {usage: "group eu a b", world: func(s *stage, w *script) { s.set().Group(w.next(), w.names()) }},
	"node": {usage: "node NAMES [OPTIONS], and its program in the indented lines below", world: func(s *stage, w *script) {
		var names []string
		for w.more() && nodeOptions[w.peek()].usage == "" && wrappers[w.peek()] == nil {
			names = append(names, w.next())
		}
		block := s.block
		program := func(node *sim.Node) { perform(s, node, block) }
		var options []sim.Option
		for w.more() {
			word := w.next()
			s.used[word] = true
			if wrap := wrappers[word]; wrap != nil {
				program = wrap(program)
				continue
			}
			options = append(options, nodeOptions[word].node(w))
		}
		s.set().Nodes(strings.Join(names, " "), program, options...)
	}},
	"link": {usage: "link a b LAW [loss 0.5] [inorder] — both ways", world: func(s *stage, w *script) { s.set().Link(w.next(), w.next(), w.link()...) }},
	"oneway": {usage: "oneway a b LAW [loss 0.5] [inorder]", world: func(s *stage, w *script) {
		s.set().OneWay(w.next(), w.next(), w.link()...)
	}},
	"roundtrips": {usage: "roundtrips, and a table in the indented lines below", world: func(s *stage, w *script) {
		s.set().RoundTrips(strings.Join(s.block, "\n"))
	}},
	"topology": {usage: "topology line|ring|star|mesh|grid 3|tree 2 NAMES", world: func(s *stage, w *script) {
		shape := w.shape()
		s.set().Topology(w.names(), shape)
	}},
	"send": {usage: "send TO KIND [name=value …]", world: func(s *stage, w *script) {
		to, kind := w.next(), w.next()
		s.set().Send(to, kind, w.pairs()...)
	}},
	"run": {usage: "run 1s — and show what happened", world: func(s *stage, w *script) { s.out.WriteString(s.set().Run(w.duration()).All().String()) }},
	"waiting": {usage: "waiting — list who waits for what", world: func(s *stage, w *script) {
		for _, line := range s.set().Waiting() {
			s.out.WriteString("waiting: " + line + "\n")
		}
	}},
	"sample": {usage: "sample NODE EVERY — the length of a node's queue over time, shown by series", world: func(s *stage, w *script) {
		node := s.set().Find(w.next())
		s.world.Sample("queue of "+node.Name, "requests", w.duration(), func() float64 { return float64(node.Queued()) })
	}},
	"series": {usage: "series — show what was sampled", world: func(s *stage, w *script) {
		for _, g := range s.set().Gauges() {
			fmt.Fprintf(&s.out, "%s: %v\n", g.Name, g.Values())
		}
	}},
	"work": {usage: "work NODE — what its servers did", world: func(s *stage, w *script) {
		work := s.set().Find(w.next()).Work()
		fmt.Fprintf(&s.out, "work: %d came, %d done, %d refused, L %.2f = λ %.1f/s times W %v\n", work.Arrived, work.Done, work.Refused, work.Number, work.Rate, work.Time)
	}},
	"disk": {usage: "disk NODE — show what is on it", world: func(s *stage, w *script) {
		name := w.next()
		fmt.Fprintf(&s.out, "disk of %s: %v\n", name, s.set().Find(name).Disk)
	}},
	"states": {usage: "states NODE — all that a crash could leave on its disk now", world: func(s *stage, w *script) {
		for _, state := range s.set().Find(w.next()).Disk.CrashStates() {
			s.out.WriteString("possible: " + state + "\n")
		}
	}},
	"traffic": {usage: "traffic — messages and bytes by kind", world: func(s *stage, w *script) {
		for _, c := range s.set().Trace().Traffic() {
			fmt.Fprintln(&s.out, c)
		}
	}},
	"eventually": {usage: "eventually WITHIN NODE KEY=VALUE — a promise about a disk; VALUE may be nothing", world: func(s *stage, w *script) {
		within := w.duration()
		sentence, holds := s.onDisk(w)
		s.set().Eventually(sentence, within, holds)
	}},
	"always": {usage: "always NODE KEY=VALUE — a promise about a disk", world: func(s *stage, w *script) {
		sentence, holds := s.onDisk(w)
		s.set().Always(sentence, holds)
	}},
	"settle": {usage: "settle WITHIN NODE KEY=VALUE NAMES — heal the named nodes, then demand it", world: func(s *stage, w *script) {
		within := w.duration()
		sentence, holds := s.onDisk(w)
		s.out.WriteString(s.set().Settle(w.names(), within, sentence, holds).String())
	}},
	"verdict": {usage: "verdict — what became of the promises", world: func(s *stage, w *script) { fmt.Fprintln(&s.out, s.set().Verdict()) }},
	"uptime": {usage: "uptime K NAMES — how long at least so many of them were up", world: func(s *stage, w *script) {
		k, names := w.int(), w.names()
		share, outages := s.set().Trace().Uptime(k, names)
		fmt.Fprintf(&s.out, "at least %d of %s were up for %.1f %% of the time, with %s\n", k, names, 100*share, measured(outages, "outage"))
	}},
	"nemesis": {usage: "nemesis UNTIL RATE [KINDS] — random faults, so many per second", world: func(s *stage, w *script) {
		for _, f := range s.set().Nemesis(w.duration(), w.float(), w.names()) {
			fmt.Fprintln(&s.out, "planned:", f)
		}
	}},
}

// measured is a count with its noun.
func measured(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprint(n, " ", noun, "s")
}

// onDisk reads "NODE KEY=VALUE" as a condition.
func (s *stage) onDisk(w *script) (string, func() bool) {
	node := s.set().Find(w.next())
	key, value, _ := strings.Cut(w.next(), "=")
	if value == "nothing" {
		return fmt.Sprintf("%s has no %s", node.Name, key), func() bool { return !node.Disk.Has(key) }
	}
	return fmt.Sprintf("%s has %s=%s", node.Name, key, value), func() bool { return fmt.Sprint(node.Disk.Get(key)) == value }
}

// faultCommands are faults, each followed by its schedule or by nothing.
var faultCommands = map[string]command{
	"crash":   {usage: "crash NAMES", fault: func(s *stage, w *script) *sim.Fault { return s.set().Crash(w.names()) }},
	"restart": {usage: "restart NAMES", fault: func(s *stage, w *script) *sim.Fault { return s.set().Restart(w.names()) }},
	"replace": {usage: "replace NAMES — restart with an empty disk", fault: func(s *stage, w *script) *sim.Fault { return s.set().Replace(w.names()) }},
	"pause":   {usage: "pause NAMES", fault: func(s *stage, w *script) *sim.Fault { return s.set().Pause(w.names()) }},
	"resume":  {usage: "resume NAMES", fault: func(s *stage, w *script) *sim.Fault { return s.set().Resume(w.names()) }},
	"slow":    {usage: "slow TIMES NAMES", fault: func(s *stage, w *script) *sim.Fault { times := w.float(); return s.set().Slow(w.names(), times) }},
	"drain":   {usage: "drain NAMES", fault: func(s *stage, w *script) *sim.Fault { return s.set().Drain(w.names()) }},
	"failures": {usage: "failures LAW LAW NAMES — crash and restart for ever", fault: func(s *stage, w *script) *sim.Fault {
		up, down := w.law(), w.law()
		return s.set().Failures(w.names(), up, down)
	}},
	"partition": {usage: "partition a | b c", fault: func(s *stage, w *script) *sim.Fault { return s.set().Partition(strings.Split(w.names(), "|")...) }},
	"halves":    {usage: "halves [NAMES]", fault: func(s *stage, w *script) *sim.Fault { return s.set().Halves(w.groups()...) }},
	"isolate":   {usage: "isolate NAMES", fault: func(s *stage, w *script) *sim.Fault { return s.set().Isolate(w.names()) }},
	"bridge": {usage: "bridge a b | c | d e", fault: func(s *stage, w *script) *sim.Fault {
		sides := strings.Split(w.names(), "|")
		return s.set().Bridge(sides[0], sides[1], sides[2])
	}},
	"majorities": {usage: "majorities a b c d e — a ring of them", fault: func(s *stage, w *script) *sim.Fault { return s.set().MajorityRing(w.names()) }},
	"cut":        {usage: "cut a -> b", fault: func(s *stage, w *script) *sim.Fault { from, to := w.arrow(); return s.set().Cut(from, to) }},
	"clog":       {usage: "clog a -> b", fault: func(s *stage, w *script) *sim.Fault { from, to := w.arrow(); return s.set().Clog(from, to) }},
	"drop": {usage: "drop a -> b [first 1] [skip 1] [kind K] [chance 0.5]", fault: func(s *stage, w *script) *sim.Fault {
		from, to := w.arrow()
		var which []sim.Option
		for w.more() && !scheduleWords[w.peek()] {
			switch w.next() {
			case "first":
				which = append(which, sim.First(w.int()))
			case "skip":
				which = append(which, sim.Skip(w.int()))
			case "kind":
				which = append(which, sim.Kind(w.next()))
			case "chance":
				which = append(which, sim.Chance(w.float()))
			}
		}
		return s.set().Drop(from, to, which...)
	}},
	"lossy": {usage: "lossy 0.5 [a] [b]", fault: func(s *stage, w *script) *sim.Fault { p := w.float(); return s.set().Lossy(p, w.groups()...) }},
	"lossbursts": {usage: "lossbursts 0.1 0.5 1 [a] [b]", fault: func(s *stage, w *script) *sim.Fault {
		a, b, c := w.float(), w.float(), w.float()
		return s.set().LossBursts(a, b, c, w.groups()...)
	}},
	"duplicate": {usage: "duplicate 0.5 [a] [b]", fault: func(s *stage, w *script) *sim.Fault { p := w.float(); return s.set().Duplicate(p, w.groups()...) }},
	"corrupt":   {usage: "corrupt 0.5 [a] [b]", fault: func(s *stage, w *script) *sim.Fault { p := w.float(); return s.set().Corrupt(p, w.groups()...) }},
	"reorder": {usage: "reorder 0.5 BY [a] [b]", fault: func(s *stage, w *script) *sim.Fault {
		p, by := w.float(), w.duration()
		return s.set().Reorder(p, by, w.groups()...)
	}},
	"delay":      {usage: "delay 5ms [a] [b]", fault: func(s *stage, w *script) *sim.Fault { d := w.duration(); return s.set().Delay(d, w.groups()...) }},
	"heal":       {usage: "heal", fault: func(s *stage, w *script) *sim.Fault { return s.set().Heal() }},
	"losesyncs":  {usage: "losesyncs NAMES", fault: func(s *stage, w *script) *sim.Fault { return s.set().LoseSyncs(w.names()) }},
	"rot":        {usage: "rot NAMES", fault: func(s *stage, w *script) *sim.Fault { return s.set().Rot(w.names()) }},
	"slowdisk":   {usage: "slowdisk TIMES NAMES", fault: func(s *stage, w *script) *sim.Fault { times := w.float(); return s.set().SlowDisk(w.names(), times) }},
	"crashinto":  {usage: "crashinto NODE \"STATE\" — crash and leave this on the disk", fault: func(s *stage, w *script) *sim.Fault { name := w.next(); return s.set().CrashInto(name, w.quoted()) }},
	"step":       {usage: "step D NAMES — of their clocks", fault: func(s *stage, w *script) *sim.Fault { d := w.duration(); return s.set().StepClock(w.names(), d) }},
	"leap":       {usage: "leap NAMES — a leap second", fault: func(s *stage, w *script) *sim.Fault { return s.set().LeapSecond(w.names()) }},
	"lie":        {usage: "lie NAMES", fault: func(s *stage, w *script) *sim.Fault { return s.set().Lie(w.names()) }},
	"equivocate": {usage: "equivocate NAMES", fault: func(s *stage, w *script) *sim.Fault { return s.set().Equivocate(w.names()) }},
	"replay":     {usage: "replay NAMES", fault: func(s *stage, w *script) *sim.Fault { return s.set().Replay(w.names()) }},
	"forge": {usage: "forge NAME name=value to NAMES — what they are told instead", fault: func(s *stage, w *script) *sim.Fault {
		name, pair := w.next(), words(w.next()).pairs()
		w.next()
		receivers := strings.Fields(w.names())
		return s.set().Forge(name, func(to string, m *sim.Message) []any {
			for _, r := range receivers {
				if r == to {
					return pair
				}
			}
			return nil
		})
	}},
}

// The words of a schedule, which may follow a fault.
const scheduleUsage = "at 20ms · from 20ms to 100ms · for 20ms · every 100ms · odds 0.5 · onnote b TEXT · onsend b KIND · onarrival b KIND"

var scheduleWords = map[string]bool{"at": true, "from": true, "onnote": true, "onsend": true, "onarrival": true, "for": true, "every": true, "odds": true}

func schedule(f *sim.Fault, w *script) {
	for w.more() {
		switch word := w.next(); word {
		case "at":
			f.At(w.duration())
		case "for":
			f.For(w.duration())
		case "every":
			f.Every(w.duration())
		case "odds":
			f.Chance(w.float())
		case "onnote":
			f.OnNote(w.next(), w.next())
		case "onsend":
			f.OnSend(w.next(), w.next())
		case "onarrival":
			f.OnArrival(w.next(), w.next())
		case "from":
			from := w.duration()
			w.next()
			f.Between(from, w.duration())
		default:
			panic("no schedule of a fault begins with " + word)
		}
	}
}

// checkReadme keeps the list of commands true.
func checkReadme(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Scenarios\n\nA scenario is a world in commands and the transcript of its run: a test of the engine, and a short lesson.\n" +
		"`go test ./runtime/sim -run Scenarios` plays all of them; with `UPDATE_GOLDEN=1` it rewrites the transcripts and this list.\n")
	for _, part := range []struct {
		title string
		table map[string]command
	}{
		{"The world", worldCommands}, {"Options of a node", nodeOptions}, {"A node's program, in indented lines", programCommands},
		{"Faults", faultCommands},
	} {
		b.WriteString("\n## " + part.title + "\n\n")
		var lines []string
		for _, c := range part.table {
			usage, what, found := strings.Cut(c.usage, " — ")
			line := "- `" + usage + "`"
			if found {
				line += ": " + what
			}
			lines = append(lines, line)
		}
		sort.Strings(lines)
		b.WriteString(strings.Join(lines, "\n") + "\n")
	}
	b.WriteString("\nA fault begins at once, unless a schedule follows it: " + scheduleUsage + ".\n\nLAW is " + lawUsage + ".\n")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile("testdata/README.md", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have, _ := os.ReadFile("testdata/README.md"); string(have) != b.String() {
		t.Errorf("testdata/README.md is out of date: UPDATE_GOLDEN=1 go test ./runtime/sim -run Scenarios")
	}
}
