package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"netsplit/kernel/wire"
	"netsplit/kernel/zmq/zmqtest"
)

// These tests are of grading runs: what the package comment of supervisor says of them,
// with the outputs read as nbgrader reads them.

// graded starts a kernel as nbgrader does, in a folder of its own.
func graded(t *testing.T, env ...string) (p *process, dir string) {
	t.Helper()
	dir = t.TempDir()
	return startWith(t, options{env: append([]string{"NBGRADER_EXECUTION=autograde", "SECRET=of the instructor"}, env...), start: func(file string) *exec.Cmd {
		cmd := exec.Command(binaries.kernel, "kernel", "--verbose", "-f", file)
		cmd.Dir = dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		return cmd
	}}), dir
}

// pointsOf is what nbgrader makes of the outputs of a test cell with so many points:
// the first error or text on stderr is nothing, the first result the points if it is a
// number, and a cell without any of these has all of them.
func pointsOf(o outcome, most float64) float64 {
	for _, m := range o.answer.Outputs {
		c := zmqtest.Content(m)
		switch m.Header.Type {
		case "error":
			return 0
		case "stream":
			if c["name"] == "stderr" {
				return 0
			}
		case "execute_result":
			data, _ := c["data"].(map[string]any)
			text, _ := data["text/plain"].(string)
			if n, err := strconv.ParseFloat(text, 64); err == nil {
				return n
			}
			return most
		case "clear_output":
			return most // what came before is gone
		}
	}
	return most
}

func TestGradingKeepsStderrEmpty(t *testing.T) {
	for _, mode := range []string{"autograde", "validate"} {
		p, _ := graded(t, "NBGRADER_EXECUTION="+mode)
		info, _ := zmqtest.Content(p.Ask("kernel_info_request", struct{}{}).Reply)["language_info"].(map[string]any)
		for _, field := range []string{"name", "version", "file_extension", "mimetype", "pygments_lexer"} {
			if text, _ := info[field].(string); text == "" {
				t.Errorf("language_info has no %s, which nbclient and nbconvert want: %v", field, info)
			}
		}
		p.ok("# This cell was missing, and nbgrader put it back.\nimport (\"fmt\"; \"log\"; \"os\"; \"time\")\nlog.SetFlags(0)")
		p.ok("type T struct{ X int }\nfunc (t T) Twice() int { return 2 * t.X }\nv := T{1}")
		for _, c := range []struct{ code, stdout string }{
			{`println("text")`, "text\n"},
			{`log.Print("text")`, "text\n"},
			{`fmt.Fprintln(os.Stderr, "text")`, "text\n"},
			{`os.Stderr.WriteString("text\n")`, "text\n(5, <nil>)\n"},
			{"done := make(chan bool)\ngo func() { log.Print(\"text\"); close(done) }()\n_ = <-done", "text\n"},
			{"type T struct{ Y string }", ""}, // a note that the method does not fit any more
			{`_ = fmt.Sprint("text")`, ""},
			{"func f() (int, error) { return 3, nil }\nf()", "(3, <nil>)\n"},
			{`fmt.Println("text")`, "text\n"},
			{"x := 1\nif x == 1 { x = 2 }", ""},
			{"for range 3 { x++ }", ""},
			{"y := 3", ""},
			{"var z, zz = 4, 5", ""},
			{"func g() int { return 1 }", ""},
			{"x = x + 0", ""},
		} {
			o := p.run(c.code)
			if o.status != "ok" || o.stderr != "" || o.result != "" || c.stdout != "" && o.stdout != c.stdout {
				t.Errorf("%s, %s: %s", mode, c.code, o)
			}
		}
		// Late text keeps its own cell, and the test cell meanwhile has its points.
		late := p.Send(p.Shell, "execute_request", cell("go func() { for { log.Print(\"late\"); time.Sleep(5 * time.Millisecond) } }()"))
		p.Collect(p.Shell, late)
		o := p.run("score := grade.Open(2)\nscore.Check(\"a\", 2, func() bool { time.Sleep(50 * time.Millisecond); return x == 5 })\nscore.Points()")
		if got := pointsOf(o, 2); got != 2 || strings.Contains(o.stdout, "late") || o.result != "2" {
			t.Errorf("%s: %g points\n%s", mode, got, o)
		}
		for _, c := range []string{"undefined", `panic("no")`, "func() { defer func() { panic(2) }(); panic(1) }()"} {
			if o := p.run(c); o.status != "error" || o.stderr != "" {
				t.Errorf("%s, %s: %s", mode, c, o)
			}
		}
	}
}

