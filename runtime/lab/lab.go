// Package lab is for experiments: it shows what was measured.
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
package lab
