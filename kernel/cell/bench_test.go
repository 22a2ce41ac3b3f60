package cell

import (
	"fmt"
	"strings"
	"testing"
)

// The front end's part of a trivial cell's time:
//
//	go test -run xxx -bench . ./kernel/cell

func BenchmarkTrivialCell(b *testing.B) {
	s := New()
	commit(b, s, 1, "import \"fmt\"\nx := 1\nfunc f(n int) int { return n }")
	b.ReportAllocs()
	for i := range b.N {
		commit(b, s, i+2, "x = f(x) + 1\nfmt.Sprint(x)")
	}
}

// liveLines is a session with 2,000 lines of declarations.
func liveLines(b testing.TB) *Session {
	s := New()
	commit(b, s, 1, "import \"fmt\"\ntype Base struct{ n int }\nfunc (b Base) N() int { return b.n }")
	var text strings.Builder
	for i := range 200 {
		fmt.Fprintf(&text, `
type T%[1]d struct {
	Base
	name string
	next *T%[1]d
}

func (t *T%[1]d) Show() string { return fmt.Sprint(t.name, t.N()) }

func f%[1]d(t *T%[1]d, n int) int {
	return n + t.N()
}
`, i)
	}
	commit(b, s, 2, text.String())
	return s
}

func BenchmarkTrivialCellBeside2000Lines(b *testing.B) {
	s := liveLines(b)
	for i := range b.N {
		commit(b, s, i+3, "t := T5{name: \"a\"}\nf5(&t, 1)")
	}
}

// The worst that can be redefined: everything depends on it.
func BenchmarkRedefinitionUnder2000Lines(b *testing.B) {
	s := liveLines(b)
	for i := range b.N {
		commit(b, s, i+3, fmt.Sprintf("type Base struct{ n, k%d int }", i))
	}
}

func BenchmarkSameTypeAgainUnder2000Lines(b *testing.B) {
	s := liveLines(b)
	for i := range b.N {
		commit(b, s, i+3, "type Base struct{ n int }\nfunc (b Base) N() int { return b.n + 1 }")
	}
}

func BenchmarkCompletion(b *testing.B) {
	s := liveLines(b)
	commit(b, s, 3, "t := &T5{}")
	text := "for i := range 3 {\n\tfmt.Println(t."
	for b.Loop() {
		if c := s.Complete(text, len(text)); len(c.Items) == 0 {
			b.Fatal("nothing completed")
		}
	}
}

func commit(t testing.TB, s *Session, cell int, text string) {
	t.Helper()
	p, err := s.Prepare(cell, "", text)
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(p)
}