func TestGradingAbortsNothing(t *testing.T) {
	p, _ := graded(t)
	p.ok(`import "time"`)
	queue := func(stopOnError bool, codes ...string) (sent []*wire.Message) {
		for _, code := range codes {
			content := cell(code)
			content["stop_on_error"] = stopOnError
			sent = append(sent, p.Send(p.Shell, "execute_request", content))
		}
		return sent
	}
	for _, stop := range []bool{true, false} {
		for i, m := range queue(stop, `panic("no")`, "1 + 1", "undefined", "2 + 2") {
			o := outcomeOf(p.Collect(p.Shell, m))
			if want := []string{"error", "ok", "error", "ok"}[i]; o.status != want {
				t.Errorf("stop_on_error %v, cell %d: want %s\n%s", stop, i, want, o)
			}
		}
		sent := queue(stop, "println(\"begun\")\ntime.Sleep(time.Hour)", "3 + 3", "4 + 4")
		p.Await(p.IOPub, "output of the running cell", func(m *wire.Message) bool { return m.Header.Type == "stream" && zmqtest.Answers(sent[0])(m) })
		p.AskOn(p.Control, "interrupt_request", struct{}{})
		after := queue(stop, "5 + 5")
		if o := outcomeOf(p.Collect(p.Shell, sent[0])); o.ename != "Interrupted" {
			t.Errorf("interrupted: %s", o)
		}
		for _, m := range append(sent[1:], after...) {
			if o := outcomeOf(p.Collect(p.Shell, m)); o.status != "ok" || o.result == "" {
				t.Errorf("stop_on_error %v, behind the interrupted cell: %s", stop, o)
			}
		}
	}
}

// Every failure is one error output and the same error in the reply.
func TestGradingFailuresAreErrors(t *testing.T) {
	// What ends by itself has time to: an endless recursion takes a while on a busy machine.
	quick, _ := graded(t, "NETSPLIT_CELL_TIME=2", "NETSPLIT_MEMORY=512MiB")
	patient, _ := graded(t, "NETSPLIT_MEMORY=512MiB")
	for _, p := range []*process{quick, patient} {
		p.ok(`import ("fmt"; "os"; "log"; "runtime"; "sync"; "time")`)
		p.ok("v := []int{1}")
		p.ok("v = append(v, 2)")
	}
	for i, c := range []struct{ code, ename string }{
		{"undefined", "CompileError"},
		{`panic("no")`, "Panic"},
		{"for {}", "Timeout"},
		{"select {}", "Deadlock"},
		{"os.Exit(0)", "Exit"},
		{"os.Exit(3)", "Exit"},
		{"log.Fatal(1)", "Exit"},
		{"runtime.Goexit()", "Exit"},
		{"defer runtime.Goexit()\nfmt.Println(1)", "Exit"},
		{"func r(n int) int { return r(n+1) + 1 }\nr(0)", "StackOverflow"},
		{"make([]byte, 1<<40)", "OutOfMemory"},
		{"keep := [][]byte{}\nfor { keep = append(keep, make([]byte, 16<<20)) }", "OutOfMemory"},
		{"m := map[int]int{}\nfor range 8 { go func() { for i := 0; ; i++ { m[i%4] = i } }() }\nselect {}", "WorkerDied"},
		{"go func() { panic(\"in a goroutine\") }()\ntime.Sleep(time.Hour)", "Panic"},
		{"var once sync.Once\nonce.Do(func() { go func() { var m map[int]int; m[1] = 1 }() })\ntime.Sleep(time.Hour)", "Panic"},
		{"score := grade.Open(3)\nscore.Check(\"a\", 3, func() bool { return true })", "Unfinished"},
		{"score := grade.Open(3)\nscore.Check(\"a\", 3, func() bool { return true })\nscore.Points()\nscore.Table()", "Unfinished"},
		{"score := grade.Open(3)\nscore.Check(\"a\", 3, func() bool { return true })\nscore.Points() == 3", "Unfinished"},
		{"score := grade.Open(3)\nscore.Check(\"a\", 3, func() bool { runtime.Goexit(); return true })\nscore.Points()", "Exit"},
		{"score := grade.Open(3)\nscore.Check(\"a\", 3, func() bool { os.Exit(0); return true })\nscore.Points()", "Exit"},
		{"score := grade.Open(3)\nscore.Check(\"a\", 3, func() bool { for {} })\nscore.Points()", "Timeout"},
		{"score := grade.Open(3)\nscore.Check(\"a\", 3, func() bool { select {} })\nscore.Points()", "Deadlock"},
		{"score := grade.Open(3)\nif len(v) > 0 { return }\nscore.Points()", "Unfinished"},
	} {
		p := patient
		if c.ename == "Timeout" {
			p = quick
		}
		o := p.run(c.code)
		published := ""
		for _, m := range o.answer.Outputs {
			if m.Header.Type == "error" {
				published += fmt.Sprint(zmqtest.Content(m)["ename"])
			}
		}
		if o.status != "error" || o.ename != c.ename || published != c.ename || o.stderr != "" || pointsOf(o, 3) != 0 {
			t.Errorf("%s: want one error %s, on iopub %s\n%s", c.code, c.ename, published, o)
		}
		// Values are there again, whatever became of the worker.
		if got := p.ok(fmt.Sprintf("v = append(v, %d)\nfmt.Sprint(v)", i)); !strings.HasPrefix(got, "[1 2 ") || !strings.HasSuffix(got, fmt.Sprintf("%d]", i)) {
			t.Errorf("after %s v is %s", c.code, got)
		}
	}
	quick.alive()
	patient.alive()
}

