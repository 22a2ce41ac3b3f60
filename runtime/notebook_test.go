package manual

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"sort"
	"strings"
	"testing"
)

// engine are the packages whose whole API is called in testdata/api.ipynb.
var engine = []string{"sim", "trace", "load", "measure", "picture", "display", "host"}

// notForCells lists what no cell calls, with the reason.
var notForCells = map[string]string{
	"host.Install":            "the worker installs its host once, before any cell runs",
	"host.Become":             "a world calls it when it resumes a process of another cell",
	"host.Stop":               "it ends the goroutine that calls it",
	"host.Clear":              "display.Clear is its name for cells",
	"host.Input":              "nobody answers when a notebook runs without a learner",
	"host.Unwind.Error":       "a cell never sees the panic with which a process ends",
	"trace.Log.GivesUp":       "a world says which call ends without a reply",
	"trace.Message.CausedBy":  "a world says what it sends because of what",
	"trace.Message.Form":      "a world makes messages of a known shape",
	"trace.Message.Set":       "a message does not change once it is sent",
	"trace.Message.SetNumber": "a world fills the messages that it makes",
	"trace.Message.Shape":     "a world keeps shapes to make messages fast",
	"trace.Beyond":            "the layout of messages",
	"trace.Log.Weigh":         "a world says what sim.Bytes said",
}

// TestNotebookCallsTheWholeAPI compares what the cells of testdata/api.ipynb call with
// what the packages export: a new function without a use fails. install/test notebooks
// runs the notebook through the installed kernel.
func TestNotebookCallsTheWholeAPI(t *testing.T) {
	cells := codeCells(t, "testdata/api.ipynb")
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "api.ipynb", program(t, cells), parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	find := packages(t)
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", find), Error: func(err error) {
		if text := err.Error(); !strings.Contains(text, "declared and not used") && !strings.Contains(text, "is not used") && !strings.Contains(text, "imported and not used") {
			t.Errorf("a cell does not compile: %v", err)
		}
	}}
	pkg, _ := config.Check("cells", fset, []*ast.File{file}, info)
	used := map[string]bool{}
	for _, object := range info.Uses {
		used[nameOf(object)] = true
	}
	imported := map[string]*types.Package{}
	for _, p := range pkg.Imports() {
		imported[p.Path()] = p
	}
	var missing []string
	for _, short := range engine {
		p := imported["netsplit/runtime/"+short]
		if p == nil {
			t.Errorf("no cell uses package %s", short)
			continue
		}
		for _, name := range callables(p) {
			if _, excused := notForCells[name]; !used[name] && !excused {
				missing = append(missing, name)
			}
		}
	}
	for _, name := range missing {
		t.Errorf("no cell of runtime/testdata/api.ipynb calls %s: add a cell, and its outputs with netsplit run --inplace", name)
	}
	for name := range notForCells {
		if used[name] {
			t.Errorf("%s is called in a cell after all: take it from the list notForCells", name)
		}
	}
}

