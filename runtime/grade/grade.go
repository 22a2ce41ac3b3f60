// Package grade is checks that earn points: in lessons, where a learner sees at once
// what holds and what does not, and in grading.
//
//	score := grade.Open(4)
//	score.Check("answers once", 1, func() bool { return deliveries == 1 })
//	score.Over("survives a lost reply", 3, lab.Seeds(30), func(r *lab.Run) {
//		world := r.World()
//		world.Node("card", Server)
//		world.Node("shop", Shop)
//		world.Drop("card", "shop", sim.First(1))
//		world.Run(1 * sec)
//		r.Require(world.Find("card").Disk.Int("charges") == 1, "the card is charged once")
//	})
//	score.Points() // the last expression of the cell: what a grader reads
//
// A check earns its points or none, and says so in a line of text; Share earns a part
// of them. What happens by luck in one run is no evidence, so Over judges many seeds:
// one that fails costs the points and is named, and its run can be looked at:
//
//	score.Timeline("survives a lost reply")
//
// What a learner has tried is judged over seeds that no lesson has shown: Seeds gives
// those kept for grading, where lab.Seeds gives a lesson's.
//
// Points come only for evidence: a check that panics, that is interrupted, that asked
// nothing (no Require and no promise of a world) or whose world did not come to its
// end earns none.
//
// A score never exceeds what it was opened with. Checks that a release hides are
// absent for learners: the points of the others then count for the whole, so that a
// perfect answer gets full points; while a submission is graded (host.Graded) they do
// not.
package grade

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"netsplit/runtime/display"
	"netsplit/runtime/host"
	"netsplit/runtime/lab"
	"netsplit/runtime/sim"
	"netsplit/runtime/trace"
)

// Score is the checks of one task and what they earned.
type Score struct {
	most   float64
	checks []*check
	keep   func(result string) // keeps Open's pledge; nil for a Score that Open did not make
}

type check struct {
	name   string
	points float64
	earned float64
	why    string // why it earned less

	seed uint64 // the first that failed
	run  func(*lab.Run)
}

// Open begins a score of so many points.
func Open(points float64) *Score {
	if !(points > 0) || math.IsInf(points, 0) {
		host.Mistakef("grade.Open(%v): a score has a positive number of points", points)
	}
	return &Score{most: points, keep: host.Pledge("the cell opened a score and ended without score.Points() as its last expression")}
}

// firstKept is the first of the seeds kept for grading; lessons use those below it.
const firstKept = 1001

// Seeds lists n seeds kept for grading: 1001, 1002 and on. Lessons use lab.Seeds, which
// begins at 1, so what passes over these was not tuned to seeds that the learner saw.
func Seeds(n int) []uint64 {
	if n < 1 {
		host.Mistakef("grade.Seeds(%d): at least one seed is needed", n)
	}
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = firstKept + uint64(i)
	}
	return seeds
}

// Check earns its points when the function says that it holds.
func (s *Score) Check(name string, points float64, holds func() bool) {
	c := s.open("Check", name, points, holds == nil)
	ok := false
	c.try(func() { ok = holds() })
	if c.why == "" && !ok {
		c.why = "it does not hold"
	}
	s.close(c, 1)
}

// Equal earns its points when an answer is the expected one: numbers by their value,
// everything else by what it shows.
func (s *Score) Equal(name string, points float64, answer, expected any) {
	c := s.open("Equal", name, points, false)
	a, x := host.Describe(answer), host.Describe(expected)
	same := a.Text == x.Text
	if p, ok := float(a.Value); ok {
		if q, ok := float(x.Value); ok {
			same = p == q
		}
	}
	if !same {
		c.why = fmt.Sprintf("the answer %s is not the expected one", a.Text)
	}
	s.close(c, 1)
}

