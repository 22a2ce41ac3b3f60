package kernel

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The rules about who may import whom. Each has its reason, which a failure prints:
// to change a rule is to answer the reason.

// mayImport lists, for each package of kernel/, the packages of kernel/ below it.
// A name stands for the package and everything in its folder.
var mayImport = []layer{
	{"cmd", []string{"session", "supervisor", "cell", "worker", "rt", "symbols", "pipe", "wire", "zmq"}, "the binary puts the parts together"},
	{"session", []string{"supervisor", "wire", "zmq"}, "the protocol sees an evaluator and messages, so that it is tested without cells, workers or an interpreter"},
	{"supervisor", []string{"cell", "symbols", "pipe"}, "the supervisor outlives every worker: it holds texts and frames, never values"},
	{"cell", []string{"symbols"}, "the front end is a function from text to text: it neither runs learner code nor knows how that is done"},
	{"worker", []string{"rt", "symbols", "pipe"}, "the worker runs lowered text and knows nothing of cells as the learner wrote them"},
	{"rt", nil, "lowered cells are compiled against rt alone, which makes a second back end cheap"},
	{"symbols", []string{"rt"}, "tables describe packages; they use none but those that they describe"},
	{"pipe", nil, "both processes share the frames, so they may know neither side"},
	{"wire", nil, "messages are plain JSON types, to be read and written without sockets"},
	{"zmq", []string{"wire"}, "sockets carry frames whatever is in them"},
	{"bench", nil, "a benchmark sees the kernel as a client does"},
	{"battery", []string{"cmd", "supervisor", "cell", "worker", "rt", "symbols", "pipe"}, "tests of the front end and the worker together need no sockets"},
	{"faults", []string{"cmd", "session", "supervisor", "worker", "pipe", "wire", "zmq"}, "tests of hostile conditions see the kernel as hostile peers and cells do"},
}

// testsMayImport lists what the tests of a layer may import beyond that.
var testsMayImport = map[string][]string{
	"worker": {"cell"}, // so that the text they run is what cells become
}

// onlyImporters lists third-party modules with the packages that may import them.
var onlyImporters = []struct {
	module    string
	importers []string
	reason    string
}{
	{"github.com/traefik/yaegi", []string{"netsplit/kernel/worker", "netsplit/kernel/symbols"}, "an interpreter is replaced by writing another worker, and nothing else may notice"},
	{"github.com/go-zeromq/zmq4", []string{"netsplit/kernel/zmq"}, "the library is guarded against hostile peers in one place; a second importer would go round the guard"},
	{"golang.org/x/tools/go", []string{"netsplit/kernel/symbols"}, "export data is read and written in one place"},
	{"github.com/HdrHistogram/hdrhistogram-go", []string{"netsplit/runtime/measure"}, "what is measured is said in the words of package measure, whatever counts it"},
	{"github.com/landlock-lsm/go-landlock", []string{"netsplit/kernel/worker/walls"}, "walls cannot be taken down again: only the start of a worker may raise them, and one package says what they are"},
	{"golang.org/x/sys", []string{"netsplit/kernel/worker/walls"}, "the standard library's syscall does elsewhere; what the walls need is not in it"},
	{"gonum.org/v1/plot", []string{"netsplit/runtime", "netsplit/install/kernelspec/draw"}, "pictures are drawn by the runtime, which learners see; the kernel draws nothing"},
}

// neverReaches lists packages that must not depend on a module, not even through others.
var neverReaches = []struct {
	from, module, reason string
}{
	{"netsplit/kernel/session", "github.com/traefik/yaegi", "the protocol must be testable without an interpreter"},
	{"netsplit/kernel/supervisor", "github.com/traefik/yaegi", "what supervises must not run learner code in its own process"},
	{"netsplit/kernel/cell", "github.com/traefik/yaegi", "the front end decides what Go means; the interpreter must not be asked"},
	{"netsplit/kernel/session", "netsplit/runtime", "the kernel process stays small: it starts in milliseconds and holds no values"},
	{"netsplit/kernel/supervisor", "netsplit/runtime", "the kernel process stays small: it starts in milliseconds and holds no values"},
	{"netsplit/kernel/supervisor", "github.com/landlock-lsm/go-landlock", "walls stand around the worker; the kernel process has sockets to serve"},
	{"netsplit/runtime", "netsplit/kernel", "what a cell imports also works in go test and in a plain program, without a kernel"},
	{"netsplit/runtime", "github.com/traefik/yaegi", "the runtime is compiled Go like any other library"},
}

type layer struct {
	name   string
	below  []string
	reason string
}

type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	Deps                               []string
}

// packages are all packages of the module, as the go command sees them.
func packages(t *testing.T) []listed {
	command := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "netsplit/...")
	var complaint bytes.Buffer
	command.Stderr = &complaint
	text, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, complaint.String())
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(text)); d.More(); {
		var p listed
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("go list found %d packages only", len(all))
	}
	return all
}

// within tells whether an import path is the package or module name, or below it.
func within(path, name string) bool {
	return path == name || strings.HasPrefix(path, name+"/")
}

func TestLayersOfTheKernelImportOnlyThoseBelow(t *testing.T) {
	for _, p := range packages(t) {
		name, inside := strings.CutPrefix(p.ImportPath, "netsplit/kernel/")
		if !inside {
			continue
		}
		folder, _, _ := strings.Cut(name, "/")
		i := slices.IndexFunc(mayImport, func(r layer) bool { return r.name == folder })
		if i < 0 {
			t.Errorf("%s: kernel/%s has no row in mayImport: say what it may import, and why", p.ImportPath, folder)
			continue
		}
		rule := mayImport[i]
		below := rule.below
		for i, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if i == len(p.Imports) {
				below = slices.Concat(below, testsMayImport[folder])
			}
			other, inside := strings.CutPrefix(imported, "netsplit/kernel/")
			if !inside {
				continue
			}
			layer, _, _ := strings.Cut(other, "/")
			if layer != folder && !slices.Contains(below, layer) {
				t.Errorf("%s must not import %s: %s", p.ImportPath, imported, rule.reason)
			}
		}
	}
}

func TestThirdPartyModulesHaveOneImporter(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			for _, rule := range onlyImporters {
				if within(imported, rule.module) && !slices.ContainsFunc(rule.importers, func(name string) bool { return within(p.ImportPath, name) }) {
					t.Errorf("%s must not import %s (%s may): %s", p.ImportPath, imported, strings.Join(rule.importers, ", "), rule.reason)
				}
			}
		}
	}
}

func TestWhatMustNotBeReached(t *testing.T) {
	for _, p := range packages(t) {
		for _, rule := range neverReaches {
			if !within(p.ImportPath, rule.from) {
				continue
			}
			for _, dependency := range p.Deps {
				if within(dependency, rule.module) {
					t.Errorf("%s must not depend on %s: %s", p.ImportPath, dependency, rule.reason)
				}
			}
		}
	}
}
