package battery

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var (
	fuzzSeed  = flagInt("seed", 1, "first seed of generated programs")
	fuzzCount = flagInt("programs", 40, "how many generated programs to run")
)

// TestGeneratedPrograms runs generated programs compiled and in a cell; the outputs must
// be equal. To search longer, and to have a difference made small by hand:
//
//	go test ./kernel/battery -run Generated -seed 1000 -programs 2000
//	go test ./kernel/battery -run Generated -seed 1234 -programs 1
func TestGeneratedPrograms(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module generated\n\ngo 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	const batch = 40
	for first := 0; first < *fuzzCount; first += batch {
		var names []string
		for i := first; i < min(first+batch, *fuzzCount); i++ {
			seed := int64(*fuzzSeed + i)
			name := fmt.Sprintf("p%d", seed)
			names = append(names, name)
			if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name, "main.go"), []byte(generate(seed)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		bin := filepath.Join(dir, "bin") + string(filepath.Separator)
		if err := os.MkdirAll(bin, 0o755); err != nil {
			t.Fatal(err)
		}
		args := []string{"build", "-o", bin}
		for _, n := range names {
			args = append(args, "./"+n)
		}
		build := exec.Command("go", args...)
		build.Dir = dir
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("the generator wrote what is not Go: %v\n%s", err, out)
		}
		for i, name := range names {
			t.Run(name, func(t *testing.T) {
				text := generate(int64(*fuzzSeed + first + i))
				want, failed := compiled(t, bin+name)
				k := start(t)
				e, hang := k.run(text, 0, 60*time.Second)
				got := k.output()
				keep := func() string {
					file := filepath.Join(os.TempDir(), "netsplit-generated-"+name+".go")
					_ = os.WriteFile(file, []byte(text), 0o644)
					return file
				}
				switch {
				case hang:
					t.Errorf("no answer within 60 s: %s", keep())
				case (e != nil) != failed:
					reason := "none"
					if e != nil {
						reason = describe(e)
					}
					t.Errorf("compiled it fails: %v; in the cell the error is %s\nprogram: %s", failed, reason, keep())
				case got != want:
					t.Errorf("%s\nprogram: %s", firstDifference(got, want), keep())
				}
			})
		}
	}
}

// compiled runs a binary; what it writes to standard error when it dies is not compared.
func compiled(t *testing.T, path string) (output string, failed bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	var out bytes.Buffer
	c := exec.CommandContext(ctx, path)
	c.Stdout = &out
	err := c.Run()
	if ctx.Err() != nil {
		t.Fatalf("the generated program does not end: %s", path)
	}
	return out.String(), err != nil
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		a, b := "(no more lines)", "(no more lines)"
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d of the output\n got %s\nwant %s", i+1, a, b)
		}
	}
	return "equal"
}