// Near earns its points when a number lies within a tolerance of the expected one;
// the tolerance is a share of it: 0.05 is five percent.
func (s *Score) Near(name string, points, answer, expected, tolerance float64) {
	c := s.open("Near", name, points, false)
	if d := math.Abs(answer - expected); !(d <= math.Abs(expected)*tolerance) {
		c.why = fmt.Sprintf("%s is too far off", strconv.FormatFloat(answer, 'g', 6, 64))
		if answer > expected {
			c.why = fmt.Sprintf("%s is too much", strconv.FormatFloat(answer, 'g', 6, 64))
		} else if answer < expected {
			c.why = fmt.Sprintf("%s is too little", strconv.FormatFloat(answer, 'g', 6, 64))
		}
	}
	s.close(c, 1)
}

// Share earns the part of its points that the function says, from 0 to 1.
func (s *Score) Share(name string, points float64, share func() float64) {
	c := s.open("Share", name, points, share == nil)
	part := 0.0
	c.try(func() { part = share() })
	if c.why == "" && !(part >= 1) {
		if !(part > 0) {
			part = 0
		}
		c.why = fmt.Sprintf("%.0f %% of it", 100*part)
		s.close(c, part)
		return
	}
	s.close(c, 1)
}

// Over earns its points when a run keeps what it requires, and its worlds their
// promises, for every seed. The first seed that fails is named.
func (s *Score) Over(name string, points float64, seeds []uint64, run func(r *lab.Run)) {
	c := s.open("Over", name, points, run == nil)
	if len(seeds) == 0 {
		host.Mistakef("Over(%q): give seeds, such as lab.Seeds(30)", name)
	}
	failed := 0
	for _, seed := range seeds {
		if host.Cancelled() {
			host.Stop()
		}
		if why := tryRun(seed, run); why != "" {
			if failed++; failed == 1 {
				c.seed, c.run, c.why = seed, run, why
			}
		}
	}
	if failed > 0 {
		c.why = fmt.Sprintf("seed %d: %s", c.seed, c.why)
		if len(seeds) > 1 {
			c.why += fmt.Sprintf(" (%d of %d seeds fail)", failed, len(seeds))
		}
	}
	s.close(c, 1)
}

// tryRun makes one run and says why it failed, if it did.
func tryRun(seed uint64, run func(*lab.Run)) (why string) {
	r := lab.NewRun(seed, false, sim.Quiet())
	c := &check{}
	c.try(func() { run(r) })
	defer func() {
		for _, w := range r.Worlds() {
			w.Stop()
		}
	}()
	switch {
	case c.why != "":
		if why := stopped(r); strings.Contains(why, " panicked at ") {
			return why // it names the node and the time
		}
		return c.why
	case r.Failed() != "":
		return r.Failed()
	case !r.Asked():
		return "nothing was asked of the run: use r.Require, or promises of its world"
	}
	if why := stopped(r); why != "" {
		return "the run did not come to its end: " + why
	}
	return ""
}

// stopped is why a world of the run did not come to its end, or empty.
func stopped(r *lab.Run) string {
	for _, w := range r.Worlds() {
		if _, why, over := strings.Cut(w.Verdict(), "no verdict: "); over {
			return why
		}
	}
	return ""
}

func (s *Score) open(verb, name string, points float64, missing bool) *check {
	switch {
	case s == nil:
		host.Mistakef("%s(%q): open a score first: score := grade.Open(4)", verb, name)
	case !(points >= 0) || math.IsInf(points, 0):
		host.Mistakef("%s(%q): a check earns 0 points or more, not %v", verb, name, points)
	case missing:
		host.Mistakef("%s(%q): the function is nil", verb, name)
	}
	for _, c := range s.checks {
		if c.name == name {
			host.Mistakef("%s(%q): there is a check of this name already", verb, name)
		}
	}
	// Until it has ended, the check counts as one that did not.
	c := &check{name: name, points: points}
	s.checks = append(s.checks, c)
	return c
}

// try runs what a learner wrote; a panic of it costs this check only.
func (c *check) try(do func()) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if _, ends := v.(*host.Unwind); ends {
			panic(v)
		}
		if m, ok := v.(*host.Mistake); ok {
			c.why = m.Text
			return
		}
		c.why = fmt.Sprintf("panic: %v", v)
	}()
	do()
}

