package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheCommandLineExplainsItself(t *testing.T) {
	for _, c := range []struct {
		args     string
		code     int
		out, err string // what it must say where
	}{
		{"", 2, "", "usage: netsplit SUBCOMMAND"},
		{"--help", 0, "usage: netsplit SUBCOMMAND", ""},
		{"help", 0, "kernel", ""},
		{"--version", 0, "netsplit " + Version, ""},
		{"version", 0, "netsplit " + Version, ""},
		{"dance", 2, "", `there is no subcommand "dance"`},
		{"kernel --help", 0, "usage: netsplit kernel", ""},
		{"kernel", 2, "", "no connection file"},
		{"kernel --nonsense", 2, "", "nonsense"},
		{"run --help", 0, "usage: netsplit run", ""},
		{"release --help", 0, "usage: netsplit release", ""},
		{"run", 2, "", "which notebook?"},
		{"run a.ipynb b.ipynb", 2, "", "one notebook at a time"},
		{"run a.ipynb --inplace --output b.ipynb", 2, "", "exclude each other"},
		{"run none.ipynb", 1, "", "none.ipynb"},
	} {
		var out, errs bytes.Buffer
		code := dispatch(strings.Fields(c.args), &out, &errs)
		if code != c.code || !strings.Contains(out.String(), c.out) || !strings.Contains(errs.String(), c.err) {
			t.Errorf("netsplit %s: exit code %d, want %d\nstdout: %s\nstderr: %s", c.args, code, c.code, &out, &errs)
		}
		if (c.out == "") != (out.Len() == 0) || (c.err == "") != (errs.Len() == 0) {
			t.Errorf("netsplit %s: what went well belongs on stdout, the rest on stderr\nstdout: %s\nstderr: %s", c.args, &out, &errs)
		}
	}
}

func TestBadConnectionFilesAreOneLine(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"empty":      "",
		"no-json":    "{",
		"no-object":  "[1]",
		"no-port":    `{"shell_port":40001}`,
		"bad-scheme": `{"shell_port":1,"iopub_port":2,"stdin_port":3,"control_port":4,"hb_port":5,"ip":"127.0.0.1","key":"k","signature_scheme":"rot13"}`,
		"bad-ip":     `{"shell_port":40001,"iopub_port":40002,"stdin_port":40003,"control_port":40004,"hb_port":40005,"ip":"no.such.host.invalid","key":"k"}`,
		"transport":  `{"shell_port":1,"iopub_port":2,"stdin_port":3,"control_port":4,"hb_port":5,"ip":"127.0.0.1","key":"k","transport":"pigeon"}`,
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		code := dispatch([]string{"kernel", "-f", path}, &out, &errs)
		if code != 1 || strings.Count(errs.String(), "\n") != 1 || out.Len() != 0 {
			t.Errorf("%s: exit code %d, want 1 and one line\nstdout: %s\nstderr: %s", name, code, &out, &errs)
		}
	}
	var errs bytes.Buffer
	if code := dispatch([]string{"kernel", "-f", filepath.Join(dir, "missing")}, &errs, &errs); code != 1 || strings.Count(errs.String(), "\n") != 1 {
		t.Errorf("missing file: exit code %d: %s", code, &errs)
	}
}
