package lab_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"netsplit/runtime/display"
	"netsplit/runtime/lab"
	"netsplit/runtime/measure"
	"netsplit/runtime/sim"
)

// A chart as text is the table of what it draws.
func ExampleChart() {
	c := lab.NewChart("load %", "latency").
		Scatter("measured", []int{50, 80, 90}, []time.Duration{2 * ms, 5 * ms, 9800 * time.Microsecond}).
		Curve("M/M/1", func(load float64) float64 { return 1 / (1 - load/100) })
	fmt.Print(c)
	// Output:
	// load   measured
	//    %         ms
	// ────   ────────
	//   50        2.0
	//   80        5.0
	//   90        9.8
}

// charts are one of each kind.
func charts() map[string]*lab.Chart {
	world := sim.New(sim.Seed(3))
	world.Nodes("a b", func(node *sim.Node) {})
	world.Crash("a").Between(200*ms, 500*ms)
	world.Partition("a", "b").Between(600*ms, 700*ms)
	world.Run(time.Second)
	var fast, slow measure.Samples
	dice := world.Rand("test")
	for range 3000 {
		fast.Add(dice.Exponential(5 * ms))
		slow.Add(dice.Exponential(5*ms) + dice.Exponential(20*ms))
	}
	over := []time.Duration{0, 200 * ms, 400 * ms, 600 * ms, 800 * ms, 1000 * ms}
	loads := []int{10, 30, 50, 70, 90}
	intervals := []measure.Interval{{Value: 1.1, Low: 1, High: 1.2, N: 9}, {Value: 1.4, Low: 1.3, High: 1.6, N: 9}, {Value: 2, Low: 1.8, High: 2.2, N: 9}, {Value: 3.4, Low: 3, High: 3.7, N: 9}, {Value: 9.6, Low: 8, High: 11, N: 9}}
	theory := func(load float64) float64 { return 1 / (1 - load/100) }
	sweep := lab.Sweep("retries", []int{0, 1, 2}, lab.Seeds(5), func(r *lab.Run) { shop(r, r.Int()) }).
		Theory("unpaid %", "exact", unpaid).Predict("unpaid %", 10, 5, 1).Title("Orders without a receipt")
	designs := lab.Compare(lab.Seeds(5), lab.Design{Name: "none", Run: func(r *lab.Run) { shop(r, 0) }}, lab.Design{Name: "one retry", Run: func(r *lab.Run) { shop(r, 1) }})
	return map[string]*lab.Chart{
		"line":      lab.NewChart("load %", "queue").Title("A queue").Line("measured", loads, intervals).Curve("theory", theory),
		"scatter":   lab.NewChart("load %", "T/S").Scatter("measured", loads, intervals).Curve("M/M/1", theory).Note("seeds 1..9"),
		"log":       lab.NewChart("load %", "T/S").Scatter("measured", loads, intervals).Curve("M/M/1", theory).LogY(),
		"step":      lab.NewChart("time", "goodput req/s").Step("goodput", over, []float64{90, 100, 20, 30, 95, 100}).Faults(world).Of(world),
		"bars":      lab.NewChart("policy", "p99 ms").Bars("calm", []string{"random", "two choices", "least loaded"}, []float64{20, 11, 9}).Bars("loaded", []string{"random", "two choices", "least loaded"}, []float64{80, 30, 22}),
		"band":      lab.NewChart("load %", "T/S").Band("published", loads, []float64{1, 1.2, 1.8, 3, 8}, []float64{1.3, 1.6, 2.4, 4, 12}).Line("measured", loads, []float64{1.1, 1.4, 2, 3.4, 9.6}),
		"histogram": lab.NewChart("latency", "calls").Histogram("calls", &fast),
		"cdf":       lab.NewChart("latency", "share %").CDF("fast", &fast).CDF("slow", &slow),
		"tail":      lab.NewChart("latency", "longer than that %").Tail("fast", &fast).Tail("slow", &slow).LogY(),
		"heat":      lab.HeatMap("read quorum", "write quorum", "stale %", []int{1, 2, 3}, []int{1, 2, 3}, [][]float64{{30, 12, 0}, {11, 0, 0}, {0, 0, 0}}),
		"sweep":     sweep.Chart("unpaid"),
		"designs":   designs.Chart("unpaid"),
	}
}

