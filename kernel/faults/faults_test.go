package faults

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// folders are where the tests of the table are, by the name that it calls them by.
var folders = map[string]string{
	"": ".", "wire": "../wire", "zmq": "../zmq", "zmqtest": "../zmq/zmqtest", "session": "../session", "supervisor": "../supervisor",
	"worker": "../worker", "walls": "../worker/walls", "cell": "../cell", "netsplit": "../cmd/netsplit", "pipe": "../pipe",
}

// TestTheTableIsTrue: the table in the package comment has all thirty faults, and the
// tests that it names exist.
func TestTheTableIsTrue(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "faults.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(file.Doc.Text(), "# Fault tests\n")
	if !found {
		t.Fatal("the package comment has no section Fault tests")
	}
	table, _, _ := strings.Cut(text, "\nBeside them")
	rows := regexp.MustCompile(`(?m)^\t ?(\d+) (.*)((?:\n\t {10,}.*)*)`).FindAllStringSubmatch(table, -1)
	if len(rows) != 30 {
		t.Errorf("the table has %d rows, want 30", len(rows))
	}
	exist := map[string]map[string]bool{}
	name := regexp.MustCompile(`(?:(\w+)\.)?\b(Test\w+)`)
	for i, row := range rows {
		if row[1] != strconv.Itoa(i+1) {
			t.Errorf("row %d has number %s", i+1, row[1])
		}
		if !name.MatchString(row[3]) {
			t.Errorf("row %s names no test", row[1])
		}
	}
	for _, m := range name.FindAllStringSubmatch(text, -1) {
		folder, known := folders[m[1]]
		if !known {
			t.Errorf("%s: package %s is not known here; add it to folders", m[0], m[1])
			continue
		}
		if exist[folder] == nil {
			exist[folder] = testsIn(t, folder)
		}
		if !exist[folder][m[2]] {
			t.Errorf("the package comment names %s, which does not exist", m[0])
		}
	}
}

func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	paths, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s has no tests: %v", folder, err)
	}
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}