// What ends the worker costs one cell: the others run again, in their order, with the
// same values, in silence.
func TestGradingReplays(t *testing.T) {
	p, dir := graded(t)
	if err := os.WriteFile(filepath.Join(dir, "data.csv"), []byte("1,2,3"), 0o600); err != nil {
		t.Fatal(err)
	}
	const death = "deaths := map[int]int{}\nfor range 8 { go func() { for i := 0; ; i++ { deaths[i%4] = i } }() }\nselect {}"
	p.ok(`import ("fmt"; "math/rand"; "os"; "time")`)
	p.ok("total := 0\ntype Account struct{ Name string; Balance int }\nbook := map[string]*Account{}")
	p.ok("func deposit(name string, n int) { if book[name] == nil { book[name] = &Account{Name: name} }; book[name].Balance += n; total += n }")
	p.ok("deposit(\"ada\", 5); fmt.Println(\"deposited\")")
	p.run("deposit(\"eve\", 1000); panic(\"no\")") // what a cell did that failed is not done again
	p.ok("deposit(\"bob\", 7); source := rand.New(rand.NewSource(3)); drawn := source.Intn(1000)")
	p.ok("total = total * 2")
	p.ok("ticks := make(chan int)\ngo func() { for i := 0; ; i++ { ticks <- i } }()\n<-ticks")
	p.ok("text, err := os.ReadFile(\"data.csv\")\nos.WriteFile(\"written.txt\", []byte(\"w\"), 0o600)\nerr == nil")
	p.ok("for i := range 100 { total += i }\ntotal := total")
	first := p.worker()
	drawn := p.ok("drawn")
	if got := p.ok("total"); got != "6974" { // with what the failed cell did
		t.Fatalf("total is %s", got)
	}
	for round := range 3 {
		before := p.worker()
		if o := p.run(death); o.ename != "WorkerDied" || strings.Contains(o.traceback, "run that cell again") {
			t.Fatalf("%s", o)
		}
		o := p.run("fmt.Sprintf(\"%d %d %d %d %s %v %v\", total, book[\"ada\"].Balance, book[\"bob\"].Balance, drawn, text, <-ticks > 0, book[\"eve\"] == nil)")
		if want := "4974 5 7 " + drawn + " 1,2,3 true true"; o.result != want || o.stdout != "" {
			t.Errorf("round %d: want %q without text\n%s", round, want, o)
		}
		if p.worker() == before {
			t.Errorf("round %d: the worker is the old one", round)
		}
		if got := p.ok("w, _ := os.ReadFile(\"written.txt\")\nstring(w)"); got != "w" {
			t.Errorf("round %d: the file that a cell wrote holds %q", round, got)
		}
	}
	if syscall.Kill(first, 0) == nil {
		t.Error("the first worker lives")
	}
	// A goroutine that ends the worker later does so once, not in every new one.
	p.ok("go func() { time.Sleep(200 * time.Millisecond); late := map[int]int{}; for range 8 { go func() { for i := 0; ; i++ { late[i%4] = i } }() } }()")
	if o := p.run("fmt.Println(\"begun\")\nkept := 7\ntime.Sleep(time.Second)\nkept"); o.result != "7" || strings.Count(o.stdout, "begun\n") != 2 || !strings.Contains(o.stdout, "runs again") {
		t.Errorf("while a goroutine of another cell ends the worker: %s", o)
	}
	if got := p.ok("book[\"bob\"].Balance + kept"); got != "14" {
		t.Errorf("after it: %s", got)
	}
	// A cell that waits for the replay can be interrupted.
	p.ok("time.Sleep(3 * time.Second)")
	p.run(death)
	m := p.Send(p.Shell, "execute_request", cell("total"))
	p.Await(p.IOPub, "busy", zmqtest.Answers(m))
	began := time.Now()
	p.AskOn(p.Control, "interrupt_request", struct{}{})
	if o := outcomeOf(p.Collect(p.Shell, m)); o.ename != "Interrupted" {
		t.Errorf("interrupted while cells run again: %s", o)
	}
	t.Logf("a cell that waits for a replay of 3 s ends %v after its interrupt", time.Since(began).Round(time.Millisecond))
	if got := p.ok("book[\"ada\"].Balance"); got != "5" {
		t.Errorf("after it: %s", got)
	}
	p.ok("%reset")
	if o := p.run("total"); o.status == "ok" {
		t.Errorf("after %%reset: %s", o)
	}
}