// close says what a check earned.
func (s *Score) close(c *check, share float64) {
	if c.why == "" || share < 1 {
		c.earned = c.points * share
	}
	fmt.Fprintln(host.Stdout(), c.line())
	if c.run != nil {
		fmt.Fprintf(host.Stdout(), "  to see that run: score.Timeline(%q)\n", c.name)
	}
}

func (c *check) line() string {
	mark := "✓"
	if c.earned < c.points || c.why != "" {
		mark = "✗"
	}
	text := fmt.Sprintf("%s %s: %s of %s", mark, c.name, decimal(c.earned), points(c.points))
	if c.why != "" {
		text += "; " + c.why
	}
	return text
}

func points(x float64) string {
	if x == 1 {
		return "1 point"
	}
	return decimal(x) + " points"
}

func decimal(x float64) string { return strconv.FormatFloat(round(x), 'f', -1, 64) }

func round(x float64) float64 { return math.Round(x*1000) / 1000 }

// Points is what was earned: a plain number from 0 to what the score was opened with.
// It is the last expression of a cell that is graded.
func (s *Score) Points() float64 {
	total := s.total()
	if shown, ok := display.Of(total)["text/plain"].(string); ok && s.keep != nil {
		s.keep(shown)
	}
	return total
}

func (s *Score) total() float64 {
	earned, there := 0.0, 0.0
	for _, c := range s.checks {
		earned, there = earned+c.earned, there+c.points
	}
	if !host.Graded() && there > 0 && there < s.most {
		earned *= s.most / there
	}
	return round(min(max(earned, 0), s.most))
}

// Passed tells whether every check there is earned its points.
func (s *Score) Passed() bool {
	for _, c := range s.checks {
		if c.earned < c.points || c.why != "" {
			return false
		}
	}
	return len(s.checks) > 0
}

// Timeline is the diagram of the first run that failed a check over seeds.
func (s *Score) Timeline(name string) *trace.Timeline {
	log := s.replay("Timeline", name)
	c := s.find("Timeline", name)
	return log.Timeline().Title(fmt.Sprintf("%s: %s", name, c.why))
}

// Transcript is the text of the first run that failed a check over seeds.
func (s *Score) Transcript(name string) *trace.Transcript {
	log := s.replay("Transcript", name)
	return log.Transcript(0, log.Len())
}

func (s *Score) find(verb, name string) *check {
	var names []string
	for _, c := range s.checks {
		if c.name == name {
			return c
		}
		names = append(names, c.name)
	}
	host.Mistakef("%s(%q): there is no such check (there are: %s)", verb, name, strings.Join(names, ", "))
	return nil
}

// replay makes the run that failed once more and records it.
func (s *Score) replay(verb, name string) *trace.Log {
	c := s.find(verb, name)
	if c.run == nil {
		host.Mistakef("%s(%q): no run of this check failed", verb, name)
	}
	r := lab.NewRun(c.seed, true, sim.Quiet())
	(&check{}).try(func() { c.run(r) })
	if len(r.Worlds()) == 0 {
		host.Mistakef("%s(%q): the run made no world by r.World", verb, name)
	}
	return r.Worlds()[0].Trace()
}

// Table is the checks with what they earned.
func (s *Score) Table() *lab.Table {
	t := lab.NewTable("check", "points", "of", "verdict")
	for _, c := range s.checks {
		verdict := "pass"
		if c.why != "" {
			verdict = "fail · " + c.why
		}
		t.Row(c.name, round(c.earned), c.points, verdict)
	}
	return t.Note(fmt.Sprintf("%s of %s", decimal(s.total()), points(s.most)))
}

// MimeBundle shows the table.
func (s *Score) MimeBundle() display.Bundle { return s.Table().MimeBundle() }

// String is the checks, one a line.
func (s *Score) String() string {
	var b strings.Builder
	for _, c := range s.checks {
		b.WriteString(c.line() + "\n")
	}
	return b.String()
}

func float(v any) (float64, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case uint64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}
