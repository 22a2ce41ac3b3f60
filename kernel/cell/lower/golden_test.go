package lower_test

import (
	"encoding/json"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"netsplit/kernel/cell"
)

// programs are the Go programs of testdata: NAME.go is what a learner writes,
// NAME.golden what it becomes, NAME.out what it prints.
func programs(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata: no programs (%v)", err)
	}
	sort.Strings(files)
	return files
}

// lowered is the text that a program becomes as the cell with this number.
func lowered(t *testing.T, s *cell.Session, number int, file string) (texts []string, entry string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if number > 1 { // a second main would be what the first one goes on in
		text = strings.Replace(text, "package main\n", "", 1)
		text = strings.Replace(text, "\nfunc main() {", fmt.Sprintf("\nfunc run%d() {", number), 1) + fmt.Sprintf("\nrun%d()\n", number)
	}
	p, err := s.Prepare(number, "", text)
	if err != nil {
		t.Fatalf("%s is refused: %v", file, err)
	}
	s.Commit(p)
	if len(p.Entry) != 1 {
		t.Fatalf("%s has the entries %v; want one", file, p.Entry)
	}
	return p.Define, p.Entry[0]
}

func name(file string) string { return strings.TrimSuffix(file, ".go") }

func update() bool { return os.Getenv("UPDATE_GOLDEN") != "" }

func TestLoweringsReadAsTheirGoldenFiles(t *testing.T) {
	for _, file := range programs(t) {
		texts, _ := lowered(t, cell.New(), 1, file)
		var got []byte
		for i, text := range texts {
			formatted, err := format.Source([]byte(text))
			if err != nil {
				t.Errorf("%s: the lowered text does not parse: %v\n%s", file, err, text)
			}
			got = append(got, fmt.Sprintf("// Text %d.\n\n%s\n", i+1, strings.TrimSpace(string(formatted)))...)
		}
		golden := name(file) + ".golden"
		if update() {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is lowered otherwise than %s says: %s\nrepair: UPDATE_GOLDEN=1 go test ./kernel/cell/lower, then read the difference",
				file, golden, firstDifference(string(got), string(want)))
		}
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		a, b := "(end)", "(end)"
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d is %q, was %q", i+1, a, b)
		}
	}
	return "no difference"
}

// The lowered text is legal Go against package rt. Original and lowered programs
// are compiled with the Go tool, each kind as one program, and must print the
// same; package worker has the third way, the interpreter.
func TestOriginalAndLoweredProgramsPrintTheSameWhenCompiled(t *testing.T) {
	files := programs(t)
	original := runOriginals(t, files)
	compiled := runLowered(t, files)
	for i, file := range files {
		if original[i] != compiled[i] {
			t.Errorf("%s: lowered it prints otherwise than compiled: %s", file, firstDifference(compiled[i], original[i]))
		}
		out := name(file) + ".out"
		if update() {
			if err := os.WriteFile(out, []byte(original[i]), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if original[i] != string(want) {
			t.Errorf("%s prints otherwise than %s: %s\nrepair: UPDATE_GOLDEN=1 go test ./kernel/cell/lower", file, out, firstDifference(original[i], string(want)))
		}
	}
}

const separator = "\x00next\n"

// runOriginals compiles all programs, as packages of one.
func runOriginals(t *testing.T, files []string) []string {
	sources := map[string]string{}
	var imports, calls strings.Builder
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := regexp.MustCompile(`(?m)^package main$`).ReplaceAllString(string(text), fmt.Sprintf("package p%d", i))
		s = strings.Replace(s, "\nfunc main() {", "\nfunc Main() {", 1)
		// The learner's types belong to package main.
		sources[fmt.Sprintf("threeway/p%d/p.go", i)] = s
		fmt.Fprintf(&imports, "import p%d %q\n", i, fmt.Sprintf("netsplit/threeway/p%d", i))
		fmt.Fprintf(&calls, "\tp%d.Main()\n\tprint2(%q)\n", i, separator)
	}
	sources["threeway/main.go"] = "package main\n\nimport \"fmt\"\n" + imports.String() + "\nfunc print2(s string) { fmt.Print(s) }\n\nfunc main() {\n" + calls.String() + "}\n"
	out := build(t, sources)
	list := strings.Split(out, separator)[:len(files)]
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], fmt.Sprintf("p%d.", i), "main.")
	}
	return list
}

// runLowered compiles all lowered programs, the cells of one session.
func runLowered(t *testing.T, files []string) []string {
	s := cell.New()
	imports := map[string]bool{`import rt "netsplit/kernel/rt"`: true, `import _ "netsplit/kernel/rt/wrappers"`: true}
	var body, calls strings.Builder
	for i, file := range files {
		texts, entry := lowered(t, s, i+1, file)
		for _, text := range texts {
			for _, line := range strings.Split(text, "\n") {
				if strings.HasPrefix(line, "import ") {
					imports[line] = true
				} else {
					body.WriteString(line + "\n")
				}
			}
		}
		fmt.Fprintf(&calls, "\tif _, f := rt.Run(%d, %s); f != nil {\n\t\tfmt.Println(f.Name, f.Text)\n\t}\n\tfmt.Print(%q)\n", i+1, entry, separator)
	}
	var head []string
	for line := range imports {
		head = append(head, line)
	}
	sort.Strings(head)
	text := "package main\n\nimport \"fmt\"\n" + strings.Join(head, "\n") + "\n\n" + body.String() + "\nfunc main() {\n" + calls.String() + "}\n"
	return strings.Split(build(t, map[string]string{"threeway/main.go": text}), separator)[:len(files)]
}

// build compiles a program of files that stand in the module only by an overlay,
// runs it and returns what it prints.
func build(t *testing.T, sources map[string]string) string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	n := 0
	for path, text := range sources {
		n++
		file := filepath.Join(dir, fmt.Sprintf("f%d.go", n))
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(root, path)] = file
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlayFile := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o644); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "program")
	cmd := exec.Command("go", "build", "-overlay", overlayFile, "-o", bin, "./threeway")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		kept := filepath.Join(os.TempDir(), "netsplit-threeway.go")
		os.WriteFile(kept, []byte(sources["threeway/main.go"]), 0o644)
		t.Fatalf("go build: %v\n%s(the text is in %s)", err, out, kept)
	}
	out, err := exec.Command(bin).Output()
	if err != nil {
		t.Fatalf("the compiled programs: %v\n%s", err, out)
	}
	return string(out)
}