// TestGradingTampering: what a submission's cells try to get points by. Each stands
// before an honest test that the answer fails; all must earn nothing.
func TestGradingTampering(t *testing.T) {
	p, _ := graded(t)
	const answer = "func answer() int { return 1 }"
	const test = "score := grade.Open(4)\nscore.Check(\"is 42\", 1, func() bool { return answer() == 42 })\nscore.Over(\"over seeds\", 3, grade.Seeds(3), func(r *lab.Run) {\n\tr.Require(answer() == 42, fmt.Sprint(\"it is \", answer()))\n})\nscore.Points()"
	for name, cells := range map[string][]string{
		"nothing":                       {answer},
		"redeclare panic":               {answer, "func panic(v any) {}"},
		"redeclare true":                {answer, "const true, false = false, true"},
		"redeclare len":                 {"func answer() int { return len(\"x\") }", "func len(s string) int { return 42 }"},
		"declare grade":                 {answer, "type fake struct{}\nfunc (fake) Open(n float64) fake { return fake{} }\nvar grade fake"},
		"import grade as another":       {answer, "import grade \"strings\""},
		"declare lab":                   {answer, "var lab struct{}"},
		"declare the package fmt":       {answer, "type fakeFmt struct{}\nfunc (fakeFmt) Sprint(...any) string { return \"\" }\nvar fmt fakeFmt"},
		"print the score":               {"func answer() int { fmt.Println(\"4\"); fmt.Println(\"✓ is 42: 4 of 4 points\"); return 1 }"},
		"show the score":                {"func answer() int { display.Show(4.0); return 1 }"},
		"clear the outputs":             {"func answer() int { go func() { for { display.Clear(false) } }(); return 1 }"},
		"clear them with the next":      {"func answer() int { go func() { for range 1000 { display.Clear(true); fmt.Print(\".\") } }(); return 1 }"},
		"Goexit":                        {"import \"runtime\"", "func answer() int { runtime.Goexit(); return 1 }"},
		"Goexit in a deferred call":     {"import \"runtime\"", "func answer() int { defer runtime.Goexit(); return 1 }"},
		"os.Exit(0)":                    {"import \"os\"", "func answer() int { os.Exit(0); return 1 }"},
		"testing.Main":                  {"import \"testing\"", "func answer() int { testing.Main(nil, nil, nil, nil); return 1 }", answer},
		"log.Fatal":                     {"import \"log\"", "func answer() int { log.Fatal(); return 1 }"},
		"panic":                         {"func answer() int { panic(\"4\") }"},
		"end the worker":                {"func answer() int { m := map[int]int{}; for range 8 { go func() { for i := 0; ; i++ { m[i%4] = i } }() }; select {} }"},
		"endless recursion":             {"func answer() int { return answer() + 1 }"},
		"wait for ever":                 {"func answer() int { select {} }"},
		"the score of an earlier cell":  {"score := grade.Open(4)\nscore.Check(\"forged\", 4, func() bool { return true })\nscore.Points()", "func answer() int { score.Check(\"more\", 4, func() bool { return true }); return 1 }", answer},
		"a closure over a score":        {"score := grade.Open(4)\ncheat := func() { defer func() { recover() }(); score.Check(\"forged\", 4, func() bool { return true }) }\nscore.Points()", "func answer() int { cheat(); return 1 }"},
		"a pointer to a score":          {"score := grade.Open(4)\nvar box any = &score\nscore.Points()", "func answer() int { if s, ok := box.(interface{ Check(string, float64, func() bool) }); ok { s.Check(\"forged\", 4, func() bool { return true }) }; return 1 }"},
		"a goroutine that forges":       {"score := grade.Open(4)\ngo func() { for i := 0; ; i++ { func() { defer func() { recover() }(); score.Check(fmt.Sprint(i), 4, func() bool { return true }) }() } }()\nscore.Points()", answer},
		"a score of one's own":          {"func answer() int { s := grade.Open(4); s.Check(\"forged\", 4, func() bool { return true }); s.Points(); return 1 }"},
		"a method on Score":             {answer, "func (s *grade.Score) Points() float64 { return 4 }"},
		"the host":                      {answer, "import \"netsplit/runtime/host\"\nhost.Install(nil)"},
		"assign to a package":           {answer, "import \"io\"\nio.EOF = nil"},
		"frames by descriptor":          {answer, "import \"os\"\nos.NewFile(4, \"frames\").Write([]byte(\"x\"))"},
		"frames by name":                {"import \"os\"", "func answer() int { for i := range 100 { if f, err := os.OpenFile(fmt.Sprint(\"/proc/self/fd/\", i), os.O_WRONLY, 0); err == nil { f.WriteString(\"\\x00\\x00\\x00\\x10\\x00\\x00\\x00\\x0c{\\\"kind\\\":\\\"\\\"}\") } }; return 1 }"},
		"unsafe":                        {answer, "import \"unsafe\""},
		"reflect writes a hidden field": {"import \"reflect\"", answer, "func forge(s any) { v := reflect.ValueOf(s).Elem().FieldByName(\"most\"); reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem().SetFloat(4) }"},
		"results of several values":     {answer, "func points() (float64, error) { return 4, nil }\npoints()"},
		"magics":                        {answer, "%lowered 1"},
		"a panic of a goroutine":        {"func answer() int { go func() { panic(\"x\") }(); return 1 }"},
	} {
		p.ok("%reset all")
		p.ok("import \"fmt\"\nfmt.Sprint()")
		said := ""
		for _, c := range cells {
			if o := p.run(c); o.status == "error" {
				said = o.evalue
			}
		}
		o := p.run(test)
		got := pointsOf(o, 4)
		t.Logf("%-30s %g points; %s", name, got, firstLine(said+" "+o.evalue))
		if got != 0 {
			t.Errorf("%s: %g points\n%s", name, got, o)
		}
		o = p.run("func answer() int { return 42 }\n" + test)
		if got := pointsOf(o, 4); name != "a panic of a goroutine" && got != 4 {
			t.Errorf("after %s the right answer has %g points\n%s", name, got, o)
		}
	}
}

