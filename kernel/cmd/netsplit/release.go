package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"netsplit/kernel/cmd/netsplit/notebook"
)

const releaseUsage = `usage: netsplit release [--force | --renew] [--beside] SOURCE... -o DIR

Makes the learner's copies of source notebooks: solutions become stubs, hidden tests
and mark schemes go, outputs are cleared, cells that must stay are locked. The copies
equal those of nbgrader generate_assignment with the configuration of install/grading.

SOURCE is a notebook or a folder. What a folder holds keeps its place in DIR:
notebooks/sprint-1/1.2-retries.ipynb of the folder notebooks becomes
DIR/sprint-1/1.2-retries.ipynb. A notebook without any graded cell is copied as it
is, with its outputs. What lies beside a graded notebook, such as its data, comes
along. Left out are folders named testdata, hidden files, README.md and
template.ipynb, which are for authors.

  -o DIR     where the copies go
  --force    write over files that are there already; without it they are left alone
  --renew    write over copies that nobody has changed since they were made, and say
             which of the others come from an older source
  --beside   where a copy comes from an older source, put the new one beside it,
             as NAME-new.ipynb

A source with a fault (a region without its end, two cells of one grade_id, an answer
without a region, points that are missing, ...) is refused with cell and line, and then
nothing is written at all.
`

// released is a file to be written: its place below the folder of the copies, and its text.
type released struct {
	place string
	text  []byte
}

// release makes the learner's copies of source notebooks.
func release(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("netsplit release", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	to := flags.String("o", "", "")
	force := flags.Bool("force", false, "")
	renew := flags.Bool("renew", false, "")
	beside := flags.Bool("beside", false, "")
	var sources []string
	var err error
	for rest := args; err == nil; { // options may stand behind the sources, too
		if err = flags.Parse(rest); err != nil {
			break
		}
		if rest = flags.Args(); len(rest) == 0 {
			break
		}
		sources, rest = append(sources, rest[0]), rest[1:]
	}
	switch {
	case err == flag.ErrHelp:
		fmt.Fprint(out, releaseUsage)
		return 0
	case err != nil:
	case len(sources) == 0:
		err = errors.New("which notebooks?")
	case *to == "":
		err = errors.New("where do the copies go? (-o DIR)")
	case *force && (*renew || *beside):
		err = errors.New("--force writes over everything: it goes with neither --renew nor --beside")
	}
	if err != nil {
		fmt.Fprintf(errs, "netsplit release: %v\n%s", err, releaseUsage)
		return 2
	}
	files, problems, err := releases(sources, *to)
	for _, p := range problems {
		fmt.Fprintf(errs, "netsplit release: %s\n", p)
	}
	if len(problems) > 0 {
		fmt.Fprintln(errs, "netsplit release: nothing was written")
		return 1
	}
	if err == nil {
		err = (&copies{dir: *to, force: *force, renew: *renew, beside: *beside, out: out}).write(files)
	}
	if err != nil {
		fmt.Fprintf(errs, "netsplit release: %v\n", err)
		return 1
	}
	return 0
}

// releases reads all sources. The problems name notebook, cell and line. A folder of
// copies that lies below a source is not taken for a source.
func releases(sources []string, to string) (files []released, problems []string, err error) {
	from := map[string]string{} // the source of each place
	graded := map[string]bool{} // the folders that hold graded notebooks
	for _, source := range sources {
		paths, err := sourceFiles(source, to)
		if err != nil {
			return nil, nil, err
		}
		for place, path := range paths {
			if other, taken := from[place]; taken && other != path {
				return nil, nil, fmt.Errorf("%s and %s would both become %s", other, path, filepath.Join(to, place))
			}
			from[place] = path
		}
	}
	for _, place := range slices.Sorted(maps.Keys(from)) {
		text, err := os.ReadFile(from[place])
		if err != nil {
			return nil, nil, err
		}
		if filepath.Ext(place) == ".ipynb" {
			n, err := notebook.Parse(text)
			if err != nil {
				problems = append(problems, fmt.Sprintf("%s: %v", from[place], err))
				continue
			}
			if n.IsGraded() {
				graded[filepath.Dir(place)] = true
				for _, p := range n.Release() {
					problems = append(problems, fmt.Sprintf("%s: %v", from[place], p))
				}
				text = n.Bytes()
			}
		}
		files = append(files, released{place, text})
	}
	return slices.DeleteFunc(files, func(f released) bool {
		return filepath.Ext(f.place) != ".ipynb" && !beside(f.place, graded)
	}), problems, nil
}

// beside tells whether a file lies in one of the folders, or below it.
func beside(place string, folders map[string]bool) bool {
	for place != "." && place != string(filepath.Separator) {
		if place = filepath.Dir(place); folders[place] {
			return true
		}
	}
	return false
}

// sourceFiles are the files of a source, by their places below the folder of the copies.
func sourceFiles(source, to string) (map[string]string, error) {
	info, err := os.Stat(source)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return map[string]string{filepath.Base(source): source}, nil
	}
	copies, _ := filepath.Abs(to)
	paths := map[string]string{}
	err = filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		absolute, _ := filepath.Abs(path)
		switch {
		case path == source:
		case entry.IsDir() && (name == "testdata" || strings.HasPrefix(name, ".") || absolute == copies):
			return filepath.SkipDir
		case entry.IsDir() || strings.HasPrefix(name, ".") || name == "README.md" || name == "template.ipynb":
		default:
			place, err := filepath.Rel(source, path)
			if err != nil {
				return err
			}
			paths[place] = path
		}
		return nil
	})
	return paths, err
}

