// Netsplit is a Jupyter kernel for Go with a simulated distributed system inside it.
//
//	netsplit kernel -f FILE      serve front ends; Jupyter calls this
//	netsplit install             tell Jupyter about this kernel
//	netsplit uninstall           take that back
//	netsplit run NOTEBOOK        execute a notebook without Jupyter
//	netsplit release SOURCE...   make the learner's copies of source notebooks
//	netsplit doctor              look for what is wrong with an installation
//	netsplit version             say which version this is
//
// Every subcommand explains itself with --help. Exit codes: 0 all went well, 1 it did
// not and standard error says why, 2 the command line was not understood.
package main

import (
	"fmt"
	"io"
	"os"

	"netsplit/kernel/worker"
)

// subcommand is a word of the command line. run gets the arguments behind its name and gives the exit code.
type subcommand struct {
	name, summary string
	run           func(args []string, out, errs io.Writer) int
}

// subcommands are the subcommands, in the order of the help. One without a summary is
// called by netsplit itself only.
var subcommands = []subcommand{
	{"kernel", "serve Jupyter front ends: -f CONNECTION_FILE", kernel},
	{"install", "tell Jupyter about this kernel", install},
	{"uninstall", "take that back", uninstall},
	{"run", "execute a notebook without Jupyter", runNotebook},
	{"release", "make the learner's copies of source notebooks", release},
	{"doctor", "look for what is wrong with an installation", doctor},
	{"version", "say which version this is", version},
	{"worker", "", func([]string, io.Writer, io.Writer) int { return worker.Main() }},
}

func main() { os.Exit(dispatch(os.Args[1:], os.Stdout, os.Stderr)) }

// dispatch finds the subcommand and runs it.
func dispatch(args []string, out, errs io.Writer) int {
	if len(args) == 0 {
		usage(errs)
		return 2
	}
	switch args[0] {
	case "-h", "--help", "help":
		usage(out)
		return 0
	case "--version":
		args = []string{"version"}
	}
	for _, c := range subcommands {
		if c.name == args[0] {
			return c.run(args[1:], out, errs)
		}
	}
	fmt.Fprintf(errs, "netsplit: there is no subcommand %q\n", args[0])
	usage(errs)
	return 2
}

func usage(to io.Writer) {
	fmt.Fprintln(to, "usage: netsplit SUBCOMMAND [ARGUMENTS]\n\nA Jupyter kernel for Go with a simulated distributed system inside it.")
	fmt.Fprintln(to)
	for _, c := range subcommands {
		if c.summary != "" {
			fmt.Fprintf(to, "  %-10s %s\n", c.name, c.summary)
		}
	}
	fmt.Fprintln(to, "\nnetsplit SUBCOMMAND --help tells more.")
}
