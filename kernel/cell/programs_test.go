package cell

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// refusedPrograms are correct, but of what cells do not have.
var refusedPrograms = map[string]string{
	"typeparam/issue48318.go": "encoding/xml does not see into types that are declared in a cell",
}

// Go's own test programs are correct Go, so the front end must take them. Whether they
// run right is tested in package battery.
func TestGoProgramsAreAccepted(t *testing.T) {
	root := filepath.Join(runtime.GOROOT(), "test")
	list, err := os.ReadFile("../battery/testdata/go-programs.txt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(root); err != nil {
		t.Logf("%s is missing: this toolchain came without Go's tests, install Go from its archive to run them", root)
		return
	}
	for _, name := range strings.Fields(string(list)) {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s := New()
		program, err := s.Prepare(1, "", string(text))
		if want := refusedPrograms[name]; want != "" {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: the error is %v; it should say: %s", name, err, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s is correct Go, the front end says:\n%v", name, err)
			continue
		}
		s.Commit(program)
		if len(program.Entry) != 1 {
			t.Errorf("%s: %d entries, want 1: a program is one segment", name, len(program.Entry))
		}
	}
}
