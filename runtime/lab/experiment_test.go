package lab_test

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/lab"
	"netsplit/runtime/sim"
)

// shop orders 200 times over a network that loses one message in ten, and retries.
func shop(r *lab.Run, retries int) {
	world := r.World(sim.Loss(0.1))
	world.Node("card", func(node *sim.Node) {
		node.Handle("charge", func(r *sim.Request) { r.Reply("receipt") })
	})
	failed := 0
	world.Node("shop", func(node *sim.Node) {
		for range 200 {
			_, err := node.Call("card", "charge")
			for range retries {
				if err == nil {
					break
				}
				_, err = node.Call("card", "charge")
			}
			if err != nil {
				failed++
			}
		}
	})
	world.Run(time.Hour)
	r.Share("unpaid %", failed, 200)
}

func unpaid(at lab.At) float64 { return 100 * math.Pow(0.19, at.Float()+1) }

// A sweep: predicted, expected, measured, judged.
func ExampleSweep() {
	results := lab.Sweep("retries", []int{0, 1, 2}, lab.Seeds(20), func(r *lab.Run) {
		shop(r, r.Int())
	})
	results.Title("Orders without a receipt").
		Predict("unpaid %", 10, 3.6, 2).
		Theory("unpaid %", "(1-(1-p)²)^(retries+1), exact", unpaid).
		Within("unpaid %", 0.5).
		Why("an attempt fails when request or reply is lost; an order when all attempts fail.")
	fmt.Print(strings.ReplaceAll(results.Table().String(), "\u2007", " "))
	// Output:
	// Orders without a receipt
	//
	// retries   your prediction   theory          unpaid (95 %)            band   verdict
	//                         %        %                      %               %
	// ───────   ───────────────   ──────   ────────────────────   ─────────────   ─────────────────────────────
	//       0              10.0    19.00   18.20 [17.03, 19.43]   9.50 .. 28.50   pass · prediction off by 1.8×
	//       1               3.6     3.61    3.20 [ 2.70,  3.79]   1.80 ..  5.42   pass · prediction holds
	//       2               2.0     0.69    0.47 [ 0.30,  0.74]   0.34 ..  1.03   pass · prediction off by 4.2×
	//
	// Why: an attempt fails when request or reply is lost; an order when all attempts fail.
	// theory: (1-(1-p)²)^(retries+1), exact
	// seeds 1..20 · 60 runs · 26,011 events · trace 6310e45394480e7c
}

// One experiment, a row for each measure.
func ExampleExperiment() {
	results := lab.Experiment("No retries", lab.Seeds(20), func(r *lab.Run) { shop(r, 0) })
	results.Predict("unpaid", 45).Theory("unpaid", "1-(1-p)²", unpaid)
	fmt.Print(strings.ReplaceAll(results.String(), "\u2007", " "))
	// Output:
	// No retries
	//
	// measure    your prediction   theory     measured (95 %)   verdict
	// ────────   ───────────────   ──────   ─────────────────   ─────────────────────────────
	// unpaid %                45     19.0   18.2 [17.0, 19.4]   pass · prediction off by 2.5×
	//
	// theory: 1-(1-p)²
	// seeds 1..20 · 20 runs · 7,653 events · trace 99d24f0700f8e97d
}

// Designs are compared seed by seed.
func ExampleCompare() {
	results := lab.Compare(lab.Seeds(20),
		lab.Design{Name: "never again", Run: func(r *lab.Run) { shop(r, 0) }},
		lab.Design{Name: "one retry", Run: func(r *lab.Run) { shop(r, 1) }})
	fmt.Print(strings.ReplaceAll(results.String(), "\u2007", " "))
	// Output:
	// design            unpaid (95 %)             difference   against never again
	//                               %                      %
	// ───────────   ─────────────────   ────────────────────   ────────────────────────
	// never again   18.2 [17.0, 19.4]                      –
	// one retry      3.2 [ 2.7,  3.8]   -15.0 [-16.0, -14.0]   lower, in 20 of 20 seeds
	//
	// seeds 1..20 · 40 runs · 16,707 events · trace b75c9b2aabcd10e1
}