// codeCells are the texts of a notebook's code cells. All must have been run.
func codeCells(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var notebook struct {
		Cells []struct {
			Type    string   `json:"cell_type"`
			Count   *int     `json:"execution_count"`
			Source  []string `json:"source"`
			Outputs []struct {
				Type  string `json:"output_type"`
				Value string `json:"evalue"`
			} `json:"outputs"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(data, &notebook); err != nil {
		t.Fatal(err)
	}
	var cells []string
	for i, c := range notebook.Cells {
		if c.Type != "code" {
			continue
		}
		cells = append(cells, strings.Join(c.Source, ""))
		if c.Count == nil {
			t.Errorf("cell %d of %s was not run: netsplit run --inplace runtime/%s", i+1, path, path)
		}
		for _, o := range c.Outputs {
			if o.Type == "error" {
				t.Errorf("cell %d of %s failed: %s", i+1, path, o.Value)
			}
		}
	}
	return cells
}

// program makes one file of cells: declarations stand at the top, the statements of
// each cell in a block inside that of the cell before.
func program(t *testing.T, cells []string) string {
	t.Helper()
	var imports, declarations, statements strings.Builder
	paths := map[string]bool{}
	for i, cell := range cells {
		statements.WriteString("{\n")
		for _, part := range parts(cell) {
			switch part.kind {
			case token.IMPORT:
				imports.WriteString(part.text + "\n")
			case token.FUNC, token.TYPE, token.CONST:
				declarations.WriteString(part.text + "\n")
			default:
				fmt.Fprintf(&statements, "//line cell_%d:1\n%s\n", i+1, part.text)
			}
		}
	}
	statements.WriteString(strings.Repeat("}\n", len(cells)))
	for _, name := range engine { // preloaded packages need no import in a cell
		path := `"netsplit/runtime/` + name + `"`
		if !strings.Contains(imports.String(), path) && !paths[path] {
			imports.WriteString("import " + path + "\n")
		}
	}
	return "package cells\n" + imports.String() + declarations.String() + "func main() {\n" + statements.String() + "}\n"
}

type part struct {
	kind token.Token // of a declaration; ILLEGAL for a statement
	text string
}

// parts splits a cell into declarations and statements.
func parts(cell string) []part {
	fset := token.NewFileSet()
	file := fset.AddFile("cell", -1, len(cell))
	var s scanner.Scanner
	s.Init(file, []byte(cell), nil, 0)
	var list []part
	var tokens []token.Token
	start, depth := -1, 0
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return list
		}
		at := file.Offset(pos)
		switch tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		}
		if tok != token.SEMICOLON || depth > 0 {
			if start < 0 {
				start = at
			}
			tokens = append(tokens, tok)
			continue
		}
		if start >= 0 {
			end := at
			if text == ";" {
				end++
			}
			list = append(list, part{kindOf(tokens), cell[start:end]})
		}
		start, tokens = -1, nil
	}
}

func kindOf(tokens []token.Token) token.Token {
	switch tokens[0] {
	case token.IMPORT, token.TYPE, token.CONST:
		return tokens[0]
	case token.FUNC:
		if len(tokens) > 1 && tokens[1] == token.IDENT {
			return token.FUNC
		}
		depth := 0 // func (r T) Name(…) is a method, func(…) {…}() a statement
		for i, tok := range tokens {
			switch tok {
			case token.LPAREN:
				depth++
			case token.RPAREN:
				if depth--; depth == 0 && i+2 < len(tokens) && tokens[i+1] == token.IDENT && tokens[i+2] == token.LPAREN {
					return token.FUNC
				}
			}
			if depth == 0 && tok == token.RPAREN {
				break
			}
		}
	}
	return token.ILLEGAL
}

// packages finds the export data of the packages that cells import.
func packages(t *testing.T) func(path string) (io.ReadCloser, error) {
	t.Helper()
	arguments := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "errors", "fmt", "image", "strings", "time", "netsplit/runtime/lab", "netsplit/runtime/grade"}
	for _, name := range engine {
		arguments = append(arguments, "netsplit/runtime/"+name)
	}
	command := exec.Command("go", arguments...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, complaint.String())
	}
	files := map[string]string{}
	for _, line := range strings.Split(string(out), "\n") {
		if path, file, ok := strings.Cut(line, " "); ok {
			files[path] = file
		}
	}
	return func(path string) (io.ReadCloser, error) {
		if files[path] == "" {
			return nil, fmt.Errorf("no export data of %s: name it in packages", path)
		}
		return os.Open(files[path])
	}
}

// nameOf is package.Function or package.Type.Method.
func nameOf(object types.Object) string {
	if object.Pkg() == nil {
		return object.Name()
	}
	name := object.Pkg().Name() + "."
	if f, ok := object.(*types.Func); ok {
		if receiver := f.Type().(*types.Signature).Recv(); receiver != nil {
			typ := receiver.Type()
			if p, ok := typ.(*types.Pointer); ok {
				typ = p.Elem()
			}
			if named, ok := typ.(*types.Named); ok {
				name += named.Obj().Name() + "."
			}
		}
	}
	return name + object.Name()
}

// callables are the exported functions and methods of a package.
func callables(p *types.Package) []string {
	var names []string
	for _, name := range p.Scope().Names() {
		object := p.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		switch o := object.(type) {
		case *types.Func:
			names = append(names, nameOf(o))
		case *types.TypeName:
			named, ok := o.Type().(*types.Named)
			if !ok || types.IsInterface(named) {
				continue
			}
			for i := range named.NumMethods() {
				if m := named.Method(i); m.Exported() {
					names = append(names, nameOf(m))
				}
			}
		}
	}
	sort.Strings(names)
	return names
}
