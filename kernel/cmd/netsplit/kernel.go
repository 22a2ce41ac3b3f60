package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"os/user"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"netsplit/kernel/session"
	"netsplit/kernel/supervisor"
	"netsplit/kernel/wire"
	"netsplit/kernel/zmq"
)

const kernelUsage = `usage: netsplit kernel -f CONNECTION_FILE [--detached] [--verbose] [LIMITS]

Serves Jupyter front ends on the sockets that the connection file names. Jupyter
writes the file and starts this; by hand: jupyter console --kernel netsplit.

  -f, --connection-file FILE   the connection file
  --detached                   go on when the process that started the kernel is gone
  --verbose                    say on standard error what becomes of worker processes

Signals: INT interrupts the running cell, TERM and HUP end the kernel.

What a cell may use comes from these flags or from the environment, which a kernelspec
can set; none lifts a limit. Where NBGRADER_EXECUTION is autograde, cells run behind
walls, and the kernel does not start where these cannot be raised, unless
NETSPLIT_WALLS=off says that submissions may have all rights of the account:
`

// limitsUsage lists the flags and variables of the limits.
func limitsUsage() string {
	var b strings.Builder
	for _, s := range supervisor.Settings() {
		fmt.Fprintf(&b, "  --%-10s  %-19s  %s\n", s.Flag, s.Variable, s.Usage)
	}
	return b.String()
}

// kernel serves front ends until one of them, a signal, or the end of its parent ends it.
func kernel(args []string, out, errs io.Writer) int {
	// Before anything else: an interrupt that comes early is not to end the kernel.
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)

	flags := flag.NewFlagSet("netsplit kernel", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var file string
	flags.StringVar(&file, "f", "", "")
	flags.StringVar(&file, "connection-file", "", "")
	var detached, verbose bool
	flags.BoolVar(&detached, "detached", false, "")
	flags.BoolVar(&verbose, "verbose", false, "")
	for _, s := range supervisor.Settings() {
		flags.Func(s.Flag, "", func(text string) error {
			os.Setenv(s.Variable, text)
			return s.Set(new(supervisor.Limits), text)
		})
	}
	err := flags.Parse(args)
	switch {
	case err == flag.ErrHelp:
		fmt.Fprint(out, kernelUsage+limitsUsage())
		return 0
	case err == nil && file == "" && flags.NArg() == 1:
		file = flags.Arg(0)
	case err == nil && file == "":
		err = fmt.Errorf("no connection file: -f FILE")
	case err == nil && flags.NArg() > 0:
		err = fmt.Errorf("what is %q?", flags.Arg(0))
	}
	if err != nil {
		fmt.Fprintf(errs, "netsplit kernel: %v\n", err)
		return 2
	}
	if err := serve(file, detached, verbose, signals, errs); err != nil {
		fmt.Fprintf(errs, "netsplit kernel: %v\n", err)
		return 1
	}
	return 0
}

// serve is the kernel: it opens the sockets first, so that clients are answered while
// the first worker starts.
func serve(file string, detached, verbose bool, signals <-chan os.Signal, errs io.Writer) error {
	connection, err := wire.ReadConnection(file)
	if err != nil {
		return err
	}
	signer, err := wire.NewSigner(connection.Key, connection.Scheme)
	if err != nil {
		return err
	}
	limits, err := supervisor.LimitsFromEnvironment()
	log := zmq.NewLog(func(line string) {
		fmt.Fprintln(errs, time.Now().Format("15:04:05.000"), "netsplit:", line)
	}, time.Second)
	if err != nil {
		log.Print("limits", err.Error())
	}
	grading := supervisor.GradingFromEnvironment()
	options := supervisor.Options{
		Command: workerCommand(),
		Limits:  limits,
		Grading: grading,
		Log: func(line string) {
			if verbose { // otherwise the cell tells, where it matters to anybody
				log.Print("worker", line)
			}
		},
	}
	var evaluator *supervisor.Kernel
	if grading.On() { // graders notice a kernel that does not start, but not one that cannot run cells
		if evaluator, err = startReady(options); err != nil {
			return err
		}
	}
	author := wire.NewAuthor(userName())
	sockets, err := zmq.Open(zmq.Spec{
		Transport: connection.Transport,
		IP:        connection.IP,
		Shell:     connection.ShellPort,
		Control:   connection.ControlPort,
		Stdin:     connection.StdinPort,
		IOPub:     connection.IOPubPort,
		Heartbeat: connection.HeartbeatPort,
	}, zmq.Options{
		Log:     func(line string) { log.Print("socket", line) },
		Welcome: session.Welcome(author, signer),
	})
	if err != nil {
		if evaluator != nil {
			evaluator.Shutdown(context.Background())
		}
		return err
	}
	if evaluator == nil {
		evaluator = supervisor.New(options)
	}
	s := session.New(session.Config{
		Evaluator:   evaluator,
		Graded:      grading.On(),
		Conn:        sockets,
		Signer:      signer,
		Author:      author,
		Version:     Version,
		Log:         log.Print,
		OutputLimit: -1, // the evaluator has one, which ends the cell, too
	})

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	if !detached {
		go watchParent(ctx, stop)
	}
	go giveBack(ctx)
	go func() {
		for received := range signals {
			switch received {
			case os.Interrupt:
				s.Interrupt()
			case syscall.SIGTERM, syscall.SIGHUP:
				stop()
			}
		}
	}()
	s.Serve(ctx)
	return nil
}

// startReady starts an evaluator and waits for its worker.
func startReady(options supervisor.Options) (*supervisor.Kernel, error) {
	evaluator := supervisor.New(options)
	ctx, cancel := context.WithTimeout(context.Background(), 45*time.Second)
	defer cancel()
	if err := evaluator.Ready(ctx); err != nil {
		evaluator.Shutdown(ctx)
		return nil, err
	}
	return evaluator, nil
}

// workerCommand is nil for this executable. A test of the kernel process under the
// race detector names another one: the interpreter does not run under it.
func workerCommand() []string {
	if path := os.Getenv("NETSPLIT_WORKER"); path != "" {
		return []string{path, "worker"}
	}
	return nil
}

// watchParent ends the kernel when the process that started it is gone: nobody could
// stop it any more. A kernel without a parent of its own has nobody to miss.
func watchParent(ctx context.Context, stop func()) {
	parent := os.Getppid()
	if parent <= 1 {
		return
	}
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if os.Getppid() != parent {
				stop()
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// giveBack returns memory to the system that a flood of output or a huge cell has left
// behind. The runtime does so by itself, but over minutes, while on a machine with
// many kernels the next one needs it now.
func giveBack(ctx context.Context) {
	const worthIt = 32 << 20
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if m.HeapIdle-m.HeapReleased+garbage(&m) > worthIt {
				debug.FreeOSMemory()
			}
		case <-ctx.Done():
			return
		}
	}
}

// garbage is how much of the heap was allocated since the last collection; in a kernel
// that is hardly ever in use for long.
func garbage(m *runtime.MemStats) uint64 {
	live := m.NextGC / 2 // with the default GOGC
	if m.HeapAlloc < live {
		return 0
	}
	return m.HeapAlloc - live
}

// userName is the name in the headers of messages.
func userName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return strings.ToValidUTF8(u.Username, "?")
	}
	return "netsplit"
}
