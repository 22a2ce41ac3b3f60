package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"netsplit/install/kernelspec"
	"netsplit/kernel/supervisor"
	"netsplit/kernel/worker/walls"
)

const doctorUsage = `usage: netsplit doctor

Looks for what is wrong with an installation: the kernelspecs that start this kernel,
the binaries behind them, what Jupyter sees of them, the loopback network, a worker
that runs a cell, and what grading needs. It changes nothing. It exits with 1 when something is wrong, and says
with each such line what to do.
`

// doctorPatience is how long another program, or a cell, may take to answer.
const doctorPatience = 60 * time.Second

// doctor examines the installation.
func doctor(args []string, out, errs io.Writer) int {
	if len(args) > 0 {
		if args[0] == "-h" || args[0] == "--help" {
			fmt.Fprint(out, doctorUsage)
			return 0
		}
		fmt.Fprintf(errs, "netsplit doctor: what is %q?\n%s", args[0], doctorUsage)
		return 2
	}
	e := &examination{out: out}
	binary, err := os.Executable()
	if err != nil {
		e.wrong("this binary cannot be found: "+err.Error(), "start it by its full path")
		return e.end()
	}
	var self strings.Builder
	version(nil, &self, io.Discard)
	e.good(strings.TrimSpace(self.String()) + " in " + binary)
	e.kernelspecs(binary)
	e.jupyter(binary)
	e.loopback()
	e.cell()
	e.walls()
	return e.end()
}

// examination prints what is found and counts what is wrong.
type examination struct {
	out    io.Writer
	faults int
}

func (e *examination) good(what string) { fmt.Fprintf(e.out, "ok     %s\n", what) }
func (e *examination) note(what string) { fmt.Fprintf(e.out, "note   %s\n", what) }
func (e *examination) wrong(what, remedy string) {
	e.faults++
	fmt.Fprintf(e.out, "WRONG  %s\n       to do: %s\n", what, remedy)
}

func (e *examination) end() int {
	switch e.faults {
	case 0:
		fmt.Fprintln(e.out, "Nothing is wrong.")
		return 0
	case 1:
		fmt.Fprintln(e.out, "One thing is wrong.")
	default:
		fmt.Fprintf(e.out, "%d things are wrong.\n", e.faults)
	}
	return 1
}

// kernelspecs looks at every kernelspec of this kernel where Jupyter would find it.
func (e *examination) kernelspecs(self string) {
	found := kernelspec.Find(kernelspec.SearchPath()...)
	if len(found) == 0 {
		e.wrong("Jupyter has no kernelspec of this kernel", "netsplit install --user, or --sys-prefix within a Python environment")
		return
	}
	for _, k := range found {
		what := fmt.Sprintf("kernelspec %s in %s", k.Name, k.Dir)
		again := fmt.Sprintf("netsplit uninstall --name %s, then netsplit install", k.Name)
		switch binary := first(k.Spec.Argv); {
		case binary == "":
			e.wrong(what+" starts nothing", again)
		case sameFile(binary, self):
			if k.Spec.InterruptMode != "message" {
				e.wrong(what+" lets Jupyter interrupt by signal, which reaches only a kernel of this machine", again)
				continue
			}
			e.good(what + " starts this binary")
		default:
			text, err := ask(binary, "version")
			if err != nil {
				e.wrong(fmt.Sprintf("%s starts %s: %v", what, binary, err), again)
				continue
			}
			e.note(fmt.Sprintf("%s starts another binary, %s: %s", what, binary, strings.TrimSpace(text)))
		}
		for _, logo := range []string{"logo-64x64.png", "logo-svg.svg"} {
			if _, err := os.Stat(filepath.Join(k.Dir, logo)); err != nil {
				e.note(what + " has no " + logo + ": netsplit install puts it there")
			}
		}
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// ask runs another program and returns what it says.
func ask(program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), doctorPatience)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	text, err := command.Output()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("no answer within %v", doctorPatience)
	case errors.As(err, &exit) && len(exit.Stderr) > 0:
		return "", fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	case err != nil:
		return "", err
	}
	return string(text), nil
}

