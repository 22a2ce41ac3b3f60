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
//	no memory in copystack, for a stack of 64 MiB or more StackOverflow
//	runtime: out of memory, cannot allocate memory        OutOfMemory
//	all goroutines are asleep                             Deadlock
//	other fatal errors (concurrent map writes, …)         WorkerDied, with Go's text
//	ended by a signal                                     WorkerDied, with the signal's name
//	ended with a code                                     Exit, with the code
//
// dump is what it wrote to standard error, stacks what it wrote to descriptor 5. The
// latter lacks the heading of a fatal error, but is there also when a cell has closed
// standard error.
func describeDeath(state *os.ProcessState, dump, stacks string) death {
	if d, ok := readDump(dump); ok {
		return d
	}
	if d, ok := readDump(stacks); ok {
		return d
	}
	if d, ok := readStacks(stacks); ok {
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
	d := death{Cell: labelled(dump)}
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
		d.Name, d.Text = "StackOverflow", overflowText
		if m := dumpStack.FindStringSubmatch(dump); m != nil {
			n, _ := strconv.ParseInt(m[1], 10, 64)
			d.Text += fmt.Sprintf(" (the stack of a goroutine grew beyond %s)", sizeText(n))
		}
	case isFatal && largeStack(dump):
		d.Name, d.Text = "StackOverflow", overflowText+" (there is no memory for a larger stack)"
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
		d.Name, d.Text = "Panic", panicText(panicked)
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

var dumpCopy = regexp.MustCompile(`\nruntime\.copystack\(0x[0-9a-f]+\??, 0x([0-9a-f]+)`)

// largeStack tells whether the runtime failed when it made a large stack larger: that
// is a recursion, although it ends as memory does.
func largeStack(dump string) bool {
	m := dumpCopy.FindStringSubmatch(dump)
	if m == nil {
		return false
	}
	size, err := strconv.ParseUint(m[1], 16, 64)
	return err == nil && size >= 64<<20
}

// readStacks finds the cause of a fatal error in the functions that raised it.
func readStacks(stacks string) (death, bool) {
	d := death{Name: "WorkerDied", Text: "fatal error in Go's runtime", Cell: labelled(stacks)}
	raised := func(by string) bool { return strings.Contains(stacks, "\n"+by+"(") }
	switch {
	case raised("runtime.newstack"):
		d.Name, d.Text = "StackOverflow", overflowText
	case raised("runtime.throw") && (raised("runtime.(*mcache).allocLarge") || raised("runtime.(*mheap).sysAlloc") || raised("runtime.sysMapOS") || raised("runtime.persistentalloc1")):
		d.Name, d.Text = "OutOfMemory", "out of memory"
	case raised("internal/runtime/maps.fatal"):
		d.Text = "fatal error: concurrent use of a map, one of them writing"
	case !raised("runtime.throw") && !raised("runtime.fatal"):
		return death{}, false
	}
	return d, true
}

const overflowText = "stack overflow: a function calls itself too deeply"

// labelled is the cell whose goroutine raised it, 0 when that is not told.
func labelled(dump string) int {
	cell := 0
	if goroutine := dumpGoroutine.FindString(dump); goroutine != "" {
		if label := dumpLabel.FindStringSubmatch(goroutine); label != nil {
			cell, _ = strconv.Atoi(label[1])
		}
	}
	return cell
}

// panicText is the text of the last panic. One that was raised while another was
// being dealt with stands below it: "a [recovered]\n\tpanic: b".
func panicText(text string) string {
	if i := strings.LastIndex(text, "\n\tpanic: "); i >= 0 {
		text = text[i+len("\n\tpanic: "):]
	}
	for _, mark := range []string{" [recovered, repanicked]", " [recovered]", " [repanicked]"} {
		text = strings.TrimSuffix(text, mark)
	}
	return text
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line)
}
