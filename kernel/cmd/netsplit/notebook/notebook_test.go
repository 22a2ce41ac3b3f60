package notebook

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFilesAreWrittenAsNbformatWritesThem compares with a file that nbformat 5.11
// wrote from the same notebook:
//
//	python -c "import nbformat as n; n.write(n.read('odd.ipynb', 4), 'odd.nbformat.ipynb')"
func TestFilesAreWrittenAsNbformatWritesThem(t *testing.T) {
	n, err := Read("testdata/odd.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/odd.nbformat.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	g, w := strings.Split(string(n.Bytes()), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("line %d differs\n got %q\nwant %q", i+1, g[min(i, len(g)-1)], w[min(i, len(w)-1)])
		}
	}
	again, err := Parse(n.Bytes())
	if err != nil || string(again.Bytes()) != string(want) {
		t.Errorf("what was written does not read back as it was: %v", err)
	}
}

func TestNumbersAreWrittenAsPythonWritesThem(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1", "-0": "0", "1.0": "1.0", "1e3": "1000.0", "1e15": "1000000000000000.0", "1e16": "1e+16",
		"0.0001": "0.0001", "0.00001": "1e-05", "1.5e-7": "1.5e-07", "2e-100": "2e-100", "1e400": "1e400",
		"-0.0": "-0.0", "12345678901234567890": "12345678901234567890",
	} {
		if got := number(json.Number(text)); got != want {
			t.Errorf("%s is written %s, want %s", text, got, want)
		}
	}
}

func TestWhatIsNoNotebookIsSaidToBeNone(t *testing.T) {
	for text, want := range map[string]string{
		``:                           "not a notebook",
		`{`:                          "not a notebook",
		`[]`:                         "not a notebook",
		`{"nbformat":3}`:             "nbformat is 3",
		`{"nbformat":4}`:             "no cells",
		`{"nbformat":4,"cells":[1]}`: "cell 1",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want one line with %q", text, err, want)
		}
	}
}

func TestMissingIDsAreGivenTheSameWayEveryTime(t *testing.T) {
	text := `{"nbformat":4,"nbformat_minor":5,"cells":[{"cell_type":"code","source":"x"},{"cell_type":"code","source":"x"}]}`
	a, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := Parse([]byte(text))
	if a.cells[0].ID() == "" || a.cells[0].ID() == a.cells[1].ID() || string(a.Bytes()) != string(b.Bytes()) {
		t.Errorf("ids %q and %q", a.cells[0].ID(), a.cells[1].ID())
	}
}

func TestWriteKeepsTheModeOfTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n.ipynb")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	n, _ := Read("testdata/odd.ipynb")
	if err := n.Write(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, want 0600: %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".netsplit-*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}