// TestGradingSecrets: a cell looks for everything around it.
func TestGradingSecrets(t *testing.T) {
	p, dir := graded(t)
	for name, text := range map[string]string{
		"data.csv": "1,2", "notes/more.txt": "more", "ps1.ipynb": "hidden tests", "gradebook.db": "marks", ".hidden": "hidden", "nbgrader_config.py": "c", "submitted/eve/ps1.txt": "others",
	} {
		path := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(path), 0o700)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	os.Symlink("/etc/passwd", filepath.Join(dir, "link"))
	syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600)
	p.ok("%reset") // a worker that has the files
	p.ok(`import ("fmt"; "io/fs"; "os"; "strings"; "path/filepath")`)
	if got, want := p.ok(`list := []string{}
filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error { list = append(list, path); return err })
strings.Join(list, " ")`), ". data.csv notes notes/more.txt"; got != want {
		t.Errorf("the worker's folder holds %q, want %q", got, want)
	}
	if got := p.ok(`more, _ := os.ReadFile("notes/more.txt"); string(more)`); got != "more" {
		t.Errorf("a data file holds %q", got)
	}
	if got := p.ok("strings.Join(os.Environ(), \" \")"); got != "GODEBUG=tracebacklabels=1 TMPDIR=." {
		t.Errorf("the environment is %q", got)
	}
	if got := p.ok("strings.Join(os.Args, \" \")"); got != "main" {
		t.Errorf("the arguments are %q", got)
	}
	parent := p.cmd.Process.Pid
	for _, path := range []string{
		dir, filepath.Join(dir, "ps1.ipynb"), filepath.Join(dir, "gradebook.db"), p.file, filepath.Dir(p.file), "/", "/etc/passwd", filepath.Dir(dir), "/home", "/root", "/proc", "..",
		"/proc/self/environ", "/proc/self/cmdline", "/proc/self/mem", "/proc/self/maps", "/proc/self/fd/3", "/proc/self/fd/4", "/proc/self/exe", "/dev/null", "/dev/shm",
		fmt.Sprintf("/proc/%d/environ", parent), fmt.Sprintf("/proc/%d/cmdline", parent), fmt.Sprintf("/proc/%d/mem", parent), fmt.Sprintf("/proc/%d/fd/1", parent), fmt.Sprintf("/proc/%d/cwd", parent),
	} {
		if got := p.ok(fmt.Sprintf("func() string { f, err := os.Open(%q); if err == nil { f.Close(); return \"opened\" }; return \"refused\" }()", path)); got != "refused" {
			t.Errorf("%s is %s", path, got)
		}
	}
	for _, code := range []string{
		fmt.Sprintf("os.WriteFile(%q, nil, 0o600)", filepath.Join(dir, "written")), fmt.Sprintf("os.Chmod(%q, 0)", filepath.Dir(dir)),
		fmt.Sprintf("os.Remove(%q)", filepath.Join(dir, "gradebook.db")),
		`func() error { p, err := os.FindProcess(os.Getppid()); if err == nil { p.Release() }; _, err = os.ReadDir("/proc"); return err }()`,
	} {
		if got := p.ok(code); got == "" || got == "<nil>" {
			t.Errorf("%s gives %q", code, got)
		}
	}
	if o := p.run("func() string { p, err := os.FindProcess(os.Getppid()); if err != nil { return err.Error() }; return fmt.Sprint(p.Kill()) }()"); o.status == "ok" && !strings.Contains(o.result, "not permitted") {
		t.Errorf("the parent can be killed: %s", o)
	}
	o := p.run("var line string\n_, err := fmt.Scanln(&line)\nerr.Error()")
	if !strings.Contains(o.result, "nobody answers") {
		t.Errorf("stdin: %s", o)
	}
	// The worker is in a group of its own, with descriptors of its own only.
	worker := p.worker()
	if group, err := syscall.Getpgid(worker); err != nil || group != worker {
		t.Errorf("the worker %d is in the group %d", worker, group)
	}
	p.ok("kept := 7")
	m := p.running("for {}")
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT) // as a terminal, and nbclient, do
	if o := outcomeOf(p.Collect(p.Shell, m)); o.ename != "Interrupted" {
		t.Errorf("SIGINT to the group: %s", o)
	}
	if got := p.ok("kept"); got != "7" || p.worker() != worker {
		t.Errorf("after SIGINT kept is %s", got)
	}
	folder, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", worker))
	if err != nil || folder == dir {
		t.Errorf("the worker is in %s, %v", folder, err)
	}
	p.AskOn(p.Control, "shutdown_request", map[string]any{"restart": false})
	t.Logf("gone %v after the answer to shutdown_request", p.ended().Round(time.Millisecond))
	if _, err := os.Stat(folder); err == nil {
		t.Errorf("the worker's folder %s is still there", folder)
	}
}

