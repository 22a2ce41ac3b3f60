package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"netsplit/kernel/cmd/netsplit/notebook"
	"netsplit/kernel/supervisor"
)

const runUsage = `usage: netsplit run [--inplace | --output FILE] [--allow-errors]
                    [--param NAME=VALUE]... NOTEBOOK

Executes the code cells of a notebook from top to bottom in a fresh kernel, in the
notebook's folder, without Jupyter. It stops at the first error, says cell and line on
standard error, and exits with 1.

  --inplace        write the outputs into the notebook, up to an error where there is one
  --output FILE    write the notebook with its outputs to FILE
  --allow-errors   go on behind cells that fail; their errors are outputs
  --param NAME=VALUE
                   in the one cell tagged parameters, replace the value assigned to
                   NAME. VALUE is a Go expression; for a text, the text itself, and
                   for a duration one like 1m30s. May be repeated.

Without --inplace and --output the text of outputs goes to standard output. A cell
tagged raises-exception may fail; a cell tagged skip-execution is left alone. Limits
are set as for the kernel: see netsplit kernel --help.
`

// runNotebook executes a notebook.
func runNotebook(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("netsplit run", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	inplace := flags.Bool("inplace", false, "")
	output := flags.String("output", "", "")
	allow := flags.Bool("allow-errors", false, "")
	var parameters []notebook.Parameter
	flags.Func("param", "", func(text string) error {
		name, value, ok := strings.Cut(text, "=")
		if name, value = strings.TrimSpace(name), strings.TrimSpace(value); !ok || name == "" || value == "" {
			return errors.New("want NAME=VALUE")
		}
		parameters = append(parameters, notebook.Parameter{Name: name, Value: value})
		return nil
	})
	var names []string
	var err error
	for rest := args; err == nil; { // options may stand behind the notebook, too
		if err = flags.Parse(rest); err != nil {
			break
		}
		if rest = flags.Args(); len(rest) == 0 {
			break
		}
		names, rest = append(names, rest[0]), rest[1:]
	}
	switch {
	case err == flag.ErrHelp:
		fmt.Fprint(out, runUsage)
		return 0
	case err == nil && len(names) == 0:
		err = errors.New("which notebook?")
	case err == nil && len(names) > 1:
		err = fmt.Errorf("one notebook at a time, not also %q", names[1])
	case err == nil && *inplace && *output != "":
		err = errors.New("--inplace and --output exclude each other")
	}
	if err != nil {
		fmt.Fprintf(errs, "netsplit run: %v\n%s", err, runUsage)
		return 2
	}
	path, to := names[0], *output
	if *inplace {
		to = path
	}
	n, err := notebook.Read(path)
	if err != nil {
		fmt.Fprintf(errs, "netsplit run: %v\n", err)
		return 1
	}
	if err := n.SetParameters(parameters); err != nil {
		fmt.Fprintf(errs, "netsplit run: %s: %v\n", path, err)
		return 2
	}
	limits, err := supervisor.LimitsFromEnvironment()
	if err != nil {
		fmt.Fprintf(errs, "netsplit run: %v\n", err)
		return 2
	}
	options := notebook.Options{AllowErrors: *allow, Version: Version, Started: interruptible}
	if to == "" {
		options.Show = func(stream, text string) {
			if stream == "stderr" {
				io.WriteString(errs, text)
			} else {
				io.WriteString(out, text)
			}
		}
	}
	failed := n.Run(supervisor.New(supervisor.Options{Limits: limits, Grading: supervisor.GradingFromEnvironment(), Dir: filepath.Dir(path)}), options)
	if to != "" {
		if err := n.Write(to); err != nil {
			fmt.Fprintf(errs, "netsplit run: %v\n", err)
			return 1
		}
	}
	if failed == nil {
		return 0
	}
	fmt.Fprintf(errs, "netsplit run: %s: %v\n", path, failed)
	var cell *notebook.CellError
	if errors.As(failed, &cell) {
		for _, line := range cell.Traceback {
			if !isTerminal(errs) {
				line = notebook.Plain(line)
			}
			fmt.Fprintln(errs, line)
		}
	}
	return 1
}

// interruptible makes the first Ctrl-C interrupt the cell; it then ends as an error,
// and with it the run. The second one ends the process.
func interruptible(interrupt func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		interrupt()
		<-signals
		os.Exit(130)
	}()
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