// copies is the folder of the learner's copies.
type copies struct {
	dir                  string
	force, renew, beside bool
	out                  io.Writer
}

// record is the file in the folder of the copies that says what each copy was when it
// was made: by it a copy that a learner changed is told from one that nobody touched,
// and a copy of an older source from one of this source.
const record = ".released.json"

// write writes the files that may be written, and says what it did.
func (c *copies) write(files []released) (err error) {
	made, err := c.made()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.remember(made)) }()
	alone := 0
	for _, f := range files {
		path := filepath.Join(c.dir, f.place)
		there, err := os.ReadFile(path)
		missing := errors.Is(err, fs.ErrNotExist)
		if err != nil && !missing {
			return err
		}
		same, untouched := bytes.Equal(there, f.text), made[f.place] == sum(there)
		switch {
		case missing:
			fmt.Fprintf(c.out, "made %s\n", path)
		case same:
			made[f.place] = sum(f.text)
			continue
		case c.force, c.renew && untouched:
			fmt.Fprintf(c.out, "renewed %s\n", path)
		default:
			alone++
			if err := c.leave(f, made); err != nil {
				return err
			}
			continue
		}
		if err := place(path, f.text); err != nil {
			return err
		}
		made[f.place] = sum(f.text)
	}
	if alone > 0 && !c.renew && !c.beside {
		fmt.Fprintf(c.out, "%d left alone; --force writes over them\n", alone)
	}
	return err
}

// leave leaves a copy alone and says why that matters, if it does.
func (c *copies) leave(f released, made map[string]string) error {
	path := filepath.Join(c.dir, f.place)
	older := made[f.place] != sum(f.text)
	extension := filepath.Ext(f.place)
	fresh := strings.TrimSuffix(path, extension) + "-new" + extension
	switch {
	case c.beside && older:
		if _, err := os.Stat(fresh); err == nil {
			fmt.Fprintf(c.out, "left alone %s, which is there already: rename it or delete it\n", fresh)
			return nil
		}
		fmt.Fprintf(c.out, "made %s, beside yours\n", fresh)
		made[f.place] = sum(f.text) // yours has not become newer, but there is nothing more to be told
		return place(fresh, f.text)
	case c.renew && older:
		fmt.Fprintf(c.out, "%s has changed since your copy was made; yours is left alone (--beside puts the new one beside it, as %s)\n", f.place, filepath.Base(fresh))
	case !c.renew && !c.beside:
		fmt.Fprintf(c.out, "left alone %s, which is there already\n", path)
	}
	return nil
}

func (c *copies) made() (map[string]string, error) {
	made := map[string]string{}
	text, err := os.ReadFile(filepath.Join(c.dir, record))
	if errors.Is(err, fs.ErrNotExist) {
		return made, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &made)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; delete that file, and existing copies count as yours", filepath.Join(c.dir, record), err)
	}
	return made, nil
}

func (c *copies) remember(made map[string]string) error {
	text, err := json.MarshalIndent(made, "", " ")
	if err != nil {
		return err
	}
	return place(filepath.Join(c.dir, record), append(text, '\n'))
}

// sum identifies a text.
func sum(text []byte) string {
	s := sha256.Sum256(text)
	return hex.EncodeToString(s[:])
}

// place writes a file, and makes its folder. The file is complete or not changed at all.
func place(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".netsplit-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
