package worker

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"netsplit/kernel/pipe"
	"netsplit/kernel/symbols"
)

const rtImport = "import rt \"netsplit/kernel/rt\"\n"

func TestCells(t *testing.T) {
	p := start(t)
	for i, c := range []struct{ name, text, want string }{
		{"a value is the result",
			`func cell_N() []any { return []any{1 + 2} }`, `=> 3`},
		{"nothing is no result",
			`func cell_N() []any { return nil }`, ``},
		{"several values are a tuple",
			`func cell_N() []any { return []any{1, "a", nil} }`, `=> (1, a, <nil>)`},
		{"a struct is shown with its fields",
			`type tN struct { X, Y int }
			func cell_N() []any { return []any{tN{1, 2}} }`, `=> {X:1 Y:2}`},
		{"an error is shown by its text",
			`import p_errors "errors"
			func cell_N() []any { return []any{p_errors.New("broken pipe")} }`, `=> broken pipe`},
		{"a Stringer is shown by its method",
			`import p_time "time"
			func cell_N() []any { return []any{1500 * p_time.Millisecond} }`, `=> 1.5s`},
		{"a function is shown by its type",
			`import p_strings "strings"
			func cell_N() []any { return []any{p_strings.Repeat} }`, `=> func(string, int) string`},
		{"a nil pointer with a bundle is nil",
			`import p_trace "netsplit/runtime/lab"
			func cell_N() []any { var t *p_trace.Table; return []any{t} }`, `=> <nil>`},
		{"imports may repeat, and stand in one line",
			`import p_errors "errors"; import p_strings "strings"
			func cell_N() []any { return []any{p_strings.ToUpper("abc")} }`, `=> ABC`},
		{"variables outlive the cell",
			`var vN = new(int)
			func cell_N() []any { *vN = 41; return nil }`, ``},
		{"prints go to the cell in order",
			`import p_fmt "fmt"
			import p_os "os"
			func cell_N() []any {
				p_fmt.Println("a")
				p_fmt.Fprintln(p_os.Stderr, "b")
				p_fmt.Fprintln(p_os.Stdout, "c")
				p_fmt.Print("d", 1, "\n")
				p_os.Stdout.WriteString("e\n")
				return nil }`, "[N stdout]a\n[N stderr]b\n[N stdout]c\nd1\ne"},
		{"log writes to the cell's stderr",
			`import p_log "log"
			func cell_N() []any { p_log.SetFlags(0); p_log.Print("x"); return nil }`, "[N stderr]x"},
		{"log.Fatal ends the cell",
			`import p_log "log"
			func cell_N() []any { p_log.Fatal("no"); return nil }`, "[N stderr]no\n !! Exit: the cell called log.Fatal"},
		{"os.Exit ends the cell",
			`import p_os "os"
			func cell_N() []any { p_os.Exit(3); return nil }`, "!! Exit: the cell called os.Exit(3)"},
		{"os.Exit(0) ends it quietly",
			`import p_os "os"
			func cell_N() []any { p_os.Exit(0); return []any{1} }`, ""},
		{"a panic is a failure",
			rtImport + `func cell_N() []any { rt.Panic(7, "boom"); return nil }`, "!! Panic: boom"},
		{"division by zero has Go's text",
			`func divN(a, b int) int { return a / b }
			func cell_N() []any { return []any{divN(1, 0)} }`, "!! Panic: runtime error: integer divide by zero"},
		{"a display stands between the prints around it",
			`import p_fmt "fmt"
			import p_display "netsplit/runtime/display"
			func cell_N() []any {
				p_fmt.Println("before")
				p_display.Show(p_display.Markdown("**x**"))
				p_fmt.Println("after")
				return []any{p_display.HTML("<b>y</b>")} }`, "[N stdout]before\n<display N **x**>[N stdout]after\n => <b>y</b>"},
		{"closed standard files are there again in the next cell",
			`import p_os "os"
			func cell_N() []any { p_os.Stdout.Close(); p_os.Stderr.Close(); p_os.Stdin.Close(); return nil }`, ""},
		{"as this one sees",
			`import p_os "os"
			func cell_N() []any { p_os.Stdout.WriteString("here\n"); return nil }`, "[N stdout]here"},
		{"a process writes to the cell's output",
			`import p_exec "os/exec"
			import p_os "os"
			import p_fmt "fmt"
			func cell_N() []any {
				p_fmt.Println("before")
				cmd := p_exec.Command("echo", "from a process")
				cmd.Stdout = p_os.Stdout
				err := cmd.Run()
				p_fmt.Println("after")
				return []any{err} }`, "[N stdout]before\nfrom a process\nafter\n => <nil>"},
		{"goroutines are counted as in a program",
			`import p_runtime "runtime"
			func cell_N() []any { return []any{p_runtime.NumGoroutine()} }`, "=> 1"},
		{"a learner's type shows its own bundle",
			rtImport + `import p_display "netsplit/runtime/display"
			var _ = rt.Define(900, "{\"name\":\"main.T\",\"kind\":2,\"named\":true,\"methods\":[{\"n\":\"MimeBundle\",\"s\":\"\"}]}")
			func bN(v any) p_display.Bundle { return p_display.Bundle{"text/plain": "T shows itself", "text/html": "<b>T</b>"} }
			var _ = rt.SetMethod(900, "MimeBundle", bN)
			func cell_N() []any { p_display.Show(rt.Box{900, 1}); return []any{rt.Box{900, 2}} }`, "<display N T shows itself> => T shows itself"},
		{"a flag may be defined again",
			`import p_flag "flag"
			func cell_N() []any {
				a := p_flag.Int("n", 1, "")
				p_flag.String("s", "x", "")
				b := p_flag.Int("n", 2, "")
				p_flag.Parse()
				return []any{*a, *b, p_flag.Lookup("n").DefValue, p_flag.Lookup("s").DefValue} }`, "=> (1, 2, 2, x)"},
		{"a handler may be registered again",
			`import p_http "net/http"
			import p_test "net/http/httptest"
			import p_io "io"
			import p_fmt "fmt"
			func k1N(s string) func(p_http.ResponseWriter, *p_http.Request) { return func(w p_http.ResponseWriter, r *p_http.Request) { p_fmt.Fprint(w, s) } }
			func cell_N() []any {
				p_http.HandleFunc("/", k1N("old"))
				p_http.HandleFunc("/x", k1N("x"))
				p_http.HandleFunc("/", k1N("new"))
				w := p_test.NewRecorder()
				p_http.DefaultServeMux.ServeHTTP(w, p_test.NewRequest("GET", "/", p_io.Reader(nil)))
				p_http.DefaultServeMux.ServeHTTP(w, p_test.NewRequest("GET", "/x", p_io.Reader(nil)))
				return []any{w.Body.String()} }`, "=> newx"},
		{"a cell's own log file stays in force",
			`import p_log "log"
			import p_os "os"
			var fN = new(*p_os.File)
			func cell_N() []any {
				f, err := p_os.CreateTemp("", "log")
				*fN = f
				p_log.SetFlags(0)
				p_log.SetOutput(f)
				return []any{err} }`, "=> <nil>"},
		{"in later cells",
			`import p_log "log"
			import p_os "os"
			func cell_N() []any {
				p_log.Print("to the file")
				f := p_log.Writer().(*p_os.File)
				b, _ := p_os.ReadFile(f.Name())
				p_os.Remove(f.Name())
				f.Close()
				return []any{string(b)} }`, "=> to the file"},
		{"and when it is closed, the log is back",
			`import p_log "log"
			func cell_N() []any { p_log.Print("here"); return nil }`, "[N stderr]here"},
		{"a cell may put a pipe in os.Stdout and read what it prints",
			`import p_os "os"
			import p_fmt "fmt"
			import p_io "io"
			func cell_N() []any {
				old := p_os.Stdout
				r, w, _ := p_os.Pipe()
				p_os.Stdout = w
				p_fmt.Print("caught")
				w.Close()
				p_os.Stdout = old
				b, _ := p_io.ReadAll(r)
				return []any{string(b)} }`, "=> caught"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := i + 1
			number := strings.NewReplacer("cell_N", fmt.Sprintf("cell_%d", n), "tN", fmt.Sprintf("t%d", n), "vN", fmt.Sprintf("v%d", n), "divN", fmt.Sprintf("div%d", n), "bN", fmt.Sprintf("b%d", n), "k1N", fmt.Sprintf("kk%d", n), "fN", fmt.Sprintf("f%d", n))
			want := strings.NewReplacer("[N ", fmt.Sprintf("[%d ", n), "<display N", fmt.Sprintf("<display %d", n)).Replace(c.want)
			q := *p
			q.t = t
			got := q.run(n, number.Replace(c.text))
			p.seq = q.seq
			if got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestAPanicHasItsStack(t *testing.T) {
	p := start(t)
	p.define(rtImport + `
var l_inner int
var l_outer int
var _ = rt.Fn("inner", nil, &l_inner)
var _ = rt.Fn("outer", nil, &l_outer)
func inner(a []int, i int) int { l_inner = 31; return a[i] }
func k1(n int) func(int) int { return func(i int) int { l_k1 = 27; return inner([]int{1, 2}, n + i) } }
var l_k1 int
var _ = rt.Fn("k1", nil, &l_k1)
func outer(f func(int) int) int { l_outer = 12; x := f(1); l_outer = 13; return x }
func cell_1() []any { return []any{outer(k1(5))} }
`)
	p.call(1, "cell_1")
	f := p.until(pipe.Done).last.Failure
	if f == nil {
		t.Fatal("no failure")
	}
	want := []pipe.Frame{{Func: "inner", Pos: 31}, {Func: "k1", Pos: 27}, {Func: "outer", Pos: 12}}
	if f.Name != "Panic" || !strings.Contains(f.Text, "index out of range") || !slices.Equal(f.Frames, want) {
		t.Errorf("%s: %s, frames %+v, want %+v", f.Name, f.Text, f.Frames, want)
	}
}

func TestInputIsAskedFor(t *testing.T) {
	p := start(t)
	p.define(`import p_fmt "fmt"
func cell_1() []any {
	p_fmt.Print("name? ")
	var name string
	var age int
	n, err := p_fmt.Scanln(&name, &age)
	return []any{name, age, n, err}
}
func cell_2() []any {
	var s string
	_, err := p_fmt.Scan(&s)
	return []any{err}
}`)
	p.call(1, "cell_1")
	asked := p.until(pipe.Ask)
	if asked.log != "[1 stdout]name? " {
		t.Errorf("before the question: %q", asked.log)
	}
	p.send(&pipe.Message{Kind: pipe.Input, Seq: asked.last.Seq, Text: "Ada 36"})
	if got := form(p.until(pipe.Done)); got != "=> (Ada, 36, 2, <nil>)" {
		t.Error(got)
	}
	p.call(2, "cell_2")
	asked = p.until(pipe.Ask)
	p.send(&pipe.Message{Kind: pipe.Input, Seq: asked.last.Seq, Error: "EOF"})
	if got := form(p.until(pipe.Done)); got != "=> EOF" {
		t.Error(got)
	}
	p.call(3, "cell_2")
	p.until(pipe.Ask)
	p.send(&pipe.Message{Kind: pipe.Interrupt, Cell: 3, Name: "Interrupted"})
	if got := form(p.until(pipe.Done)); got != "!! Interrupted: interrupted" {
		t.Error(got)
	}
}

// A loop with a guard, as package lower writes it.
const endless = rtImport + `
var w_spin = false
var _ = rt.Fn("spin", &w_spin, nil)
func spin() { for { if w_spin { rt.Hit() } } }
func cell_1() []any { spin(); return nil }
`

func TestInterruptNamesItsReason(t *testing.T) {
	p := start(t)
	p.define(endless)
	for i, reason := range []string{"Interrupted", "Timeout"} {
		p.call(i+1, "cell_1")
		p.send(&pipe.Message{Kind: pipe.Interrupt, Cell: i + 1, Name: reason})
		o := p.until(pipe.Done)
		if o.last.Failure == nil || o.last.Failure.Name != reason || o.last.Cell != i+1 {
			t.Errorf("%s: %+v", reason, o.last)
		}
	}
	if got := p.run(9, `func cell_9() []any { return []any{"alive"} }`); got != "=> alive" {
		t.Error(got)
	}
}

// However close an interrupt comes to the beginning of a cell, the cell ends by it.
func TestInterruptAtOnce(t *testing.T) {
	p := start(t)
	p.define(endless)
	for i := 1; i <= 200; i++ {
		p.call(i, "cell_1")
		p.send(&pipe.Message{Kind: pipe.Interrupt, Cell: i, Name: "Interrupted"})
		if got := form(p.until(pipe.Done)); got != "!! Interrupted: interrupted" {
			t.Fatalf("cell %d: %s", i, got)
		}
	}
}

func TestGoroutinesOutliveTheirCell(t *testing.T) {
	p := start(t)
	p.define(rtImport + `
import p_fmt "fmt"
var gate = new(chan int)
func k1() func() { return func() { <-*gate; p_fmt.Println("late") } }
func k2() func() { return func() { <-*gate; rt.Panic(0, "failed later") } }
func cell_1() []any { *gate = make(chan int); rt.Go(5, k1()); return nil }
func cell_2() []any { rt.Go(6, k2()); return nil }
func cell_3() []any { *gate <- 1; *gate <- 2; return nil }
`)
	p.call(1, "cell_1")
	if o := p.until(pipe.Done); o.last.Live != 1 {
		t.Errorf("cell 1: %d goroutines are left, want 1", o.last.Live)
	}
	p.call(2, "cell_2")
	p.until(pipe.Done)
	p.send(&pipe.Message{Kind: pipe.List, Seq: 99})
	if o := p.until(pipe.Goroutines); len(o.last.List) != 2 || o.last.List[0].Cell != 1 || o.last.List[0].Pos != 5 {
		t.Errorf("goroutines: %+v", o.last.List)
	}
	p.call(3, "cell_3")
	seen := map[string]bool{}
	for len(seen) < 5 {
		m := p.next()
		switch m.Kind {
		case pipe.Stream:
			seen[fmt.Sprintf("cell %d wrote %s", m.Cell, bytes.TrimSpace(m.Body))] = true
		case pipe.Failed:
			seen[fmt.Sprintf("cell %d failed: %s", m.Cell, m.Failure.Text)] = true
		default:
			seen[fmt.Sprintf("%s %d", m.Kind, m.Cell)] = true
		}
	}
	for _, want := range []string{"cell 1 wrote late", "cell 2 failed: failed later", "ended 1", "ended 2", "done 3"} {
		if !seen[want] {
			t.Errorf("%q is missing: %v", want, seen)
		}
	}
}

func TestTwoCellsAtATime(t *testing.T) {
	p := start(t)
	p.define(endless)
	p.define(`import p_fmt "fmt"
func cell_2() []any { p_fmt.Println("beside"); return []any{2} }
`)
	p.call(1, "cell_1")
	p.call(2, "cell_2")
	if o := p.until(pipe.Done); form(o) != "[2 stdout]beside\n => 2" || o.last.Cell != 2 {
		t.Errorf("beside a running cell: %s", form(o))
	}
	p.send(&pipe.Message{Kind: pipe.Interrupt, Cell: 1})
	if o := p.until(pipe.Done); o.last.Cell != 1 || o.last.Failure == nil {
		t.Errorf("%+v", o.last)
	}
}

func TestManyPrintsAreFewFrames(t *testing.T) {
	p := start(t)
	p.define(`import p_fmt "fmt"
func cell_1() []any {
	for i := 0; i < 10000; i++ { p_fmt.Println("line", i) }
	return nil
}`)
	p.call(1, "cell_1")
	frames, bytes := 0, 0
	for {
		m := p.next()
		if m.Kind == pipe.Done {
			break
		}
		frames++
		bytes += len(m.Body)
	}
	if bytes != 98890 {
		t.Errorf("%d bytes arrived, want 98890", bytes)
	}
	if frames > 60 {
		t.Errorf("10,000 prints came in %d frames", frames)
	}
}

func TestDefineReportsWhatTheInterpreterRefuses(t *testing.T) {
	p := start(t)
	for _, text := range []string{
		`func cell_1() []any { return undefinedName() }`,
		`import p_x "no/such/package"`,
		`func (`,
	} {
		p.send(&pipe.Message{Kind: pipe.Define, Seq: 1, Body: []byte(text)})
		if m := p.next(); m.Kind != pipe.Defined || m.Error == "" {
			t.Errorf("%q: %+v", text, m)
		}
	}
	if got := p.run(2, `func cell_2() []any { return []any{"alive"} }`); got != "=> alive" {
		t.Error(got)
	}
}

func TestEveryPackageCanBeImported(t *testing.T) {
	p := start(t)
	var text strings.Builder
	for i, path := range symbols.Packages() {
		fmt.Fprintf(&text, "import q%d %q\n", i, path)
	}
	p.define(text.String())
	if got := p.run(1, `import p_fmt "fmt"
func cell_1() []any { return []any{p_fmt.Sprint("alive")} }`); got != "=> alive" {
		t.Error(got)
	}
}

func TestDefinitionsDoNotDisturbWhatRuns(t *testing.T) {
	p := start(t)
	p.define(rtImport + `
import p_fmt "fmt"
var w_f = false
var _ = rt.Fn("busy", &w_f, nil)
var count = new(int)
func add(n int) int { return n + 1 }
func k() func() { return func() { busy() } }
func busy() { for i := 0; i < 2000000; i++ { if w_f { rt.Hit() }; *count = add(*count) }; p_fmt.Println("counted", *count) }
func cell_1() []any { rt.Go(1, k()); return nil }
`)
	p.call(1, "cell_1")
	p.until(pipe.Done)
	log := ""
	for i := 2; !strings.Contains(log, "counted"); i++ {
		p.define(fmt.Sprintf("var v%d = new(int)\nfunc cell_%d() []any { *v%d = %d; return []any{*v%d} }", i, i, i, i, i))
		p.call(i, fmt.Sprintf("cell_%d", i))
		o := p.until(pipe.Done)
		if log += o.log + p.early.String(); fmt.Sprint(o.last.Data["text/plain"]) != fmt.Sprint(i) {
			t.Fatalf("cell %d: %+v", i, o.last)
		}
		if i > 100000 {
			t.Fatal("the goroutine does not end")
		}
	}
	if !strings.Contains(log, "counted 2000000") {
		t.Error(log)
	}
}

func BenchmarkReady(b *testing.B) {
	for range b.N {
		start(b).send(&pipe.Message{Kind: pipe.Quit})
	}
}

func BenchmarkCell(b *testing.B) {
	p := start(b)
	var before int64
	b.ResetTimer()
	for i := range b.N {
		p.define(fmt.Sprintf("func cell_%d() []any { return []any{1 + 2} }", i))
		p.call(i, fmt.Sprintf("cell_%d", i))
		m := p.until(pipe.Done).last
		if i == 0 {
			before = m.Memory
		} else if i == b.N-1 {
			b.ReportMetric(float64(m.Memory-before)/float64(b.N), "held-B/op")
		}
	}
}
