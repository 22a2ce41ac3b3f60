package display_test

import (
	"fmt"

	"netsplit/runtime/display"
)

// Verdict shows itself as text and, where there is a browser, in bold.
type Verdict string

func (v Verdict) MimeBundle() display.Bundle {
	return display.Bundle{"text/plain": string(v), "text/html": "<b>" + string(v) + "</b>"}
}

// A value with a MimeBundle method shows itself.
func ExampleShower() {
	var s display.Shower = Verdict("kept until 1s")
	fmt.Println(s.MimeBundle()["text/html"])
	display.Show(s, 42)
	// Output:
	// <b>kept until 1s</b>
	// kept until 1s
	// 42
}

// What is shown for a value: its own bundle, or its text.
func ExampleBundle() {
	fmt.Println(display.Of(Verdict("kept")))
	fmt.Println(display.Of(struct{ X, Y int }{1, 2}))
	// Output:
	// map[text/html:<b>kept</b> text/plain:kept]
	// map[text/plain:{X:1 Y:2}]
}

// HTML is for what has no better form; its text stands beside it.
func ExampleHTML() {
	fmt.Println(display.Of(display.HTML("<i>lost</i>"))["text/html"])
	// Output:
	// <i>lost</i>
}

// Markdown is shown formatted.
func ExampleMarkdown() {
	fmt.Println(display.Of(display.Markdown("**lost**"))["text/markdown"])
	// Output:
	// **lost**
}

// LaTeX is shown as mathematics.
func ExampleLaTeX() {
	fmt.Println(display.Of(display.LaTeX(`$$L = \lambda W$$`))["text/latex"])
	// Output:
	// $$L = \lambda W$$
}

// A display can be replaced while a cell runs.
func ExampleUpdate() {
	display.ShowAs("progress", "1 of 2")
	display.Update("progress", "2 of 2")
	// Output:
	// 1 of 2
	// 2 of 2
}

// A progress bar shows nothing outside a kernel; a loop with one reads like a loop.
func ExampleBar() {
	bar := display.NewBar("seeds", 3)
	for range 3 {
		bar.Add(1)
	}
	bar.Done()
	sum := 0
	for i := range display.Count("seeds", 3) {
		sum += i
	}
	fmt.Println(sum)
	// Output:
	// 3
}

// A display that is replaced as often as one likes.
func ExampleLive() {
	live := display.NewLive("1 of 2")
	live.Update("2 of 2")
	// Output:
	// 1 of 2
	// 2 of 2
}

// A text that stands as it is.
func ExampleText() {
	fmt.Println(display.Of(display.Text("two\nlines"))["text/plain"])
	// Output:
	// two
	// lines
}
