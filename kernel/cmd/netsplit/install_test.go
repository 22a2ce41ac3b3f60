package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netsplit/install/kernelspec"
)

// command runs one of the functions of the subcommand table.
func command(f func([]string, *bytes.Buffer, *bytes.Buffer) int, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = f(args, &o, &e)
	return code, o.String(), e.String()
}

func runInstall(args []string, out, errs *bytes.Buffer) int   { return install(args, out, errs) }
func runUninstall(args []string, out, errs *bytes.Buffer) int { return uninstall(args, out, errs) }
func runVersion(args []string, out, errs *bytes.Buffer) int   { return version(args, out, errs) }

func TestInstallAndUninstallByPrefix(t *testing.T) {
	prefix := t.TempDir()
	code, out, errs := command(runInstall, "--prefix", prefix, "--name", "go-lab", "--display-name", "Go lab", "--env", "NETSPLIT_MEMORY", "1000000000")
	dir := filepath.Join(prefix, "share", "jupyter", "kernels", "go-lab")
	if code != 0 || out != "Installed kernelspec go-lab in "+dir+"\n" {
		t.Fatalf("install: code %d, out %q, errs %q", code, out, errs)
	}
	found, err := kernelspec.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	self, _ := os.Executable()
	if found.Spec.Argv[0] != self || found.Spec.DisplayName != "Go lab" || found.Spec.Env["NETSPLIT_MEMORY"] != "1000000000" {
		t.Errorf("kernelspec %+v", found.Spec)
	}
	code, out, errs = command(runUninstall, "--prefix="+prefix, "--name=go-lab")
	if code != 0 || out != "Removed "+dir+"\n" {
		t.Errorf("uninstall: code %d, out %q, errs %q", code, out, errs)
	}
}

func TestInstallForTheUserAndUninstallWithoutAPlace(t *testing.T) {
	data := t.TempDir()
	t.Setenv("JUPYTER_DATA_DIR", data)
	t.Setenv("JUPYTER_PATH", "")
	name := "netsplit-test-of-uninstall"
	if code, _, errs := command(runInstall, "--user", "--name", name); code != 0 {
		t.Fatalf("install: %s", errs)
	}
	code, out, errs := command(runUninstall, "--name", name)
	if want := "Removed " + filepath.Join(data, "kernels", name) + "\n"; code != 0 || out != want {
		t.Errorf("uninstall: code %d, out %q, errs %q", code, out, errs)
	}
	if code, _, errs := command(runUninstall, "--name", name); code != 1 || !strings.Contains(errs, "was found in") {
		t.Errorf("second uninstall: code %d, errs %q", code, errs)
	}
}

func TestMisuseOfInstallIsSaidInOneLineWithTheUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--prefix"}, "--prefix needs a value"},
		{[]string{"--user", "--prefix", "/x"}, "only one of"},
		{[]string{"--env", "A"}, "--env needs a value"},
		{[]string{"--name", "a b"}, "may only hold"},
		{[]string{"--user=yes"}, "--user takes no value"},
		{[]string{"--frozen"}, "unknown option --frozen"},
	} {
		code, _, errs := command(runInstall, c.args...)
		if first, _, _ := strings.Cut(errs, "\n"); code != 2 || !strings.Contains(first, c.want) || !strings.Contains(errs, "usage:") {
			t.Errorf("%v: code %d, %q; want %q", c.args, code, errs, c.want)
		}
	}
}

func TestVersionNamesTheReleaseAndTheToolchain(t *testing.T) {
	code, out, _ := command(runVersion)
	if code != 0 || !strings.HasPrefix(out, "netsplit "+Version) || !strings.Contains(out, "go1.") {
		t.Errorf("code %d, %q", code, out)
	}
}
