package notebooks

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestOtherParameters runs every lesson with other parameters than its own: theory
// follows them, and what is measured lands where theory says. testdata/parameters.txt
// lists the sets; SETS=20 tries so many others for each lesson, the bounds first:
//
//	SETS=20 go test ./notebooks -run TestOtherParameters/1.5 -v -timeout 1h
//
// All verdicts are passes, those of wrong variants, too, whose theory says how they fail.
func TestOtherParameters(t *testing.T) {
	sets := listed(t)
	each(t, func(t *testing.T, l *lesson) {
		mine := sets[l.name]
		if n, _ := strconv.Atoi(os.Getenv("SETS")); n > 0 {
			list, _ := l.parameters()
			mine = drawn(list, n)
		}
		if len(mine) == 0 {
			t.Fatalf("testdata/parameters.txt has no line for %s: its name, then name=value for each parameter", l.name)
		}
		for _, set := range mine {
			t.Logf("%s %s", l.name, strings.Join(set, " "))
			l.follows(t, set)
		}
	})
}

// follows runs a lesson with other parameters and reads its verdicts.
func (l *lesson) follows(t *testing.T, set []string) {
	t.Helper()
	var arguments []string
	for _, s := range set {
		arguments = append(arguments, "--param", s)
	}
	ran, err := run(t, l.withoutExercises(t), nil, arguments...)
	if err != nil {
		t.Errorf("%s with %s: %v", l.path, strings.Join(set, " "), err)
		return
	}
	committed, now := l.results(t), ran.results(t)
	if len(committed) != len(now) {
		t.Errorf("%s with %s: %d tables of results, committed are %d", l.path, strings.Join(set, " "), len(now), len(committed))
		return
	}
	for i, r := range now {
		for _, v := range r.Values {
			if v.judged() && !v.passes() {
				t.Errorf("%s with %s: %s: %s is %s, expected %s: %s", l.path, strings.Join(set, " "), r.at(v), v.Measure, text(v.Measured), text(v.Expected), v.Verdict)
			}
		}
		if r.Failed > 0 && committed[i].Failed == 0 {
			t.Errorf("%s with %s: %s: %d of %d runs failed, first %s", l.path, strings.Join(set, " "), r.name(), r.Failed, r.Runs, r.First)
		}
	}
}

func text(x *float64) string {
	if x == nil {
		return "nothing"
	}
	return exact(*x)
}

// withoutExercises is the notebook up to its exercises.
func (l *lesson) withoutExercises(t *testing.T) map[string]any {
	t.Helper()
	book := l.copied(t)
	cells := book["cells"].([]any)
	if list := l.exercises(); len(list) > 0 {
		cells = cells[:list[0].task.number-1]
	}
	book["cells"] = cells
	return book
}

// listed are the sets of testdata/parameters.txt, by lesson.
func listed(t *testing.T) map[string][][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/parameters.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]*lesson{}
	for _, l := range lessons(t) {
		known[l.name] = l
	}
	sets := map[string][][]string{}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		l := known[fields[0]]
		if l == nil {
			t.Fatalf("testdata/parameters.txt: there is no lesson %s", fields[0])
		}
		list, _ := l.parameters()
		for _, set := range fields[1:] {
			name, value, _ := strings.Cut(set, "=")
			i := slices.IndexFunc(list, func(p parameter) bool { return p.name == name })
			if i < 0 {
				t.Fatalf("testdata/parameters.txt: %s has no parameter %s", l.name, name)
			}
			x, ok := quantity(value)
			low, _ := quantity(list[i].low)
			high, _ := quantity(list[i].high)
			if !ok || x < low || x > high {
				t.Errorf("testdata/parameters.txt: %s=%s of %s is not from %s to %s", name, value, l.name, list[i].low, list[i].high)
			}
		}
		sets[l.name] = append(sets[l.name], fields[1:])
	}
	return sets
}

// drawn are n sets: all lowest, all highest, then any, always the same ones.
func drawn(list []parameter, n int) [][]string {
	dice := rand.New(rand.NewPCG(1, 1))
	var sets [][]string
	for i := range n {
		var set []string
		for _, p := range list {
			low, _ := quantity(p.low)
			high, _ := quantity(p.high)
			share := dice.Float64()
			switch i {
			case 0:
				share = 0
			case 1:
				share = 1
			}
			set = append(set, p.name+"="+p.as(low+share*(high-low)))
		}
		sets = append(sets, set)
	}
	return sets
}

// as writes a value as the parameter's default is written: whole, with decimals, or
// with a unit.
func (p parameter) as(x float64) string {
	unit := ""
	if i := strings.Index(p.value, "*"); i > 0 {
		unit = strings.ReplaceAll(p.value[i:], " ", "")
		one, _ := quantity("1" + unit)
		x /= one
	}
	if !strings.ContainsAny(p.value, ".e") || unit != "" {
		return strconv.FormatFloat(math.Round(x), 'f', -1, 64) + unit
	}
	y, _ := strconv.ParseFloat(fmt.Sprintf("%.3g", x), 64)
	text := strconv.FormatFloat(y, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
