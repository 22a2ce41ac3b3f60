package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// notebookFile writes a notebook of code cells.
func notebookFile(t *testing.T, sources ...string) string {
	t.Helper()
	var cells []any
	for i, s := range sources {
		cells = append(cells, map[string]any{
			"cell_type": "code", "id": string(rune('a' + i)), "metadata": map[string]any{},
			"source": s, "outputs": []any{}, "execution_count": nil,
		})
	}
	raw, _ := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{}, "cells": cells})
	path := filepath.Join(t.TempDir(), "lesson.ipynb")
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// netsplit runs the binary.
func netsplit(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	var o, e bytes.Buffer
	c := exec.Command(path, args...)
	c.Stdout, c.Stderr = &o, &e
	c.Run()
	return c.ProcessState.ExitCode(), o.String(), e.String()
}

func TestRunShowsOutputs(t *testing.T) {
	path := notebookFile(t, "import \"fmt\"\nx := 6\nfmt.Println(\"six\")", "x * 7")
	if code, out, errs := netsplit(t, "run", path); code != 0 || out != "six\n42\n" || errs != "" {
		t.Errorf("exit code %d\nstdout: %s\nstderr: %s", code, out, errs)
	}
}

func TestRunWritesTheSameFileEveryTime(t *testing.T) {
	path := notebookFile(t,
		"import \"fmt\"\ntype P struct{ X, Y int }\nP{1, 2}",
		`display.ShowAs("bar", "0 %")`,
		`display.Update("bar", "100 %"); fmt.Println("done")`,
	)
	if code, out, errs := netsplit(t, "run", "--inplace", path); code != 0 || out != "" {
		t.Fatalf("exit code %d\nstdout: %s\nstderr: %s", code, out, errs)
	}
	first, _ := os.ReadFile(path)
	for _, want := range []string{`"{X:1 Y:2}"`, `"100 %"`, `"done\n"`, `"execution_count": 3`, `"language_info"`} {
		if !strings.Contains(string(first), want) {
			t.Errorf("no %s in\n%s", want, first)
		}
	}
	if code, _, errs := netsplit(t, "run", path, "--inplace"); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	if second, _ := os.ReadFile(path); !bytes.Equal(first, second) {
		t.Errorf("the second run wrote another file:\n%s\nthe first one:\n%s", second, first)
	}
}

func TestRunStopsAtTheFirstError(t *testing.T) {
	path := notebookFile(t, "import \"fmt\"\nfmt.Println(1)", "a := 1\nb := a +", "fmt.Println(3)")
	to := filepath.Join(filepath.Dir(path), "out.ipynb")
	code, _, errs := netsplit(t, "run", path, "--output", to)
	if code != 1 || !strings.Contains(errs, "cell 2 (In [2]), line 2: CompileError:") || strings.Contains(errs, "\x1b") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
	written, _ := os.ReadFile(to)
	if !strings.Contains(string(written), `"ename": "CompileError"`) || strings.Contains(string(written), `"3\n"`) {
		t.Errorf("written:\n%s", written)
	}
	if code, out, _ := netsplit(t, "run", path, "--allow-errors"); code != 0 || out != "1\n3\n" {
		t.Errorf("--allow-errors: exit code %d, stdout %q", code, out)
	}
}

func TestRunWorksInTheFolderOfTheNotebook(t *testing.T) {
	path := notebookFile(t, `import "os"; text, err := os.ReadFile("data.txt"); string(text)`)
	os.WriteFile(filepath.Join(filepath.Dir(path), "data.txt"), []byte("beside it"), 0o644)
	if code, out, errs := netsplit(t, "run", path); code != 0 || out != "beside it\n" {
		t.Errorf("exit code %d\nstdout: %s\nstderr: %s", code, out, errs)
	}
}

func TestRunWithParameters(t *testing.T) {
	path := notebookFile(t, "rate := 140 // a second\nmode := \"sync\"", "import \"fmt\"\nfmt.Println(rate, mode)")
	before, _ := os.ReadFile(path)
	tagged := bytes.Replace(before, []byte(`"metadata":{}`), []byte(`"metadata":{"tags":["parameters"]}`), 1)
	os.WriteFile(path, tagged, 0o644)
	if code, out, errs := netsplit(t, "run", "--param", "rate=160", path, "--param=mode=async"); code != 0 || out != "160 async\n" {
		t.Errorf("exit code %d\nstdout: %s\nstderr: %s", code, out, errs)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(after, tagged) {
		t.Errorf("the notebook was changed:\n%s", after)
	}
	for _, wrong := range []string{"speed=3", "rate", "rate=", "=3"} {
		if code, out, errs := netsplit(t, "run", "--param", wrong, path); code != 2 || out != "" {
			t.Errorf("--param %s: exit code %d\nstdout: %s\nstderr: %s", wrong, code, out, errs)
		}
	}
}