// A wrong variant is found out by the same table.
func TestAWrongVariantFlipsTheVerdict(t *testing.T) {
	for retries, right := range map[int]bool{1: true, 0: false, 2: false} {
		results := lab.Experiment("one retry", lab.Seeds(30), func(r *lab.Run) { shop(r, retries) }).
			Published("unpaid %", "the formula for one retry", 3.61).Band("unpaid %", 3, 4.2)
		if results.Passed() != right {
			t.Errorf("%d retries instead of one: passed is %v\n%s", retries, results.Passed(), results)
		}
	}
}

func TestResultsAreTheSameWhetherRunsAreTogetherOrInTurn(t *testing.T) {
	sweep := func() *lab.Results {
		return lab.Sweep("retries", []int{0, 1}, lab.Seeds(10), func(r *lab.Run) { shop(r, r.Int()) })
	}
	want := sweep().String()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if got := sweep().String(); got != want {
		t.Errorf("one after the other:\n%s\ntogether:\n%s", got, want)
	}
}

func TestVerdictsSayWhatIsWrong(t *testing.T) {
	constant := func(values ...float64) func(*lab.Run) {
		return func(r *lab.Run) { r.Measure("x", values[int(r.Seed-1)%len(values)]) }
	}
	for _, test := range []struct {
		results *lab.Results
		want    string
	}{
		{lab.Experiment("", lab.Seeds(10), constant(5, 5.2)).Band("x", 5, 6), "pass"},
		{lab.Experiment("", lab.Seeds(10), constant(5, 5.2)).Band("x", 6, 7), "fail · below the band by 15 %"},
		{lab.Experiment("", lab.Seeds(10), constant(5, 5.2)).Band("x", 1, 2), "fail · above the band by 2.5×"},
		{lab.Experiment("", lab.Seeds(4), constant(5, 6)).Band("x", 5.2, 5.9), "unclear · interval wider than the band: more seeds"},
		{lab.Experiment("", lab.Seeds(10), constant(5, 5.2)).Published("x", "here", 5.1), "pass"},
		{lab.Experiment("", lab.Seeds(10), constant(5)).Published("x", "here", 5), "pass"},
		{lab.Experiment("", lab.Seeds(10), constant(5)).Published("x", "here", 4), "fail · above published by 25 %"},
		{lab.Experiment("", lab.Seeds(10), constant(1, 9)).Published("x", "here", 5), "unclear · wide interval: more seeds"},
		{lab.Experiment("", lab.Seeds(1), constant(5)).Published("x", "here", 5), "unclear · one run has no interval: more seeds"},
		{lab.Experiment("", lab.Seeds(10), constant(5, 5.2)).Predict("x", 5.1), "prediction holds"},
		{lab.Experiment("", lab.Seeds(10), constant(5, 5.2)).Predict("x", 12), "prediction off by 2.4×"},
		{lab.Experiment("", lab.Seeds(10), constant(5, 5.2)).Predict("x", -1), "prediction off by 6.1"},
	} {
		if text := test.results.String(); !strings.Contains(text, " "+test.want+"\n") {
			t.Errorf("no verdict %q in\n%s", test.want, text)
		}
	}
}

func TestAPredictionComesBeforeTheRun(t *testing.T) {
	results := lab.Experiment("", lab.Seeds(1), func(r *lab.Run) { r.Measure("x", 1) })
	results.Run()
	wantMistake(t, "a prediction comes before", func() { results.Predict("x", 1) })
}

func TestMistakesAreSentences(t *testing.T) {
	wantMistake(t, "as a slice", func() { lab.Sweep("n", 3, lab.Seeds(1), func(*lab.Run) {}) })
	wantMistake(t, "give seeds", func() { lab.Sweep("n", []int{1}, nil, func(*lab.Run) {}) })
	wantMistake(t, "3 numbers for 2 values of n", func() {
		lab.Sweep("n", []int{1, 2}, lab.Seeds(1), func(*lab.Run) {}).Predict("x", 1, 2, 3)
	})
	wantMistake(t, "no run reported this measure (they reported: x)", func() {
		lab.Sweep("n", []int{1, 2}, lab.Seeds(1), func(r *lab.Run) { r.Measure("x", 1) }).Predict("y", 1).Table()
	})
	wantMistake(t, "the parameter is 1, not a duration", func() {
		lab.Sweep("n", []int{1, 2}, lab.Seeds(1), func(r *lab.Run) { r.Duration() }).Run()
	})
}