// What cells write has an end, and a worker ends with its kernel, which it cannot kill.
func TestGradingLeavesNothing(t *testing.T) {
	p, dir := graded(t)
	if err := os.WriteFile(filepath.Join(dir, "data.csv"), []byte("of students"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.ok("%reset\nimport (\"fmt\"; \"os\"; \"time\")")
	o := p.run("for i := range 10 { f, _ := os.Create(fmt.Sprint(i)); f.Truncate(60 << 20); f.Close() }\ntime.Sleep(time.Hour)")
	if o.ename != "LimitExceeded" || !strings.Contains(o.evalue, "files") {
		t.Errorf("600 MB of files: %s", o)
	}
	if o := p.run("err := os.WriteFile(\"large\", make([]byte, 65 << 20), 0o600)\nerr.Error()"); !strings.Contains(o.result, "too large") {
		t.Errorf("one large file: %s", o)
	}
	worker := p.worker()
	folder, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", worker))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if got := p.ok("text, _ := os.ReadFile(\"data.csv\")\nstring(text)"); got != "of students" {
		t.Errorf("the data file holds %q", got)
	}
	p.running("for {}")
	p.cmd.Process.Kill()
	p.ended()
	for end := time.Now().Add(zmqtest.Patience); syscall.Kill(worker, 0) == nil; time.Sleep(10 * time.Millisecond) {
		if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", worker)); err != nil || strings.Contains(string(stat), ") Z ") {
			break // nobody waits for it here
		}
		if time.Now().After(end) {
			t.Fatal("the worker lives on without its kernel")
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("the worker left %s, %v", left, err)
	}
}

// A machine without walls grades nothing, but says how.
func TestGradingNeedsWalls(t *testing.T) {
	start := func(mode, walls string) (said string, err error) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), withoutWalls+"="+binaries.worker, "NBGRADER_EXECUTION="+mode, "NETSPLIT_WALLS="+walls)
		cmd.Args = append(cmd.Args, "kernel", "-f", writeConnection(t, t.TempDir(), freePorts(t), nil))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	said, err := start("autograde", "")
	t.Logf("autograde: %v: %s", err, said)
	if err == nil || !strings.Contains(said, "NETSPLIT_WALLS=off") || !strings.Contains(said, "Landlock") || strings.Count(said, "\n") != 1 {
		t.Errorf("want one line that names the wall and the way out: %v, %q", err, said)
	}
	for _, c := range []struct{ mode, walls string }{{"autograde", "off"}, {"validate", ""}} {
		p := startWith(t, options{env: []string{withoutWalls + "=" + binaries.kernel, "NBGRADER_EXECUTION=" + c.mode, "NETSPLIT_WALLS=" + c.walls}, start: func(file string) *exec.Cmd {
			return exec.Command(os.Args[0], "kernel", "-f", file)
		}})
		if got := p.ok("1 + 1"); got != "2" {
			t.Errorf("%s with NETSPLIT_WALLS=%q: %s", c.mode, c.walls, got)
		}
	}
}

