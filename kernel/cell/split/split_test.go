package split

import (
	"fmt"
	"go/token"
	"strings"
	"testing"
)

func TestItemsStandAtTheirPlaces(t *testing.T) {
	text := "package main\n\nimport \"fmt\"\n// two doubles.\nfunc two(n int) int { return 2 * n }; x := 1 // one\nif y := 2; y > x { fmt.Println(y) }\nfor i := 0; i < 3; i++ { }; x++\n" +
		"type T struct{ n int }\nfunc (t T) Get() int { return t.n }\nfunc() { x = 2 }()\nfunc(a int) int { return a }(3)\nconst (\n\tA = iota\n\tB\n)\nvar (\n\tp, q = 1, 2\n)\n" +
		"loop:\nx--\nif xs := []int{1}; len(xs) > 0 { goto loop }\nswitch z := x; z {\ncase 1:\n}; two(x)\n"
	fset := token.NewFileSet()
	fset.AddFile("before", -1, 100)
	c := Parse(fset, "", text)
	for _, p := range c.Problems {
		t.Errorf("%s: %s", fset.Position(p.Pos), p.Message)
	}
	var got []string
	for _, it := range c.Items {
		at := fset.Position(it.Pos())
		source := text[c.File.Offset(it.Pos()):c.File.Offset(it.End())]
		line, _, _ := strings.Cut(source, "\n")
		got = append(got, fmt.Sprintf("%d:%d kind %d %s", at.Line, at.Column, it.Kind, line))
	}
	want := []string{
		`3:1 kind 1 import "fmt"`,
		`4:1 kind 5 // two doubles.`, // where a declaration begins includes its comment
		`5:39 kind 0 x := 1`,
		`6:1 kind 0 if y := 2; y > x { fmt.Println(y) }`,
		`7:1 kind 0 for i := 0; i < 3; i++ { }`,
		`7:29 kind 0 x++`,
		`8:1 kind 3 type T struct{ n int }`,
		`9:1 kind 5 func (t T) Get() int { return t.n }`,
		`10:1 kind 0 func() { x = 2 }()`,
		`11:1 kind 0 func(a int) int { return a }(3)`,
		`12:1 kind 2 const (`,
		`16:1 kind 4 var (`,
		`19:1 kind 0 loop:`,
		`21:1 kind 0 if xs := []int{1}; len(xs) > 0 { goto loop }`,
		`22:1 kind 0 switch z := x; z {`,
		`24:4 kind 0 two(x)`,
	}
	// The comment is part of the item's text, its position is that of func.
	want[1] = `5:1 kind 5 func two(n int) int { return 2 * n }`
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("items:\n%s\nwant:\n%s", g, w)
	}
}

func TestLineCommentsMovePositions(t *testing.T) {
	fset := token.NewFileSet()
	c := Parse(fset, "", "x := 1\n//line foo.go:100\ny := 2")
	if got := fset.Position(c.Items[1].Pos()); got.Filename != "foo.go" || got.Line != 100 {
		t.Errorf("y := 2 is at %s, want foo.go:100", got)
	}
}

