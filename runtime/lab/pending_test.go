package lab_test

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"

	"netsplit/runtime/display"
	"netsplit/runtime/lab"
)

// graded is what happens while a submission is graded.
func graded(do func()) {
	theFront.graded = true
	defer func() { theFront.graded = false }()
	do()
}

// oneAtATime makes runs one after the other, so that they may count themselves.
func oneAtATime() (restore func()) {
	before := runtime.GOMAXPROCS(1)
	return func() { runtime.GOMAXPROCS(before) }
}

// twice measures twice the parameter, and counts its runs.
func twice(runs *int) *lab.Results {
	*runs = 0
	return lab.Sweep("n", []int{1, 2}, lab.Seeds(3), func(r *lab.Run) {
		*runs++
		r.Measure("x", 2*r.Int())
	}).Title("Twice").Theory("x", "2n, exact", func(at lab.At) float64 { return 2 * at.Float() })
}

func TestWhatIsOnlyShownIsNotRunWhileGraded(t *testing.T) {
	defer oneAtATime()()
	for name, shown := range map[string]func(r *lab.Results) display.Bundle{
		"results": func(r *lab.Results) display.Bundle { return r.MimeBundle() },
		"a table": func(r *lab.Results) display.Bundle { return r.Table().MimeBundle() },
		"part of a table": func(r *lab.Results) display.Bundle {
			return r.Table().Sort("verdict").Only("verdict").Note("a note").MimeBundle()
		},
		"a chart": func(r *lab.Results) display.Bundle {
			return r.Chart("x").Line("mine", []int{1, 2}, []int{3, 4}).Title("mine").LogX().MimeBundle()
		},
	} {
		graded(func() {
			runs := 0
			b := shown(twice(&runs))
			if text := b["text/plain"]; text != "not run while a submission is graded: Twice" || len(b) != 1 || runs != 0 {
				t.Errorf("%s: %d runs were made, and shown is %v", name, runs, b)
			}
		})
	}
}

func TestWhatIsAskedForIsRunWhileGraded(t *testing.T) {
	defer oneAtATime()()
	runs := 0
	table := func(r *lab.Results) string {
		return r.Table().Reverse().Title("mine").Note("a note").CSV() + r.Table().String()
	}
	chart := func(r *lab.Results) string {
		return r.Chart("x").Line("mine", []int{1, 2}, []int{3, 4}).Title("mine").LogX().RangeY(0, 9).Table().JSON()
	}
	for name, ask := range map[string]func(r *lab.Results) any{
		"an interval": func(r *lab.Results) any { return r.Interval("x", 2).Value },
		"a verdict":   func(r *lab.Results) any { return r.Passed() },
		"a table":     func(r *lab.Results) any { return table(r) },
		"a length":    func(r *lab.Results) any { return r.Table().Len() },
		"a chart":     func(r *lab.Results) any { return chart(r) },
		"a row more":  func(r *lab.Results) any { return r.Table().Only("n").Row(7).Markdown() },
	} {
		want := ask(twice(&runs))
		graded(func() {
			results := twice(&runs)
			results.MimeBundle() // shown before
			if got := ask(results); got != want || runs != 6 {
				t.Errorf("%s: %d runs were made; it is\n%v\nwant\n%v", name, runs, got, want)
			}
			if text, _ := results.MimeBundle()["text/plain"].(string); !strings.Contains(text, "pass") {
				t.Errorf("%s: once run, the table shows %q", name, text)
			}
		})
	}
}

// A table of results carries what a program needs of them, and keeps it when columns
// are left out.
func TestResultsAreData(t *testing.T) {
	defer oneAtATime()()
	runs := 0
	b := twice(&runs).Predict("x", 5).Within("x", 0.1).Table().Only("n", "verdict").MimeBundle()
	text, err := json.Marshal(b["application/vnd.netsplit.results+json"])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"events":0,"failed":0,"parameter":"n","runs":6,"seeds":"1..3","title":"Twice","trace":"0000000000000000","values":[` +
		`{"at":"1","band":[1.8,2.2],"expected":2,"interval":[2,2],"kind":"theory","measure":"x","measured":2,"prediction":5,"source":"2n, exact","verdict":"pass"},` +
		`{"at":"2","band":[3.6,4.4],"expected":4,"interval":[4,4],"kind":"theory","measure":"x","measured":4,"prediction":5,"source":"2n, exact","verdict":"pass"}]}`
	if string(text) != want {
		t.Errorf("the data of the results is\n%s\nwant\n%s", text, want)
	}
}
