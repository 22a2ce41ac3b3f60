package battery

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"netsplit/kernel/cell"
	"netsplit/kernel/symbols"
)

// Everything that is handed to the interpreter must be of the core subset, which it
// executes exactly, and legal Go. There is no other path to it.
func TestLoweredTextIsOfTheCoreSubset(t *testing.T) {
	name := regexp.MustCompile(*only)
	known := knownFailures(t, "testdata/known-failures.txt")
	check := func(t *testing.T, name string, cells []string) {
		s := cell.New()
		var texts []string
		for i, text := range cells {
			p, err := s.Prepare(i+1, "", timeout.ReplaceAllString(text, ""))
			if err != nil {
				continue // whether it may be refused is tested elsewhere
			}
			texts = append(texts, p.Define...)
			s.Commit(p)
		}
		for _, problem := range notCore(writtenOut(texts)) {
			if why, listed := known[name]; listed {
				t.Logf("known to fail: %s\n%s", why, problem)
				continue
			}
			t.Error(problem)
		}
	}
	for _, c := range readCases(t, "../cell/testdata/cells/*.txt") {
		if name.MatchString(c.name) {
			t.Run(c.name, func(t *testing.T) { check(t, c.name, c.cells) })
		}
	}
	root := goTests(t)
	if root == "" {
		return
	}
	for _, program := range goPrograms(t) {
		if !name.MatchString(program) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, program))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(program, func(t *testing.T) { check(t, program, []string{string(text)}) })
	}
}

// The importer is shared: decoding the packages is most of the work.
var (
	coreSet      = token.NewFileSet()
	coreImporter = symbols.Importer(coreSet)
)

// notCore finds what texts hold that is never emitted, and what the compiler refuses.
func notCore(texts []string) []string {
	var problems []string
	var files []*ast.File
	for i, text := range texts {
		f, err := parser.ParseFile(coreSet, fmt.Sprintf("text %d", i), "package main\n"+text, parser.SkipObjectResolution)
		if err != nil {
			return []string{fmt.Sprintf("it does not parse: %v\n%s", err, text)}
		}
		files = append(files, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: coreImporter, DisableUnusedImportCheck: true, Error: func(err error) {
		// A type that a package gives away without exporting it, as that of
		// binary.LittleEndian, has a name in the worker only.
		if e := err.(types.Error); !e.Soft && !strings.Contains(e.Msg, " not exported by package ") {
			problems = append(problems, "the compiler refuses it: "+err.Error()+"\n"+lineOf(texts, coreSet.Position(e.Pos)))
		}
	}}
	pkg := types.NewPackage("main", "main")
	types.NewChecker(&conf, coreSet, pkg, info).Files(files)
	for _, f := range files {
		for _, found := range banned(f, info) {
			at := coreSet.Position(found.node.Pos())
			problems = append(problems, found.what+" is never emitted, but is here:\n"+lineOf(texts, at))
		}
	}
	if len(problems) > 5 {
		problems = append(problems[:5], fmt.Sprintf("and %d more", len(problems)-5))
	}
	return problems
}

func lineOf(texts []string, at token.Position) string {
	var i int
	if _, err := fmt.Sscanf(at.Filename, "text %d", &i); err == nil && i < len(texts) {
		if lines := strings.Split("package main\n"+texts[i], "\n"); at.Line-1 < len(lines) {
			return lines[at.Line-1]
		}
	}
	return at.String()
}

type finding struct {
	node ast.Node
	what string
}

// banned finds what the list in go-cells, "Never emitted", has.
func banned(f *ast.File, info *types.Info) []finding {
	var out []finding
	add := func(n ast.Node, what string) { out = append(out, finding{n, what}) }
	for _, d := range f.Decls {
		fd, ok := d.(*ast.FuncDecl)
		if ok && fd.Recv != nil {
			add(fd, "a method")
		}
		if ok && fd.Type.TypeParams != nil {
			add(fd, "a type parameter")
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			if _, ok := n.Type.(*ast.StructType); !ok {
				add(n, "a type that is no struct")
			}
			if n.TypeParams != nil {
				add(n, "a type parameter")
			}
		case *ast.StructType:
			for _, field := range n.Fields.List {
				if len(field.Names) == 0 {
					add(field, "an embedded field")
				}
			}
		case *ast.InterfaceType:
			if n.Methods.NumFields() > 0 {
				add(n, "an interface")
			}
		case *ast.FuncType:
			if n.Results != nil {
				for _, r := range n.Results.List {
					if len(r.Names) > 0 {
						add(r, "a named result")
					}
				}
			}
		case *ast.Ident:
			if n.Name == "iota" {
				add(n, "iota")
			}
		case *ast.AssignStmt:
			if len(n.Lhs) > 1 && len(n.Rhs) > 1 {
				add(n, "a tuple assignment")
			}
		case *ast.DeferStmt:
			add(n, "defer")
		case *ast.GoStmt:
			add(n, "go")
		case *ast.SendStmt:
			add(n, "a send")
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				add(n, "a receive")
			}
		case *ast.SelectStmt:
			add(n, "select")
		case *ast.TypeSwitchStmt:
			add(n, "a type switch")
		case *ast.RangeStmt:
			switch info.TypeOf(n.X).Underlying().(type) {
			case *types.Chan:
				add(n, "range over a channel")
			case *types.Signature:
				add(n, "range over a function")
			case *types.Basic:
				if b := info.TypeOf(n.X).Underlying().(*types.Basic); b.Info()&types.IsInteger != 0 {
					add(n, "range over an integer")
				}
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "panic" || id.Name == "recover") {
				add(n, id.Name)
			}
		}
		return true
	})
	return out
}