// jupyter asks the Jupyter beside this binary, or else the first in PATH, what it sees.
func (e *examination) jupyter(self string) {
	program := filepath.Join(filepath.Dir(self), "jupyter")
	if _, err := os.Stat(program); err != nil {
		if program, err = exec.LookPath("jupyter"); err != nil {
			e.note("no jupyter command in PATH: notebooks open in a program that brings its own Jupyter, or after: pip install jupyterlab")
			return
		}
	}
	text, err := ask(program, "kernelspec", "list", "--json")
	if err != nil {
		e.wrong(fmt.Sprintf("%s kernelspec list: %v", program, err), "repair or install Jupyter: pip install --upgrade jupyterlab")
		return
	}
	var list struct {
		Kernelspecs map[string]struct {
			Dir  string          `json:"resource_dir"`
			Spec kernelspec.Spec `json:"spec"`
		} `json:"kernelspecs"`
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		e.wrong(fmt.Sprintf("%s kernelspec list --json: %v", program, err), "repair or install Jupyter: pip install --upgrade jupyterlab")
		return
	}
	var names []string
	for name, k := range list.Kernelspecs {
		if k.Spec.Ours() {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		e.wrong(program+" does not see this kernel", "netsplit install --prefix "+filepath.Dir(filepath.Dir(program)))
		return
	}
	e.good(program + " sees this kernel")
	if version, err := ask(program, "lab", "--version"); err != nil {
		e.note("JupyterLab is not installed there; other front ends work, too")
	} else if version = strings.TrimSpace(version); strings.HasPrefix(version, "4.") {
		e.good("JupyterLab " + version)
	} else {
		e.note("JupyterLab " + version + ": timelines and charts are made for JupyterLab 4")
	}
}

// loopback looks whether the kernel could open its sockets.
func (e *examination) loopback() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		e.wrong("no port can be opened on 127.0.0.1: "+err.Error(), "allow programs of yours to listen on the loopback interface")
		return
	}
	listener.Close()
}

// cell has a worker run a cell.
func (e *examination) cell() {
	limits, err := supervisor.LimitsFromEnvironment()
	if err != nil {
		e.wrong(err.Error(), "correct or unset the variable; its default is in force")
	}
	started := time.Now()
	evaluator := supervisor.New(supervisor.Options{Limits: limits})
	ctx, cancel := context.WithTimeout(context.Background(), doctorPatience)
	defer cancel()
	defer evaluator.Shutdown(ctx)
	seen := &witness{}
	outcome := evaluator.Execute(ctx, supervisor.Request{Count: 1, Code: "6 * 7"}, seen)
	switch {
	case outcome.Error != nil:
		e.wrong("a cell failed: "+outcome.Error.Name+": "+outcome.Error.Value, "run this binary from a terminal: netsplit run NOTEBOOK says more")
	case seen.result != "42":
		e.wrong(fmt.Sprintf("a cell gave %q in place of 42", seen.result), "build the kernel again: install/lab --setup-only")
	default:
		e.good(fmt.Sprintf("a worker ran a cell, %d ms after it was asked for", time.Since(started).Milliseconds()))
	}
}

// walls says whether submissions can be graded here; learners need not care.
func (e *examination) walls() {
	if err := walls.Missing(); err != nil {
		e.note(fmt.Sprintf("submissions cannot be graded here: %v; NETSPLIT_WALLS=off grades them with all rights of your account", err))
		return
	}
	e.good("submissions can be graded behind walls")
}

// witness keeps the result of a cell.
type witness struct{ result string }

func (w *witness) Result(data, metadata map[string]any)                 { w.result, _ = data["text/plain"].(string) }
func (w *witness) Stream(name, text string)                             {}
func (w *witness) Display(data, meta map[string]any, id string, u bool) {}
func (w *witness) Clear(wait bool)                                      {}
func (w *witness) Error(*supervisor.Error)                              {}
func (w *witness) Comm(supervisor.Comm)                                 {}
func (w *witness) Input(context.Context, string, bool) (string, error)  { return "", io.EOF }
