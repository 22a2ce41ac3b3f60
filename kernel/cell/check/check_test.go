package check

import (
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"netsplit/kernel/cell/split"
	"netsplit/kernel/symbols"
)

// segmentOf checks a text as the only segment of an empty session.
func segmentOf(t *testing.T, text string) (*Output, *token.FileSet) {
	t.Helper()
	fset := token.NewFileSet()
	cell := split.Parse(fset, "", text)
	if len(cell.Problems) > 0 {
		t.Fatalf("%s: %v", text, cell.Problems)
	}
	return Segment(&Input{Fset: fset, Importer: symbols.Importer(fset), Items: cell.Items, Last: true,
		Lookup:     func(string) types.Object { return nil },
		ImportPath: func(string) (string, bool) { return "", false }}), fset
}

func TestWhatIsShown(t *testing.T) {
	tests := []struct {
		text, want string // the type of what is shown, or "nothing"
		dropsError bool
	}{
		{"1 + 2", "int", false},
		{"3 > 2", "bool", false},
		{"'a'", "rune", false},
		{"1.5", "float64", false},
		{"nil", "untyped nil", false},
		{"x := 3\nx", "int", false},
		{"x := 3", "nothing", false},
		{"func f() {}\nf()", "nothing", false},
		{"func f() int { return 1 }\nf()", "int", false},
		{"func f() (int, string) { return 1, \"\" }\nf()", "(int, string)", false},
		{"func f() (int, error) { return 1, nil }\nf()", "(int, error)", true},
		{"func f() error { return nil }\nf()", "error", true},
		{"var err error\nerr", "error", false},
		{"import \"fmt\"\nfmt.Println(1)", "nothing", false},
		{"import \"fmt\"\nfmt.Fprintf(nil, \"\")", "nothing", false},
		{"import . \"fmt\"\nPrintln(1)", "nothing", false},
		{"import \"fmt\"\nfmt.Sprint(1)", "string", false},
		{"println(1)", "nothing", false},
		{"len(\"abc\")", "int", false},
		{"min(1, 2)", "int", false},
		{"append([]int{1}, 2)", "[]int", false},
		{"float64(3)", "float64", false},
		{"(1)", "int", false},
		{"c := make(chan int)\n<-c", "int", false},
		{"m := map[string]int{}\nm[\"a\"]", "int", false},
		{"x := any(3)\nx.(int)", "int", false},
		{"func f() {}\nf", "func()", false},
		{"func() int { return 1 }", "func() int", false},
		{"func() int { return 1 }()", "int", false},
		{"struct{ A int }{1}", "struct{A int}", false},
		{"copy([]int{1}, []int{2})", "int", false},
		{"1 << 3", "int", false},
		{"for range 3 { }", "nothing", false},
	}
	for _, tt := range tests {
		out, _ := segmentOf(t, tt.text)
		for _, e := range out.Errors {
			t.Errorf("%q: %s", tt.text, e.Message)
		}
		got := "nothing"
		if out.Show != nil {
			got = types.TypeString(out.Info.Types[out.Show].Type, func(*types.Package) string { return "" })
		}
		if got != tt.want || out.ShowError != tt.dropsError {
			t.Errorf("%q shows %s (drops the error: %v), want %s (%v)", tt.text, got, out.ShowError, tt.want, tt.dropsError)
		}
	}
}

func TestBodyRunsInOrder(t *testing.T) {
	tests := []struct{ text, want string }{
		{"var a = b\nvar b = f()\nvar z int\nfunc f() int { return 1 }", "var z int; var b = f(); var a = b"},
		{"var a, b = b, 2", "var b = 2; var a = b"},
		{"x := 1\nvar a = b\nfunc init() { x++ }\nvar b = 2\nx = a", "x := 1; var b = 2; var a = b; init·3(); x = a"},
		{"func main() { }\nx := 1", "x := 1; main()"},
		{"top: x := 1\ngoto top", "top: ; x := 1; goto top"},
		{"var (\n\ta = 1\n\tb, c = g()\n)\nfunc g() (int, int) { return a, 2 }", "var a = 1; var b, c = g()"},
	}
	for _, tt := range tests {
		out, fset := segmentOf(t, tt.text)
		for _, e := range out.Errors {
			t.Errorf("%q: %s", tt.text, e.Message)
		}
		var got []string
		for _, st := range out.Body {
			var b strings.Builder
			if l, ok := st.(*ast.LabeledStmt); ok {
				got = append(got, l.Label.Name+": ")
				continue
			}
			if err := printer.Fprint(&b, fset, st); err != nil {
				t.Fatal(err)
			}
			got = append(got, strings.Join(strings.Fields(b.String()), " "))
		}
		if g := strings.Join(got, "; "); g != tt.want {
			t.Errorf("%q runs\n  %s\nwant\n  %s", tt.text, g, tt.want)
		}
	}
}

func TestErrorsAndHelp(t *testing.T) {
	tests := []struct{ text, want, help string }{
		{"strings.ToUpper(\"a\")", "1:1: undefined: strings", `import "strings"`},
		{"rand.Intn(3)", "1:1: undefined: rand", `"math/rand"`},
		{"count := 1\ncuont++", "2:1: undefined: cuont", "did you mean count?"},
		{"_, x := 1, 2\ne + x", "2:1: undefined: e", ""},
		{"do()", "1:1: undefined: do", ""},
		{"x := flase", "1:6: undefined: flase", "did you mean false?"},
		{"println(a)\na := 1", "1:9: undefined: a", "in line 2"},
		{"x := 1 + \"a\"", "1:6: invalid operation: 1 + \"a\" (mismatched types untyped int and untyped string)", "strconv.Itoa"},
		{"var n int = 1\nvar f float64 = 2\nn * f", "3:1: invalid operation: n * f (mismatched types int and float64)", "float64(n)"},
		{"func f() { x := 1 }", "1:12: declared and not used: x", "_ = x"},
		{"x := nil", "1:6: use of untyped nil in assignment", "nil alone has no type"},
		{"type T struct{}\nfunc (t *T) M() {}\nvar i interface{ M() } = T{}", "3:26: cannot use T{}", "belong to &x"},
		{"func f() int { }", "1:16: missing return", "every way"},
		{"m := map[string]struct{ n int }{}\nm[\"a\"].n = 1", "2:1: cannot assign to struct field", "put it back"},
		{"var a = a", "1:5: initialization cycle", "from itself"},
		{"func f(x int) { switch x { case 1: case 1: } }", "1:41: duplicate case 1", ""},
		{"x := 1\nx", "", ""},
		{"break", "1:1: break is not in a loop, switch, or select", ""},
		{"goto nowhere", "1:6: label nowhere not defined", ""},
		{"return 5", "1:8: too many return values", ""},
		{"1 + 2\nx := 3", "1:1: 1 + 2 (untyped int constant 3) is not used", ""},
		{"while := 1\nwhile", "", ""},
	}
	for _, tt := range tests {
		out, fset := segmentOf(t, tt.text)
		got, help := "", ""
		if len(out.Errors) > 0 {
			at := fset.Position(out.Errors[0].Pos)
			got, help = fmt.Sprintf("%d:%d: %s", at.Line, at.Column, out.Errors[0].Message), out.Errors[0].Help
		}
		if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" || !strings.Contains(help, tt.help) || tt.help == "" && help != "" {
			t.Errorf("%q:\n got %s (help: %s)\nwant %s (help: %s)", tt.text, got, help, tt.want, tt.help)
		}
	}
}
