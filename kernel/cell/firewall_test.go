package cell

import (
	"errors"
	"strings"
	"testing"
)

// cells prepares and commits cells one after the other, and gives what the last is refused for.
func cells(t *testing.T, s *Session, texts ...string) string {
	t.Helper()
	for i, text := range texts {
		p, err := s.Prepare(i+1, "", text)
		if err == nil {
			s.Commit(p)
			continue
		}
		var found Errors
		if !errors.As(err, &found) || len(found) == 0 {
			t.Fatalf("%s: %v", text, err)
		}
		if i < len(texts)-1 {
			t.Fatalf("cell %d is refused already: %s\n%s", i+1, found[0].Message, text)
		}
		return found[0].Message
	}
	return ""
}

func TestTheFirewallRefuses(t *testing.T) {
	for _, c := range []struct{ last, says string }{
		{"func panic(v any) {}", "declare panic"},
		{"func len(x any) int { return 3 }", "declare len"},
		{"var true = false", "declare true"},
		{"const nil = 0", "declare nil"},
		{"type error string", "declare error"},
		{"type string int", "declare string"},
		{"recover := func() any { return nil }", "declare recover"},
		{"x, append := 1, 2", "declare append"},
		{"var (\n\ta int\n\tmin int\n)", "declare min"},
		{"here: max := 1\ngoto here", "declare max"},
		{"grade := 1", "declare grade"},
		{"var lab struct{}", "declare lab"},
		{"func sim() {}", "declare sim"},
		{"type trace int", "declare trace"},
		{"load := 5", "declare load"},
		{`import g "netsplit/runtime/grade"`, "no other name"},
		{`import . "netsplit/runtime/grade"`, "no other name"},
		{`import grade "strings"`, "cannot be called grade"},
		{`import len "strings"`, "cannot be called len"},
		{`import "runtime/trace"`, "not available"},
		{"import (\n\t\"fmt\"\n\tlab \"sort\"\n)", "cannot be called lab"},
		{"type fake struct{}\nvar strings fake", "the package strings of cell [1]"},
		{`import strings "bytes"`, "the package strings"},
		{`import "net"`, "no network"},
		{`import "net/http"`, "no network"},
		{`import "net/http/httptest"`, "no network"},
		{`import "os/exec"`, "no programs"},
		{`import "os/signal"`, "signals"},
		{`import "syscall"`, "operating system"},
		{`import "unsafe"`, "memory"},
		{`import "plugin"`, "no programs"},
		{`import "debug/elf"`, "not in sight"},
		{`import "netsplit/runtime/host"`, "seam"},
		{`import "netsplit/kernel/rt"`, "kernel"},
		{`import . "syscall"`, "operating system"},
		{"io.EOF = nil", "io.EOF cannot be assigned to"},
		{"func f() { io.EOF = nil }", "io.EOF"},
		{"func() { (io.EOF), _ = nil, 1 }()", "io.EOF"},
		{"p := &io.EOF\n*p = nil", "io.EOF"},
		{"os.Args[0] = \"x\"", "os.Args"},
		{"for _, io.EOF = range []error{nil} {\n}", "io.EOF"},
		{"f := os.NewFile(4, \"frames\")\n_ = f", "NewFile is not available"},
		{"newFile := os.NewFile\n_ = newFile", "NewFile is not available"},
		{"func f() { os.NewFile(4, \"frames\") }", "NewFile"},
		{"os.StartProcess(\"x\", nil, nil)", "no programs"},
		{"v := reflect.ValueOf(1)\nreflect.NewAt(v.Type(), v.UnsafePointer())", "not available"},
		{"func f() { score.Check(\"x\", 1, func() bool { return true }) }", "function cannot use the score score"},
		{"func f() { holder.s.Check(\"x\", 1, func() bool { return true }) }", "function cannot use the score holder"},
		{"func f() { scores[0].Points() }", "function cannot use the score scores"},
		{"func f() { open(1).Points() }", "function cannot use the score open"},
	} {
		s := NewGraded()
		said := cells(t, s, "import (\"io\"; \"os\"; \"reflect\"; \"strings\"; \"fmt\")\nfmt.Println(strings.ToUpper(\"a\"), io.EOF, os.Args, reflect.TypeOf(1))",
			"score := grade.Open(1)\nscores := []*grade.Score{score}\ntype T struct{ s *grade.Score }\nholder := T{score}\nopen := grade.Open\nscore.Points()", c.last)
		if !strings.Contains(said, c.says) {
			t.Errorf("%s\nis refused for %q, want %q", c.last, said, c.says)
		}
	}
}

func TestTheFirewallAllows(t *testing.T) {
	for _, last := range []string{
		"func f(len int) (max int) { string := 1; error := len; lab := 2; return string + error + lab }",
		"if len := 3; len > 2 {\n\tcopy := len\n\t_ = copy\n}",
		"{\n\tgrade := 1\n\t_ = grade\n}",
		"for new := range 3 {\n\t_ = new\n}",
		"type T struct{ len, string, grade int }\nfunc (t T) max() int { return t.len }",
		`import "netsplit/runtime/grade"`,
		`import "netsplit/runtime/lab"`,
		"import (\"net/url\"; \"net/netip\")\nurl.Parse(netip.Addr{}.String())",
		`import "strings"`,
		"func Unary(err error) bool { return err == io.EOF }",
		"eof := io.EOF\neof = nil\np := &eof\n*p = io.EOF",
		"b := new(bytes.Buffer)\nb.WriteString(\"x\")",
		"r := &io.LimitedReader{}\nr.N = 3\nr.N++",
		"score := grade.Open(1)\nscore.Check(\"a\", 1, func() bool { return f() == 1 })\nscore.Points()",
		"func total(s *grade.Score) float64 { return s.Points() }",
	} {
		if said := cells(t, NewGraded(), "import (\"io\"; \"bytes\")\nfunc f() int { return 1 }", last); said != "" {
			t.Errorf("%s\nis refused: %s", last, said)
		}
	}
}

// An ordinary session has no firewall.
func TestNoFirewallInOrdinarySessions(t *testing.T) {
	for _, last := range []string{"len := 5", "lab := 1", `import "net"`, `import "syscall"`, "import \"io\"\nio.EOF = nil"} {
		if said := cells(t, New(), last); said != "" {
			t.Errorf("%s: %s", last, said)
		}
	}
}
