// Command gen makes the data of package symbols and the symbol tables of package
// tables for the Go toolchain that runs it:
//
//	go generate ./kernel/symbols               everything (a few minutes: std is compiled for each platform)
//	go run ./kernel/symbols/gen -only runtime  what stands below runtime/ and kernel/rt (seconds)
//	go run ./kernel/symbols/gen -check         say what is out of date; change nothing
//
// The first two write; run the second after every change of an exported name, of
// its type or of its documentation below runtime/ or in kernel/rt.
//
// # How
//
// `go list -export` gives the compiler's export data of each package. Package
// gcexportdata reads it and writes it again in the indexed format, without
// positions and function bodies: what is left is the API, a third of the size,
// which changes only when the API does. The same types.Package gives the symbol
// table (what yaegi's extract command writes, with the same rules, in a form that
// can be made lazily). Documentation comes from go/doc, the source of generic
// packages is copied.
//
// A platform's part that equals that of all other platforms is written once.
// -check compares the host's platform only, and std only if the toolchain is the
// one that made the data.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// platforms are those that Netsplit is built for.
var platforms = []platform{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}}

type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "_" + p.arch }

var host = platform{runtime.GOOS, runtime.GOARCH}

func main() {
	log.SetFlags(0)
	log.SetPrefix("gen: ")
	only := flag.String("only", "", "std or runtime; both by default")
	check := flag.Bool("check", false, "compare instead of write")
	flag.Parse()

	root, err := moduleRoot()
	if err != nil {
		log.Fatal(err)
	}
	out := &output{root: filepath.Join(root, "kernel", "symbols"), check: *check}
	if *only != "std" {
		if err := makeRuntime(root, out); err != nil {
			log.Fatal(err)
		}
	}
	if *only != "runtime" {
		if *check && out.goVersion() != runtime.Version() {
			fmt.Printf("std not compared: made with %s, this is %s\n", out.goVersion(), runtime.Version())
		} else if err := makeStd(root, out); err != nil {
			log.Fatal(err)
		}
	}
	if len(out.stale) > 0 {
		fmt.Printf("out of date:\n\t%s\n", strings.Join(out.stale, "\n\t"))
		os.Exit(1)
	}
}

// makeStd makes the standard library's part for every platform, or, when
// checking, for the host's.
func makeStd(root string, out *output) error {
	var parts []*part
	for _, p := range platforms {
		if out.check && p != host {
			continue
		}
		log.Printf("standard library for %v", p)
		pkgs, _, err := load(root, p, "std")
		if err != nil {
			return err
		}
		one, err := makePart(pkgs, isStd, stdTables)
		if err != nil {
			return err
		}
		if p == platforms[0] || out.check {
			if err := one.addDocs(pkgs); err != nil {
				return err
			}
			if err := one.addSource(pkgs); err != nil {
				return err
			}
			if one.wrappers, err = wrappers(pkgs, isStd); err != nil {
				return err
			}
		}
		parts = append(parts, one)
	}
	return out.writeStd(parts)
}

// makeRuntime makes the part of the project's own packages. Their API is the same
// on every platform.
func makeRuntime(root string, out *output) error {
	pkgs, broken, err := load(root, host, "./runtime/...", "./kernel/rt", "./kernel/rt/reflect")
	if err != nil {
		return err
	}
	one, err := makePart(pkgs, isOwn, ownTables)
	if err != nil {
		return err
	}
	if err := one.addDocs(pkgs); err != nil {
		return err
	}
	return out.writeRuntime(one, broken)
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			return d, nil
		}
		if d == filepath.Dir(d) {
			return "", fmt.Errorf("no go.mod above %s", dir)
		}
	}
}
