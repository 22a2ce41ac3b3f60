package cell

import (
	"strings"
	"testing"
)

// notebook is what is live in the tests of completion and inspection.
const notebook = `
import ("fmt"; "strings"; "net/http")

// World is where nodes live.
type World struct {
	Name string
	seed int64
	Base
}

// Base has what all have.
type Base struct{ Level int }

// Up raises the level.
func (b *Base) Up(by int) int { b.Level += by; return b.Level }

// Run runs the world for some steps.
func (w *World) Run(steps int, verbose ...bool) error {
	return nil
}

// Area computes an area.
func Area(width, height float64) (area float64) {
	return width * height
}

world := &World{Name: "w"}
worlds := map[string][]*World{}
total := 1.5
client := http.Client{}
fmt.Println(strings.ToUpper("x"))
`

func editorSession(t *testing.T) *Session {
	t.Helper()
	s := New()
	p, err := s.Prepare(1, "", notebook)
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(p)
	return s
}

func TestCompletion(t *testing.T) {
	s := editorSession(t)
	// | is the cursor; want are matches that must be there in this order, -name must not.
	tests := []struct{ text, want string }{
		{"world.|", "Base Name Run seed Level Up"},
		{"world.R|", "Run -Name"},
		{"world.r|", "Run"},
		{"fmt.Println(world.|", "Name Run"},
		{"fmt.Println(world.|)\nx := 3", "Name Run"},
		{"fmt.Println(1, world.|\nx := 3\nfmt.Println(x)", "Name Run"},
		{"if world.|", "Name Run"},
		{"if world.| {\n}", "Name"},
		{"for _, w := range worlds[\"a\"] {\n\tw.|", "Name Run"},
		{"for _, w := range worlds[\"a\"] {\n\tw.|\n}\n", "Name Run"},
		{"for _, w := range worlds[\"a\"] {\n\tif w.|\n}\n", "Name Run"},
		{"func f(w *World, n int) {\n\tx := w\n\tx.|", "Run"},
		{"func f(w *World) int {\n\treturn w.|\n}", "Level"},
		{"switch world.| {", "Name"},
		{"switch 3 {\ncase world.|", "Level"},
		{"y := world.|", "Run"},
		{"y := world.Base.|", "Level Up -Run"},
		{"worlds[\"a\"][0].|", "Run"},
		{"strings.|", "Builder Contains ToUpper"},
		{"strings.To|", "ToLower ToUpper -Contains"},
		{"var b strings.Bu|", "Builder"},
		{"var b strings.Builder\nb.|", "Grow Len WriteString"},
		{"type T struct{ a, b int }\nt := T{}\nt.|", "a b"},
		{"World{|}", "Name seed Base world"},
		{"World{Na|", "Name"},
		{"World{Name: \"x\", |", "seed -Name"},
		{"w := &World{Name: wor|}", "world worlds World"},
		{"wor|", "world worlds World"},
		{"to|", "total"},
		{"stri|", "strings string"},
		{"bufi|", "bufio"},
		{"fo|", "for"},
		{"func g(first int) {\n\tsecond := 2\n\tfi|", "first"},
		{"func g(first int) {\n\tsecond := 2\n\tse|\n}", "second select"},
		{"import \"net/ht|\"", "net/http net/http/cookiejar"},
		{"import \"net/ht|", "net/http"},
		{"// wor|", "-world"},
		{"x := \"wor|\"", "-world"},
		{"x := 3.|", "-world"},
		{"len(wor|)", "world"},
		{"x.y := wor|", "world"},
		{"go func() {\n\tworld.|\n}()", "Run"},
		{"defer world.|", "Run"},
		{"client.|", "CloseIdleConnections Do Get Timeout -deadline"},
		{"m := map[string]World{\"a\": {Na|", "Name"},
		{"world.\n  Ru|", "Run"},
		{"Area(1, 2).|", "-Name"},
		{"größe := world\ngröße.|", "Run"},
		{"World.|", "-Name"},
		{"strconv.It|", "Itoa"}, // not imported
		{"(*World).|", "Run Up -Name"},
		{"func id[T any](x T) T { return x }\nid(world).|", "Run"},
		{"a := 1\na := \"x\"\nb := world\nb.|", "Run"},
	}
	for _, tt := range tests {
		cursor := strings.Index(tt.text, "|")
		text := tt.text[:cursor] + tt.text[cursor+1:]
		got := s.Complete(text, cursor)
		at := map[string]int{}
		var names []string
		for i, it := range got.Items {
			at[it.Text] = i + 1
			names = append(names, it.Text)
		}
		last := 0
		for _, w := range strings.Fields(tt.want) {
			if n, ok := strings.CutPrefix(w, "-"); ok {
				if at[n] != 0 {
					t.Errorf("%q: %s must not be offered, got %v", tt.text, n, names)
				}
				continue
			}
			if at[w] == 0 || at[w] < last {
				if len(names) > 30 {
					names = names[:30]
				}
				t.Errorf("%q: want %s, got %v", tt.text, tt.want, names)
				break
			}
			last = at[w]
		}
	}
}

