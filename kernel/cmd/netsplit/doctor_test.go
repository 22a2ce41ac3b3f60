package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netsplit/install/kernelspec"
)

// examined is what the doctor says of the kernelspecs in an otherwise empty place.
func examined(t *testing.T, specs map[string]kernelspec.Spec) (said string, faults int) {
	data := t.TempDir()
	t.Setenv("JUPYTER_DATA_DIR", data)
	t.Setenv("JUPYTER_PATH", "")
	for name, spec := range specs {
		if _, err := kernelspec.Write(filepath.Join(data, "kernels"), name, spec); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	e := &examination{out: &out}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	e.kernelspecs(self)
	return out.String(), e.faults
}

func TestTheDoctorKnowsItsOwnBinary(t *testing.T) {
	self, _ := os.Executable()
	said, _ := examined(t, map[string]kernelspec.Spec{"doctor-own": kernelspec.New(self, "Go", nil)})
	if !strings.Contains(said, "ok     kernelspec doctor-own in ") || !strings.Contains(said, "starts this binary") {
		t.Error(said)
	}
}

func TestAKernelspecWhoseBinaryIsGoneIsWrongAndTheRemedyIsNamed(t *testing.T) {
	said, faults := examined(t, map[string]kernelspec.Spec{"doctor-gone": kernelspec.New("/nowhere/netsplit", "Go", nil)})
	if faults == 0 || !strings.Contains(said, "WRONG  kernelspec doctor-gone") || !strings.Contains(said, "netsplit uninstall --name doctor-gone") {
		t.Errorf("%d faults\n%s", faults, said)
	}
}

func TestAKernelspecThatInterruptsBySignalIsWrong(t *testing.T) {
	self, _ := os.Executable()
	spec := kernelspec.New(self, "Go", nil)
	spec.InterruptMode = "signal"
	if said, faults := examined(t, map[string]kernelspec.Spec{"doctor-signal": spec}); faults == 0 || !strings.Contains(said, "interrupt by signal") {
		t.Errorf("%d faults\n%s", faults, said)
	}
}

func TestTheDoctorSumsUp(t *testing.T) {
	for _, c := range []struct {
		faults, code int
		want         string
	}{{0, 0, "Nothing is wrong.\n"}, {1, 1, "One thing is wrong.\n"}, {3, 1, "3 things are wrong.\n"}} {
		var out bytes.Buffer
		e := &examination{out: &out, faults: c.faults}
		if code := e.end(); code != c.code || out.String() != c.want {
			t.Errorf("%d faults: code %d, %q", c.faults, code, out.String())
		}
	}
}
