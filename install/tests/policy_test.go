// Package tests holds what install/test runs beside the tests of the packages:
// scripts that drive the installed kernel through Jupyter's own clients, and here
// the rules about the repository itself. A failure names the file, the line and
// what to write instead.
package tests

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// files are the text files of the repository that people write: committed, or
// about to be.
func files(t *testing.T) []string {
	command := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard")
	command.Dir = root
	text, err := command.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	var names []string
	for name := range strings.Lines(string(text)) {
		name = strings.TrimSpace(name)
		if written(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) < 20 {
		t.Fatalf("git ls-files found %d files only", len(names))
	}
	return slices.Compact(names)
}

// written tells whether people wrote a file, by its name and its first lines.
func written(name string) bool {
	for _, part := range strings.Split(filepath.Dir(name), "/") {
		if part == "testdata" || part == "data" {
			return false
		}
	}
	switch filepath.Ext(name) {
	case ".go", ".md", ".py", ".mjs", ".bash", ".ipynb", ".in", ".json", ".svg", "":
	default:
		return false
	}
	if name == "LICENSE" || strings.HasSuffix(name, "package-lock.json") {
		return false
	}
	text, err := os.ReadFile(filepath.Join(root, name))
	return err == nil && !bytes.Contains(text[:min(len(text), 500)], []byte("DO NOT EDIT")) && !bytes.Contains(text[:min(len(text), 500)], []byte{0})
}

func read(t *testing.T, name string) string {
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The words are cut in two, so that this file does not hold them. The second rule lets
// a loop have a variable of that name.
var forbidden = []struct{ pattern, instead string }{
	{`\bTO` + `DO\b|\bFIX` + `ME\b|\bXX` + `X\b|\bHA` + `CK\b`, "do it, or say in the package comment what is missing and why"},
	{`(?i)\bfor` + ` now\b(?:$|[^\s,]|\s+[^:\s]|,\s+\w+(?:$|[^\s\w]|\s[^:\s]))`, "say what holds, and when it changes"},
	{`(?i)\bnot (yet )?imple` + `mented\b`, "implement it, or refuse it by name and say what to do instead"},
	{`\bt\.Sk` + `ip|\bSkip` + `Now\(|unittest\.skip`, "a test that does not run proves nothing: set up what it needs in install/test"},
	{`\.\./sha` + `red`, "the repository stands alone: copy what it needs into it"},
	{`(^|[\s"'(=:])/(wo` + `rk|ro` + `ot|home)/`, "a path of one machine means nothing on another"},
}

func TestForbiddenWords(t *testing.T) {
	texts := map[string]string{}
	for _, name := range files(t) {
		texts[name] = read(t, name)
	}
	for _, rule := range forbidden {
		pattern := regexp.MustCompile("(?m)" + rule.pattern)
		for name, text := range texts {
			for _, at := range pattern.FindAllStringIndex(text, -1) {
				t.Errorf("%s:%d: %q: %s", name, 1+strings.Count(text[:at[0]], "\n"), strings.TrimSpace(text[at[0]:at[1]]), rule.instead)
			}
		}
	}
}

var (
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	source = regexp.MustCompile(`\b(?:src|href)="([^"]+)"`)
	quoted = regexp.MustCompile("`([^`\n]+)`")
	fence  = regexp.MustCompile("(?ms)^```.*?^```")
	title  = regexp.MustCompile(`(?m)^#+ +(.*?)\s*$`)
)

func TestLinksInMarkdownLeadSomewhere(t *testing.T) {
	for _, name := range files(t) {
		if filepath.Ext(name) != ".md" {
			continue
		}
		text := fence.ReplaceAllString(read(t, name), "")
		for _, found := range append(link.FindAllStringSubmatch(text, -1), source.FindAllStringSubmatch(text, -1)...) {
			target := found[1]
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file, anchor, _ := strings.Cut(target, "#")
			there := name
			if file != "" {
				there = filepath.Join(filepath.Dir(name), file)
			}
			info, err := os.Stat(filepath.Join(root, there))
			if err != nil {
				t.Errorf("%s: the link %s leads nowhere", name, target)
				continue
			}
			if anchor != "" && !info.IsDir() && !slices.Contains(anchors(read(t, there)), anchor) {
				t.Errorf("%s: %s has no heading for the link %s", name, there, target)
			}
		}
	}
}

// anchors are the names that GitHub gives to the headings of a page.
func anchors(text string) []string {
	var names []string
	for _, found := range title.FindAllStringSubmatch(text, -1) {
		name := strings.ToLower(found[1])
		name = regexp.MustCompile(`[^\pL\pN _-]`).ReplaceAllString(name, "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

// TestPathsInTheREADMEExist looks at quoted text and at commands that begin with
// one of the folders of the repository.
func TestPathsInTheREADMEExist(t *testing.T) {
	path := regexp.MustCompile(`(?:^|[\s("'])((?:install|kernel|runtime|notebooks|\.ci)/[\w./-]*\w)`)
	template := regexp.MustCompile(`(?:^|[/.-])(?:[A-Z]+)(?:$|[/.-])`) // sprint-N/N.M-word.ipynb stands for every lesson
	for _, name := range files(t) {
		if filepath.Ext(name) != ".md" {
			continue
		}
		text := read(t, name)
		var pieces []string
		for _, found := range quoted.FindAllStringSubmatch(text, -1) {
			pieces = append(pieces, found[1])
		}
		pieces = append(pieces, fence.FindAllString(text, -1)...)
		for _, piece := range pieces {
			for _, found := range path.FindAllStringSubmatch(piece, -1) {
				if template.MatchString(strings.TrimSuffix(found[1], "README.md")) {
					continue
				}
				if _, err := os.Stat(filepath.Join(root, found[1])); err != nil {
					t.Errorf("%s names %s, which does not exist", name, found[1])
				}
			}
		}
	}
}

// goFiles are the written Go files below a folder, parsed.
func goFiles(t *testing.T, folder string) (*token.FileSet, map[string]*ast.File) {
	set, all := token.NewFileSet(), map[string]*ast.File{}
	for _, name := range files(t) {
		if !strings.HasPrefix(name, folder) || filepath.Ext(name) != ".go" {
			continue
		}
		file, err := parser.ParseFile(set, filepath.Join(root, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = file
	}
	return set, all
}

func TestEveryPackageHasOneComment(t *testing.T) {
	_, all := goFiles(t, "")
	comments := map[string][]string{}
	for name, file := range all {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		folder := filepath.Dir(name)
		comments[folder] = append(comments[folder], nil...)
		if strings.TrimSpace(file.Doc.Text()) != "" {
			comments[folder] = append(comments[folder], name)
		}
	}
	for folder, names := range comments {
		switch {
		case len(names) == 0:
			t.Errorf("%s has no package comment: it is the package's manual", folder)
		case len(names) > 1:
			t.Errorf("%s has more than one package comment: %s", folder, strings.Join(names, ", "))
		}
	}
}

// banned are calls that would let the machine decide what a run gives. A run of a
// simulated world is its seed: the same seed gives the same bytes everywhere.
var banned = []struct{ path, names, instead string }{
	{"time", "Now Since Until Sleep After Tick AfterFunc NewTimer NewTicker", "virtual time of the world"},
	{"math/rand", "*", "a named stream of the world's seed"},
	{"math/rand/v2", "Int IntN Int64 Int64N Int32 Int32N Uint32 Uint64 Uint64N Float64 Float32 N Perm Shuffle NormFloat64 ExpFloat64", "a named stream of the world's seed"},
}

// wallClock are the packages at the rim that may see the real clock, with the reason.
var wallClock = map[string]string{
	"runtime/host":    "it stands for the machine that runs the code",
	"runtime/display": "the time that remains of a loop is real time; the bar shows it while it runs and never keeps it",
	"runtime/lab":     "the time that remains of a sweep is real time; it is shown while it runs and never kept",
}

func TestTheRuntimeDependsOnNoClockAndNoLuck(t *testing.T) {
	set, all := goFiles(t, "runtime/")
	for name, file := range all {
		if _, rim := wallClock[filepath.Dir(name)]; rim || strings.HasSuffix(name, "_test.go") {
			continue
		}
		imported := map[string]string{}
		for _, spec := range file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			alias := filepath.Base(path)
			if path == "math/rand/v2" {
				alias = "rand"
			}
			if spec.Name != nil {
				alias = spec.Name.Name
			}
			imported[alias] = path
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := selector.X.(*ast.Ident)
			if !ok || x.Obj != nil {
				return true
			}
			for _, rule := range banned {
				if imported[x.Name] == rule.path && (rule.names == "*" || slices.Contains(strings.Fields(rule.names), selector.Sel.Name)) {
					t.Errorf("%s:%d: %s.%s: use %s", name, set.Position(n.Pos()).Line, x.Name, selector.Sel.Name, rule.instead)
				}
			}
			return true
		})
	}
}