func TestCompletionReplacesTheWholeName(t *testing.T) {
	s := editorSession(t)
	got := s.Complete("x := world.Nam + 1", len("x := world.N"))
	if got.Start != len("x := world.") || got.End != len("x := world.Nam") {
		t.Errorf("range %d to %d, want that of Nam", got.Start, got.End)
	}
	if len(got.Items) != 1 || got.Items[0].Type != "field" || got.Items[0].Signature != "string" {
		t.Errorf("items %v, want the field Name of type string", got.Items)
	}
	got = s.Complete("world.Ru", len("world.Ru"))
	if len(got.Items) != 1 || got.Items[0].Type != "method" || got.Items[0].Signature != "(steps int, verbose ...bool) error" {
		t.Errorf("items %v, want the method Run with its signature", got.Items)
	}
}

func TestInspection(t *testing.T) {
	s := editorSession(t)
	tests := []struct {
		text   string
		detail int
		want   []string
	}{
		{"Ar|ea(1, 2)", 0, []string{"func Area(width, height float64) (area float64)", "Area computes an area.", "cell [1]", "-return"}},
		{"Ar|ea(1, 2)", 1, []string{"return width * height"}},
		{"Area(1, |", 0, []string{"func Area"}},
		{"Area(|)", 0, []string{"func Area"}},
		{"world.Ru|n(3)", 0, []string{"func (w *World) Run(steps int, verbose ...bool) error", "Run runs the world"}},
		{"world.Run|", 0, []string{"Run runs the world"}},
		{"wor|ld", 0, []string{"var world *World"}},
		{"Wor|ld{}", 1, []string{"type World struct", "seed int64", "World is where nodes live."}},
		{"strings.ToUp|per(\"a\")", 0, []string{"func ToUpper(s string) string", "upper case"}},
		{"var b strings.Builder\nb.Write|String(\"x\")", 0, []string{"WriteString", "appends the contents"}},
		{"string|s.ToUpper", 0, []string{"package strings", "UTF-8"}},
		{"client.Time|out", 0, []string{"Timeout"}},
		{"x := 3\nx|", 0, []string{"var x int"}},
		{"func f(n int) {\n\tn|", 0, []string{"var n int"}},
		{"le|n(\"a\")", 0, []string{"func len"}},
		{"world.Na|me", 0, []string{"Name string"}},
		{"err|or", 0, []string{"type error"}},
	}
	for _, tt := range tests {
		cursor := strings.Index(tt.text, "|")
		text := tt.text[:cursor] + tt.text[cursor+1:]
		got := s.Inspect(text, cursor, tt.detail)
		plain, _ := got.Data["text/plain"].(string)
		for _, w := range tt.want {
			if n, ok := strings.CutPrefix(w, "-"); ok && strings.Contains(plain, n) || !ok && !strings.Contains(plain, w) {
				t.Errorf("%q: want %s in\n%s", tt.text, w, plain)
			}
		}
	}
	if got := s.Inspect("nothing_such", 3, 0); got.Found {
		t.Errorf("an unknown name was found: %v", got.Data)
	}
}
