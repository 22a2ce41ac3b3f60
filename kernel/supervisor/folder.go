package supervisor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// What a submission may bring along, and what its worker may write.
const (
	maxData     = 256 << 20 // bytes of all data files together
	maxDataList = 10_000    // data files and folders
	maxFolder   = maxData + 256<<20
)

// nbgraderFolders and nbgraderFiles are not data of a release.
var (
	nbgraderFolders = []string{"source", "release", "submitted", "autograded", "feedback", "exchange", "__pycache__"}
	nbgraderFiles   = []string{"gradebook.db", "nbgrader_config.py", "timestamp.txt", "autotests.yml", "tests.yml"}
)

// newFolder makes the directory of a worker of a grading run: a new one, into which the
// data files beside the notebook are copied. Left out are notebooks, what is hidden,
// what is nbgrader's, and everything that is not a regular file or a folder.
func newFolder(from string) (string, error) {
	removeOrphans()
	to, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", folderName, os.Getpid()))
	if err != nil {
		return "", fmt.Errorf("make the worker's directory: %w", err)
	}
	if err := copyData(from, to); err != nil {
		removeFolder(to)
		return "", fmt.Errorf("copy data files: %w", err)
	}
	return to, nil
}

func copyData(from, to string) error {
	room, list := int64(maxData), maxDataList
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if path == from {
			return err
		}
		name := entry.Name()
		skip := strings.HasPrefix(name, ".")
		switch {
		case entry.IsDir():
			if skip || err != nil || slices.Contains(nbgraderFolders, name) {
				return filepath.SkipDir
			}
		case err != nil || skip || !entry.Type().IsRegular() || strings.EqualFold(filepath.Ext(name), ".ipynb") || slices.Contains(nbgraderFiles, name):
			return nil
		}
		if list--; list < 0 {
			return fmt.Errorf("there are more than %d files beside the notebook", maxDataList)
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			return os.Mkdir(target, 0o700)
		}
		n, err := copyFile(path, target, room)
		room -= n
		return err
	})
}

// copyFile copies a regular file. One that became something else meanwhile, or that
// nobody may read, is left out.
func copyFile(from, to string, room int64) (int64, error) {
	in, err := os.OpenFile(from, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return 0, nil
	}
	defer in.Close()
	if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
		return 0, nil
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(out, io.LimitReader(in, room+1))
	if n > room {
		err = fmt.Errorf("the files beside the notebook hold more than %s", sizeText(maxData))
	}
	return n, errors.Join(err, out.Close())
}

// folderName is how the folders of grading runs begin; the kernel's process id follows.
const folderName = "netsplit-grading-"

// removeOrphans removes the folders of kernels that were killed. Where machines or
// containers share a folder for temporary files, a process id says nothing: those are
// left alone that may be in use.
func removeOrphans() {
	const old = 24 * time.Hour
	found, _ := filepath.Glob(filepath.Join(os.TempDir(), folderName+"*"))
	for _, dir := range found {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), folderName), "-")
		pid, err := strconv.Atoi(number)
		info, e := os.Lstat(dir)
		if err == nil && e == nil && info.IsDir() && time.Since(info.ModTime()) > old && syscall.Kill(pid, 0) == syscall.ESRCH {
			removeFolder(dir)
		}
	}
}

// removeFolder removes what a worker leaves, also where it took the right to.
func removeFolder(dir string) {
	if os.RemoveAll(dir) == nil {
		return
	}
	filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() {
			os.Chmod(path, 0o700)
		}
		return nil
	})
	os.RemoveAll(dir)
}

// watchFolder ends a worker whose files hold more than they may.
func (w *worker) watchFolder() {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-w.dead:
			return
		case <-tick.C:
		}
		total, count := int64(0), 0
		filepath.WalkDir(w.folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil {
				if info, err := entry.Info(); err == nil {
					total, count = total+info.Size(), count+1
				}
			}
			if count > 10*maxDataList {
				return filepath.SkipAll
			}
			return nil
		})
		if total > maxFolder || count > 10*maxDataList {
			w.kill(death{Name: "LimitExceeded", Text: fmt.Sprintf("the cells wrote too many files: at most %d, of %s together, are allowed", 10*maxDataList, sizeText(maxFolder))})
			return
		}
	}
}
