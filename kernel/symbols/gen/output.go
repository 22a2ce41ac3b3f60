package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// output is the folder kernel/symbols: it is written, or compared with.
type output struct {
	root  string
	check bool
	stale []string
}

const (
	stdTables      = "std" // packages below tables
	ownTables      = "own"
	stdArchive     = "data/std.zip"
	runtimeArchive = "data/runtime.zip"
	versionFile    = "data/go_version.txt"
	wrappersFile   = "../rt/wrappers/std/interfaces.go"
)

func archiveOf(p platform) string { return "data/std_" + p.String() + ".zip" }

// goVersion is the toolchain that made the standard library's part.
func (o *output) goVersion() string {
	b, _ := os.ReadFile(filepath.Join(o.root, versionFile))
	return strings.TrimSpace(string(b))
}

// writeRuntime writes the project's part. What it had of packages that are broken
// now is kept.
func (o *output) writeRuntime(one *part, broken []string) error {
	if err := o.keep(one, broken); err != nil {
		return err
	}
	if o.check {
		return o.compare(one, ownTables, "", runtimeArchive)
	}
	if err := o.writeTables(ownTables, one.tables, nil); err != nil {
		return err
	}
	return o.writeArchive(runtimeArchive, one.files)
}

func (o *output) keep(one *part, broken []string) error {
	if len(broken) == 0 {
		return nil
	}
	old, err := o.readArchive(runtimeArchive)
	if err != nil {
		return err
	}
	var was, now []listed
	if err := json.Unmarshal([]byte(old["packages.json"]), &was); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(one.files["packages.json"]), &now); err != nil {
		return err
	}
	for _, path := range broken {
		text, err := os.ReadFile(filepath.Join(o.root, tableName(ownTables, path, "")))
		if err != nil {
			continue // it never compiled
		}
		one.tables[path] = string(text)
		for _, name := range []string{"types/" + path, "docs/" + path} {
			one.files[name] = old[name]
		}
		for _, entry := range was {
			if entry.Path == path {
				now = append(now, entry)
			}
		}
	}
	return one.list(now)
}

func (o *output) writeStd(parts []*part) error {
	if o.check {
		return o.compare(parts[0], stdTables, host.String(), stdArchive, archiveOf(host))
	}
	licence, err := os.ReadFile(filepath.Join(runtime.GOROOT(), "LICENSE"))
	if err != nil {
		return fmt.Errorf("licence of Go: %v", err)
	}
	common := part{tables: map[string]string{}, files: map[string]string{"source/LICENSE": string(licence)}}
	for name, text := range parts[0].files {
		if !strings.HasPrefix(name, "types/") && name != "packages.json" || everywhere(parts, func(p *part) string { return p.files[name] }) {
			common.files[name] = text
		}
	}
	for path, text := range parts[0].tables {
		if everywhere(parts, func(p *part) string { return p.tables[path] }) {
			common.tables[path] = text
		}
	}
	special := map[string]map[string]string{}
	for i, p := range platforms {
		files := map[string]string{}
		for name, text := range parts[i].files {
			if _, ok := common.files[name]; !ok {
				files[name] = text
			}
		}
		if err := o.writeArchive(archiveOf(p), files); err != nil {
			return err
		}
		tables := map[string]string{}
		for path, text := range parts[i].tables {
			if _, ok := common.tables[path]; !ok {
				tables[path] = text
			}
		}
		special[p.String()] = tables
	}
	if err := o.writeTables(stdTables, common.tables, special); err != nil {
		return err
	}
	if err := o.writeArchive(stdArchive, common.files); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.root, wrappersFile), []byte(parts[0].wrappers), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.root, versionFile), []byte(runtime.Version()+"\n"), 0o644)
}

func everywhere(parts []*part, get func(*part) string) bool {
	for _, p := range parts[1:] {
		if get(p) != get(parts[0]) {
			return false
		}
	}
	return true
}

func tableName(in, path, suffix string) string {
	name := "tables/" + in + "/" + strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(path)
	if suffix != "" {
		return name + "_" + suffix + ".go"
	}
	return name + "_pkg.go" // so that no package's name reads as a build constraint
}

// writeTables writes the symbol tables and removes those that are no more.
func (o *output) writeTables(in string, common map[string]string, special map[string]map[string]string) error {
	keep := map[string]string{}
	for path, text := range common {
		keep[tableName(in, path, "")] = text
	}
	for suffix, tables := range special {
		for path, text := range tables {
			keep[tableName(in, path, suffix)] = text
		}
	}
	old, err := filepath.Glob(filepath.Join(o.root, "tables", in, "*_*.go"))
	if err != nil {
		return err
	}
	for _, file := range old {
		if _, ok := keep["tables/"+in+"/"+filepath.Base(file)]; !ok {
			if err := os.Remove(file); err != nil {
				return err
			}
		}
	}
	for name, text := range keep {
		file := filepath.Join(o.root, name)
		if b, err := os.ReadFile(file); err == nil && string(b) == text {
			continue // keeps the build cache of whoever builds meanwhile
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (o *output) writeArchive(name string, files map[string]string) error {
	if have, err := o.readArchive(name); err == nil && equal(have, files) {
		return nil
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, file := range sortedKeys(files) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: file, Method: zip.Deflate})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, files[file]); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.root, name), b.Bytes(), 0o644)
}

func (o *output) readArchive(name string) (map[string]string, error) {
	z, err := zip.OpenReader(filepath.Join(o.root, name))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		files[f.Name] = string(b)
	}
	return files, nil
}

func equal(a, b map[string]string) bool {
	for name, text := range b {
		if have, ok := a[name]; !ok || have != text {
			return false
		}
	}
	return len(a) == len(b)
}

// compare notes what of a part differs from what is committed.
func (o *output) compare(one *part, in, suffix string, archives ...string) error {
	have := map[string]string{}
	for _, name := range archives {
		files, err := o.readArchive(name)
		if err != nil {
			return err
		}
		for file, text := range files {
			have[file] = text
		}
	}
	delete(have, "source/LICENSE")
	for _, name := range sortedKeys(one.files) {
		// Documentation and source are those of the first platform.
		if host != platforms[0] && in == stdTables && !strings.HasPrefix(name, "types/") {
			continue
		}
		if have[name] != one.files[name] {
			o.stale = append(o.stale, name)
		}
	}
	for _, name := range sortedKeys(have) {
		if _, ok := one.files[name]; !ok && strings.HasPrefix(name, "types/") {
			o.stale = append(o.stale, name+" (package is gone)")
		}
	}
	if one.wrappers != "" {
		if b, err := os.ReadFile(filepath.Join(o.root, wrappersFile)); err != nil || string(b) != one.wrappers {
			o.stale = append(o.stale, "kernel/rt/wrappers/std/interfaces.go")
		}
	}
	for _, path := range sortedKeys(one.tables) {
		b, err := os.ReadFile(filepath.Join(o.root, tableName(in, path, "")))
		if err != nil && suffix != "" {
			b, err = os.ReadFile(filepath.Join(o.root, tableName(in, path, suffix)))
		}
		if err != nil || string(b) != one.tables[path] {
			o.stale = append(o.stale, "symbol table of "+path)
		}
	}
	return nil
}