func TestParametersOfAllKinds(t *testing.T) {
	results := lab.Sweep("delay", []time.Duration{10 * ms, 20 * ms}, lab.Seeds(2), func(r *lab.Run) {
		r.Measure("twice", 2*r.Duration())
		r.Measure("seconds", r.Float())
		r.Measure("long %", r.Duration() > 15*ms)
	})
	want := "delay ms,twice ms,twice ms low,twice ms high,seconds,seconds low,seconds high"
	if got := results.Table().CSV(); !strings.HasPrefix(strings.ReplaceAll(got, " (95 %)", ""), want) {
		t.Errorf("got %s", got)
	}
	if i := results.Interval("long", 20*ms); i.Value != 100 || i.N != 2 {
		t.Errorf("a bool is no share: %v", i)
	}
	if got := lab.Sweep("who", []string{"a", "b"}, lab.Seeds(1), func(r *lab.Run) { r.Measure("letters", len(r.Text())) }).Table().Only("who", "letters").CSV(); got != "who,letters,letters low,letters high\na,1,,\nb,1,,\n" {
		t.Errorf("got %q", got)
	}
}

func TestAReplayIsTheSameRunRecorded(t *testing.T) {
	var mu sync.Mutex
	hashes := map[uint64]string{}
	results := lab.Sweep("retries", []int{1}, lab.Seeds(3), func(r *lab.Run) {
		world := r.World()
		world.Node("a", func(node *sim.Node) { node.Sleep(time.Duration(node.Rand.Intn(1000)) * ms) })
		world.Run(time.Minute)
		mu.Lock()
		hashes[r.Seed] = world.Hash()
		mu.Unlock()
	})
	results.Run()
	first := hashes[2]
	if again := results.Replay(1, 2); again.Hash() != first || again.Trace().Len() != 0 && first == "" {
		t.Errorf("the replay's hash is %s, the run's was %s", again.Hash(), first)
	}
}

func TestAFailedRunIsNamed(t *testing.T) {
	results := lab.Sweep("n", []int{1, 2}, lab.Seeds(5), func(r *lab.Run) {
		r.Measure("x", 1)
		r.Require(r.Int() == 1 || r.Seed < 4, "the seed is small")
	})
	if got, want := results.FirstFailure(), "n 2, seed 4: the seed is small"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if text := results.String(); !strings.Contains(text, "2 of 10 runs failed, first n 2, seed 4: the seed is small") {
		t.Errorf("the table hides it:\n%s", text)
	}
}

// A panic of one of many runs is the cell's, as if it had run alone.
func TestAPanicOfARunReachesTheCell(t *testing.T) {
	var ran atomic.Int32
	results := lab.Sweep("n", []int{1, 2}, lab.Seeds(5), func(r *lab.Run) {
		ran.Add(1)
		if r.Int() == 2 && r.Seed == 3 {
			panic("boom")
		}
	})
	defer func() {
		if v := recover(); v != "boom" {
			t.Errorf("recovered %v", v)
		}
	}()
	results.Run()
}

func wantMistake(t *testing.T, want string, do func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if m, ok := recover().(*host.Mistake); !ok || !strings.Contains(m.Text, want) {
			t.Errorf("the mistake is %v, want %q", m, want)
		}
	}()
	do()
}

func TestABandOfStandardErrors(t *testing.T) {
	coin := func(p float64) *lab.Results {
		return lab.Sweep("p %", []float64{100 * p}, lab.Seeds(100), func(r *lab.Run) {
			dice, heads := r.World().Rand("coin"), 0
			for range 100 {
				if dice.Chance(p) {
					heads++
				}
			}
			r.Share("heads %", heads, 100)
		}).Theory("heads %", "p", func(at lab.At) float64 { return at.Float() }).StandardErrors("heads %", 3)
	}
	// 20 % of 10,000: the standard error is 0.4 %.
	if text := coin(0.2).String(); !strings.Contains(text, "18.8 .. 21.2") || !strings.Contains(text, "pass") {
		t.Errorf("the band of 20 %% of 10,000 is three times 0.4 %%:\n%s", text)
	}
	// What never happens has a band without width, and passes.
	if text := coin(0).String(); !strings.Contains(text, "pass") {
		t.Errorf("never is exact:\n%s", text)
	}
}
