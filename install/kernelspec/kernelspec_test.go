package kernelspec

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsWrittenIsWhatJupyterReads(t *testing.T) {
	kernels := t.TempDir()
	dir, err := Write(kernels, "netsplit", New("/opt/netsplit", DefaultDisplay, map[string]string{"A": "1"}))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := `{"argv":["/opt/netsplit","kernel","-f","{connection_file}"],"display_name":"Go (Netsplit)","env":{"A":"1"},` +
		`"interrupt_mode":"message","kernel_protocol_version":"5.5","language":"go","metadata":{"implementation":"netsplit"}}`
	if compact, _ := json.Marshal(got); string(compact) != want {
		t.Errorf("kernel.json\n got %s\nwant %s", compact, want)
	}
	entries, _ := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "kernel.json logo-32x32.png logo-64x64.png logo-svg.svg" {
		t.Errorf("files of the kernelspec: %s", got)
	}
}

func TestInstallingTwiceReplacesAndRemovingLeavesNothing(t *testing.T) {
	kernels := t.TempDir()
	for _, binary := range []string{"/old", "/new"} {
		if _, err := Write(kernels, "go", New(binary, "Go", nil)); err != nil {
			t.Fatal(err)
		}
	}
	found := Find(kernels)
	if len(found) != 1 || found[0].Spec.Argv[0] != "/new" || found[0].Name != "go" {
		t.Fatalf("found %+v, want one kernelspec that starts /new", found)
	}
	if _, err := Remove(kernels, "go"); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(kernels); len(entries) != 0 {
		t.Errorf("left over: %v", entries)
	}
	if _, err := Remove(kernels, "go"); err == nil || !strings.Contains(err.Error(), "there is no kernelspec") {
		t.Errorf("removing what is not there: %v", err)
	}
}

func TestTheKernelspecOfAnotherKernelIsNotRemoved(t *testing.T) {
	kernels := t.TempDir()
	dir := filepath.Join(kernels, "python3")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kernel.json"), []byte(`{"argv":["python"],"language":"python"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Remove(kernels, "python3"); err == nil || !strings.Contains(err.Error(), "another kernel") {
		t.Errorf("got %v", err)
	}
	if found := Find(kernels); len(found) != 0 {
		t.Errorf("found %+v", found)
	}
}

func TestPlacesFollowIpykernel(t *testing.T) {
	t.Setenv("JUPYTER_DATA_DIR", "/data")
	t.Setenv("VIRTUAL_ENV", "/venv")
	for _, c := range []struct {
		place Place
		want  string
	}{
		{Place{}, "/usr/local/share/jupyter/kernels"},
		{Place{User: true}, "/data/kernels"},
		{Place{SysPrefix: true}, "/venv/share/jupyter/kernels"},
		{Place{Prefix: "/opt/x"}, "/opt/x/share/jupyter/kernels"},
	} {
		got, err := c.place.Kernels()
		if err != nil || got != c.want {
			t.Errorf("%+v: %s, %v; want %s", c.place, got, err, c.want)
		}
	}
	if _, err := (Place{User: true, Prefix: "/x"}).Kernels(); err == nil {
		t.Error("two places at once were accepted")
	}
}

func TestNamesThatJupyterRefusesAreRefused(t *testing.T) {
	for _, name := range []string{"", "Go", "a/b", "a b", "é"} {
		if CheckName(name) == nil {
			t.Errorf("the name %q was accepted", name)
		}
	}
}

func TestTheSVGIsReadableAndThePicturesArePNG(t *testing.T) {
	if !bytes.HasPrefix(logoSVG, []byte("<svg ")) {
		t.Error("logo-svg.svg is not an SVG file")
	}
	for _, data := range [][]byte{logo32, logo64} {
		if !bytes.HasPrefix(data, []byte("\x89PNG")) {
			t.Error("a logo is not a PNG file")
		}
	}
}
