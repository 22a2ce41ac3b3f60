package lab_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/lab"
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
	for _, want := range []string{"a &lt;b&gt;", "x &amp; y", "0.5", "<caption", `text-align:right`, "#2a9d5c"} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in\n%s", want, html)
		}
	}
	for _, bad := range []string{"<script", "<style", "class=", "var(", "<svg"} {
		if strings.Contains(html, bad) {
			t.Errorf("%q in\n%s", bad, html)
		}
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