// withoutWalls names a program that this test binary becomes, on a system whose answers
// to the calls of Landlock are those of one that has it not.
const withoutWalls = "FAULTS_WITHOUT_WALLS"

func init() {
	program := os.Getenv(withoutWalls)
	if program == "" {
		return
	}
	os.Unsetenv(withoutWalls)
	const load, equal, give, errno = 0x20, 0x15, 0x06, 0x00050000
	filter := []syscall.SockFilter{
		{Code: load, K: 0}, // the number of the call
		{Code: equal, K: 444, Jf: 1},
		{Code: give, K: errno | uint32(syscall.ENOSYS)},
		{Code: give, K: 0x7fff0000},
	}
	runtime.LockOSThread()
	err := lockIn(filter)
	if err == nil {
		err = syscall.Exec(program, append([]string{program}, os.Args[1:]...), os.Environ())
	}
	fmt.Fprintln(os.Stderr, "without walls:", err)
	os.Exit(1)
}

// lockIn puts a filter on the calling thread, and on what it executes.
func lockIn(filter []syscall.SockFilter) error {
	const noNewPrivs, setSeccomp, modeFilter = 38, 22, 2
	program := syscall.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if _, _, e := syscall.RawSyscall6(syscall.SYS_PRCTL, noNewPrivs, 1, 0, 0, 0, 0); e != 0 {
		return e
	}
	if _, _, e := syscall.RawSyscall6(syscall.SYS_PRCTL, setSeccomp, modeFilter, uintptr(unsafe.Pointer(&program)), 0, 0, 0); e != 0 {
		return e
	}
	return nil
}
