package sim_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// hashes are the fingerprints of worlds with every kind of fault, one a line.
func hashes() string {
	var b strings.Builder
	for seed := range uint64(40) {
		world := chaos(seed)
		fmt.Fprintf(&b, "seed %d: %s after %d events\n", seed, world.Hash(), world.Events())
		world.Stop()
	}
	return b.String()
}

// TestHashesAreWritten writes the fingerprints into the file that NETSPLIT_HASHES
// names: TestTheSameBytesOnAnotherArchitecture starts it there.
func TestHashesAreWritten(t *testing.T) {
	if name := os.Getenv("NETSPLIT_HASHES"); name != "" {
		if err := os.WriteFile(name, []byte(hashes()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheSameBytesOnAnotherArchitecture compiles these tests for arm64 and runs
// scenarios, examples and bit patterns there, and compares the hashes of worlds with
// every kind of fault. It needs an emulator: Debian's qemu-user or qemu-user-static.
// On a machine without one it says so; the golden files hold on every machine.
func TestTheSameBytesOnAnotherArchitecture(t *testing.T) {
	if runtime.GOARCH != "amd64" || testing.Short() || raceDetector {
		return
	}
	emulator := ""
	for _, name := range []string{"qemu-aarch64", "qemu-aarch64-static"} {
		if path, err := exec.LookPath(name); err == nil {
			emulator = path
		}
	}
	if emulator == "" {
		t.Log("no emulator for arm64 here; apt-get install qemu-user brings one")
		return
	}
	folder := t.TempDir()
	binary := filepath.Join(folder, "sim.test")
	build := exec.Command("go", "test", "-c", "-o", binary, ".")
	build.Env = append(os.Environ(), "GOARCH=arm64", "GOOS=linux", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("compiling for arm64: %v\n%s", err, out)
	}
	there := filepath.Join(folder, "hashes")
	run := exec.Command(emulator, binary, "-test.run", "Scenarios|Example|Everywhere|Written|Interval|Nemesis|Gauge")
	run.Env = append(os.Environ(), "NETSPLIT_HASHES="+there, "UPDATE_GOLDEN=")
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("on arm64: %v\n%s", err, out)
	}
	want := strings.Split(hashes(), "\n")
	data, err := os.ReadFile(there)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(data), "\n") {
		if i >= len(want) || line != want[i] {
			t.Fatalf("on arm64: %s\non amd64: %s\nlook for floating point that decides something: x*y+z may be fused there, and package math is not the same", line, want[min(i, len(want)-1)])
		}
	}
	t.Logf("%d worlds have the same hashes on arm64, scenarios and examples the same text", len(want)-1)
}

// TestNoProductIsFused compiles the engine for arm64 and looks for multiplications that
// the compiler fused with an addition: their last bit is another one than on amd64.
func TestNoProductIsFused(t *testing.T) {
	if testing.Short() || raceDetector {
		return
	}
	build := exec.Command("go", "build", "-gcflags=-S", ".")
	build.Env = append(os.Environ(), "GOARCH=arm64", "GOOS=linux", "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("compiling for arm64: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		for _, fused := range []string{"\tFMADD", "\tFMSUB", "\tFNMADD", "\tFNMSUB"} {
			if strings.Contains(line, fused) {
				t.Errorf("a product is fused with an addition; put it into float64(…):\n%s", line)
			}
		}
	}
}
