package symbols

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

func TestEveryPackageCanBeImported(t *testing.T) {
	fset := token.NewFileSet()
	imp := Importer(fset)
	for _, path := range Packages() {
		p, err := imp.Import(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if q, _ := Lookup(path); q.Name != p.Name() {
			t.Errorf("%s: name %s, listed as %s", path, p.Name(), q.Name)
		}
	}
	for _, path := range []string{"unsafe", "plugin", "internal/abi", "runtime/cgo", "cmd/go"} {
		for _, have := range Packages() {
			if have == path {
				t.Errorf("%s is offered to cells", path)
			}
		}
	}
}

func TestTypesFromDifferentPackagesAreIdentical(t *testing.T) {
	src := `package p
import ("bufio"; "context"; "fmt"; "io"; "iter"; "net/http"; "os"; "slices"; "strings"; "time"; "sync"; "sync/atomic"; "maps"; "errors")
var _ io.Reader = strings.NewReader("")
var _ io.Writer = os.Stdout
var _ = bufio.NewReader(os.Stdin)
var _ context.Context = (&http.Request{}).Context()
var _ http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, r.URL.Path, time.Now()) })
var _ iter.Seq[string] = strings.SplitSeq("a b", " ")
func f(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }
var p atomic.Pointer[sync.Mutex]
var once = sync.OnceValue(func() int { return 1 })
func g(err error) bool { e, ok := errors.AsType[*os.PathError](err); return ok && e.Path == "" }
`
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	config := types.Config{Importer: Importer(fset)}
	if _, err := config.Check("p", fset, []*ast.File{f}, nil); err != nil {
		t.Fatal(err)
	}
}

func TestImporterIsSafeForConcurrentUse(t *testing.T) {
	imp := Importer(token.NewFileSet())
	var wg sync.WaitGroup
	seen := make([]*types.Package, 16)
	for i := range seen {
		wg.Go(func() {
			for _, path := range []string{"fmt", "net/http", "os", "time"} {
				p, err := imp.Import(path)
				if err != nil {
					t.Error(err)
				}
				if path == "time" {
					seen[i] = p
				}
			}
		})
	}
	wg.Wait()
	for _, p := range seen {
		if p != seen[0] {
			t.Fatal("two objects for one package")
		}
	}
}

func TestDocumentationIsFound(t *testing.T) {
	for _, c := range []struct{ path, name, want string }{
		{"strings", "", "manipulate UTF-8 encoded strings"},
		{"strings", "Builder", "type Builder struct"},
		{"strings", "Builder.WriteRune", "func (b *Builder) WriteRune(r rune) (int, error)\n\nWriteRune appends"},
		{"fmt", "Stringer.String", "func String() string"},
		{"net/http", "Server.Addr", "field Addr string\n\nAddr optionally specifies"},
		{"time", "Second", "const Second Duration = 1000000000"},
		{"io", "EOF", "var EOF error\n\nEOF is the error returned by Read"},
		{"slices", "Sort", "func Sort[S ~[]E, E cmp.Ordered](x S)"},
		{"time", "NewTimer", "func NewTimer(d Duration) *Timer"},
	} {
		text, ok := Doc(c.path, c.name)
		if !ok || !strings.Contains(text, c.want) {
			t.Errorf("Doc(%q, %q) = %q, %v; want it to contain %q", c.path, c.name, text, ok, c.want)
		}
	}
	if _, ok := Doc("strings", "Nothing"); ok {
		t.Error("documentation of a name that is not there")
	}
}

// The source of every generic package checks with nothing but what is embedded.
func TestGenericSourceChecks(t *testing.T) {
	for _, path := range []string{"slices", "maps", "cmp", "iter", "sync", "sync/atomic", "errors", "math/rand/v2"} {
		files := Source(path)
		if len(files) == 0 {
			t.Errorf("no source of %s", path)
			continue
		}
		fset := token.NewFileSet()
		var parsed []*ast.File
		for name, text := range files {
			f, err := parser.ParseFile(fset, name, text, 0)
			if err != nil {
				t.Fatal(err)
			}
			parsed = append(parsed, f)
		}
		config := types.Config{Importer: Importer(fset)}
		if _, err := config.Check(path, fset, parsed, nil); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if Source("strings") != nil {
		t.Error("strings has no generic names, but there is source of it")
	}
	if !strings.Contains(Licence(), "The Go Authors") {
		t.Error("licence of the source is missing")
	}
}

func TestNamesLeadToPackages(t *testing.T) {
	for name, want := range map[string]string{"rand": "math/rand", "template": "text/template", "json": "encoding/json", "http": "net/http", "display": "netsplit/runtime/display"} {
		if got := Named(name); len(got) == 0 || got[0] != want {
			t.Errorf("Named(%q) = %v, want %s first", name, got, want)
		}
	}
	loaded := Preloaded()
	for _, name := range []string{"display", "sim", "trace"} {
		if loaded[name] != "netsplit/runtime/"+name {
			t.Errorf("%s is not preloaded: %v", name, loaded)
		}
	}
	for _, name := range []string{"host", "picture"} {
		if _, ok := loaded[name]; ok {
			t.Errorf("%s is preloaded, but serves packages, not cells", name)
		}
	}
}

func TestDataIsUpToDate(t *testing.T) {
	for part, command := range map[string]string{
		"runtime": "go run ./kernel/symbols/gen -only runtime",
		"std":     "go generate ./kernel/symbols",
	} {
		cmd := exec.Command("go", "run", "./gen", "-check", "-only", part)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("run: %s\n%s", command, out)
		}
	}
}

func BenchmarkImport(b *testing.B) {
	for _, path := range []string{"fmt", "net/http"} {
		b.Run(path, func(b *testing.B) {
			for range b.N {
				if _, err := Importer(token.NewFileSet()).Import(path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
