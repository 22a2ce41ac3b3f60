package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// Version is the release of Netsplit that this binary belongs to.
const Version = "0.1.0"

// version prints what this binary is.
func version(args []string, out, errs io.Writer) int {
	if len(args) > 0 {
		fmt.Fprintln(errs, "usage: netsplit version")
		return 2
	}
	fmt.Fprintf(out, "netsplit %s%s (%s, %s/%s)\n", Version, revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return 0
}

// revision is the commit that the binary was built from, where the toolchain wrote it down.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ", changed"
		}
	}
	if commit == "" {
		return ""
	}
	return " at " + commit + changed
}
