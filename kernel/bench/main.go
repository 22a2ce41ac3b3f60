// Command bench measures the kernel beside ipykernel and xeus-python, all three in
// one run, and says whether the targets hold. It is started at the root of the
// checkout:
//
//	go run ./kernel/bench [--rounds 3] [--cells 300] [--json FILE]
//	go run ./kernel/bench -survival [--only TEXT] [--markdown]
//
// It builds the kernel and its environment as install/lab does, puts the peers, from
// PyPI and pinned in install/requirements-bench.txt, into .venv/bench, and runs
// bench.py, a client of its own that speaks ZeroMQ and nothing else: a cell takes
// about a tenth of a millisecond on this side, so that the kernels' own time is seen.
//
// What is measured, each figure in every round with a fresh kernel, the kernels taken
// in turn, the median of the rounds printed:
//
//	first cell     the process is started -> the reply to the first cell, 1+1. The
//	               client connects when the ports listen; one that comes earlier
//	               would wait up to 100 ms for ZeroMQ's next attempt.
//	trivial cell   1+1 sent -> reply and idle both there: p50 and p99
//	10,000 prints  one short line each: time to idle, and the number of messages;
//	               every line must be there, in order
//	interrupt      an endless loop, half a second old: interrupt -> idle; the kernel
//	               must live on and still know a variable. And the share of a core
//	               that it uses in the second afterwards.
//	control        kernel_info on the control channel, while that loop runs -> reply
//	shutdown       shutdown_request -> the process is gone
//	memory         resident, of all its processes, after the first cell
//
// The targets: the first cell within 0.1 s; a trivial cell's p50 and 10,000 prints
// not above the faster peer's; at most 20 messages for the prints; an interrupt within
// 200 ms with state kept; control within 50 ms. The command ends with code 1 when one
// is missed. Only ratios carry over from one machine to another.
//
// With -survival it compares the kernel with ipykernel on hostile input instead
// (survival.py): forty times a fresh kernel of each gets the same stimulus, peers that
// break the transport, messages that break the protocol, cells that end their process
// or never end. A kernel survives when the same process lives, a new client is
// answered within 3 s, a next cell runs, and what the row asks for was done: a cell that
// dies is answered with an error within 10 s and its output is there, one that is
// interrupted is idle within 10 s. Where memory is more than 64 MiB higher 3 s
// later, the row says so. The command ends with code 1 where this kernel does not survive.
// README.md beside this file has the table of a run.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	lab := filepath.Join("install", "lab")
	if _, err := os.Stat(lab); err != nil {
		return fmt.Errorf("start it at the root of the checkout: %w", err)
	}
	if err := command(lab, "--setup-only"); err != nil {
		return err
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	venv := filepath.Join(root, ".venv")
	peers := filepath.Join(venv, "bench")
	python := filepath.Join(peers, "bin", "python")
	if _, err := os.Stat(filepath.Join(peers, "share", "jupyter", "kernels", "xpython")); err != nil {
		if err := command(filepath.Join(venv, "bin", "python"), "-m", "venv", "--clear", peers); err != nil {
			return err
		}
		if err := command(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", filepath.Join("install", "requirements-bench.txt")); err != nil {
			return err
		}
	}
	script := "bench.py"
	if len(args) > 0 && strings.TrimLeft(args[0], "-") == "survival" {
		script, args = "survival.py", args[1:]
	}
	spec := filepath.Join(venv, "share", "jupyter", "kernels", "netsplit")
	return command(python, append([]string{"-B", filepath.Join("kernel", "bench", script), "--netsplit", spec}, args...)...)
}

func command(name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return nil
}