func TestSyntaxErrorsAreWordedForBeginners(t *testing.T) {
	tests := []struct{ text, want, help string }{
		{"x := 1\ny := 2\nif x == { }", "3:9: syntax error: unexpected {, expected expression", ""},
		{"x := ", "1:6: syntax error: unexpected end of cell, expected expression", ""},
		{"x := \ny := 2", "2:3: syntax error: unexpected := at end of statement", "line 1 is not finished"},
		{"fmt.Println(\"a\"", "1:16: syntax error: unexpected end of cell, expected )", "the ( in line 1 is never closed"},
		{"func f() {\n\tif true {\n}\n", "3:2: syntax error: unexpected end of cell, expected }", "the { in line 1 is never closed"},
		{"f(1, 2]\n", "1:7: syntax error: unexpected ] in argument list; possibly missing comma or )", "the ( in line 1 is still open"},
		{"}\nx := 1", "1:1: syntax error: unexpected }, nothing is open", "one closing bracket too many"},
		{"xs := []int{\n\t1,\n\t2\n}", "3:3: syntax error: unexpected newline in composite literal; possibly missing comma or }", "the line ends with a comma"},
		{"f(\n\t1\n)", "2:3: syntax error: unexpected newline in argument list; possibly missing comma or )", "the line ends with a comma"},
		{"xs := []int{1 2}", "1:15: syntax error: unexpected literal 2 in composite literal; possibly missing comma or }", ""},
		{"if x > 1 {\n}\nelse {\n}", "3:1: syntax error: unexpected keyword else, expected statement", "} else {"},
		{"func f()\n{\n}", "2:1: syntax error: unexpected semicolon or newline before {", "at the end of the line before"},
		{"if x > 1\n{\n}", "1:9: syntax error: unexpected newline, expected { after if clause", "at the end of the line before"},
		{"for i := 0; i < 3; i++\n{\n}", "1:23: syntax error: unexpected newline, expected {", "at the end of the line before"},
		{"if x = 5 { }", "1:6: syntax error: cannot use assignment x = 5 as value", "compare with =="},
		{"while x > 1 { }", "1:7: syntax error: unexpected name x at end of statement", "Go has no while"},
		{"y = x++", "1:6: syntax error: unexpected ++ at end of statement", "statements of their own"},
		{"y := x ? 1 : 2", "1:8: invalid character U+003F '?'", "Go has no ?: operator"},
		{"# comment", "1:1: invalid character U+0023 '#'", "begins with //"},
		{"s := “abc”", "1:6: invalid character U+201C '“'", "plain \""},
		{"s := 'abc'", "1:6: more than one character in rune literal", "double quotes"},
		{"if x := 5 { }", "1:6: syntax error: cannot use x := 5 as value", "compare with =="},
		{"func f() {\n\tg(\"a\"\n}", "2:7: syntax error: unexpected newline in argument list; possibly missing comma or )", "the ( in line 2 is still open"},
		{"func f() {\n\tx := []int{1, 2; y := 1\n}", "2:17: syntax error: unexpected semicolon in composite literal; possibly missing comma or }", "never closed"},
		{"type T struct { a int, b int }", "1:22: syntax error: unexpected comma in struct type; possibly missing semicolon or newline or }", ""},
		{"defer 3", "1:7: expression in defer must be function call", "func() { … }()"},
		{"for a, b, c := range xs { }", "1:11: range clause permits at most two iteration variables", "for i, x := range list"},
		{"if x { }\nelse { }", "2:1: syntax error: unexpected keyword else, expected statement", "} else {"},
		{"s := \"abc", "1:10: newline in string", "closing \" is missing"},
		{"import fmt", "1:11: syntax error: missing import path; require quoted string", `import "fmt"`},
		{"var x int := 5", "1:11: syntax error: unexpected :=, expected =", "write x := value"},
		{"const x := 5", "1:9: syntax error: unexpected :=", "const x = value"},
		{"int x = 5", "1:5: syntax error: unexpected name x at end of statement", "var x int"},
		{"def f(x):", "1:5: syntax error: unexpected name f at end of statement", "begins with func"},
		{"let x = 1", "1:5: syntax error: unexpected name x at end of statement", "x := value"},
		{"for i in xs { }", "1:7: syntax error: ", "range"},
		{"for i := 0, i < 10, i++ { }", "1:5", "separated by semicolons"},
		{"func f() -> int { }", "1:10: syntax error: unexpected -", "without an arrow"},
		{"if x == 1 and y == 2 { }", "1:11: syntax error: unexpected name and", "&& for and"},
		{"try { x = 1 }", "1:9: syntax error: unexpected =", "no exceptions"},
		{"func f(int x) { func g() { } }", "1:22: syntax error: unexpected name g, expected (", "inside of another"},
		{"type = 3", "1:6: syntax error: unexpected =, expected name", ""},
		{"x := map[string]int{\"a\": 1, \"b\" 2}", "1:33: syntax error: unexpected literal 2 in composite literal", ""},
		{"func := 3", "1:6: syntax error: unexpected :=, expected name", ""},
		{"print \"a\"", "1:7: syntax error: unexpected literal \"a\" at end of statement", "a call needs parentheses"},
		{"var a [3]int = {1, 2, 3}", "1:16: syntax error: unexpected {, expected expression", ""},
		{"if x == T{1} { }", "1:", ""},
		{"return 1 2", "1:10: syntax error: unexpected literal 2 at end of statement", ""},
		{"a := [1, 2]", "1:8: syntax error: ", ""},
		{"x === 1", "1:5: syntax error: unexpected =", "compares with =="},
		{"case 1:", "1:1: syntax error: unexpected keyword case", ""},
	}
	for _, tt := range tests {
		fset := token.NewFileSet()
		c := Parse(fset, "", tt.text)
		if len(c.Problems) == 0 {
			t.Errorf("%q: no error", tt.text)
			continue
		}
		p := c.Problems[0]
		at := fset.Position(p.Pos)
		got := fmt.Sprintf("%d:%d: %s", at.Line, at.Column, p.Message)
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("%q:\n got %s\nwant %s", tt.text, got, tt.want)
		}
		if !strings.Contains(p.Help, tt.help) {
			t.Errorf("%q: %s: help %q, want %q", tt.text, got, p.Help, tt.help)
		}
	}
}

func TestIsComplete(t *testing.T) {
	tests := []struct{ text, status, indent string }{
		{"", "complete", ""},
		{"x := 1", "complete", ""},
		{"x := ", "incomplete", "\t"},
		{"x +", "incomplete", "\t"},
		{"func f() {", "incomplete", "\t"},
		{"func f() {\n\tif x {", "incomplete", "\t\t"},
		{"func f() {\n}", "complete", ""},
		{"f(1,", "incomplete", "\t"},
		{"s := `a", "incomplete", ""},
		{"/* a", "incomplete", ""},
		{"x.", "incomplete", "\t"},
		{"x := 1 2", "invalid", ""},
		{"}", "invalid", ""},
		{"f(]", "invalid", ""},
		{"func", "incomplete", "\t"},
		{"import", "incomplete", "\t"},
		{"for", "incomplete", "\t"},
		{"if x == 1", "incomplete", "\t"},
		{"for i := range 3", "incomplete", "\t"},
		{"func f() int", "incomplete", "\t"},
		{"import \"fmt\"", "complete", ""},
		{"x++", "complete", ""},
		{"return", "complete", ""},
		{"s := \"a", "invalid", ""},
		{"type T struct {\n\ta int", "incomplete", "\t"},
		{"while x {\n", "incomplete", "\t"},
	}
	for _, tt := range tests {
		if got := IsComplete(tt.text); got.Status != tt.status || got.Indent != tt.indent {
			t.Errorf("%q: %s with indent %q, want %s with %q", tt.text, got.Status, got.Indent, tt.status, tt.indent)
		}
	}
}
