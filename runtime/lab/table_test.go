package lab_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/lab"
	"netsplit/runtime/measure"
	"netsplit/runtime/sim"
)

const ms = time.Millisecond

// Columns, units, numbers that line up, and under them what repeats the run.
func ExampleTable() {
	world := sim.New(sim.Seed(7))
	world.Node("echo", func(node *sim.Node) {
		node.Handle("ping", func(r *sim.Request) { r.Reply("pong") })
	})
	world.Call("echo", "ping")

	t := lab.NewTable("retries", "requests", "succeeded %", "latency", "verdict")
	t.Row(0, 1000, 71.5, 8200*time.Microsecond, "fail: below 99 %")
	t.Row(3, 12000, 99.25, 12*ms, "pass")
	t.Title("Retries over a lossy link").Of(world)
	fmt.Print(t)
	// Output:
	// Retries over a lossy link
	//
	// retries   requests   succeeded   latency   verdict
	//                              %        ms
	// ───────   ────────   ─────────   ───────   ────────────────
	//       0      1,000       71.50       8.2   fail: below 99 %
	//       3     12,000       99.25      12.0   pass
	//
	// seed 7 · 3 events · trace 0b1373adddad1fd6
}

// A slice of structs is a table.
func ExampleTableOf() {
	type result struct {
		Mode    string
		Lost    int
		Latency time.Duration `lab:"write latency"`
	}
	fmt.Print(lab.TableOf([]result{
		{"synchronous", 0, 12 * ms},
		{"asynchronous", 7, 900 * time.Microsecond},
	}))
	// Output:
	// Mode           Lost   write latency
	//                                  ms
	// ────────────   ────   ─────────────
	// synchronous       0            12.0
	// asynchronous      7             0.9
}

func TestATableOfCellsHasHTMLThatSurvivesTheSanitizer(t *testing.T) {
	html := lab.NewTable("a <b>", "load %").Row("x & y", 0.5).Row("ok", nil).Title("T").Note("n").HTML()
	for _, want := range []string{"a &lt;b&gt;", "x &amp; y", "0.5", "<caption", `text-align:right`, "#25935a"} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in\n%s", want, html)
		}
	}
	for _, bad := range []string{"<script", "<style", "class=", "<svg"} {
		if strings.Contains(html, bad) {
			t.Errorf("%q in\n%s", bad, html)
		}
	}
	// The sanitizer drops a declaration with a variable: one without stands before it.
	for _, style := range regexp.MustCompile(`style="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		seen := map[string]bool{}
		for _, declaration := range strings.Split(style[1], ";") {
			property, value, _ := strings.Cut(declaration, ":")
			if strings.Contains(value, "var(") && !seen[property] {
				t.Errorf("%s is only given as a variable in %q", property, style[1])
			}
			seen[property] = true
		}
	}
}

// Intervals line up: value, low and high each below the others.
func ExampleTable_intervals() {
	t := lab.NewTable("load %", "p99 ms", "verdict")
	t.Row(50, measure.Interval{Value: 4.02, Low: 3.9, High: 4.14, N: 30}, "pass")
	t.Row(90, measure.Interval{Value: 19.75, Low: 18.1, High: 21.4, N: 30}, "unclear: more seeds")
	t.Row(95, nil, "fail")
	fmt.Print(strings.ReplaceAll(t.String(), "\u2007", " "))
	fmt.Print(t.Markdown())
	fmt.Print(t.CSV())
	fmt.Print(t.JSON())
	// Output:
	// load                    p99   verdict
	//    %                     ms
	// ────   ────────────────────   ───────────────────
	//   50    4.02 [ 3.90,  4.14]   pass
	//   90   19.75 [18.10, 21.40]   unclear: more seeds
	//   95                          fail
	// | load % | p99 ms | verdict |
	// | ---: | ---: | --- |
	// | 50 | 4.02 [3.90, 4.14] | pass |
	// | 90 | 19.75 [18.10, 21.40] | unclear: more seeds |
	// | 95 |  | fail |
	// load %,p99 ms,p99 ms low,p99 ms high,verdict
	// 50,4.02,3.90,4.14,pass
	// 90,19.75,18.10,21.40,unclear: more seeds
	// 95,,,,fail
	// {"columns":[{"name":"load","unit":"%"},{"name":"p99","unit":"ms"},{"name":"verdict"}],"rows":[[50,[4.02,3.9,4.14],"pass"],[90,[19.75,18.1,21.4],"unclear: more seeds"],[95,null,"fail"]]}
}

func TestWhateverHoldsRowsIsATable(t *testing.T) {
	type Point struct{ X, Y int }
	type named struct {
		Point
		Name string
	}
	var latency measure.Samples
	for i := range 100 {
		latency.Add(time.Duration(i+1) * ms)
	}
	for name, test := range map[string]struct {
		of   any
		want string
	}{
		"embedded structs": {[]named{{Point{1, 2}, "a"}}, "X,Y,Name\n1,2,a\n"},
		"pointers":         {[]*Point{{1, 2}, {3, 4}}, "X,Y\n1,2\n3,4\n"},
		"maps":             {[]map[string]any{{"a": 1}, {"a": 2, "b": "x"}}, "a,b\n1,\n2,x\n"},
		"ragged slices":    {[][]int{{1}, {2, 3}}, "0,1\n1,\n2,3\n"},
		"a map":            {map[string]time.Duration{"b": 2 * ms, "a": ms}, "key,value ms\na,1\nb,2\n"},
		"numbers":          {[]float64{1.5, 2}, "#,value\n0,1.5\n1,2.0\n"},
		"one struct":       {Point{1, 2}, "field,value\nX,1\nY,2\n"},
		"latencies":        {&latency, "share of observations,at most ms\n50 %,50\n75 %,75\n90 %,90\n95 %,95\n99 %,99\n99.9 %,100\nall,100\n"},
		"intervals":        {[]measure.Interval{{Value: 2, Low: 1, High: 3, N: 5}}, "#,value,value low,value high\n0,2,1,3\n"},
		"tiny numbers":     {[]float64{99.7, 0.000298}, "#,value\n0,99.7\n1,0.000298\n"},
	} {
		if got := lab.TableOf(test.of).CSV(); got != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, test.want)
		}
	}
}

func TestTablesAreSortedAndCut(t *testing.T) {
	table := lab.NewTable("a", "b ms").Row("x", 10*ms).Row("y", 2*ms)
	if got := table.Sort("b").Only("b", "a").CSV(); got != "b ms,a\n2,y\n10,x\n" {
		t.Errorf("got %q", got)
	}
}

func TestARowHasOneValueForEachColumn(t *testing.T) {
	defer func() {
		if m, ok := recover().(*host.Mistake); !ok || m.Text != "Row: 1 values for the 2 columns a, b" {
			t.Errorf("got %v", m)
		}
	}()
	lab.NewTable("a", "b").Row(1)
}

func TestALongTableIsFoldedWhereItIsShown(t *testing.T) {
	table := lab.NewTable("n")
	for i := range 1000 {
		table.Row(i)
	}
	for form, text := range map[string]string{"text": table.String(), "HTML": table.HTML()} {
		if !strings.Contains(text, "… 941 more rows …") || !strings.Contains(text, "999") || strings.Contains(text, "500") {
			t.Errorf("the %s is not folded:\n%.2000s", form, text)
		}
	}
	if lines := strings.Count(table.CSV(), "\n"); lines != 1001 {
		t.Errorf("CSV has %d lines", lines)
	}
}
