package supervisor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestTheFolderOfAGradingRunHoldsDataFilesOnly(t *testing.T) {
	from := t.TempDir()
	for _, name := range []string{
		"data.csv", "README.md", "sub/deep/more.json", "empty/.keep",
		"ps1.ipynb", "PS2.IPYNB", ".git/config", ".env", "gradebook.db", "nbgrader_config.py", "timestamp.txt", "autotests.yml",
		"submitted/ada/ps1/x.csv", "source/ps1/x.csv", "sub/solution.ipynb", "unreadable",
	} {
		path := filepath.Join(from, name)
		os.MkdirAll(filepath.Dir(path), 0o700)
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	os.Symlink(filepath.Join(from, "gradebook.db"), filepath.Join(from, "link.csv"))
	os.Symlink("/", filepath.Join(from, "root"))
	syscall.Mkfifo(filepath.Join(from, "fifo.csv"), 0o600)
	os.Chmod(filepath.Join(from, "unreadable"), 0)
	dir, err := newFolder(from)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if relative, _ := filepath.Rel(dir, path); !d.IsDir() && relative != "unreadable" { // root may read it
			list = append(list, relative)
			if text, err := os.ReadFile(path); err != nil || string(text) != relative {
				t.Errorf("%s holds %q, %v", relative, text, err)
			}
		}
		return err
	})
	if got, want := strings.Join(list, " "), "README.md data.csv sub/deep/more.json"; got != want {
		t.Errorf("the folder holds %s, want %s", got, want)
	}
	os.Chmod(filepath.Join(dir, "sub"), 0)
	removeFolder(dir)
	if _, err := os.Stat(dir); err == nil {
		t.Errorf("%s is still there", dir)
	}
}

func TestFoldersOfKilledKernelsAreRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	const nobody = 1 << 30 // no process has this number
	long := time.Now().Add(-48 * time.Hour)
	make := func(name string, at time.Time) string {
		dir := filepath.Join(os.TempDir(), name)
		if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, "data.csv"), nil, 0o600), os.Chtimes(dir, at, at)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	gone := make(fmt.Sprintf("%s%d-1", folderName, nobody), long)
	stay := []string{
		make(fmt.Sprintf("%s%d-2", folderName, nobody), time.Now()),
		make(fmt.Sprintf("%s%d-3", folderName, os.Getpid()), long),
		make(folderName+"of-somebody", long),
		make("another", long),
	}
	removeOrphans()
	if _, err := os.Stat(gone); err == nil {
		t.Errorf("%s is still there", gone)
	}
	for _, dir := range stay {
		if _, err := os.Stat(dir); err != nil {
			t.Errorf("%s was removed", dir)
		}
	}
}

func TestTooManyOrTooLargeDataFilesAreAnError(t *testing.T) {
	many := t.TempDir()
	for i := range maxDataList + 1 {
		if err := os.WriteFile(filepath.Join(many, fmt.Sprint(i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	large := t.TempDir()
	for _, name := range []string{"a", "b"} {
		f, err := os.Create(filepath.Join(large, name))
		if err != nil {
			t.Fatal(err)
		}
		f.Truncate(maxData/2 + 1) // a hole, which costs nothing here
		f.Close()
	}
	for from, says := range map[string]string{many: "more than 10000 files", large: "more than 256 MiB", filepath.Join(many, "nowhere"): "no such file"} {
		t.Setenv("TMPDIR", t.TempDir())
		_, err := newFolder(from)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", from, err, says)
		}
		if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
			t.Errorf("a folder was left behind: %s", left)
		}
	}
}

func TestTheEnvironmentDecidesAboutGrading(t *testing.T) {
	for _, c := range []struct {
		mode, walls string
		want        Grading
	}{
		{"", "", Grading{}}, {"", "off", Grading{}}, {"generate", "", Grading{}},
		{"autograde", "", Grading{"autograde", "must"}}, {"autograde", " OFF ", Grading{"autograde", "off"}}, {"autograde", "maybe", Grading{"autograde", "must"}},
		{"validate", "", Grading{"validate", "may"}}, {"validate", "must", Grading{"validate", "must"}},
	} {
		t.Setenv("NBGRADER_EXECUTION", c.mode)
		t.Setenv("NETSPLIT_WALLS", c.walls)
		if got := GradingFromEnvironment(); got != c.want {
			t.Errorf("%q, %q: %+v, want %+v", c.mode, c.walls, got, c.want)
		}
	}
}
