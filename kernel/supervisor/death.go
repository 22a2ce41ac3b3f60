package supervisor

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// A death is what a worker died of, in the learner's words.
type death struct {
	Name string // the ename
	Text string
	Cell int  // the cell whose goroutine did it; 0 when unknown
	Ours bool // we ended it, on purpose
}

// describeDeath reads how a process ended and what Go's runtime wrote when it did.
//
//	what is seen                                          becomes
//	panic: …                                              Panic, with the panic's text
//	goroutine stack exceeds …-byte limit, stack overflow  StackOverflow
//	runtime: out of memory, cannot allocate memory        OutOfMemory
//	all goroutines are asleep                             Deadlock
//	other fatal errors (concurrent map writes, …)         WorkerDied, with Go's text
//	ended by a signal                                     WorkerDied, with the signal's name
//	ended with a code                                     Exit, with the code
func describeDeath(state *os.ProcessState, dump string) death {
	if d, ok := readDump(dump); ok {
		return d
	}
	status, ok := state.Sys().(syscall.WaitStatus)
	switch {
	case !ok:
		return death{Name: "WorkerDied", Text: "the worker process ended: " + state.String()}
	case status.Signaled() && status.Signal() == syscall.SIGKILL:
		return death{Name: "WorkerDied", Text: "the worker process was killed (SIGKILL): by hand, or by the system because memory ran out"}
	case status.Signaled():
		return death{Name: "WorkerDied", Text: fmt.Sprintf("the worker process was ended by signal %s (%v)", signalName(status.Signal()), status.Signal())}
	}
	return death{Name: "Exit", Text: fmt.Sprintf("the worker process ended with exit status %d", status.ExitStatus())}
}

func signalName(s syscall.Signal) string {
	names := map[syscall.Signal]string{
		syscall.SIGABRT: "SIGABRT", syscall.SIGSEGV: "SIGSEGV", syscall.SIGBUS: "SIGBUS", syscall.SIGFPE: "SIGFPE",
		syscall.SIGILL: "SIGILL", syscall.SIGTERM: "SIGTERM", syscall.SIGINT: "SIGINT", syscall.SIGHUP: "SIGHUP",
		syscall.SIGQUIT: "SIGQUIT", syscall.SIGPIPE: "SIGPIPE", syscall.SIGALRM: "SIGALRM", syscall.SIGTRAP: "SIGTRAP",
		syscall.SIGUSR1: "SIGUSR1", syscall.SIGUSR2: "SIGUSR2", syscall.SIGXCPU: "SIGXCPU", syscall.SIGXFSZ: "SIGXFSZ",
	}
	if name := names[s]; name != "" {
		return name
	}
	return strconv.Itoa(int(s))
}

var (
	dumpGoroutine = regexp.MustCompile(`(?m)^goroutine \d+ .*\[.*\]:$`)
	dumpLabel     = regexp.MustCompile(`"?netsplit"?: "?(-?\d+)"?`)
	dumpStack     = regexp.MustCompile(`goroutine stack exceeds (\d+)-byte limit`)
	dumpMemory    = regexp.MustCompile(`cannot allocate (\d+)-byte block`)
)

// readDump finds the cause in a report of Go's runtime.
func readDump(dump string) (death, bool) {
	var d death
	if goroutine := dumpGoroutine.FindString(dump); goroutine != "" {
		if label := dumpLabel.FindStringSubmatch(goroutine); label != nil {
			d.Cell, _ = strconv.Atoi(label[1])
		}
	}
	cause := func(start string) (string, bool) {
		i := strings.Index("\n"+dump, "\n"+start)
		if i < 0 {
			return "", false
		}
		text := dump[i+len(start):]
		for _, end := range []string{"\n\ngoroutine ", "\n[signal ", "\n\nruntime stack:", "\ngoroutine "} {
			if i := strings.Index(text, end); i >= 0 {
				text = text[:i]
			}
		}
		return strings.TrimSpace(text), true
	}
	fatal, isFatal := cause("fatal error: ")
	panicked, isPanic := cause("panic: ")
	switch {
	case dumpStack.MatchString(dump) || strings.HasPrefix(fatal, "stack overflow"):
		d.Name, d.Text = "StackOverflow", "stack overflow: a function calls itself too deeply"
		if m := dumpStack.FindStringSubmatch(dump); m != nil {
			n, _ := strconv.ParseInt(m[1], 10, 64)
			d.Text += fmt.Sprintf(" (the stack of a goroutine grew beyond %s)", sizeText(n))
		}
	case isFatal && (strings.Contains(fatal, "out of memory") || strings.Contains(fatal, "cannot allocate memory")) ||
		strings.Contains(dump, "runtime: out of memory"):
		d.Name, d.Text = "OutOfMemory", "out of memory"
		if m := dumpMemory.FindStringSubmatch(dump); m != nil {
			n, _ := strconv.ParseInt(m[1], 10, 64)
			d.Text += fmt.Sprintf(": no room for another %s", sizeText(n))
		}
	case strings.HasPrefix(fatal, "all goroutines are asleep"):
		d.Name, d.Text = "Deadlock", fatal
	case isPanic:
		// A panic that was raised anew stands below the first: "panic: a [recovered]\n\tpanic: b".
		d.Name, d.Text = "Panic", panicked
	case isFatal:
		d.Name, d.Text = "WorkerDied", "fatal error: "+firstLine(fatal)
	case strings.HasPrefix(dump, "SIG"):
		d.Name, d.Text = "WorkerDied", "the worker process was ended by signal "+firstLine(dump)
	case strings.HasPrefix(dump, "unexpected fault address") || strings.HasPrefix(dump, "[signal "):
		d.Name, d.Text = "WorkerDied", "fatal error: "+firstLine(dump)
	default:
		return death{}, false
	}
	return d, true
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line)
}
