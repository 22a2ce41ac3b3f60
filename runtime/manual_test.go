package manual

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Tests of the documentation of all packages of the runtime. They read the source, as
// go doc does.

// library lists the folders of the runtime's packages.
func library(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, e := range entries {
		if files, _ := filepath.Glob(filepath.Join(e.Name(), "*.go")); e.IsDir() && len(files) > 0 {
			folders = append(folders, e.Name())
		}
	}
	return folders
}

// read is the documentation of a package, with its examples.
func read(t *testing.T, folder string) *doc.Package {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	names, _ := filepath.Glob(filepath.Join(folder, "*.go"))
	for _, name := range names {
		if ok, err := build.Default.MatchFile(folder, filepath.Base(name)); err != nil || !ok {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	p, err := doc.NewFromFiles(fset, files, "netsplit/runtime/"+folder)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEveryPackageHasAManual wants a package comment of more than a sentence.
func TestEveryPackageHasAManual(t *testing.T) {
	for _, folder := range library(t) {
		p := read(t, folder)
		if words := len(strings.Fields(p.Doc)); words < 80 {
			t.Errorf("runtime/%s: its package comment has %d words; a manual tells the idea, the terms, the rules, an example, and what the package does not do", folder, words)
		}
	}
}

// TestEveryTypeOfTheEngineHasAnExample wants, for each exported type of the engine's
// packages, an example with output: of the type itself or of one of its methods or
// constructors.
func TestEveryTypeOfTheEngineHasAnExample(t *testing.T) {
	for _, folder := range engine {
		p := read(t, folder)
		shows := func(examples []*doc.Example) bool {
			for _, e := range examples {
				if e.Output != "" || e.EmptyOutput {
					return true
				}
			}
			return false
		}
		for _, typ := range p.Types {
			found := shows(typ.Examples)
			for _, f := range append(append([]*doc.Func{}, typ.Funcs...), typ.Methods...) {
				found = found || shows(f.Examples)
			}
			if !found {
				t.Errorf("runtime/%s: type %s has no example; write func Example%s() with an // Output: comment", folder, typ.Name, typ.Name)
			}
		}
	}
}

// TestEveryPackageHasAnExample wants an example with output in every package: a small
// whole program to start from.
func TestEveryPackageHasAnExample(t *testing.T) {
	for _, folder := range library(t) {
		p := read(t, folder)
		found := false
		listen := func(examples []*doc.Example) {
			for _, e := range examples {
				found = found || e.Output != "" || e.EmptyOutput
			}
		}
		listen(p.Examples)
		for _, f := range p.Funcs {
			listen(f.Examples)
		}
		for _, typ := range p.Types {
			listen(typ.Examples)
			for _, f := range append(append([]*doc.Func{}, typ.Funcs...), typ.Methods...) {
				listen(f.Examples)
			}
		}
		if !found {
			t.Errorf("runtime/%s: it has no example; write func Example() with an // Output: comment, in package %s_test", folder, folder)
		}
	}
}

// ordinary are types of package sim whose names mean what they mean everywhere.
var ordinary = map[string]bool{
	"Option": true, "Distribution": true, "Rand": true, "Disk": true, "Timer": true, "Mutex": true, "Semaphore": true, "WaitGroup": true,
	"Future": true, "Queue": true, "Work": true, "TimeReading": true, "Shape": true, "Full": true, "NoReply": true, "DeadlineExceeded": true,
}

// otherWords are words that mean what a word of the glossary means. The manuals of the
// engine use the glossary's: one concept, one word.
var otherWords = map[string]string{
	"packet": "message", "packets": "messages", "frame": "message", "actor": "node", "peer": "node", "vm": "node", "simulator": "world",
	"thread": "process", "threads": "processes", "fiber": "process", "channel": "link", "invariant": "promise", "assertion": "promise",
	"outage": "fault", "partitioning": "partition", "logs": "traces",
}

// TestTheGlossaryHasOneWordForEachConcept reads the table under "Words" in the comment of
// package sim: no word twice, a word for each type that is a concept of the engine, and
// no other word for the same in the manuals.
func TestTheGlossaryHasOneWordForEachConcept(t *testing.T) {
	p := read(t, "sim")
	_, table, _ := strings.Cut(p.Doc, "# Words")
	table, _, _ = strings.Cut(table, "\n#")
	words := map[string]bool{}
	for _, line := range strings.Split(table, "\n") {
		if !strings.HasPrefix(line, "\t") {
			continue
		}
		word := strings.Fields(line)[0]
		if words[word] {
			t.Errorf("the glossary of runtime/sim has %q twice", word)
		}
		words[word] = true
	}
	if len(words) < 15 {
		t.Fatalf("the glossary of runtime/sim has %d words: is it still a table under \"# Words\"?", len(words))
	}
	for _, typ := range p.Types {
		if !ordinary[typ.Name] && !words[strings.ToLower(typ.Name)] {
			t.Errorf("the glossary of runtime/sim has no word for the type %s", typ.Name)
		}
	}
	for _, folder := range []string{"sim", "load", "measure"} {
		for _, word := range strings.FieldsFunc(strings.ToLower(read(t, folder).Doc), func(r rune) bool { return r < 'a' || r > 'z' }) {
			if better := otherWords[word]; better != "" {
				t.Errorf("the comment of runtime/%s says %q: the glossary's word is %q", folder, word, better)
			}
		}
	}
}

// TestTheManualListsEveryFault wants each verb of a world that makes a fault in the
// table of package sim's comment.
func TestTheManualListsEveryFault(t *testing.T) {
	p := read(t, "sim")
	for _, typ := range p.Types {
		if typ.Name != "World" {
			continue
		}
		for _, m := range typ.Methods {
			results := m.Decl.Type.Results
			if results == nil || len(results.List) != 1 {
				continue
			}
			if star, ok := results.List[0].Type.(*ast.StarExpr); ok && fmt.Sprint(star.X) == "Fault" && !strings.Contains(p.Doc, m.Name) {
				t.Errorf("the package comment of runtime/sim does not mention the fault %s: add it to the table under Faults", m.Name)
			}
		}
	}
}

// TestEveryNameIsDocumented wants a comment at each exported name.
func TestEveryNameIsDocumented(t *testing.T) {
	for _, folder := range library(t) {
		p := read(t, folder)
		missing := func(name, text string) {
			if strings.TrimSpace(text) == "" {
				t.Errorf("runtime/%s: %s has no comment", folder, name)
			}
		}
		for _, f := range p.Funcs {
			missing(f.Name, f.Doc)
		}
		for _, typ := range p.Types {
			missing(typ.Name, typ.Doc)
			for _, f := range typ.Funcs {
				missing(f.Name, f.Doc)
			}
			for _, m := range typ.Methods {
				if m.Name != "String" && m.Name != "Error" && m.Name != "MimeBundle" {
					missing(typ.Name+"."+m.Name, m.Doc)
				}
			}
		}
	}
}
