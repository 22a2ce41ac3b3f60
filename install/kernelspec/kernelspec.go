// Package kernelspec puts the kernel where Jupyter finds it, and takes it away again.
//
// A kernelspec is a folder with a kernel.json, which says how the kernel is
// started, and its logos. Jupyter looks for such folders below share/jupyter/kernels
// of several places; Place names the one to write to, with the words of
// "python -m ipykernel install":
//
//	--user       the user's own data folder (JUPYTER_DATA_DIR moves it)
//	--sys-prefix the Python environment that is active or that holds this binary
//	--prefix P   P/share/jupyter/kernels
//	none of them /usr/local/share/jupyter/kernels, for all users of the machine
//
// The command that a kernelspec starts is the netsplit binary itself: no wrapper
// stands between Jupyter and the kernel, so that signals reach it.
package kernelspec

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// What a kernelspec is called unless the user says otherwise.
const (
	DefaultName    = "netsplit"
	DefaultDisplay = "Go (Netsplit)"
)

//go:generate go run ./draw .

var (
	//go:embed logo-32x32.png
	logo32 []byte
	//go:embed logo-64x64.png
	logo64 []byte
	//go:embed logo-svg.svg
	logoSVG []byte
)

// Spec is the content of kernel.json.
type Spec struct {
	Argv            []string          `json:"argv"`
	DisplayName     string            `json:"display_name"`
	Language        string            `json:"language"`
	InterruptMode   string            `json:"interrupt_mode"`
	ProtocolVersion string            `json:"kernel_protocol_version"`
	Env             map[string]string `json:"env"`
	Metadata        map[string]any    `json:"metadata"`
}

// New is the kernelspec that starts the given binary. Env is added to the
// kernel's environment.
func New(binary, display string, env map[string]string) Spec {
	if env == nil {
		env = map[string]string{}
	}
	return Spec{
		Argv:            []string{binary, "kernel", "-f", "{connection_file}"},
		DisplayName:     display,
		Language:        "go",
		InterruptMode:   "message",
		ProtocolVersion: "5.5",
		Env:             env,
		Metadata:        map[string]any{"implementation": "netsplit"},
	}
}

// Ours tells whether a kernelspec starts this kernel, whatever its name.
func (s Spec) Ours() bool { return s.Metadata["implementation"] == "netsplit" }

// A Place is where a kernelspec goes. At most one field is set.
type Place struct {
	User      bool
	SysPrefix bool
	Prefix    string
}

// Kernels is the folder of kernelspecs in a place.
func (p Place) Kernels() (string, error) {
	switch {
	case p.User && p.SysPrefix, p.Prefix != "" && (p.User || p.SysPrefix):
		return "", errors.New("kernelspec: only one of --user, --sys-prefix and --prefix can be given")
	case p.User:
		data, err := userData()
		return filepath.Join(data, "kernels"), err
	case p.SysPrefix:
		prefix, err := sysPrefix()
		return below(prefix), err
	case p.Prefix != "":
		prefix, err := filepath.Abs(p.Prefix)
		return below(prefix), err
	}
	return below("/usr/local"), nil
}

func below(prefix string) string { return filepath.Join(prefix, "share", "jupyter", "kernels") }

// userData is the data folder of jupyter_core for this user.
func userData() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("kernelspec: find the home folder: %w", err)
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter"), nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}

// sysPrefix is the Python environment that the user means: the active one, else
// the one whose bin folder holds this binary.
func sysPrefix() (string, error) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := os.Getenv(name); dir != "" {
			return dir, nil
		}
	}
	if dir, ok := Environment(); ok {
		return dir, nil
	}
	return "", errors.New("kernelspec: no Python environment is active: activate one (source .venv/bin/activate), or name it with --prefix")
}