// drawn is what the charts show; pictures take their time.
var drawn = sync.OnceValue(func() map[string]display.Bundle {
	bundles := map[string]display.Bundle{}
	for name, chart := range charts() {
		bundles[name] = chart.MimeBundle()
	}
	return bundles
})

func TestEveryChartHasThreeForms(t *testing.T) {
	folder := os.Getenv("PICTURES")
	for name, bundle := range drawn() {
		spec, err := json.Marshal(bundle["application/vnd.vegalite.v5+json"])
		if err != nil {
			t.Errorf("%s: the specification is no JSON: %v", name, err)
		}
		image, err := base64.StdEncoding.DecodeString(bundle["image/png"].(string))
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := png.Decode(strings.NewReader(string(image)))
		if err != nil || decoded.Bounds().Dx() != 640 {
			t.Errorf("%s: the picture is %v, %v", name, decoded, err)
		}
		if text := bundle["text/plain"].(string); strings.Count(text, "\n") < 3 {
			t.Errorf("%s: the text is\n%s", name, text)
		}
		if folder != "" {
			os.WriteFile(filepath.Join(folder, name+".png"), image, 0o644)
			os.WriteFile(filepath.Join(folder, name+".json"), spec, 0o644)
		}
	}
}

func TestAChartDrawnTwiceIsTheSame(t *testing.T) {
	again := charts()
	for _, name := range []string{"sweep", "tail", "heat", "step"} {
		first, _ := json.Marshal(drawn()[name])
		if second, _ := json.Marshal(again[name].MimeBundle()); string(first) != string(second) {
			t.Errorf("%s: drawn twice, it differs", name)
		}
	}
}

func TestAxesCarryUnits(t *testing.T) {
	for name, want := range map[string][]string{
		"step":      {`"time (ms)"`, `"goodput (req/s)"`, `"fault"`, "a is down"},
		"histogram": {`"latency (ms)"`},
		"bars":      {`"p99 (ms)"`, `"policy"`},
		"heat":      {`"stale (%)"`},
		"sweep":     {`"unpaid (%)"`, `"theory"`, `"your prediction"`},
	} {
		spec, _ := json.Marshal(drawn()[name]["application/vnd.vegalite.v5+json"])
		for _, w := range want {
			if !strings.Contains(string(spec), w) {
				t.Errorf("%s: no %s in\n%s", name, w, spec)
			}
		}
	}
}

func TestOddNumbersAreDrawn(t *testing.T) {
	for _, c := range []*lab.Chart{
		lab.NewChart("x", "y"),
		lab.NewChart("x", "y").Line("", []int{}, []int{}),
		lab.NewChart("x", "y").Line("", []int{1}, []float64{math.NaN()}).LogX().LogY(),
		lab.NewChart("x", "y").Scatter("", []int{1, 2}, []float64{math.Inf(1), 0}).LogY(),
		lab.NewChart("x", "y").Line("", []int{5}, []int{5}),
		lab.NewChart("x", "y").Histogram("", []int{5, 5, 5}),
		lab.NewChart("x", "y").Curve("only", func(x float64) float64 { return x }),
		lab.HeatMap("x", "y", "v", []int{1}, []int{1}, [][]float64{{math.NaN()}}),
	} {
		bundle := c.MimeBundle()
		if _, err := json.Marshal(bundle); err != nil {
			t.Errorf("%v\n%s", err, c)
		}
	}
	wantMistake(t, "2 values of x and 1 of y", func() { lab.NewChart("x", "y").Line("l", []int{1, 2}, []int{1}) })
	wantMistake(t, "are words", func() { lab.NewChart("x", "y").Line("l", []int{1}, []string{"a"}) })
}

func TestALongLineKeepsItsPeaks(t *testing.T) {
	var xs, ys []int
	for i := range 100_000 {
		xs, ys = append(xs, i), append(ys, i%7)
	}
	ys[54_321] = 1000
	spec, _ := json.Marshal(lab.NewChart("x", "y").Line("l", xs, ys).MimeBundle()["application/vnd.vegalite.v5+json"])
	if len(spec) > 60_000 || !strings.Contains(string(spec), `"y":1000`) {
		t.Errorf("the specification has %d bytes, or the peak is gone", len(spec))
	}
}
