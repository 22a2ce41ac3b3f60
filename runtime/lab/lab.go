// Package lab is for experiments: a question, a prediction, a run, and a table that
// answers.
//
// # Experiments
//
// The function of an experiment makes one world of one seed, runs it, and reports
// what it measured. Sweep calls it for each value of a parameter and each seed:
//
//	lab.Sweep("retries", []int{0, 1, 2, 3}, lab.Seeds(30), func(r *lab.Run) {
//		world := r.World(sim.Loss(0.1))
//		world.Node("card", CardServer)
//		paid := 0
//		world.Node("shop", RetryingShop(500, r.Int(), &paid))
//		world.Run(1000 * sec)
//		r.Share("unpaid %", 500-paid, 500)
//	}).
//		Predict("unpaid %", 10, 5, 2, 1).
//		Theory("unpaid %", "q^(r+1), exact", Unpaid).
//		Title("Orders without a receipt")
//
// Experiment does without a parameter; Compare runs several designs over the same
// seeds and shows their difference seed by seed. All make Results, which run when
// they are looked at for the first time: as the value of a cell, by Table, by Chart
// or by Run. So a prediction stands in the same statement and yet comes before the
// run; afterwards it is refused.
//
// What is measured comes from the runs alone. The table holds it beside what was
// predicted and what theory or a publication says, with the 95 % confidence interval
// over the seeds (Student's for numbers, Wilson's for shares), and a verdict in words:
//
//   - pass: the value lies in the band and its interval is narrower than the band; or,
//     without a band, theory lies within twice the interval's distance.
//   - fail: it does not. A wrong variant of a protocol ends here.
//   - unclear: the interval is too wide to tell; more seeds.
//
// The line below the table repeats the run: seeds, runs, events, and a hash over the
// traces of all worlds. Replay makes one of the runs again with everything recorded.
//
// Compiled functions run on all processors at once. A function written in a cell runs
// one seed after the other, because it may share variables with the cell; where it
// does not, Parallel says so. The results are the same.
//
// While the runs are made a bar shows what remains. An interrupt keeps what was
// measured and marks the table.
//
// While a submission is graded nobody looks at what a lesson shows. Results that are
// only shown, as a table or as a chart, are then not run, and a line says so; whoever
// asks for a value of them (Interval, Passed, Replay) still gets it.
//
// A table of results carries them as data, too (application/vnd.netsplit.results+json):
// what a program reads that collects the numbers of a notebook.
//
// # Tables
//
// A table is made of columns and rows, or of a slice of structs that the learner
// has anyway:
//
//	t := lab.NewTable("retries", "succeeded %", "latency ms")
//	t.Row(0, 71.5, 8.2)
//	t.Row(3, 99.2, 12.5)
//	t.Title("Retries over a lossy link").Of(world)
//
//	lab.TableOf(results).Title("Retries over a lossy link")
//
// A header ends in its unit where it has one: "latency ms", "goodput %". Numbers of
// a column are shown with the same number of decimals, chosen from the column;
// durations in one unit, which becomes the column's. Of puts what makes the run
// repeatable under the table: seed, number of events, trace hash.
//
// In JupyterLab a table takes its colours from the theme, so that it reads in the
// light and in the dark one; only verdicts bring their own: a first word such as
// pass, kept or ok is green, fail, broken or lost red, unclear amber. As text a table
// reads as well; Markdown, CSV and JSON are for reports, spreadsheets and programs.
//
// Whatever has rows becomes a table by TableOf: slices of structs, maps or slices,
// maps, structs, latencies. measure.Interval is shown with its bounds, which line up.
//
// # Charts
//
// NewChart makes a figure of lines, steps, points, bars, bands, histograms and
// distributions over two axes that carry their units; Curve draws a theory over what
// was measured, Faults shades when the faults of a world acted. HeatMap is a chart of
// two parameters. Results draw themselves by Chart. JupyterLab draws a chart with
// hover, pan and zoom (Vega-Lite); beside it lies the same figure as a PNG for
// wherever no scripts run, and a table as its text.
package lab