// Environment is the Python environment in whose bin folder this binary lies.
func Environment() (string, bool) {
	binary, err := os.Executable()
	if err != nil {
		return "", false
	}
	dir := filepath.Dir(filepath.Dir(binary))
	for _, mark := range []string{"pyvenv.cfg", "conda-meta"} {
		if _, err := os.Stat(filepath.Join(dir, mark)); err == nil {
			return dir, true
		}
	}
	return "", false
}

var validName = regexp.MustCompile(`^[a-z0-9._-]+$`)

// CheckName tells whether Jupyter accepts a kernelspec's name.
func CheckName(name string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("kernelspec: the name %q may only hold lower-case letters, digits, dots, underscores and hyphens", name)
	}
	return nil
}

// Write puts the kernelspec and its logos into the folder kernels/name, in place
// of what stood there, and returns that folder. A reader sees the old kernelspec
// or the new one, never half of one.
func Write(kernels, name string, spec Spec) (string, error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	dir := filepath.Join(kernels, name)
	text, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		return "", fmt.Errorf("kernelspec: write %s: %w", dir, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("kernelspec: %w", err)
	}
	files := []struct {
		name string
		data []byte
	}{{"logo-32x32.png", logo32}, {"logo-64x64.png", logo64}, {"logo-svg.svg", logoSVG}, {"kernel.json", append(text, '\n')}}
	for _, f := range files {
		temporary := filepath.Join(dir, "."+f.name)
		if err := os.WriteFile(temporary, f.data, 0o644); err != nil {
			return "", fmt.Errorf("kernelspec: %w", err)
		}
		if err := os.Rename(temporary, filepath.Join(dir, f.name)); err != nil {
			return "", fmt.Errorf("kernelspec: %w", err)
		}
	}
	return dir, nil
}

// Installed is a kernelspec found on this machine.
type Installed struct {
	Name string
	Dir  string
	Spec Spec
}

// Read reads the kernelspec in a folder.
func Read(dir string) (Installed, error) {
	text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		return Installed{}, fmt.Errorf("kernelspec: %w", err)
	}
	found := Installed{Name: filepath.Base(dir), Dir: dir}
	if err := json.Unmarshal(text, &found.Spec); err != nil {
		return Installed{}, fmt.Errorf("kernelspec: read %s: %w", filepath.Join(dir, "kernel.json"), err)
	}
	return found, nil
}

// Find lists the kernelspecs of this kernel in the given folders.
func Find(kernels ...string) []Installed {
	var all []Installed
	for _, folder := range kernels {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if spec, err := Read(filepath.Join(folder, e.Name())); err == nil && spec.Spec.Ours() {
				all = append(all, spec)
			}
		}
	}
	return all
}

// Remove takes a kernelspec of this kernel away. It refuses a folder that holds
// the kernelspec of another kernel.
func Remove(kernels, name string) (string, error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	dir := filepath.Join(kernels, name)
	spec, err := Read(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("kernelspec: there is no kernelspec %q in %s", name, kernels)
	}
	if err != nil {
		return "", err
	}
	if !spec.Spec.Ours() {
		return "", fmt.Errorf("kernelspec: %s starts another kernel (%s): not removed", dir, strings.Join(spec.Spec.Argv, " "))
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("kernelspec: %w", err)
	}
	return dir, nil
}

// SearchPath lists the folders in which Jupyter looks for kernelspecs, first the
// ones that win, as jupyter_core orders them for a Python environment.
func SearchPath() []string {
	var dirs []string
	add := func(kernels string) {
		if kernels != "" && !slices.Contains(dirs, kernels) {
			dirs = append(dirs, kernels)
		}
	}
	for _, dir := range filepath.SplitList(os.Getenv("JUPYTER_PATH")) {
		add(filepath.Join(dir, "kernels"))
	}
	if env, ok := Environment(); ok {
		add(below(env))
	}
	if env, err := sysPrefix(); err == nil {
		add(below(env))
	}
	if data, err := userData(); err == nil {
		add(filepath.Join(data, "kernels"))
	}
	add(below("/usr/local"))
	add(below("/usr"))
	return dirs
}
