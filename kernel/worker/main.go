package worker

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"netsplit/kernel/pipe"
)

// Main is the worker process. It returns the exit status.
func Main() int {
	from, to := os.NewFile(3, "frames in"), os.NewFile(4, "frames out")
	if from == nil || to == nil {
		fmt.Fprintln(os.Stderr, "netsplit worker: descriptors 3 and 4 are missing; the kernel starts this command by itself")
		return 2
	}
	// Processes that cells start must not keep the kernel's pipe open.
	syscall.CloseOnExec(3)
	syscall.CloseOnExec(4)
	// What Go's runtime dies of reaches the kernel process on descriptor 5, even
	// when a cell has closed standard error.
	if crash := os.NewFile(5, "crash"); crash != nil {
		debug.SetCrashOutput(crash, debug.CrashOptions{})
		crash.Close()
	}
	// The kernel process decides about interrupts; a cell may still ask for them.
	signal.Ignore(os.Interrupt)
	followParent()
	os.Args = []string{"main"}
	debug.SetGCPercent(400)

	defer runtime.KeepAlive(processFiles)
	w := newWorker(newOutput(pipe.NewWriter(to), pending()))
	if err := taps.open(w.out); err != nil {
		fmt.Fprintln(os.Stderr, "netsplit worker:", err)
		return 2
	}
	w.watch()
	report, err := w.grading.enclose()
	if err != nil {
		w.out.send(&pipe.Message{Kind: pipe.Ready, Error: err.Error()})
		return 1
	}
	w.out.send(&pipe.Message{Kind: pipe.Ready, Text: report})
	err = w.serve(pipe.NewReader(bufio.NewReaderSize(from, 64<<10)))
	if err == nil {
		return 0
	}
	if err != io.EOF {
		fmt.Fprintln(os.Stderr, "netsplit worker:", err)
	}
	endGroup() // nobody is left to answer to
	return 1
}

// pending is where text lies until it is sent: on descriptor 6, where the kernel
// process finds what could not be sent any more.
func pending() *pipe.Pending {
	file := os.NewFile(6, "pending text")
	if file == nil {
		return pipe.NewPending(nil)
	}
	defer file.Close()
	return pipe.NewPending(file)
}

// endGroup ends the worker with all processes that its cells started.
func endGroup() {
	emptyFolder()
	if pid := os.Getpid(); syscall.Getpgrp() == pid {
		syscall.Kill(-pid, syscall.SIGKILL)
	}
}

// followParent ends the group when the kernel process is gone: where the system can
// tell, it sends SIGHUP then.
func followParent() {
	parent := os.Getppid()
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	go func() {
		for range hangup {
			if os.Getppid() != parent {
				endGroup()
				os.Exit(1)
			}
		}
	}()
}
