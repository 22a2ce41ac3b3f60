package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"log"
	"os"
	"os/exec"
	"sort"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
)

// pkg is a package as go list and its export data tell of it.
type pkg struct {
	ImportPath string
	Name       string
	Dir        string
	Doc        string // synopsis
	Export     string // file
	GoFiles    []string
	Imports    []string
	ImportMap  map[string]string
	Incomplete bool // does not compile

	types *types.Package
}

// load lists packages for a platform and decodes their export data. Packages that
// std itself cannot offer to others (internal, vendored) come with them. Packages of
// the project that do not compile are broken and left out.
func load(root string, p platform, patterns ...string) (all []*pkg, broken []string, err error) {
	args := append([]string{"list", "-e", "-export", "-json=ImportPath,Name,Dir,Doc,Export,GoFiles,Imports,ImportMap,Incomplete"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS="+p.os, "GOARCH="+p.arch, "CGO_ENABLED=0", "GOFLAGS=", "GOEXPERIMENT=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("go list -export %s: %v\n%s", strings.Join(patterns, " "), err, &stderr)
	}
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		one := new(pkg)
		if err := d.Decode(one); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, nil, fmt.Errorf("go list: %v", err)
		}
		if one.Incomplete && isOwn(one.ImportPath) {
			log.Printf("%s does not compile; it is left as it was", one.ImportPath)
			broken = append(broken, one.ImportPath)
			continue
		}
		if one.Name != "main" && one.Export != "" && !strings.HasPrefix(one.ImportPath, "cmd/") {
			all = append(all, one)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ImportPath < all[j].ImportPath })

	imports := map[string]*types.Package{}
	for _, one := range all {
		if one.types, err = decode(one, imports); err != nil {
			return nil, nil, err
		}
	}
	return all, broken, nil
}

func decode(p *pkg, imports map[string]*types.Package) (*types.Package, error) {
	if done := imports[p.ImportPath]; done != nil && done.Complete() {
		return done, nil
	}
	f, err := os.Open(p.Export)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %v", p.ImportPath, err)
	}
	return gcexportdata.Read(r, token.NewFileSet(), imports, p.ImportPath)
}

// unfit are packages of std that cells cannot use.
var unfit = map[string]string{
	"unsafe":       "the interpreter's values are not laid out as the compiler's",
	"plugin":       "needs cgo and the kernel's own toolchain",
	"runtime/cgo":  "there is no cgo",
	"runtime/race": "has no exported name",
	"arena":        "an experiment",
}

// isStd tells whether a package is the standard library's and open to cells.
func isStd(path string) bool {
	if unfit[path] != "" || strings.HasPrefix(path, "vendor/") || isOwn(path) {
		return false
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "internal" {
			return false
		}
	}
	return true
}

// isOwn tells whether a package is the project's own.
func isOwn(path string) bool { return strings.HasPrefix(path, "netsplit/") }
