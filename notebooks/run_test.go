package notebooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

var folder string // of what the tests make

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "netsplit-notebooks-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// binary builds netsplit, once.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(folder, "netsplit")
	if out, err := exec.Command("go", "build", "-o", path, "netsplit/kernel/cmd/netsplit").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %v\n%s", err, out)
	}
	return path, nil
})

// run executes a notebook by netsplit run and returns what came of it. Arguments are
// those of netsplit run, environment is beyond that of the test.
func run(t *testing.T, book map[string]any, environment []string, arguments ...string) (*lesson, error) {
	t.Helper()
	netsplit, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	place, err := os.MkdirTemp(folder, "run-")
	if err != nil {
		t.Fatal(err)
	}
	in, out := filepath.Join(place, "in.ipynb"), filepath.Join(place, "out.ipynb")
	data, err := json.Marshal(book)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in, data, 0o644); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(netsplit, append(append([]string{"run", "--output", out}, arguments...), in)...)
	command.Env = append(os.Environ(), environment...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("netsplit run: %v\n%s", err, complaint.String())
	}
	return read(t, out), nil
}

// codeCell is a new one, as a notebook keeps it.
func codeCell(id, text string) map[string]any {
	return map[string]any{"cell_type": "code", "id": id, "metadata": map[string]any{}, "source": text, "outputs": []any{}, "execution_count": nil}
}

// copied is a notebook of its own with the same cells.
func (l *lesson) copied(t *testing.T) map[string]any {
	t.Helper()
	data, err := json.Marshal(l.book)
	if err != nil {
		t.Fatal(err)
	}
	var book map[string]any
	if err := json.Unmarshal(data, &book); err != nil {
		t.Fatal(err)
	}
	return book
}
